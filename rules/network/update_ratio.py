"""The updates of the weights are far too large, or far too small, for the weights.

## What it finds
Weight matrices whose update in one step is a tenth of the weights or more, or never as much as a hundred-thousandth.

## Why it matters
Around a thousandth is usual. Weights that change by a tenth at every step cannot settle; with a hundred-thousandth
the training takes a hundred times as long as it needs to.

## How it is detected
The first tenth of the run (warm-up, weights that start from zero) is left out. A layer counts as too fast if its ratio
of update to weight exceeds 0.1 (the limit of TheDeepChecker) in more than a fifth of the points; as too slow if the
ratio stays below 0.00001 in nine tenths of them. Half of the logged layers have to agree. Biases, normalisation and
embeddings are left out, and layers that never change. Ratios that are logged as logarithms to the base of ten are
understood.

## When it is a false alarm
Fine-tuning that is meant to change little (there it is an information); a ratio that was computed against the
gradient instead of the update.

## What to do
Change the learning rate by about the factor by which the ratio misses a thousandth, or warm it up.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ...parsers.meaning.words import words_of
from ..base import Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..statistics.medians import median
from ..thresholds import limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Floats
    from ..view.run_view import CurveView, RunView

_OTHER_WORDS = frozenset(
    "bias norm ln bn layernorm batchnorm groupnorm rmsnorm emb embed embedding embeddings wte wpe".split()
)


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(10, "")
    start_share: float = limit(0.1, "")
    usual: float = limit(1e-3, "the rule of thumb of Karpathy's course CS231n")
    too_fast: float = limit(
        1e-1, "TheDeepChecker's upper limit; small models under Adam were measured healthy at several hundredths"
    )
    too_slow: float = limit(1e-5, "DeepDiagnosis' lower limit")
    max_ratio: float = limit(1e6, "weights next to zero; what is above says no more")
    min_fast_share: float = limit(0.2, "of the points")
    slow_quantile: float = limit(0.9, "a schedule that ends at zero is slow at its end, not throughout")
    min_layer_share: float = limit(0.5, "")


class Ratio(NamedTuple):
    """Update over weight of a layer after the start, float64 [n]."""

    curve: CurveView
    values: Floats

    def is_fast(self, limits: Limits) -> bool:
        return float((self.values > limits.too_fast).mean()) > limits.min_fast_share

    def is_slow(self, limits: Limits) -> bool:
        usual = float(np.quantile(self.values, limits.slow_quantile))
        return float(self.values.min()) < limits.too_slow and usual < limits.too_slow


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: all layers together."""
    curves = [c for c in run.curves("update-ratio") if len(c) and not _OTHER_WORDS & set(words_of(c.layer))]
    curves = [c for c in curves if c.values.any()]  # what never changes is not slow but frozen
    if not curves:
        raise NotApplicableError("no ratio of update to weight of a matrix is logged")
    ratios = [Ratio(c, _after_start(c, limits)) for c in curves if len(c) >= limits.min_points]
    if not ratios:
        raise InsufficientDataError(f"fewer than {limits.min_points} points of each layer")
    fast, slow = [r for r in ratios if r.is_fast(limits)], [r for r in ratios if r.is_slow(limits)]
    extreme = max(fast, slow, key=len)
    if len(extreme) < limits.min_layer_share * len(ratios) or not extreme:
        return
    is_fast = extreme is fast
    typical = median([np.median(r.values) for r in extreme])
    worst = (max if is_fast else min)(extreme, key=lambda r: median(r.values))
    factor = typical / limits.usual if is_fast else limits.usual / max(typical, np.finfo(float).tiny)
    is_meant = not is_fast and run.run.task == "fine-tuning"
    yield Finding(
        message=f"one step changes the weights of {len(extreme)} of {len(ratios)} layers by {typical:.2g} of their "
        f"size (median; usual: about {limits.usual:g})",
        confidence=0.8 if is_fast else 0.7,
        metric=worst.curve.name,
        steps=(int(worst.curve.steps[0]), int(worst.curve.steps[-1])),
        evidence={
            "median_ratio": typical,
            "layer_count": float(len(ratios)),
            "fast_layer_count": float(len(fast)),
            "slow_layer_count": float(len(slow)),
        },
        severity=Severity.INFO if is_meant else Severity.WARNING,
        remedies=(
            f"{'lower' if is_fast else 'raise'} the learning rate, by up to a factor of {factor:.2g}",
            "warm the learning rate up" if is_fast else "check the weight decay, clipping and the scale of the loss",
        ),
    )


def _after_start(curve: CurveView, limits: Limits) -> Floats:
    values = curve.values
    ratios = 10.0**values if float(values.max()) < 0 else np.abs(values)
    ratios = np.minimum(ratios, limits.max_ratio)
    return ratios[int(np.ceil(limits.start_share * len(ratios))) :]


RULE = Rule(
    id="update-ratio",
    family="network",
    severity=Severity.WARNING,
    needs=(Need("update-ratio"),),
    since="0.1.0",
    title="Updates suit the weights",
    failure_title="Updates out of proportion",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("update-ratio", layers=1),),
    causes=(
        "learning-rate-too-high",
        "exploding-gradients",
        "layerwise-gradient-growth",
        "vanishing-gradients",
        "learning-rate-too-low",
    ),
    judges_training=True,
)
