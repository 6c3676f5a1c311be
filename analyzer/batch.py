"""Audit many groups of logs in parallel processes; results are streamed in order, and a crash affects only its own run."""

from __future__ import annotations

from collections import deque
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..parsers.run import Note
from ..parsers.secrets import masked_path
from .across.batch_rules import compare_runs, reader
from .across.document import document
from .group_audit import AuditOptions, RunResult, audit_groups_of, audit_pack, lost_result
from .reading.packing import packs_of
from .report.config_notice import configuration_entry
from .studies.studies import studies_of

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence
    from concurrent.futures import Future

    from ..rules.view.study import Study
    from .processes.workers import Workers
    from .reading.discover import Discovery
    from .reading.grouping import LogGroup
    from .report.schema import ComparisonEntry, FileEntry, Report

SMALL_BYTES = 4_000_000  # below this, one process finishes before a second one has imported numpy
AHEAD = 40  # packs in flight per worker: a slow one does not block the others, and few results wait for it


class Audit:
    """An audit of all logs found: a stream of results, then the whole report."""

    def __init__(self, found: Discovery, options: AuditOptions) -> None:
        self.found = found
        self.options = options
        self.results: list[RunResult] = []
        self.studies: list[Study] = []
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
        self.studies = studies_of([result.digest for result in self.results], options.config.studies)
        self.comparisons, self.failed = compare_runs(
            [result.digest for result in self.results],
            reader(groups, options.root, options.config), options.config, strict=options.strict, studies=self.studies,
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
            failed=self.failed, notes=self.notes, studies=self.studies,
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
        for pack in packs_of(groups):
            yield from audit_groups_of(pack, options, is_only=is_only)
        return
    from .processes.workers import Workers

    left, flying = deque(packs_of(groups)), deque[tuple[list["LogGroup"], "Future[list[list[RunResult]]]"]]()
    with Workers(
        min(jobs, len(groups)), partial(audit_pack, options=options),
        limits=options.config.limits, logs=_log_folders(groups, options.root),
    ) as workers:  # fmt: skip
        try:
            while left or flying:
                while left and len(flying) < AHEAD * jobs:
                    flying.append((left[0], workers.submit(left.popleft())))
                pack, future = flying.popleft()
                yield from _results_of(pack, future, options, workers)
        finally:
            if notes is not None:
                notes += workers.notes


def _log_folders(groups: Sequence[LogGroup], root: Path) -> list[Path]:
    """Folders of the logs: the root, unless that is the whole file system."""
    whole = Path(root.anchor)
    return [root] if root != whole else [whole / name for name in {group.name.partition("/")[0] for group in groups}]


def _results_of(
    pack: list[LogGroup],
    future: Future[list[list[RunResult]]],
    options: AuditOptions,
    workers: Workers[list[list[RunResult]]],
) -> Iterator[list[RunResult]]:
    """The results of a pack from its worker; if the pack fails, its groups are submitted individually.

    Without a worker, this process computes them.
    """
    from .processes.worker_handle import DiedError, OverLimitError
    from .processes.workers import NoWorkerError

    try:
        yield from future.result()
    except NoWorkerError:
        yield from audit_groups_of(pack, options)
    except (OverLimitError, DiedError) as error:
        if len(pack) == 1:
            is_died = isinstance(error, DiedError)
            why = f"the worker process died while reading it ({error})" if is_died else str(error)
            yield [lost_result(pack[0], options, why)]
            return
        for group in pack:
            yield from _results_of([group], workers.submit([group]), options, workers)


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
