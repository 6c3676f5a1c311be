"""Audit many groups of logs in parallel processes; results are streamed in order and no run takes others with it."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
from collections import deque
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from multiprocessing import resource_tracker
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..parsers.run import Note, Run
from ..parsers.secrets import masked_path, masked_text
from ..rules.batch import digest_of
from .comparing import compared, reader
from .document import document, note_entry, run_entry
from .engine import judge
from .judgement import Judgement
from .read import read_group
from .settings import Config, rules_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from multiprocessing.context import BaseContext

    from ..rules.batch import RunDigest
    from .baseline import Baseline
    from .discover import Discovery, LogGroup

CHUNK_GROUPS = 20  # a process call costs about a millisecond: shared by this many small runs it is lost in the noise
SMALL_BYTES = 4_000_000  # below this one process is done before a second one has imported numpy
CHUNKS_A_JOB = 4  # few large runs are shared out, too
AHEAD = 2  # chunks in flight per worker: enough to keep it busy, few enough to suspect when one kills its worker


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
    """What comes back from a worker: the run's entry in report.json, its row on the index page, what to compare it by."""

    entry: dict[str, Any]
    row: dict[str, Any] | None
    digest: RunDigest


class Audit:
    """An audit of all that was found: results as they come, and the whole report when they are through."""

    def __init__(self, found: Discovery, options: AuditOptions) -> None:
        self.found = found
        self.options = options
        self.results: list[RunResult] = []
        self.comparisons: list[dict[str, Any]] = []
        self.failed: dict[str, str] = {}

    def run(self, jobs: int) -> Iterator[list[RunResult]]:
        """Judge group after group, each yielded as soon as it and those before it are done; then compare the runs."""
        groups: dict[str, LogGroup] = {}
        for group, results in zip(self.found.groups, audit_groups(self.found.groups, self.options, jobs), strict=True):
            groups |= {result.digest.name: group for result in results}
            self.results += results
            yield results
        options = self.options
        self.comparisons, self.failed = compared(
            [result.digest for result in self.results],
            reader(groups, options.root, options.config), options.config, strict=options.strict,
        )  # fmt: skip

    @property
    def unreadable(self) -> list[dict[str, str]]:
        """Files and runs that could not be read at all, as report.json lists them."""
        listed = [_complaint(note) for note in self.found.unreadable]
        for result in self.results:
            if result.entry["status"] == "unreadable":
                notes = [Note(**note) for note in result.entry["notes"]]
                listed.append(_complaint(notes[0] if notes else Note(result.entry["run"], "", "holds no metric")))
        return sorted(listed, key=lambda item: item["path"])

    def document(self) -> dict[str, Any]:
        """The report so far, schema `trainlint-report/1`."""
        entries = [result.entry for result in self.results]
        whole = document(masked_path(str(self.found.root)), self.options.version, entries, self.unreadable)
        whole["comparisons"] = self.comparisons
        whole["batch"]["failed"] = self.failed
        return whole


def _complaint(note: Note) -> dict[str, str]:
    return {"path": note.path, "reason": f"{note.where}: {note.message}" if note.where else note.message}


