"""Bad input costs what it hits: a clear message with path and place, an honest exit code, and the rest is judged."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

import trainlint
from trainlint.analyzer.cli import cli

from ..parsers.event_files import records, scalar

GOOD_ROWS = [f"{i},{2.5 * np.exp(-i / 15) + 0.3:.4f}" for i in range(60)]
GOOD = "\n".join(["step,train_loss", *GOOD_ROWS]) + "\n"
EVENTS = records(*(scalar("train/loss", 2.0 / (i + 1), i) for i in range(20)))


def ragged():
    rows = list(GOOD_ROWS)
    rows[10] += ",7,8"
    rows[20] = "20"
    return "\n".join(["step,train_loss", *rows]) + "\n"


def bare_nan():
    return '{"epoch": [0, 1, 2, 3], "loss": [1.0, NaN, 0.5, Infinity], "val_loss": [1, 2, 3, 4]}'


# file, content, exit code, points of the first metric that are kept, and what is said with the path
CASES = {
    "nothing in the folder": (None, None, 3, 0, []),
    "a binary file called metrics.csv": ("metrics.csv", b"\x89PNG\r\n\x1a\n" + bytes(99), 3, 0, ["not text", "byte 8"]),
    "an empty file": ("metrics.csv", b"", 3, 0, ["is empty"]),
    "a header alone": ("metrics.csv", b"epoch,loss,val_loss\n", 3, 0, None),
    "an event file cut within a record": ("events.out.tfevents.1.host", EVENTS[:-7], 0, 19, ["incomplete", "byte "]),
    "an event file with a flipped byte": ("events.out.tfevents.1.host", EVENTS[:400] + b"\xff" + EVENTS[401:], 0, 19, ["byte "]),
    "an empty event file": ("events.out.tfevents.1.host", b"", 3, 0, [""]),
    "an event file of junk": ("events.out.tfevents.1.host", b"junk" * 99, 3, 0, ["byte "]),
    "a CSV with ragged rows": ("metrics.csv", ragged().encode(), 0, 59, ["line 12"]),
    "a CSV cut within a row": ("metrics.csv", GOOD[:-4].encode(), 0, 59, ["line 61"]),
    "a CSV that is not UTF-8": ("metrics.csv", GOOD.replace("train_loss", "train_loss(\u635f)").encode("gb18030"), 0, 60, None),
    "a JSON with bare NaN": ("history.json", bare_nan().encode(), 0, 4, None),
    "a JSON cut in the middle": ("history.json", bare_nan()[:-9].encode(), 0, None, None),
    "JSON lines with a broken line": (
        "metrics.jsonl",
        "\n".join([f'{{"step": {i}, "loss": {9 - i / 9}}}' if i != 3 else '{"step": 3, "lo' for i in range(30)]).encode(),
        0, 29, ["line 4"],
    ),
    "a JSON so deep that it takes all the stack": ("history.json", b'{"loss":' * 50_000, 3, 0, None),
    "one endless line": ("metrics.csv", b"step,loss\n" + b"9" * 300_000, 3, 0, None),
    "nothing but separators": ("metrics.csv", b",,,,\n" * 1000, 3, 0, None),
    "nothing but newlines": ("metrics.csv", b"\n" * 10_000, 3, 0, None),
    "numbers beyond any range": ("metrics.csv", b"step,loss\n" + b"".join(b"%d,1e999\n" % (10**i) for i in range(40)), 0, None, None),
}  # fmt: skip


@pytest.fixture(params=CASES)
def case(request, tmp_path):
    name, content, code, points, said = CASES[request.param]
    (tmp_path / "logs" / "bad").mkdir(parents=True)
    if name:
        (tmp_path / "logs" / "bad" / name).write_bytes(content)
    return tmp_path / "logs", name, code, points, said


def audit(*arguments):
    return CliRunner().invoke(cli, ["audit", *map(str, arguments)])


def test_bad_input_alone(case):
    logs, name, code, points, said = case
    process = audit(logs / "bad", "-f", "json")
    assert process.exception is None or isinstance(process.exception, SystemExit), process.exception
    whole = json.loads(process.output)
    metrics = [metric for run in whole["runs"] for metric in run["metrics"]]
    if code == 3 or points is not None:
        assert (metrics[0]["points"] if metrics else 0) == points
    if not metrics:
        assert process.exit_code == 3
    messages = [f"{n['path']}: {n['where']}: {n['message']}" for run in whole["runs"] for n in run["notes"]]
    messages += [f"{item['path']}: {item['reason']}" for item in whole["unreadable"]]
    if said is not None and name:
        assert any(name in message and all(word in message for word in said) for message in messages), messages


def test_bad_input_beside_a_good_run(case, tmp_path):
    logs, *_ = case
    (logs / "good").mkdir()
    (logs / "good" / "metrics.csv").write_text(GOOD)
    process = audit(logs, "-r", tmp_path / "report", "-v")
    assert process.exit_code == 0, process.output
    runs = {run["run"]: run for run in json.loads((tmp_path / "report" / "report.json").read_text())["runs"]}
    assert runs["good"]["metrics"][0]["points"] == 60
    assert "judged " in process.output


def test_bad_input_makes_a_strict_audit_fail(tmp_path):
    (tmp_path / "good").mkdir()
    (tmp_path / "good" / "metrics.csv").write_text(
        "step,train_loss,val_loss\n" + "".join(f"{i},{9 * 0.9**i},{9 * 0.91**i}\n" for i in range(80))
    )
    assert audit(tmp_path, "--no-report", "--strict").exit_code == 0
    (tmp_path / "bad.csv").write_bytes(b"\0" * 99)
    assert audit(tmp_path, "--no-report", "--strict").exit_code == 4


def test_a_missing_path_is_named(tmp_path):
    process = audit(tmp_path / "gone")
    assert process.exit_code == 2
    assert f"path does not exist: {tmp_path / 'gone'}" in process.output
    for function in (trainlint.read, trainlint.read_runs, trainlint.audit):
        with pytest.raises(FileNotFoundError, match="gone"):
            function(tmp_path / "gone")


def test_an_empty_folder_says_where_it_looked(tmp_path):
    process = audit(tmp_path, "--no-report")
    assert process.exit_code == 3
    reason = "there is no file, or --include and --exclude leave none"
    assert process.output.strip() == f"no logs found under {tmp_path}: {reason}"
    assert trainlint.read(tmp_path).empty
    assert trainlint.audit(tmp_path)["runs"] == []


def test_where_nothing_is_found_the_reasons_are_told(tmp_path):
    for number in range(13):
        (tmp_path / f"notes{number:02}.txt").write_text("we ran it twice\nand it failed\n")
    lines = audit(tmp_path, "--no-report").output.splitlines()
    assert lines[0] == f"no logs found under {tmp_path}: no file there is the log of a training"
    assert [line.split(":")[0] for line in lines[1:11]] == [f"  notes{number:02}.txt" for number in range(10)]
    assert lines[11:] == ["  ... and 3 more; -v lists them"]


POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
REASONS = [
    pytest.param({"a.txt": "we ran it\n"}, ["  a.txt: not a log: no line recurs that holds numbers and a counter"], id="text"),
    pytest.param({"README.txt": "# Hi\n"}, ["  README.txt: not a log: files with this name are not logs"], id="name"),
    pytest.param(
        {"w.ckpt": "", "x.png": "", "y.py": "", "z.md": "", "zz.md": ""},
        ["  .: no parser handles files with names like w.ckpt, x.png, y.py and 2 more"], id="names of no parser",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("files", "said"), REASONS)
def test_the_reasons_are_true(tmp_path, files, said):
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert audit(tmp_path, "--no-report").output.splitlines() == [
        f"no logs found under {tmp_path}: no file there is the log of a training",
        *said,
    ]


def test_where_all_logs_are_pointers_the_command_that_brings_them_is_told(tmp_path):
    (tmp_path / "metrics.csv").write_text(POINTER)
    assert audit(tmp_path, "--no-report").output.splitlines() == [
        "unreadable  metrics.csv: Git LFS pointer: run `git lfs pull`",
        f"no logs found under {tmp_path}: 1 unreadable file",
    ]


def test_the_state_of_a_tracker_lets_a_strict_audit_pass(tmp_path):
    rows = "".join(f"{i},{9 * 0.9**i},{9 * 0.91**i}\n" for i in range(80))
    (tmp_path / "progress.csv").write_text("step,train_loss,val_loss\n" + rows)
    (tmp_path / "basic-variant-state-2025-04-11_12-41-34.json").write_text('{"_counter": 4, "_total_samples": 2}')
    assert audit(tmp_path, "--no-report", "--strict").exit_code == 0


def test_the_terminal_says_path_place_and_reason(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "metrics.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(99))
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "metrics.csv").write_text(ragged())
    lines = audit(tmp_path, "--no-report", "-v").output.splitlines()
    assert any(line.startswith("unreadable  a/metrics.csv: is not text (binary data at byte 8)") for line in lines)
    assert any(line.startswith("  note     b/metrics.csv: line 12") for line in lines)
