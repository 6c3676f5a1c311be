"""Termination by signals: like Ctrl-C, with clean-up and an exit code of its own."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import IO, TYPE_CHECKING, Any, NoReturn

from .exit_codes import SIGNALLED

if TYPE_CHECKING:
    from collections.abc import Iterable
    from types import FrameType

NAMES = ("SIGTERM", "SIGHUP")  # Windows does not have the second
# A second signal within this time is ignored: `timeout` and terminals send several at once. A later one ends at once.
PATIENCE_S = 5.0


_received: list[int] = []  # the signal that ends the program, if any


def signal_received() -> int | None:
    """The signal that ends the program, for cases in which its exception was lost, e.g. in an import of an extension module."""
    return _received[0] if _received else None


class EndedError(BaseException):
    """A signal ended the program. Not an `Exception`, so that it is not mistaken for a fault of a log."""


def heed_signals() -> None:
    """Let signals raise `EndedError` in the main thread; ignored signals (`nohup`) stay ignored."""
    first: list[float] = []

    def end(number: int, _: FrameType | None) -> None:
        if not first:
            first.append(time.monotonic())
            _received.append(number)
            if number == signal.SIGINT:
                raise KeyboardInterrupt
            raise EndedError
        if time.monotonic() - first[0] > PATIENCE_S:
            os._exit(SIGNALLED + number)

    for name in NAMES:
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) == signal.SIG_DFL:
            signal.signal(number, end)
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, end)


def leave(code: int) -> NoReturn:
    """End the program; from here on there is nothing to clean up after a signal."""
    for name in (*NAMES, "SIGINT"):
        number = getattr(signal, name, None)
        if number is not None:
            signal.signal(number, signal.SIG_IGN)
    sys.exit(code)


def silence(number: int) -> None:
    """Drop remaining output to a standard stream whose reader closed the pipe, even at exit."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, number)
    os.close(nothing)


class PatientStream:
    """A standard stream whose reader may close the pipe (`| head`): later output is dropped, the exit code is unaffected."""

    def __init__(self, stream: IO[str]) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except BrokenPipeError:
            silence(self._stream.fileno())
            return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        try:
            self._stream.flush()
        except BrokenPipeError:
            silence(self._stream.fileno())


def open_standard_streams() -> None:
    """Open the null device for standard streams that the program was started without (`>&-`).

    Otherwise the next file that is opened would get their descriptor.
    """
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(number, True)  # noqa: FBT003  (positional only)
    os.close(number)
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
