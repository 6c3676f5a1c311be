"""Folders of small runs as tools and people lay them out, with the studies and configurations that must be found in them.

    python benchmarks/study_layouts.py [--layouts 100]

Every run has its own last value of the validation loss, by which it is recognised in the report, whatever its name there.
"""

from __future__ import annotations

import argparse
import itertools
import json
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from trainlint.analyzer.library import AuditRequest, PreparedAudit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

POINTS = 30
CHOICES: dict[str, tuple[Any, ...]] = {
    "lr": (0.1, 0.01, 0.001), "weight_decay": (0.0, 0.0001, 0.1), "batch_size": (32, 64, 128), "dropout": (0.0, 0.1, 0.5),
    "optimizer": ("adam", "sgd", "lion"), "hidden_dim": (64, 128), "label_smoothing": (0.0, 0.1),
}  # fmt: skip
SHORT = {"lr": "lr", "weight_decay": "wd", "batch_size": "bs", "dropout": "do", "optimizer": "opt", "hidden_dim": "hid",
         "label_smoothing": "ls"}  # fmt: skip


@dataclass
class Layout:
    """A folder being written.

    Attributes:
        truth: for each run, by its last value, its study and configuration.

    """

    root: Path
    random: np.random.Generator
    truth: dict[float, tuple[str, tuple[Any, ...]]] = field(default_factory=dict)
    count: int = 0

    def curve(self, study: str, settings: Mapping[str, Any]) -> list[tuple[float, float]]:
        """Training and validation loss of a new run."""
        self.count += 1
        steps = np.arange(POINTS)
        noise = 0.01 * self.random.standard_normal((2, POINTS))
        train, val = (1.5 * np.exp(-steps / 10) + floor + row for floor, row in zip((0.4, 0.5), noise, strict=True))
        val[-1] = round(0.5 + 0.0001 * self.count, 5)
        self.truth[float(val[-1])] = study, tuple(sorted(settings.items()))
        return [(float(one), float(other)) for one, other in zip(train, val, strict=True)]

    def incidental(self) -> dict[str, Any]:
        """Settings that differ between runs for no purpose."""
        n = self.count
        return {
            "output_dir": f"/scratch/user/out_{n}", "run_name": f"exp-{n:03d}", "host": f"node{n % 7}", "master_port": 29500 + n,
            "log_interval": int(self.random.choice([10, 50, 100])), "start_time": 1.7e9 + 1000 * n, "device": f"cuda:{n % 4}",
            "num_workers": int(self.random.choice([2, 4])), "git_commit": f"{self.random.integers(2**60):015x}a",
        }  # fmt: skip


def grid_of(random: np.random.Generator, *, keys: int = 0) -> list[dict[str, Any]]:
    """A full grid over two or three settings."""
    names = random.choice(list(CHOICES), size=keys or int(random.integers(1, 4)), replace=False).tolist()
    columns = {name: CHOICES[name][: int(random.integers(2, len(CHOICES[name]) + 1))] for name in names}
    return [dict(zip(columns, values, strict=True)) for values in itertools.product(*columns.values())]


