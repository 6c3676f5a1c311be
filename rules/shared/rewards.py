"""The reward of a run and its course; shared by the rules about reinforcement learning."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ...parsers.meaning.words import words_of
from ..base import InsufficientDataError, NotApplicableError
from ..statistics.medians import median
from ..statistics.noise import noise_of
from ..statistics.windows import block_means, window_points
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...parsers.run import Floats, Role, Task
    from ..view.curve_view import CurveView
    from ..view.run_view import RunView

# Tasks in which a reward is not the reward of a policy: "unknown" stays in, for logs that hold little beside the reward.
NO_POLICY: tuple[Task, ...] = (
    "classification", "regression", "detection", "segmentation", "adversarial", "diffusion", "contrastive", "boosting",
)  # fmt: skip

BLOCKS = 100  # means of more points: returns of single episodes have heavy tails, and are often only 0 or 1
# Loggers often write the mean of the last 100 episodes. That is a random walk, which wanders with no policy behind it:
# changes are judged against what a walk with its steps would do. 9,600 simulated walks of this kind (30 to 1,000
# points, 2 to 50 new episodes each) fell or rose by more than 4 in 0.2%; 32 healthy PPO runs rose by 4.8 and more.
CHANGED_Z = 4.0
WHITE_NOISE = -0.35  # autocorrelation of neighbouring steps: -0.5 if the points are independent, 0 in a walk
WHITE_POINTS = -0.42  # the same of single points: a walk adds less than its noise has
WILD_STEPS = 4.5  # median steps, three standard deviations of a Gaussian
UPPER_ERRORS = 1.0  # standard errors, 1 / sqrt(n), by which the correlation of steps may be closer to that of a walk
STEP_QUANTILE = 0.9  # steps beyond it are learning or collapse, not noise
TRUNCATION = 1.27  # standard deviation of a Gaussian over that of its inner 90%
SAME_REWARD = 0.05  # of the reward; batches of 32 prompts, of which one in ten is unsolved, scatter by as much
# Words of a tag that leave a reward the whole reward; any other word makes it a term of it.
_WHOLE = frozenset(
    "reward rewards rew return returns ret r ep eps eprew episode episodes episodic mean avg average sum total train "
    "training rollout rollouts charts eval evaluation test env environment objective rlhf critic ray tune runners "
    "metrics info undiscounted cumulative running per score global step".split()
)
_EXTREME = frozenset("min max minimum maximum best worst last latest discounted".split())


@thresholds
class ChangeLimits:
    """The threshold of a change of the reward."""

    min_change_z: float = limit(
        CHANGED_Z,
        "of a rise or a fall; a random walk with the steps of the reward exceeds it in 0.2% of cases",
        unit="standard errors",
        source="9,600 simulated walks, 32 healthy runs of PPO",
    )


@thresholds
class CourseLimits(ChangeLimits):
    """Thresholds of a rise that is not significant."""

    max_undecided_z: float = limit(2.0, "a larger rise may be real", unit="standard errors")
    max_undecided_share: float = limit(0.3, "of the reward; a larger rise may be real, even if it is noisy", unit="%")


@thresholds
class KeptLimits(CourseLimits):
    """Thresholds of a gain that is kept."""

    max_lost_share: float = limit(0.3, "of the gain; less is normal fluctuation of a policy near its best", unit="%")


class Course(NamedTuple):
    """How the reward of a run went, from means of equal blocks of points.

    Attributes:
        curve: the reward.
        first, best, end: means of the first, the best and the last window.
        best_step: step in the middle of the best window.
        rise_z: standard errors by which the best window or the mean of the second half lies above the first window,
            whichever is more certain: a reward that rose early and stayed has few points before its rise and many after it.
        fall_z: standard errors by which the end lies below the best.

    """

    curve: CurveView
    first: float
    best: float
    end: float
    best_step: int
    rise_z: float
    fall_z: float

    def has_risen(self, limits: ChangeLimits) -> bool:
        """Whether the reward was ever significantly better than at first."""
        return self.rise_z > limits.min_change_z

    def may_have_risen(self, limits: CourseLimits) -> bool:
        """Whether its best is better than its start, but not significantly."""
        share = (self.best - self.first) / max(abs(self.best), abs(self.first), 1e-12)
        is_undecided = self.rise_z > limits.max_undecided_z or share > limits.max_undecided_share
        return not self.has_risen(limits) and is_undecided

    def has_fallen(self, limits: ChangeLimits) -> bool:
        """Whether it ends significantly worse than its best."""
        return self.fall_z > limits.min_change_z

    def has_kept(self, limits: KeptLimits) -> bool:
        """Whether it has risen and most of the gain is probably kept at the end."""
        is_lost = self.lost_share >= limits.max_lost_share and self.fall_z > limits.max_undecided_z
        return self.has_risen(limits) and not is_lost

    @property
    def lost_share(self) -> float:
        """Share of the gain over the first window that is lost at the end; above 1 if it ends below the first."""
        gain = self.best - self.first
        return (self.best - self.end) / gain if gain > 0 else math.inf


def reward_of(run: RunView) -> CurveView | None:
    """The main reward: the whole one rather than a term, of the training rather than of evaluations, with most points.

    None if there is none, or if there are several terms and no sum of them.
    """
    found = [
        c for c in run.curves("reward")
        if c.direction == "higher" and not c.layer and len(c) and not _EXTREME & set(words_of(c.tag))
    ]  # fmt: skip
    whole = [c for c in found if all(w.rstrip("0123456789") in _WHOLE or w.isdigit() for w in words_of(c.tag))]
    if not whole and len(found) != 1:
        return None
    return max(whole or found, key=lambda c: (c.split not in ("validation", "test"), len(c)))


def is_on_answers(run: RunView) -> bool:
    """Whether a language model is trained on the rewards of its answers: their lengths or groups of them are logged."""
    roles: tuple[Role, ...] = ("completion-length", "truncated-fraction", "uniform-reward-fraction", "policy-ratio")
    return any(len(c) for role in roles for c in run.curves(role))


def has_unsolved_prompts(reward: CurveView) -> bool:
    """Whether the reward still differs from batch to batch at the end: so it does from prompt to prompt.

    Where all answers to a prompt get one reward, nothing else makes it differ, and not all prompts have the best one.
    """
    late = reward.values[-max(len(reward) // 3, 1) :]
    return noise_of(late).sigma > SAME_REWARD * abs(median(late))


def course_of(run: RunView, points: int) -> Course:
    """The course of the main reward.

    Raises:
        NotApplicableError: no reward is logged.
        InsufficientDataError: it has fewer than so many points.

    """
    reward = reward_of(run)
    if reward is None:
        raise NotApplicableError("no reward of the whole task is logged")
    if len(reward) < points:
        raise InsufficientDataError(f"reward needs at least {points} points, has {len(reward)}")
    return course(reward)


def course(reward: CurveView) -> Course:
    """The course of a reward of at least 3 points."""
    means = block_means(reward.values, BLOCKS)
    window = window_points(len(means))
    levels = np.convolve(means, np.full(window, 1 / window), mode="valid")
    best_row = int(np.argmax(levels))
    first, best, end = float(levels[0]), float(levels[best_row]), float(levels[-1])
    steps = np.diff(reward.values) if len(reward) > BLOCKS else np.diff(means)
    is_white = len(reward) > BLOCKS and _autocorrelation(steps, WILD_STEPS * median(np.abs(steps))) < WHITE_POINTS
    error, error_of_half = _errors_of_change(means, window, is_white=is_white)
    # a change counts from where nine tenths of it were done: what followed took no time
    up = int(np.argmax(levels >= best - 0.1 * (best - first)))
    down = int(np.argmax(levels[best_row:] <= end + 0.1 * (best - end)))
    middle = int((best_row + window / 2) / len(means) * len(reward))
    return Course(
        reward, first, best, end, int(reward.steps[min(middle, len(reward) - 1)]),
        max(_score(best - first, error(up)), _score(float(means[len(means) // 2 :].mean()) - first, error_of_half)),
        _score(best - end, error(down)),
    )  # fmt: skip


def _errors_of_change(means: Floats, window: int, *, is_white: bool) -> tuple[Callable[[int], float], float]:
    """Standard errors of a change under the null hypothesis: to the best window at a distance in blocks, and to the second half.

    They are those of a walk with the steps of the reward, or where neighbouring steps are opposed, those of AR(1) noise
    with these steps, which wanders only so far. Its correlation phi follows from that of the steps, -(1 - phi) / 2, of which the
    upper end is taken. Blocks hide how single points scatter: if those are white (`is_white`), whatever moves the means is no
    walk of a running mean.
    """
    n = len(means)
    steps = np.diff(means)
    sizes = np.abs(steps - median(steps))
    inner = np.sort(sizes)[: math.ceil(STEP_QUANTILE * len(sizes))]
    size = TRUNCATION * float(np.sqrt(np.mean(inner**2)))
    if median(sizes) == 0:  # rare events: the steps beyond the quantile are the noise
        size = float(np.sqrt(np.mean(sizes**2)))
    luck = 1 + math.sqrt(math.log(max(n / window, 1.0))) / CHANGED_Z  # the best of many windows is high by chance
    opposed = _autocorrelation(steps, 3 * size)
    if is_white or opposed < WHITE_NOISE:
        of_window = max(noise_of(means).of_mean(window), size / math.sqrt(2 * window))
        return lambda _: luck * math.sqrt(2) * of_window, of_window * math.sqrt(1 + 2 * window / n)
    phi = min(1.0, 1 + 2 * (opposed + UPPER_ERRORS / math.sqrt(len(steps))))
    of_walk = size * math.sqrt(2 * n / 3)  # from the first window to the mean of the second half
    if phi >= 1:
        return lambda distance: size * math.sqrt(distance + window), of_walk
    of_point = size / math.sqrt(2 * (1 - phi))
    points = (1 + phi) / (1 - phi)  # that are worth one independent point
    of_best = luck * of_point * math.sqrt(2 * min(1.0, points / window))
    of_half = of_point * math.sqrt(min(1.0, points / window) + min(1.0, 2 * points / n))
    return lambda distance: min(size * math.sqrt(distance + window), of_best), min(of_walk, of_half)


def _autocorrelation(steps: Floats, limit: float) -> float:
    """Of neighbouring steps, without those beyond the limit: one jump must not hide that all others alternate."""
    rest = steps - median(steps)
    rest = np.where(np.abs(rest) <= limit, rest, 0.0)
    power = float(np.dot(rest, rest))
    return float(np.dot(rest[1:], rest[:-1])) / power if power > 0 else 0.0


def _score(change: float, error: float) -> float:
    if change <= 0:
        return 0.0
    return change / error if error > 0 else math.inf
