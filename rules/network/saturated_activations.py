"""Most activations of a layer are at the ends of their range, where the gradient is close to zero.

## What it finds
Layers of tanh or sigmoid units with more than 50% of their activations in the outer 5% of the range at either end, or
layers with a logged share of saturated activations above 50%.

## Why it matters
There the slope of the activation function is less than a fifth of its maximum. Earlier layers learn slowly or not at
all, and the units carry little more information than a sign.

## How it is detected
The mean and the standard deviation of a histogram give a lower bound of the saturated share: with values between -1
and 1, a share s outside +-0.9 implies a mean square of at most 0.81 (1 - s) + s. The standard deviation alone gives
an estimate for inputs that are normally distributed (too small if their mean is not 0), and 75% of it is used. The
larger of the two, or the logged share, is above 50% at more than 20% of the points and at the last point. A layer
counts as tanh or sigmoid by its name, or if its values reach both -1 and 1 (to 0.99) and never exceed them. Outputs,
gates, masks and attention are skipped.

## When it is a false alarm
Units that are binary on purpose, such as hash codes; the output of a confident classifier that its name does not
identify.

## What to do
Normalise the inputs and the previous layer, use a smaller initialisation (Xavier for tanh and sigmoid), lower the
learning rate, or use an activation function that does not saturate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ...parsers.meaning.words import words_of
from ..base import AnyOf, Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..statistics.medians import median
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Floats, Ints
    from ..view.curve_view import CurveView
    from ..view.run_view import RunView

# Activations beyond +-INNER of a range from -1 to 1 are saturated: tanh'(x) is 0.19 where tanh(x) is 0.9, a fifth of
# its maximum, and the outer 5% of the sigmoid's range is the same. The tables are made for it: of tanh(x) for normal x
# with a mean of 0 and standard deviations of 0.5, 1, 1.5, 2, 2.5, 3, 4, 5, 8 and 12, the standard deviation and the
# share outside +-INNER, by integration.
INNER = 0.9
NORMAL_SPREAD = (0.417, 0.628, 0.735, 0.797, 0.836, 0.863, 0.897, 0.918, 0.949, 0.966)
NORMAL_SHARE = (0.003, 0.141, 0.326, 0.462, 0.556, 0.624, 0.713, 0.768, 0.854, 0.902)
_SIGMOID_WORDS = frozenset("sigmoid hardsigmoid".split())
_TANH_WORDS = frozenset("tanh hardtanh softsign".split())
_SKIPPED_WORDS = frozenset(
    "out output outputs head final logit logits prob probs probability gate gates mask attn attention softmax cell lstm gru".split()
)


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(3, "one or two batches may be unusual", unit="points")
    max_saturated_share: float = limit(
        0.5,
        "hardly any gradient then passes through most units of the layer",
        unit="%",
        source="the limits of SageMaker Debugger and TheDeepChecker",
    )
    min_share_of_points: float = limit(0.2, "fewer points at the end of a log may be a temporary state", unit="%")
    estimate_weight: float = limit(
        0.75,
        "an estimate of two thirds then gives 50%: a margin for inputs that are not normally distributed",
        unit="%",
    )
    min_reach: float = limit(
        0.99, "values that come this close to both -1 and 1, and never exceed them, are outputs of tanh", unit="%"
    )
    rounding: float = limit(1e-3, "excess over the range explained by half precision and histogram bins")


class Saturation(NamedTuple):
    """Share of saturated activations of a layer: steps int64 [n], shares float64 [n]."""

    curve: CurveView
    steps: Ints
    shares: Floats

    def is_over(self, limits: Limits) -> bool:
        is_high = self.shares > limits.max_saturated_share
        return bool(is_high[-1]) and float(is_high.mean()) > limits.min_share_of_points


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: all saturated layers together, the largest share first."""
    known = {c.layer: Saturation(c, c.steps, c.values / c.percent_scale) for c in run.layers("saturation")}
    known |= {s.curve.layer: s for h in _histograms(run) if (s := _bounded(h, limits)) is not None}
    known = {layer: s for layer, s in known.items() if not _SKIPPED_WORDS & _words(layer)}
    if not known:
        raise NotApplicableError("no activations of a hidden tanh or sigmoid layer are logged")
    judged = [s for s in known.values() if len(s.shares) >= limits.min_points]
    if not judged:
        longest = max(len(s.shares) for s in known.values())
        raise InsufficientDataError(f"activations of a layer need at least {limits.min_points} points, have {longest}")
    saturated = sorted((s for s in judged if s.is_over(limits)), key=lambda s: -median(s.shares))
    if not saturated:
        return
    worst = saturated[0]
    is_high = worst.shares > limits.max_saturated_share
    row = int(np.argmax(is_high))
    first = int(worst.steps[row])
    share = median(worst.shares[is_high])
    names = ", ".join(s.curve.layer for s in saturated[:3])
    names += f" and {len(saturated) - 3} more" if len(saturated) > 3 else ""
    part = "" if is_high[row:].all() else f"at {is_high[row:].mean():.0%} of the points "
    since = (
        f"from the first point on ({worst.curve.unit} {first:,})"
        if row == 0
        else f"from {worst.curve.unit} {first:,} on"
    )
    yield Finding(
        message=f"about {share:.0%} of the activations of {worst.curve.layer} are at the ends of their range {part}{since}; "
        f"{len(saturated)} of {len(judged)} layers saturated: {names}",
        confidence=0.85,
        metric=worst.curve.name,
        steps=(first, int(worst.steps[-1])),
        evidence={
            "saturated_share": share,
            "saturated_layer_count": float(len(saturated)),
            "layer_count": float(len(judged)),
        },
        remedies=(
            "normalise the inputs, and use a smaller initialisation (Xavier)"
            if row == 0
            else f"lower the learning rate, or clip gradients, before {worst.curve.unit} {first:,}",
            "add a normalisation layer before the activation function, or use one that does not saturate",
        ),
        cited=(first,),
    )


