"""Compute that all runs together spent after their best values."""

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

LEAST_SHARE = 0.1  # the best value of a noisy plateau can lie anywhere in the last tenth
MAX_LARGEST = 3


@dataclass(frozen=True, slots=True)
class Spent:
    """Compute of a run after its best value and in total, in the same unit."""

    run: str
    after: float
    whole: float


def after_best(entries: Sequence[RunEntry]) -> AfterBestEntry | None:
    """Hours, otherwise steps, after the best value of each run's main metric; None if there are none to report.

    Runs whose main metric is the training loss are excluded: it keeps falling without any other gain. Hours are
    used if half of the runs have wall times; steps are added up only if all runs count steps.
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
    if not 0 < total < math.inf or spent < LEAST_SHARE * total:  # the sum of damaged clocks is infinite
        return None
    words = duration if unit == "seconds" else _steps
    largest = sorted(runs, key=lambda run: (-run.after, run.run))[:MAX_LARGEST]
    of_all = "" if len(runs) == judged else f" (of {judged:,}; the others log no wall times)"
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
