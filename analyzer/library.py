"""From paths to a report: the path that command line, Python API and MCP server share."""

from __future__ import annotations

import time
from contextlib import closing, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .. import __version__
from ..parsers.secrets import masked_text
from ..parsers.settings.beside import add_settings_beside
from .across.multiplicity import chance_notes
from .batch import Audit
from .config.config_file import load
from .config.options import Config
from .config.resolve import resolve_options
from .group_audit import AuditOptions
from .reading.discover import discover
from .reading.read import read_groups
from .report.baseline import read_baseline
from .report.entries import is_accepted
from .report.files import INDEX, REPORT, write_page
from .report.json_text import report_text
from .result import AuditResult

if TYPE_CHECKING:
    import os
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from contextlib import AbstractContextManager

    from ..parsers.run import Run
    from .group_audit import RunResult
    from .reading.discover import Discovery
    from .report.baseline import Baseline
    from .report.schema import Report
    from .report_folder import ReportFolder


@dataclass(frozen=True, slots=True)
class AuditRequest:
    """The request of an audit.

    Attributes:
        paths: files and folders; the current folder if there are none.
        config: rules to run, and meanings of metrics and tasks.
        include: globs; only files whose path matches are read.
        exclude: globs; files whose path matches are skipped.
        baseline: file of accepted findings.
        report: folder of the HTML report; None for none.
        is_report_chosen: the user named that folder, which may then be a link.
        jobs: number of processes.
        strict: propagate exceptions of parsers and rules.

    """

    paths: Sequence[Path]
    config: Config = field(default_factory=Config)
    include: Sequence[str] = ()
    exclude: Sequence[str] = ()
    baseline: Path | None = None
    report: Path | None = None
    is_report_chosen: bool = True
    jobs: int = 1
    strict: bool = False


@dataclass(frozen=True, slots=True)
class FinishedAudit:
    """A finished audit.

    Attributes:
        report: the report, as `--format json` prints it.
        seconds: wall time since the request.
        baseline_gone: number of findings of the baseline that no longer occur.
        remarks: sentences on other files in the folder of the report.

    """

    report: Report
    seconds: float
    baseline_gone: int
    remarks: list[str]


class PreparedAudit:
    """An audit with its logs found and its options checked; no log has been read and nothing written yet."""

    def __init__(self, request: AuditRequest) -> None:
        """Check the options and find the logs.

        Raises:
            UsageError: a path does not exist, or the baseline or a plug-in cannot be used.

        """
        self.request = request
        self.started = time.monotonic()
        self.baseline: Baseline | None = read_baseline(request.baseline) if request.baseline else None
        self.found: Discovery = discover_logs(request.paths, include=request.include, exclude=request.exclude)

    def run(self, each: Callable[[RunResult, int], object] | None = None) -> FinishedAudit:
        """Judge all runs and write the report; `each` is called with every run and the number of finished runs.

        Raises:
            OSError: the report cannot be written.

        """
        request = self.request
        with self._report_folder() as new:
            options = AuditOptions(
                root=self.found.root, config=request.config, report=new.staging if new else None, version=__version__,
                strict=request.strict, baseline=self.baseline,
            )  # fmt: skip
            audit = Audit(self.found, options)
            with closing(audit.run(request.jobs)) as all_results:
                for results in all_results:
                    for number, result in enumerate(results, len(audit.results) - len(results) + 1):
                        if each:
                            each(result, number)
            report = audit.document()
            seconds = time.monotonic() - self.started
            remarks: list[str] = []
            if new:
                _write_report(new.staging, report, audit, seconds)
                remarks = new.publish()
        gone = self.baseline.gone(report["runs"]) if self.baseline else 0
        return FinishedAudit(report, seconds, gone, remarks)

    def _report_folder(self) -> AbstractContextManager[ReportFolder | None]:
        if self.request.report is None:
            return nullcontext()
        from .report_folder import new_report

        return new_report(self.request.report, is_chosen=self.request.is_report_chosen)


def _write_report(folder: Path, report: Report, audit: Audit, seconds: float) -> None:
    """Write report.json, the waiting pages, and the index page; for a single run its page is the index page."""
    from .pages.rendered import waiting_page

    write_page(folder / REPORT, report_text(report))
    for result in audit.results:
        if result.row and result.is_page_waiting:
            page = waiting_page(folder, result.entry["run"])
            write_page(folder / result.row["href"], page.text(chance_notes(result.entry)))
    rows = sorted((result.row for result in audit.results if result.row), key=lambda row: row["name"])
    if [row["href"] for row in rows] == [INDEX]:
        return
    from .pages.render import render_index

    index = render_index(
        rows,
        root=masked_text(audit.found.root.name),
        version=report["version"],
        unreadable=report["unreadable"],
        batch=report["batch"],
        comparisons=report["comparisons"],
        seconds=seconds,
        insights=report["insights"],
        entries=report["runs"],
        studies=report["studies"],
        provenance=_provenance(audit, seconds),
    )
    write_page(folder / INDEX, index)


def _provenance(audit: Audit, seconds: float) -> list[tuple[str, str]]:
    from .pages.provenance import provenance_of

    options = audit.options
    accepted = None
    if options.baseline is not None:
        accepted = sum(is_accepted(finding) for result in audit.results for finding in result.entry["findings"])
    rows = provenance_of(options.version, options.config, accepted=accepted, seconds=seconds)
    return [*rows, *(("Processes", note) for note in audit.notes)]


def discover_logs(paths: Sequence[Path], *, include: Sequence[str] = (), exclude: Sequence[str] = ()) -> Discovery:
    """Find all logs under some paths; the current folder if none is given.

    Raises:
        UsageError: a path does not exist (then it is a FileNotFoundError, too), or a plug-in cannot be used.

    """
    return discover(list(paths) or [Path()], include=include, exclude=exclude)


def read_runs(found: Discovery, config: Config | None = None) -> Iterator[Run]:
    """Read all runs, sorted by name, one group of logs at a time."""
    for runs in read_groups(found.groups, found.root, config=config or Config()):
        for run in runs:
            add_settings_beside(run, found.root)
            yield run


def run_audit(
    paths: Sequence[str | os.PathLike[str]],
    given: Mapping[str, Any],
    *,
    config: str | os.PathLike[str] | None = None,
    report: str | os.PathLike[str] | None = None,
    jobs: int = 1,
    strict: bool = False,
) -> AuditResult:
    """See `trainlint.audit`; `given` are the options that a configuration file can set, None where it may.

    Raises:
        UsageError: an option or the file is invalid, or a path does not exist (then it is a FileNotFoundError, too).
        OSError: the report cannot be written.

    """
    file = load(Path(config)) if config is not None else None
    chosen = {name: value for name, value in given.items() if value is not None}
    chosen |= {name: tuple(chosen[name]) for name in ("select", "ignore", "group_by") if name in chosen}
    options = resolve_options(chosen, chosen, file)
    request = AuditRequest(
        paths=[Path(path) for path in paths],
        config=options["config"],
        include=options.get("include", ()),
        exclude=options.get("exclude", ()),
        baseline=Path(options["baseline"]) if "baseline" in options else None,
        report=Path(report) if report is not None else None,
        jobs=jobs,
        strict=strict,
    )
    return AuditResult(PreparedAudit(request).run().report)
