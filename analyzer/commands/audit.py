"""The command `audit`: find, judge, print, write the report, and say with the exit code how it went."""

from __future__ import annotations

import sys
import time
from contextlib import ExitStack, closing
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ... import __version__
from ...parsers.secrets import masked_text
from ..across.multiplicity import chance_notes
from ..batch import Audit, AuditOptions
from ..config.selection import existing
from ..outputs.registry import output_of
from ..pages.provenance import making_of
from ..processes.leftovers import remove_unfinished
from ..processes.workers import default_jobs
from ..reading.discover import discover
from ..reading.read import tells_of_a_parser
from ..report.baseline import baseline_text, read_baseline
from ..report.config_notice import sentence_of
from ..report.entries import compared_at, counted, failures, is_accepted
from ..report.files import cannot_write, note_chance, whole_file, write_page
from ..report.json_text import report_text
from ..report_folder import INDEX, REPORT, new_report
from .exit_codes import DONE, FOUND, INCOMPLETE, NOTHING_JUDGED
from .terminal import Printer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import IO

    from ..config.options import Config
    from ..outputs.base import Output
    from ..report.schema import Report, RunEntry
    from ..report_folder import ReportFolder

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
    _remove_left_over(folder, output)
    try:
        with ExitStack() as opened:
            stream = opened.enter_context(whole_file(output)) if output else sys.stdout
            new = opened.enter_context(new_report(folder, is_chosen=report is not None)) if folder else None
            options = AuditOptions(
                root=found.root,
                config=config,
                report=new.staging if new else None,
                version=__version__,
                baseline=accepted,
            )
            under_way = Audit(found, options)
            printer = Printer(stream, color=color, quiet=quiet, verbose=verbose)
            tell = _teller(written_as, printer, stream)
            with closing(under_way.run(jobs or default_jobs())) as all_results:
                for results in all_results:
                    for result in results:
                        tell(result.entry)
                    printer.progress(len(under_way.results))
            printer.clear_progress()
            whole = under_way.document()
            seconds = time.monotonic() - started
            told = write_report(new, whole, under_way, seconds) if new else []
            written = folder / "index.html" if folder else None
            if write_baseline:
                write_page(write_baseline, baseline_text(whole["runs"]))
            if written_as:
                stream.writelines(written_as.tail(whole))
                printer.aside(sentence_of(whole["configuration"]))
            else:
                printer.comparisons(whole["comparisons"], whole["batch"]["failed"])
                printer.files(whole["unreadable"], found.skipped)
                printer.baseline(accepted.gone(whole["runs"]) if accepted else 0)
                printer.configuration(sentence_of(whole["configuration"]))
                printer.summary(whole, seconds, written)
            for sentence in told:
                printer.aside(f"report: {sentence}")
    except BrokenPipeError:
        raise  # whoever read the output has gone; nothing failed to be written
    except OSError as error:
        raise cannot_write(error, output) from error
    if open_report and written:
        click.launch(str(written))
    return exit_code(whole, fail_on=fail_on, strict=strict)


def _remove_left_over(report: Path | None, output: Path | None) -> None:
    """Remove what an audit that was killed left half written where this one writes."""
    if report:
        remove_unfinished(report)
    if output:
        remove_unfinished(output.parent, places=(".",))


def _output(name: str, *, brief: bool) -> Output | None:
    """What writes the findings, None for the text of the terminal."""
    if brief and name not in ("text", "markdown", "brief"):
        raise click.UsageError(f"--brief prints Markdown: it does not go with --format {name}")
    if brief:
        return output_of("brief")
    return None if name == "text" else output_of(name)


def _teller(output: Output | None, printer: Printer, stream: IO[str]) -> Callable[[RunEntry], object]:
    """What is done with each run as soon as it is judged; without an output it is printed for a person."""
    if output is None:
        return printer.run
    stream.write(output.head(__version__))
    return lambda entry: stream.write(output.run(entry))


def exit_code(whole: Report, *, fail_on: str, strict: bool) -> int:
    """Exit code of a finished audit, as documented in `trainlint --help`."""
    statuses = [run["status"] for run in whole["runs"]]
    if not any(status not in ("not-checked", "unreadable") for status in statuses):
        return NOTHING_JUDGED
    if fail_on != "never" and (counted(whole["runs"], fail_on) or compared_at(whole["comparisons"], fail_on)):
        return FOUND
    is_incomplete = (
        whole["unreadable"]
        or "not-checked" in statuses
        or failures(whole["runs"], whole["batch"])
        or _broken_parsers(whole)
    )
    return INCOMPLETE if strict and is_incomplete else DONE


def _broken_parsers(whole: Report) -> bool:
    return any(tells_of_a_parser(note["message"]) for run in whole["runs"] for note in run["notes"])


def _making(under_way: Audit, seconds: float) -> list[tuple[str, str]]:
    options = under_way.options
    accepted = sum(is_accepted(f) for result in under_way.results for f in result.entry["findings"])
    made = making_of(
        options.version, options.config, accepted=None if options.baseline is None else accepted, seconds=seconds
    )
    return [*made, *(("Processes", note) for note in under_way.notes)]


def write_report(new: ReportFolder, whole: Report, under_way: Audit, seconds: float) -> list[str]:
    """Write index page and report.json and put all into place; returns sentences on what else lies there.

    A lone run's page already is the index.
    """
    write_page(new.staging / REPORT, report_text(whole))
    for result in under_way.results:
        notes = chance_notes(result.entry)
        if result.row and notes:
            note_chance(new.staging / result.row["href"], notes)
    rows = sorted((result.row for result in under_way.results if result.row), key=lambda row: row["name"])
    if [row["href"] for row in rows] != [INDEX]:
        from ..pages.render import render_index

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
        write_page(new.staging / INDEX, page)
    return new.publish()
