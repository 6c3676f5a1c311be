"""Code of a worker, and of the template that workers are forked from. Both end with the process that started them.

A worker receives calls through one pipe and answers through another; nothing else is shared, so that no semaphore,
shared memory or helper process of `multiprocessing` is needed. The end of the first pipe means that the parent ended.
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
ORDER = struct.Struct("<ci")  # to the template: command and process id
REPLY = struct.Struct("<i")  # from it: process id or negative errno; exit status of a process
FORK, REAP, READY = b"f", b"r", 0
READY_TO_WORK = pickle.dumps((True, None))  # answer to the first message
SIGN_OF_LIFE_S = 1.0  # the parent checks twice a second: more frequent signs would be useless
PARENT_DEATH_SIGNAL = 1  # for prctl (Linux)

# Program of a new interpreter: it imports trainlint from the same place as its parent, whatever its path is.
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
        EOFError: the other side has ended.

    """
    (length,) = HEADER.unpack(exactly(stream, HEADER.size))
    return exactly(stream, length)


def exactly(stream: IO[bytes], length: int) -> bytes:
    """Read a number of bytes.

    Raises:
        EOFError: the other side has ended.

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
    """Start as a template if the setup has a control socket `control`, otherwise as a worker."""
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
    """Import the modules of workers, then fork a worker on each request, until the control socket closes."""
    import socket

    for module in setup["preload"]:
        import_module(module)
    _hold_nothing()
    warnings.simplefilter("ignore")  # numerical libraries have threads, which are idle during the fork
    gc.freeze()  # no worker's garbage collector scans (and copies) the shared objects
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
    """Close inherited pipes: a reader of the program's output waits for the last process that holds it open."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for standard in (0, 1, 2):
        os.dup2(nothing, standard)
    os.close(nothing)


def _die_with(parent: int) -> None:
    """Ask Linux to kill this process when its parent dies, even within C code that holds the GIL."""
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if sys.platform != "win32" and os.getppid() != parent:
        os._exit(0)


def _work(requests: int, answers: int, setup: Mapping[str, Any]) -> NoReturn:
    """Call the function in the first message with the arguments in each later one, until the pipe ends."""
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
    """The pickled result of a call with pickled arguments: success flag, and the returned value or exception."""
    try:
        return pickle.dumps((True, work(*pickle.loads(message))), pickle.HIGHEST_PROTOCOL)  # noqa: S301  (as above)
    except BaseException as error:  # noqa: BLE001
        error.add_note(traceback.format_exc())
        try:
            return pickle.dumps((False, error), pickle.HIGHEST_PROTOCOL)
        except Exception:  # noqa: BLE001
            return pickle.dumps((False, RuntimeError(f"{type(error).__name__}: {error}")), pickle.HIGHEST_PROTOCOL)


def setup_line(setup: Mapping[str, Any]) -> bytes:
    """The first line that a new interpreter reads."""
    return json.dumps(setup).encode() + b"\n"
