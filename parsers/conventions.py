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
from .words import words_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from .run import Role


@dataclass(frozen=True, slots=True)
class Convention:
    """Marker tags of a framework and the meanings it gives to its tags.

    Patterns are `fnmatch` patterns, compared with the lower-cased tag and with its words between blanks: `* g loss *`
    is met by `val/G_loss` and `lossless g loss`, never by `training_loss`.

    Attributes:
        name: framework or family of methods.
        markers: patterns of tags that give it away, `|` between alternatives.
        needed: how many of the markers must match some tag.
        meanings: pattern -> meaning; the first match counts; None leaves the tag to its words.

    """

    name: str
    markers: tuple[str, ...]
    needed: int
    meanings: tuple[tuple[str, Meaning | None], ...]

    def meaning(self, tag: str) -> Meaning | None:
        forms = spellings(tag)
        return next((m for pattern, m in self.meanings if any(fnmatchcase(form, pattern) for form in forms)), None)


def spellings(tag: str) -> tuple[str, str]:
    """The two forms of a tag that patterns are compared with."""
    return tag.lower(), f" {' '.join(words_of(tag))} "


def conventions_of(tags: Iterable[str]) -> list[Convention]:
    """The conventions that a run's tags follow."""
    forms = {form for tag in tags for form in spellings(tag)}
    text = "\n".join(forms)
    return [c for c in CONVENTIONS if sum(_is_met(marker, forms, text) for marker in c.markers) >= c.needed]


def _is_met(marker: str, forms: Collection[str], text: str) -> bool:
    def is_found(pattern: str) -> bool:
        longest = max(pattern.split("*"), key=len)
        # one search in all tags together spares most patterns the search in each
        return longest in text and any(fnmatchcase(form, pattern) for form in forms)

    return any(map(is_found, marker.split("|")))


def _aside(role: Role, why: str) -> Meaning:
    return Meaning(role=role, reason=why)


_RL = "reinforcement-learning log: losses need not fall"
_GAN = "adversarial log: losses need not fall"
_RL_LOSS = Meaning("loss", "train", reason=_RL)
_GAN_LOSS = Meaning("loss", "train", reason=_GAN)
_DETECTION = Meaning("score", "validation", direction="higher", reason="detection: measured on the validation set")
_KERAS_AGAIN = "Keras: epoch_* again, on the axis of iterations"
_STEP_SECONDS = Meaning("step-time", "train", reason="beside the time waiting for data: seconds of a step")
_HF_MEAN = "Hugging Face: mean over the whole run, one point"

_UPDATE_KL = _aside("approx-kl", "KL divergence between the policies before and after an update")
_CLIPPED = _aside("clip-fraction", "share of samples whose policy ratio leaves the clip range")
_CLIPPED_VALUES = _aside("statistic", "clipping of the value function, not of the policy")
_EXPLAINED = Meaning(
    "explained-variance", direction="higher", reason="share of the returns' variance that the value function explains"
)
_SPREAD = _aside("policy-std", "standard deviation of the actions")
_CUT_OFF = _aside("truncated-fraction", "share of completions cut off at the length limit")
_LENGTH = _aside("completion-length", "tokens of a completion")
_REAL = _aside("discriminator-real", "output of the discriminator on real samples")
_FAKE = _aside("discriminator-fake", "output of the discriminator on generated samples")