def audit_groups(groups: Sequence[LogGroup], options: AuditOptions, jobs: int) -> Iterator[list[RunResult]]:
    """Yield the results of each group, in the order of the groups.

    A group whose worker dies is tried once more alone; if that kills the worker again it comes back as an unreadable
    run that says so, and every other group is judged all the same.
    """
    is_only = len(groups) == 1
    if jobs <= 1 or is_only or _total_bytes(groups) < SMALL_BYTES:
        yield from (audit_group(group, options, is_only=is_only) for group in groups)
        return
    size = max(1, min(CHUNK_GROUPS, len(groups) // (jobs * CHUNKS_A_JOB)))
    chunks = deque(list(groups[i : i + size]) for i in range(0, len(groups), size))
    while chunks:
        yield from _stream(chunks, options, jobs)


def _stream(chunks: deque[list[LogGroup]], options: AuditOptions, jobs: int) -> Iterator[list[RunResult]]:
    """Work through chunks in one pool until they are done or it breaks; then what was in flight is done one by one."""
    flying: deque[tuple[list[LogGroup], Future[list[list[RunResult]]]]] = deque()
    with _pool(jobs) as pool:
        try:
            while chunks or flying:
                while chunks and len(flying) < AHEAD * jobs:
                    with _interrupts_held():
                        flying.append((chunks[0], pool.submit(_audit_chunk, chunks[0], options)))
                    chunks.popleft()
                yield from flying[0][1].result()
                flying.popleft()
        except BrokenProcessPool:
            pass
    for chunk, future in flying:
        if future.done() and not future.cancelled() and future.exception() is None:
            yield from future.result()
        else:
            for group in chunk:
                yield _audit_alone(group, options)


def _audit_alone(group: LogGroup, options: AuditOptions) -> list[RunResult]:
    """One group in a process of its own, quarantined if it kills it."""
    with _pool(1) as pool:
        try:
            with _interrupts_held():
                alone = pool.submit(audit_group, group, options)
            return alone.result()
        except BrokenProcessPool:
            return [_lost(group, options, "the process that read it died (out of memory?); set aside")]


def _lost(group: LogGroup, options: AuditOptions, why: str) -> RunResult:
    """What stands for the runs of a group that could not be judged."""
    name = group.name or masked_text(options.root.name)
    run = Run(name, masked_path(str(group.path)), group.files[0].parser.id)
    run.notes.append(Note(group.name or ".", "", masked_text(why)))
    return _result(Judgement(run, (), {}, "unreadable"), options, is_only=False)


@contextmanager
def _pool(jobs: int) -> Iterator[ProcessPoolExecutor]:
    """Worker processes that do not outlive the block, however it ends: an interrupted audit waits for none."""
    before = set(multiprocessing.active_children())
    pool = ProcessPoolExecutor(jobs, mp_context=_context(), initializer=_leave_interrupts_to_parent)
    try:
        yield pool
    except BaseException:
        for child in set(multiprocessing.active_children()) - before:
            child.terminate()
        raise
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Ctrl-C waits for the end of the block, in which workers are started.

    A worker that is half started is on no list yet and could not be ended: it would print a traceback about its vanished
    parent. Workers also inherit the blocked signal, so that one that is still importing prints none either.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: held.append(number))
    if sys.platform != "win32":
        resource_tracker.ensure_running()  # its own start would unblock the signal again
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        if sys.platform != "win32":
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
        signal.signal(signal.SIGINT, before or signal.SIG_DFL)
        if held:
            signal.raise_signal(signal.SIGINT)


def _leave_interrupts_to_parent() -> None:
    """Ctrl-C reaches every process of a terminal: workers would each print a traceback."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _audit_chunk(chunk: Sequence[LogGroup], options: AuditOptions) -> list[list[RunResult]]:
    return [audit_group(group, options) for group in chunk]


def audit_group(group: LogGroup, options: AuditOptions, *, is_only: bool = False) -> list[RunResult]:
    """Read, judge and render the runs of one group; `is_only`: a lone run's page is the report."""
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
        judgement = _judged(run, options)
        seconds = reading + time.monotonic() - started
        results.append(_result(judgement, options, is_only=is_only and len(runs) == 1, seconds=seconds))
    return results


def _judged(run: Run, options: AuditOptions) -> Judgement:
    settings = options.config.at(Path(run.path))
    judgement = judge(run, rules_of(settings), min_confidence=settings.min_confidence, strict=options.strict)
    baseline = options.baseline
    if baseline is None:
        return judgement
    marked = (replace(found, is_accepted=baseline.accepts(run.name, found)) for found in judgement.findings)
    return replace(judgement, findings=tuple(marked))


def _result(judgement: Judgement, options: AuditOptions, *, is_only: bool, seconds: float = 0.0) -> RunResult:
    entry, digest = run_entry(judgement), digest_of(judgement.run)
    if options.report is None:
        return RunResult(entry, None, digest)
    from .making import making_of
    from .pages import page_name, write_page
    from .render import index_row, render_run

    href = "index.html" if is_only else f"runs/{page_name(judgement.run.name)}.html"
    try:
        accepted = None if options.baseline is None else sum(bool(f.is_accepted) for f in judgement.findings)
        making = making_of(
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
    write_page(options.report / href, page)
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


def _context() -> BaseContext:
    """Processes forked from a clean server that has imported what they need; spawned where there is none."""
    if sys.platform == "win32":
        return multiprocessing.get_context("spawn")
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__, "trainlint.analyzer.render", "trainlint.rules.registry"])
    return context


def default_jobs() -> int:
    """Processors this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
