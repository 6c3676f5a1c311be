"""A collective operation of a distributed run timed out.

## What it finds
Lines of a text log in which NCCL, Gloo or the rendezvous store stopped waiting for the other processes.

## Why it matters
All processes stop, and the message rarely comes from the rank at fault: another rank failed, hung or took a different
code path much earlier.

## How it is detected
The rule matches messages of the libraries ("Watchdog caught collective operation timeout", "Timed out waiting"). A
timeout after which more metrics are logged does not count, unless the same line occurs three times or more.

## When it is a false alarm
A log of several attempts, if a later attempt that is logged elsewhere succeeded.

## What to do
Find the rank that stopped first in the logs of all ranks. Typical causes: an exception or an out-of-memory error on
one rank, an uneven number of batches, a long evaluation or checkpoint on only one rank, the network.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..base import Finding, Rule, Severity
from ..thresholds import NoLimits
from ._incidents import finding_of, incidents_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.run_view import RunView


def check(run: RunView, _limits: NoLimits) -> Iterator[Finding]:
    """Yield one finding for each timeout."""
    for incident in incidents_of(run, "collective-timeout"):
        yield finding_of(
            incident,
            "a collective operation timed out",
            remedies=(
                "find the rank that stopped first: its log shows the cause, the other ranks were only waiting",
                "give every rank the same number of batches (drop_last=True, or join() for uneven inputs)",
                "if one rank evaluates or saves for a long time: raise the timeout of init_process_group, or let all ranks do it",
                "set NCCL_DEBUG=INFO and TORCH_NCCL_TRACE_BUFFER_SIZE=2000 to see which operation hangs",
            ),
        )


RULE = Rule(
    id="collective-timeout",
    family="crash",
    severity=Severity.ERROR,
    needs=(),
    since="0.1.0",
    title="No collective operation timed out",
    failure_title="Collective operation timed out",
    doc=__doc__ or "",
    check=check,
    limits=NoLimits(),
    facts=("output of the process",),
    causes=(
        "out-of-memory",
        "worker-killed",
        "uncaught-exception",
    ),
    judges_whole_log=True,
    suits_boosting=True,
    judges_end=True,
)
