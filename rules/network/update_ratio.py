"""The updates are far too large or far too small relative to the weights.

## What it finds
Weight matrices with updates above 10% of the weight norm, or always below 0.001%.

## Why it matters
A ratio of about 0.001 is usual. Weights that change by 10% at every step cannot converge; a ratio of 0.00001 needs
100 times as many steps as usual.

## How it is detected
The first 10% of the points (warm-up, weights initialised to zero) are skipped. A layer is too fast if its ratio of
update to weight is above 0.1 at more than 20% of the points, and too slow if the 90% quantile of the ratio is below
0.00001. At least 50% of the logged layers have to be too fast, or too slow. Biases, normalisation, embeddings and
layers that never change are skipped. Negative values are read as base-10 logarithms.

## When it is a false alarm
Fine-tuning that should change little (too slow is then reported as info); a ratio that was computed from the gradient
instead of the update.

## What to do
Change the learning rate by at most the factor between the ratio and 0.001, or lengthen the warm-up.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ...parsers.meaning.words import words_of
from ..base import Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..statistics.medians import median
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Floats
    from ..view.curve_view import CurveView
    from ..view.run_view import RunView

LARGEST = 1e6  # ratio: weights near zero make it arbitrarily large, and the remedy meaningless
_OTHER_WORDS = frozenset(
    "bias norm ln bn layernorm batchnorm groupnorm rmsnorm emb embed embedding embeddings wte wpe".split()
)


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(10, "leaves 9 points after the start, of which two are more than 20%", unit="points")
    skipped_share: float = limit(0.1, "warm-up and zero-initialised weights affect only the start of a run", unit="%")
    usual_ratio: float = limit(
        1e-3,
        "target of the remedy",
        unit="ratio",
        source="rule of thumb of CS231n",
    )
    max_ratio: float = limit(
        1e-1,
        "small models with Adam are healthy at several hundredths",
        unit="ratio",
        source="the upper limit of TheDeepChecker",
    )
    min_ratio: float = limit(
        1e-5, "a hundredth of the usual ratio", unit="ratio", source="the lower limit of DeepDiagnosis"
    )
    min_fast_share: float = limit(0.2, "fewer points above the limit are spikes", unit="%")
    slow_quantile: float = limit(0.9, "a schedule that ends at zero is slow at its end but not before", unit="%")
    min_layer_share: float = limit(0.5, "a wrong learning rate affects most layers", unit="%")


class Ratio(NamedTuple):
    """Update over weight of a layer, without the start of the run, float64 [n]."""

    curve: CurveView
    values: Floats

    def is_fast(self, limits: Limits) -> bool:
        return float((self.values > limits.max_ratio).mean()) > limits.min_fast_share

    def is_slow(self, limits: Limits) -> bool:
        return float(np.quantile(self.values, limits.slow_quantile)) < limits.min_ratio

    def typical(self, limits: Limits) -> float:
        """Median of the points at which the ratio is too large, or else too small."""
        is_extreme = self.values > limits.max_ratio if self.is_fast(limits) else self.values < limits.min_ratio
        return median(self.values[is_extreme])


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: all layers together."""
    curves = [c for c in run.curves("update-ratio") if len(c) and not _OTHER_WORDS & set(words_of(c.layer))]
    curves = [c for c in curves if c.values.any()]  # a layer without updates does not depend on the learning rate
    if not curves:
        raise NotApplicableError("no update ratio above zero of a weight matrix is logged")
    ratios = [Ratio(c, _after_start(c, limits)) for c in curves if len(c) >= limits.min_points]
    if not ratios:
        raise InsufficientDataError(
            f"update ratio of a weight matrix needs at least {limits.min_points} points, has {max(map(len, curves))}"
        )
    fast, slow = [r for r in ratios if r.is_fast(limits)], [r for r in ratios if r.is_slow(limits)]
    extreme = max(fast, slow, key=len)
    if not extreme or len(extreme) < limits.min_layer_share * len(ratios):
        return
    is_fast = extreme is fast
    typical = median([r.typical(limits) for r in extreme])
    worst = (max if is_fast else min)(extreme, key=lambda r: r.typical(limits))
    factor = typical / limits.usual_ratio if is_fast else limits.usual_ratio / max(typical, np.finfo(float).tiny)
    is_intended = not is_fast and run.run.task == "fine-tuning"
    where = (
        f"above {limits.max_ratio:g} at more than {limits.min_fast_share:.0%} of the points"
        if is_fast
        else f"below {limits.min_ratio:g} at {limits.slow_quantile:.0%} of the points or more"
    )
    yield Finding(
        message=f"the ratio of update to weight is {where} in {len(extreme)} of {len(ratios)} layers, "
        f"with a median of {typical:.2g} at these points (usual: {limits.usual_ratio:g})",
        confidence=0.8 if is_fast else 0.7,
        metric=worst.curve.name,
        steps=(int(worst.curve.steps[0]), int(worst.curve.steps[-1])),
        evidence={
            "median_ratio": typical,
            "layer_count": float(len(ratios)),
            "fast_layer_count": float(len(fast)),
            "slow_layer_count": float(len(slow)),
        },
        severity=Severity.INFO if is_intended else Severity.WARNING,
        remedies=(
            f"{'lower' if is_fast else 'raise'} the learning rate, by up to a factor of {factor:.2g}",
            "lengthen the warm-up" if is_fast else "check weight decay, gradient clipping and the scale of the loss",
        ),
    )


def _after_start(curve: CurveView, limits: Limits) -> Floats:
    values = curve.values
    ratios = 10.0**values if float(values.max()) < 0 else np.abs(values)
    ratios = np.minimum(ratios, LARGEST)
    return ratios[math.ceil(limits.skipped_share * len(ratios)) :]


RULE = Rule(
    id="update-ratio",
    family="network",
    severity=Severity.WARNING,
    needs=(Need("update-ratio", points="min_points"),),
    since="0.1.0",
    title="Updates are proportionate to the weights",
    failure_title="Updates out of proportion",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    causes=(
        "learning-rate-too-high",
        "exploding-gradients",
        "layer-gradient-imbalance",
        "vanishing-gradients",
        "learning-rate-too-low",
    ),
)
