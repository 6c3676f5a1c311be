"""Worker processes of an audit: none outlives it, and a worker that dies affects only its current call.

Each worker has a thread here that sends one call at a time, so that the call during which a worker died is known; that
one is retried once in a new worker. If no worker can be started, the caller gets an exception and does the work itself.
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
    """No process is left for the call; the text says why."""


@dataclass(slots=True)
class _Task(Generic[T]):
    """A pending call: the message for the worker, and the future for the answer."""

    message: bytes
    future: Future[T] = field(default_factory=Future)
    deaths: int = 0


class Workers(Generic[T]):
    """Up to `jobs` processes that call the same function.

    A future raises `DiedError` if its call killed its process twice or exceeded a limit, and `NoWorkerError` if no
    process is available. `notes` collects problems.

    Args:
        jobs: maximum number of processes.
        work: the function that every call calls; it is sent to each process once, with everything bound to it.
        limits: for one call, enforced by killing; a worker should enforce them itself before.
        logs: folders from which nothing may be imported.

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
            except RuntimeError as error:  # no more threads
                self._less(str(error), jobs)
                break
            self._serving += 1
        self._jobs = jobs

    def submit(self, *arguments: Any) -> Future[T]:
        """Call the function with some arguments, which are pickled."""
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
        """End all processes immediately."""
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
        except OSError:  # no writable place: few logs need it, and those get a note
            return None

    def _serve(self) -> None:
        """Send calls to one worker, and to its successor when it dies."""
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
        # Some systems end the children of a thread with the thread, e.g. the template of other workers.
        self._is_closed.wait()

    def _new(self) -> Worker:
        if self._is_closed.is_set():
            raise OSError(0, "the audit has ended")
        worker = self._starter.worker()
        with self._lock:
            self._workers.add(worker)
            if self._starter.has_lost_templates and not self.notes:
                self.notes.append("the template process of the workers died and was restarted")
        try:
            worker.call(self._first, self._limits)
        except DiedError as died:
            self._forget(worker)
            raise OSError(0, f"it ended immediately ({died})") from died
        return worker

    def _is_done(self, task: _Task[T], worker: Worker) -> bool:
        """Let a worker execute a call; False if it died."""
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
            is_well, result = pickle.loads(answer)  # noqa: S301  (from our worker)
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
        """Continue with one worker less; the call goes to another one, or fails if this was the last."""
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
        """A call that has killed a process is not executed in this one."""
        error: Exception = DiedError("killed: out of memory?") if task.deaths else NoWorkerError(why)
        task.future.set_exception(error)
