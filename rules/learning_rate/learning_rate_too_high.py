"""The learning rate is so high that the training cannot settle.

## What it finds
A loss that stood still at the high rate and fell at once when the rate was lowered; training and validation loss that
get worse together; a loss that first rose far above its start and never recovered; a loss that zigzags.

## Why it matters
Steps that overshoot undo each other. The compute at the high rate was spent for little, and the result depends on the
step at which the run happened to stop.

## How it is detected
Any of these, each on the logarithm of a loss. (1) Until the rate first fell below half of its peak the loss stood still
(over the last half of that part it surely fell by less than a tenth of a halving, or a quarter of what came after) above half of what knowing nothing
costs, and it has fallen by 30 % and 6 standard errors after. (2) The last evaluations lie above the best ones before by 10 % and a fifth of the descent, the
training loss between them rose by 5 %, and both together are beyond 4 standard errors (Stouffer), each beyond 2, with the
rate not annealed: overfitting would lower the training loss, and sampling would not move the two together. (3) Within the
first fifth of the run the loss stands above twice its first value at 2 neighbouring points, by 6 sigma, and its end is
above half of what knowing nothing costs. (4) Neighbouring points go up and down in turns: a correlation of neighbouring
residuals below -0.5 and by 5 standard errors, with a scatter above 10 % of the loss over the last half of the run.
A training loss that climbs for good is a divergence and left to that rule.

## When it is a false alarm
Two data sources that take turns (they zigzag), a curriculum, data that change during the run. A step decay that makes
a loss fall that was already low is how such schedules work, and is not reported.

## What to do
Lower the peak learning rate by 3 to 10, lengthen the warm-up, or anneal earlier; raise the batch size if that is possible.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ..base import Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..shared.chance import ignorant_loss
from ..shared.progress import HIGH_RATE, before_annealing, change_of
from ..statistics.events import groups_of
from ..statistics.exponentials import exp, expm1
from ..statistics.noise import noise_of
from ..statistics.windows import window_points
from ..thresholds import limit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Floats
    from ..view.run_view import CurveView, RunView


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of this rule."""

    min_points: int = limit(20, "")
    still_fall: float = limit(math.log(2) / 10, "and of the fall that came after")
    still_share: float = limit(0.25, "and of the fall that came after")
    min_level: float = limit(
        0.5, "of the loss of guessing; a step decay of a training that goes well starts from a tenth"
    )
    released: float = limit(-math.log(0.7), "lost at once what the high rate held for its whole second half")
    released_z: float = limit(6.0, "lost at once what the high rate held for its whole second half")
    min_high_share: float = limit(0.1, "of the run, else it is a warm-up")
    min_evaluations: int = limit(8, "the last sixth, at least two evaluations")
    end_share: int = limit(6, "the last sixth, at least two evaluations")
    min_end: int = limit(2, "the last sixth, at least two evaluations")
    validation_rise: float = limit(math.log(1.10), "")
    training_rise: float = limit(math.log(1.05), "")
    share_lost: float = limit(0.2, "")
    each_z: float = limit(2.0, "")
    joint_z: float = limit(4.0, "")
    min_sigma: float = limit(0.01, "of a loss: what a smooth curve is not said to be more exact than")
    divergence_z: float = limit(4.0, "from here on the rule divergence speaks")
    divergence_rise: float = limit(math.log(2), "from here on the rule divergence speaks")
    divergence_sigmas: float = limit(6.0, "from here on the rule divergence speaks")
    early_share: float = limit(0.2, "")
    blown_up: float = limit(math.log(2), "")
    blown_up_sigmas: float = limit(6.0, "")
    zigzag: float = limit(-0.5, "")
    zigzag_z: float = limit(5.0, "")
    zigzag_sigma: float = limit(0.10, "")


class Sign(NamedTuple):
    """One way in which a rate shows that it is too high."""

    text: str
    metric: CurveView
    rows: tuple[int, int]
    confidence: float
    evidence: dict[str, float]


