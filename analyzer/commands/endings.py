"""How the command ends when it is told to by a signal: like Ctrl-C, with what it holds cleaned up, and its own exit code."""

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

NAMES = ("SIGTERM", "SIGHUP")  # the second is not known to Windows
# A second signal within this time changes nothing: `timeout` and terminals send several at once. Later it ends at once.
PATIENCE_S = 5.0


_received: list[int] = []  # the signal that ends the program, if one came


def signal_received() -> int | None:
    """The signal that ends the program, for where its exception was lost: an extension module that is imported replaces it."""
    return _received[0] if _received else None


class EndedError(BaseException):
    """A signal asks the program to end. No `Exception`, so that nothing takes it for a fault of a log."""


def heed_signals() -> None:
    """Let signals raise `EndedError` in the main thread; one that is ignored, as under `nohup`, stays so."""
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
    """End the program; from here on a signal finds nothing left to clean up."""
    for name in (*NAMES, "SIGINT"):
        number = getattr(signal, name, None)
        if number is not None:
            signal.signal(number, signal.SIG_IGN)
    sys.exit(code)


def silence(number: int) -> None:
    """Drop what is left to be written to a standard stream whose reader has gone, even at exit."""
    nothing = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nothing, number)
    os.close(nothing)


class PatientStream:
    """A standard stream whose reader may leave (`| head`): later output is dropped, and the exit code stays that of the work."""

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
    """Give a program that was started without standard streams (`>&-`) some that lead nowhere.

    Else the next file that is opened would get their number, and be taken for them.
    """
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(number, True)  # noqa: FBT003  (takes it by place only)
    os.close(number)
    if sys.stdout is None:
        sys.stdout = open(1, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(2, "w", encoding="utf-8", closefd=False)  # noqa: SIM115
