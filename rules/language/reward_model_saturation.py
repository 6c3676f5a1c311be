"""The reward no longer tells good answers from bad ones, or is being gamed.

## What it finds
In training with group-relative rewards (GRPO): prompts whose answers all get one reward, answers that are cut off, or a
divergence from the reference model that runs away. In preference optimisation (DPO): pairs that are ranked no better than
by chance, or training pairs that are all ranked rightly while held-out ones are not.

## Why it matters
Without a difference in reward there is no gradient: the steps are paid for nothing. A reward that grows while the
model runs away from its reference, or while its answers are cut off, is usually being gamed.

## How it is detected
Over the last 30 % of at least 20 points, by medians: more than 80 % of the prompts have answers of equal reward (an
information where the reward has risen: the prompts have become too easy); more than half of the answers are cut
off at the length limit; the divergence from the reference ends at 10 times its level in the middle third of the run and
above 6 standard errors. Preference pairs: over the second half the share ranked rightly is within 0.05 of one half, known
to 0.02, and not better than in the first half; or it is 0.99 or more in training and at least 0.1 less on held-out
pairs. The last is an information where only training pairs are logged, and the chosen answers become less likely.

## When it is a false alarm
Answers that are meant to reach the limit (a budget of thought), and preference data that humans themselves rank at random.

## What to do
Look at some answers and their rewards. Leave out prompts that are always or never solved, raise the limit of the length,
penalise length or divergence more, or stop earlier.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...parsers.meaning.words import words_of
from ..base import Finding, InsufficientDataError, NotApplicableError, Rule, Severity
from ..shared.rewards import course, reward_of
from ..statistics.medians import median
from ..thresholds import limit

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ...parsers.run import Role, Split
    from ..view.run_view import CurveView, RunView


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(20, "")
    late_share: float = limit(0.3, "")
    max_uniform: float = limit(0.8, "four of five prompts give no gradient")
    max_cut_off: float = limit(0.5, "")
    runaway: float = limit(
        math.log(10.0), "over the level in the middle of the run; it starts at zero and may well grow until then"
    )
    limit_z: float = limit(6.0, "")
    chance: float = limit(0.5, "")
    chance_width: float = limit(0.05, "")
    chance_error: float = limit(0.02, "standard error with which the share must be known")
    perfect: float = limit(0.99, "")
    held_out_gap: float = limit(0.1, "")


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding of each kind."""
    judges: tuple[tuple[CurveView | None, Callable[[RunView, CurveView, Limits], Iterator[Finding]]], ...] = (
        (_longest(run, "uniform-reward-fraction"), _uniform),
        (_longest(run, "truncated-fraction"), _cut_off),
        (_reference_divergence(run), _runaway),
        (_accuracy(run, "train"), _preferences),
    )
    known = [(curve, judge) for curve, judge in judges if curve is not None]
    if not known:
        raise NotApplicableError("no reward of answers or preferences is logged")
    usable = [(curve, judge) for curve, judge in known if len(curve) >= limits.min_points]
    if not usable:
        raise InsufficientDataError(
            f"{max(len(curve) for curve, _ in known)} of {limits.min_points} points that it takes"
        )
    for curve, judge in usable:
        yield from judge(run, curve, limits)


def _longest(run: RunView, role: Role) -> CurveView | None:
    return max(run.curves(role), key=lambda c: (c.split != "validation", len(c)), default=None)


def _reference_divergence(run: RunView) -> CurveView | None:
    """The divergence from the reference model: elsewhere "kl" may be anything."""
    signs: tuple[Role, ...] = ("uniform-reward-fraction", "truncated-fraction", "completion-length", "policy-ratio")
    return _longest(run, "kl") if any(run.curves(role) for role in signs) else None


def _accuracy(run: RunView, split: Split) -> CurveView | None:
    """Share of preference pairs that are ranked rightly."""
    found = [
        c
        for c in run.all_curves
        if c.role == "score" and c.split == split and {"rewards", "accuracies"} <= set(words_of(c.tag))
    ]
    return max(found, key=len, default=None)


def _late_rows(curve: CurveView, limits: Limits) -> slice:
    return slice(len(curve) - max(1, round(limits.late_share * len(curve))), None)


def _uniform(run: RunView, curve: CurveView, limits: Limits) -> Iterator[Finding]:
    share = median(curve.values[_late_rows(curve, limits)])
    if share <= limits.max_uniform:
        return
    reward = reward_of(run)
    is_solved = reward is not None and len(reward) >= limits.min_points and course(reward).has_risen
    yield _finding(
        curve,
        f"{share:.0%} of the prompts have answers of equal reward ({curve.name}, last {limits.late_share:.0%} of the run), and give no gradient"
        + (": the reward has risen, they have become too easy" if is_solved else ""),
        {"uniform_share": share},
        Severity.INFO if is_solved else Severity.WARNING,
        (
            "leave out prompts that are always or never solved, or sample until each has both kinds of answers",
            "reward partial success, or sample more answers a prompt at a higher temperature",
        ),
        limits,
    )


