"""What all runs together spent after their best value."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..report.verdict_text import clipped, duration, percent, plural, short_step

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal

    from ..report.insights_schema import AfterBestEntry
    from ..report.schema import HeadlineEntry, RunEntry

LEAST_SHARE = 0.1  # the best of a noisy plateau lies anywhere in its last tenth
MAX_LARGEST = 3


@dataclass(frozen=True, slots=True)
class Spent:
    """What a run spent after its best value, and in all, in one unit."""

    run: str
    after: float
    whole: float


def after_best(entries: Sequence[RunEntry]) -> AfterBestEntry | None:
    """Hours, or else steps, after the best value of each run's main metric; None where there is nothing to tell.

    Runs judged by their training loss are left out: it goes on falling while nothing else is gained. Hours are told
    where half of the runs have a clock; steps can be added up only where all count steps.
    """
    usable = [
        (entry["run"], headline)
        for entry in entries
        if (headline := entry.get("headline"))
        and headline["split"] != "train"
        and headline["last_step"] > headline["first_step"]
    ]
    if len(usable) < 2:
        return None
    clocked = [
        Spent(run, each["seconds_after_best"] or 0.0, each["seconds"]) for run, each in usable if each["seconds"]
    ]
    if 2 * len(clocked) >= len(usable):
        return _message(clocked, "seconds", len(usable))
    if any(headline["axis"] != "step" for _, headline in usable):
        return None
    return _message([_in_steps(run, headline) for run, headline in usable], "steps", len(usable))


def _in_steps(run: str, headline: HeadlineEntry) -> Spent:
    return Spent(run, float(headline["steps_after_best"]), float(headline["last_step"] - headline["first_step"]))


def _message(runs: Sequence[Spent], unit: Literal["seconds", "steps"], judged: int) -> AfterBestEntry | None:
    spent, total = sum(run.after for run in runs), sum(run.whole for run in runs)
    if not 0 < total < math.inf or spent < LEAST_SHARE * total:  # damaged clocks add up to infinity
        return None
    words = duration if unit == "seconds" else _steps
    largest = sorted(runs, key=lambda run: (-run.after, run.run))[:MAX_LARGEST]
    of_all = "" if len(runs) == judged else f" (of {judged:,}; the others have no clock)"
    most = ", ".join(f"{clipped(run.run, 60)} ({words(run.after)})" for run in largest)
    return {
        "unit": unit,
        "runs": len(runs),
        "after": spent,
        "total": total,
        "share": round(spent / total, 4),
        "largest": [{"run": run.run, "after": run.after} for run in largest],
        "message": f"{words(spent)} of {words(total)} ({percent(spent / total)}) of {plural(len(runs), 'run')}{of_all} came after the "
        f"best value of the main metric. Most of it: {most}.",
    }


def _steps(count: float) -> str:
    return f"{short_step(count)} steps"
