"""The command `compare`: two or more groups of runs side by side, and the gate; returns the exit code."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING, cast

import click

from ... import __version__
from ..comparing import CompareRequest, compared, read_groups
from ..outputs.comparison_text import comparison_lines, comparison_markdown
from ..processes.default_jobs import default_jobs
from ..report.files import whole_file, write_page
from ..report.json_text import dumped
from ..report.run_record import reference_text
from ..report.verdict_text import plural
from .endings import PatientStream
from .exit_codes import DONE, FOUND, INCOMPLETE, NOTHING_JUDGED
from .options import cannot_write, usage_errors
from .terminal import line_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path
    from typing import IO

    from ..comparison.finished import FinishedComparison
    from ..config.options import Config


def run_compare(
    *,
    paths: Sequence[Path],
    references: Sequence[Path],
    write_reference: Path | None,
    exact: bool,
    output_format: str | None,
    output: Path | None,
    config: Config,
    fail_on_verdict: str,
    include: Sequence[str],
    exclude: Sequence[str],
    jobs: int | None,
    strict: bool,
) -> int:
    """Compare, print, write the page or the reference; returns the exit code.

    Raises:
        click.ClickException: wrong usage, or a file cannot be written.

    """
    if output_format is None:
        output_format = "html" if output and output.suffix.lower() in (".html", ".htm") else "text"
    if output_format == "html" and output is None:
        raise click.UsageError("the page needs a file: name it with --output")
    if exact and not references:
        raise click.UsageError("--exact compares with a reference: name it with --baseline")
    request = CompareRequest(paths, references, config, include, exclude, jobs or default_jobs(), exact=exact)
    if write_reference and len(paths) == 1 and not references:
        return _only_write(request, write_reference)
    with usage_errors():
        finished = compared(request)
    text = _text(finished, output_format)
    try:
        with whole_file(output) if output else nullcontext(cast("IO[str]", PatientStream(sys.stdout))) as stream:
            stream.write(text)
        if write_reference:
            runs = finished.groups[1 if references else 0].runs
            write_page(write_reference, reference_text(runs, __version__))
    except BrokenPipeError:
        raise  # the reader closed the pipe, which is not an error
    except OSError as error:
        raise cannot_write(error, output) from error
    if output_format == "html":
        click.echo(line_of(finished.document["sentence"]))
    for item in finished.unreadable:
        click.echo(line_of(f"unreadable: {item['path'] or '.'}: {item['reason']}"), err=True)
    return exit_code(finished, fail_on=fail_on_verdict, strict=strict)


def _only_write(request: CompareRequest, path: Path) -> int:
    """Write a reference of one input, without a comparison."""
    with usage_errors():
        groups, _ = read_groups(request)
    runs = [run for run in groups[0].runs if run.outcomes or run.failure]
    if not runs:
        return NOTHING_JUDGED
    try:
        write_page(path, reference_text(runs, __version__))
    except OSError as error:
        raise cannot_write(error, path) from error
    click.echo(line_of(f"{plural(len(runs), 'run')} written to {path}"))
    return DONE


def _text(finished: FinishedComparison, output_format: str) -> str:
    document = finished.document
    if output_format == "json":
        return dumped(document, indent=1) + "\n"
    if output_format == "markdown":
        return comparison_markdown(document)
    if output_format == "html":
        from ..pages.render import render_comparison

        return render_comparison(finished, version=__version__)
    return "".join(f"{line_of(line)}\n" for line in comparison_lines(document))


def exit_code(finished: FinishedComparison, *, fail_on: str, strict: bool) -> int:
    """Exit code of a comparison, see `trainlint compare --help`."""
    if finished.is_empty:
        return NOTHING_JUDGED
    gates = [each.get("gate") or _gate(each["verdict"]) for each in finished.comparisons]
    if fail_on == "worse" and "fail" in gates:
        return FOUND
    return INCOMPLETE if strict and ("cannot-tell" in gates or finished.unreadable) else DONE


def _gate(verdict: str) -> str:
    return {"worse": "fail", "cannot-tell": "cannot-tell"}.get(verdict, "pass")
