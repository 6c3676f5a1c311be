"""The gate: are new runs worse than a reference? Values, speed, throughput and memory, each with its noise.

The best value decides; it is tested at the level of a verdict. What is asked besides must not add to the false alarms: it fails
only beyond doubt and by an amount that matters.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from ...rules.statistics.seed_noise import pooled_noise, t_p_value
from ..report.verdict_text import clipped, number, percent, plural
from .comparison_document import known
from .run_groups import MIN_FREEDOM, are_identical, key_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...rules.view.study import RunDigest
    from ..report.compare_schema import ComparisonDocument, GateCheck
    from .run_groups import Difference, RunGroup, SharedMetric

Gate: TypeAlias = Literal["pass", "fail", "cannot-tell"]

FURTHER_LEVEL = 0.0005  # one-sided, of each quantity but the best value: together they add a tenth to its false alarms
MIN_SLOWER = 0.1  # throughput and memory vary between machines and days
MIN_LATER = 0.25  # steps until a level is reached vary between seeds
LEVEL_SHARE = 0.9  # of what the reference gained: the level whose step is compared


def add_gate(
    document: ComparisonDocument, found: Difference, reference: RunGroup, new: RunGroup, *, exact: bool
) -> None:
    """Add `gate` and `checks` to a comparison of new runs (B) with a reference (A)."""
    checks = _equality(reference, new) if exact else _checks(found, reference, new)
    verdicts = [check["verdict"] for check in checks]
    document["gate"] = "fail" if "fail" in verdicts else _passed(found, verdicts, exact=exact)
    document["checks"] = checks
    failed = [check["sentence"] for check in checks if check["verdict"] == "fail" and check["quantity"] != "best"]
    document["sentence"] = " ".join((f"Gate: {document['gate'].replace('-', ' ')}.", document["sentence"], *failed))


def _passed(found: Difference, verdicts: Sequence[Gate], *, exact: bool) -> Gate:
    """The gate where nothing fails: further quantities that cannot be judged do not hold it up."""
    if exact:
        return "pass"
    return "cannot-tell" if found.verdict == "cannot-tell" or verdicts[0] == "cannot-tell" else "pass"


def _equality(reference: RunGroup, new: RunGroup) -> list[GateCheck]:
    """Each new run must be equal to a run of the reference."""
    different = [run for run in new.runs if not _has_equal(run, reference)]
    text = f"{plural(len(new.runs), 'new run')}: all curves are equal to those of a reference run."
    if not new.runs or not reference.runs:
        return [_check("equality", math.nan, math.nan, "cannot-tell", "There is nothing to compare.")]
    if different:
        first = different[0]
        at = _first_unequal(first, reference)
        where = f" from {at[1]} {at[0]:,} at the latest on" if at else ""
        text = f"{len(different):,} of {plural(len(new.runs), 'new run')} differ from every reference run, {clipped(first.name, 60)}{where}."
    return [_check("equality", math.nan, math.nan, "fail" if different else "pass", text)]


def _has_equal(run: RunDigest, reference: RunGroup) -> bool:
    from dataclasses import replace

    one = replace(reference, runs=(run,))
    return any(are_identical(replace(reference, runs=(other,)), one) for other in reference.runs)


def _first_unequal(run: RunDigest, reference: RunGroup) -> tuple[int, str] | None:
    """The first of the kept steps at which a run differs from the first reference run."""
    theirs = {(curve.name, curve.split): curve for curve in reference.runs[0].curves}
    found: list[tuple[int, str]] = []
    for curve in run.curves:
        other = theirs.get((curve.name, curve.split))
        if other is None:
            continue
        length = min(len(curve.steps), len(other.steps))
        same = (curve.steps[:length] == other.steps[:length]) & (
            (curve.values[:length] == other.values[:length]) | np.isnan(curve.values[:length])
        )
        if not same.all():
            found.append((int(curve.steps[int(np.argmin(same))]), curve.axis))
    return min(found, default=None)


def _checks(found: Difference, reference: RunGroup, new: RunGroup) -> list[GateCheck]:
    checks = [_best(found)]
    if new.failures and not reference.failures and found.verdict not in ("better", "worse"):
        text = f"{new.failures:,} of {plural(len(new.runs), 'new run')} failed, none of the reference did."
        checks.insert(0, _check("failures", 0.0, float(new.failures), "cannot-tell", text))
    metric = found.metric
    if metric is not None and found.verdict != "identical":
        checks.append(_final(reference, new, metric))
        checks += _speed(reference, new, metric)
    checks += _rate("throughput", [run.throughput for run in reference.runs], [run.throughput for run in new.runs], -1)
    checks += _rate("memory", [run.memory for run in reference.runs], [run.memory for run in new.runs], 1)
    return checks


def _check(
    quantity: Literal["equality", "failures", "best", "final", "speed", "throughput", "memory"],
    one: float,
    other: float,
    verdict: Gate,
    sentence: str,
) -> GateCheck:
    return {
        "quantity": quantity,
        "reference": known(one),
        "new": known(other),
        "verdict": verdict,
        "sentence": sentence,
    }


def _best(found: Difference) -> GateCheck:
    verdict: Gate = "fail" if found.verdict == "worse" else "cannot-tell" if found.verdict == "cannot-tell" else "pass"
    means = [float(np.mean(values)) if values else math.nan for values in found.values]
    name = clipped(found.metric.name, 60) if found.metric else "The metric"
    return _check("best", means[0], means[1], verdict, f"Best {name}: {number(means[1])} against {number(means[0])}.")


def _final(reference: RunGroup, new: RunGroup, metric: SharedMetric) -> GateCheck:
    sign = 1.0 if metric.is_lower_better else -1.0
    ends = [
        [each.last for run in group.runs if not run.failure and (each := metric.of(run)) and math.isfinite(each.last)]
        for group in (reference, new)
    ]
    means, verdict = _judged(ends[0], ends[1], sign)
    text = f"Last {clipped(metric.name, 60)}: {number(means[1])} against {number(means[0])}."
    return _check("final", means[0], means[1], verdict, text)


def _speed(reference: RunGroup, new: RunGroup, metric: SharedMetric) -> list[GateCheck]:
    """Steps until a level that the reference reaches late in its training; nothing if a run never reaches it."""
    outcomes = [each for run in reference.runs if not run.failure and (each := metric.of(run)) is not None]
    gains = [(each.first, each.value) for each in outcomes if math.isfinite(each.first) and math.isfinite(each.value)]
    if not gains:
        return []
    first, value = (float(np.mean(column)) for column in zip(*gains, strict=True))
    level = first + LEVEL_SHARE * (value - first)
    steps = [[_reached(run, metric, level) for run in group.runs if not run.failure] for group in (reference, new)]
    if not all(steps) or not all(math.isfinite(each) and each > 0 for side in steps for each in side):
        return []
    logs = [[math.log(each) for each in side] for side in steps]
    means, verdict = _judged(logs[0], logs[1], 1.0)
    times = [math.exp(mean) for mean in means]
    if verdict == "fail" and times[1] < times[0] * (1 + MIN_LATER):
        verdict = "pass"
    text = f"{clipped(metric.name, 60)} {number(level)} reached at {outcomes[0].axis} {times[1]:,.0f} against {times[0]:,.0f}."
    return [_check("speed", times[0], times[1], verdict, text)]


def _reached(run: RunDigest, metric: SharedMetric, level: float) -> float:
    """The first step at which the curve of a run is as good as a level; NaN if it never is."""
    curve = next((each for each in run.curves if key_of(each.name, each.split) == metric.key), None)
    if curve is None:
        return math.nan
    with np.errstate(invalid="ignore"):
        hits = curve.values <= level if metric.is_lower_better else curve.values >= level
    return float(curve.steps[int(np.argmax(hits))]) if hits.any() else math.nan


def _rate(
    quantity: Literal["throughput", "memory"], reference: Sequence[float], new: Sequence[float], sign: float
) -> list[GateCheck]:
    """Throughput or memory, if all runs have it."""
    if not reference or not new or not all(math.isfinite(each) and each > 0 for each in (*reference, *new)):
        return []
    means, verdict = _judged(reference, new, sign)
    share = means[1] / means[0] - 1
    if verdict == "fail" and sign * share < MIN_SLOWER:
        verdict = "pass"
    changed = f"{percent(abs(share))} {'more' if share > 0 else 'less'}"
    text = f"{quantity.capitalize()}: {number(means[1])} against {number(means[0])}, {changed}."
    return [_check(quantity, means[0], means[1], verdict, text)]


def _judged(reference: Sequence[float], new: Sequence[float], sign: float) -> tuple[tuple[float, float], Gate]:
    """Means of both, and whether the new ones are worse beyond doubt; `sign` is 1 where larger is worse."""
    if not reference or not new:
        return (math.nan, math.nan), "cannot-tell"
    means = float(np.mean(reference)), float(np.mean(new))
    noise = pooled_noise((reference, new))
    if noise.freedom < MIN_FREEDOM:
        return means, "cannot-tell"
    error = max(noise.deviation, 1e-12 * abs(means[0]), 1e-300) * math.sqrt(1 / len(reference) + 1 / len(new))
    drop = sign * (means[1] - means[0])
    is_worse = drop > 0 and t_p_value(drop / error, noise.freedom) / 2 <= FURTHER_LEVEL
    return means, "fail" if is_worse else "pass"
