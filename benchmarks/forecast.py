"""Coverage and width of the forecast of `undertrained`.

    python benchmarks/forecast.py [FOLDER]

Runs are cut at 50% and at 80% of their steps, and the forecast for a quarter more is compared with what came. Without a
folder only simulated healthy runs are measured. The naive interval reaches from "as the last 20% went" to "nothing"; as it
covers too little, it is also given widened, at both ends by the share of its width with which it covers 90%. "At best" is
what no multiple of the line can beat: the narrowest interval, in widths of the naive one, that holds 90% of any half of the
runs, chosen with hindsight.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from simulation import FAMILIES

from trainlint.analyzer.library import discover_logs, read_runs
from trainlint.rules.shared.forecast import EXTENSION, forecast_of
from trainlint.rules.view.run_view import RunView

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trainlint.parsers.run import Run

CUTS = (0.5, 0.8)
SEEDS = range(1, 40, 2)
HALF = 0.5  # of the runs: a forecast has to be made for as many
LEVEL_POINTS = 3  # the level that came is their median


class Outcome(NamedTuple):
    """One cut run: interval or None, the extrapolated line, and the change that came, all of the logarithm."""

    interval: tuple[float, float] | None
    line: float
    came: float


def outcome_of(run: Run, cut: float) -> Outcome | None:
    """The forecast at a cut and what came; None if the loss is too short, not positive or never reaches the horizon."""
    loss = RunView(run).loss("validation") or RunView(run).loss("train")
    if loss is None or not loss.is_positive or len(loss) < 2:
        return None
    first, last = int(loss.steps[0]), int(loss.steps[-1])
    until = int((loss.steps <= first + cut * (last - first)).sum())
    if until < 12:
        return None
    horizon = first + (1 + EXTENSION) * (int(loss.steps[until - 1]) - first)
    row = int((loss.steps <= horizon * (1 + 1e-4)).sum()) - 1
    if row <= until:
        return None
    curves = [curve.head(until) if curve.name == loss.name else curve for curve in run.all_curves]
    seen = RunView(replace(run, all_curves=curves)).named(loss.name)
    if seen is None:
        return None
    count = max(int(0.2 * until), 6)
    x = np.arange(count) - (count - 1)
    slope, level = np.polyfit(x, seen.scaled[-count:], 1)
    came = float(np.median(loss.scaled[max(row - 1, until) : row + LEVEL_POINTS - 1])) - level
    forecast = forecast_of(seen)
    return Outcome((forecast.low, forecast.high) if forecast else None, float(slope) * (row + 1 - until), came)


def summary(name: str, outcomes: Iterable[Outcome]) -> str:
    """Coverage, share of runs with a forecast, and the median width beside that of the naive intervals."""
    every = list(outcomes)
    spoken = [each for each in every if each.interval is not None]
    if not spoken:
        return f"{name}: no forecast in {len(every)} runs"
    low, high = np.array([each.interval for each in spoken]).T
    line, came = (np.array([getattr(each, field) for each in spoken]) for field in ("line", "came"))
    covered = (low <= came) & (came <= high)
    bottom, top = np.minimum(line, 0), np.maximum(line, 0)
    missing = np.maximum(np.maximum(bottom - came, came - top), 0) / np.maximum(np.abs(line), 1e-12)
    widened = np.abs(line) * (1 + 2 * float(np.quantile(missing, 0.9)))
    naive_covered = (bottom <= came) & (came <= top)
    return (
        f"{name}: forecast in {len(spoken)} of {len(every)}, {covered.mean():.1%} covered, median width "
        f"{np.median(high - low):.4f}; naive {naive_covered.mean():.1%} covered, width {np.median(np.abs(line)):.4f}, widened to "
        f"90% {np.median(widened):.4f}; at best {_narrowest(every):.2f} naive widths"
    )


def _narrowest(outcomes: list[Outcome]) -> float:
    """Width of the narrowest interval of the changes that came, over those of the line, that holds 45% of the runs."""
    shares = np.sort([each.came / each.line for each in outcomes if each.line])
    held = max(int(0.9 * HALF * len(shares)), 1)
    return float((shares[held:] - shares[:-held]).min())


def main() -> None:
    """Print a line for each set and cut."""
    sets: dict[str, list[Run]] = {"simulated": [family.run(seed) for family in FAMILIES for seed in SEEDS]}
    for folder in sys.argv[1:]:
        sets[Path(folder).name] = list(read_runs(discover_logs([Path(folder)])))
    for name, runs in sets.items():
        for cut in CUTS:
            print(summary(f"{name}, cut at {cut:.0%}", filter(None, (outcome_of(run, cut) for run in runs))))


if __name__ == "__main__":
    main()