def _cut_off(_run: RunView, curve: CurveView, limits: Limits) -> Iterator[Finding]:
    share = median(curve.values[_late_rows(curve, limits)]) / curve.full
    if share <= limits.max_cut_off:
        return
    yield _finding(
        curve,
        f"{share:.0%} of the answers are cut off at the length limit ({curve.name}, last {limits.late_share:.0%} of the run): "
        "what is rewarded is their beginning",
        {"cut_off_share": share},
        Severity.WARNING,
        (
            "raise the limit of the length, or penalise length",
            "look at long answers: do they repeat themselves, is the end token ever learnt",
        ),
        limits,
    )


def _runaway(_run: RunView, curve: CurveView, limits: Limits) -> Iterator[Finding]:
    third = len(curve) // 3
    middle = median(curve.values[third : 2 * third])
    end = median(curve.values[-max(3, len(curve) // 20) :])
    if middle <= 0 or not curve.is_positive or math.log(max(end / middle, 1e-300)) < limits.runaway:
        return
    if curve.rebound.z <= limits.limit_z:
        return
    yield _finding(
        curve,
        f"{curve.name}, the divergence from the reference model, ends at {end:.3g}, {end / middle:.3g} times its level in the middle of the run",
        {"middle": middle, "end": end, "z": min(curve.rebound.z, 1e6)},
        Severity.WARNING,
        (
            "penalise the divergence more, or lower the learning rate",
            "read some answers of the last checkpoints: a gamed reward is seen at once",
        ),
        limits,
    )


def _preferences(run: RunView, curve: CurveView, limits: Limits) -> Iterator[Finding]:
    values = curve.values / curve.full
    half = values[len(values) // 2 :]
    share, error = float(half.mean()), float(half.std()) / math.sqrt(len(half))
    gain = share - float(values[: len(values) // 2].mean())
    if abs(share - limits.chance) <= limits.chance_width and error <= limits.chance_error and gain <= 2 * error:
        yield _finding(
            curve,
            f"{curve.name} is {share:.3f} over the second half of the run: preference pairs are ranked as by chance",
            {"ranked_rightly_share": share, "standard_error": error},
            Severity.WARNING,
            (
                "check that chosen and rejected answers are not mixed up, and that prompts are masked",
                "raise the learning rate or beta",
            ),
            limits,
        )
        return
    late = float(values[_late_rows(curve, limits)].mean())
    if late >= limits.perfect:
        yield from _memorised(run, curve, late, limits)


def _memorised(run: RunView, curve: CurveView, share: float, limits: Limits) -> Iterator[Finding]:
    held_out = _accuracy(run, "validation")
    chosen = next(
        (
            c
            for c in run.curves("statistic")
            if {"rewards", "chosen"} <= set(words_of(c.tag)) and len(c) >= limits.min_points
        ),
        None,
    )
    remedies = (
        "stop earlier: one pass over the pairs is usual",
        "raise beta, or add a term that keeps the chosen answers likely",
    )
    if held_out is not None and len(held_out):
        of_held_out = float(held_out.values[-1]) / held_out.full
        if share - of_held_out >= limits.held_out_gap:
            evidence = {"ranked_rightly_share": share, "held_out_share": of_held_out}
            text = f"{curve.name} is {share:.3f} at the end, but only {of_held_out:.3f} on held-out pairs"
            yield _finding(curve, text, evidence, Severity.WARNING, remedies, limits)
    elif chosen is not None and median(chosen.values[_late_rows(chosen, limits)]) < min(0.0, float(chosen.values[0])):
        level = median(chosen.values[_late_rows(chosen, limits)])
        text = f"{curve.name} is {share:.3f} at the end, and {chosen.name} falls to {level:.3g}: the chosen answers become less likely too"
        yield _finding(
            curve, text, {"ranked_rightly_share": share, "chosen_reward": level}, Severity.INFO, remedies, limits
        )


def _finding(
    curve: CurveView,
    message: str,
    evidence: dict[str, float],
    severity: Severity,
    remedies: tuple[str, ...],
    limits: Limits,
) -> Finding:
    first = int(curve.steps[_late_rows(curve, limits)][0])
    return Finding(
        message=message,
        confidence=0.8,
        metric=curve.name,
        steps=(first, int(curve.steps[-1])),
        evidence=evidence,
        severity=severity,
        remedies=remedies,
    )


RULE = Rule(
    id="reward-model-saturation",
    family="language",
    severity=Severity.WARNING,
    needs=(),
    since="0.1.0",
    title="The reward tells good answers from bad ones",
    failure_title="Saturated reward",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    causes=(
        "policy-divergence",
        "entropy-collapse",
        "overfitting",
    ),
    judges_training=True,
)
