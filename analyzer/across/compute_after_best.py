"""What all runs together spent after their best value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..report.verdict_text import clipped, duration, percent, plural, short_step

if TYPE_CHECKING:
    from collections.abc import Sequence

    Entry = dict[str, Any]

LEAST_SHARE = 0.1  # the best of a noisy plateau lies anywhere in its last tenth
MAX_LARGEST = 3


def after_best(entries: Sequence[Entry]) -> dict[str, Any] | None:
    """Hours, or else steps, after the best value of each run's main metric; None where there is nothing to tell.

    Runs judged by their training loss are left out: it goes on falling while nothing else is gained. Hours are told
    where half of the runs have a clock; steps can be added up only where all count steps.
    """
    usable = [
        entry
        for entry in entries
        if (headline := entry.get("headline"))
        and headline["split"] != "train"
        and headline["last_step"] > headline["first_step"]
    ]
    clocked = [entry for entry in usable if entry["headline"]["seconds"]]
    if len(usable) < 2:
        return None
    if 2 * len(clocked) >= len(usable):
        return _told(clocked, "seconds", "seconds_after_best", len(usable))
    if any(entry["headline"]["axis"] != "step" for entry in usable):
        return None
    return _told(usable, "steps", "steps_after_best", len(usable))


def _told(entries: Sequence[Entry], unit: str, key: str, judged: int) -> dict[str, Any] | None:
    def whole(entry: Entry) -> float:
        headline = entry["headline"]
        return float(headline["seconds"] if unit == "seconds" else headline["last_step"] - headline["first_step"])

    after = {entry["run"]: float(entry["headline"][key] or 0) for entry in entries}
    spent, total = sum(after.values()), sum(map(whole, entries))
    if spent < LEAST_SHARE * total or total <= 0:
        return None
    words = duration if unit == "seconds" else lambda steps: f"{short_step(steps)} steps"
    largest = sorted(after, key=lambda run: (-after[run], run))[:MAX_LARGEST]
    of_all = "" if len(entries) == judged else f" (of {judged:,}; the others have no clock)"
    most = ", ".join(f"{clipped(run, 60)} ({words(after[run])})" for run in largest)
    return {
        "unit": unit,
        "runs": len(entries),
        "after": spent,
        "total": total,
        "share": round(spent / total, 4),
        "largest": [{"run": run, "after": after[run]} for run in largest],
        "message": f"{words(spent)} of {words(total)} ({percent(spent / total)}) of {plural(len(entries), 'run')}{of_all} came after the "
        f"best value of the main metric. Most of it: {most}.",
    }
