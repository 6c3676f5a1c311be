"""The validation loss repeats the same pattern in every epoch, although the validation data do not change.

## What it finds
A validation loss, evaluated several times per epoch, that is high and low at the same positions in every epoch.

## Why it matters
The evaluations depend on the most recent training data: the data are not shuffled well, or are sorted by class or
source. Alternatively, each evaluation uses a different part of the validation data. The best checkpoint then depends
on its position in the epoch.

## How it is detected
The logarithm of the loss, without its moving mean over one epoch, is laid out epoch by epoch. The mean correlation
between consecutive epochs has to exceed 0.5, and the correlation after random rotation of the epochs in all of 199
cases; the mean pattern has to span 1% of the loss. At least 6 whole epochs of 3 or more evaluations are needed. A
learning rate with the same period explains the pattern; then the rule does not decide.

## When it is a false alarm
A learning rate that cycles once per epoch and is not logged; curricula within the epoch.

## What to do
Reshuffle the training data every epoch with a buffer as large as the data set, and evaluate on the whole validation
set each time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..base import Finding, InsufficientDataError, Need, Rule, Severity
from ..shared.digits import percent
from ..statistics.correlation import mean_correlation, rotation_p
from ..statistics.distinct import distinct_rows
from ..statistics.exponentials import expm1
from ..statistics.medians import median
from ..statistics.windows import moving_mean
from ..thresholds import limit, thresholds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from ..view.curve_view import CurveView
    from ..view.run_view import RunView


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_epochs: int = limit(
        6, "with 3 evaluations each, there are 3^5 rotations, so the p-value can be below 1%", unit="epochs"
    )
    min_evaluations_an_epoch: int = limit(3, "two show no pattern beside the moving mean", unit="evaluations")
    min_correlation: float = limit(
        0.5, "a weaker pattern hardly affects the choice of a checkpoint", unit="correlation"
    )
    max_p: float = limit(
        0.005,
        "share of random rotations with an equal or higher correlation: none; 2 of 111 healthy runs reached 0.01",
        unit="p-value",
        source="labelled training runs, docs/accuracy.md",
    )
    min_span: float = limit(0.01, "of the loss; a smaller pattern does no harm", unit="%")

    @property
    def min_evaluations(self) -> int:
        """Evaluations of the shortest log that can be judged."""
        return (self.min_epochs + 1) * self.min_evaluations_an_epoch


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: on the main validation loss."""
    loss = run.loss("validation")
    if loss is None or not loss.is_positive:
        raise InsufficientDataError("the validation loss is not positive, so relative change is undefined")
    profiles = _profiles(loss, limits)
    if len(profiles) < limits.min_epochs:
        raise InsufficientDataError(
            f"needs at least {limits.min_epochs} whole epochs of {limits.min_evaluations_an_epoch} or more evaluations, has {len(profiles)}"
        )
    correlation = mean_correlation(profiles)
    span = _span(profiles)
    if correlation <= limits.min_correlation or span < limits.min_span:
        return
    p = rotation_p(profiles)
    if p > limits.max_p:
        return
    if _rate_repeats(run, limits):
        raise InsufficientDataError("the learning rate also repeats every epoch, which explains the pattern")
    yield Finding(
        message=f"{loss.name} repeats the same pattern in each of {len(profiles)} epochs (mean correlation {correlation:.2f} from one to "
        f"the next, p = {p:.3f}), spanning {percent(span)} of the loss",
        confidence=0.85,
        metric=loss.name,
        steps=(int(loss.steps[0]), int(loss.steps[-1])),
        evidence={
            "correlation": correlation,
            "p": p,
            "span_share": span,
            "epoch_count": float(len(profiles)),
            "evaluations_an_epoch": float(profiles.shape[1]),
        },
        remedies=(
            "reshuffle the training data every epoch, with a buffer as large as the data set",
            "evaluate on the whole validation set each time",
        ),
    )


def _rate_repeats(run: RunView, limits: Limits) -> bool:
    rate = run.learning_rate
    rates = _profiles(rate, limits) if rate is not None else np.empty((0, 0))
    if len(rates) < limits.min_epochs:
        return False
    return mean_correlation(rates) > limits.min_correlation and _span(rates) >= limits.min_span


def _span(profiles: NDArray[np.float64]) -> float:
    """From the lowest to the highest position of the mean epoch, as a share of the level."""
    return expm1(float(np.ptp(profiles.mean(axis=0))))


def _profiles(curve: CurveView, limits: Limits) -> NDArray[np.float64]:
    """Deviations from the moving mean over one epoch, float64 [epochs, places]; empty unless all epochs hold as many."""
    none = np.empty((0, 0))
    is_known = np.isfinite(curve.epochs)
    epochs, values = curve.epochs[is_known], curve.scaled[is_known]
    span = float(epochs[-1] - epochs[0]) if len(epochs) > 1 else 0.0
    if span <= 0:
        return none
    labels, _, counts = distinct_rows(np.floor(epochs + 1e-9))
    places = int(median(counts[1:-1])) if len(labels) > 2 else 0
    if places < limits.min_evaluations_an_epoch or (counts[1:-1] != places).any():
        return none
    means = moving_mean(values, places)
    if places % 2 == 0:
        means = (means[:-1] + means[1:]) / 2  # an even window is centred between points
    rest = values[places // 2 : len(values) - places // 2] - means
    whole = len(rest) // places
    return rest[: whole * places].reshape(whole, places) if whole else none


RULE = Rule(
    id="periodic-validation",
    family="data",
    severity=Severity.WARNING,
    needs=(Need("loss", "validation", points="min_evaluations"),),
    since="0.1.0",
    title="The validation loss is not epoch-periodic",
    failure_title="Epoch-periodic validation loss",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    reads=(Need("learning-rate"),),
    excluded_tasks=("adversarial", "reinforcement"),
    causes=("epoch-periodic-loss",),
)
