"""What runs in a worker, and in the template that workers are forked from. Both end when the program that started them does.

A worker is told what to do through one pipe and answers through another; nothing else is shared, so that no semaphore,
shared memory or helper process of `multiprocessing` is needed. When the first pipe ends, the program is gone.
"""

from __future__ import annotations

import gc
import json
import os
import pickle
import signal
import struct
import sys
import threading
import time
import traceback
import warnings
from importlib import import_module
from queue import SimpleQueue
from typing import IO, TYPE_CHECKING, Any, NoReturn

from ..config import limits

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

HEADER = struct.Struct("<Q")  # length of a message; 0 is a sign of life
ORDER = struct.Struct("<ci")  # to the template: what to do, and a process
REPLY = struct.Struct("<i")  # from it: a process, or minus an error number; how a process ended
FORK, REAP, READY = b"f", b"r", 0
READY_TO_WORK = pickle.dumps((True, None))  # what answers the first message
SIGN_OF_LIFE_S = 1.0  # the parent looks twice a second: more signs would tell it nothing
PARENT_DEATH_SIGNAL = 1  # of Linux's prctl

# What a new interpreter runs: it imports trainlint from the very place of its parent, whatever its path is.
START = """
import importlib.util, json, sys
with open(0, "rb", buffering=0, closefd=False) as requests:
    setup = json.loads(requests.readline())
sys.path[:] = setup["path"]
spec = importlib.util.spec_from_file_location(setup["package"], setup["file"], submodule_search_locations=setup["places"])
sys.modules[setup["package"]] = package = importlib.util.module_from_spec(spec)
spec.loader.exec_module(package)
importlib.import_module(setup["module"]).start(setup)
"""


def send(stream: IO[bytes], message: bytes) -> None:
    """Write one message to an unbuffered stream."""
    left = memoryview(HEADER.pack(len(message)) + message)
    while left:
        left = left[stream.write(left) or 0 :]


def receive(stream: IO[bytes]) -> bytes:
    """Read one message.

    Raises:
        EOFError: the other side has gone.

    """
    (length,) = HEADER.unpack(exactly(stream, HEADER.size))
    return exactly(stream, length)


def exactly(stream: IO[bytes], length: int) -> bytes:
    """Read so many bytes.

    Raises:
        EOFError: the other side has gone.

    """
    parts = []
    while length:
        part = stream.read(min(length, 1 << 20))
        if not part:
            raise EOFError
        parts.append(part)
        length -= len(part)
    return b"".join(parts)


def start(setup: Mapping[str, Any]) -> None:
    """Begin as what the setup says: a template with the control socket `control`, or a worker without one."""
    signal.signal(
        signal.SIGINT, signal.SIG_IGN
    )  # Ctrl-C reaches every process of a terminal; the parent ends the others
    _die_with(setup["parent"])
    if "control" in setup:
        _template(setup)
    requests, answers = os.dup(0), os.dup(1)
    _hold_nothing()
    _work(requests, answers, setup)


def _template(setup: Mapping[str, Any]) -> NoReturn:
    """Import what workers need, then fork one whenever it is asked for, until nobody is left who could ask."""
    import socket

    for module in setup["preload"]:
        import_module(module)
    _hold_nothing()
    warnings.simplefilter("ignore")  # libraries of mathematics have threads of their own, which sleep when this forks
    gc.freeze()  # no worker looks through what they all share
    control = socket.socket(fileno=setup["control"])
    own = os.getpid()
    control.sendall(REPLY.pack(READY))
    while True:
        order, pipes, _, _ = socket.recv_fds(control, ORDER.size, 2)
        if len(order) < ORDER.size:
            os._exit(0)
        what, process = ORDER.unpack(order)
        if what == REAP:
            control.sendall(REPLY.pack(os.waitpid(process, 0)[1]))
            continue
        try:
            made = os.fork()
        except OSError as error:
            made = -(error.errno or 1)
        if made == 0:
            control.close()
            _die_with(own)
            _work(pipes[0], pipes[1], setup)
        for pipe in pipes:
            os.close(pipe)
        control.sendall(REPLY.pack(made))


def _hold_nothing() -> None:
    """Keep no pipe of the program open: whoever reads its output waits for the last process that holds it."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.close(nothing)


def _die_with(parent: int) -> None:
    """Ask Linux to kill this process when its parent dies, even within code that lets no thread of Python run."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if sys.platform != "win32" and os.getppid() != parent:
        os._exit(0)


def _work(requests: int, answers: int, setup: Mapping[str, Any]) -> NoReturn:
    """Do the work that the first message holds with the arguments of each that follows, until the pipe ends."""
    if setup["scratch"]:
        import tempfile

        tempfile.tempdir = setup["scratch"]
    orders: SimpleQueue[bytes] = SimpleQueue()
    reader = open(requests, "rb", buffering=0)  # noqa: SIM115  (a number; open until the end)
    writer = open(answers, "wb", buffering=0)  # noqa: SIM115

    def listen() -> None:
        try:
            while True:
                orders.put(receive(reader))
        finally:
            os._exit(0)

    threading.Thread(target=listen, daemon=True).start()
    last = time.monotonic()

    def live() -> None:
        nonlocal last
        if time.monotonic() - last > SIGN_OF_LIFE_S:
            last = time.monotonic()
            writer.write(HEADER.pack(0))

    limits.when_begun(live)
    work: Callable[..., object] | None = None
    while True:
        message = orders.get()
        last = time.monotonic()
        if work is None:
            work, answer = pickle.loads(message), READY_TO_WORK  # noqa: S301  (from the program that started this process)
        else:
            answer = _answer(work, message)
        try:
            send(writer, answer)
        except OSError:
            os._exit(0)


def _answer(work: Callable[..., object], message: bytes) -> bytes:
    """The pickled result of a call with pickled arguments: whether it went well, and what it returned or raised."""
    try:
        return pickle.dumps((True, work(*pickle.loads(message))), pickle.HIGHEST_PROTOCOL)  # noqa: S301  (as above)
    except BaseException as error:  # noqa: BLE001
        error.add_note(traceback.format_exc())
        try:
            return pickle.dumps((False, error), pickle.HIGHEST_PROTOCOL)
        except Exception:  # noqa: BLE001
            return pickle.dumps((False, RuntimeError(f"{type(error).__name__}: {error}")), pickle.HIGHEST_PROTOCOL)


def setup_line(setup: Mapping[str, Any]) -> bytes:
    """What a new interpreter reads first."""
    return json.dumps(setup).encode() + b"\n"
