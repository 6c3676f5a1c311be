"""One training through many loggers is one run with one curve a quantity; what is not one training stays apart."""

import itertools
import json

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


def test_the_printed_output_of_a_tracked_run_is_of_that_run(tmp_path):
    loggers.wandb(tmp_path, T)
    (place,) = (tmp_path / "wandb").iterdir()
    (place / "files").mkdir()
    (place / "files" / "output.log").write_text(
        'epoch 0\nepoch 1\nTraceback (most recent call last):\n  File "train.py", line 68, in main\nValueError: boom\n'
    )
    (run,) = read(tmp_path)
    assert [incident.kind for incident in run.incidents] == ["uncaught-exception"]
    assert (measured(run), run.title) == (EVERY, "warm-moon-3")


def sb3(folder, t):
    """What the logger of Stable-Baselines3 writes with all its outputs, `Monitor`, and an `EvalCallback`."""
    folder.mkdir(parents=True, exist_ok=True)
    steps = [(i + 1) * 2048 for i in range(len(t))]
    columns = {"rollout/ep_rew_mean": 100 * t.accuracy, "train/loss": t.loss, "train/approx_kl": t.lr * t.loss}
    rows = [
        {name: float(v[i]) for name, v in columns.items()} | {"time/total_timesteps": steps[i]} for i in range(len(t))
    ]
    loggers._table(folder / "progress.csv", rows)
    loggers._print(folder / "progress.json", map(json.dumps, rows))
    loggers._events(folder, {name: (steps, v) for name, v in columns.items()})
    table = [
        line
        for row in rows
        for line in ("-" * 36, *(f"| {k:<20} | {v:<9.3g} |" for k, v in row.items()), "-" * 36)
    ]  # fmt: skip
    loggers._print(folder / "log.txt", table)
    for name, start in (("monitor.csv", 0.0), ("eval.monitor.csv", 3.0)):
        episodes = [f"{90 * a - start:.6f},{200 + i},{10 * i + 5 + start}" for i, a in enumerate(t.accuracy.tolist())]
        head = json.dumps({"t_start": loggers.START, "env_id": "CartPole-v1"})
        loggers._print(folder / name, [f"#{head}", "r,l,t", *episodes])
    np.savez(
        folder / "evaluations.npz",
        timesteps=np.array(steps),
        results=80 * t.accuracy[:, None],
        ep_lengths=np.full((len(t), 1), 200),
    )


def test_all_that_stable_baselines_writes_is_one_run(tmp_path):
    sb3(tmp_path / "ppo", T)
    (run,) = read(tmp_path)
    assert run.name == "ppo"
    rewards = {(c.tag, c.split): c for c in run.curves("reward")}
    assert {split for _, split in rewards} >= {"validation"}
    assert len([c for c in run.all_curves if "ep_rew_mean" in c.tag]) == 1
    monitor, evaluation = (c for c in rewards.values() if c.tag == "r")
    assert {monitor.split, evaluation.split} == {"none", "validation"}
    assert evaluation.step.tolist() == monitor.step.tolist()  # at the training steps of their time
    assert [len(c) for c in run.curves("loss")] == [len(T)]


def test_yolo_events_and_results_are_one_run(tmp_path):
    names = {
        "train/box_loss": T.loss,
        "metrics/mAP_0.5": T.val_accuracy,
        "metrics/precision": T.accuracy,
        "val/box_loss": T.val_loss,
    }
    loggers._events(tmp_path / "exp", {name: (range(len(T)), v) for name, v in names.items()})
    rows = ({"epoch": i} | {name: f"{v[i]:.5g}" for name, v in names.items()} for i in range(len(T)))
    loggers._table(tmp_path / "exp" / "results.csv", rows)
    (run,) = read(tmp_path)
    assert sorted(c.tag for c in run.all_curves) == sorted(names)
    assert {s.format for s in run.sources} == {"tensorboard", "ultralytics-csv"}


def test_all_that_a_trial_of_ray_writes_is_one_run(tmp_path):
    columns = {"episode_reward_mean": 100 * T.accuracy, "info/learner/vf_loss": T.loss}
    rows = [
        {k: float(v[i]) for k, v in columns.items()} | {"training_iteration": i + 1, "timesteps_total": 4000 * (i + 1), "time_this_iter_s": 3.5 + i % 3}
        for i in range(len(T))
    ]  # fmt: skip
    loggers._table(tmp_path / "trial" / "progress.csv", rows)
    loggers._print(tmp_path / "trial" / "result.json", map(json.dumps, rows))
    steps = [row["timesteps_total"] for row in rows]
    loggers._events(tmp_path / "trial", {f"ray/tune/{k}": (steps, v) for k, v in columns.items()})
    (run,) = read(tmp_path)
    assert len(run.curves("reward")) == len(run.curves("loss")) == 1
    assert {s.format for s in run.sources} == {"tensorboard", "json-lines", "csv-table"}


def test_csv_and_events_of_one_name_in_two_folders_are_one_run(tmp_path):
    for logger, place in ((loggers.lightning_csv, "csv"), (loggers.lightning_events, "events")):
        for seed in range(3):
            logger(tmp_path / "new", training(seed))
            (tmp_path / "exp" / place).mkdir(parents=True, exist_ok=True)
            (tmp_path / "new" / "lightning_logs" / "version_0").rename(tmp_path / "exp" / place / f"version_{seed}")
    runs = read(tmp_path)
    assert sorted(run.name for run in runs) == [f"exp/events/version_{seed}" for seed in range(3)]
    assert all(len(run.sources) == 2 for run in runs)
