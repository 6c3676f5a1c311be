"""Files that are no log of a training: what is said of them, and that similar logs are read."""

import random

import pytest

from trainlint.analyzer.reading.discover import discover

POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"
ANNEX = "../.git/annex/objects/W8/3F/SHA256E-s12--ab.csv/SHA256E-s12--ab.csv\n"
STATE = '{"_uuid_prefix": "95d16_", "_counter": 4, "_total_samples": 2, "step": 1, "loss": 2.0}'


def told(tmp_path, name, text):
    """Number of logs that are found, and what is said of files that are none."""
    path = tmp_path / "root" / name
    path.parent.mkdir(parents=True)
    path.write_text(text)
    found = discover([tmp_path / "root"])
    logs = sum(len(group.files) for group in found.groups)
    return logs, [note.message for note in found.unreadable], [note.message for note in found.skipped]


@pytest.mark.parametrize(
    "name",
    [
        "events.out.tfevents.1.host",
        "evaluations.npz",
        "metrics.csv",
        "history.json",
        "train.log",
        "a.jsonl",
        "mlflow.db",
        "log",
    ],
)
def test_pointers(tmp_path, name):
    assert told(tmp_path / "lfs", name, POINTER) == (0, ["Git LFS pointer: run `git lfs pull`"], [])
    assert told(tmp_path / "annex", name, ANNEX) == (0, ["git-annex pointer: run `git annex get`"], [])


def test_a_given_pointer(tmp_path):
    path = tmp_path / "weights.json"
    path.write_text(POINTER)
    assert [note.message for note in discover([path]).unreadable] == ["Git LFS pointer: run `git lfs pull`"]


@pytest.mark.parametrize(
    "name", ["basic-variant-state-2025-04-11_12-41-34.json", "experiment_state-2025-04-11_12-41-34.json"]
)
def test_state_of_ray_tune(tmp_path, name):
    logs, unreadable, (message,) = told(tmp_path, name, STATE)
    assert not logs
    assert not unreadable  # --strict holds
    assert message.startswith("state of Ray Tune, not a log")


def sweep(rows, header, make):
    draw = random.Random(7)
    return header + "\n" + "".join(",".join(map(str, make(i, draw))) + "\n" for i in range(rows))


def grid(i, draw):
    return draw.choice(["gcn", "gat"]), draw.choice([1, 2, 4]), f"{draw.random():.3f}", f"{draw.random():.3f}"


# (header, the cells of a row): each row is a model
EXPERIMENTS = {
    "a constant epoch": ("method,layers,epoch,loss", lambda i, d: (*grid(i, d)[:2], 99, f"{d.random():.3f}")),
    "no axis": ("model_type,layers,test_loss,test_acc", grid),
    "numbered rows": ("trial,lr,batch_size,val_loss", lambda i, d: (i, 10 ** d.uniform(-5, -1), d.choice([16, 32, 64]), d.random())),
    "an index": (",optimizer,dropout,accuracy", lambda i, d: (i, d.choice(["sgd", "adam"]), d.choice([0.1, 0.3, 0.5]), d.random())),
}  # fmt: skip


@pytest.mark.parametrize("kind", EXPERIMENTS)
def test_tables_of_experiments(tmp_path, kind):
    logs, unreadable, messages = told(tmp_path, "results.csv", sweep(40, *EXPERIMENTS[kind]))
    assert not logs
    assert not unreadable
    assert len(messages) == 1
    assert messages[0].startswith("a table of experiments, not a log: each row is a trained model (")


def test_experiments_as_json(tmp_path):
    rows = ",".join(f'{{"optimizer": "{"ab"[i % 2]}", "layers": {(i * 3) % 4}, "test_loss": 0.{i}}}' for i in range(9))
    for name, text in (("r.json", f"[{rows}]"), ("r.jsonl", rows.replace("},", "}\n"))):
        logs, _, (message,) = told(tmp_path / name, name, text)
        assert not logs
        assert message.startswith("a table of experiments")


# each is like a table above, but a training: what tells it is in the name
TRAININGS = {
    "an epoch that counts": ("method,layers,epoch,loss", lambda i, d: (*grid(i, d)[:2], i, f"{d.random():.3f}")),
    "tasks that take turns": ("task,loss,acc", lambda _, d: (d.choice("abc"), f"{d.random():.3f}", f"{d.random():.3f}")),
    "a schedule without an axis": ("lr,momentum,loss", lambda i, d: (abs(20 - i) / 10, 1 - abs(20 - i) / 40, d.random())),
    "settings that stay": ("optimizer,layers,loss,acc", lambda _, d: ("sgd", 4, d.random(), d.random())),
    "a counter of another name": ("frames,lr,batch_size,loss", lambda i, d: (512 * i, d.random(), d.choice([16, 32]), d.random())),
    "restarts of an epoch": ("phase,layers,epoch,loss", lambda i, d: (*grid(i, d)[:2], i % 12, d.random())),
}  # fmt: skip


@pytest.mark.parametrize("kind", TRAININGS)
def test_trainings_that_look_alike(tmp_path, kind):
    logs, unreadable, messages = told(tmp_path, "results.csv", sweep(40, *TRAININGS[kind]))
    assert (logs, unreadable, messages) == (1, [], [])


@pytest.mark.parametrize(("rows", "logs"), [(3, 1), (4, 0)])
def test_how_many_rows_it_takes(tmp_path, rows, logs):
    """With three rows, settings that go back and forth may be chance."""
    text = "optimizer,dropout,loss,activation\n" + "".join(
        f"{'ab'[i % 2]},{i % 2},0.{i + 1},{'xy'[i % 2]}\n" for i in range(rows)
    )
    assert told(tmp_path, "results.csv", text)[0] == logs


def test_a_file_without_suffix(tmp_path):
    assert told(tmp_path / "csv", "progress", "step,loss\n1,2.0\n2,1.5\n3,1.0\n")[0] == 1
    assert told(tmp_path / "jsonl", "stats", '{"step": 1, "loss": 2.0}\n{"step": 2, "loss": 1.0}\n')[0] == 1
    assert told(tmp_path / "words", "loss", "1700000000 2.5 0\n1700000001 2.0 1\n")[0] == 0  # no header: any data


def test_parts_of_a_log_are_no_logs(tmp_path):
    folder = tmp_path / "mlruns" / "1" / "0d82"
    for name, text in (
        ("meta.yaml", "run_id: 0d82\n"),
        ("metrics/step", "1700000000 2.5 0\n"),
        ("tags/progress.csv", "step,loss\n1,2\n2,1\n"),
    ):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    found = discover([tmp_path])
    assert [[log.path.name for log in group.files] for group in found.groups] == [["meta.yaml"]]
    assert not found.skipped
