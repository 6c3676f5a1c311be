"""The command `audit`: find, judge, print, write the report; returns the exit code."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, cast

import click

from ... import __version__
from ...parsers.files.leftovers import remove_unfinished
from ..library import AuditRequest, PreparedAudit
from ..processes.default_jobs import default_jobs
from ..report.baseline import baseline_text
from ..report.config_notice import sentence_of
from ..report.entries import comparisons_at, counted, failures
from ..report.files import INDEX, whole_file, write_page
from .endings import PatientStream
from .exit_codes import DONE, FOUND, INCOMPLETE, NOTHING_JUDGED
from .options import cannot_write, usage_errors
from .terminal import Printer

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import IO

    from ...parsers.run import Note
    from ..config.options import Config
    from ..group_audit import RunResult
    from ..library import FinishedAudit
    from ..outputs.base import Output
    from ..report.schema import Report, RunEntry

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
    statistics: bool,
    junit_skips: bool,
    quiet: bool,
    verbose: bool,
    color: bool | None,
) -> int:
    """Run the audit; returns the exit code.

    Raises:
        click.ClickException: wrong usage, or the report cannot be written.

    """
    written_as = _output(output_format, brief=brief, junit_skips=junit_skips)
    folder = None if no_report or (written_as and report is None) else report or DEFAULT_REPORT
    request = AuditRequest(
        paths,
        config,
        include,
        exclude,
        baseline,
        folder,
        is_report_chosen=report is not None,
        jobs=jobs or default_jobs(),
    )
    with usage_errors():
        prepared = PreparedAudit(request)
    for path in (output, write_baseline):
        if path:
            remove_unfinished(path.parent)
    try:
        with whole_file(output) if output else nullcontext(cast("IO[str]", PatientStream(sys.stdout))) as stream:
            printer = Printer(stream, color=color, quiet=quiet, verbose=verbose)
            print_run = _run_printer(written_as, printer, stream)

            def each(result: RunResult, number: int) -> None:
                print_run(result.entry)
                printer.progress(number)

            finished = prepared.run(each)
            printer.clear_progress()
            if write_baseline:
                write_page(write_baseline, baseline_text(finished.report["runs"]))
            if written_as:
                stream.writelines(written_as.tail(finished.report))
                printer.aside(sentence_of(finished.report["configuration"]))
            else:
                page = folder / INDEX if folder else None
                _print_end(printer, finished, prepared.found.skipped, page, statistics=statistics)
            for remark in finished.remarks:
                printer.aside(f"report: {remark}")
    except BrokenPipeError:
        raise  # the reader closed the pipe, which is not an error
    except OSError as error:
        raise cannot_write(error, output) from error
    if open_report and folder:
        click.launch(str(folder / INDEX))
    return exit_code(finished.report, fail_on=fail_on, strict=strict)


def _print_end(
    printer: Printer, finished: FinishedAudit, skipped: Sequence[Note], page: Path | None, *, statistics: bool
) -> None:
    """Print the summary after the runs, for the text format."""
    whole = finished.report
    if statistics:
        printer.statistics(whole)
    printer.comparisons(whole["comparisons"], whole["batch"]["failed"])
    printer.studies(whole["studies"], whole["insights"]["found"])
    printer.files(whole["unreadable"], skipped)
    printer.baseline(finished.baseline_gone)
    printer.configuration(sentence_of(whole["configuration"]))
    printer.summary(whole, skipped, finished.seconds, page)


def _output(name: str, *, brief: bool, junit_skips: bool) -> Output | None:
    """The output for the findings, None for the text format of the terminal."""
    if brief and name not in ("text", "markdown", "brief"):
        raise click.UsageError(f"--brief prints Markdown and cannot be combined with --format {name}")
    if name == "text" and not brief:
        return None
    from ..outputs.registry import output_of

    if name == "junit" and junit_skips:
        from ..outputs.junit import WITH_SKIPS

        return WITH_SKIPS
    return output_of("brief" if brief else name)


def _run_printer(output: Output | None, printer: Printer, stream: IO[str]) -> Callable[[RunEntry], object]:
    """The callback for each run as soon as it is judged; without an output it prints text."""
    if output is None:
        return printer.run
    stream.write(output.head(__version__))
    return lambda entry: stream.write(output.run(entry))


def exit_code(whole: Report, *, fail_on: str, strict: bool) -> int:
    """Exit code of a finished audit, see `trainlint --help`."""
    statuses = [run["status"] for run in whole["runs"]]
    if not any(map(_is_judged, whole["runs"])):
        return NOTHING_JUDGED
    if fail_on != "never" and (counted(whole["runs"], fail_on) or comparisons_at(whole["comparisons"], fail_on)):
        return FOUND
    is_incomplete = (
        whole["unreadable"]
        or "not-checked" in statuses
        or failures(whole["runs"], whole["batch"])
        or _broken_parsers(whole)
    )
    return INCOMPLETE if strict and is_incomplete else DONE


def _is_judged(run: RunEntry) -> bool:
    """Whether anything is known of a training: a verdict, or the answer to one of its questions."""
    is_answered = any(each["outcome"] != "open" for each in run["questions"])
    return is_answered or run["status"] not in ("not-checked", "unreadable")


def _broken_parsers(whole: Report) -> bool:
    return any("fault" in note for run in whole["runs"] for note in run["notes"])
