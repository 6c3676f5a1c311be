"""Handle of a worker process in its parent: sends calls, monitors and ends it."""

from __future__ import annotations

import os
import select
import signal
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from .worker import HEADER, exactly, send

if TYPE_CHECKING:
    from collections.abc import Callable

    from ..config.limits import Limits

LOOK_MS = 500  # between checks of the resources of a worker
END_MS = 2000  # a killed process ends within milliseconds
PART_BYTES = 1 << 20
# Beyond the limit that the worker enforces itself: time to return from C code and to report partial results.
GRACE_S = 10.0
GRACE_BYTES = 512 * 1024**2


class DiedError(Exception):
    """A worker died during a call; the text says how."""


class OverLimitError(DiedError):
    """A worker was ended because it exceeded a limit."""


class Worker:
    """One process. `requests` and `answers` are pipes to and from it; `reap` waits for it and returns its exit code."""

    def __init__(
        self, process: int, requests: int | IO[bytes], answers: int | IO[bytes], reap: Callable[[], int | None]
    ) -> None:
        self.process = process
        self.requests = open(requests, "wb", buffering=0) if isinstance(requests, int) else requests  # noqa: PTH123, SIM115
        self.answers = open(answers, "rb", buffering=0) if isinstance(answers, int) else answers  # noqa: PTH123, SIM115
        self.reap = reap
        self.lock = threading.Lock()
        self.is_gone = False
        self.code: int | None = None

    def call(self, message: bytes, limits: Limits) -> bytes:
        """Send a call and return the answer.

        Raises:
            DiedError: the worker died.

        """
        watch = _Usage(self.process, limits)
        try:
            send(self.requests, message)
            while True:
                self._wait(watch)
                (length,) = HEADER.unpack(exactly(self.answers, HEADER.size))
                if length:
                    return exactly(self.answers, length)
                watch.begin()
        except (OSError, EOFError, ValueError) as error:  # ValueError: closed at the end of an audit
            raise DiedError(self.end()) from error

    def _wait(self, watch: _Usage) -> None:
        if not hasattr(select, "poll"):
            return
        poll = select.poll()
        poll.register(self.answers, select.POLLIN)
        while not poll.poll(LOOK_MS):
            why = watch.excess()
            if why:
                self.end()
                raise OverLimitError(why)

    def kill(self) -> None:
        """End the process; a thread waiting for its answer gets an exception."""
        with self.lock:
            if not self.is_gone:  # afterwards another process may have its id
                with suppress(OSError):
                    os.kill(self.process, getattr(signal, "SIGKILL", signal.SIGTERM))

    def wait(self) -> None:
        """Wait until the killed process has closed its files; it writes nothing afterwards."""
        if not hasattr(select, "poll"):
            return
        with suppress(OSError, ValueError):
            poll = select.poll()
            poll.register(self.answers, select.POLLIN)
            while poll.poll(END_MS) and self.answers.read(PART_BYTES):
                pass

    def end(self) -> str:
        """End the process, wait for it, and return how it died if it ended by itself."""
        self.kill()
        self.wait()
        with self.lock:
            if not self.is_gone:
                self.is_gone = True
                self.code = self.reap()
        code = self.code
        for pipe in (self.requests, self.answers):
            with suppress(OSError):
                pipe.close()
        if code is None or code == -getattr(signal, "SIGKILL", 0):
            return "killed: out of memory?"
        return f"signal {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


class _Usage:
    """Resources used by a process (Linux only)."""

    def __init__(self, process: int, limits: Limits) -> None:
        self.folder = Path(f"/proc/{process}")
        self.limits = limits
        self.before: float | None = None  # looked up only for long calls

    def begin(self) -> None:
        self.before = self._seconds()

    def excess(self) -> str:
        """The note if the process exceeds its limits by a margin."""
        limits = self.limits
        seconds = self._seconds()
        if self.before is None:
            self.before = seconds - LOOK_MS / 1000
        if limits.seconds is not None and seconds - self.before > limits.seconds + GRACE_S:
            return limits.time_exceeded
        if limits.memory is not None and self._bytes() > limits.memory + GRACE_BYTES:
            return limits.memory_exceeded
        return ""

    def _seconds(self) -> float:
        with suppress(OSError, ValueError, IndexError):
            after_name = (self.folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
            return (int(after_name[11]) + int(after_name[12])) / os.sysconf("SC_CLK_TCK")
        return 0.0

    def _bytes(self) -> int:
        """Private resident memory: pages of mapped files can be reclaimed."""
        with suppress(OSError, ValueError, IndexError):
            _, resident, shared = (int(pages) for pages in (self.folder / "statm").read_text().split()[:3])
            return (resident - shared) * os.sysconf("SC_PAGE_SIZE")
        return 0
