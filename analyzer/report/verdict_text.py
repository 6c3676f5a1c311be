"""The words of a verdict, and how numbers, steps and names from a log are written for a person.

The pages and the terminal speak with these functions, so that both say the same thing in the same way.
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

NAME_LIMIT = 200  # characters of a name that a page shows; logs have been seen with 10,000
END_SHARE = 0.02  # a range that ends within this share of the run's length is "to the end"
SEEN_LATE_SHARE = 0.01  # of the run: onsets are known no better than this
AXIS_WORDS: dict[Axis, str] = {"step": "step", "epoch": "epoch", "row": "row"}
COMMAND = re.compile(r"##(?=\w*\[)")
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # the last four are those of wide fonts
SUFFIXES = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def verdict_sentence(judgement: Judgement) -> str:
    """One sentence that says how the training went; silence is never worded as a pass."""
    if judgement.status in ("error", "warning"):
        return _fault_sentence(judgement)
    if judgement.status == "not-checked":
        return f"Not checked: {_missing(judgement)}"
    if judgement.status == "unreadable":
        notes = judgement.run.notes
        return f"Unreadable: {notes[0].message if notes else 'no curve and no hyperparameter was found'}"
    remarks = f", {plural(len(judgement.findings), 'remark')}" if judgement.findings else ""
    return f"No fault found{remarks}: {denominator(judgement)}"


def first_action(judgement: Judgement) -> str:
    """What to do first; empty where nothing is to be done."""
    for found in judgement.findings:
        if found.finding.remedies:
            return capitalised(found.finding.remedies[0])
    return ""


def denominator(judgement: Judgement) -> str:
    """How many of the rules could judge the run, the measure of how much a "no fault found" is worth."""
    selected = "selected rule" if judgement.deselected else "rule"
    return f"{judgement.judged} of {plural(judgement.applicable, selected)} could judge this run"


def place(found: RuleFinding, judgement: Judgement) -> str:
    """Where a finding lies: "at step 7", "from step 21,500 on", "in steps 28,000-39,000"; empty if everywhere."""
    axis, run_first, run_last = _axis_of(found.finding.metric, judgement)
    first, last = found.finding.steps
    word = AXIS_WORDS[axis]
    if first == last:
        return f"at {word} {step(first)}"
    margin = END_SHARE * (run_last - run_first)
    if last >= run_last - margin:
        return "" if first <= run_first + margin else f"from {word} {step(first)} on"
    return f"in {word}s {step(first)}–{step(last)}"


def could_be_seen(found: RuleFinding, judgement: Judgement) -> str:
    """How early the finding could have been made, and what was spent after that; empty where nobody asked."""
    onset = found.detectable_from
    if onset is None:
        return ""
    word = AXIS_WORDS[_axis_of(found.finding.metric, judgement)[0]]
    if onset.share_after < SEEN_LATE_SHARE:
        return f"Could be seen only at the end, at {word} {step(onset.step)}."
    seconds = onset.seconds_after
    clock = f"{duration(seconds)}, " if seconds is not None and seconds >= 1 else ""
    spent = f"{plural(onset.steps_after, word)} ({clock}{percent(onset.share_after)} of the run)"
    return f"Could have been found at {word} {step(onset.step)}, {spent} earlier."


def task_sentence(run: Run) -> str:
    """What the run was taken for and by which signs, so that a reader can contradict."""
    if run.task == "unknown":
        return "Task not known from the log: rules that depend on it were left out."
    signs = "; ".join(clipped(sign) for sign in run.task_evidence)
    return f"Taken for {run.task.replace('-', ' ')}: {signs}." if signs else f"Taken for {run.task.replace('-', ' ')}."


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
    """As the second half of a sentence; abbreviations such as NaN stay."""
    return title[:1].lower() + title[1:] if title[1:2].islower() and not title.startswith("NaN") else title


def _axis_of(metric: str, judgement: Judgement) -> tuple[Axis, int, int]:
    """Axis of a curve with the first and last step of everything that was logged on that axis."""
    curves = [curve for curve in judgement.run.all_curves if len(curve)]
    axis: Axis = next((curve.axis for curve in curves if curve.name == metric), "step")
    mates = [curve for curve in curves if curve.axis == axis]
    if not mates:
        return axis, 0, 0
    return axis, min(int(c.step.min()) for c in mates), max(int(c.step.max()) for c in mates)


def _missing(judgement: Judgement) -> str:
    """Why no rule about the training could decide, or which one broke."""
    failed = [rule for rule, verdict in judgement.verdicts.items() if verdict.outcome == "failed"]
    if failed:
        return f"{plural(len(failed), 'rule')} failed, so that what they ask is open: {', '.join(failed)}"
    curves = judgement.run.all_curves
    if not curves:
        return "the log holds settings but no curve"
    if all(curve.role == "unknown" for curve in curves):
        return f"none of {plural(len(curves), 'metric')} has a name whose meaning is known"
    if not judgement.answers:
        return "no selected rule judges the training" if judgement.deselected else "no rule applies to what is logged"
    return questions_text([(each.question, each.reason or each.outcome) for each in judgement.answers])


def questions_text(answers: Iterable[tuple[str, str]]) -> str:
    """What became of each question: "learning: clear; stability: train loss needs at least 12 points, has 5"."""
    return "; ".join(f"{question}: {answer}" for question, answer in answers)


def plural(count: int, noun: str) -> str:
    """Count and noun: "1 run", "1,200 runs"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def step(value: int) -> str:
    """A step with thousands separators."""
    return f"{value:,}".replace("-", "−")


