"""Lines of a text log that report a failure.

Four kinds: memory ran out, a collective operation timed out, a worker of the data loader was killed, and a Python
traceback. A fifth is no failure: the log says that the run ends before its plan, by early stopping or a time limit. The context of an incident ends with the line itself; before it stand the lines above, or the last frames of
the traceback. A failure after which metrics go on was handled: it becomes a note, unless it comes again and again.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from ..run import Incident
from ..secrets import masked_text
from .tracebacks import TRACEBACK, line_at, read_traceback

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ..files.text import Notes
    from ..run import Floats, Ints

    Kind: TypeAlias = Literal[
        "out-of-memory", "collective-timeout", "worker-killed", "uncaught-exception", "announced-stop"
    ]

LINES_BEFORE = 3
MAX_HITS = 1000  # of one marker in a file
MAX_INCIDENTS = 20
MAX_QUOTE = 120  # of them in a note
MAX_TEXT = 500  # characters of a line that are kept
REPEATED = 3  # repetitions that make it a failure although metrics continue

# For each kind plain texts, which are fast to search, and a pattern that the line with one of them must match.
_MARKS: tuple[tuple[Kind, tuple[str, ...], str], ...] = (
    (
        "out-of-memory",
        ("out of memory", "OutOfMemory", "ALLOC_FAILED", "RESOURCE_EXHAUSTED", "ResourceExhausted", "OOM when allocating",
         "oom-kill", "oom_kill", "Killed", "not enough memory", "t allocate memory", "MemoryError", "cudaErrorMemoryAllocation",
         "Exceeded job memory limit"),
        (
            r"(?:CUDA|HIP|MPS backend|XPU|NPU|GPU|Device) (?:error: |is )?(?:ran )?out of memory|error: out of memory|OutOfMemoryError\b"
            r"|CU(?:BLAS|DNN|SPARSE|SOLVER|FFT)_STATUS_ALLOC_FAILED|RESOURCE_EXHAUSTED\b|ResourceExhaustedError|OOM when allocating"
            r"|oom[-_]kill|Out of memory: Kill|^\s*(?:\S+: line [0-9]+:\s+)?(?:\[[0-9]+\]\s*[+-]?\s*)?(?:[0-9]+ )?Killed\s*(?:$|(?:nohup |python|srun|torchrun|accelerate|\())"
            r"|DefaultCPUAllocator: (?:can't|not enough)|^(?:\w+\.)*_?(?:Array)?MemoryError\b|cudaErrorMemoryAllocation|Exceeded job memory limit"
        ),
    ),
    (
        "collective-timeout",
        ("collective operation timeout", "timed out", "Timed out", "DistStoreError", "imeout"),
        (
            r"collective operation timeout|(?:ProcessGroup)?(?:NCCL|Gloo|HCCL|GLOO|RCCL).*(?:timeout|timed out|Timed out|Timeout)"
            r"|Timed out (?:waiting|after)\b.*|DistStoreError|Heartbeat monitor timed out|[Bb]arrier.*timed out|wait timeout after"
        ),
    ),
    (
        "worker-killed",
        ("DataLoader worker", "insufficient shared memory", "terminated abruptly", "unexpectedly terminated"),
        (
            r"DataLoader worker\s*\(pids?(?:\(s\))?\s*[0-9, ]+\) (?:is killed by signal|exited unexpectedly)"
            r"|insufficient shared memory|process in the process pool was terminated abruptly|executor was unexpectedly terminated"
        ),
    ),
    ("uncaught-exception", (TRACEBACK,), re.escape(TRACEBACK)),
    (
        "announced-stop",
        ("arly stopping", "arly-stopping", "arly_stopping", "topping early", "topping_early", "topped early", "arly stop",
         "ime limit", "all-clock limit", "allclock", "rainer to stop", "Stopping"),
        (
            r"(?i:stopp(?:ing|ed)[_ ]early|\bearly[ _-]?stop(?:ping|ped)?\b[!.:,]?\s*(?:$|triggered|activated|at |after |best )"
            r"|(?:time|wall-?clock) (?:limit|budget|cap) (?:was )?(?:reached|exceeded|hit)"
            r"|(?:reached|exceeded|hit) (?:the )?(?:max(?:imum)? )?(?:time|wall-?clock) (?:limit|budget|cap)"
            r"|signaling trainer to stop|^stopping\. best iteration|did not improve\b.{0,80}\bstopping)"
        ),
    ),
)  # fmt: skip
_SAYS = {kind: re.compile(pattern) for kind, _, pattern in _MARKS}
_CODE = re.compile(
    r"^\s*(?:except|raise|if|elif|return|print|def|class|#|//|assert|with|logger|logging|warnings)\b|^\s*#|['\"] in |\bin str\("
)
_LEARNING = re.compile(
    r"torch|tensorflow|keras|cuda|nccl|\bjax\b|flax|lightning|transformers|deepspeed|megatron|accelerate|paddle|mxnet"
    r"|mindspore|\btrain|epoch|\bfit\b|optimizer|backward|gradient|dataloader",
    re.IGNORECASE,
)


@dataclass(slots=True)
class _Failure:
    kind: Kind
    line: int
    context: tuple[str, ...]


def has_failure(text: str) -> bool:
    """Whether a piece of text reports a failed run; a traceback counts only if it is about training."""
    failures = list(_failures(text))
    failures = [failure for failure in failures if failure.kind != "announced-stop"]
    return any(f.kind != "uncaught-exception" for f in failures) or (
        bool(failures) and _LEARNING.search(text) is not None
    )


def find_incidents(path: Path, text: str, row_line: Ints, row_step: Floats, notes: Notes) -> list[Incident]:
    r"""Find the failures in a log.

    `text` has `\n` line ends; of each logged row, `row_line` is the number of its line and `row_step` its step, NaN if
    unknown. Of failures between the same two rows each kind counts once. A traceback beside another kind is probably
    the same failure: rules decide which of them to report, and a note about handled ones names the other kind only.
    """
    incidents: list[Incident] = []
    was_handled: list[bool] = []
    needs_note: list[bool] = []
    for after, group in groupby(_failures(text), lambda failure: int(np.searchsorted(row_line, failure.line, "right"))):
        failures: dict[Kind, _Failure] = {}
        for failure in group:
            failures.setdefault(failure.kind, failure)
        step = float(row_step[after - 1]) if after else math.nan
        for failure in sorted(failures.values(), key=lambda f: (f.line, f.kind == "uncaught-exception")):
            at = int(step) if math.isfinite(step) else None
            incidents.append(Incident(failure.kind, str(path), failure.line, failure.context, at))
            later = row_step[after:][np.isfinite(row_step[after:])]
            is_only_evaluated = failure.kind == "announced-stop" and not (later > step).any()
            was_handled.append(after < len(row_line) and not is_only_evaluated)
            needs_note.append(failure.kind != "uncaught-exception" or len(failures) == 1)
    said = [(incident.kind, incident.context[-1].strip()) for incident in incidents]
    kept = []
    for incident, is_handled, is_noted, (kind, line) in zip(incidents, was_handled, needs_note, said, strict=True):
        if not is_handled or said.count((kind, line)) >= REPEATED:
            kept.append(incident)
        elif is_noted:
            what = kind.replace("-", " ")
            notes.add(f"{what}, but training continued: {line[:MAX_QUOTE]}", f"line {incident.line}")
    return kept[:MAX_INCIDENTS]


def _failures(text: str) -> Iterator[_Failure]:
    """All failures in the order of the log."""
    hits: dict[int, Kind] = {}  # position of a line: the most exact kind
    for kind, marks, _ in _MARKS:
        for mark in marks:
            position = text.find(mark)
            for _ in range(MAX_HITS):
                if position < 0:
                    break
                start = text.rfind("\n", 0, position) + 1
                line = line_at(text, start)
                if start not in hits and _SAYS[kind].search(line) and not _CODE.search(line):
                    hits[start] = kind
                position = text.find(mark, position + len(mark))
    number = counted = 0
    read_to = 0  # end line of the tracebacks read, including chained ones
    for start, kind in sorted(hits.items()):
        number += text.count("\n", counted, start)
        counted = start
        if kind != "uncaught-exception":
            lines = [line_at(text, at) for at in _starts_before(text, start, LINES_BEFORE)]
            yield _Failure(kind, number + 1, _kept((*lines, line_at(text, start))))
        elif number + 1 > read_to and (frames := read_traceback(text, start)):
            read_to = number + 1 + frames.lines
            if not frames.is_by_hand:
                yield _Failure(kind, read_to, _kept(frames.context))


def _kept(lines: Sequence[str]) -> tuple[str, ...]:
    """The kept part of lines: secrets are masked before truncation could make them unrecognisable."""
    return tuple(line[:MAX_TEXT] for line in masked_text("\n".join(lines)).split("\n"))


def _starts_before(text: str, start: int, count: int) -> list[int]:
    starts: list[int] = []
    while start > 0 and len(starts) < count:
        start = text.rfind("\n", 0, start - 1) + 1
        starts.append(start)
    return starts[::-1]
