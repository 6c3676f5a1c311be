"""Most activations of a layer sit at the ends of their range, where hardly any gradient passes.

## What it finds
Layers of tanh or sigmoid units of which more than half of the activations lie in the outer twentieth of the range at
either end, or layers whose logged share of saturated activations is above a half.

## Why it matters
There the slope is less than a fifth of what it is in the middle. The layers before it learn slowly or not at all, and
the units carry little more than a sign.

## How it is detected
Of a histogram the mean and the standard deviation give the mean square, and that gives a lower bound: with values
between -1 and 1, a share s outside +-0.9 makes a mean square of at most 0.81 (1 - s) + s. The standard deviation alone
gives an estimate, for inputs of the units that are normally distributed; a mean of these other than 0 makes it too
small. The larger of both, or the share that is logged, has to exceed a half (two thirds by the estimate) in more than a
fifth of the points, and at the end. What is a tanh or a sigmoid is told
by the name, or by values that reach both -1 and 1 and never more. Outputs, gates, masks and attention are left out.

## When it is a false alarm
Units that are meant to be binary, as hash codes; the output of a confident classifier under a name that does not say so.

## What to do
Normalise the inputs and the layer before, start from smaller weights (Xavier for tanh and sigmoid), lower the learning
rate, or use an activation that does not saturate.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ...parsers.meaning.words import words_of
from ..base import Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..thresholds import limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Floats, Ints
    from ..view.run_view import CurveView, RunView

# Of tanh(x) for normal x with a mean of 0 and standard deviations of 0.5, 1, 1.5, 2, 2.5, 3, 4, 5, 8 and 12: the standard
# deviation, and the share outside +-0.9, by integration.
NORMAL_SPREAD = (0.417, 0.628, 0.735, 0.797, 0.836, 0.863, 0.897, 0.918, 0.949, 0.966)
NORMAL_SHARE = (0.003, 0.141, 0.326, 0.462, 0.556, 0.624, 0.713, 0.768, 0.854, 0.902)
_SIGMOID_WORDS = frozenset("sigmoid hardsigmoid".split())
_TANH_WORDS = frozenset("tanh hardtanh softsign".split())
_MEANT_WORDS = frozenset(
    "out output outputs head final logit logits prob probs probability gate gates mask attn attention softmax cell lstm gru".split()
)


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(3, "")
    limit_share: float = limit(0.5, "of the activations of a layer: as SageMaker Debugger and TheDeepChecker have it")
    min_share_of_points: float = limit(0.2, "")
    inner: float = limit(
        0.9, "tanh'(x) is 0.19 where tanh(x) is 0.9, a fifth of its largest; the sigmoid's outer twentieth is the same"
    )
    estimate_counts: float = limit(0.75, "two thirds then count as a half, for inputs that are not quite normal")
    reached: float = limit(0.99, "what comes as near to both ends of its range, and never beyond, is bounded")
    rounding: float = limit(1e-3, "")


class Saturation(NamedTuple):
    """Share of saturated activations of a layer, at least: steps int64 [n], shares float64 [n]."""

    curve: CurveView
    steps: Ints
    shares: Floats

    def is_over(self, limits: Limits) -> bool:
        is_high = self.shares > limits.limit_share
        return bool(is_high[-1]) and float(is_high.mean()) > limits.min_share_of_points


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: all saturated layers together, the fullest first."""
    known = {c.layer: Saturation(c, c.steps, c.values / c.full) for c in run.layers("saturation")}
    known |= {s.curve.layer: s for h in _histograms(run) if (s := _bounded(h, limits)) is not None}
    known = {layer: s for layer, s in known.items() if not _MEANT_WORDS & _words(layer)}
    if not known:
        raise NotApplicableError("no activations of bounded layers are logged")
    judged = [s for s in known.values() if len(s.shares) >= limits.min_points]
    if not judged:
        raise InsufficientDataError(f"fewer than {limits.min_points} points of each layer")
    saturated = sorted((s for s in judged if s.is_over(limits)), key=lambda s: -float(np.median(s.shares)))
    if not saturated:
        return
    worst = saturated[0]
    first = int(worst.steps[int(np.argmax(worst.shares > limits.limit_share))])
    share = float(np.median(worst.shares[worst.shares > limits.limit_share]))
    is_from_start = first == worst.steps[0]
    names = ", ".join(s.curve.layer for s in saturated[:3])
    names += f" and {len(saturated) - 3} more" if len(saturated) > 3 else ""
    since = "from the start" if is_from_start else f"from {worst.curve.unit} {first:,} on"
    yield Finding(
        message=f"{share:.0%} or more of the activations of {worst.curve.layer} are at the ends of their range {since}; "
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
            "normalise the inputs, and start from smaller weights (Xavier)"
            if is_from_start
            else f"lower the learning rate, or clip gradients, before {worst.curve.unit} {first:,}",
            "put a normalisation before the activation, or use one that does not saturate",
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
    """Words of a name without the numbers behind them: `tanh1` is a tanh."""
    return {word.rstrip("0123456789") for word in words_of(name)}


def _bounded(histogram: dict[str, CurveView], limits: Limits) -> Saturation | None:
    """The share outside the inner range, bounded or estimated; None if the layer is not known to be bounded."""
    if not {"min", "max", "mean", "std"} <= histogram.keys():
        return None
    low, high = float(histogram["min"].values.min()), float(histogram["max"].values.max())
    words = _words(histogram["std"].tag)
    if words & _SIGMOID_WORDS and low >= -limits.rounding and high <= 1 + limits.rounding:
        scale, shift = 2.0, -1.0
    elif (
        low >= -1 - limits.rounding
        and high <= 1 + limits.rounding
        and (words & _TANH_WORDS or min(-low, high) >= limits.reached)
    ):
        scale, shift = 1.0, 0.0
    else:
        return None
    spread = histogram["std"]
    steps, rows, mean_rows = np.intersect1d(spread.steps, histogram["mean"].steps, return_indices=True)
    mean = scale * histogram["mean"].values[mean_rows] + shift
    deviation = scale * spread.values[rows]
    at_least = (deviation**2 + mean**2 - limits.inner**2) / (1 - limits.inner**2)
    estimated = limits.estimate_counts * np.interp(deviation, NORMAL_SPREAD, NORMAL_SHARE)
    return Saturation(spread, steps, np.clip(np.maximum(at_least, estimated), 0.0, 1.0))


RULE = Rule(
    id="saturated-activations",
    family="network",
    severity=Severity.WARNING,
    needs=(),
    since="0.1.0",
    title="Activations use their range",
    failure_title="Saturated activations",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    excluded_tasks=("adversarial", "diffusion"),  # the last tanh of a generator paints black and white
    reads=(Need("saturation", layers=1),),
    causes=(
        "learning-rate-too-high",
        "abnormal-initial-loss",
        "exploding-gradients",
        "layerwise-gradient-growth",
        "activation-drift",
    ),
    judges_training=True,
)
