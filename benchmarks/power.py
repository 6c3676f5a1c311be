"""How surely a rise is seen, and how often one is seen where there is none, by points, noise, size and shape.

    python benchmarks/power.py            # 1,000 curves a cell, 2 to 3 minutes
    python benchmarks/power.py --short    # 200 curves a cell

Prints the tables of docs/accuracy.md, "Power". Curves fall at once and are level (size), or rise from a third of the run on
by a share of the loss (power). A cell is the share of curves whose rebound exceeds 4 and 6 standard errors, the limits of
a warning and an error of `overfitting` and `divergence`; for short logs, the share on which the rule alarms. The same seeds
serve each version of the code: run it on two to compare them.
"""

from __future__ import annotations

import argparse
import math
from typing import TYPE_CHECKING

import numpy as np

from trainlint.analyzer.judging.engine import judge
from trainlint.parsers.meaning.resolve import resolve
from trainlint.parsers.run import Curve, Run
from trainlint.rules.registry import RULES
from trainlint.rules.statistics.change import rebound_of
from trainlint.rules.statistics.noise import noise_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

WARNING_Z, ERROR_Z = 4.0, 6.0
RISE = math.log(1.3)
START = 1 / 3  # of the run: there the loss is best
SHAPES: dict[str, Callable[[Floats], Floats]] = {
    "even": lambda x: x,
    "levels off": lambda x: 1 - np.exp(-6 * x),
    "late": lambda x: x**3,
    "jump": lambda x: (x > 0.9).astype(np.float64),
}
NOISES = ("white", "t(3)", "AR(0.5)", "AR(0.6)", "AR(0.9)", "wandering")
CELLS = ((20, 0.03), (30, 0.06), (60, 0.06), (60, 0.03), (200, 0.06))  # evaluations and their noise
SIZES = (12, 20, 30, 40, 60, 100, 200, 400)
SHORT = (5, 6, 8, 11)


def noise(kind: str, curves: int, points: int, seed: int) -> Floats:
    """Noise of unit size, float64 [curves, points]; "wandering" is a random walk whose steps fade."""
    rng = np.random.default_rng(seed)
    if kind == "t(3)":
        return rng.standard_t(3, size=(curves, points)) / math.sqrt(3)
    white = rng.normal(size=(curves, points))
    if kind == "wandering":
        return np.cumsum(white * np.exp(-5 * np.linspace(0, 1, points)), axis=1)
    phi = 0.0 if kind == "white" else float(kind[3:-1])
    for row in range(1, points):
        white[:, row] = phi * white[:, row - 1] + math.sqrt(1 - phi * phi) * white[:, row]
    return white


def level(points: int, rise: float = 0.0, shape: str = "even") -> Floats:
    """A fall by 20 within the first tenth, and a rise from `START` on, [points]."""
    progress = np.linspace(0, 1, points)
    return 20 * np.exp(-10 * progress) + rise * SHAPES[shape](np.clip((progress - START) / (1 - START), 0, 1))


def shares(curves: Floats) -> tuple[float, float]:
    """Shares of curves whose rebound exceeds the limits of a warning and an error."""
    scores = np.array([rebound_of(curve, noise_of(curve)).z for curve in curves])
    return float((scores > WARNING_Z).mean()), float((scores > ERROR_Z).mean())


def alarms(rule_id: str, curves: Floats) -> float:
    """Share of validation (overfitting) or training (divergence) losses on which a rule warns."""
    rule = next(rule for rule in RULES if rule.id == rule_id)
    points, fired = curves.shape[1], 0
    for curve in np.exp(curves):
        losses = {"loss": curve}
        if rule_id == "overfitting":
            losses = {"loss": np.linspace(2, 0.5, points), "val_loss": curve}
        tagged = [Curve.build(tag, np.arange(points), values) for tag, values in losses.items()]
        fired += bool(judge(Run("run", "run", "power", all_curves=resolve(tagged)), [rule]).findings)
    return fired / len(curves)


def short_rise(points: int, rise: float) -> Floats:
    """A fall over the first two fifths and an even rise over the rest, on the logarithm, [points]."""
    best = int(0.4 * points)
    return np.interp(np.arange(points), [0, best, points - 1], [1, 0, math.log1p(rise)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="200 curves a cell instead of 1,000")
    count = 200 if parser.parse_args().short else 1000
    print(f"False alarms, % of {count:,} curves above 4 / 6 standard errors\n\n| Points | " + " | ".join(NOISES) + " |")
    print("| --- |" + " --- |" * len(NOISES))
    for points in SIZES:
        row = [shares(level(points) + noise(kind, count, points, points)) for kind in NOISES]
        print(f"| {points} | " + " | ".join(f"{a:.1%} / {b:.1%}".replace("%", "") for a, b in row) + " |", flush=True)
    print(
        f"\nRises of 30% seen, % of {count // 2:,} curves\n\n| Noise | Points | Size of noise | "
        + " | ".join(SHAPES)
        + " |"
    )
    print("| --- | --- | --- |" + " --- |" * len(SHAPES))
    for kind in ("white", "AR(0.5)", "AR(0.9)"):
        for points, size in CELLS:
            scattered = noise(kind, count // 2, points, 1)
            row = [shares(level(points, RISE / size, shape) + scattered) for shape in SHAPES]
            cells = " | ".join(f"{a:.0%} / {b:.0%}".replace("%", "") for a, b in row)
            print(f"| {kind} | {points} | {size:.0%} | {cells} |", flush=True)
    rises = (0.0, 0.4, 0.7, 1.0, 3.0, 9.0)
    print(f"\nShort logs, % of {count // 5:,} runs with an alarm, by the rise\n")
    print("| Rule | Points | Noise | " + " | ".join(f"{rise:+.0%}" for rise in rises) + " |")
    print("| --- | --- | --- |" + " --- |" * len(rises))
    for rule_id, size in (("overfitting", 0.02), ("overfitting", 0.12), ("divergence", 0.05)):
        for points in SHORT:
            scattered = size * noise("white", count // 5, points, 2)
            seen = [alarms(rule_id, short_rise(points, rise) + scattered) for rise in rises]
            print(
                f"| `{rule_id}` | {points} | {size:.0%} | " + " | ".join(f"{100 * share:.0f}" for share in seen) + " |"
            )


if __name__ == "__main__":
    main()
