"""The command `audit`: find, judge, print, write the report, and say with the exit code how it went."""

from __future__ import annotations

import json
import sys
import time
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .. import __version__
from ..rules.registry import RULES
from .batch import Audit, AuditOptions, default_jobs
from .discover import discover
from .exit_codes import DONE, FOUND, INCOMPLETE, NOTHING_JUDGED
from .multiplicity import chance_notes
from .pages import note_chance, whole_file, write_page
from .selection import chosen_rules, existing, parse_metrics
from .terminal import Printer

if TYPE_CHECKING:
    from collections.abc import Sequence

DEFAULT_REPORT = Path("trainlint-report")
SEVERITIES = ("info", "warning", "error")


def run_audit(
    *,
    paths: Sequence[Path],
    report: Path | None,
    no_report: bool,
    open_report: bool,
    output_format: str,
    output: Path | None,
    select: Sequence[str],
    ignore: Sequence[str],
    min_confidence: float,
    fail_on: str,
    include: Sequence[str],
    exclude: Sequence[str],
    metrics: Sequence[str],
    jobs: int | None,
    strict: bool,
    quiet: bool,
    verbose: bool,
    color: bool | None,
) -> int:
    """Run the audit; returns the exit code.

    Raises:
        click.ClickException: wrong usage, or the report cannot be written.

    """
    started = time.monotonic()
    rules = chosen_rules(RULES, select, ignore)
    meanings = parse_metrics(metrics)
    found = discover(existing(paths), include=include, exclude=exclude)
    folder = None if no_report or (output_format != "text" and report is None) else report or DEFAULT_REPORT
    options = AuditOptions(
        root=found.root, rules=tuple(rule.id for rule in rules), meanings=meanings, min_confidence=min_confidence,
        report=folder, version=__version__, strict=strict,
    )  # fmt: skip
    under_way = Audit(found, options)
    try:
        with whole_file(output) if output else nullcontext(sys.stdout) as stream:
            printer = Printer(stream, color=color, quiet=quiet, verbose=verbose)
            for results in under_way.run(jobs or default_jobs()):
                for result in results:
                    if output_format == "text":
                        printer.run(result.entry)
                    elif output_format == "jsonl":
                        stream.write(_dumped(result.entry) + "\n")
                printer.progress(len(under_way.results))
            printer.clear_progress()
            whole = under_way.document()
            if output_format == "json":
                stream.write(_dumped(whole, indent=1) + "\n")
            seconds = time.monotonic() - started
            written = _write_report(folder, whole, under_way, seconds)
            if output_format == "text":
                printer.files(whole["unreadable"], found.skipped)
                printer.summary(whole, seconds, written)
    except BrokenPipeError:
        raise  # whoever read the output has gone; nothing failed to be written
    except OSError as error:
        raise click.ClickException(f"cannot write {error.filename or output or folder}: {error.strerror}") from error
    if open_report and written:
        click.launch(str(written))
    return exit_code(whole, fail_on=fail_on, strict=strict)


def exit_code(whole: dict[str, Any], *, fail_on: str, strict: bool) -> int:
    """Exit code of a finished audit, as documented in `trainlint --help`."""
    statuses = [run["status"] for run in whole["runs"]]
    if not any(status not in ("not-checked", "unreadable") for status in statuses):
        return NOTHING_JUDGED
    if fail_on != "never":
        failing = SEVERITIES[SEVERITIES.index(fail_on) :]
        if any(finding["severity"] in failing for run in whole["runs"] for finding in run["findings"]):
            return FOUND
    if strict and (whole["unreadable"] or "not-checked" in statuses):
        return INCOMPLETE
    return DONE


def _write_report(folder: Path | None, whole: dict[str, Any], under_way: Audit, seconds: float) -> Path | None:
    """Write index page and report.json; returns the page to open. A lone run's page already is the index."""
    if folder is None:
        return None
    write_page(folder / "report.json", _dumped(whole, indent=1) + "\n")
    for result in under_way.results:
        notes = chance_notes(result.entry)
        if result.row and notes:
            note_chance(folder / result.row["href"], notes)
    rows = sorted((result.row for result in under_way.results if result.row), key=lambda row: str(row["name"]))
    if [row["href"] for row in rows] != ["index.html"]:
        from .render import render_index

        page = render_index(
            rows,
            root=under_way.found.root.name,
            version=whole["version"],
            unreadable=whole["unreadable"],
            seconds=seconds,
        )
        write_page(folder / "index.html", page)
    return folder / "index.html"


def _dumped(value: Any, indent: int | None = None) -> str:
    """JSON in ASCII, so that any name from a log survives any terminal and any encoding."""
    return json.dumps(value, indent=indent, allow_nan=False)
