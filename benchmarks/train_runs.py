"""Train small networks soundly and with injected faults, and write their logs with what has to be found in them.

    pip install --group trainer
    python benchmarks/train_runs.py FOLDER                        # seeds 0 (tuning) and 1 (reporting): about 10 minutes
    python benchmarks/train_runs.py FOLDER --seeds 2 3 --only lr  # other seeds, only trainings whose name has "lr" in it

FOLDER gets a folder for each run and a `labels.json` for `benchmarks/real_runs.py`. Runs that are there are kept.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import os
import shutil
import sys
import time
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from trainer.faults import FAULTS
from trainer.healthy import HEALTHY
from trainer.loggers import LOGGERS
from trainer.plan import Plan, check

if TYPE_CHECKING:
    from collections.abc import Callable

PLANS: tuple[Plan, ...] = HEALTHY + FAULTS


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1], help="even: tuning, odd: reporting (0 1)")
    parser.add_argument("--only", default="", metavar="PART", help="of the names of the trainings")
    options = parser.parse_args()
    check(PLANS)
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")  # tensorboard looks for TensorFlow
    import torch

    torch.set_num_threads(1)
    logging.disable(logging.WARNING)
    for seed in options.seeds:
        for index, plan in enumerate(PLANS):
            if options.only in plan.name:
                started = time.perf_counter()
                train(plan, index, seed, options.folder)
                print(f"{plan.place(seed):36} {time.perf_counter() - started:5.1f} s", flush=True)
    (options.folder / "labels.json").write_text(
        json.dumps(labels_of(options.folder), indent=1) + "\n", encoding="utf-8"
    )
    return 0


def labels_of(folder: Path) -> dict[str, dict[str, list[list[str]] | list[str]]]:
    """What has to be found in the runs that are there."""
    plans = {plan.name: plan for plan in PLANS}
    runs = sorted(path.name for path in folder.iterdir() if path.is_dir())
    return {run: plans[name].label() for run in runs if (name := run.rpartition("-s")[0]) in plans}


def train(plan: Plan, index: int, seed: int, folder: Path) -> None:
    """Train one plan and write its log, unless its folder is there."""
    logger, naming = plan.form(index, seed)
    place = folder / plan.place(seed)
    if place.exists():
        return
    unfinished = place.with_name(f".{place.name}")  # so that an interrupted run is trained anew
    shutil.rmtree(unfinished, ignore_errors=True)
    settings = {
        name: getattr(plan.recipe, name)
        for name in ("epochs", "batch", "rate", "optimizer", "width", "depth", "updates", "steps")
        if hasattr(plan.recipe, name)
    }
    if not math.isinf(getattr(plan.recipe, "clip", math.inf)):
        settings["clip"] = plan.recipe.clip
    names = {"batch": "batch_size", "rate": "lr", "clip": "max_grad_norm"}
    log = LOGGERS[logger](unfinished, naming, {"epochs": 1} | {names.get(k, k): v for k, v in settings.items()})
    try:
        tasks()[plan.task](plan.recipe, log, seed)
    except (RuntimeError, ValueError):  # what injected faults raise; the log ends as that of any crashed training
        log.say(traceback.format_exc().rstrip())
    finally:
        log.close()
    unfinished.rename(place)


def tasks() -> dict[str, Callable[..., None]]:
    """The function that trains each task: of a recipe, a log and a seed."""
    from trainer import adversarial, gridworld, sequences, signals, tabular

    supervised = {**tabular.TASKS, **sequences.TASKS, **signals.TASKS}
    return {name: task.train for name, task in supervised.items()} | {
        "ring": adversarial.train,
        "grid": gridworld.train,
    }


if __name__ == "__main__":
    sys.exit(main())
