"""Runs whose process failed, as its output shows, and runs whose process did not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trainlint.parsers.run import Incident, Run, Source

from ..curves import Case, decay, run_of

if TYPE_CHECKING:
    from collections.abc import Callable

FRAME = '  File "a.py", line 7, in forward'
NO_OUTPUT = "the output of the process is not logged"


def logged(
    *kinds: str, text: str = "x", step: int | None = 120, context: tuple[str, ...] = (FRAME,)
) -> Callable[[], Run]:
    """A text log with a training loss that ends with a failure, which it may report as several kinds."""

    def make() -> Run:
        run = run_of({"loss": decay(20)})
        run.sources = [Source("train.log", "plain-text", 100)]
        run.incidents = [Incident(kind, "train.log", 4321, (*context, text), step) for kind in kinds]
        return run

    return make


def without_output() -> Run:
    run = run_of({"loss": decay(20)})
    run.sources = [Source("events", "tensorboard", 100)]
    return run


def crash(rule: str, name: str, text: str, remedy: str, what: str, confidence: float = 0.95) -> Case:
    """A process that failed at line 4,321 of its output, after step 120."""
    return Case(rule, name, logged(rule, text=text), "error", f"{what} after step 120 (line 4,321): {text}", (120, 120),
                confidence=confidence, remedy=remedy, findings=1)  # fmt: skip


DEVICE, HOST = "the accelerator ran out of memory", "the host ran out of memory"
LOST, ENDED = "a data-loader worker was lost", "an exception ended the run"
HALVE = "halve the batch size and double the gradient accumulation steps"
LOWER = "lower num_workers and prefetch_factor of the data loader: each worker has its own copy of the data set"
LOOK = "see a.py, line 7, in forward"
SIGNAL = "DataLoader worker (pid 3) is killed by signal: "

CASES = [
    crash("out-of-memory", "of the accelerator", "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB", HALVE, DEVICE),
    crash("out-of-memory", "of the host", "Killed", LOWER, HOST, 0.8),
    crash("out-of-memory", "of the host, as Python reports it", "MemoryError", LOWER, HOST, 0.8),
    Case("out-of-memory", "twice", logged("out-of-memory", "out-of-memory"), "error", findings=2),
    Case("out-of-memory", "before the first step", logged("out-of-memory", text="Killed", step=None), "error", steps=(0, 0),
         says="the host ran out of memory (line 4,321): Killed"),
    Case("out-of-memory", "a long line", logged("out-of-memory", text="x" * 161), "error",
         says=f"{DEVICE} after step 120 (line 4,321): {'x' * 159}…"),
    Case("out-of-memory", "a line that just fits", logged("out-of-memory", text="x" * 160), "error",
         says=f"{DEVICE} after step 120 (line 4,321): {'x' * 160}"),

    crash("collective-timeout", "of NCCL", "Watchdog caught collective operation timeout: WorkNCCL",
          "find the rank that stopped first: its log shows the cause, the other ranks were only waiting", "a collective operation timed out"),

    crash("worker-killed", "exited", "DataLoader worker (pid(s) 4, 5) exited unexpectedly",
          "lower num_workers and prefetch_factor: each worker needs its own memory", LOST),
    crash("worker-killed", "shared memory", SIGNAL + "Bus error.",
          "give the container more shared memory (docker run --shm-size=16g, or an emptyDir on /dev/shm)", LOST),
    crash("worker-killed", "a decoder", SIGNAL + "Segmentation fault.",
          "run with num_workers=0 and PYTHONFAULTHANDLER=1 to find the sample that crashes its decoder", LOST),

    crash("uncaught-exception", "a text that gives no advice", "ValueError: x", LOOK, ENDED),
    crash("uncaught-exception", "on the device", "RuntimeError: CUDA error: device-side assert triggered",
          "rerun on the CPU or with CUDA_LAUNCH_BLOCKING=1: the usual cause is a label outside [0, classes)", ENDED),
    Case("uncaught-exception", "without frames", logged("uncaught-exception", context=()), "error",
         remedy="fix it and resume from the last checkpoint before step 120"),
    Case("uncaught-exception", "without frames or a step", logged("uncaught-exception", context=(), step=None), "error",
         remedy="fix it and resume from the last checkpoint"),
    Case("uncaught-exception", "out of memory", logged("out-of-memory", "uncaught-exception", text="MemoryError"), "error"),
    Case("uncaught-exception", "a timeout", logged("collective-timeout", "uncaught-exception"), "error"),
    Case("uncaught-exception", "a lost worker", logged("worker-killed", "uncaught-exception"), "error"),

    *(Case(rule, name, make, outcome, says)
      for rule in ("out-of-memory", "collective-timeout", "worker-killed", "uncaught-exception")
      for name, make, outcome, says in (
          ("no failure", logged(), "clear", ""),
          ("no output", without_output, "not-applicable", NO_OUTPUT))),
]  # fmt: skip
