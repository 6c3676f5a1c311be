"""Start worker processes: forked from a template if the system supports it, otherwise with a new interpreter each."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ... import __file__ as package_file
from ... import __path__ as package_places
from .import_path import environment, interpreter, trusted
from .worker import FORK, ORDER, REAP, REPLY, START, setup_line
from .worker_handle import Worker

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

PACKAGE = __name__.partition(".")[0]
PRELOAD = tuple(f"{PACKAGE}.{module}" for module in ("analyzer.batch", "analyzer.pages.render", "rules.registry"))
FORKS = hasattr(os, "fork")
MAX_TEMPLATES = 3  # something kills them: more attempts will not help
END_S = 2.0  # a killed process ends within milliseconds


class Starter:
    """Starts workers that import from no folder of logs and keep their temporary files in `scratch`."""

    def __init__(self, logs: Sequence[Path], scratch: Path | None) -> None:
        self.setup: dict[str, Any] = {
            "package": PACKAGE,
            "file": package_file,
            "places": list(package_places),
            "module": f"{PACKAGE}.analyzer.processes.worker",
            "path": trusted(sys.path, logs),
            "parent": os.getpid(),
            "scratch": str(scratch) if scratch else "",
            "preload": PRELOAD,
        }
        self.lock = threading.Lock()
        self.template: _Template | None = None
        self.templates = 0

    def prepare(self) -> None:
        """Start the template, which begins to import."""
        if FORKS:
            with self.lock, suppress(OSError):
                self._living_template()

    def worker(self) -> Worker:
        """A new worker.

        Raises:
            OSError: no process can be started.

        """
        if not FORKS:
            return _spawned(self.setup)
        while True:
            with self.lock:
                template = self._living_template()
                try:
                    return template.forked()
                except _GoneError:
                    template.end()
                    self.template = None

    @property
    def has_lost_templates(self) -> bool:
        """Whether a template had to be replaced."""
        return self.templates > 1

    def end(self) -> None:
        """End the template; pending requests get no answer."""
        template, self.template, self.templates = self.template, None, MAX_TEMPLATES
        if template:
            template.end()

    def _living_template(self) -> _Template:
        if self.template is None:
            if self.templates >= MAX_TEMPLATES:
                raise OSError(errno.ECHILD, "the template process of the workers dies repeatedly")
            self.templates += 1
            self.template = _Template(self.setup)
        return self.template


class _GoneError(Exception):
    """The template has died."""


class _Template:
    """The process that workers are forked from."""

    def __init__(self, setup: dict[str, Any]) -> None:
        import socket

        self.control, theirs = socket.socketpair()
        self.lock = threading.Lock()
        self.is_ready = False
        setup = {**setup, "control": theirs.fileno()}
        try:
            self.process = _started(setup, stdout=subprocess.DEVNULL, pass_fds=(theirs.fileno(),))
        except OSError:
            self.control.close()
            raise
        finally:
            theirs.close()
        assert self.process.stdin
        self.process.stdin.close()

    def forked(self) -> Worker:
        """A worker.

        Raises:
            OSError: the system refuses another process.
            _GoneError: the template has died.

        """
        theirs_in, requests = os.pipe()
        answers, theirs_out = os.pipe()
        made = -errno.ECHILD
        try:
            made = self._asked(FORK, 0, theirs_in, theirs_out)
        finally:
            ends = (theirs_in, theirs_out) if made >= 0 else (theirs_in, theirs_out, requests, answers)
            for end in ends:
                os.close(end)
        if made < 0:
            raise OSError(-made, os.strerror(-made))
        return Worker(made, requests, answers, lambda: self._reaped(made))

    def _reaped(self, process: int) -> int | None:
        try:
            return os.waitstatus_to_exitcode(self._asked(REAP, process))
        except _GoneError:
            return None

    def _asked(self, what: bytes, process: int, *pipes: int) -> int:
        import socket

        with self.lock:
            try:
                if not self.is_ready:
                    self._answer()
                    self.is_ready = True
                socket.send_fds(self.control, [ORDER.pack(what, process)], pipes)
                return self._answer()
            except OSError as error:
                raise _GoneError from error

    def _answer(self) -> int:
        answer = self.control.recv(REPLY.size)
        if len(answer) < REPLY.size:
            raise _GoneError
        return int(REPLY.unpack(answer)[0])

    def end(self) -> None:
        import socket

        with suppress(OSError):
            self.control.shutdown(socket.SHUT_RDWR)  # wakes threads that wait for an answer
        self.process.kill()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(END_S)
        with self.lock:
            self.control.close()


def _started(setup: dict[str, Any], **how: Any) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(  # noqa: S603  (this Python, with our program)
        [*interpreter(), "-c", START], stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment(), bufsize=0, **how
    )  # fmt: skip
    assert process.stdin
    with suppress(BrokenPipeError):  # the missing answer shows it
        process.stdin.write(setup_line(setup))
    return process


def _spawned(setup: dict[str, Any]) -> Worker:
    process = _started(setup, stdout=subprocess.PIPE)
    assert process.stdin
    assert process.stdout

    def reaped() -> int | None:
        try:
            return process.wait(END_S)
        except subprocess.TimeoutExpired:
            return None

    return Worker(process.pid, process.stdin, process.stdout, reaped)
