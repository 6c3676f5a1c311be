"""Runs whose schedule does not fit them, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from ..curves import Case, decay, flat, run_of, with_curve, with_values


def too_short_rates(left, *, points=100, low=0.0, rise=0.0):
    """A line from 1 to its lowest value, which it keeps for so many points after; in its middle it may rise once."""
    line = np.linspace(1, low, points - left)
    middle = len(line) // 2
    line[middle] = line[middle - 1] + rise
    return np.r_[line, np.full(left, low)]


def too_short(left, *, loss=None, **settings):
    return run_of({"lr": too_short_rates(left, **settings)} | ({} if loss is None else {"loss": loss}))


def fall_at_low_rate(share):
    """A noisy loss that falls by a share over its last 40 points."""
    return np.r_[np.full(60, 2.0), np.geomspace(2, 2 * (1 - share), 40)] * flat(100, 1, seed=9)


def coarse_decay(values, *, fall=None):
    """A decay to 9% of the peak in so many values, one of them perhaps much lower than the one before."""
    rates = np.geomspace(1, 0.09, values) if fall is None else np.r_[1, np.geomspace(fall, 0.09, values - 1)]
    return run_of({"lr": np.r_[np.repeat(rates, 5), np.full(50, 0.09)]})


def bent(misfit):
    """Most of a line to zero that is bent, by a share of the peak from the line that fits it best."""
    x = np.linspace(-1, 1, 50)
    return run_of({"lr": 0.7 - 0.3 * x + 1.5 * misfit * (x * x - 1)})


def climbing(*, peak=0, low=70, bottom=0.01, top=0.5):
    """A rate of 101 points that warms up, falls along a line and climbs again."""
    return run_of(
        {
            "lr": np.r_[
                np.linspace(0.1, 1, peak + 1),
                np.linspace(1, bottom, low - peak + 1)[1:],
                np.linspace(bottom, top, 101 - low)[1:],
            ]
        }
    )


CASES = [
    Case("schedule-mismatch", "the last 12% at the lowest rate", lambda: too_short(12), "warning", findings=1, steps=(87, 99), metric="lr", confidence=0.85,
         says="lr reaches its lowest value, 0, at step 87 and stays there for the last 12% of the run",
         remedy="give the schedule the actual number of steps: epochs x steps per epoch, divided by gradient accumulation"),
    Case("schedule-mismatch", "the last 9% at the lowest rate", lambda: too_short(9), "clear"),
    Case("schedule-mismatch", "the lowest rate is 9% of the peak", lambda: too_short(30, low=0.09), "warning"),
    Case("schedule-mismatch", "the lowest rate is 11% of the peak", lambda: too_short(30, low=0.11), "clear"),
    Case("schedule-mismatch", "8 values of the rate", lambda: coarse_decay(8), "warning"),
    Case("schedule-mismatch", "7 values of the rate", lambda: coarse_decay(7), "clear"),
    Case("schedule-mismatch", "falls to 55% at once", lambda: coarse_decay(10, fall=0.55), "warning"),
    Case("schedule-mismatch", "falls to 45% at once", lambda: coarse_decay(10, fall=0.45), "clear"),
    Case("schedule-mismatch", "rises by 0.09% of the peak", lambda: too_short(30, rise=0.0009), "warning"),
    Case("schedule-mismatch", "rises by 0.11% of the peak", lambda: too_short(30, rise=0.0011), "clear"),
    Case("schedule-mismatch", "does not stay at the lowest rate", lambda: run_of({"lr": with_values(too_short_rates(30), slice(90, 95), 0.01)}), "clear"),
    Case("schedule-mismatch", "the low rate still trains", lambda: too_short(40, loss=np.geomspace(2.0, 0.2, 100) * flat(100, 1)), "info",
         says="lr reaches its lowest value, 0, at step 59 and stays there for the last 40% of the run, while the loss still falls"),
    Case("schedule-mismatch", "the loss falls by 3.5 standard errors", lambda: too_short(40, loss=fall_at_low_rate(0.03)), "info"),
    Case("schedule-mismatch", "the loss falls by 2.7 standard errors", lambda: too_short(40, loss=fall_at_low_rate(0.025)), "warning"),
    Case("schedule-mismatch", "the loss falls before only", lambda: too_short(40, loss=np.r_[decay(60), flat(40, 0.1)]), "warning"),
    Case("schedule-mismatch", "a loss by another axis", lambda: with_curve(too_short(40), "loss", np.geomspace(2.0, 0.2, 100)), "warning"),
    Case("schedule-mismatch", "12 points", lambda: too_short(3, points=12), "warning"),
    Case("schedule-mismatch", "11 points", lambda: too_short(3, points=11), "insufficient-data", says="learning rate needs at least 12 points, has 11"),
    Case("schedule-mismatch", "11 points of the main group", lambda: run_of({"lr/a": np.full(11, 0.1), "lr/b": np.full(50, 0.01)}), "insufficient-data",
         says="the main learning rate needs at least 12 points, has 11"),

    Case("schedule-mismatch", "a cosine made for twice the steps", lambda: run_of({
        "lr": 0.05 * (1 + np.cos(np.linspace(0, np.pi / 2, 100)))}, max_steps=99), "warning", steps=(3, 99), confidence=0.85,
         says="lr ends at 50% of its peak: it would reach zero at step 198, but the run ends at 99"),
    Case("schedule-mismatch", "a line made for more steps, plan not logged", lambda: run_of({"lr": np.linspace(0.1, 0.04, 100)}), "info", confidence=0.6,
         says="lr ends at 40% of its peak: it would reach zero at step 165, but the run ends at 99"),
    Case("schedule-mismatch", "a line whose end is 11% of the steps away", lambda: run_of({"lr": np.r_[np.ones(50), np.linspace(1, 0.2, 51)]}), "info"),
    Case("schedule-mismatch", "a line whose end is 9% of the steps away", lambda: run_of({"lr": np.r_[np.ones(50), np.linspace(1, 0.17, 51)]}), "clear"),
    Case("schedule-mismatch", "decays by 6% of the peak", lambda: run_of({"lr": np.linspace(0.1, 0.094, 20)}), "info"),
    Case("schedule-mismatch", "decays by 4% of the peak", lambda: run_of({"lr": np.linspace(0.1, 0.096, 20)}), "clear"),
    Case("schedule-mismatch", "deviates from a line by 0.9%", lambda: bent(0.009), "info"),
    Case("schedule-mismatch", "deviates from a line by 1.1%", lambda: bent(0.011), "clear"),
    Case("schedule-mismatch", "97.1% of the plan reached", lambda: run_of({"lr": np.linspace(0.1, 0.04, 200)}, max_steps=205), "warning"),
    Case("schedule-mismatch", "96.6% of the plan reached", lambda: run_of({"lr": np.linspace(0.1, 0.04, 200)}, max_steps=206), "clear"),
    Case("schedule-mismatch", "cut short", lambda: run_of({"lr": np.linspace(0.1, 0.04, 100)}, is_cut=True), "clear"),
    Case("schedule-mismatch", "fits", lambda: run_of({"lr": 0.05 * (1 + np.cos(np.linspace(0, np.pi, 100)))}, max_steps=99), "clear"),
    Case("schedule-mismatch", "step decay", lambda: run_of({"lr": np.repeat([0.1, 0.01, 0.001], [30, 30, 40])}, max_steps=99), "clear"),
    Case("schedule-mismatch", "exponential decay", lambda: run_of({"lr": np.geomspace(0.1, 0.03, 100)}, max_steps=99), "clear"),
    Case("schedule-mismatch", "a rate of zero", lambda: run_of({"lr": np.zeros(100)}), "clear"),

    Case("schedule-mismatch", "a cosine past its end", lambda: run_of({"lr": 0.05 * (1 + np.cos(np.linspace(0, 1.5 * np.pi, 100)))}), "warning",
         says="lr is lowest at step 66 and rises again to 50% of its peak at the end: the schedule has passed its end", steps=(66, 99), confidence=0.75),
    Case("schedule-mismatch", "lowest at 55% of the run", lambda: climbing(low=55), "warning"),
    Case("schedule-mismatch", "lowest at 45% of the run", lambda: climbing(low=45), "clear"),
    Case("schedule-mismatch", "the peak is at 22% of the run", lambda: climbing(peak=22), "warning"),
    Case("schedule-mismatch", "the peak is at 28% of the run", lambda: climbing(peak=28), "clear"),
    Case("schedule-mismatch", "4 points from the lowest to the end", lambda: run_of({"lr": np.r_[np.linspace(1, 0.02, 97), 0.06, 0.1, 0.14]}), "warning"),
    Case("schedule-mismatch", "3 points from the lowest to the end", lambda: run_of({"lr": np.r_[np.linspace(1, 0.02, 98), 0.07, 0.12]}), "clear"),
    Case("schedule-mismatch", "rises at once", lambda: run_of({"lr": np.r_[np.linspace(1, 0.02, 80), np.linspace(0.5, 0.8, 20)]}), "clear"),
    Case("schedule-mismatch", "goes up and down", lambda: run_of({"lr": np.r_[np.linspace(1, 0.02, 80), np.linspace(0.02, 0.4, 10), np.linspace(0.38, 0.3, 10)]}), "clear"),
    Case("schedule-mismatch", "climbs to 9% of the peak", lambda: climbing(top=0.09), "clear"),
    Case("schedule-mismatch", "climbs back to the peak", lambda: climbing(top=0.97), "clear"),
    Case("schedule-mismatch", "falls to 15% of the peak", lambda: climbing(bottom=0.15), "clear"),
    Case("schedule-mismatch", "falls in two steps", lambda: run_of({"lr": np.r_[np.repeat([1, 0.3], 30), np.linspace(0.01, 0.4, 40)]}), "clear"),
    Case("schedule-mismatch", "warm restarts", lambda: run_of({"lr": np.tile(0.05 * (1 + np.cos(np.linspace(0, np.pi, 30))), 4)}), "clear"),
]  # fmt: skip
