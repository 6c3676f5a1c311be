"""Worker processes for an audit: none outlives it, and one that dies takes nothing with it but the call it was busy with.

Each worker has a thread here that hands it one call after the other, so that it is known which call a worker died of; that
one is tried once more in a fresh worker. Where no worker can be started, the caller is told and does the work itself.
"""

from __future__ import annotations

import pickle
import threading
from concurrent.futures import Future
from contextlib import ExitStack
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from ...parsers.files.leftovers import scratch_folder
from ..config.limits import Limits
from .worker_handle import DiedError, OverLimitError
from .worker_start import Starter

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from .worker_handle import Worker

T = TypeVar("T")
TRIES = 2


class NoWorkerError(Exception):
    """No process is left that could do the call; the text says why."""


@dataclass(slots=True)
class _Task(Generic[T]):
    """A call under way: what a worker is sent, and where the answer goes."""

    message: bytes
    future: Future[T] = field(default_factory=Future)
    deaths: int = 0


class Workers(Generic[T]):
    """Up to `jobs` processes that all do the same work.

    A future raises `DiedError` if its call killed its process twice or took too much, and `NoWorkerError` if there is no
    process to be had. `notes` tells what did not go as it should.

    Args:
        jobs: processes.
        work: what every call is a call of; it is sent to a process once, with all that it holds.
        limits: for one call, enforced by killing; a worker should hold itself to them before.
        logs: folders from which nothing is imported.

    """

    def __init__(
        self,
        jobs: int,
        work: Callable[..., T],
        *,
        limits: Limits = Limits(),  # noqa: B008  (immutable)
        logs: Sequence[Path] = (),
    ) -> None:
        self.notes: list[str] = []
        self._first = pickle.dumps(work, pickle.HIGHEST_PROTOCOL)
        self._limits = limits
        self._tasks: SimpleQueue[_Task[T] | None] = SimpleQueue()
        self._lock = threading.Lock()
        self._workers: set[Worker] = set()
        self._is_closed = threading.Event()
        self._serving = 0
        self._scratch = ExitStack()
        self._starter = Starter(logs, self._new_scratch())
        self._starter.prepare()
        for number in range(jobs):
            try:
                threading.Thread(target=self._serve, name=f"trainlint worker {number}", daemon=True).start()
            except RuntimeError as error:  # no thread more
                self._less(str(error), jobs)
                break
            self._serving += 1
        self._jobs = jobs

    def submit(self, *arguments: Any) -> Future[T]:
        """Have the work done with some arguments, which are pickled."""
        task: _Task[T] = _Task(pickle.dumps(arguments, pickle.HIGHEST_PROTOCOL))
        with self._lock:
            if self._serving:
                self._tasks.put(task)
            else:
                task.future.set_exception(NoWorkerError(self.notes[-1] if self.notes else "closed"))
        return task.future

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        """End all processes at once, whatever they are doing."""
        self._is_closed.set()
        with self._lock:
            threads, self._serving = self._serving, 0
            workers = list(self._workers)
        for worker in workers:
            worker.kill()
        for worker in workers:
            worker.wait()
        self._starter.end()
        self._drop_tasks("the audit has ended")
        for _ in range(threads):
            self._tasks.put(None)
        for worker in workers:
            worker.end()
        self._scratch.close()

    def _new_scratch(self) -> Path | None:
        """The folder for temporary files of all workers."""
        try:
            return self._scratch.enter_context(scratch_folder())
        except OSError:  # nowhere to write: few logs need it, and those that do are noted
            return None

    def _serve(self) -> None:
        """Hand calls to one worker, and to the one that follows when it dies."""
        worker: Worker | None = None
        while (task := self._tasks.get()) is not None:
            try:
                while not task.future.done():
                    worker = worker or self._new()
                    if not self._is_done(task, worker):
                        worker = None
            except OSError as error:
                self._retire(task, f"no process could be started: {error.strerror or error}")
                break
        # A system may end what a thread has started when the thread ends: another worker's template.
        self._is_closed.wait()

    def _new(self) -> Worker:
        if self._is_closed.is_set():
            raise OSError(0, "the audit has ended")
        worker = self._starter.worker()
        with self._lock:
            self._workers.add(worker)
            if self._starter.has_lost_templates and not self.notes:
                self.notes.append("the process that starts workers died and was started again")
        try:
            worker.call(self._first, self._limits)
        except DiedError as died:
            self._forget(worker)
            raise OSError(0, f"it ended at once ({died})") from died
        return worker

    def _is_done(self, task: _Task[T], worker: Worker) -> bool:
        """Have a worker do a call; False if it died."""
        try:
            answer = worker.call(task.message, self._limits)
        except OverLimitError as error:
            self._forget(worker)
            task.future.set_exception(error)
            return False
        except DiedError as died:
            self._forget(worker)
            task.deaths += 1
            if task.deaths == TRIES:
                task.future.set_exception(died)
            return False
        try:
            is_well, result = pickle.loads(answer)  # noqa: S301  (from a worker of ours)
        except Exception as error:  # noqa: BLE001
            is_well, result = False, error
        if is_well:
            task.future.set_result(result)
        else:
            task.future.set_exception(result)
        return True

    def _forget(self, worker: Worker) -> None:
        with self._lock:
            self._workers.discard(worker)

    def _retire(self, task: _Task[T], why: str) -> None:
        """Go on with one worker less; the call is for another one, or for nobody if this was the last."""
        with self._lock:
            if self._is_closed.is_set():
                return
            self._serving -= 1
            is_last = not self._serving
            if not is_last:
                self._tasks.put(task)
        self._less(why, self._jobs)
        if is_last:
            self._give_up(task, why)
            self._drop_tasks(why)

    def _less(self, why: str, jobs: int) -> None:
        left = self._serving
        note = f"{why}; {f'{left} of {jobs} processes' if left else 'one process'} did all the work"
        self.notes = [*(known for known in self.notes if not known.endswith("did all the work")), note]

    def _drop_tasks(self, why: str) -> None:
        while True:
            try:
                task = self._tasks.get_nowait()
            except Empty:
                return
            if task:
                self._give_up(task, why)

    @staticmethod
    def _give_up(task: _Task[T], why: str) -> None:
        """What has killed a process before is not done in this one."""
        error: Exception = DiedError("killed: out of memory?") if task.deaths else NoWorkerError(why)
        task.future.set_exception(error)
