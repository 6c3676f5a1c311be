"""The run ended with an exception.

## What it finds
A Python traceback in a text log after which no more metrics are logged.

## Why it matters
The run did not finish, and its last values are not its final result.

## How it is detected
The traceback is read up to the line that names the exception; of chained exceptions the last one counts. An exception
after which more metrics are logged was handled and does not count, unless the same line occurs three times or more.
If the log also shows an out-of-memory error, a collective timeout or a killed worker, the exception is folded into
that finding. A keyboard interrupt (Ctrl-C) does not count.

## When it is a false alarm
An exception after training (in a plot, an upload); an exception that the program caught and logged before it
continued without logging metrics.

## What to do
Read the exception and the last frames. For a shape or index error in the middle of a run, inspect the batch of that
step, because all earlier batches worked.
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

FRAME = re.compile(r'File "([^"]+)", line (\d+), in (\S+)')
ADVICE = (  # by the text of the exception
    (re.compile(r"device-side assert"), "rerun on the CPU or with CUDA_LAUNCH_BLOCKING=1: the usual cause is a label outside [0, classes)"),
    (re.compile(r"No space left on device"), "free space on the disk of the checkpoints, and keep fewer of them"),
    (re.compile(r"FileNotFoundError|No such file"), "check the paths of data and checkpoints on the machine that ran the job"),
    (re.compile(r"size mismatch|Missing key|Unexpected key"), "load the checkpoint into the configuration that wrote it"),
    (re.compile(r"shape|size of tensor|dimension|broadcast"), "print the shapes of the batch at that step: an incomplete last batch is a common cause (drop_last=True)"),
    (re.compile(r"\bnan\b|\binf\b|non-?finite", re.IGNORECASE), "check the loss and the gradient norm just before: they probably became non-finite first"),
)  # fmt: skip


def check(run: RunView, _limits: NoLimits) -> Iterator[Finding]:
    """Yield one finding for each exception that ended the run."""
    for incident in incidents_of(run, "uncaught-exception"):
        text = incident.context[-1]
        frames = [found for line in incident.context if (found := FRAME.search(line))]
        where = [f"see {frames[-1][1]}, line {frames[-1][2]}, in {frames[-1][3]}"] if frames else []
        advice = [advice for pattern, advice in ADVICE if pattern.search(text)][:1]
        step = f" before step {incident.step:,}" if incident.step else ""
        yield finding_of(
            incident,
            "an exception ended the run",
            remedies=(*advice, *where, f"fix it and resume from the last checkpoint{step}"),
        )


RULE = Rule(
    id="uncaught-exception",
    family="crash",
    severity=Severity.ERROR,
    needs=(),
    since="0.1.0",
    title="No exception ended the run",
    failure_title="Uncaught exception",
    doc=__doc__ or "",
    check=check,
    limits=NoLimits(),
    facts=("output of the process",),
    yields_to=("out-of-memory", "collective-timeout", "worker-killed"),
    causes=("non-finite",),
    judges_whole_log=True,
    suits_boosting=True,
    judges_end=True,
)
