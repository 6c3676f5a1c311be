"""Audit many groups of logs in parallel processes; results are streamed in order, and a crash affects only its own run."""

from __future__ import annotations

import time
from collections import deque
from contextlib import closing
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..parsers.run import Note, Run
from ..parsers.secrets import masked_path, masked_text
from ..rules.view.run_digest import digest_of
from ..rules.view.run_view import RunView
from .across.batch_rules import compare_runs, reader
from .across.document import document
from .across.multiplicity import may_be_chance
from .config.limits import LimitError, limited
from .config.options import Config, rules_of
from .judging.engine import judge, overflow_ignored
from .judging.judgement import Judgement, Verdict
from .reading.read import read_group
from .report.config_notice import configuration_entry, switched_off_by_file
from .report.document import note_entry, run_entry
from .report.entries import place_of

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence
    from concurrent.futures import Future

    from ..rules.view.run_digest import RunDigest
    from .pages.index_row import IndexRow
    from .reading.discover import Discovery, LogGroup
    from .report.baseline import Baseline
    from .report.schema import ComparisonEntry, FileEntry, Report, RunEntry

SMALL_BYTES = 4_000_000  # below this, one process finishes before a second one has imported numpy
AHEAD = 40  # groups in flight per worker: a slow group does not block the others, and few results wait for it


@dataclass(frozen=True, slots=True)
class AuditOptions:
    """Options of an audit for its workers.

    Attributes:
        root: folder that names of runs are relative to.
        config: rules to run and meanings of metrics; names only, the worker looks the rules up.
        report: folder of the HTML report; None for no pages.
        version: of trainlint, for the pages.
        strict: propagate exceptions of parsers and rules.
        baseline: accepted findings.

    """

    root: Path
    config: Config = field(default_factory=Config)
    report: Path | None = None
    version: str = ""
    strict: bool = False
    baseline: Baseline | None = None


@dataclass(frozen=True, slots=True)
class RunResult:
    """The result of a worker for one run.

    Attributes:
        entry: entry of the run in report.json.
        row: row of the index page, None if there is no page.
        digest: digest for batch rules.
        is_page_waiting: its page waits for notes from the whole batch, see `pages.rendered`.

    """

    entry: RunEntry
    row: IndexRow | None
    digest: RunDigest
    is_page_waiting: bool = False


class Audit:
    """An audit of all logs found: a stream of results, then the whole report."""

    def __init__(self, found: Discovery, options: AuditOptions) -> None:
        self.found = found
        self.options = options
        self.results: list[RunResult] = []
        self.comparisons: list[ComparisonEntry] = []
        self.failed: dict[str, str] = {}
        self.notes: list[str] = []

    def run(self, jobs: int) -> Generator[list[RunResult], None, None]:
        """Judge the groups and yield the results in order, each as soon as it and its predecessors are done; then compare the runs."""
        groups: dict[str, LogGroup] = {}
        with closing(audit_groups(self.found.groups, self.options, jobs, self.notes)) as all_results:
            for group, results in zip(self.found.groups, all_results, strict=True):
                groups |= {result.digest.name: group for result in results}
                self.results += results
                yield results
        options = self.options
        self.comparisons, self.failed = compare_runs(
            [result.digest for result in self.results],
            reader(groups, options.root, options.config), options.config, strict=options.strict,
        )  # fmt: skip

    @property
    def unreadable(self) -> list[FileEntry]:
        """Entries of the files and runs that could not be read."""
        listed = [_complaint(note) for note in self.found.unreadable]
        for result in self.results:
            if result.entry["status"] == "unreadable":
                notes = [Note(**note) for note in result.entry["notes"]]
                listed.append(_complaint(notes[0] if notes else Note(result.entry["run"], "", "contains no metric")))
        return sorted(listed, key=lambda item: item["path"])

    def document(self) -> Report:
        """The report so far, schema `trainlint-report/1`."""
        return document(
            masked_path(str(self.found.root)), self.options.version, [result.entry for result in self.results],
            self.unreadable, configuration=configuration_entry(self.options.config), comparisons=self.comparisons,
            failed=self.failed, notes=self.notes,
        )  # fmt: skip


def _complaint(note: Note) -> FileEntry:
    return {"path": note.path, "reason": f"{note.where}: {note.message}" if note.where else note.message}


def audit_groups(
    groups: Sequence[LogGroup], options: AuditOptions, jobs: int, notes: list[str] | None = None
) -> Generator[list[RunResult], None, None]:
    """Yield the results of each group, in the order of the groups.

    A group whose worker dies is retried once in a new worker; if that one dies as well, the group becomes an unreadable
    run with this reason, and all other groups are judged. Problems with the processes are added to `notes`.
    """
    is_only = len(groups) == 1
    if jobs <= 1 or is_only or _total_bytes(groups) < SMALL_BYTES:
        yield from (audit_group(group, options, is_only=is_only) for group in groups)
        return
    from .processes.workers import Workers

    left, flying = deque(groups), deque[tuple["LogGroup", "Future[list[RunResult]]"]]()
    with Workers(
        min(jobs, len(groups)), partial(audit_group, options=options),
        limits=options.config.limits, logs=_log_folders(groups, options.root),
    ) as workers:  # fmt: skip
        try:
            while left or flying:
                while left and len(flying) < AHEAD * jobs:
                    flying.append((left[0], workers.submit(left.popleft())))
                group, future = flying.popleft()
                yield _result_of(group, future, options)
        finally:
            if notes is not None:
                notes += workers.notes


