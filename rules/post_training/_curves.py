"""Curves of post-training, and the last part of a run; shared by the rules of the family."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...parsers.meaning.words import words_of
from ..base import InsufficientDataError
from ..shared.rewards import reward_of

if TYPE_CHECKING:
    from ...parsers.run import Role, Split
    from ..view.curve_view import CurveView
    from ..view.run_view import RunView

_RANKED = {"rewards", "accuracies"}  # words of the share of correctly ranked pairs, as TRL logs it
_ACCURACY = {
    "acc",
    "accuracy",
    "accuracies",
}  # a word of any accuracy: of the ranking, where rewards of both answers are logged
_CHOSEN, _REJECTED = {"chosen"}, {"rejected", "reject"}
_REWARDS = {"reward", "rewards"}
_LIKELIHOODS = {"logps", "logp", "logprobs", "loglikelihood"}


def longest(run: RunView, role: Role, points: int) -> CurveView:
    """The longest curve of a role, one of training if there is one.

    Raises:
        InsufficientDataError: none has so many points.

    """
    usable = [c for c in run.curves(role) if len(c) >= points]
    if not usable:
        raise InsufficientDataError(f"{role.replace('-', ' ')} needs at least {points} points")
    return max(usable, key=lambda c: (c.split != "validation", len(c)))


def ranking_accuracy(run: RunView, split: Split) -> CurveView | None:
    """The share of preference pairs whose chosen answer gets the higher reward; None if it is not logged."""
    scores = [(set(words_of(c.tag)), c) for c in run.curves("score", split) if len(c)]
    found = [c for words, c in scores if words >= _RANKED]
    if not found and len(implicit_rewards(run)) == 2:
        found = [c for words, c in scores if words & _ACCURACY]
    return max(found, key=len, default=None)


def implicit_rewards(run: RunView) -> list[CurveView]:
    """The implicit rewards of the chosen and of the rejected training answers, in this order, those that are logged."""
    found = [
        next((c for c in run.curves("statistic") if _is_of(c, answer, _REWARDS)), None)
        for answer in (_CHOSEN, _REJECTED)
    ]
    return [c for c in found if c is not None]


def chosen_likelihood(run: RunView) -> CurveView | None:
    """The log-likelihood of the chosen training answers; None if it is not logged."""
    return next((c for c in run.curves("unknown") if _is_of(c, _CHOSEN, _LIKELIHOODS)), None)


def trained_reward(run: RunView) -> CurveView | None:
    """The main reward of training, or what a reward model gave (`objective/scores`) where it is logged apart from a penalty."""
    scores = [c for c in run.curves("score") if c.direction == "higher" and c.tag.endswith("objective/scores")]
    reward = max(scores, key=len, default=None) or reward_of(run)
    return None if reward is None or reward.split in ("validation", "test") else reward


def late_rows(curve: CurveView, share: float) -> slice:
    """Rows of the last part of a curve, at least one."""
    return slice(len(curve) - max(1, round(share * len(curve))), None)


def _is_of(curve: CurveView, answer: set[str], quantity: set[str]) -> bool:
    words = set(words_of(curve.tag))
    return bool(
        words & answer and words & quantity and curve.split != "validation" and "std" not in words and len(curve)
    )
