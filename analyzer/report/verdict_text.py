"""Wording of verdicts, and formatting of numbers, steps and names from logs.

The pages and the terminal share these functions, so that their texts agree.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING

from ...rules.base import Severity

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ...parsers.run import Axis, Run
    from ..judging.judgement import Judgement, RuleFinding

NAME_LIMIT = 200  # characters of a name on a page; real logs have names of 10,000
END_SHARE = 0.02  # a range that ends within this share of the run's length is "to the end"
SEEN_LATE_SHARE = 0.01  # of the run: the accuracy of onsets
AXIS_WORDS: dict[Axis, str] = {"step": "step", "epoch": "epoch", "row": "row"}
COMMAND = re.compile(r"##(?=\w*\[)")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # the last four: wide characters
SUFFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def verdict_sentence(judgement: Judgement) -> str:
    """One sentence on the outcome of a judged or unreadable run; the absence of findings is never worded as a pass."""
    if judgement.status in ("error", "warning"):
        return _fault_sentence(judgement)
    if judgement.status == "unreadable":
        notes = judgement.run.notes
        return f"Unreadable: {notes[0].message if notes else 'no curve and no hyperparameter was found'}"
    remarks = f", {plural(len(judgement.findings), 'remark')}" if judgement.findings else ""
    return f"No fault found{remarks}: {denominator(judgement)}"


def first_action(judgement: Judgement) -> str:
    """The first remedy; empty if there is none."""
    for found in judgement.findings:
        if found.finding.remedies:
            return capitalised(found.finding.remedies[0])
    return ""


def denominator(judgement: Judgement) -> str:
    """The number of rules that could judge the run: the coverage of a "no fault found"."""
    selected = "selected rule" if judgement.deselected else "rule"
    return f"{judgement.judged} of {plural(judgement.applicable, selected)} could judge this run"


def place(found: RuleFinding, judgement: Judgement) -> str:
    """The place of a finding: "at step 7", "from step 21,500 on", "in steps 28,000-39,000"; empty if everywhere."""
    axis, run_first, run_last = _axis_of(found.finding.metric, judgement)
    first, last = found.finding.steps
    word = AXIS_WORDS[axis]
    if first == last:
        return f"at {word} {step(first)}"
    margin = END_SHARE * (run_last - run_first)
    if last >= run_last - margin:
        return "" if first <= run_first + margin else f"from {word} {step(first)} on"
    return f"in {word}s {step(first)}–{step(last)}"


def detectable_sentence(found: RuleFinding, judgement: Judgement) -> str:
    """The earliest step of detection, and the extent of the run after it; empty if it was not determined."""
    onset = found.detectable_from
    if onset is None:
        return ""
    word = AXIS_WORDS[_axis_of(found.finding.metric, judgement)[0]]
    if onset.share_after < SEEN_LATE_SHARE:
        return f"Detectable only at the end, at {word} {step(onset.step)}."
    seconds = onset.seconds_after
    clock = f"{duration(seconds)}, " if seconds is not None and seconds >= 1 else ""
    remaining = f"{plural(onset.steps_after, word)} ({clock}{percent(onset.share_after)} of the run)"
    return f"Detectable from {word} {step(onset.step)} on, {remaining} before the end."


def task_sentence(run: Run) -> str:
    """The inferred task with its evidence, so that a reader can correct it."""
    if run.task == "unknown":
        return "The log does not show the task, so rules that depend on it were not run."
    signs = "; ".join(clipped(sign) for sign in run.task_evidence)
    return f"Task: {run.task.replace('-', ' ')} ({signs})." if signs else f"Task: {run.task.replace('-', ' ')}."


def _fault_sentence(judgement: Judgement) -> str:
    faults = [found for found in judgement.findings if found.severity >= Severity.WARNING]
    by_rule = list({found.rule.id: found for found in reversed(faults)}.values())[::-1]
    worst = by_rule[0]
    sentence = f"{worst.rule.failure_title} {place(worst, judgement)}".rstrip()
    if len(by_rule) > 1:
        sentence += f", and {_uncapitalised(by_rule[1].rule.failure_title)}"
    if len(by_rule) > 2:
        sentence += f" (+{len(by_rule) - 2} more)"
    return sentence


def _uncapitalised(title: str) -> str:
    """The text with a lower-case first letter, except for abbreviations such as NaN."""
    return title[:1].lower() + title[1:] if title[1:2].islower() and not title.startswith("NaN") else title


def _axis_of(metric: str, judgement: Judgement) -> tuple[Axis, int, int]:
    """Axis of a curve with the first and last step of all curves on that axis."""
    curves = [curve for curve in judgement.run.all_curves if len(curve)]
    axis: Axis = next((curve.axis for curve in curves if curve.name == metric), "step")
    mates = [curve for curve in curves if curve.axis == axis]
    if not mates:
        return axis, 0, 0
    return axis, min(int(c.step.min()) for c in mates), max(int(c.step.max()) for c in mates)


def questions_text(answers: Iterable[tuple[str, str]]) -> str:
    """The outcome of each question: "learning: clear; stability: train loss needs at least 12 points, has 5"."""
    return "; ".join(f"{question}: {answer}" for question, answer in answers)


def plural(count: int, noun: str) -> str:
    """Count and noun: "1 run", "1,200 runs"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def step(value: int) -> str:
    """A step with thousands separators."""
    return f"{value:,}".replace("-", "−")