def _log_folders(groups: Sequence[LogGroup], root: Path) -> list[Path]:
    """Folders of the logs: the root, unless that is the whole file system."""
    whole = Path(root.anchor)
    return [root] if root != whole else [whole / name for name in {group.name.partition("/")[0] for group in groups}]


def _result_of(group: LogGroup, future: Future[list[RunResult]], options: AuditOptions) -> list[RunResult]:
    """The results of a group from its worker; without a worker, this process computes them."""
    from .processes.worker_handle import DiedError, OverLimitError
    from .processes.workers import NoWorkerError

    try:
        return future.result()
    except NoWorkerError:
        return audit_group(group, options)
    except OverLimitError as error:
        return [_lost(group, options, str(error))]
    except DiedError as error:
        return [_lost(group, options, f"the worker process died while reading it ({error})")]


def _lost(group: LogGroup, options: AuditOptions, why: str) -> RunResult:
    """The result that replaces the runs of a group that could not be judged."""
    name = group.name or masked_text(options.root.name)
    run = Run(name, masked_path(str(group.path)), group.files[0].parser.id)
    run.notes.append(Note(group.name or ".", "", masked_text(why)))
    return _result(Judgement(RunView(run), (), {}, "unreadable"), options, is_only=False)


def audit_group(group: LogGroup, options: AuditOptions, *, is_only: bool = False) -> list[RunResult]:
    """Read, judge and render the runs of one group; with `is_only`, the page of a single run is the report."""
    started = time.monotonic()
    try:
        runs = read_group(group, options.root, config=options.config, strict=options.strict)
    except Exception as error:
        if options.strict:
            raise
        return [_lost(group, options, f"could not be read: {type(error).__name__}: {error}")]
    reading = (time.monotonic() - started) / max(1, len(runs))
    results = []
    for run in runs:
        started = time.monotonic()
        judgement = _within_limits(run, options)
        seconds = reading + time.monotonic() - started
        results.append(_result(judgement, options, is_only=is_only and len(runs) == 1, seconds=seconds))
    return results


def _within_limits(run: Run, options: AuditOptions) -> Judgement:
    """A judged run; not judged if that exceeds a limit."""
    limits = options.config.limits
    try:
        with limited(limits):
            return _judged(run, options)
    except LimitError:
        why = limits.time_exceeded
    except MemoryError:
        why = limits.memory_exceeded
    run.notes.append(Note(run.name, "", f"judging the run {why}"))
    return Judgement(RunView(run), (), {}, "not-checked" if run.all_curves else "unreadable")


def _judged(run: Run, options: AuditOptions) -> Judgement:
    settings = options.config.at(Path(run.path))
    judgement = judge(run, rules_of(settings), min_confidence=settings.min_confidence, strict=options.strict)
    off = switched_off_by_file(options.config, Path(run.path))
    if off:
        why = Verdict("switched-off", f"switched off by {place_of(str(options.config.file))}")
        judgement = replace(judgement, verdicts=judgement.verdicts | dict.fromkeys(off, why))
    baseline = options.baseline
    if baseline is None:
        return judgement
    marked = (replace(found, is_accepted=baseline.accepts(run.name, found)) for found in judgement.findings)
    return replace(judgement, findings=tuple(marked))


@overflow_ignored()
def _result(judgement: Judgement, options: AuditOptions, *, is_only: bool, seconds: float = 0.0) -> RunResult:
    entry, digest = run_entry(judgement), digest_of(judgement.run)
    if options.report is None:
        return RunResult(entry, None, digest)
    from .pages.provenance import provenance_of
    from .pages.render import index_row, render_run
    from .report.files import page_name, write_page

    href = "index.html" if is_only else f"runs/{page_name(judgement.run.name)}.html"
    try:
        accepted = None if options.baseline is None else sum(bool(f.is_accepted) for f in judgement.findings)
        provenance = provenance_of(
            options.version,
            options.config,
            Path(judgement.run.path),
            accepted=accepted,
            seconds=seconds if is_only else None,
        )
        page = render_run(
            judgement, version=options.version, index_href=None if is_only else "../index.html", provenance=provenance
        )
        row = index_row(judgement, href)
    except Exception as error:
        if options.strict:
            raise
        note = Note(judgement.run.name, "", f"its page could not be written: {type(error).__name__}: {error}")
        entry["notes"].append(note_entry(note))
        return RunResult(entry, None, digest)
    if may_be_chance(entry):
        page.wait(options.report, judgement.run.name)
        return RunResult(entry, row, digest, is_page_waiting=True)
    write_page(options.report / href, page.text())
    return RunResult(entry, row, digest)


def _total_bytes(groups: Sequence[LogGroup]) -> int:
    total = 0
    for group in groups:
        for log in group.files:
            try:
                total += log.path.stat().st_size
            except OSError:
                continue
            if total >= SMALL_BYTES:
                return total
    return total
