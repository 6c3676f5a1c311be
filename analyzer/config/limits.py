"""Limits on the memory and CPU time of one run, in a worker or in this process.

The operating system bounds memory, so that an allocation beyond the limit fails at once. A thread watches the time and
raises `LimitError` in the working thread; C code is interrupted when it returns, and a worker that does not return is
killed by its parent.
"""

from __future__ import annotations

import ctypes
import os
import re
import sys
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from .choices import DEFAULT_MEMORY, DEFAULT_SECONDS
from .errors import UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

MIB, GIB = 1024**2, 1024**3
ARRIVES_WITHIN = 100  # iterations of a loop: a pending asynchronous exception is raised at the first
LOOK_S = 0.25  # between checks of the clock; enough for a limit in seconds
_SIZE = re.compile(r"(\d{1,15}(?:\.\d+)?) ?([KMGT]?)(?:i?B)?", re.IGNORECASE)
AGAIN_S = 1.0  # code that swallowed the first exception gets another


def size_of(text: str | int) -> int:
    """A number of bytes, or a text like "500M" or "4G".

    Raises:
        UsageError: it is neither.

    """
    found = _SIZE.fullmatch(str(text).strip())
    if not found:
        raise UsageError(f"max-memory: {text!r} is not a size such as 500M or 4G")
    return int(float(found[1]) * 1024 ** " KMGT".index(found[2].upper() or " "))


class LimitError(BaseException):
    """A run exceeds its time limit. Not an `Exception`, so that `except Exception` does not swallow it."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one run.

    Attributes:
        memory: bytes in addition to those in use when the run begins; None means no limit.
        seconds: CPU time for reading its group of files, and the same again for judging it; None means no limit.

    """

    memory: int | None = size_of(DEFAULT_MEMORY)
    seconds: float | None = DEFAULT_SECONDS

    @property
    def memory_exceeded(self) -> str:
        """The note for a run that exceeds the memory limit."""
        if self.memory is None:
            return "out of memory"
        return f"exceeds the memory limit of {size_text(self.memory)} per run; raise it with --max-memory"

    @property
    def time_exceeded(self) -> str:
        """The note for a run that exceeds the time limit."""
        return f"exceeds the limit of {self.seconds or 0:g} s of CPU time per run; raise it with --max-seconds"


def limits_of(memory: str | int = DEFAULT_MEMORY, seconds: float = DEFAULT_SECONDS) -> Limits:
    """Parse configured limits: memory in bytes or as a text like "4G"; 0 means no limit.

    Raises:
        UsageError: a value is invalid.

    """
    size = size_of(memory)
    if not 0 <= seconds < float("inf"):
        raise UsageError(f"max-seconds: {seconds!r} is not a number of seconds")
    return Limits(size or None, float(seconds) or None)


def size_text(size: int) -> str:
    """A number of bytes in GiB or MiB."""
    return f"{size / GIB:.3g} GiB" if size >= GIB else f"{size / MIB:.3g} MiB"


class limited:  # noqa: N801  (used like a function: `with limited(limits):`)
    """Enforce limits within the block, in this thread.

    Raises:
        MemoryError: in the block, if it exceeds the memory limit.
        LimitError: in the block, if it exceeds the time limit.

    """

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.thread = threading.get_ident()
        self.deadline = float("inf")
        self.next_error = 0.0

    def __enter__(self) -> Self:
        _begun()
        if self.limits.seconds is not None:
            self.deadline = _cpu_seconds(self.thread) + self.limits.seconds
            _watch.add(self)
        if self.limits.memory is not None:
            _memory.bound(self.limits.memory)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while True:
            try:
                _watch.remove(self)
                break
            except LimitError:  # raised while leaving the block
                continue
        if self.limits.memory is not None:
            _memory.release()

    @property
    def is_over(self) -> bool:
        """Whether the time limit is exceeded."""
        return _cpu_seconds(self.thread) > self.deadline

    def go_on(self) -> None:
        """Raise `LimitError` if the time limit is exceeded."""
        if self.is_over:
            raise LimitError


