"""The task of a run, which determines the rules that do not apply.

Markers are tags, hyperparameters and values that indicate a task; each has a weight, and the weights of a task are
added up. A task is named only when its markers reach `ENOUGH`; otherwise it stays "unknown" and only rules that hold
for any training apply. The evidence is kept, so that a report can show it and a user can correct it.
"""

from __future__ import annotations

import math
import re
from fnmatch import translate
from functools import cache, lru_cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from .conventions import conventions_of
from .patterns import spellings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from ..run import Run, Task

ENOUGH = 0.6  # one clear marker, or two that are each ambiguous
FRESH_LM_LOSS = (8.0, 12.5)  # nats: ln V of the usual vocabularies of 3,000 to 260,000 tokens
LN_TOLERANCE = 0.1  # nats; random weights of a classifier start this close to ln C, unless badly initialised


class Marker(NamedTuple):
    """Evidence for a task in a log: patterns of tags as in `conventions`, at least one of which has to match."""

    task: Task
    weight: float
    patterns: tuple[str, ...]


MARKERS: tuple[Marker, ...] = (
    Marker("adversarial", 0.7, ("* fid *", "*fid50k*", "* inception score *", "* gradient penalty *")),
    Marker("diffusion", 0.8, ("loss_q[0-3]", "*/loss_q[0-3]", "* diffusion loss *", "* noise loss *", "*loss_simple*", "*loss_vlb*")),
    Marker("contrastive", 0.8, ("*contrastive*", "*infonce*", "* nt xent *", "*ntxent*", "*simclr*", "* clip loss *", "*logit_scale*")),
    Marker("detection", 0.7, ("*map50*", "*map_50*", "* box loss *", "* loss bbox *", "*loss_rpn*", "bbox/ap*", "*bbox_map*")),
    Marker("segmentation", 0.7, ("* miou *", "* iou *", "* dice *", "* jaccard *", "* mean iou *", "*mean_iou*", "* pseudo dice *")),
    Marker("language-model", 0.6, ("* ppl *", "* perplexity *", "* lm loss *", "* bpb *", "* bpc *", "* mlm *")),
    Marker("language-model", 0.3, ("* tokens *", "* tok s *", "* ntokens *", "* num tokens *", "* tps *", "* mfu *", "* wps *", "*tokens_seen*")),
    Marker("language-model", 0.4, ("* bleu *", "* rouge *", "* rougel *", "* chrf *", "* wer *", "* cer *")),
    Marker("fine-tuning", 0.6, ("* mean token accuracy *", "* rewards chosen *", "* logps chosen *")),
    Marker("classification", 0.7, (
        "* acc *", "* accuracy *", "* acc[0-9] *", "* top[0-9] *", "* top [0-9] *", "* categorical accuracy *", "* auc *", "* auroc *", "* error rate *")),
    Marker("classification", 0.4, ("* f1 *", "* precision *", "* recall *", "* mcc *", "* kappa *")),
    Marker("regression", 0.7, ("* mse *", "* mae *", "* rmse *", "* r2 *", "* mape *", "* huber *", "* mean absolute error *", "* mean squared error *")),
    Marker("boosting", 0.4, ("validation_[0-9]-*", "*-logloss", "*-mlogloss", "*-rmse", "*binary_logloss*", "*multi_logloss*")),
)  # fmt: skip
_OF_CONVENTION: dict[str, tuple[Task, float]] = {
    "TRL value function": ("reinforcement", 1.0),
    "TRL preference optimisation": ("fine-tuning", 1.0),
    "OpenRLHF preference optimisation": ("fine-tuning", 1.0),
    "StyleGAN": ("adversarial", 1.0),
    "adversarial training": ("adversarial", 1.0),
    "translation of images by two generators": ("adversarial", 1.0),
    "rl_games": ("reinforcement", 1.0),
    "reinforcement learning": ("reinforcement", 1.0),
    "detection": ("detection", 0.7),
}
_OF_PAIRS = "OpenRLHF preference optimisation"
_OF_FRAMEWORK: dict[str, Task] = {
    **dict.fromkeys(("xgboost", "lightgbm", "catboost"), "boosting"),
    **dict.fromkeys(("nanogpt", "modded-nanogpt"), "language-model"),
    "stable-baselines3": "reinforcement",
}
# a word in the name of a hyperparameter -> the task that it indicates
_OF_SETTING: dict[str, tuple[Task, float]] = {
    "lora": ("fine-tuning", 0.8),
    "peft": ("fine-tuning", 0.8),
    "sft": ("fine-tuning", 0.8),
    "qlora": ("fine-tuning", 0.8),
    "vocab_size": ("language-model", 0.4),
    "block_size": ("language-model", 0.3),
    "num_labels": ("classification", 0.4),
    "num_classes": ("classification", 0.4),
    "n_classes": ("classification", 0.4),
    "timesteps": ("diffusion", 0.3),
    "diffusion_steps": ("diffusion", 0.6),
    "noise_schedule": ("diffusion", 0.6),
    "num_train_timesteps": ("diffusion", 0.6),
    "gamma": ("reinforcement", 0.2),
    "gae_lambda": ("reinforcement", 0.6),
}
# A part of the value of a setting that names the model, its loss or its task -> the task that it indicates
_SETTINGS_WITH_NAMES = (
    "architectures",
    "problem_type",
    "objective",
    "loss",
    "loss_function",
    "criterion",
    "task",
    "task_type",
    "peft_type",
    "auto_map",
)
_OF_VALUE: tuple[tuple[str, Task, float], ...] = (
    ("forcausallm|lmheadmodel|formaskedlm|forconditionalgeneration|causal_lm|seq_2_seq_lm", "language-model", 0.6),
    (
        "forsequenceclassification|fortokenclassification|forimageclassification|foraudioclassification|formultiplechoice",
        "classification",
        0.8,
    ),
    ("single_label_classification|multi_label_classification|seq_cls|token_cls", "classification", 0.7),
    (
        "categorical_crossentropy|binary_crossentropy|bcewithlogitsloss|^classification$|^multiclass$|^image.classification$",
        "classification",
        0.6,
    ),
    ("forobjectdetection|^detect$|^detection$|object.detection", "detection", 0.8),
    (
        "forsemanticsegmentation|foruniversalsegmentation|^segment$|^segmentation$|semantic.segmentation",
        "segmentation",
        0.8,
    ),
    (
        "mean_squared_error|mean_absolute_error|^mse$|^mae$|^mse_?loss$|^l1_?loss$|^regression$|reg:squarederror",
        "regression",
        0.6,
    ),
    ("^lora$|^adalora$|prefix_tuning|prompt_tuning|^ia3$", "fine-tuning", 0.8),
)
# Where several tasks reach the same score: losses that play against each other decide before the metrics beside them.
_PRECEDENCE: tuple[Task, ...] = (
    "boosting", "adversarial", "reinforcement", "diffusion", "contrastive", "detection", "segmentation",
    "fine-tuning", "language-model", "classification", "regression",
)  # fmt: skip