def check(run: RunView, limits: Limits) -> Iterator[Finding]:
    """Yield at most one finding: the surest of the signs."""
    loss = run.loss("train")
    if loss is None or not loss.is_positive:
        raise NotApplicableError("no positive training loss is logged, so that no share of its level can be told")
    if len(loss) < limits.min_points:
        raise InsufficientDataError(f"the training loss has {len(loss)} of {limits.min_points} points that it takes")
    signs = [
        _released(run, loss, limits),
        _worse_together(run, loss, limits),
        _blown_up(run, loss, limits),
        _zigzag(loss, limits),
    ]
    found = [sign for sign in signs if sign is not None]
    if not found:
        return
    sign = max(found, key=lambda s: s.confidence)
    rate = run.learning_rate
    peak = f" (its peak is {rate.values.max():.3g})" if rate is not None else ""
    first, last = int(sign.metric.steps[sign.rows[0]]), int(sign.metric.steps[sign.rows[1]])
    yield Finding(
        message=sign.text,
        confidence=sign.confidence,
        metric=sign.metric.name,
        steps=(first, last),
        evidence=sign.evidence | {"sign_count": float(len(found))},
        remedies=(
            f"lower the learning rate by 3 to 10{peak}",
            "lengthen the warm-up, or anneal the rate earlier",
            "raise the batch size, or clip the gradients",
        ),
        cited=(first, last),
    )


