"""The earliest step of detection: the rule is replayed on prefixes of the log."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ...rules.view.run_view import RunView

if TYPE_CHECKING:
    from collections.abc import Callable

    from ...parsers.run import Curve, Run
    from ...rules.base import Finding

RESOLUTION = 0.01  # share of the points of the curve: seven replays give the onset to 1% of the run
SAME_LEVEL = 0.1  # share by which a level in the evidence may differ while the claim remains the same


@dataclass(frozen=True, slots=True)
class Onset:
    """The first step at which the rule fires on the log up to that step, and the extent of the run after it.

    Attributes:
        step: on the axis of the finding's metric.
        steps_after: logged steps (or epochs, or rows) after it.
        share_after: the same as a share of the run.
        seconds_after: by the wall times of the log, None if it has none.

    """

    step: int
    steps_after: int
    share_after: float
    seconds_after: float | None


def onset_of(finding: Finding, view: RunView, find: Callable[[RunView], list[Finding]]) -> Onset | None:
    """Bisect for the shortest prefix of the run on which the rule makes the same claim about the same metric.

    `find` applies the rule. The onset is exact to `RESOLUTION` if the rule keeps firing once it has fired; None if the
    metric does not have two different steps.
    """
    metric = view.named(finding.metric)
    steps = metric.different_steps if metric is not None else np.empty(0, np.int64)
    if metric is None or len(steps) < 2:
        return None
    low, high = -1, len(steps) - 1
    while high - low > max(1, int(RESOLUTION * len(steps))):
        middle = (low + high) // 2
        found = find(RunView(_until(int(steps[middle]), metric.curve, view)))
        if any(_is_same_claim(f, finding) for f in found):
            high = middle
        else:
            low = middle
    step, last = int(steps[high]), int(steps[-1])
    clock = metric.curve.wall_time[metric.all_steps >= step]
    seconds = float(clock[-1] - clock[0])
    share = (last - step) / max(last - int(steps[0]), 1)
    return Onset(step, last - step, share, seconds if np.isfinite(seconds) else None)


def _is_same_claim(early: Finding, late: Finding) -> bool:
    """Whether a finding on a prefix is the later one, not yet grown.

    Either its evidence reaches the begin of the later evidence, or most of its numbers are the same: a rule that judges the
    last half of a run judges other steps in a prefix, at the same level. A finding that lies before the later one and has
    other numbers is about something else, such as an earlier schedule or a rise that was over.
    """
    if early.metric != late.metric or early.evidence.keys() != late.evidence.keys():
        return False
    if early.steps[1] >= late.steps[0]:
        return True
    same = [math.isclose(early.evidence[name], value, rel_tol=SAME_LEVEL) for name, value in late.evidence.items()]
    return 2 * sum(same) > len(same)


def _until(step: int, metric: Curve, view: RunView) -> Run:
    """The run with its log cut at a step of one of its curves; curves on other axes are cut at the same share."""
    first, last = int(metric.step[0]), int(metric.step[-1])
    share = (step - first) / max(last - first, 1)

    def cut(curve: Curve) -> Curve:
        until = step
        if curve.axis != metric.axis and len(curve):
            own_first, own_last = int(curve.step[0]), int(curve.step[-1])
            until = math.floor(own_first + share * (own_last - own_first))
        return curve.head(int(np.searchsorted(curve.step, until, side="right")))

    curves = [cut(each.curve) for each in view.all_curves]
    return replace(view.run, all_curves=[c for c in curves if len(c)], incidents=[], is_cut_short=False)