_RL_MEANINGS: tuple[tuple[str, Meaning | None], ...] = (
    ("* learning rate *", None),
    ("* lr *", None),
    ("* cross entropy *", None),
    ("*coef_loss*", _RL_LOSS),
    ("* ent coef *", None),
    ("* coef *", _aside("setting", "weight of a term of the loss")),
    ("* coeff *", _aside("setting", "weight of a term of the loss")),
    ("*old_approx_kl*", _aside("kl", "CleanRL: an estimate that may be negative")),
    ("*approx_kl*", _UPDATE_KL),
    ("*approxkl*", _UPDATE_KL),
    ("* ppo kl *", _UPDATE_KL),
    ("* kl loss *", _RL_LOSS),
    ("* target entropy *", _aside("setting", "the entropy that the policy is held to")),
    ("* entropy *", Meaning("entropy", "train", reason=_RL)),
    ("* kl *", Meaning("kl", "train", reason=_RL)),
    ("* ep len *", _aside("statistic", "reinforcement-learning log: length of an episode")),
    ("*vf_clipfrac*", _CLIPPED_VALUES),
    ("*val/clipfrac*", _CLIPPED_VALUES),
    ("*clipfrac_lower*", _aside("statistic", "verl: the second bound of the dual clip")),
    ("*clipfrac*", _CLIPPED),
    ("* clip fraction *", _CLIPPED),
    ("*explained_var*", _EXPLAINED),
    ("* explained variance *", _EXPLAINED),
    ("policy/mean_std", _SPREAD),
    ("policy/*noise_std", _SPREAD),
    ("policy / standard deviation*", _SPREAD),
    ("response_length/clip_ratio", _CUT_OFF),
    ("response_length/mean", _LENGTH),
    ("*q*_values", _aside("statistic", _RL)),
    ("losses/alpha*", _aside("setting", "CleanRL: weight of the entropy")),
    ("train/mean_reward/time", _aside("statistic", "RSL-RL: the same tag again, on the axis of seconds")),
    ("*loss*", _RL_LOSS),
)