def short_step(value: float) -> str:
    """A step for an axis or a tile, in at most three or four digits: "21.5k"."""
    for unit, suffix in SUFFIXES:
        if abs(value) >= unit:
            return f"{value / unit:.3g}{suffix}".replace("-", "−")
    return f"{value:.4g}".replace("-", "−")


def number(value: float, digits: int = 3) -> str:
    """A measured value to some significant digits, without an exponent where it stays short."""
    if not math.isfinite(value):
        return "NaN" if math.isnan(value) else ("∞" if value > 0 else "−∞")
    size = abs(value)
    if size and not 1e-3 <= size < 1e6:
        mantissa, _, exponent = f"{value:.{digits - 1}e}".partition("e")
        return f"{mantissa.rstrip('0').rstrip('.') if '.' in mantissa else mantissa}e{int(exponent)}".replace("-", "−")
    places = max(0, digits - 1 - math.floor(math.log10(size))) if size else 0
    return f"{value:,.{places}f}".replace("-", "−")


def percent(share: float) -> str:
    """A share as a percentage without false precision."""
    if not math.isfinite(share):
        return "–"
    return f"{100 * share:.{0 if abs(share) >= 0.1 else 1}f} %".replace("-", "−")


def duration(seconds: float) -> str:
    """A span of time in its two largest units."""
    if not math.isfinite(seconds):
        return "–"
    if seconds < 60:
        return f"{number(seconds, 2)} s"
    minutes, hours = round(seconds / 60), round(seconds / 3600)
    if minutes < 60:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60:02} min" if hours < 48 else f"{hours // 24} d {hours % 24} h"


def file_size(size: int) -> str:
    """Bytes in the unit that fits."""
    for unit, prefix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if size >= unit:
            return f"{size / unit:.3g} {prefix}B"
    return f"{size} B"


def capitalised(text: str) -> str:
    """The text as a sentence begins."""
    return text[:1].upper() + text[1:]


def words(name: str) -> str:
    """The name of a number of evidence as a label: "best_value" becomes "best value"."""
    return name.replace("_", " ")


def clipped(text: str, limit: int = NAME_LIMIT) -> str:
    """A text of at most `limit` characters; what is cut is cut from the middle, since names differ at their ends."""
    if len(text) <= limit:
        return text
    return f"{text[: limit // 2]}…{text[len(text) - limit // 2 + 1 :]}"


def harmless(line: str) -> str:
    """A line that no runner takes for a command; standard output and error of a step are read for them.

    GitHub's begin with "::" after spaces, its older ones hold "##[" anywhere, as "##vso[" of Azure and "##teamcity[" do.
    """
    text = unmarked(line, "\\x23")
    return text.replace("::", "\\x3a:", 1) if text.lstrip().startswith("::") else text


def unmarked(text: str, escape: str) -> str:
    """The text with the second # of "##word[" written as an escape: no runner finds a command in it."""
    return COMMAND.sub("#" + escape.replace("\\", "\\\\"), text) if "##" in text else text


def spreadsheet(text: str) -> str:
    """A text of a cell with an apostrophe before what a spreadsheet takes for a formula (OWASP, CSV injection)."""
    return f"'{text}" if text.startswith(FORMULA) else text


def visible(text: str) -> str:
    r"""The text with everything that cannot be seen written as an escape: controls, bidi marks, lone surrogates.

    A name like "loss\u202etxt" would otherwise turn the rest of a line around, on a page as on a terminal.
    """
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c == "\u00a0" else c.encode("unicode_escape").decode("ascii") for c in text)