def _released(run: RunView, loss: CurveView, limits: Limits) -> Sign | None:
    """The loss stood still, high up, until the rate was lowered."""
    rate, guess = run.learning_rate, ignorant_loss(run, loss)
    is_high = before_annealing(run, loss)
    values = loss.scaled[is_high]
    if rate is None or is_high.all() or math.isnan(guess) or is_high.mean() < limits.min_high_share:
        return None
    half = values[len(values) // 2 :]
    noise = noise_of(values)
    change = change_of(half, noise)
    level, end = float(np.median(half)), float(np.median(loss.scaled[-window_points(len(loss)) :]))
    window = window_points(len(loss))
    needed = max(limits.released, limits.released_z * noise.of_mean(window))
    still = max(limits.still_fall, limits.still_share * (level - end))
    if not (change.low > -still and level > math.log(limits.min_level * guess) and level - end >= needed):
        return None
    row = len(values) - 1
    return Sign(
        f"{loss.name} stands still at {exp(level):.3g} while the learning rate is high, until {loss.unit} "
        f"{int(loss.steps[row]):,}, and falls to {exp(end):.3g} once it is lowered",
        loss, (0, row), 0.85, {"level": exp(level), "end": exp(end), "fall_at_high_rate": -change.change},
    )  # fmt: skip


def _worse_together(run: RunView, train: CurveView, limits: Limits) -> Sign | None:
    """The end of the validation loss is above its best, and so is the training loss between them."""
    validation = run.loss("validation")
    is_annealed = run.rate_left is not None and run.rate_left < HIGH_RATE
    if validation is None or not validation.is_positive or len(validation) < limits.min_evaluations or is_annealed:
        return None
    if validation.curve.axis != train.curve.axis or _diverges(train, limits) or run.is_rate_cyclic:
        return None
    values, count = validation.scaled, max(limits.min_end, len(validation) // limits.end_share)
    means = np.convolve(values, np.ones(count) / count, mode="valid")[: len(values) - 2 * count + 1]
    best = int(np.argmin(means))
    rise, descent = float(values[-count:].mean() - means[best]), float(values[0] - means[best])
    sigma = max(validation.noise.sigma, noise_of(values[: best + count]).sigma, limits.min_sigma)
    luck = sigma / math.sqrt(count) * math.sqrt(2 * math.log(len(values) / count))
    z_validation = (rise - luck) / (sigma * math.sqrt(2 / count))
    at_best = _between(train, validation, best, best + count - 1)
    at_end = _between(train, validation, len(values) - count, len(values) - 1)
    if not len(at_best) or not len(at_end) or rise < max(limits.validation_rise, limits.share_lost * descent):
        return None
    train_rise = float(at_end.mean() - at_best.mean())
    error = math.hypot(train.noise.of_mean(len(at_best)), train.noise.of_mean(len(at_end)))
    z_train = train_rise / error if error > 0 else math.inf  # a constant loss does not rise, see below
    joint = (z_train + z_validation) / math.sqrt(2)
    if train_rise < limits.training_rise or min(z_train, z_validation) < limits.each_z or joint < limits.joint_z:
        return None
    return Sign(
        f"{validation.name} rises by {expm1(rise):.0%} from its best, and {train.name} rises with it by "
        f"{expm1(train_rise):.0%}: no overfitting, but steps that are too large",
        validation, (best, len(values) - 1), 0.75,
        {"z": min(joint, 1e6), "validation_rise": expm1(rise), "training_rise": expm1(train_rise)},
    )  # fmt: skip


def _diverges(train: CurveView, limits: Limits) -> bool:
    """Whether the training loss alone shows it, which the rule divergence reports."""
    rebound = train.rebound
    has_doubled = rebound.rise > max(limits.divergence_rise, limits.divergence_sigmas * train.noise.sigma)
    is_sure = rebound.z > limits.divergence_z or (has_doubled and rebound.z > 0)
    return is_sure and rebound.rise >= limits.share_lost * float(train.scaled[0] - rebound.best)


def _between(train: CurveView, validation: CurveView, first: int, last: int) -> Floats:
    """Training values that were logged from the evaluation before the first to the last of two rows."""
    begin = int(validation.steps[first - 1]) if first else int(train.steps[0]) - 1
    return np.asarray(train.scaled[(train.steps > begin) & (train.steps <= validation.steps[last])])


def _blown_up(run: RunView, loss: CurveView, limits: Limits) -> Sign | None:
    """The loss rose far above its start at once, and its end is not much better than guessing."""
    guess = ignorant_loss(run, loss)
    if math.isnan(guess):
        return None
    early = loss.scaled[: max(int(limits.early_share * len(loss)), 4)]
    start, sigma = math.log(max(guess, float(loss.values[0]))), loss.noise.sigma
    groups = [g for g in groups_of(early > start + max(limits.blown_up, limits.blown_up_sigmas * sigma)) if g[1] > g[0]]
    end = float(np.median(loss.values[-(len(loss) // 3) :]))
    if not groups or end <= limits.min_level * guess:
        return None
    first, last = groups[0][0], groups[-1][1]
    top = float(early.max())
    return Sign(
        f"{loss.name} rises from {loss.values[0]:.3g} to {exp(top):.3g} at the beginning and ends at {end:.3g}",
        loss, (first, last), 0.8, {"first": float(loss.values[0]), "highest": exp(top), "end": end},
    )  # fmt: skip


def _zigzag(loss: CurveView, limits: Limits) -> Sign | None:
    """Neighbouring points lie above and below the trend in turns."""
    values = loss.scaled[len(loss) // 2 :]
    n = len(values)
    # The points next to each one are its own local level: x - (before + after) / 2 has a correlation of neighbours of
    # -2/3 for white noise already, so a line through the stretch is taken off instead.
    x = np.linspace(-1, 1, n)
    rest = values - np.polynomial.Polynomial.fit(x, values, 2)(x)
    sigma = float(np.median(np.abs(rest))) * 1.4826
    rest = np.clip(rest, -3 * sigma, 3 * sigma)
    power = float(np.dot(rest, rest))
    if n < limits.min_points or power <= 0 or sigma <= limits.zigzag_sigma:
        return None
    correlation = float(np.dot(rest[1:], rest[:-1])) / power
    z = -correlation * math.sqrt(n)  # the standard error for white noise is 1/sqrt(n)
    if correlation > limits.zigzag or z < limits.zigzag_z:
        return None
    return Sign(
        f"{loss.name} goes up and down in turns by {expm1(sigma):.0%} over the last half of the run "
        f"(correlation of neighbours {correlation:.2f})",
        loss, (len(loss) - n, len(loss) - 1), 0.7, {"z": z, "correlation": correlation, "noise": sigma},
    )  # fmt: skip


RULE = Rule(
    id="learning-rate-too-high",
    family="learning-rate",
    severity=Severity.WARNING,
    needs=(Need("loss", "train", points="min_points"),),
    since="0.1.0",
    title="The learning rate lets the training settle",
    failure_title="Learning rate too high",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
    excluded_tasks=("adversarial", "reinforcement"),
    causes=(
        "learning-rate-jump",
        "resume-discontinuity",
    ),
)