CONVENTIONS: tuple[Convention, ...] = (
    Convention(
        "Keras TensorBoard callback",
        ("evaluation_*_vs_iterations",),
        1,
        (("evaluation_*_vs_iterations", _aside("statistic", _KERAS_AGAIN)),),
    ),
    Convention(
        "Hugging Face Trainer",
        ("train/train_loss", "train/train_runtime", "train/total_flos", "train_loss", "train_runtime", "total_flos"),
        2,
        (
            ("train/train_loss", _aside("statistic", _HF_MEAN)),
            ("train_loss", _aside("statistic", _HF_MEAN)),
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
        ("* val ratio *", "* val clipfrac *", "* val num eos tokens *", "* objective kl *", "* objective rlhf reward *"),
        2,
        (
            ("*val/ratio", _aside("policy-ratio", "TRL: probability of the samples after an update over that before")),
            ("val/*", _aside("statistic", "TRL: val is the value function, not validation")),
            ("*/val/*", _aside("statistic", "TRL: val is the value function, not validation")),
            *_RL_MEANINGS,
        ),
    ),
    Convention(
        "TRL preference optimisation",
        ("* rewards chosen *", "* rewards rejected *", "* rewards margins *", "* logps chosen *", "* logps rejected *"),
        2,
        (
            ("* rewards accuracies *", Meaning("score", "train", direction="higher", reason="TRL: pairs ranked rightly")),
            ("* rewards chosen *", _aside("statistic", "TRL: only the margin must grow")),
            ("* rewards rejected *", _aside("statistic", "TRL: only the margin must grow")),
            ("* rewards margins *", Meaning("reward-margin", "train", direction="higher", reason="TRL: chosen minus rejected")),
        ),
    ),
    Convention(
        "TRL group-relative optimisation",
        ("*frac_reward_zero_std", "*completions/mean_length|*completion_length", "*completions/clipped_ratio", "* reward std *"),
        2,
        (
            ("*frac_reward_zero_std", _aside("uniform-reward-fraction", "share of prompts whose answers all get one reward")),
            ("*completions/clipped_ratio", _CUT_OFF),
            ("*completions/mean_length", _LENGTH),
            ("*completion_length", _LENGTH),
            ("*clip_ratio/region_mean", _CLIPPED),
        ),
    ),
    Convention(
        "Stable-Baselines3",
        ("*rollout/ep_rew_mean", "*train/n_updates", "*time/total_timesteps", "*train/clip_range", "*eval/mean_reward"),
        2,
        (
            ("*entropy_loss", _aside("negative-entropy", "Stable-Baselines3: the entropy with its sign reversed")),
            ("*train/std", _SPREAD),
        ),
    ),
    Convention(
        "Spinning Up",
        ("* ep ret *", "* loss pi *", "* loss v *", "* stop iter *", "*totalenvinteracts*"),
        2,
        (("kl", _UPDATE_KL),),
    ),
    Convention(
        "RLlib",
        ("*episode_reward_mean|*episode_return_mean", "*info/learner/*|*learners/*"),
        2,
        (("*learner*/kl", _UPDATE_KL), ("*learner*/mean_kl_loss", _UPDATE_KL)),
    ),
    Convention(
        "StyleGAN",
        ("* loss g *", "* loss d *", "* loss scores real *", "* loss scores fake *"),
        2,
        (
            ("* loss scores real *", _REAL),
            ("* loss scores fake *", _FAKE),
            ("* loss signs real *", _REAL),
            ("* loss signs fake *", _FAKE),
            ("*loss*", _GAN_LOSS),
        ),
    ),
    Convention(
        "adversarial training",
        (
            "* g loss *|* loss g *|* gen loss *|* loss gen *|* generator loss *|* loss generator *|* err g *|* loss encoder *",
            "* d loss *|* err d *|* discrim loss *|* loss discrim *|* loss d *|* dis loss *|* disc loss *|* loss disc *|* discriminator loss *|* loss discriminator *",
        ),
        2,
        (("* d x *", _REAL), ("* d g z *", _FAKE), ("* real score *", _REAL), ("* fake score *", _FAKE), ("*loss*", _GAN_LOSS), ("* err *", _GAN_LOSS)),
    ),
    Convention(
        "reinforcement learning",
        (
            "*ep_rew*", "*eprew*", "*episodic_return*", "*episode_reward*", "*episode_return*", "* ep ret *",
            "* reward *", "* rew *", "*critic/rewards*", "*approx_kl*", "*approxkl*", "*clipfrac*", "*clip_fraction*",
        ),
        1,
        _RL_MEANINGS,
    ),
    Convention(
        "reinforcement learning",
        (
            "*explained_variance*", "*explained_var*", "* vf loss *", "*policy_loss*", "* loss policy *",
            "*policy_gradient_loss*", "* pg loss *", "*actor_loss*", "*critic_loss*", "* mean reward *", "*q_values*",
            "* loss v *", "* loss pi *", "* value loss *", "* loss value *", "* loss surrogate *", "* ppo kl *",
        ),
        2,
        _RL_MEANINGS,
    ),
    Convention(
        "detection",
        (
            "* box loss *", "* loss bbox *", "* loss box reg *", "*metrics/map*", "*metrics/precision*", "bbox/ap*",
            "*bbox_map*", "* obj loss *", "* loss rpn *",
        ),
        2,
        (
            ("metrics/precision*", _DETECTION),
            ("metrics/recall*", _DETECTION),
            ("metrics/map*", _DETECTION),
            ("bbox/ap*", _DETECTION),
            ("segm/ap*", _DETECTION),
            ("keypoints/ap*", _DETECTION),
            ("*bbox_map*", _DETECTION),
            ("*segm_map*", _DETECTION),
        ),
    ),
    Convention(
        "detectron2, MMEngine, YOLOX",
        ("data_time|*/data_time", "time|*/time|iter_time"),
        2,
        (("time", _STEP_SECONDS), ("*/time", _STEP_SECONDS)),
    ),
    Convention(
        "examples of PyTorch, and what was made of them",
        ("data", "time"),
        2,
        (("time", _STEP_SECONDS), ("data", _aside("data-time", "beside the time of a step"))),
    ),
    Convention(
        "timers under one heading",
        ("* time data *|* timing data *|* timers data *", "* time step *|* timing step *|* timers step *"),
        2,
        (("* time step *", _STEP_SECONDS), ("* timing step *", _STEP_SECONDS), ("* timers step *", _STEP_SECONDS)),
    ),
    Convention("PySlowFast", ("dt_data", "dt"), 2, (("dt", _STEP_SECONDS),)),
    Convention(
        "Weights & Biases, system metrics",
        ("*gpu.*.gpu",),
        1,
        (
            ("*gpu.*.gpu", _aside("utilization", "Weights & Biases: busy share of the device")),
            ("*gpu.*.memory", _aside("statistic", "Weights & Biases: share of the time in which memory was accessed")),
        ),
    ),
    Convention(
        "single mentions",
        ("hp_metric", "hparam/*", "trl", "tel", "gnorm"),
        1,
        (
            ("hparam/*", _aside("statistic", "add_hparams of PyTorch: a final value beside the settings")),
            ("hp_metric", _aside("statistic", "Lightning: placeholder of the hyperparameter tab")),
            ("trl", Meaning("loss", "train", direction="lower", reason="llm.c: training loss")),
            ("tel", Meaning("loss", "validation", direction="lower", reason="llm.c: validation loss")),
            ("gnorm", Meaning("gradient-norm", reason="fairseq: gradient norm")),
        ),
    ),
)  # fmt: skip
