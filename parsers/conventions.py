"""Naming conventions of frameworks whose tags would mislead a reader of plain words.

A convention is recognised by marker tags, of which several must be present, and then maps tags exactly. Only what
plain words get wrong is listed: `val/loss` and `train_acc` speak for themselves. Each entry was read in the source
or documentation of the framework that it names.
"""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from .run import Meaning

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable


@dataclass(frozen=True, slots=True)
class Convention:
    """Marker tags of a framework and the meanings it gives to its tags.

    Attributes:
        name: framework or family of methods.
        markers: `fnmatch` patterns of lower-cased tags.
        needed: how many of the markers must match some tag.
        meanings: pattern of a lower-cased tag -> meaning; the first match counts.

    """

    name: str
    markers: tuple[str, ...]
    needed: int
    meanings: tuple[tuple[str, Meaning], ...]

    def fits(self, tags: Iterable[str]) -> bool:
        listed = list(tags)
        return sum(any(fnmatchcase(tag, marker) for tag in listed) for marker in self.markers) >= self.needed

    def meaning(self, tag: str) -> Meaning | None:
        return next((meaning for pattern, meaning in self.meanings if fnmatchcase(tag, pattern)), None)


def _aside(role: str, why: str) -> Meaning:
    return Meaning(role=role, reason=why)  # type: ignore[arg-type]


_RL = "reinforcement-learning log: losses need not fall"
_GAN = "adversarial log: losses need not fall"
_RL_LOSS = Meaning("loss", "train", reason=_RL)
_GAN_LOSS = Meaning("loss", "train", reason=_GAN)

CONVENTIONS: tuple[Convention, ...] = (
    Convention(
        "Keras TensorBoard callback",
        ("epoch_*", "evaluation_*_vs_iterations"),
        2,
        (("evaluation_*_vs_iterations", _aside("statistic", "Keras: epoch_* again, on the axis of iterations")),),
    ),
    Convention(
        "Hugging Face Trainer",
        ("train/train_loss", "train/train_runtime", "train/total_flos", "train_loss", "train_runtime", "total_flos"),
        2,
        (
            ("train/train_loss", _aside("statistic", "Hugging Face: mean over the whole run, one point")),
            ("train_loss", _aside("statistic", "Hugging Face: mean over the whole run, one point")),
            ("*total_flos", _aside("counter", "Hugging Face: bookkeeping")),
            ("train/global_step", _aside("counter", "Hugging Face: bookkeeping")),
        ),
    ),
    Convention(
        "Megatron-LM",
        ("* vs samples",),
        1,
        (("* vs samples", _aside("statistic", "Megatron: the same tag again, on the axis of samples")),),
    ),
    Convention(
        "TRL value function",
        ("*val/ratio", "*val/clipfrac*", "*val/num_eos_tokens", "*objective/kl", "*objective/rlhf_reward"),
        2,
        (
            ("*val/*", _aside("statistic", "TRL: val is the value function, not validation")),
            ("*loss*", _RL_LOSS),
        ),
    ),
    Convention(
        "adversarial training",
        ("*loss/g/*", "*loss/d/*", "*loss/scores/real", "*loss/scores/fake"),
        2,
        (("*loss/scores/*", _aside("statistic", _GAN)), ("*loss*", _GAN_LOSS)),
    ),
    Convention(
        "adversarial training",
        ("*g_loss*", "*d_loss*", "*loss_g*", "*loss_d*", "*gen*loss*", "*dis*loss*", "*loss*gen*", "*loss*disc*"),
        2,
        (("*loss*", _GAN_LOSS),),
    ),
    Convention(
        "reinforcement learning",
        (
            "*ep_rew*", "*eprew*", "*episodic_return*", "*episode_reward*", "*episode_return*", "*averageepret*",
            "*approx_kl*", "*explained_variance*", "*explained_var*", "*vf_loss*", "*policy_loss*",
            "*policy_gradient_loss*", "*actor_loss*", "*critic_loss*", "*rollout/*", "*mean_reward*", "*clip_fraction*",
            "*clipfrac*", "*q_values*", "*lossv", "*losspi",
        ),
        2,
        (("*entropy_loss*", _aside("entropy", _RL)), ("*loss*", _RL_LOSS)),
    ),
    Convention(
        "single mentions",
        ("hp_metric", "trl", "tel", "gnorm"),
        1,
        (
            ("hp_metric", _aside("statistic", "Lightning: placeholder of the hyperparameter tab")),
            ("trl", Meaning("loss", "train", direction="lower", reason="llm.c: training loss")),
            ("tel", Meaning("loss", "validation", direction="lower", reason="llm.c: validation loss")),
            ("gnorm", Meaning("gradient-norm", reason="fairseq: gradient norm")),
        ),
    ),
)  # fmt: skip


def conventions_of(tags: Collection[str]) -> list[Convention]:
    """The conventions that a run's lower-cased tags follow."""
    return [convention for convention in CONVENTIONS if convention.fits(tags)]