def short_step(value: float) -> str:
    """A step for an axis or a tile, with three or four significant digits: "21.5k"."""
    for unit, suffix in SUFFIXES:
        if abs(value) >= unit:
            return f"{value / unit:.3g}{suffix}".replace("-", "−")
    return f"{value:.4g}".replace("-", "−")


def number(value: float, digits: int = 3) -> str:
    """A measured value with some significant digits, without an exponent if it is short."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("∞" if value > 0 else "−∞")
    size = abs(value)
    if size and not 1e-3 <= size < 1e6:
        mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
        return f"{mantissa.rstrip('0').rstrip('.') if '.' in mantissa else mantissa}e{int(exponent)}".replace("-", "−")
    places = max(0, digits - 1 - math.floor(math.log10(size))) if size else 0
    return f"{value:,.{places}f}".replace("-", "−")


def percent(share: float) -> str:
    """A share as a percentage, with one decimal below 10%."""
    if not math.isfinite(share):
        return "–"
    return f"{100 * share:.{0 if abs(share) >= 0.1 else 1}f}%".replace("-", "−")


def duration(seconds: float) -> str:
    """A time span in its two largest units."""
    if not math.isfinite(seconds):
        return "–"
    if seconds < 60:
        return f"{number(seconds, 2)} s"
    minutes, hours = round(seconds / 60), round(seconds / 3600)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60:02} min" if hours < 48 else f"{hours // 24} d {hours % 24} h"


def file_size(size: int) -> str:
    """Bytes in a suitable unit."""
    for unit, prefix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if size >= unit:
            return f"{size / unit:.3g} {prefix}B"
    return f"{size} B"


def capitalised(text: str) -> str:
    """The text with an upper-case first letter."""
    return text[:1].upper() + text[1:]


def words(name: str) -> str:
    """The name of an evidence value as a label: "best_value" becomes "best value"."""
    return name.replace("_", " ")


def clipped(text: str, limit: int = NAME_LIMIT) -> str:
    """A text of at most `limit` characters; the middle is cut out, since names differ at their ends."""
    if len(text) <= limit:
        return text
    return f"{text[: limit // 2]}…{text[len(text) - limit // 2 + 1 :]}"


def harmless(line: str) -> str:
    """A line that no CI runner takes for a command; runners scan standard output and error of a step.

    GitHub's commands begin with "::" after spaces; its older ones contain "##[" anywhere, like "##vso[" (Azure) and "##teamcity[".
    """
    text = unmarked(line, "\\x23")
    return text.replace("::", "\\x3a:", 1) if text.lstrip().startswith("::") else text


def unmarked(text: str, escape: str) -> str:
    """The text with the second # of "##word[" escaped, so that no CI runner finds a command."""
    return COMMAND.sub("#" + escape.replace("\\", "\\\\"), text) if "##" in text else text


def spreadsheet(text: str) -> str:
    """The text of a cell, with a leading apostrophe if a spreadsheet would take it for a formula (OWASP, CSV injection)."""
    return f"'{text}" if text.startswith(FORMULA) else text


def visible(text: str) -> str:
    r"""The text with invisible characters escaped: controls, bidirectional marks, lone surrogates.

    A name like "loss\u202etxt" would otherwise reverse the rest of a line on a page or a terminal.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\u00a0" else c.encode("unicode_escape").decode("ascii") for c in text)
