"""Names of runs: from their own files alone, whatever lies beside them, so that an accepted baseline survives."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainlint.analyzer.reading.discover import discover
from trainlint.analyzer.reading.naming import is_generic
from trainlint.analyzer.reading.read import read_group

from ...parsers.formats.test_comet_offline import archive, metric
from ..command_line import call
from . import loggers

LOGS = {"a.csv": "r/a.csv", "metrics.csv": "r", "run7.log": "r/run7.log", "seeds.jsonl": "r/seeds.jsonl"}
NAME = {"payload": {"key": "Name", "value": "warm-moon"}, "type": "log_other"}
WRITERS = {".csv": loggers.keras_csv, ".log": loggers.console_plain, ".jsonl": loggers.json_lines}


def write(root, name, seed, place="r"):
    """A log of a training of its own."""
    scratch = root.parent / f"{root.name}-scratch-{name}"
    scratch.mkdir(parents=True)
    WRITERS[Path(name).suffix](scratch, loggers.training(seed, epochs=8 + seed, base=1.0 + seed))
    (file,) = scratch.iterdir()
    (root / place).mkdir(parents=True, exist_ok=True)
    file.rename(root / place / name)


def names(root):
    found = discover([root])
    runs = [run for group in found.groups for run in read_group(group, found.root)]
    return {Path(run.sources[0].path).name: run.name for run in runs}


def test_a_name_does_not_depend_on_what_lies_beside_it(tmp_path):
    for seed, (name, expected) in enumerate(LOGS.items()):
        write(tmp_path / "together", name, seed)
        write(tmp_path / "together", "log.csv", 9, place="other")
        write(tmp_path / name, name, seed)
        write(tmp_path / name, "log.csv", 9, place="other")
        assert names(tmp_path / name) == {name: expected, "log.csv": "other"}
        (tmp_path / "together-scratch-log.csv").rmdir()
    assert names(tmp_path / "together") == LOGS | {"log.csv": "other"}


def test_a_copy_takes_no_name(tmp_path):
    write(tmp_path / "root", "metrics.csv", 1)
    write(tmp_path / "root", "metrics_copy.csv", 1)
    assert names(tmp_path / "root") == {"metrics.csv": "r"}


@pytest.mark.parametrize(
    ("file", "home", "expected"),
    [
        ("r/log.csv", "r", True),
        ("r/train_log.txt", "r", True),
        ("r/history.json.gz", "r", True),
        ("r/log", "r", True),
        ("r/metrics2.csv", "r", False),
        ("r/seed3.csv", "r", False),
        ("wandb/run-20260101-ab12/run-ab12.wandb", "wandb/run-20260101-ab12", True),
        ("r/20260101_120000/20260101_120000.log", "r/20260101_120000", True),
        ("r/slurm-123.out", "r", False),
    ],
)
def test_names_of_files_that_say_nothing(file, home, expected):
    assert is_generic(Path(file), Path(home)) == expected


def test_two_logs_that_say_nothing_are_told_apart(tmp_path):
    write(tmp_path / "root", "metrics.csv", 1)
    write(tmp_path / "root", "progress.csv", 2)
    write(tmp_path / "root", "train.log", 3)
    write(tmp_path / "root", "log.csv", 9, place="other")
    assert names(tmp_path / "root") == {
        "metrics.csv": "r", "progress.csv": "r/progress.csv", "train.log": "r/train.log", "log.csv": "other",
    }  # fmt: skip


@pytest.mark.parametrize("added", ["another.csv", "zz.log", "metrics.jsonl", "notes.txt"])
def test_an_accepted_baseline_survives_an_added_file(tmp_path, added):
    root, baseline = tmp_path / "root", tmp_path / "baseline.json"
    rows = "".join(f"{i},{2 * 0.9 ** min(i, 20) + max(0, i - 20) * 0.05:.5f}\n" for i in range(60))
    (root / "r").mkdir(parents=True)
    (root / "r" / "first.csv").write_text(f"epoch,loss\n{rows}")
    assert call("audit", root, "--no-report", "--write-baseline", str(baseline)).exit_code in (0, 1)
    assert json.loads(baseline.read_text())["findings"]
    if added == "notes.txt":
        (root / "r" / added).write_text("we ran it twice\n")
    else:
        write(root, added, 5)
    output = tmp_path / "out.json"
    call("audit", root, "--no-report", "--baseline", str(baseline), "--format", "json", "-o", str(output))
    (run,) = (run for run in json.loads(output.read_text())["runs"] if run["run"] == "r/first.csv")
    assert all(finding.get("suppressed") for finding in run["findings"])


@pytest.mark.parametrize(
    ("first", "added"), [("metrics.csv", "log.csv"), ("log.csv", "metrics.csv"), ("train.log", "progress.csv")]
)
def test_an_accepted_baseline_survives_a_second_generic_name(tmp_path, first, added):
    """Alone, either is named after its folder; the findings of the added one are new."""
    root, baseline, output = tmp_path / "root", tmp_path / "baseline.json", tmp_path / "out.json"
    (root / "r").mkdir(parents=True)
    for number, name in enumerate((first, added)):
        low = 1 + number
        values = [low + 2 * 0.9 ** min(i, 20) + max(0, i - 20) * 0.05 for i in range(60)]
        if name.endswith(".csv"):
            text = "epoch,loss\n" + "".join(f"{i},{value:.5f}\n" for i, value in enumerate(values))
        else:
            text = "".join(f"epoch {i} loss {value:.5f}\n" for i, value in enumerate(values))
        (root / "r" / name).write_text(text)
        if not number:
            assert call("audit", root, "--no-report", "--write-baseline", str(baseline)).exit_code in (0, 1)
    call("audit", root, "--no-report", "--baseline", str(baseline), "--format", "json", "-o", str(output))
    runs = {Path(run["path"]).name: run for run in json.loads(output.read_text())["runs"]}
    assert runs.keys() == {first, added}
    assert runs[first]["findings"]
    assert all(finding.get("suppressed") for finding in runs[first]["findings"])
    assert not any(finding.get("suppressed") for finding in runs[added]["findings"])


NAMES = ("metrics.csv", "log.csv", "a.csv", "seed1.csv", "train.log", "b.log", "progress.jsonl", "run2.jsonl")


@settings(max_examples=15)
@given(
    before=st.sets(st.tuples(st.sampled_from(["", "r", "r/x", "s"]), st.sampled_from(NAMES)), min_size=1, max_size=4),
    added=st.tuples(st.sampled_from(["", "r", "r/x", "t", "r/x/y"]), st.sampled_from(NAMES)),
)
def test_names_outlive_any_added_file(tmp_path_factory, before, added):
    root = tmp_path_factory.mktemp("any") / "root"
    for seed, (place, name) in enumerate(sorted(before)):
        write_at(root, place, name, seed)
    names_before = names_of(root)
    if added in before:
        return
    write_at(root, *added, 7)
    assert names_before <= names_of(root)


def write_at(root, place, name, seed):
    folder = root / place
    folder.mkdir(parents=True, exist_ok=True)
    curve = loggers.training(seed, epochs=8 + seed, base=1.0 + seed)
    rows = [(i, float(a), float(b)) for i, (a, b) in enumerate(zip(curve.loss, curve.val_loss, strict=True))]
    lines = {
        ".csv": ["epoch,loss,val_loss", *(f"{i},{a:.6f},{b:.6f}" for i, a, b in rows)],
        ".log": [f"epoch {i} loss {a:.6f} val_loss {b:.6f}" for i, a, b in rows],
        ".jsonl": [json.dumps({"epoch": i, "loss": a, "val_loss": b}) for i, a, b in rows],
    }[Path(name).suffix]
    (folder / name).write_text("\n".join(lines) + "\n")


def names_of(root):
    found = discover([root])
    return {run.name for group in found.groups for run in read_group(group, found.root)}


def test_a_name_in_a_tracker_stands_behind_that_of_the_file(tmp_path):
    """Names in trackers are not unique: without the file, that of one run would depend on the others."""
    root = tmp_path / "root"
    root.mkdir()
    found = []
    for key, low in (("3f1c", 1.0), ("8ab2", 2.0)):
        rows = [metric("loss", low + 1 / (step + 1), step) for step in range(9)]
        (root / f"{key}.zip").write_bytes(archive([*rows, NAME]))
        found.append(names(root))
    assert found == [
        {"3f1c.zip": "3f1c.zip/warm-moon"},
        {"3f1c.zip": "3f1c.zip/warm-moon", "8ab2.zip": "8ab2.zip/warm-moon"},
    ]
