"""Audit many groups of logs in parallel processes; results are streamed in order and no run takes others with it."""

from __future__ import annotations

import time
from collections import deque
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..parsers.run import Note, Run
from ..parsers.secrets import masked_path, masked_text
from ..rules.view.run_digest import digest_of
from ..rules.view.run_view import RunView
from .across.batch_rules import compared, reader
from .across.document import document
from .across.multiplicity import may_be_chance
from .config.limits import LimitError, limited
from .config.options import Config, rules_of
from .judging.engine import judge, overflow_ignored
from .judging.judgement import Judgement, Verdict
from .reading.packing import NOTHING_PARSED, packs_of, parse_pack
from .reading.read import read_group
from .report.config_notice import configuration_entry, switched_off_by_file
from .report.document import note_entry, run_entry
from .report.entries import place_of

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from concurrent.futures import Future

    from ..rules.view.run_digest import RunDigest
    from .pages.index_row import IndexRow
    from .processes.workers import Workers
    from .reading.discover import Discovery
    from .reading.grouping import LogGroup
    from .reading.packing import Parsed
    from .report.baseline import Baseline
    from .report.schema import ComparisonEntry, FileEntry, Report, RunEntry

SMALL_BYTES = 4_000_000  # below this one process is done before a second one has imported numpy
AHEAD = 40  # groups in flight per worker: others go on while one takes its time, and few results wait for it


@dataclass(frozen=True, slots=True)
class AuditOptions:
    """What a worker needs to know.

    Attributes:
        root: names of runs are relative to it.
        config: which rules to run and what metrics mean, names only: rules are looked up in the worker.
        report: folder of the HTML report; None writes no pages.
        version: of trainlint, for the pages.
        strict: let exceptions of parsers and rules through.
        baseline: of accepted findings.

    """

    root: Path
    config: Config = field(default_factory=Config)
    report: Path | None = None
    version: str = ""
    strict: bool = False
    baseline: Baseline | None = None


@dataclass(frozen=True, slots=True)
class RunResult:
    """What comes back from a worker.

    Attributes:
        entry: of the run in report.json.
        row: on the index page, None if there is no page.
        digest: what to compare it by.
        is_page_waiting: its page waits for what the whole batch tells, see `pages.rendered`.

    """

    entry: RunEntry
    row: IndexRow | None
    digest: RunDigest
    is_page_waiting: bool = False


