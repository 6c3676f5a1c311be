"""The training ended in an exception.

## What it finds
A Python traceback in a text log after which no metric is logged any more.

## Why it matters
The run did not reach its end, and its last values are not its result.

## How it is detected
The traceback is read to the line that names the exception, through chained ones to the last. One after which metrics go
on was handled and does not count, unless the same line comes three times or more. Where the log also tells of memory, a
time-out or a lost worker, those rules report instead. An interruption by hand is no finding.

## When it is a false alarm
An exception in what comes after the training (a plot, an upload); one that the program caught, logged and went on from
without logging metrics again.

## What to do
Read the last frames, and the exception itself. After a shape or index error in the middle of a training: look at the
batch of that step, since all before it went well.
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
ADVICE = (  # of what the exception says
    (re.compile(r"device-side assert"), "run on the CPU or with CUDA_LAUNCH_BLOCKING=1: the usual reason is a label outside of [0, classes)"),
    (re.compile(r"No space left on device"), "free space where checkpoints go, and keep fewer of them"),
    (re.compile(r"FileNotFoundError|No such file"), "check the paths of data and checkpoints on the machine that ran the job"),
    (re.compile(r"size mismatch|Missing key|Unexpected key"), "load the checkpoint into the configuration that wrote it"),
    (re.compile(r"shape|size of tensor|dimension|broadcast"), "print the shapes of the batch at that step: an incomplete last batch is a usual reason (drop_last=True)"),
    (re.compile(r"\bnan\b|\binf\b|non-?finite", re.IGNORECASE), "look at the loss and the gradient norm just before: the numbers broke first"),
)  # fmt: skip


def check(run: RunView, _limits: NoLimits) -> Iterator[Finding]:
    """Yield one finding for each exception that ended the training."""
    for incident in incidents_of(run, "uncaught-exception"):
        text = incident.context[-1]
        frames = [found for line in incident.context if (found := FRAME.search(line))]
        where = [f"look at {frames[-1][1]}, line {frames[-1][2]}, in {frames[-1][3]}"] if frames else []
        advice = [advice for pattern, advice in ADVICE if pattern.search(text)][:1]
        step = f" before step {incident.step:,}" if incident.step else ""
        yield finding_of(
            incident,
            "an exception ended the training",
            remedies=(*advice, *where, f"fix it and resume from the last checkpoint{step}"),
        )


RULE = Rule(
    id="uncaught-exception",
    family="crash",
    severity=Severity.ERROR,
    needs=(),
    since="0.1.0",
    title="No exception ended the training",
    failure_title="Uncaught exception",
    doc=__doc__ or "",
    check=check,
    limits=NoLimits(),
    causes=("non-finite",),
    judges_whole_log=True,
    suits_boosting=True,
    judges_end=True,
)