def _histograms(run: RunView) -> list[dict[str, CurveView]]:
    """The statistics of each histogram of activations, by name."""
    by_tag: dict[str, dict[str, CurveView]] = {}
    for curve in run.layers("activation"):
        if curve.curve.statistic and len(curve):
            by_tag.setdefault(curve.tag, {})[curve.curve.statistic] = curve
    return list(by_tag.values())


def _words(name: str) -> set[str]:
    """Words of a name without trailing digits: `tanh1` is a tanh."""
    return {word.rstrip("0123456789") for word in words_of(name)}


def _bounded(histogram: dict[str, CurveView], limits: Limits) -> Saturation | None:
    """The share outside +-INNER, bounded below or estimated; None if the layer is not known to be bounded."""
    if not {"min", "max", "mean", "std"} <= histogram.keys():
        return None
    low, high = float(histogram["min"].values.min()), float(histogram["max"].values.max())
    words = _words(histogram["std"].tag)
    if words & _SIGMOID_WORDS and low >= -limits.rounding and high <= 1 + limits.rounding:
        scale, shift = 2.0, -1.0
    elif (
        low >= -1 - limits.rounding
        and high <= 1 + limits.rounding
        and (words & _TANH_WORDS or min(-low, high) >= limits.min_reach)
    ):
        scale, shift = 1.0, 0.0
    else:
        return None
    spread = histogram["std"]
    steps, rows, mean_rows = np.intersect1d(spread.steps, histogram["mean"].steps, return_indices=True)
    mean = scale * histogram["mean"].values[mean_rows] + shift
    deviation = scale * spread.values[rows]
    at_least = (deviation**2 + mean**2 - INNER**2) / (1 - INNER**2)
    estimated = limits.estimate_weight * np.interp(deviation, NORMAL_SPREAD, NORMAL_SHARE)
    return Saturation(spread, steps, np.clip(np.maximum(at_least, estimated), 0.0, 1.0))


RULE = Rule(
    id="saturated-activations",
    family="network",
    severity=Severity.WARNING,
    needs=(AnyOf((Need("saturation", layers=1), Need("activation", layers=1))),),
    since="0.1.0",
    title="Activations are not saturated",
    failure_title="Saturated activations",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    excluded_tasks=("adversarial", "diffusion"),  # the last tanh of a generator is saturated in black and white areas
    causes=(
        "learning-rate-too-high",
        "abnormal-initial-loss",
        "exploding-gradients",
        "layer-gradient-imbalance",
        "activation-drift",
    ),
)