def task_of(run: Run) -> tuple[Task, tuple[str, ...]]:
    """The task of a run whose tags have their meanings, and the evidence for it; ("unknown", ()) if too little."""
    scores: dict[Task, float] = {}
    reasons: dict[Task, list[str]] = {}
    for task, weight, reason in _evidence(run):
        scores[task] = scores.get(task, 0.0) + weight
        reasons.setdefault(task, []).append(reason)
    ranked = sorted(scores, key=lambda task: (-min(scores[task], 1.0), _PRECEDENCE.index(task)))
    if not ranked or scores[ranked[0]] < ENOUGH:
        return "unknown", ()
    return ranked[0], tuple(reasons[ranked[0]])


def _evidence(run: Run) -> Iterator[tuple[Task, float, str]]:
    if task := _OF_FRAMEWORK.get(run.framework or ""):
        yield task, 1.0, f"written by {run.framework}"
    yield from _evidence_of_tags(tuple(dict.fromkeys(curve.tag for curve in run.all_curves if not curve.statistic)))
    yield from _of_settings(run)
    yield from _of_first_loss(run)


@lru_cache(maxsize=64)  # the runs of a sweep have the same tags
def _evidence_of_tags(tags: tuple[str, ...]) -> tuple[tuple[Task, float, str], ...]:
    return tuple(_found_in_tags(tags))


