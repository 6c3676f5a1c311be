"""No part of a run, no note of a file and no baseline keeps a secret, and what was different stays different."""

import json

import numpy as np

import trainlint
from trainlint.analyzer.reading.discover import discover
from trainlint.analyzer.report.baseline import read_baseline
from trainlint.parsers.run import Curve, Incident, Note, Run
from trainlint.parsers.secrets import conceal

GIVEN = "hunter" + "2seven"
LOG = "epoch,loss\n" + "".join(f"{i},{1 / (i + 1)}\n" for i in range(20))


def curve(tag):
    return Curve.build(tag, np.arange(3), np.arange(3.0))


def test_every_text_of_a_run_is_masked():
    run = Run(
        f"password={GIVEN}", "x", "test", f"tool password={GIVEN}",
        [curve(f"loss?token={GIVEN}1"), curve(f"loss?token={GIVEN}2")],
        {f"--password={GIVEN}": 1, "note": f"password={GIVEN}", "password": GIVEN},
        notes=[Note("x", f"password={GIVEN}", f"row 12: password={GIVEN}")],
        incidents=[Incident("out-of-memory", "x", 3, ("Authorization: Bearer", f"  {GIVEN}12345678901234567890"))],
        task_evidence=(f"password={GIVEN}",), title=f"password={GIVEN}",
    )  # fmt: skip
    concealed = conceal(run)
    told = (
        concealed.name, concealed.title, concealed.framework, concealed.hyperparameters, concealed.notes, concealed.incidents,
        concealed.task_evidence, [c.tag for c in concealed.all_curves],
    )  # fmt: skip
    assert GIVEN not in repr(told)
    assert len({c.tag for c in concealed.all_curves}) == 2


def test_folders_that_differ_in_a_secret_are_different_runs(tmp_path):
    for number in (1, 2):
        folder = tmp_path / f"token={GIVEN}{number}"
        folder.mkdir()
        (folder / "metrics.csv").write_text(LOG)
    assert [group.name for group in discover([tmp_path]).groups] == ["token=***", "token=*** (2)"]
    report = trainlint.audit(tmp_path, report=tmp_path / "report")
    assert len({run["run"] for run in report["runs"]}) == 2
    assert GIVEN not in json.dumps(report).replace(str(tmp_path), "")
    assert all(GIVEN not in f"{page}{page.read_text()}" for page in (tmp_path / "report").rglob("*.html"))


def test_files_that_cannot_be_read_are_named_without_secrets(tmp_path):
    (tmp_path / f"metrics?token={GIVEN}1.csv").write_bytes(b"")
    found = discover([tmp_path])
    assert [note.path for note in found.unreadable] == ["metrics?token=***.csv"]


def test_a_baseline_that_names_a_secret_still_accepts(tmp_path):
    finding = {"run": f"token={GIVEN}1", "rule": "plateau", "metric": "loss", "severity": "error"}
    path = tmp_path / "known.json"
    path.write_text(json.dumps({"schema": "trainlint-baseline/2", "findings": [finding]}))
    assert list(read_baseline(path).known) == [("token=***", "plateau", "loss")]


def test_cells_of_a_column_of_passwords_are_not_quoted(tmp_path):
    rows = "".join(f"{i},{1 / (i + 1)},{GIVEN if i == 3 else i}\n" for i in range(20))
    (tmp_path / "metrics.csv").write_text(f"epoch,loss,password\n{rows}")
    notes = trainlint.read_runs(tmp_path)[0].notes
    assert any("password" in note.message for note in notes)
    assert GIVEN not in repr(notes)
