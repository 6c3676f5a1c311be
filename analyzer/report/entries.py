"""How entries of the report are told in a line: the terminal, the outputs and Python say the same in the same words."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from .verdict_text import clipped, duration, harmless, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ...rules.base import Severity
    from .schema import BatchEntry, ComparisonEntry, FindingEntry, Report, RunEntry, SeverityName

MUCH_SHARE = 0.25  # of the run after the finding could have been made: a quarter of a budget is worth a word
MUCH_SECONDS = 3600.0  # and so is an hour, however long the run was
SEVERITIES: tuple[SeverityName, ...] = ("info", "warning", "error")


def severity_name(severity: Severity) -> SeverityName:
    """A severity as the report calls it."""
    return SEVERITIES[severity - 1]


def shown(text: str, limit: int = 200) -> str:
    """A name or a sentence from a log, with nothing invisible in it and no longer than `limit` characters."""
    return harmless(clipped(visible(clipped(text, 4 * limit)), limit))


def place_of(path: str) -> str:
    """A path as seen from the current folder, "/" between parts; absolute if it lies elsewhere."""
    here = Path.cwd()
    absolute = Path(os.path.abspath(path))  # noqa: PTH100  (links stay as they are called)
    return (absolute.relative_to(here) if absolute.is_relative_to(here) else absolute).as_posix()


def axis_of(finding: FindingEntry, run: RunEntry) -> str:
    """What the steps of a finding count: "step", "epoch" or "row"."""
    return next((m["axis"] for m in run["metrics"] if m["tag"] == finding["metric"]), "step")


def span_of(finding: FindingEntry, run: RunEntry) -> str:
    """Where the evidence lies: "step 7", "epochs 6-59"."""
    axis, (first, last) = axis_of(finding, run), finding["steps"]
    return f"{axis} {first:,}" if first == last else f"{axis}s {first:,}-{last:,}"


def early_of(finding: FindingEntry, run: RunEntry) -> str:
    """How early the finding could have been made, where that would have saved a lot; else empty."""
    onset = finding["detectable_from"]
    if onset is None:
        return ""
    seconds, share = onset["seconds_after"], onset["share_after"]
    if share < MUCH_SHARE and (seconds or 0.0) < MUCH_SECONDS:
        return ""
    text = f"detectable from {axis_of(finding, run)} {onset['step']:,}"
    if seconds:
        return f"{text}, {duration(seconds)} before the end ({share:.0%} of the run)"
    return f"{text}: {share:.0%} of the run came after it"


def depths(findings: Sequence[FindingEntry]) -> list[int]:
    """How deep each finding stands below its first cause: 0 for a first cause, 1 for what follows from it, ...

    Findings come in the order of their story, so the cause of one is the nearest above it.
    """
    found: list[int] = []
    for i, finding in enumerate(findings):
        above = (found[j] for j in range(i - 1, -1, -1) if findings[j]["rule"] == finding["caused_by"])
        found.append(next(above, -1) + 1)
    return found


def is_accepted(finding: FindingEntry) -> bool:
    """Whether the baseline of this audit knows the finding."""
    return finding.get("suppressed", False)


def counted(runs: Iterable[RunEntry], at_least: str = "info") -> list[FindingEntry]:
    """Findings at or above a severity that no baseline accepts."""
    wanted = _from(at_least)
    return [f for run in runs for f in run["findings"] if f["severity"] in wanted and not is_accepted(f)]


def comparisons_at(comparisons: Iterable[ComparisonEntry], at_least: str) -> list[ComparisonEntry]:
    """Comparisons of runs at or above a severity."""
    return [entry for entry in comparisons if entry["severity"] in _from(at_least)]


def _from(at_least: str) -> tuple[SeverityName, ...]:
    return SEVERITIES[SEVERITIES.index(at_least) :]


def failed_of(run: RunEntry) -> list[tuple[str, str]]:
    """Rules that broke on a run, with what they broke on: what they ask is open."""
    return [(rule, run["reasons"].get(rule, "")) for rule, outcome in run["outcomes"].items() if outcome == "failed"]


def failures(runs: Iterable[RunEntry], batch: BatchEntry) -> list[tuple[str, str, str]]:
    """Every rule that broke, with the run ("" for a rule that compares runs) and what it broke on."""
    found = [(rule, run["run"], reason) for run in runs for rule, reason in failed_of(run)]
    return found + [(rule, "", reason) for rule, reason in batch["failed"].items()]


def tally(report: Report) -> tuple[str, str]:
    """How many runs were judged of how many, and how they stand: two halves of the line that ends every output."""
    runs = report["runs"]
    counts = Counter(run["status"] for run in runs)
    judged = len(runs) - counts["not-checked"] - counts["unreadable"]
    stand = ", ".join(
        f"{counts[s]:,} {s}" for s in ("error", "warning", "info", "clear") if counts[s] or s in ("error", "clear")
    )
    asides = f"; {counts['not-checked']:,} not checked, {len(report['unreadable']):,} unreadable"
    accepted = sum(is_accepted(finding) for run in runs for finding in run["findings"])
    known = f"; {accepted:,} of {sum(len(run['findings']) for run in runs):,} findings accepted" if accepted else ""
    broken = len(failures(runs, report["batch"]))
    failed = f"; {broken:,} {'rule' if broken == 1 else 'rules'} failed" if broken else ""
    notes = "".join(f"; {note}" for note in report["batch"]["notes"])  # how the audit itself went
    return f"judged {judged:,} of {len(runs):,} runs", f"{stand}{asides}{known}{failed}{notes}"


def together(report: Report) -> list[str]:
    """What only the runs together tell, a sentence each; empty where the numbers carry nothing."""
    insights = report["insights"]
    sentences = [insights["after_best"]["message"]] if insights["after_best"] else []
    for found in insights["found"]:
        tied = f" Varied together with it: {', '.join(found['tied'])}." if found["tied"] else ""
        sentences.append(f"{found['message']} (q = {found['q_value']:.2g}){tied}")
    return sentences


def worst_first(runs: Iterable[RunEntry]) -> list[RunEntry]:
    """Runs with findings, the gravest first; a run all of whose findings are accepted comes last."""

    def rank(run: RunEntry) -> tuple[int, float, str]:
        new = [(SEVERITIES.index(f["severity"]), f["confidence"]) for f in run["findings"] if not is_accepted(f)]
        severity, confidence = max(new, default=(-1, 0.0))
        return -severity, -confidence, run["run"]

    return sorted((run for run in runs if run["findings"]), key=rank)
