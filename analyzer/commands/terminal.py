"""Text output: findings run by run, notes, and a summary with its denominator."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
import time
from typing import IO, TYPE_CHECKING

import click

from ...parsers.run import Note
from ..report import not_checked
from ..report.entries import (
    counts_by_rule,
    depths,
    early_of,
    failed_of,
    is_accepted,
    place_of,
    remarks_of,
    sentence_of_insight,
    span_of,
    tally,
)
from ..report.verdict_text import clipped, harmless, plural

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ..report.insights_schema import InsightEntry
    from ..report.schema import ComparisonEntry, FileEntry, FindingEntry, Report, RunEntry
    from ..report.studies_schema import StudyEntry


COLORS = {"error": "red", "warning": "yellow", "info": "cyan", "clear": "green", "not-checked": "magenta"}
PROGRESS_AFTER_S = 1.0
PROGRESS_EVERY_S = 0.1
MAX_REASONS = 10  # why a file is no log, where none was found
MAX_STUDIES = 3
MAX_EFFECTS = 4  # of a study
MAX_FILES_LISTED = 20
MIN_TEXT = 40  # columns of a sentence, however narrow the terminal
MAX_LINE = 1000  # characters of a name or a sentence; real logs have names of 10,000


def printable(text: str) -> str:
    """A name from a log with control characters, bidirectional marks and CI commands escaped."""
    return harmless("".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text))


def line_of(text: str) -> str:
    """The same, of limited length."""
    return printable(clipped(text, MAX_LINE))


class Printer:
    """Prints an audit while it runs; results to the stream, progress to standard error."""

    def __init__(self, stream: IO[str], *, color: bool | None, quiet: bool, verbose: bool) -> None:
        self.stream = stream
        self.quiet = quiet
        self.verbose = verbose
        self.width = shutil.get_terminal_size().columns if stream.isatty() else 0
        is_plain = not stream.isatty() or bool(os.environ.get("NO_COLOR"))
        self.color = color if color is not None else not is_plain
        self.next_progress = time.monotonic() + PROGRESS_AFTER_S
        self.has_progress = False

    def _say(self, text: str = "") -> None:
        self.clear_progress()
        click.echo(text, file=self.stream, color=self.color)

    def _paragraph(self, start: str, text: str) -> None:
        """A sentence after a start, broken at the width of the terminal; one line in a file or a pipe."""
        line = line_of(text)
        if self.width:
            lines = textwrap.wrap(line, max(MIN_TEXT, self.width - len(start)), break_on_hyphens=False)
            line = f"\n{' ' * len(start)}".join(lines)
        self._say(f"{start}{line}")

    def run(self, entry: RunEntry) -> None:
        """One run: a headline and its findings; clear runs only if verbose or not read completely."""
        status = entry["status"]
        unread = [note for note in entry["notes"] if note.get("left_out") or note.get("fault")]
        if self.quiet or (status == "clear" and not self.verbose and not unread):
            return
        last, axis = max(((m["last_step"] or 0, m["axis"]) for m in entry["metrics"]), default=(0, "step"))
        facts = f"{plural(last, axis)} · {plural(len(entry['metrics']), 'metric')} · {entry['format']}"
        title = entry["title"] or ""
        facts = facts if title in entry["run"] else f"{line_of(title)} · {facts}"
        self._say(f"{click.style(line_of(entry['run']), bold=True)}   {click.style(facts, dim=True)}")
        for finding, depth in zip(entry["findings"], depths(entry["findings"]), strict=True):
            if self.verbose or finding["severity"] != "info" or is_accepted(finding):
                self._finding(finding, depth, entry)
        remarks = remarks_of(entry)
        if remarks and not self.verbose:
            self._say(f"  {click.style('info    ', fg=COLORS['info'])} {', '.join(remarks)}   (-v explains)")
        for rule, reason in failed_of(entry):
            self._say(f"  {click.style('failed', fg='magenta')}   {rule:<20} {line_of(reason)}")
        if status in ("not-checked", "unreadable"):
            reason, next_step = not_checked.of_entry(entry)
            self._say(f"  {click.style('not checked', fg=COLORS['not-checked'])}  {line_of(reason)}")
            self._paragraph("           -> ", next_step)
        elif not entry["findings"]:
            self._say(f"  {click.style('clear', fg=COLORS['clear'])}")
        for note in entry["notes"] if self.verbose or status in ("not-checked", "unreadable") else unread:
            self._say(f"  note     {line_of(str(Note(**note)))}")

    def _finding(self, finding: FindingEntry, depth: int, entry: RunEntry) -> None:
        """A finding, indented below its cause; remedy and earliest detection are printed for first causes only."""
        severity, indent = finding["severity"], "  " * depth
        label = click.style(f"{severity:<8}", fg=COLORS[severity], bold=severity == "error")
        facts = f"{finding['rule']:<20} {span_of(finding, entry)}   {finding['confidence']:.2f}"
        cause = f"   follows from {finding['caused_by']}" if depth else ""
        accepted = click.style("   accepted in the baseline", dim=True) if is_accepted(finding) else ""
        self._say(f"  {indent}{label} {facts}{cause}{accepted}")
        self._paragraph(f"  {indent}         ", finding["message"])
        if depth or accepted:
            return
        if finding["remedies"] and severity != "info":
            self._paragraph("           -> ", finding["remedies"][0])
        early = early_of(finding, entry)
        if early:
            self._paragraph("           ", early)

    def comparisons(self, entries: Sequence[ComparisonEntry], failed: Mapping[str, str]) -> None:
        """Findings of batch rules with remedies, and batch rules that failed."""
        if self.quiet or not (entries or failed):
            return
        self._say(click.style("between runs", bold=True))
        for entry in entries:
            label = click.style(
                f"{entry['severity']:<8}", fg=COLORS[entry["severity"]], bold=entry["severity"] == "error"
            )
            self._say(f"  {label} {entry['rule']:<20} {plural(len(entry['runs']), 'run')}   {entry['confidence']:.2f}")
            self._paragraph("           ", entry["message"])
            if entry["remedies"]:
                self._paragraph("           -> ", entry["remedies"][0])
        for rule, reason in failed.items():
            self._say(f"  {click.style('failed', fg='magenta')}   {rule:<20} {line_of(reason)}")

    def studies(self, entries: Sequence[StudyEntry], insights: Sequence[InsightEntry] = ()) -> None:
        """What the runs of each study say of their hyperparameters; with -v all of it."""
        told = [entry for entry in entries if len(entry["configurations"]) > 1]
        if self.quiet or not told:
            return
        self._say(click.style("studies", bold=True))
        for entry in told if self.verbose else told[:MAX_STUDIES]:
            number = next(i for i, each in enumerate(entries) if each is entry)
            facts = f"{plural(len(entry['runs']), 'run')}, {plural(len(entry['configurations']), 'configuration')}"
            self._say(f"  {line_of(entry['metric'])}   {click.style(facts, dim=True)}")
            shown = entry["effects"] if self.verbose else entry["effects"][:MAX_EFFECTS]
            for effect in shown:
                self._say(f"    {effect['verdict']:<12} {line_of(effect['sentence'])}")
            if len(shown) < len(entry["effects"]):
                self._say(
                    f"    ... and {plural(len(entry['effects']) - len(shown), 'more hyperparameter')}; -v lists them"
                )
            with_findings = [found for found in insights if found["study"] == number]
            for found in with_findings if self.verbose else with_findings[:MAX_EFFECTS]:
                self._say(f"    {'finding':<12} {line_of(sentence_of_insight(found))}")
        if len(told) > MAX_STUDIES and not self.verbose:
            self._say(f"  ... and {len(told) - MAX_STUDIES:,} more studies; -v lists them")

    def files(self, unreadable: Sequence[FileEntry], skipped: Sequence[Note]) -> None:
        """Files that could not be read; skipped files only if verbose."""
        if self.quiet:
            return
        for item in unreadable[: None if self.verbose else MAX_FILES_LISTED]:
            label = click.style("unreadable", fg="magenta")
            self._say(f"{label}  {line_of(item['path'] or '.')}: {line_of(item['reason'])}")
        if len(unreadable) > MAX_FILES_LISTED and not self.verbose:
            self._say(f"... and {len(unreadable) - MAX_FILES_LISTED:,} more unreadable; -v lists them")
        if self.verbose:
            for note in skipped:
                self._say(f"skipped  {line_of(str(note))}")

    def baseline(self, gone: int) -> None:
        """Accepted findings that no longer occur, which an updated baseline would drop."""
        if gone and not self.quiet:
            self._say(f"{plural(gone, 'finding')} of the baseline no longer found; --write-baseline drops them")

    def summary(self, whole: Report, skipped: Sequence[Note], seconds: float, report: Path | None) -> None:
        """The last line: number of judged runs and of all runs, and counts by status; without runs, the reasons."""
        judged, stand = tally(whole)
        if not whole["runs"]:
            why = _why_nothing(skipped, len(whole["unreadable"]))
            self._say(f"no logs found under {line_of(place_of(whole['root']))}: {why}")
            if not self.verbose and not self.quiet:
                for note in skipped[:MAX_REASONS]:
                    self._say(f"  {line_of(str(note))}")
                if len(skipped) > MAX_REASONS:
                    self._say(f"  ... and {len(skipped) - MAX_REASONS:,} more; -v lists them")
            return
        where = f" Report: {line_of(str(report))}" if report else ""
        self._say(f"{judged} in {seconds:.1f} s: {stand}.{where}")

    def statistics(self, whole: Report) -> None:
        """Findings counted by rule, most frequent first."""
        for rule, severity, findings, runs in counts_by_rule(whole):
            label = click.style(f"{severity:<8}", fg=COLORS[severity])
            self._say(f"{findings:>7,}  {label} {rule:<28} in {plural(runs, 'run')}")

    def configuration(self, sentence: str) -> None:
        """Changes by a configuration file, printed even if quiet."""
        if sentence:
            self._say(line_of(sentence))

    def aside(self, sentence: str) -> None:
        """A sentence that belongs to no format, on standard error; "" prints nothing."""
        if sentence:
            self.clear_progress()
            click.echo(line_of(sentence), err=True)

    def progress(self, runs: int) -> None:
        """Show the progress, on a terminal only and after a second."""
        now = time.monotonic()
        if now >= self.next_progress and sys.stderr.isatty() and not self.quiet:
            click.echo(f"\r{runs:,} runs ...", err=True, nl=False)
            self.has_progress = True
            self.next_progress = now + PROGRESS_EVERY_S

    def clear_progress(self) -> None:
        if self.has_progress:
            click.echo("\r\033[K", err=True, nl=False)
            self.has_progress = False


def _why_nothing(skipped: Sequence[Note], unreadable: int) -> str:
    reasons = [plural(unreadable, "unreadable file")] if unreadable else []
    if skipped:
        reasons.append("no file there is the log of a training")
    return "; ".join(reasons) or "there is no file, or --include and --exclude leave none"
