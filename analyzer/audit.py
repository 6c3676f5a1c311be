"""The command `audit`: find, judge, print, write the report, and say with the exit code how it went."""

from __future__ import annotations

import sys
import time
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .. import __version__
from ..parsers.secrets import masked_text
from .baseline import baseline_text, read_baseline
from .batch import Audit, AuditOptions, default_jobs
from .discover import discover
from .entries import compared_at, counted, is_accepted
from .exit_codes import DONE, FOUND, INCOMPLETE, NOTHING_JUDGED
from .making import making_of
from .multiplicity import chance_notes
from .outputs.json_report import dumped
from .outputs.registry import output_of
from .pages import note_chance, whole_file, write_page
from .selection import existing
from .terminal import Printer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import IO

    from .outputs.base import Output
    from .settings import Config

DEFAULT_REPORT = Path("trainlint-report")


def run_audit(
    *,
    paths: Sequence[Path],
    report: Path | None,
    no_report: bool,
    open_report: bool,
    output_format: str,
    brief: bool,
    output: Path | None,
    config: Config,
    fail_on: str,
    include: Sequence[str],
    exclude: Sequence[str],
    baseline: Path | None,
    write_baseline: Path | None,
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
    accepted = read_baseline(baseline) if baseline else None
    written_as = _output(output_format, brief=brief)
    found = discover(existing(paths), include=include, exclude=exclude)
    folder = None if no_report or (written_as and report is None) else report or DEFAULT_REPORT
    options = AuditOptions(
        root=found.root, config=config, report=folder, version=__version__, strict=strict, baseline=accepted
    )
    under_way = Audit(found, options)
    try:
        with whole_file(output) if output else nullcontext(sys.stdout) as stream:
            printer = Printer(stream, color=color, quiet=quiet, verbose=verbose)
            tell = _teller(written_as, printer, stream)
            for results in under_way.run(jobs or default_jobs()):
                for result in results:
                    tell(result.entry)
                printer.progress(len(under_way.results))
            printer.clear_progress()
            whole = under_way.document()
            seconds = time.monotonic() - started
            written = write_report(folder, whole, under_way, seconds)
            if write_baseline:
                write_page(write_baseline, baseline_text(whole["runs"]))
            if written_as:
                stream.writelines(written_as.tail(whole))
            else:
                printer.comparisons(whole["comparisons"])
                printer.files(whole["unreadable"], found.skipped)
                printer.baseline(accepted.gone(whole["runs"]) if accepted else 0)
                printer.summary(whole, seconds, written)
    except BrokenPipeError:
        raise  # whoever read the output has gone; nothing failed to be written
    except OSError as error:
        raise click.ClickException(f"cannot write {error.filename or output or folder}: {error.strerror}") from error
    if open_report and written:
        click.launch(str(written))
    return exit_code(whole, fail_on=fail_on, strict=strict)


def _output(name: str, *, brief: bool) -> Output | None:
    """What writes the findings, None for the text of the terminal."""
    if brief and name not in ("text", "markdown", "brief"):
        raise click.UsageError(f"--brief prints Markdown: it does not go with --format {name}")
    if brief:
        return output_of("brief")
    return None if name == "text" else output_of(name)


def _teller(output: Output | None, printer: Printer, stream: IO[str]) -> Callable[[dict[str, Any]], object]:
    """What is done with each run as soon as it is judged; without an output it is printed for a person."""
    if output is None:
        return printer.run
    stream.write(output.head(__version__))
    return lambda entry: stream.write(output.run(entry))


def exit_code(whole: dict[str, Any], *, fail_on: str, strict: bool) -> int:
    """Exit code of a finished audit, as documented in `trainlint --help`."""
    statuses = [run["status"] for run in whole["runs"]]
    if not any(status not in ("not-checked", "unreadable") for status in statuses):
        return NOTHING_JUDGED
    if fail_on != "never" and (counted(whole["runs"], fail_on) or compared_at(whole["comparisons"], fail_on)):
        return FOUND
    if strict and (whole["unreadable"] or "not-checked" in statuses):
        return INCOMPLETE
    return DONE


def _making(under_way: Audit, seconds: float) -> list[tuple[str, str]]:
    options = under_way.options
    accepted = sum(is_accepted(f) for result in under_way.results for f in result.entry["findings"])
    return making_of(
        options.version, options.config, accepted=None if options.baseline is None else accepted, seconds=seconds
    )


def write_report(folder: Path | None, whole: dict[str, Any], under_way: Audit, seconds: float) -> Path | None:
    """Write index page and report.json; returns the page to open. A lone run's page already is the index."""
    if folder is None:
        return None
    write_page(folder / "report.json", dumped(whole, indent=1) + "\n")
    for result in under_way.results:
        notes = chance_notes(result.entry)
        if result.row and notes:
            note_chance(folder / result.row["href"], notes)
    rows = sorted((result.row for result in under_way.results if result.row), key=lambda row: str(row["name"]))
    if [row["href"] for row in rows] != ["index.html"]:
        from .render import render_index

        page = render_index(
            rows,
            root=masked_text(under_way.found.root.name),
            version=whole["version"],
            unreadable=whole["unreadable"],
            batch=whole["batch"],
            comparisons=whole["comparisons"],
            seconds=seconds,
            insights=whole["insights"],
            entries=whole["runs"],
            making=_making(under_way, seconds),
        )
        write_page(folder / "index.html", page)
    return folder / "index.html"
