"""One training through many loggers is one run with one curve a quantity; what is not one training stays apart."""

import itertools

import numpy as np
import pytest

from trainlint.analyzer.reading.discover import discover
from trainlint.analyzer.reading.read import read_group

from . import loggers
from .loggers import LOGGERS, training

T = training()


def read(root):
    found = discover([root])
    assert not found.unreadable
    return [run for group in found.groups for run in read_group(group, found.root, strict=True)]


def measured(run):
    return sorted(f"{c.role}:{c.split}" for c in run.all_curves if c.role in ("loss", "score"))


EVERY = ["loss:train", "loss:validation", "score:train", "score:validation"]


def check(run):
    """Every quantity once, with the values of the training."""
    held = measured(run)
    assert len(set(held)) == len(held) <= len(EVERY)
    (loss,) = run.curves("loss", "validation")
    assert loss.value == pytest.approx(T.val_loss, rel=5e-4)


@pytest.mark.parametrize("logger", LOGGERS, ids=lambda logger: logger.__name__)
def test_each_logger_alone(tmp_path, logger):
    logger(tmp_path, T)
    (run,) = read(tmp_path)
    check(run)


# two folders in `runs/` are two runs, unless a state of the trainer beside it claims them
PAIRS = [pair for pair in itertools.combinations(LOGGERS, 2) if pair != (loggers.pytorch_events, loggers.hf_events)]


@pytest.mark.parametrize(("one", "other"), PAIRS, ids=lambda logger: logger.__name__)
def test_two_loggers(tmp_path, one, other):
    one(tmp_path, T)
    other(tmp_path, T)
    (run,) = read(tmp_path)
    check(run)
    assert len({s.format for s in run.sources}) >= 1


def test_all_at_once(tmp_path):
    for logger in LOGGERS:
        logger(tmp_path, T)
    (run,) = read(tmp_path)
    check(run)
    assert measured(run) == EVERY
    assert len(run.curves("learning-rate")) == 1
    axes = {curve.axis for curve in run.all_curves}
    assert axes == {"step"}
    assert np.isfinite(run.curves("loss", "validation")[0].wall_time).all()


def add(root, logger, seed, name):
    """The one file that a logger writes of a training with a seed, under a name of its own in one folder with others."""
    place = root.parent / f"new{seed}"
    place.mkdir()
    logger(place, training(seed))
    (file,) = (path for path in place.rglob("*") if path.is_file())
    file.rename(root / (f"{name}-{file.name}" if "tfevents" in file.name else name + file.suffix))


@pytest.mark.parametrize("logger", [loggers.keras_csv, loggers.console_plain, loggers.console_dict, loggers.json_lines])
def test_seeds_of_one_configuration_stay_apart(tmp_path, logger):
    root = tmp_path / "seeds"
    root.mkdir()
    for seed in range(4):
        add(root, logger, seed, f"s{seed}")
    runs = read(root)
    assert len(runs) == 4
    assert all(measured(run) == EVERY for run in runs)


def test_seeds_through_two_loggers_find_their_own(tmp_path):
    root = tmp_path / "seeds"
    root.mkdir()
    for seed in range(4):
        logger = training(seed)
        loggers.lightning_csv(root / "new", logger)
        (root / "new" / "lightning_logs" / "version_0").rename(root / f"csv{seed}")
        add(root, loggers.console_plain, seed, f"s{seed}")
    assert len(read(root)) == 8  # folders that no tracker makes: nothing says that they might belong together


def test_unrelated_logs_of_one_folder_are_two_runs(tmp_path):
    loggers.keras_csv(tmp_path, T)
    loggers.json_lines(tmp_path, training(7, epochs=30, base=5.0))
    assert sorted(len(run.curves("loss", "validation")[0]) for run in read(tmp_path)) == [len(T), 30]
