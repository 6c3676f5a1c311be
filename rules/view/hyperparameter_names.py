"""Names of hyperparameters in common frameworks that several rules use, lower case, most frequent first."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...parsers.meaning.words import words_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...parsers.run import Hyperparameter

CLASS_KEYS = ("num_classes", "n_classes", "nb_classes", "num_labels", "n_labels", "classes", "vocab_size", "n_vocab")
CLIP_KEYS = ("max_grad_norm", "gradient_clip_val", "grad_clip", "clip_grad", "clip_grad_norm", "clip_norm", "clipnorm",
             "global_clipnorm", "gradient_clipping", "grad_norm_clip")  # fmt: skip
STEP_KEYS = ("max_steps", "total_steps", "num_train_steps", "num_training_steps", "train_steps", "max_iters", "max_iter",
             "num_steps", "num_iterations", "total_timesteps")  # fmt: skip

_RESTARTS = frozenset("cycles restarts sgdr cyclic".split())
_ANNEALING = frozenset("cosine anneal annealing onecycle polynomial".split())
_SCHEDULE = frozenset("scheduler schedule sched".split())


def names_restarts(hyperparameters: Mapping[str, Hyperparameter]) -> bool:
    """Whether a hyperparameter shows that the learning rate rises again: several cycles, or a schedule with restarts."""
    return any(_is_mentioned(_RESTARTS, key, value) for key, value in hyperparameters.items())


def names_annealing(hyperparameters: Mapping[str, Hyperparameter]) -> bool:
    """Whether a hyperparameter shows that the learning rate is lowered towards the end."""
    return any(_is_mentioned(_ANNEALING | _RESTARTS, key, value) for key, value in hyperparameters.items())


def _is_mentioned(words: frozenset[str], key: str, value: Hyperparameter) -> bool:
    """Whether a schedule is named by one of the words, or a hyperparameter named so is on: more than one cycle, more than 0."""
    named = set(words_of(key))
    if isinstance(value, str):
        return bool(named & (_SCHEDULE | words) and set(words_of(value)) & words)
    least = 1 if named & _RESTARTS else 0
    return bool(named & words) and value is not None and value > least
