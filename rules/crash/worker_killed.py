"""A worker of the data loader was killed.

## What it finds
Lines of a text log that report that a data-loader worker was killed by a signal or exited unexpectedly, or that shared
memory is insufficient.

## Why it matters
Training stops, and the cause is outside the model: host memory, shared memory of a container, or a crash in a library
that decodes data.

## How it is detected
The rule matches messages of PyTorch and of Python's process pools. A lost worker after which more metrics are logged
does not count, unless the same line occurs three times or more.

## When it is a false alarm
Workers that exit because the main process ended first; an earlier line of the log then shows the cause.

## What to do
For "Killed" or "Bus error": fewer workers, or more (shared) memory. For a segmentation fault: run with num_workers=0
to find the sample that crashes its decoder.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..base import Finding, Rule, Severity
from ..thresholds import NoLimits
from ._incidents import finding_of, incidents_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import RunView

SHARED_MEMORY = ("Bus error", "shared memory")
CRASHES = ("Segmentation fault", "Illegal instruction", "Aborted", "Floating point exception")


def check(run: RunView, _limits: NoLimits) -> Iterator[Finding]:
    """Yield one finding for each failure of workers."""
    for incident in incidents_of(run, "worker-killed"):
        text = incident.context[-1]
        remedies = [
            "lower num_workers and prefetch_factor: each worker needs its own memory",
            "run with num_workers=0 to see the exception itself",
        ]
        if any(word in text for word in SHARED_MEMORY):
            remedies.insert(
                0, "give the container more shared memory (docker run --shm-size=16g, or an emptyDir on /dev/shm)"
            )
        elif any(word in text for word in CRASHES):
            remedies.insert(
                0, "run with num_workers=0 and PYTHONFAULTHANDLER=1 to find the sample that crashes its decoder"
            )
        yield finding_of(incident, "a data-loader worker was lost", remedies=tuple(remedies))


RULE = Rule(
    id="worker-killed",
    family="crash",
    severity=Severity.ERROR,
    needs=(),
    since="0.1.0",
    title="No data-loader worker was killed",
    failure_title="Data-loader worker killed",
    doc=__doc__ or "",
    check=check,
    limits=NoLimits(),
    facts=("output of the process",),
    causes=("out-of-memory",),
    judges_whole_log=True,
    suits_boosting=True,
    judges_end=True,
)