class Audit:
    """An audit of all that was found: results as they come, and the whole report when they are through."""

    def __init__(self, found: Discovery, options: AuditOptions) -> None:
        self.found = found
        self.options = options
        self.results: list[RunResult] = []
        self.comparisons: list[ComparisonEntry] = []
        self.failed: dict[str, str] = {}
        self.notes: list[str] = []

    def run(self, jobs: int) -> Generator[list[RunResult], None, None]:
        """Judge group after group, each yielded as soon as it and those before it are done; then compare the runs."""
        groups: dict[str, LogGroup] = {}
        with closing(audit_groups(self.found.groups, self.options, jobs, self.notes)) as all_results:
            for group, results in zip(self.found.groups, all_results, strict=True):
                groups |= {result.digest.name: group for result in results}
                self.results += results
                yield results
        options = self.options
        self.comparisons, self.failed = compared(
            [result.digest for result in self.results],
            reader(groups, options.root, options.config), options.config, strict=options.strict,
        )  # fmt: skip

    @property
    def unreadable(self) -> list[FileEntry]:
        """Files and runs that could not be read at all, as report.json lists them."""
        listed = [_complaint(note) for note in self.found.unreadable]
        for result in self.results:
            if result.entry["status"] == "unreadable":
                notes = [Note(**note) for note in result.entry["notes"]]
                listed.append(_complaint(notes[0] if notes else Note(result.entry["run"], "", "holds no metric")))
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

    A group whose worker dies is tried once more in a fresh one; if that kills the worker again it comes back as an
    unreadable run that says so, and every other group is judged all the same. What did not go as it should with the
    processes is added to `notes`.
    """
    is_only = len(groups) == 1
    if jobs <= 1 or is_only or _total_bytes(groups) < SMALL_BYTES:
        for pack in packs_of(groups):
            yield from _audited_together(pack, options, is_only=is_only)
        return
    from .processes.workers import Workers

    left, flying = deque(packs_of(groups)), deque[tuple[list["LogGroup"], "Future[list[list[RunResult]]]"]]()
    with Workers(
        min(jobs, len(groups)), _begin, (options,),
        limits=options.config.limits, logs=_log_folders(groups, options.root), report=options.report,
    ) as workers:  # fmt: skip
        try:
            while left or flying:
                while left and len(flying) < AHEAD * jobs:
                    flying.append((left[0], workers.submit(_audit_pack, left.popleft())))
                yield from _results_of(*flying.popleft(), options, workers)
        finally:
            if notes is not None:
                notes += workers.notes


def _log_folders(groups: Sequence[LogGroup], root: Path) -> list[Path]:
    """Where the logs lie: below the root, unless that is the whole file system."""
    whole = Path(root.anchor)
    return [root] if root != whole else [whole / name for name in {group.name.partition("/")[0] for group in groups}]


def _results_of(
    pack: list[LogGroup], future: Future[list[list[RunResult]]], options: AuditOptions, workers: Workers
) -> Iterator[list[RunResult]]:
    """The results of a pack from its worker; those of a pack that failed group by group."""
    from .processes.worker_handle import DiedError, OverLimitError
    from .processes.workers import NoWorkerError

    try:
        yield from future.result()
    except NoWorkerError:
        yield from _audited_together(pack, options)
    except (OverLimitError, DiedError) as error:
        if len(pack) == 1:
            yield [_lost(pack[0], options, _why_lost(error))]
            return
        for group in pack:
            yield from _results_of([group], workers.submit(_audit_pack, [group]), options, workers)


def _why_lost(error: Exception) -> str:
    from .processes.worker_handle import OverLimitError

    return str(error) if isinstance(error, OverLimitError) else f"the process that read it died ({error}); set aside"


_options: AuditOptions  # of the audit that this process works for


def _begin(options: AuditOptions) -> None:
    global _options  # noqa: PLW0603
    _options = options


def _audit_pack(pack: list[LogGroup]) -> list[list[RunResult]]:
    return list(_audited_together(pack, _options))


def _audited_together(
    pack: list[LogGroup], options: AuditOptions, *, is_only: bool = False
) -> Iterator[list[RunResult]]:
    parsed = parse_pack(pack)
    return (audit_group(group, options, is_only=is_only, parsed=parsed) for group in pack)


def _lost(group: LogGroup, options: AuditOptions, why: str) -> RunResult:
    """What stands for the runs of a group that could not be judged."""
    name = group.name or masked_text(options.root.name)
    run = Run(name, masked_path(str(group.path)), group.files[0].parser.id)
    run.notes.append(Note(group.name or ".", "", masked_text(why)))
    return _result(Judgement(RunView(run), (), {}, "unreadable"), options, is_only=False)


def audit_group(
    group: LogGroup, options: AuditOptions, *, is_only: bool = False, parsed: Parsed = NOTHING_PARSED
) -> list[RunResult]:
    """Read, judge and render the runs of one group; `is_only`: a lone run's page is the report.

    `parsed` may have the runs of some of its files already.
    """
    started = time.monotonic()
    try:
        runs = read_group(group, options.root, config=options.config, strict=options.strict, parsed=parsed)
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
    """A run judged, or as it was read if that takes too much."""
    limits = options.config.limits
    try:
        with limited(limits):
            return _judged(run, options)
    except LimitError:
        why = limits.seconds_told
    except MemoryError:
        why = limits.memory_told
    run.notes.append(Note(run.name, "", f"judging it {why}"))
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
        making = provenance_of(
            options.version,
            options.config,
            Path(judgement.run.path),
            accepted=accepted,
            seconds=seconds if is_only else None,
        )
        page = render_run(
            judgement, version=options.version, index_href=None if is_only else "../index.html", making=making
        )
        row = index_row(judgement, href)
    except Exception as error:
        if options.strict:
            raise
        note = Note(judgement.run.name, "", f"its page could not be made: {type(error).__name__}: {error}")
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