def _csv(path: Path, rows: list[tuple[float, float]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        "step,train_loss,val_loss\n" + "".join(f"{i * 10},{a:.6f},{b:.6f}\n" for i, (a, b) in enumerate(rows))
    )


def _each(
    layout: Layout, seeds: int, study: str = "a", keys: int = 0
) -> list[tuple[dict[str, Any], int, list[tuple[float, float]]]]:
    return [
        (settings, seed, layout.curve(study, settings))
        for settings in grid_of(layout.random, keys=keys)
        for seed in range(seeds)
    ]


def config_json(layout: Layout, seeds: int) -> None:
    """`runs/<number>/config.json` beside `metrics.csv`."""
    for i, (settings, seed, rows) in enumerate(_each(layout, seeds)):
        folder = layout.root / f"run_{i:03d}"
        _csv(folder / "metrics.csv", rows)
        (folder / "config.json").write_text(json.dumps({**settings, "seed": seed, "epochs": 3, **layout.incidental()}))


def lightning(layout: Layout, seeds: int) -> None:
    """`lightning_logs/version_<n>/hparams.yaml`."""
    for i, (settings, seed, rows) in enumerate(_each(layout, seeds)):
        folder = layout.root / "lightning_logs" / f"version_{i}"
        _csv(folder / "metrics.csv", rows)
        text = "".join(f"{key}: {value}\n" for key, value in {**settings, "seed": seed}.items())
        (folder / "hparams.yaml").write_text(text)


def hydra(layout: Layout, seeds: int) -> None:
    """`multirun/<date>/<time>/<n>/.hydra/`."""
    for i, (settings, seed, rows) in enumerate(_each(layout, seeds)):
        folder = layout.root / "multirun" / "2024-05-01" / "10-11-12" / str(i)
        path = folder / "log.jsonl"
        path.parent.mkdir(parents=True)
        lines = [{"step": 10 * step, "train_loss": a, "val_loss": b} for step, (a, b) in enumerate(rows)]
        path.write_text("".join(json.dumps(line) + "\n" for line in lines))
        (folder / ".hydra").mkdir()
        parts: dict[str, list[str]] = {"optimizer": [], "model": [], "train": []}
        for key, value in settings.items():
            part = (
                "optimizer"
                if key in ("lr", "weight_decay")
                else "model"
                if key in ("dropout", "hidden_dim")
                else "train"
            )
            parts[part].append(f"  {'name' if key == 'optimizer' else key}: {value}\n")
        text = "".join(f"{part}:\n{''.join(lines)}" for part, lines in parts.items() if lines)
        (folder / ".hydra" / "config.yaml").write_text(f"{text}seed: {seed}\npaths:\n  output: /data/out/{i}\n")
        (folder / ".hydra" / "overrides.yaml").write_text(f"- seed={seed}\n")


def flat_names(layout: Layout, seeds: int) -> None:
    """`lr0.1_wd0.0_s1.csv`."""
    for settings, seed, rows in _each(layout, seeds):
        parts = [f"{SHORT[key]}{'' if not isinstance(value, str) else '='}{value}" for key, value in settings.items()]
        _csv(layout.root / f"{'_'.join(parts)}_s{seed}.csv", rows)


def equal_signs(layout: Layout, seeds: int) -> None:
    """`lr=0.1,weight_decay=0.0/seed=1/metrics.csv`."""
    for settings, seed, rows in _each(layout, seeds):
        name = ",".join(f"{key}={value}" for key, value in settings.items())
        _csv(layout.root / name / f"seed={seed}" / "metrics.csv", rows)


def nested(layout: Layout, seeds: int) -> None:
    """`lr_0.1/weight_decay_0.0/seed_1/log.csv`."""
    for settings, seed, rows in _each(layout, seeds):
        folder = layout.root
        for key, value in settings.items():
            folder = folder / f"{key}_{value}"
        _csv(folder / f"seed_{seed}" / "log.csv", rows)


def variants(layout: Layout, seeds: int) -> None:
    """`no_dropout/seed1/metrics.csv`, names only."""
    for name in ("baseline", "no_dropout", "no-augment", "big")[: int(layout.random.integers(2, 5))]:
        for seed in range(seeds):
            _csv(layout.root / name / f"seed{seed}" / "metrics.csv", layout.curve("a", {"variant": name}))


def wandb(layout: Layout, seeds: int) -> None:
    """`wandb/run-<time>-<id>/files/`, as before version 0.10."""
    for i, (settings, seed, rows) in enumerate(_each(layout, seeds)):
        folder = layout.root / "wandb" / f"run-20240501_1011{i:02d}-{layout.random.integers(16**8):08x}" / "files"
        folder.mkdir(parents=True)
        lines = [{"_step": 10 * step, "train_loss": a, "val_loss": b} for step, (a, b) in enumerate(rows)]
        (folder / "wandb-history.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
        config = {**settings, "seed": seed, **layout.incidental()}
        text = "".join(f"{key}:\n  desc: null\n  value: {value}\n" for key, value in config.items())
        (folder / "config.yaml").write_text(f"wandb_version: 1\n{text}")


def mlflow(layout: Layout, seeds: int) -> None:
    """`mlruns/0/<id>/params/` and `metrics/`."""
    for settings, seed, rows in _each(layout, seeds):
        name = f"{layout.random.integers(16**8):08x}" * 4
        folder = layout.root / "mlruns" / "0" / name
        for part in ("params", "metrics", "tags"):
            (folder / part).mkdir(parents=True)
        (folder / "meta.yaml").write_text(
            f"run_id: {name}\nrun_name: clever-fox-{layout.count}\nstatus: 3\nlifecycle_stage: active\n"
        )
        for key, value in {**settings, "seed": seed, "epochs": 3}.items():
            (folder / "params" / key).write_text(str(value))
        for column, key in enumerate(("train_loss", "val_loss")):
            text = "".join(f"{1_700_000_000_000 + i * 1000} {row[column]} {i * 10}\n" for i, row in enumerate(rows))
            (folder / "metrics" / key).write_text(text)


def trainer_state(layout: Layout, seeds: int) -> None:
    """Folders of the Hugging Face Trainer: `<run>/checkpoint-<n>/trainer_state.json`, settings in `training_args.json`."""
    for i, (settings, seed, rows) in enumerate(_each(layout, seeds)):
        folder = layout.root / f"out-{i}"
        folder.mkdir(parents=True)
        history = []
        for step, (a, b) in enumerate(rows, 1):
            history += [
                {"epoch": step / 10, "loss": a, "step": step * 10},
                {"epoch": step / 10, "eval_loss": b, "step": step * 10},
            ]
        state = {
            "global_step": 10 * len(rows),
            "log_history": history,
            "max_steps": 10 * len(rows),
            "best_metric": None,
        }
        (folder / "trainer_state.json").write_text(json.dumps(state))
        names = {"lr": "learning_rate", "batch_size": "per_device_train_batch_size", "optimizer": "optim"}
        config = {names.get(key, key): value for key, value in settings.items()}
        extra = {"output_dir": f"out-{i}", "logging_dir": f"out-{i}/runs", "seed": seed, "run_name": f"out-{i}"}
        (folder / "training_args.json").write_text(json.dumps({**config, **extra, "logging_steps": 10}))


def printed(layout: Layout, seeds: int) -> None:
    """Console logs that print `Namespace(...)`."""
    for i, (settings, seed, rows) in enumerate(_each(layout, seeds)):
        pairs = {**settings, "seed": seed, "out": f"/tmp/out{i}", "epochs": POINTS, "gpu": i % 4}
        lines = [f"Namespace({', '.join(f'{key}={value!r}' for key, value in pairs.items())})"]
        lines += [f"Epoch {step}: train_loss={a:.6f} val_loss={b:.6f}" for step, (a, b) in enumerate(rows, 1)]
        layout.root.mkdir(parents=True, exist_ok=True)
        (layout.root / f"job{i}.log").write_text("\n".join(lines) + "\n")


def two_projects(layout: Layout, seeds: int) -> None:
    """Two data sets under one root, named in the settings or by their folders."""
    is_named = bool(layout.random.integers(2))
    grid = grid_of(layout.random, keys=2)
    for data in ("mnist", "svhn"):
        for i, settings in enumerate(grid):
            for seed in range(seeds):
                folder = layout.root / (f"job{i}_{seed}_{data}" if is_named else f"{data}/job{i}_{seed}")
                _csv(folder / "metrics.csv", layout.curve(data, settings))
                extra = {"dataset": data} if is_named else {}
                (folder / "config.json").write_text(
                    json.dumps({**settings, **extra, "seed": seed, **layout.incidental()})
                )


LAYOUTS: tuple[Callable[[Layout, int], None], ...] = (
    config_json, lightning, hydra, flat_names, equal_signs, nested, variants, wandb, mlflow, trainer_state, printed, two_projects,
)  # fmt: skip


def found_in(root: Path) -> dict[float, tuple[int, int]]:
    """Study and configuration of each run in the report, by its last value of the validation loss."""
    report = PreparedAudit(AuditRequest([root])).run().report
    last = {}
    for run in report["runs"]:
        for metric in run["metrics"]:
            if metric["split"] == "validation" and metric["role"] == "loss" and metric["last"] is not None:
                last[run["run"]] = round(metric["last"], 5)
    return {
        last[name]: (i, j)
        for i, study in enumerate(report["studies"])
        for j, configuration in enumerate(study["configurations"])
        for name in configuration["runs"]
        if name in last
    }


def is_right(layout: Layout) -> bool:
    """Whether the runs are divided into studies and configurations as they were made."""
    found = found_in(layout.root)
    if found.keys() != layout.truth.keys():
        return False
    for index in (0, slice(None)):
        pairs = {(found[value][index], self_[index]) for value, self_ in layout.truth.items()}  # type: ignore[index]
        if not len(pairs) == len({one for one, _ in pairs}) == len({other for _, other in pairs}):
            return False
    return True


def write_layout(number: int, root: Path) -> tuple[str, Layout]:
    """Write the layout of a number; its kind is the number modulo those of `LAYOUTS`."""
    make = LAYOUTS[number % len(LAYOUTS)]
    layout = Layout(root, np.random.default_rng(number))
    make(layout, int(layout.random.integers(1 if make is not variants else 2, 4)))
    return make.__name__, layout


def main() -> None:
    """Print the share of layouts whose studies and configurations are right, and the kinds of the others."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--layouts", type=int, default=100)
    count = parser.parse_args().layouts
    wrong: list[str] = []
    for number in range(count):
        with tempfile.TemporaryDirectory() as folder:
            kind, layout = write_layout(number, Path(folder))
            wrong += [] if is_right(layout) else [kind]
    print(f"layouts    right of {count:<23} {count - len(wrong)}")
    for kind in sorted(set(wrong)):
        print(f"layouts    wrong: {kind:<23} {wrong.count(kind)}")


if __name__ == "__main__":
    main()
