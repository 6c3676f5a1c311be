"""A validation score, perplexity or reward of evaluations ends clearly worse than its best.

## What it finds
The step with the best level, how much of it is lost at the end, and whether the same metric of the training data
improved over the same steps.

## Why it matters
The final model is worse than an earlier checkpoint in the metric that is reported. If the training metric improved over
the same steps, the model has learned the training data and not the task.

## How it is detected
The median of the last window of the curve (a twentieth of the evaluations, at least 3) is compared with that of the best
window. The decline has to exceed 4 standard errors, after correction for autocorrelated noise, for short curves and for
the selection of the best window, and 10% of the improvement over the first window. Below 10% of the best level it is
info if it is at least 5%. A curve that ends worse than it began has to lose 20%, since a score at chance level scatters. A decline by half of the improvement and 20% of the best level, beyond 6 standard errors, is an
error. A score that was evaluated before training and is below half of that in each of the 4 or more evaluations after the
first steps is told however short the curve is: what the model knew is lost. Where most of several metrics hold, the decline of another is info; precision and recall, which trade off, are
judged only if no other score is logged. Levels of a metric where lower is better, such as FID or the perplexity, are compared as ratios. If several metrics
decline, the one that lost the largest share of its improvement is reported.

## When it is a false alarm
Evaluation on other data, with other decoding or after a change of the metric; a curriculum that makes the task harder; a
schedule with warm restarts that stops in the middle of a cycle.

## What to do
Keep the checkpoint of the best step. If the training metric improved meanwhile, regularise and stop earlier; otherwise
lower the learning rate after the best step, and check what changed there.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from ...parsers.meaning.words import words_of
from ..base import AnyOf, Finding, InsufficientDataError, Need, Rule, Severity
from ..shared.chance import shares_of
from ..shared.partners import partner_of
from ..statistics.change import rebound_of
from ..statistics.exponentials import expm1
from ..statistics.medians import median
from ..statistics.noise import noise_of
from ..statistics.windows import window_points
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Floats
    from ..view.curve_view import CurveView
    from ..view.run_view import RunView


# Either rises where the threshold of the decision moves; what stands for both is F1, the average precision, the accuracy.
_TRADED_OFF = frozenset("precision prec recall sensitivity specificity".split())


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_after: int = limit(4, "evaluations below half of the first one: one or two may be outliers", unit="evaluations")
    max_kept: float = limit(0.5, "of the score before training, at best: no evaluation scatters by half", unit="%")
    min_known: float = limit(0.5, "score before training: a lower one may be chance", unit="%")
    min_evaluations: int = limit(8, "two windows of 3 and some evaluations between them", unit="evaluations")
    limit_z: float = limit(
        4.0,
        "healthy noise stays below after the corrections of the rebound",
        unit="standard errors",
        source="simulated healthy runs, docs/accuracy.md",
    )
    min_lost_share: float = limit(0.1, "of the improvement; less is fluctuation around the final level", unit="%")
    min_decline: float = limit(0.05, "of the best level; a smaller decline is not worth another training run", unit="%")
    warning_decline: float = limit(0.1, "of the best level; the reported result is then clearly worse", unit="%")
    error_lost_share: float = limit(0.5, "of the improvement; most of the training was in vain", unit="%")
    error_decline: float = limit(0.2, "of the best level; no change of the evaluation explains it", unit="%")
    error_z: float = limit(6.0, "conservative for any noise distribution", unit="standard errors")


class Decline(NamedTuple):
    """How far a curve ends below its best, or above where lower is better.

    Attributes:
        curve: the curve.
        row: middle row of its best window.
        best, end: levels of the best and of the last window, in the units of the curve.
        share: the decline as a share of the best level.
        lost: the same as a share of the improvement over the first window; infinite if there was none.
        z: over its standard error.

    """

    curve: CurveView
    row: int
    best: float
    end: float
    share: float
    lost: float
    z: float


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the curve that lost the largest share of its improvement."""
    judged = _judged(run)
    if forgotten := next((c for c in judged if _is_forgotten(c, limits)), None):
        yield _forgotten(forgotten)
        return
    curves = [c for c in judged if len(c) >= limits.min_evaluations]
    if not curves:
        raise InsufficientDataError(
            f"no score, perplexity or reward of validation data with a known direction has {limits.min_evaluations} points"
        )
    if run.is_rate_cyclic:
        raise InsufficientDataError("the learning rate restarts, and the scores follow it")
    declines = [decline for c in curves if (decline := _decline_of(c)) and _is_clear(decline, limits)]
    if declines:
        worst = max(declines, key=lambda d: (min(d.lost, 1.0), d.z))
        yield _finding(run, worst, limits, is_common=2 * len(declines) >= len(curves))


def _judged(run: RunView) -> list[CurveView]:
    """Curves of validation data that should not get worse; of scores that trade off, only where there is no other."""
    loss = run.loss("validation")
    # What stands in for the loss is that of overfitting, where a training loss can be compared with it.
    is_compared = loss is not None and run.loss("train") is not None
    found = [c for role in ("score", "reward", "perplexity") for c in run.curves(role, "validation")]
    found = [c for c in found if not (is_compared and loss is not None and c is loss.logged)]
    usable = [c for c in found if c.direction != "unknown" and not c.layer]
    whole = [c for c in usable if _TRADED_OFF.isdisjoint(words_of(c.tag))]
    return whole or usable


def _is_forgotten(score: CurveView, limits: Limits) -> bool:
    """Whether a score between 0 and 1 was good before the first step and never came near that again."""
    if score.role != "score" or len(score) <= limits.min_after or score.steps[0] != 0:
        return False
    shares = shares_of(score)
    if shares is None or shares[0] < limits.min_known:
        return False
    return bool(shares[1:].max() < limits.max_kept * shares[0])