def _found_in_tags(tags: Sequence[str]) -> Iterator[tuple[Task, float, str]]:
    names = {c.name for c in conventions_of(tags)} & _OF_CONVENTION.keys()
    if _OF_PAIRS in names:  # `chosen_reward` is the reward of an answer that was not sampled
        names.discard("reinforcement learning")
    for convention in names:
        yield *_OF_CONVENTION[convention], f"metrics as in {convention}"
    forms = {tag: spellings(tag) for tag in tags}
    text = "\n".join(form for two in forms.values() for form in two)  # saves most patterns their expression
    for marker in MARKERS:
        possible = tuple(pattern for pattern in marker.patterns if _longest_text(pattern) in text)
        if possible and (tag := _first_match(possible, forms.items())):
            yield marker.task, marker.weight, f"a metric is called {tag}"


def _of_settings(run: Run) -> Iterator[tuple[Task, float, str]]:
    words = {key.rpartition(".")[2].lower(): key for key in run.hyperparameters}
    if not words:
        return
    for word, (task, weight) in _OF_SETTING.items():
        if key := next((key for leaf, key in words.items() if leaf == word or leaf.startswith(f"{word}_")), None):
            yield task, weight, f"there is a hyperparameter {key}"
    for word in _SETTINGS_WITH_NAMES:
        value = run.hyperparameters.get(words.get(word, ""))
        if not isinstance(value, str):
            continue
        for pattern, task, weight in _OF_VALUE:
            if re.search(pattern, value.strip("[]'\" ").lower()):
                yield task, weight, f"the hyperparameter {words[word]} is {value}"


def _first_match(patterns: tuple[str, ...], forms: Iterable[tuple[str, tuple[str, str]]]) -> str | None:
    matches = _any_of(patterns).match
    return next((tag for tag, two in forms if any(map(matches, two))), None)


@cache
def _longest_text(pattern: str) -> str:
    """The literal part of every text that a pattern matches."""
    return max(re.split(r"\*|\[[^]]*\]|\?", pattern), key=len)


@lru_cache(maxsize=1024)
def _any_of(patterns: tuple[str, ...]) -> re.Pattern[str]:
    """One expression for all patterns: every tag of every run is compared with every marker."""
    return re.compile("|".join(map(translate, patterns)))


def _of_first_loss(run: Run) -> Iterator[tuple[Task, float, str]]:
    """Evidence from the first training loss: chance level is the logarithm of the number of classes."""
    losses = [c for c in run.curves("loss", "train") if c.direction == "lower" and len(c) and not c.layer]
    if not losses:
        return
    curve = max(losses, key=len)
    first = float(curve.value[0])
    if not np.isfinite(first) or curve.axis == "epoch":  # a mean over an epoch is not an initial loss
        return
    classes = run.hyperparameters.get("num_classes")
    if isinstance(classes, int) and classes > 1 and abs(first - math.log(classes)) < LN_TOLERANCE:
        yield "classification", 0.5, f"the first loss {first:.3g} is the chance-level loss of {classes} classes"
    if FRESH_LM_LOSS[0] < first < FRESH_LM_LOSS[1] and float(np.nanmin(curve.value)) < 0.8 * first:
        yield (
            "language-model",
            0.4,
            f"the first loss {first:.3g} is the chance-level loss of {math.exp(first):,.0f} tokens",
        )
