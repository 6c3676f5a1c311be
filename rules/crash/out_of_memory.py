"""The run ran out of memory.

## What it finds
Lines of a text log that report an out-of-memory error: CUDA out of memory, a cuBLAS or cuDNN handle that cannot be
allocated, XLA's RESOURCE_EXHAUSTED, or a process killed by the kernel's out-of-memory killer ("Killed").

## Why it matters
The run did not finish: its last checkpoint may be old, and the same configuration will fail again.

## How it is detected
The rule matches messages of the libraries. A failure after which more metrics are logged was handled by the program
(a skipped batch, a search for the batch size) and does not count, unless the same line occurs three times or more.

## When it is a false alarm
Two processes share the log and only one failed; a scheduler printed "Killed" when it terminated the job for another
reason.

## What to do
Halve the batch and double the gradient accumulation steps; compute in bfloat16; enable activation checkpointing;
shorten sequences. For host memory: fewer data-loader workers, and no lists that keep loss or output tensors.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ..base import Finding, Rule, Severity
from ..thresholds import NoLimits
from ._incidents import finding_of, incidents_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import RunView

HOST_MEMORY = re.compile(r"\bKilled\b|oom[-_]kill|Out of memory: Kill|CPUAllocator|\bMemoryError|job memory limit")


KILLED_CONFIDENCE = 0.8  # a scheduler also kills jobs for other reasons


def check(run: RunView, _limits: NoLimits) -> Iterator[Finding]:
    """Yield one finding for each out-of-memory error."""
    for incident in incidents_of(run, "out-of-memory"):
        if HOST_MEMORY.search(incident.context[-1]):
            yield finding_of(
                incident,
                "the host ran out of memory",
                confidence=KILLED_CONFIDENCE,
                remedies=(
                    "lower num_workers and prefetch_factor of the data loader: each worker has its own copy of the data set",
                    "store losses as numbers (loss.item()), not as tensors, in anything that grows over the run",
                    "request more memory from the scheduler, and look for 'oom' in its record of the job",
                ),
            )
        else:
            yield finding_of(
                incident,
                "the accelerator ran out of memory",
                remedies=(
                    "halve the batch size and double the gradient accumulation steps",
                    "compute in bfloat16 and enable activation checkpointing",
                    "if it fails only after many steps, look for tensors kept across steps and for longer sequences in some batches",
                    "against fragmentation: PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True",
                ),
            )


RULE = Rule(
    id="out-of-memory",
    family="crash",
    severity=Severity.ERROR,
    needs=(),
    since="0.1.0",
    title="No out-of-memory error",
    failure_title="Out of memory",
    doc=__doc__ or "",
    check=check,
    limits=NoLimits(),
    facts=("output of the process",),
    causes=("memory-growth",),
    judges_whole_log=True,
    suits_boosting=True,
    judges_end=True,
)
