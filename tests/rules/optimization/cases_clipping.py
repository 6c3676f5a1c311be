"""Runs whose gradients are clipped too often, and runs that look alike and are healthy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from ..curves import Case, decay, flat, run_of, with_values


def clipped(share, *, points=100, rounding=0.0, below=None, first=1):
    """A norm that is 2 at a share of the points, but for rounding, and lower before; its other values are random."""
    below_count = points - round(share * points)
    norms = np.full(points, 2.0)
    norms[first : first + below_count] = flat(below_count, 1.0, noise=0.2) if below is None else below
    norms[-2] *= 1 - rounding
    return run_of({"grad_norm": norms})


def always(*, norm=1.0, points=100, **others):
    """A norm that is always the same, where clipping is set to 1."""
    return run_of({"grad_norm": np.full(points, norm), **others}, max_grad_norm=1.0)


def fallen(share, *, points=100):
    """A loss that ends at a share of its first value."""
    return 2.0 * np.linspace(1, share, points)


def unclipped(share, level=20.0, *, loss=0.9, limit=1.0, points=100):
    """Norms before clipping: a share of them at a level, the others at half of the limit; and a loss that falls to a share."""
    above = round(share * points)
    norm = np.r_[np.full(points - above, 0.5), level * np.exp(0.01 * np.arange(above) / points)]
    return run_of({"loss": fallen(loss), "grad_norm": norm}, max_grad_norm=limit)


def told(percent, *, loss=0.9, framework="fairseq", **settings):
    """Norms far from each other beside the percentage of clipped updates, and a loss that falls to a share."""
    clip = {} if percent is None else {"clip": np.full(100, percent) + np.resize([0.0, 0.1], 100)}
    run = run_of({"loss": fallen(loss), "grad_norm": flat(100, 0.4, noise=0.5), **clip}, **settings)
    return replace(run, framework=framework)


CASES = [
    Case("clipping-saturation", "91% of the updates", lambda: told(91), "warning", findings=1, metric="grad_norm", steps=(0, 99),
         says="clip says that 91% of the updates are clipped (median), at a grad_norm of 0.415", confidence=0.9,
         remedy="raise the clipping limit to about the 90th percentile of the norms, 0.831"),
    Case("clipping-saturation", "89% of the updates", lambda: told(89), "info"),
    Case("clipping-saturation", "91% of the updates, the loss falls", lambda: told(91, loss=0.4), "info"),
    Case("clipping-saturation", "51% of the updates", lambda: told(51), "info"),
    Case("clipping-saturation", "49% of the updates", lambda: told(49), "clear"),
    Case("clipping-saturation", "100% of the updates, as a setting", lambda: told(None, clip=100), "warning"),
    Case("clipping-saturation", "a limit of 100 elsewhere", lambda: told(None, framework=None, clip=100), "clear"),
    Case("clipping-saturation", "norms before clipping, far above the limit", lambda: unclipped(0.95), "warning", findings=1,
         says="grad_norm is above the clipping limit of 1 at 95% of 100 points, and 20.1 in the median: nearly every step is clipped",
         steps=(5, 99), metric="grad_norm", confidence=0.9,
         remedy="raise the clipping limit of 1 to about the 90th percentile of the norms, 20.2"),
    Case("clipping-saturation", "norms before clipping, the loss falls", lambda: unclipped(0.95, loss=0.4), "info"),
    Case("clipping-saturation", "norms of 11 times the limit", lambda: unclipped(0.95, 11.0), "warning"),
    Case("clipping-saturation", "norms of 9 times the limit", lambda: unclipped(0.95, 9.0), "info"),
    Case("clipping-saturation", "88% of the norms above the limit", lambda: unclipped(0.88), "clear"),
    Case("clipping-saturation", "norms 0.9% above the limit", lambda: always(norm=1.009, loss=fallen(0.9)), "clear"),
    Case("clipping-saturation", "norms 1.1% above the limit", lambda: always(norm=1.011, loss=fallen(0.9)), "info"),
    Case("clipping-saturation", "clipped, 1.1% before the limit was set", lambda: run_of({
        "loss": fallen(0.9), "grad_norm": np.r_[2.0, np.full(90, 1.0)]}, max_grad_norm=1.0), "clear"),
    Case("clipping-saturation", "above a limit of zero", lambda: unclipped(0.95, limit=0.0), "clear"),
    Case("clipping-saturation", "92% of the points", lambda: clipped(0.92), "warning", findings=1,
         says="grad_norm is at its maximum, 2, at 92% of 100 points: it is clipped", steps=(0, 99), metric="grad_norm",
         confidence=0.9, remedy="raise the clipping limit of 2 to about the 90th percentile of the norms before clipping"),
    Case("clipping-saturation", "88% of the points", lambda: clipped(0.88), "info"),
    Case("clipping-saturation", "90% of the points", lambda: clipped(0.9), "warning"),
    Case("clipping-saturation", "55% of the points", lambda: clipped(0.55), "info",
         says="grad_norm is at its maximum, 2, at 55% of 100 points: it is clipped"),
    Case("clipping-saturation", "50% of the points", lambda: clipped(0.5), "info"),
    Case("clipping-saturation", "45% of the points", lambda: clipped(0.45), "clear"),
    Case("clipping-saturation", "first clipped later", lambda: clipped(0.92, first=0), "warning", steps=(8, 99)),
    Case("clipping-saturation", "rounded by 0.009%", lambda: clipped(0.9, rounding=9e-5), "warning"),
    Case("clipping-saturation", "lower by 0.011%", lambda: clipped(0.9, rounding=1.1e-4), "info"),
    Case("clipping-saturation", "20 points", lambda: clipped(0.95, points=20), "warning"),
    Case("clipping-saturation", "19 points", lambda: clipped(0.95, points=19), "insufficient-data",
         says="gradient norm needs at least 20 points, has 19"),
    Case("clipping-saturation", "layers alone", lambda: run_of({"grads/fc1.weight": np.full(60, 2.0)}), "insufficient-data",
         says="no gradient norm of the whole model has 20 points"),
    Case("clipping-saturation", "a longer norm of a layer", lambda: run_of({
        "grad_norm": np.full(19, 2.0), "grads/fc1.weight": np.full(60, 2.0)}), "insufficient-data",
        says="no gradient norm of the whole model has 20 points"),
    Case("clipping-saturation", "3 values below", lambda: clipped(0.92, below=[0.5, 0.6, 0.7, 0.5, 0.6, 0.7, 0.5, 0.6]), "warning"),
    Case("clipping-saturation", "2 values below", lambda: clipped(0.92, below=[0.5, 0.6, 0.5, 0.6, 0.5, 0.6, 0.5, 0.6]), "clear"),
    Case("clipping-saturation", "one point below", lambda: clipped(0.99), "warning"),
    Case("clipping-saturation", "outliers only", lambda: run_of({"grad_norm": np.minimum(flat(200, 0.4, noise=0.5), 1.0)}), "clear"),
    Case("clipping-saturation", "logged before clipping", lambda: run_of({"grad_norm": flat(200, 5.0, noise=0.5)}), "clear"),
    Case("clipping-saturation", "always zero", lambda: run_of({"grad_norm": np.zeros(100)}, max_grad_norm=0.0), "clear"),
    Case("clipping-saturation", "normalised on purpose", lambda: run_of({"grad_norm": np.ones(100)}), "clear"),
    Case("clipping-saturation", "always at the limit, the loss at 53%", lambda: always(loss=fallen(0.53)), "warning",
         says="grad_norm is at its maximum, 1, at 100% of 100 points: it is clipped"),
    Case("clipping-saturation", "always at the limit, the loss at 43%", lambda: always(loss=fallen(0.43)), "info"),
    Case("clipping-saturation", "always at the limit, no loss", always, "info"),
    Case("clipping-saturation", "always at the limit, a loss of both signs", lambda: always(loss=fallen(0.9) - 1.9), "info"),
    Case("clipping-saturation", "always at the limit, a short loss", lambda: always(loss=fallen(0.9, points=19)), "info"),
    Case("clipping-saturation", "always at the limit, a loss of 20 points", lambda: always(loss=fallen(0.9, points=20)), "warning"),
    Case("clipping-saturation", "always 0.09% below the limit", lambda: always(norm=0.9991, loss=fallen(0.9)), "warning"),
    Case("clipping-saturation", "always 0.11% below the limit", lambda: always(norm=0.9989, loss=fallen(0.9)), "clear"),
    Case("clipping-saturation", "limit and loss fall", lambda: always(loss=decay(100)), "info"),
    Case("clipping-saturation", "spikes of a short run", lambda: run_of({"grad_norm": with_values(flat(30, 1.0), 10, 9.0)}), "clear"),
]  # fmt: skip
