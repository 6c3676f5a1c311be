"""Synthetic runs for the report, and synthetic samples for MultiQC."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from simulation import FAULTS

from trainlint.parsers.meaning.resolve import resolve
from trainlint.parsers.run import Curve, Run

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LAYERS = 24
BLOCKS = ("attention", "mlp")
PER_LAYER = ("grad_norm", "update_ratio", "weight_norm")
MAIN = ("train/loss", "val/loss", "train/accuracy", "val/accuracy", "train/learning_rate", "grad_norm")
SEVERITY = 0.5  # of the planted faults


def wide_run(curves: int, points: int) -> Run:
    """A run of a deep network that logs `curves` quantities at each of `points` steps; its validation loss turns."""
    rng = np.random.default_rng(1)
    step = np.arange(points)
    share = step / points
    layered = [f"{kind}/layers.{i}.{block}" for kind in PER_LAYER for i in range(LAYERS) for block in BLOCKS]
    tags = [*MAIN, *layered, *(f"metric_{i}" for i in range(curves))][:curves]
    clock = {"wall_time": 1.7e9 + 0.1 * step, "epoch": 10 * share}
    made = []
    for tag in tags:
        base = 0.2 + 2 * np.exp(-5 * share) + (0.5 * share**2 if tag == "val/loss" else 0)
        noisy = base * (1 + rng.normal(0, 0.05, points))
        made.append(Curve.build(tag, step, 1 / (1 + noisy) if "accuracy" in tag else noisy, **clock))
    return Run("wide", "wide", "simulation", all_curves=resolve(made))


def many_runs(count: int) -> Iterator[Run]:
    """Runs of 40 to 800 points with all kinds of planted faults, one after the other, no two alike."""
    for number in range(count):
        run = FAULTS[number % len(FAULTS)].run(number, SEVERITY)
        run.name = f"sweep-{number % 7}/run-{number:05}"
        yield run


# Enough of what FastQC writes for the plots that MultiQC draws of it.
FASTQC = """##FastQC\t0.12.1
>>Basic Statistics\tpass
#Measure\tValue
Filename\t{name}.fastq.gz
File type\tConventional base calls
Encoding\tSanger / Illumina 1.9
Total Sequences\t{total}
Sequences flagged as poor quality\t0
Sequence length\t{length}
%GC\t{gc}
>>END_MODULE
>>Per base sequence quality\t{verdict}
#Base\tMean\tMedian\tLower Quartile\tUpper Quartile\t10th Percentile\t90th Percentile
{qualities}
>>END_MODULE
>>Per sequence GC content\tpass
#GC Content\tCount
{contents}
>>END_MODULE
"""
READ_LENGTH = 100


def write_samples(folder: Path, count: int) -> None:
    """One FastQC result a sample: a quality curve of 100 points, a GC curve of 101, and a verdict."""
    rng = np.random.default_rng(1)
    for number in range(count):
        name = f"sample-{number:05}"
        place = folder / f"{name}_fastqc"
        place.mkdir(parents=True)
        quality = 36 - rng.uniform(1, 12) * np.linspace(0, 1, READ_LENGTH) ** 2
        gc = int(rng.integers(35, 60))
        counts = 1e6 * np.exp(-((np.arange(101) - gc) ** 2) / 128)
        rows = (
            f"{i + 1}\t{q:.3f}\t{q:.1f}\t{q - 2:.1f}\t{q + 1:.1f}\t{q - 5:.1f}\t{q + 2:.1f}"
            for i, q in enumerate(quality)
        )
        text = FASTQC.format(
            name=name, total=int(rng.integers(10**6, 10**8)), length=READ_LENGTH, gc=gc,
            verdict="pass" if quality[-1] > 28 else "fail", qualities="\n".join(rows),
            contents="\n".join(f"{i}\t{c:.1f}" for i, c in enumerate(counts)),
        )  # fmt: skip
        (place / "fastqc_data.txt").write_text(text, encoding="utf-8")
