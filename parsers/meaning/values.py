"""What values say of a curve: a veto against its name, and evidence where its name is silent. Never against a clear name."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np

from ..run import Meaning
from .silent import NO_EVIDENCE, name_alone, share_of_samples
from .vocabulary import DEVICES, DURATIONS, MEMORY, OF_A_STEP, OTHER_SCORES, SPLITS
from .words import FILLERS, terms_of, words_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from typing import TypeAlias

    from ..run import Curve, Direction, Floats, Role, Split

    _Name: TypeAlias = tuple[Role, Split, frozenset[str]]

MIN_POINTS = 8  # of a curve whose course is evidence: with fewer, one in hundreds of random curves is monotone
MIN_TREND = 0.6  # rank correlation with time; of 8 random values 6% reach it, of 20 one in 400
MAX_POINTS = 500  # that are ranked, evenly chosen
PERCENT = 100.0  # the largest share
MAX_WORDS = 12  # of a name that is compared with others: every two of them are left out once
_OBJECTIVES = frozenset(("error", "mse", "rmse", "objective"))
_OF_MACHINES = MEMORY | DEVICES | frozenset("progress done complete completed time util usage sampling epoch".split())
# Share of the points at which a time is less than before; the time since the start falls at most once an epoch.
MIN_FALLS = 0.2
# The least and the greatest value that a role may have.
_BOUNDS: Mapping[Role, tuple[float, float]] = {
    **dict.fromkeys(
        (
            "gradient-norm",
            "weight-norm",
            "data-time",
            "memory",
            "utilization",
            "perplexity",
            "throughput",
            "completion-length",
        ),
        (0.0, np.inf),
    ),
    **dict.fromkeys(("zero-fraction", "saturation"), (0.0, PERCENT)),
    "learning-rate": (0.0, 1000.0),
}
MIN_PLATEAU = 0.2  # share of the points of a running best that repeat the one before


def veto(curve: Curve, meaning: Meaning) -> Meaning:
    """Take a role back where the values contradict it."""
    if meaning.role not in _BOUNDS and meaning.role not in ("entropy", "step-time"):
        return meaning
    values = curve.value[np.isfinite(curve.value)]
    if len(values) == 0:
        return meaning
    low, high = float(values.min()), float(values.max())
    if meaning.role == "entropy":
        if high <= 0 and "loss" in words_of(curve.tag):
            reason = "an entropy as a loss term: its sign is reversed"
            return replace(meaning, role="negative-entropy", reason=reason)
        return meaning
    least, most = _BOUNDS.get(meaning.role, (-np.inf, np.inf))
    if least <= low and high <= most and not (meaning.role == "step-time" and _counts_up(values)):
        return meaning
    return Meaning(
        "unknown",
        meaning.split,
        meaning.layer,
        reason=f"named like a {meaning.role}, but its values are {low:g} to {high:g}",
    )


def _counts_up(values: Floats) -> bool:
    """Whether values are whole and only rise: `time/batch` may number the batches."""
    return len(values) >= MIN_POINTS and bool((values == np.rint(values)).all() and (values[1:] > values[:-1]).all())


@np.errstate(over="ignore", invalid="ignore")  # values near the limits of float64
def by_values(curves: Sequence[Curve]) -> list[Curve]:
    """Add what values tell of names that are silent, and marks running bests as such."""
    named: dict[_Name, list[Curve]] = {}
    for curve in curves:
        if curve.role in ("score", "loss"):
            named.setdefault((curve.role, curve.split, frozenset(terms_of(curve.tag))), []).append(curve)
    return name_alone(_with_objective([c if c.statistic or c.layer else _by_values(c, named) for c in curves]))


def _with_objective(curves: list[Curve]) -> list[Curve]:
    """Read the one error of a training that logs no loss, and falls, as what is minimised."""
    if any(curve.role in ("loss", "perplexity", "reward") for curve in curves):
        return curves
    errors = [curve for curve in curves if curve.role == "score" and curve.direction == "lower"]
    if len(errors) != 1 or errors[0].split not in ("none", "train") or not _is_objective(errors[0]):
        return curves
    reason = "values: the only error of a training that logs no loss, and it falls"
    meaning = replace(errors[0].meaning, role="loss", reason=reason)
    return [curve.with_meaning(meaning) if curve is errors[0] else curve for curve in curves]


def _is_objective(curve: Curve) -> bool:
    values = curve.value[np.isfinite(curve.value)]
    words = {word for word in terms_of(curve.tag) if word not in FILLERS and word not in SPLITS}
    return words <= _OBJECTIVES and len(values) >= MIN_POINTS and trend(values) < -MIN_TREND


def contradictions(curves: Sequence[Curve]) -> Iterator[str]:
    """Sentences on running bests that no logged value explains."""
    scores = {(c.split, *terms_of(c.tag)): c for c in curves if c.role == "score" and c.direction != "unknown"}
    for best in curves:
        words = terms_of(best.tag) if best.role == "statistic" and not best.statistic and len(best) else []
        of = scores.get((best.split, *(word for word in words if word != "best"))) if "best" in words else None
        if of is None or not np.isfinite(of.value).any():
            continue
        sign = 1.0 if of.direction == "higher" else -1.0
        reached, claimed = float(np.nanmax(sign * of.value)), float(sign * best.value[0])
        if claimed > reached:
            yield (
                f"{best.tag} is {sign * claimed:g} from its first point on, but {of.tag} never gets past {sign * reached:g}: "
                "the best value comes from an evaluation before training, such as a sanity check"
            )


def _by_values(curve: Curve, named: Mapping[_Name, Sequence[Curve]]) -> Curve:
    values = curve.value[np.isfinite(curve.value)]
    if curve.role == "score" and len(values) and _is_vague(curve.tag) and _has_no_scale(values):
        if len(values) >= MIN_POINTS and values.min() >= 0 and trend(values) < -MIN_TREND:
            reason = "values: a score of no known scale that falls is what the training minimises"
            return curve.with_meaning(replace(curve.meaning, role="loss", direction="lower", reason=reason))
        reason = f"named like a score, but of no known scale: its values go to {values[np.abs(values).argmax()]:g}"
        return curve.with_meaning(replace(curve.meaning, role="unknown", direction="unknown", reason=reason))
    if len(values) < MIN_POINTS:
        return curve
    if curve.role in ("score", "loss"):
        said = _of_named(curve, values, named)
    elif curve.role in ("counter", "unknown") and _is_duration(curve, values):
        said = "step-time", "lower", "values: a time that rises and falls is how long something takes"
    else:
        said = _of_silent(curve, values) if curve.meaning.reason == NO_EVIDENCE else None
    return (
        curve.with_meaning(replace(curve.meaning, role=said[0], direction=said[1], reason=said[2])) if said else curve
    )


def _of_named(
    curve: Curve, values: Floats, named: Mapping[_Name, Sequence[Curve]]
) -> tuple[Role, Direction, str] | None:
    """What values add to the name of a score or a loss."""
    if curve.role == "score" and "elbo" in terms_of(curve.tag) and values.min() > 0 and trend(values) < -MIN_TREND:
        return "loss", "lower", "values: a bound that is positive and falls is logged with its sign reversed"
    if curve.direction != "unknown" and _is_running_best(curve, values, named):
        return "statistic", "unknown", f"values: the best {curve.role} so far, which cannot get worse"
    return None


def _is_duration(curve: Curve, values: Floats) -> bool:
    """Whether nothing but a time is named, and it rises and falls: a clock only rises, the time that is left only falls."""
    words = {word for word in terms_of(curve.tag) if word not in SPLITS} - FILLERS
    if len(curve.tag) == 1 and curve.tag.isupper():  # "S" beside "B" and "C" is no second
        return False
    if not words & DURATIONS or not words <= DURATIONS | OF_A_STEP or curve.split in ("validation", "test"):
        return False
    change = np.diff(values)
    return bool(values.min() >= 0 and (change > 0).any() and (change < 0).mean() >= MIN_FALLS)


def _of_silent(curve: Curve, values: Floats) -> tuple[Role, Direction, str] | None:
    """What values say where the name says nothing."""
    if (np.diff(values) > 0).all() and (values == np.rint(values)).all():
        return "counter", "unknown", "values: integers that only rise"
    is_share = values.min() >= 0 and values.max() <= 1 and len(np.unique(values)) > MIN_POINTS // 2
    is_output = OTHER_SCORES & set(terms_of(curve.tag))  # of a model, which need not be good
    if curve.split in ("validation", "test") and is_share and not is_output and trend(values) > MIN_TREND:
        return "score", "higher", "values: a share measured on held-out data that rises"
    words = set(terms_of(curve.tag)) - FILLERS - SPLITS.keys()
    if words == {"energy"} and curve.split in ("none", "train") and trend(values) < -MIN_TREND:
        return "loss", "lower", "values: an energy that falls is minimised"
    is_percent = curve.tag.endswith("%") and values.min() >= 0 and values.max() <= PERCENT
    if is_percent and trend(values) > MIN_TREND and not _OF_MACHINES & set(words_of(curve.tag)):
        return "score", "higher", "values: a percentage that rises"
    return share_of_samples(curve, values)


def _has_no_scale(values: Floats) -> bool:
    """Whether values are beyond all shares, or count upwards as a clock does."""
    largest = np.abs(values).max()
    return bool(largest > PERCENT or (largest > 1 and (np.diff(values) > 0).all()))


def _is_vague(tag: str) -> bool:
    """Whether nothing but the word `score` says what a curve is."""
    return {word for word in terms_of(tag) if word not in FILLERS and word not in SPLITS} <= {"score", "scores"}


def _is_running_best(curve: Curve, values: Floats, named: Mapping[_Name, Sequence[Curve]]) -> bool:
    """Whether a curve is the best so far of another whose name has one or two words less."""
    sign = 1.0 if curve.direction == "higher" else -1.0
    steps = np.diff(sign * values)
    if (steps < 0).any() or np.count_nonzero(steps == 0) < MIN_PLATEAU * len(steps) or not steps.any():
        return False
    words = frozenset(terms_of(curve.tag))
    if len(words) > MAX_WORDS:
        return False
    for left_out in (*combinations(words, 1), *combinations(words, 2)):
        for other in named.get((curve.role, curve.split, words - set(left_out)), ()):
            best = np.maximum.accumulate(sign * other.value)
            if len(other) == len(curve) and np.array_equal(best, sign * curve.value):
                return True
    return False


def trend(values: Floats) -> float:
    """Rank correlation with the order of writing, -1 to 1; 0 if all values are the same."""
    if len(values) > MAX_POINTS:
        values = values[np.linspace(0, len(values) - 1, MAX_POINTS).astype(np.int64)]
    order = np.unique(values, return_inverse=True)[1].astype(np.float64)
    if not order.any():
        return 0.0
    order -= order.mean()
    time = np.arange(len(order)) - (len(order) - 1) / 2
    return float(order @ time / np.sqrt((order @ order) * (time @ time)))
