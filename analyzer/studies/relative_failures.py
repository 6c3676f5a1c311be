"""Runs of a study that failed by comparison with the others: they never got better than where the others began."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...rules.view.study import Failure, Outcome, RunDigest

MIN_RUNS = 4  # of fewer, no part is usual
MIN_POINTS = 5  # evaluations of a run; one that just began has learned nothing yet
# Of what runs usually gain: less is nothing learned. The slowest useful settings of a search gain a fifth and more.
LEAST_GAIN = 0.05
LARGEST_LOSS = 10.0  # times the level where half of the runs began; a loss that stays above it has diverged
NOISE = 10.0  # the usual gain is at least so many standard errors of an outcome, else there is nothing to learn


def with_relative_failures(runs: Sequence[RunDigest]) -> list[RunDigest]:
    """The runs of one study, with a failure where one shows by comparison only: at chance, or far above all others."""
    known = [
        run.outcome for run in runs if run.outcome is not None and not run.failure and math.isfinite(run.outcome.value)
    ]
    known = [each for each in known if math.isfinite(each.first)]
    if len(known) < MIN_RUNS:
        return list(runs)
    sign = 1.0 if known[0].direction != "higher" else -1.0
    first = float(np.median([each.first for each in known]))
    gains = np.array([sign * (first - each.value) for each in known])
    usual = float(np.median(gains))
    noise = float(np.median([each.noise if math.isfinite(each.noise) else 0.0 for each in known]))
    if usual <= NOISE * noise or usual <= 0:
        return list(runs)
    return [
        replace(run, failure=_failure(run.outcome, sign, first, usual)) if run.outcome and not run.failure else run
        for run in runs
    ]


def _failure(outcome: Outcome, sign: float, first: float, usual: float) -> Failure:
    if not math.isfinite(outcome.value) or not math.isfinite(outcome.first):
        return ""
    if sign > 0 and first > 0 and outcome.value > LARGEST_LOSS * first:
        return "diverged"
    own, reached = sign * (outcome.first - outcome.value), sign * (first - outcome.value)
    is_stuck = outcome.points >= MIN_POINTS and own < LEAST_GAIN * usual and reached < LEAST_GAIN * usual
    return "stuck" if is_stuck else ""
