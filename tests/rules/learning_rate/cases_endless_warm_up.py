"""Runs that endless-warm-up must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from ..curves import Case, decay, run_of


def warmed(share, *, points=100, first=0.0, **settings):
    """A rate that rises over a share of the run, and falls to zero over the rest."""
    ramp = round(share * points)
    rate = np.r_[np.linspace(first, 1e-3, ramp), np.linspace(1e-3, 0, points - ramp + 1)[1:]]
    return run_of({"loss": decay(points), "lr": rate}, **settings)


def bent(misfit):
    """An exponential rise over three orders of magnitude, with a bend in its logarithm."""
    logs = np.linspace(0, np.log(1000), 101)
    return run_of({"lr": 1e-6 * np.exp(logs + misfit * logs[-1] * np.sin(np.pi * np.linspace(0, 1, 101)))})


CASES = [
    Case("endless-warm-up", "ends in its warm-up", lambda: warmed(1.0), "warning", findings=1,
         says="lr still rises at the end of the run, at step 99, from 0 to 0.001: the warm-up is longer than planned", steps=(0, 99),
         metric="lr", confidence=0.9,
         remedy="set the warm-up to a few percent of the steps that the run has, and check its unit: steps, batches or epochs"),
    Case("endless-warm-up", "for 54% of the run", lambda: warmed(0.54), "warning", confidence=0.8,
         says="lr rises until step 53, for 54% of the run, from 0 to 0.001: the warm-up is longer than planned"),
    Case("endless-warm-up", "for 47% of the run", lambda: warmed(0.47), "clear"),
    Case("endless-warm-up", "for 5% of the run", lambda: warmed(0.05), "clear"),
    Case("endless-warm-up", "rises to 2.1 times its start", lambda: warmed(1.0, first=1e-3 / 2.1), "warning"),
    Case("endless-warm-up", "rises to 1.9 times its start", lambda: warmed(1.0, first=1e-3 / 1.9), "clear"),
    Case("endless-warm-up", "8 values", lambda: run_of({"lr": np.arange(8.0)}), "warning"),
    Case("endless-warm-up", "7 values", lambda: run_of({"lr": np.r_[0, 0, np.arange(7.0)]}), "clear"),
    Case("endless-warm-up", "7 points", lambda: run_of({"lr": np.arange(7.0)}), "insufficient-data"),
    Case("endless-warm-up", "a step of 24% of the rise", lambda: run_of({"lr": np.r_[np.arange(20.0), 25]}), "warning"),
    Case("endless-warm-up", "a step of 27% of the rise", lambda: run_of({"lr": np.r_[np.arange(20.0), 26]}), "clear"),
    Case("endless-warm-up", "falls in between", lambda: run_of({"lr": np.r_[np.arange(20.0), 10, 21]}), "clear"),
    Case("endless-warm-up", "a range test", lambda: run_of({"lr": np.geomspace(1e-7, 1, 100)}), "clear"),
    Case("endless-warm-up", "exponential, 110-fold", lambda: run_of({"lr": np.geomspace(1, 110, 100)}), "clear"),
    Case("endless-warm-up", "exponential, 90-fold", lambda: run_of({"lr": np.geomspace(1, 90, 100)}), "warning"),
    Case("endless-warm-up", "4.5% off an exponential", lambda: bent(0.07), "clear"),
    Case("endless-warm-up", "5.4% off an exponential", lambda: bent(0.085), "warning"),
    Case("endless-warm-up", "ends at 98% of its plan", lambda: warmed(1.0, max_steps=101), "warning"),
    Case("endless-warm-up", "ends at 96% of its plan", lambda: warmed(1.0, max_steps=103), "clear"),
    Case("endless-warm-up", "ends at 96.5% of its plan", lambda: run_of({"lr": np.arange(966.0)}, max_steps=1000), "clear"),
    Case("endless-warm-up", "ends at 97.5% of its plan", lambda: run_of({"lr": np.arange(976.0)}, max_steps=1000), "warning"),
    Case("endless-warm-up", "the main rate of 4 points", lambda: run_of({"lr/head": np.linspace(0.1, 1, 4), "lr/body": np.linspace(0, 0.1, 50)}), "insufficient-data"),
    Case("endless-warm-up", "constant", lambda: run_of({"lr": np.full(50, 1e-3)}), "clear"),
]  # fmt: skip
