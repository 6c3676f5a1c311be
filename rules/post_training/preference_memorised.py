"""All training pairs are ranked correctly, but held-out pairs are not.

## What it finds
Preference optimisation (DPO and its variants) that memorises its training pairs.

## Why it matters
A pair that is already ranked correctly with certainty still changes the likelihood of both answers. The model does
not improve on unseen pairs, and often makes even the chosen answers less likely.

## How it is detected
Over the last 30% of at least 20 points, on average 99% of the training pairs are ranked correctly
(`rewards/accuracies` in TRL), and at least 10 percentage points fewer of the held-out pairs at the last evaluation.
If only training pairs are logged, chosen answers whose reward ends below zero and below its first value are reported
as info.

## When it is a false alarm
Held-out pairs from another, harder distribution.

## What to do
Train for one pass over the pairs, raise beta, or add a term that keeps the chosen answers likely.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...parsers.meaning.words import words_of
from ..base import Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..shared.digits import percent
from ..statistics.medians import median
from ..thresholds import limit, thresholds
from ._curves import late_rows, ranking_accuracy

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.curve_view import CurveView
    from ..view.run_view import RunView

CHOSEN_WORDS = {"rewards", "chosen"}  # of the tag of the implicit reward of the chosen answers, as TRL logs it


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(20, "the last 30% then holds 6 points", unit="points")
    late_share: float = limit(0.3, "last part of the run, which is judged; single batches are often perfect", unit="%")
    perfect: float = limit(0.99, "share of training pairs above which nothing is left to learn from them", unit="%")
    min_gap: float = limit(
        0.1, "percentage points between training and held-out pairs; a few are the usual generalisation gap", unit="%"
    )


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the share of correctly ranked training pairs."""
    curve = ranking_accuracy(run, "train")
    if curve is None:
        raise NotApplicableError("no share of correctly ranked training pairs (rewards/accuracies) is logged")
    if len(curve) < limits.min_points:
        raise InsufficientDataError(f"{curve.name} needs at least {limits.min_points} points, has {len(curve)}")
    share = float(curve.values[late_rows(curve, limits.late_share)].mean()) / curve.percent_scale
    if share < limits.perfect:
        return
    held_out, chosen = ranking_accuracy(run, "validation"), _chosen_reward(run, limits)
    text = f"{curve.name} is {percent(share)} on average over the last {limits.late_share:.0%} of the run"
    if held_out is not None:
        level = float(held_out.values[-1]) / held_out.percent_scale
        if share - level >= limits.min_gap:
            text += f", but only {percent(level)} on held-out pairs at the last evaluation"
            yield _finding(curve, text, {"held_out_share": level}, Severity.WARNING, limits)
    elif chosen is not None:
        level = median(chosen.values[late_rows(chosen, limits.late_share)])
        if level < min(0.0, float(chosen.values[0])):
            text += f", and {chosen.name} falls from {chosen.values[0]:.3g} to {level:.3g}: the chosen answers become less likely"
            yield _finding(curve, text, {"chosen_reward": level}, Severity.INFO, limits)


def _chosen_reward(run: RunView, limits: Limits) -> CurveView | None:
    found = [c for c in run.curves("statistic") if set(words_of(c.tag)) >= CHOSEN_WORDS and len(c) >= limits.min_points]
    return found[0] if found else None


def _finding(curve: CurveView, message: str, evidence: dict[str, float], severity: Severity, limits: Limits) -> Finding:
    late = curve.values[late_rows(curve, limits.late_share)]
    return Finding(
        message=message,
        confidence=0.8,
        metric=curve.name,
        steps=(int(curve.steps[-len(late)]), int(curve.steps[-1])),
        evidence={"correctly_ranked_share": float(late.mean()) / curve.percent_scale, **evidence},
        severity=severity,
        remedies=(
            "stop earlier: one pass over the pairs is usual",
            "raise beta, or add a term that keeps the chosen answers likely",
        ),
    )


RULE = Rule(
    id="preference-memorised",
    family="post-training",
    severity=Severity.WARNING,
    needs=(Need("score", "train", points="min_points"),),
    since="0.1.0",
    title="Held-out preference pairs are ranked as well as training pairs",
    failure_title="Memorised preferences",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("score", "validation"), Need("statistic")),
    causes=("overfitting",),
    formerly="reward-model-saturation",
)
