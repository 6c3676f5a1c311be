"""The policy stops exploring early in the run, before it performs well.

## What it finds
An entropy (or, for continuous actions, a standard deviation of the actions) that falls to near zero in the first
half of the run and stays there, while the reward has not improved or has lost its gain again.

## Why it matters
A policy that always takes the same action collects no new experience: its gradient vanishes, and the rest of the run
is wasted.

## How it is detected
The moving median of the entropy (a twentieth of the points, at least 3) falls to 5% of its first value, or to 0.01
nats, before the middle of the run, and never rises above that again. A policy that has solved its task does the same;
therefore the reward must not have risen by 4 standard errors, or must have lost 30% of its gain. A rise of 2 standard
errors or 30% leaves the run undecided. Stable-Baselines3 logs the entropy with its sign reversed. The entropy of
continuous actions has no natural zero; there the standard deviation of the actions is judged. After the middle of the run a
fall counts only if the reward fell, too. A language model that answers prompts does not solve them by being
deterministic: there a reward that was kept does not excuse the fall if it does not rise after it, by 4 standard errors, nor an
entropy of 1% of its first value, unless more than 80% of the prompts are solved (Cui et al. 2025): their answers get one
reward, and the reward does not differ from batch to batch by more than 5%.

## When it is a false alarm
A log that begins with a trained policy, which is deterministic and good from the start. The rule does not detect
premature convergence to a mediocre policy, because the log does not distinguish it from an optimal one.

## What to do
Raise the entropy coefficient, lower the learning rate or the number of epochs per rollout, normalise advantages and
rewards. If the entropy is exactly zero from the first update on, that update was too large.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..base import AnyOf, Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..shared.rewards import NO_POLICY, Course, KeptLimits, course_of, has_unsolved_prompts, is_on_answers
from ..statistics.medians import median, moving_median
from ..statistics.noise import noise_of
from ..statistics.windows import window_points
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Floats
    from ..view.curve_view import CurveView
    from ..view.run_view import RunView


@thresholds
class Limits(KeptLimits):
    """Thresholds of this rule."""

    min_points: int = limit(12, "four windows of 3", unit="points")
    max_share: float = limit(
        0.05,
        "of the first entropy; with two initially equally likely actions, the less likely one then has 0.6%",
        unit="%",
    )
    max_nats: float = limit(
        0.01, "the most likely action then has more than 99.8%, for any number of actions", unit="nats"
    )
    early_share: float = limit(0.5, "of the run; later a policy may have finished exploring", unit="%")
    answers_share: float = limit(
        0.01, "of the first entropy of a language model; its answers to a prompt are then nearly all the same", unit="%"
    )
    solved_share: float = limit(0.8, "of prompts whose answers all get one reward: the prompts are solved", unit="%")
    min_after: int = limit(12, "rewards after the fall, two halves of 6", unit="points")


class Spread(NamedTuple):
    """Randomness of the actions: values float64 [n], in nats or as a standard deviation."""

    curve: CurveView
    values: Floats
    is_entropy: bool


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the entropy or the spread of the actions."""
    spread = _spread_of(run)
    curve = spread.curve
    if len(curve) < limits.min_points:
        raise InsufficientDataError(
            f"{curve.role.replace('-', ' ')} needs at least {limits.min_points} points, has {len(curve)}"
        )
    window = window_points(len(curve))
    level = moving_median(spread.values, window)
    first = max(float(spread.values[0]), float(level[0]))  # the first update may end exploration
    collapsed = max(limits.max_share * first, limits.max_nats if spread.is_entropy else 0.0)
    above = np.flatnonzero(level > collapsed)
    row = int(above[-1]) + 1 if len(above) else 0
    if row >= len(level):
        return
    course = course_of(run, limits.min_points)
    is_early = row <= limits.early_share * (len(level) - 1)
    if course.has_kept(limits) or not is_early:
        step = int(curve.steps[row + window // 2])
        has_lost = course.has_fallen(limits) and course.lost_share >= limits.max_lost_share
        is_deterministic = float(level[-1]) <= limits.answers_share * first and is_early
        if has_lost or (is_early and _has_stopped(run, course, step, limits, is_deterministic=is_deterministic)):
            yield _finding(spread, course, row, first, limits)
        return
    if course.may_have_risen(limits):
        raise InsufficientDataError("the reward is too noisy to tell whether it improved while the entropy fell")
    yield _finding(spread, course, row, first, limits)


def _has_stopped(run: RunView, course: Course, step: int, limits: Limits, *, is_deterministic: bool) -> bool:
    """Whether a language model learns nothing more after a step, or cannot as all its answers are the same."""
    if not is_on_answers(run):
        return False
    uniform = max(run.curves("uniform-reward-fraction"), key=len, default=None)
    if (
        uniform is not None
        and len(uniform)
        and median(uniform.values[len(uniform) // 2 :]) / uniform.percent_scale > limits.solved_share
        and not has_unsolved_prompts(course.curve)
    ):
        return False
    if is_deterministic:
        return True
    after = course.curve.values[course.curve.steps >= step]
    if len(after) < limits.min_after:
        return False
    half = len(after) // 2
    error = noise_of(after).of_mean(half) * math.sqrt(2)
    return float(after[half:].mean() - after[:half].mean()) <= limits.min_change_z * error


def _spread_of(run: RunView) -> Spread:
    """The curve that best shows the randomness of the actions."""
    deviations = [c for c in run.curves("policy-std") if len(c) and c.values.min() >= 0]
    if deviations:
        curve = max(deviations, key=len)
        return Spread(curve, curve.values, is_entropy=False)
    found = [c for c in (*run.curves("entropy"), *run.curves("negative-entropy")) if len(c)]
    if not found:
        raise NotApplicableError("neither the entropy of the policy nor the spread of its actions is logged")
    curve = max(found, key=lambda c: (c.split not in ("validation", "test"), len(c)))
    values = -curve.values if curve.role == "negative-entropy" else curve.values
    if float(values.min()) < -1e-6:
        raise NotApplicableError(
            "the entropy of continuous actions has no zero; log the standard deviation of the actions"
        )
    return Spread(curve, values, is_entropy=True)


def _finding(spread: Spread, course: Course, row: int, first: float, limits: Limits) -> Finding:
    curve, reward = spread.curve, course.curve
    window = window_points(len(curve))
    step, last = int(curve.steps[row + window // 2]), int(curve.steps[-1])
    end = median(spread.values[-window:])
    what = "entropy" if spread.is_entropy else "standard deviation of the actions"
    if first > limits.max_nats or not spread.is_entropy:
        course_text = f"falls from {first:.3g} to {end:.2g} by {curve.unit} {step:,} and stays there"
    else:
        course_text = f"is near zero from the start ({first + 0.0:.2g})"
    if not course.has_risen(limits):
        verb = "fell" if course.has_fallen(limits) else "has not improved"
        fate = f"{verb} {'from' if verb == 'fell' else 'on'} {course.first:.3g}"
    elif course.has_kept(limits):
        fate = f"can hardly improve any more after {course.best:.3g}: nothing else is tried"
    else:
        fate = f"fell back from {course.best:.3g}"
    return Finding(
        message=f"the {what} {course_text}, while {reward.name} {fate} (it ends at {course.end:.3g})",
        confidence=0.9,
        metric=curve.name,
        steps=(step, last),
        evidence={
            "first": first,
            "end": end,
            "reward_first": course.first,
            "reward_best": course.best,
            "reward_end": course.end,
        },
        remedies=(
            "raise the entropy coefficient of the loss (0.01 is usual), and check its sign",
            "lower the learning rate and the number of epochs per rollout",
            "normalise advantages and rewards: large ones drive the policy to a single action",
        ),
        cited=(step,),
    )


RULE = Rule(
    id="entropy-collapse",
    family="reinforcement",
    severity=Severity.WARNING,
    needs=(
        AnyOf((Need("entropy"), Need("negative-entropy"), Need("policy-std"))),
        Need("reward", points="min_points"),
    ),
    since="0.1.0",
    title="The policy keeps exploring until it performs well",
    failure_title="Entropy collapse",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(
        Need("uniform-reward-fraction"),
        Need("completion-length"),
        Need("truncated-fraction"),
        Need("policy-ratio"),
    ),
    excluded_tasks=NO_POLICY,
    causes=(
        "non-finite",
        "policy-divergence",
        "value-failure",
        "learning-rate-jump",
    ),
)
