"""`trainlint compare` on simulated groups of runs with known truth, written as logs and read again, and its gate.

    python benchmarks/comparisons.py [--pairs 200] [--gates 2000] [--seed 1]

A group has 3 or more runs that differ in their seed. The groups of a pair differ in 3 to 8 things that nobody chooses for
their effect, and in one setting that has an effect from some step on, in one that has none, or in several at once. The
groups of the gate are not written but summed up in memory: thousands take a minute.
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from trainlint.analyzer.comparing import CompareRequest, compared
from trainlint.analyzer.comparison.comparison_document import comparison_document
from trainlint.analyzer.comparison.gate import add_gate
from trainlint.analyzer.comparison.run_groups import RunGroup
from trainlint.parsers.run import Curve, Meaning, Run
from trainlint.rules.view.run_digest import digest_of

if TYPE_CHECKING:
    from trainlint.analyzer.report.compare_schema import ComparisonDocument, ManyComparisons
    from trainlint.parsers.run import Floats, Ints

Kind: TypeAlias = Literal["effect", "none", "confounded"]

STEPS, EVERY, EVALUATE = 5_000, 25, 100
SEED_DEVIATION = 0.01
POINT_NOISE = {"train_loss": 0.03, "val_loss": 0.006}
SETTINGS: dict[str, list[object]] = {
    "learning_rate": [1e-3, 3e-3], "weight_decay": [0.0, 0.1], "batch_size": [32, 64], "dropout": [0.1, 0.3],
    "optimizer": ["adamw", "sgd"], "label_smoothing": [0.0, 0.1], "warmup_steps": [0, 500], "model": ["small", "base"],
}  # fmt: skip
INCIDENTAL: dict[str, list[object]] = {
    "output_dir": ["/data/runs/a", "/scratch/new/b"], "hostname": ["node17", "node3"], "log_interval": [10, 50],
    "run_name": ["calm-river", "swift-fox"], "master_port": [29500, 29511], "device": ["cuda:0", "cuda:3"],
    "created_at": ["2024-01-02T10:00:00", "2024-03-05T11:30:00"], "num_workers": [4, 8], "save_every": [500, 1000],
    "git_commit": ["8f3a91c2d4e5", "0b77aa19cc31"], "user": ["ann", "bo"], "eval_interval": [100, 200],
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pair:
    """The truth of a pair of groups: `size` is the effect in seed deviations, from step `start` on."""

    kind: Kind
    changed: tuple[str, ...]
    size: float
    start: int
    runs: int = 3


def write_pair(folder: Path, pair: Pair, random: np.random.Generator) -> tuple[Path, Path]:
    """Write the logs of both groups, with their settings beside them; returns the folders."""
    own = random.choice(list(INCIDENTAL), int(random.integers(3, 9)), replace=False).tolist()
    base = {name: values[0] for name, values in SETTINGS.items()}
    paths = (folder / "a", folder / "b")
    for side, path in enumerate(paths):
        settings = {**base, **{name: SETTINGS[name][side] for name in pair.changed}}
        settings |= {name: INCIDENTAL[name][side] for name in own}
        for number in range(pair.runs):
            run = path / f"run{number}"
            run.mkdir(parents=True)
            (run / "config.json").write_text(json.dumps({**settings, "seed": 100 * side + number}), encoding="utf-8")
            (run / "metrics.csv").write_text(_table(pair, side, random), encoding="utf-8")
    return paths


def _curves(pair: Pair, side: int, random: np.random.Generator) -> tuple[Ints, dict[str, Floats]]:
    """Steps and curves of a run: its offset by the seed grows with the training, the effect sets in at its step."""
    steps = np.arange(0, STEPS + 1, EVERY)
    common = 0.5 + 1.8 * np.exp(-steps / 900)
    offset = SEED_DEVIATION * random.standard_normal() * (1 - np.exp(-steps / 600))
    effect = (
        pair.size * SEED_DEVIATION * np.where(steps > pair.start, 1 - np.exp(-(steps - pair.start) / 400), 0) * side
    )
    return steps, {
        name: common + gap + offset + effect + POINT_NOISE[name] * random.standard_normal(len(steps))
        for name, gap in (("train_loss", 0.0), ("val_loss", 0.05))
    }


def _table(pair: Pair, side: int, random: np.random.Generator) -> str:
    """A log of a run."""
    steps, curves = _curves(pair, side, random)
    rows = ["step,train_loss,val_loss"]
    for row, step in enumerate(steps.tolist()):
        evaluated = f"{curves['val_loss'][row]:.5f}" if step % EVALUATE == 0 else ""
        rows.append(f"{step},{curves['train_loss'][row]:.5f},{evaluated}")
    return "\n".join(rows) + "\n"


def _digests(pair: Pair, side: int, random: np.random.Generator) -> RunGroup:
    """A group of runs as if they had been read."""
    runs = []
    for number in range(pair.runs):
        steps, curves = _curves(pair, side, random)
        is_evaluated = steps % EVALUATE == 0
        built = [
            Curve.build("train_loss", steps, curves["train_loss"], meaning=Meaning("loss", "train", direction="lower")),
            Curve.build(
                "val_loss", steps[is_evaluated], curves["val_loss"][is_evaluated],
                meaning=Meaning("loss", "validation", direction="lower"),
            ),
        ]  # fmt: skip
        name = f"{side}/run{number}"
        runs.append(digest_of(Run(name, name, "csv-table", all_curves=built, hyperparameters={"seed": number})))
    return RunGroup(str(side), tuple(runs))


def gated(pair: Pair, random: np.random.Generator) -> ComparisonDocument:
    """What the gate says of a pair."""
    first, second = (_digests(pair, side, random) for side in (0, 1))
    document, found = comparison_document(first, second, "benchmark")
    add_gate(document, found, first, second, exact=False)
    return document


def outcome(pair: Pair, random: np.random.Generator) -> ManyComparisons:
    """What is said of a pair."""
    folder = Path(tempfile.mkdtemp())
    try:
        first, second = write_pair(folder, pair, random)
        return compared(CompareRequest([first, second])).document
    finally:
        shutil.rmtree(folder)


def drawn(kind: Kind, random: np.random.Generator) -> Pair:
    """A pair of a kind: effects of 6 to 15 seed deviations, which are not to be missed, from a step of the first 70% on."""
    count = int(random.integers(2, 4)) if kind == "confounded" else 1
    changed = tuple(random.choice(list(SETTINGS), count, replace=False).tolist())
    size = 0.0 if kind == "none" else float(random.uniform(6, 15)) * float(random.choice([-1, 1]))
    return Pair(kind, changed, size, int(random.integers(0, 0.7 * STEPS)), int(random.integers(3, 6)))


def compare_figures(pairs: int, random: np.random.Generator) -> dict[str, float]:
    """Shares of pairs that are told right, by kind; and of those with an effect, how often the step is within 5%."""
    right: dict[str, list[bool]] = {"effect": [], "none": [], "confounded": [], "step within 5%": []}
    kinds: tuple[Kind, ...] = ("effect", "none", "confounded")
    for number in range(pairs):
        pair = drawn(kinds[number % 3], random)
        said = outcome(pair, random)
        is_told = said["verdict"] in ("better", "worse")
        if pair.kind == "effect":
            right["effect"].append(is_told and said["likely"] == list(pair.changed))
            step = said["part_step"]
            right["step within 5%"].append(step is not None and abs(step - pair.start) <= 0.05 * STEPS)
        elif pair.kind == "none":
            right["none"].append(not said["likely"] and said["verdict"] in ("no-evidence", "cannot-tell"))
        else:
            names = sorted(name for group in said["confounded"] for name in group)
            right["confounded"].append(not said["likely"] and names == sorted(pair.changed))
    return {name: float(np.mean(values)) for name, values in right.items()}


def gate_figures(gates: int, random: np.random.Generator) -> dict[str, float]:
    """Share of equal groups that fail, and of worse ones that do."""
    equal = Pair("none", (), 0.0, 0)
    figures = {
        "false fails, 3 runs": gates,
        "power at 4 deviations, 3 runs": gates,
        "power at 2 deviations, 8 runs": gates,
    }
    pairs = (equal, Pair("effect", ("dropout",), 4.0, 0), Pair("effect", ("dropout",), 2.0, 0, 8))
    return {
        name: float(np.mean([gated(pair, random).get("gate") == "fail" for _ in range(count)]))
        for (name, count), pair in zip(figures.items(), pairs, strict=True)
    }


def main() -> None:
    """Print all figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=200)
    parser.add_argument("--gates", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    random = np.random.default_rng(arguments.seed)
    for name, share in compare_figures(arguments.pairs, random).items():
        print(f"compare  {name:32} {share:.3f}")
    for name, share in gate_figures(arguments.gates, random).items():
        print(f"gate     {name:32} {share:.3f}")


if __name__ == "__main__":
    main()
