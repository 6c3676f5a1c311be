"""Short texts for entries of the report, shared by the terminal, the outputs and the Python API."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from .verdict_text import clipped, duration, harmless, plural, visible

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ...rules.base import Severity
    from .insights_schema import InsightEntry
    from .schema import BatchEntry, ComparisonEntry, FindingEntry, Report, RunEntry, SeverityName

MUCH_SHARE = 0.25  # of the run after the finding became detectable: a quarter of a budget is worth mentioning
MUCH_SECONDS = 3600.0  # an hour is worth mentioning, however long the run
SEVERITIES: tuple[SeverityName, ...] = ("info", "warning", "error")


def severity_name(severity: Severity) -> SeverityName:
    """The name of a severity in the report."""
    return SEVERITIES[severity - 1]


def shown(text: str, limit: int = 200) -> str:
    """A name or a sentence from a log with invisible characters escaped, at most `limit` characters."""
    return harmless(clipped(visible(clipped(text, 4 * limit)), limit))


def place_of(path: str) -> str:
    """A path relative to the current folder, "/" between parts; absolute if it lies elsewhere."""
    here = Path.cwd()
    absolute = Path(os.path.abspath(path))  # noqa: PTH100  (links are not resolved)
    return (absolute.relative_to(here) if absolute.is_relative_to(here) else absolute).as_posix()


def axis_of(finding: FindingEntry, run: RunEntry) -> str:
    """Unit of the steps of a finding: "step", "epoch" or "row"."""
    return next((m["axis"] for m in run["metrics"] if m["tag"] == finding["metric"]), "step")


def span_of(finding: FindingEntry, run: RunEntry) -> str:
    """The steps of the evidence: "step 7", "epochs 6-59"."""
    axis, (first, last) = axis_of(finding, run), finding["steps"]
    return f"{axis} {first:,}" if first == last else f"{axis}s {first:,}-{last:,}"


def early_of(finding: FindingEntry, run: RunEntry) -> str:
    """The earliest step of detection, if stopping there would have saved a lot; otherwise empty."""
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
    """Depth of each finding below its first cause: 0 for a first cause, 1 for its direct consequences, ...

    Findings are ordered by cause, so the cause of one is the nearest preceding finding of that rule.
    """
    found: list[int] = []
    for i, finding in enumerate(findings):
        above = (found[j] for j in range(i - 1, -1, -1) if findings[j]["rule"] == finding["caused_by"])
        found.append(next(above, -1) + 1)
    return found


def is_accepted(finding: FindingEntry) -> bool:
    """Whether the baseline of this audit accepts the finding."""
    return finding.get("suppressed", False)


def counted(runs: Iterable[RunEntry], at_least: str = "info") -> list[FindingEntry]:
    """Findings at or above a severity that the baseline does not accept."""
    wanted = _from(at_least)
    return [f for run in runs for f in run["findings"] if f["severity"] in wanted and not is_accepted(f)]


def remarks_of(run: RunEntry) -> list[str]:
    """Rules with an info in a run, in the order of the findings: outputs for readers list them in one line."""
    return list(dict.fromkeys(f["rule"] for f in run["findings"] if f["severity"] == "info" and not is_accepted(f)))


def judged_rules(run: RunEntry) -> str:
    """How many rules could judge a run: the coverage of its verdict."""
    return f"{run['rules']['judged']} of {plural(run['rules']['of'], 'rule')} could judge it"


def counts_by_rule(report: Report) -> list[tuple[str, SeverityName, int, int]]:
    """Rules that fired: id, worst severity, number of findings that the baseline does not accept, number of runs; most findings first."""
    found: dict[str, list[tuple[SeverityName, str]]] = {}
    for run in report["runs"]:
        for finding in run["findings"]:
            if not is_accepted(finding):
                found.setdefault(finding["rule"], []).append((finding["severity"], run["run"]))
    counts = [
        (rule, max((s for s, _ in seen), key=SEVERITIES.index), len(seen), len({name for _, name in seen}))
        for rule, seen in found.items()
    ]
    return sorted(counts, key=lambda each: (-each[2], each[0]))


def comparisons_at(comparisons: Iterable[ComparisonEntry], at_least: str) -> list[ComparisonEntry]:
    """Findings of batch rules at or above a severity."""
    return [entry for entry in comparisons if entry["severity"] in _from(at_least)]


def _from(at_least: str) -> tuple[SeverityName, ...]:
    return SEVERITIES[SEVERITIES.index(at_least) :]


def failed_of(run: RunEntry) -> list[tuple[str, str]]:
    """Rules that failed on a run, with the exception."""
    return [(rule, run["reasons"].get(rule, "")) for rule, outcome in run["outcomes"].items() if outcome == "failed"]


def failures(runs: Iterable[RunEntry], batch: BatchEntry) -> list[tuple[str, str, str]]:
    """Every rule that failed, with the run ("" for a batch rule) and the exception."""
    found = [(rule, run["run"], reason) for run in runs for rule, reason in failed_of(run)]
    return found + [(rule, "", reason) for rule, reason in batch["failed"].items()]


def tally(report: Report) -> tuple[str, str]:
    """Number of judged runs, and counts by status: the two halves of the last line of every output."""
    runs = report["runs"]
    counts = Counter(run["status"] for run in runs)
    judged = len(runs) - counts["not-checked"] - counts["unreadable"]
    parts = [f"{counts[s]:,} with {s}s" for s in ("error", "warning", "info") if counts[s] or s == "error"]
    stand = ", ".join([*parts, f"{counts['clear']:,} clear"])
    asides = f"; {counts['not-checked']:,} not checked, {len(report['unreadable']):,} unreadable"
    accepted = sum(is_accepted(finding) for run in runs for finding in run["findings"])
    total = plural(sum(len(run["findings"]) for run in runs), "finding")
    known = f"; {accepted:,} of {total} accepted" if accepted else ""
    broken = len(failures(runs, report["batch"]))
    failed = f"; {plural(broken, 'rule')} failed" if broken else ""
    notes = "".join(f"; {note}" for note in report["batch"]["notes"])  # problems of the audit itself
    return f"judged {judged:,} of {plural(len(runs), 'run')}", f"{stand}{asides}{known}{failed}{notes}"


def together(report: Report) -> list[str]:
    """What all runs say together, one sentence each: compute after the best value, then effects of settings."""
    insights = report["insights"]
    sentences = [insights["after_best"]["message"]] if insights["after_best"] else []
    for study in report["studies"]:
        sentences += [effect["sentence"] for effect in study["effects"] if effect["verdict"] == "effect"]
    return sentences + [sentence_of_insight(found) for found in insights["found"]]


def sentence_of_insight(found: InsightEntry) -> str:
    """An association of a setting with a finding."""
    tied = f" Varied together with it: {', '.join(found['tied'])}." if found["tied"] else ""
    return f"{found['message']} (q = {found['q_value']:.2g}){tied}"


def worst_first(runs: Iterable[RunEntry]) -> list[RunEntry]:
    """Runs with findings, most severe first; runs with accepted findings only come last."""

    def rank(run: RunEntry) -> tuple[int, float, str]:
        new = [(SEVERITIES.index(f["severity"]), f["confidence"]) for f in run["findings"] if not is_accepted(f)]
        severity, confidence = max(new, default=(-1, 0.0))
        return -severity, -confidence, run["run"]

    return sorted((run for run in runs if run["findings"]), key=rank)
