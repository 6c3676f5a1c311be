"""A comparison of two groups of runs as sentences."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ..report.verdict_text import clipped, number, plural, step
from ..studies.hyperparameter_columns import level_text
from ..studies.run_settings import NONE

if TYPE_CHECKING:
    from ...parsers.settings.kinds import Value
    from .parting import Parting
    from .run_groups import Difference, RunGroup
    from .setting_differences import SettingDifferences

MAX_NAMES = 4
LABEL = 60  # characters of a path or a metric in a sentence
FAILURES = {
    "diverged": "diverged", "stuck": "never learned", "collapsed": "collapsed", "crashed": "crashed",
}  # fmt: skip


def verdict_sentence(found: Difference, first: RunGroup, second: RunGroup) -> str:
    """The verdict of the second group against the first, with what it rests on."""
    one, other = clipped(first.label, LABEL), clipped(second.label, LABEL)
    if found.verdict == "identical":
        return f"{other} and {one} are identical: all losses and scores are equal."
    if found.verdict in ("better", "worse"):
        failed = _failed_sentence(found, first, second, one, other)
        return failed or f"{other} is {found.verdict} than {one}: {_numbers(found)} ({_basis(found)})."
    if found.verdict == "no-evidence":
        return f"No evidence that {other} is better or worse than {one}: {_numbers(found)} ({_basis(found)}). {_missing(found)}"
    return f"Cannot tell whether {other} is better or worse than {one}: {_why(found, first, second)}."


def _failed_sentence(found: Difference, first: RunGroup, second: RunGroup, one: str, other: str) -> str:
    """What the failures say, if the verdict rests on them; else empty."""
    if math.isfinite(found.low) or (found.values[0] and found.values[1] and not (first.failures or second.failures)):
        return ""
    if not first.failures and not second.failures:
        return ""
    return f"{other} is {found.verdict} than {one}: {_failed(second)} of {other} and {_failed(first)} of {one} failed{_kinds(first, second)}."


def _failed(group: RunGroup) -> str:
    if len(group.runs) == 1:
        return "the run" if group.failures else "not the run"
    return f"{group.failures or 'none'} of the {len(group.runs):,} runs"


def _kinds(first: RunGroup, second: RunGroup) -> str:
    kinds = sorted({FAILURES[run.failure] for run in (*first.runs, *second.runs) if run.failure})
    return f" ({', '.join(kinds)})"


def _numbers(found: Difference) -> str:
    assert found.metric is not None
    one, other = (float(np.mean(values)) for values in found.values)
    digits = _digits(max(abs(one), abs(other)), abs(found.difference))
    name = clipped(found.metric.name, LABEL)
    text = f"{name} {number(other, digits)} against {number(one, digits)}"
    if not found.difference:
        return f"{text}, no difference"
    is_worse = (found.difference > 0) == found.metric.is_lower_better
    return f"{text}, {'worse' if is_worse else 'better'} by {number(abs(found.difference))}"


def _digits(size: float, difference: float) -> int:
    """Significant digits with which a difference is visible."""
    if not (size > 0 and difference > 0):
        return 3
    return min(10, max(3, 2 + math.ceil(math.log10(size / difference))))


def _basis(found: Difference) -> str:
    runs = f"{plural(len(found.values[1]), 'run')} against {len(found.values[0]):,}"
    if not math.isfinite(found.low):
        return f"{runs}; more than 6 times the noise of the evaluations and 20% of all that the metric gained"
    interval = f"95% interval of the difference {number(found.low)} to {number(found.high)}"
    return f"{interval}; {runs}; t test with the variance between runs, p {number(found.p_value, 2)}"


def _missing(found: Difference) -> str:
    """What these runs would have shown, and the runs that the observed difference would need."""
    parts = []
    if math.isfinite(found.shown):
        parts.append(f"A difference of {number(found.shown, 2)} would have been found with a power of 80%.")
    if found.wanted is not None:
        more = more_runs(found)
        assert more is not None
        parts.append(f"{plural(more, 'more run')} a side would decide on {number(abs(found.difference), 2)}.")
    return " ".join(parts)


def more_runs(found: Difference) -> int | None:
    """Further runs a side that would decide on the difference observed."""
    if found.wanted is None:
        return None
    return max(1, math.ceil(found.wanted - (len(found.values[0]) + len(found.values[1])) / 2))


def _why(found: Difference, first: RunGroup, second: RunGroup) -> str:
    if found.reason == "no-runs":
        return "one of them has no run"
    if found.reason == "no-metric":
        return "they share no loss, score or reward whose direction is known"
    if found.reason == "failed":
        return "no run of one of them came to an end with a result"
    counts = f"{plural(len(second.runs), 'run')} against {len(first.runs):,}"
    if found.reason == "unknown-noise":
        return f"{_numbers(found)}, but {counts} with so few evaluations does not show how much the result varies by chance"
    return (
        f"{_numbers(found)}, but {counts} does not show how much the result varies between seeds; two or more runs a side with other "
        "seeds would"
    )


def reason_sentence(found: Difference, settings: SettingDifferences) -> str:
    """The likely reason of the verdict, or why it cannot be told."""
    if found.verdict in ("better", "worse"):
        return _likely(settings) or _no_reason(settings)
    if not settings.values or settings.is_one_unknown:
        return "No setting differs." if found.verdict == "identical" and not settings.values else ""
    if found.verdict == "identical":
        verb = "differs" if len(settings.values) == 1 else "differ"
        return f"Yet {_listed(settings)} {verb}: the training does not seem to use it."
    return f"Different settings: {_listed(settings)}."


def _likely(settings: SettingDifferences) -> str:
    """The likely reason; empty if it cannot be told."""
    likely = settings.likely
    if likely and likely[0] in settings.values:
        parts = settings.groups[0][1:]
        also = f", with {_joined(parts)} that belong{'s' if len(parts) == 1 else ''} to it" if parts else ""
        what = "the data" if likely[0] in settings.data else "the only setting that differs"
        return f"Likely reason: {change(likely[0], *settings.values[likely[0]])}, {what}{also}."
    return "Likely reason: the learning rate, whose curve differs while no logged setting does." if likely else ""


def _no_reason(settings: SettingDifferences) -> str:
    if settings.is_one_unknown:
        return "Cannot tell the reason: one of them has no settings in its log or beside it."
    if settings.unclear and len(settings.groups) == 1:
        return f"Cannot tell the reason: {_listed(settings)} varies within the groups."
    if settings.values:
        return f"Cannot tell which setting is the reason: {_listed(settings)} change together."
    return "No setting that was logged differs."


def change(name: str, one: Value, other: Value) -> str:
    """A setting with its values in both groups."""
    shown = [clipped("not set" if value == NONE else level_text(value), 40) for value in (one, other)]
    return f"{clipped(name, LABEL)} {shown[0]} → {shown[1]}"


def _listed(settings: SettingDifferences) -> str:
    names = list(settings.values)
    if len(names) == 1:
        return change(names[0], *settings.values[names[0]])
    return _joined(names)


def _joined(names: list[str]) -> str:
    shown = [clipped(name, LABEL) for name in names[:MAX_NAMES]]
    if len(names) > MAX_NAMES:
        return f"{', '.join(shown)} and {len(names) - MAX_NAMES} more"
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def parting_sentence(parting: Parting | None) -> str:
    """Where the curves part; empty if they do not."""
    if parting is None:
        return ""
    if parting.is_start:
        return f"The curves of {clipped(parting.metric, LABEL)} differ from the start."
    return f"The curves of {clipped(parting.metric, LABEL)} part at {parting.axis} {step(parting.step)}."
