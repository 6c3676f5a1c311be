"""A worker of the data loader was killed.

## What it finds
Lines of a text log that say that a data-loader worker was killed by a signal or exited unexpectedly, or that shared
memory is insufficient.

## Why it matters
The training stops, and the reason lies outside of the model: memory of the host, shared memory of a container, or a
crash in a library that decodes data.

## How it is detected
By the wording of PyTorch and of Python's process pools. A worker after whose loss metrics go on does not count,
unless the same line comes three times or more.

## When it is a false alarm
Workers that die because the main process was ended first; then an earlier line of the log tells why.

## What to do
Killed or Bus error: fewer workers, or more (shared) memory. Segmentation fault: run with num_workers=0 to find the
sample that crashes its decoder.
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
            "lower num_workers and prefetch_factor: each worker needs memory of its own",
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
    causes=("out-of-memory",),
    judges_whole_log=True,
    suits_boosting=True,
    judges_end=True,
)