def _forgotten(score: CurveView) -> Finding:
    first, best, end = float(score.values[0]), float(score.values[1:].max()), float(score.values[-1])
    return Finding(
        message=f"{score.name} falls from {first:.3g} before training to {end:.3g} at the end, and is at most {best:.3g} "
        f"in the {len(score) - 1} evaluations since: training destroys what the model knew",
        confidence=0.9,
        metric=score.name,
        steps=(int(score.steps[0]), int(score.steps[-1])),
        evidence={"first": first, "best_after": best, "end": end},
        severity=Severity.WARNING,
        remedies=(
            "lower the learning rate 10 to 100 times, and warm it up: fine-tuning starts from a good model",
            "check that training and evaluation use the same labels, preprocessing and mode of the model",
        ),
    )


def _decline_of(curve: CurveView) -> Decline | None:
    is_ratio = curve.is_positive and curve.direction == "lower"
    values: Floats = curve.scaled if is_ratio else -curve.values if curve.direction == "higher" else curve.values
    rebound = rebound_of(values, noise_of(values))
    if not math.isfinite(rebound.rise):
        return None
    first = median(values[: window_points(len(values))])
    gain = first - rebound.best
    best, end = (_level(curve, level, is_ratio=is_ratio) for level in (rebound.best, rebound.end))
    share = expm1(rebound.rise) if is_ratio else rebound.rise / max(abs(best), abs(end), 1e-12)
    lost = rebound.rise / gain if gain > 0 else math.inf
    return Decline(curve, rebound.best_row, best, end, share, lost, rebound.z)


def _level(curve: CurveView, level: float, *, is_ratio: bool) -> float:
    if is_ratio:
        return 1 + expm1(level)
    return -level if curve.direction == "higher" else level


def _is_clear(decline: Decline, limits: Limits) -> bool:
    # A score that ends below its first level never improved, or lost all: at chance level it scatters by a tenth.
    least = limits.min_decline if decline.lost < 1 else limits.error_decline
    return decline.z > limits.limit_z and decline.share >= least and decline.lost >= limits.min_lost_share


def _finding(run: RunView, decline: Decline, limits: Limits, *, is_common: bool) -> Finding:
    curve, step = decline.curve, int(decline.curve.steps[decline.row])
    last = int(curve.steps[-1])
    verb = "falls" if curve.direction == "higher" else "rises"
    train = partner_of(run, curve, "train")
    has_improved = train is not None and _has_improved(train, step)
    beside = ""
    if train is not None and has_improved:
        beside = f", while {train.name} improves from {train.at(step):.3g} to {train.values[-1]:.3g}"
    after = (last - step) / max(last - int(curve.steps[0]), 1)
    return Finding(
        message=f"{curve.name} {verb} from {decline.best:.3g} around {curve.unit} {step:,} to {decline.end:.3g} at the end "
        f"(medians of several evaluations){beside}",
        confidence=min(0.97, 0.85 + 0.02 * min(decline.z - limits.limit_z, 6)),
        metric=curve.name,
        steps=(step, last),
        evidence={
            "best": decline.best,
            "end": decline.end,
            "decline_share": decline.share,
            "lost_gain_share": min(decline.lost, 1e6),
            "z": min(decline.z, 1e6),
        },
        severity=_severity(decline, limits) if is_common else Severity.INFO,
        remedies=(
            f"keep the checkpoint around {curve.unit} {step:,}, not the last one",
            *(
                (
                    f"stop early: {after:.0%} of the run came after the best level",
                    "regularise: more data or augmentation, weight decay, dropout, or a smaller model",
                )
                if has_improved
                else (
                    f"lower the learning rate after {curve.unit} {step:,}, or check what changed there",
                    "check that training and evaluation use the same preprocessing and the same mode of the model",
                )
            ),
        ),
        cited=(step,),
    )


def _has_improved(train: CurveView, step: int) -> bool:
    """Whether a training metric ends better than it was at a step, by its last windows."""
    row = int((train.steps <= step).sum())
    window = window_points(len(train))
    at_step, end = train.values[max(0, row - window) : max(row, 1)], train.values[-window:]
    return median(end) > median(at_step) if train.direction == "higher" else median(end) < median(at_step)


def _severity(decline: Decline, limits: Limits) -> Severity:
    if decline.share < limits.warning_decline:
        return Severity.INFO
    is_sure = decline.z > limits.error_z
    is_large = decline.share >= limits.error_decline and decline.lost >= limits.error_lost_share
    return Severity.ERROR if is_sure and is_large else Severity.WARNING


RULE = Rule(
    id="score-decline",
    family="generalization",
    severity=Severity.WARNING,
    needs=(
        AnyOf(
            (
                Need("score", "validation", points="min_after"),
                Need("reward", "validation", points="min_evaluations"),
                Need("perplexity", "validation", points="min_evaluations"),
            )
        ),
    ),
    since="0.1.0",
    title="The validation scores end near their best",
    failure_title="Score decline",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(
        Need("loss"),
        Need("learning-rate"),
        Need("score", "train"),
        Need("perplexity", "train"),
        Need("reward", "train"),
    ),
    yields_to=("overfitting", "divergence", "reward-collapse", "reward-hacking"),
    causes=(
        "non-finite",
        "divergence",
        "policy-divergence",
        "kl-runaway",
        "entropy-collapse",
        "truncated-answers",
        "learning-rate-jump",
        "resume-discontinuity",
        "stuck-at-chance",
        "class-collapse",
        "early-blow-up",
        "learning-rate-too-high",
    ),
    answers=("generalization",),
    judges_end=True,
    suits_boosting=True,
)