class _Watch:
    """A thread that checks the CPU clocks of working threads; it sleeps while there are none."""

    def __init__(self) -> None:
        self.lock = threading.Condition()
        self.watched: list[limited] = []
        self.thread: threading.Thread | None = None

    def add(self, block: limited) -> None:
        with self.lock:
            self.watched.append(block)
            if self.thread is None or not self.thread.is_alive():  # a forked process has none
                self.thread = threading.Thread(target=self._run, name="trainlint limits", daemon=True)
                self.thread.start()
            elif len(self.watched) == 1:
                self.lock.notify()

    def remove(self, block: limited) -> None:
        """Stop watching; raises a pending `LimitError`, which would otherwise hit unrelated code.

        A pending exception is awaited rather than cancelled: cancelling it (PyThreadState_SetAsyncExc with NULL) leaves
        CPython 3.11 checking for it forever, which slows every loop, and hangs under a profiler.
        """
        with self.lock:
            if block in self.watched:
                self.watched.remove(block)
        if block.next_error:
            for _ in range(ARRIVES_WITHIN):
                pass

    def _run(self) -> None:
        while True:
            with self.lock:
                while not self.watched:
                    self.lock.wait()
            time.sleep(LOOK_S)
            now = time.monotonic()
            with self.lock:
                for block in self.watched:
                    if now >= block.next_error and block.is_over:
                        block.next_error = now + AGAIN_S
                        _raise_in(block.thread, LimitError)


class _Memory:
    """The limit of the operating system on allocations of this process, lowered while runs are read; Linux only."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.held = 0
        self.before = (-1, -1)
        self.is_warm = False
        self.process = 0
        self.file = -1

    def bound(self, size: int) -> None:
        if sys.platform != "linux":
            return
        import resource

        with self.lock:
            if not self.is_warm:
                self.is_warm = True
                _warm_up()
            if not self.held:
                self.before = resource.getrlimit(resource.RLIMIT_DATA)
            self.held += 1
            limit = self._in_use() + size
            lowest = min([limit, *(known for known in self.before if known != resource.RLIM_INFINITY)])
            resource.setrlimit(resource.RLIMIT_DATA, (lowest, self.before[1]))

    def release(self) -> None:
        if sys.platform != "linux":
            return
        import resource

        with self.lock:
            self.held -= 1
            if not self.held:
                resource.setrlimit(resource.RLIMIT_DATA, self.before)

    def open(self) -> None:
        """Open the source of the memory in use."""
        if sys.platform == "linux" and self.process != os.getpid():
            self.process = os.getpid()
            try:
                self.file = os.open("/proc/self/statm", os.O_RDONLY | os.O_CLOEXEC)
            except OSError:
                self.file = -1

    def _in_use(self) -> int:
        """Bytes that count towards the limit: data and stack; where these are unknown, at least the resident set."""
        self.open()
        if self.file < 0:
            import resource

            return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        return int(os.pread(self.file, 200, 0).split()[5]) * os.sysconf("SC_PAGE_SIZE")


def _warm_up() -> None:
    """Let the linear algebra library allocate its buffers: it aborts the program if it cannot do so later."""
    import numpy as np

    matrix = np.ones((128, 128))
    matrix @ matrix


_memory = _Memory()


def prepare() -> None:
    """Open the source of the memory in use in advance: later, reading other files may be forbidden."""
    _memory.open()


_watch = _Watch()


def _nothing() -> None:
    pass


_begun: Callable[[], None] = _nothing


def when_begun(do: Callable[[], None]) -> None:
    """Register a function to call whenever a block begins; a worker sends a sign of life to its parent."""
    global _begun  # noqa: PLW0603
    _begun = do


def _raise_in(thread: int, error: type[BaseException]) -> None:
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(error))


def _cpu_seconds(thread: int) -> float:
    if hasattr(time, "pthread_getcpuclockid"):
        return time.clock_gettime(time.pthread_getcpuclockid(thread))
    return time.process_time()
