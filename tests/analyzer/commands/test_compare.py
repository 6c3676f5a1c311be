"""The command `compare`: formats, files, exit codes."""

from __future__ import annotations

import json

import pytest

import trainlint
from trainlint.analyzer.report.compare_schema import ManyComparisons
from trainlint.analyzer.report.json_schema import json_schema

from ..command_line import call


@pytest.fixture
def runs(tmp_path, monkeypatch):
    """Folders of three runs each: a, an equal copy of it, and a worse one; and single runs."""
    for name, offset in (("a", 0.0), ("copy", 0.0), ("worse", 0.5)):
        for seed in range(3):
            folder = tmp_path / name / f"s{seed}"
            folder.mkdir(parents=True)
            rows = [
                f"{i * 10},{offset + seed / 100 + 2 / (1 + i / 9) + 0.003 * (i * (7 + seed) % 5):.5f}"
                for i in range(60)
            ]
            (folder / "metrics.csv").write_text("\n".join(["step,val_loss", *rows]) + "\n")
            (folder / "config.json").write_text(json.dumps({"lr": 0.1 + offset, "seed": seed}))
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ("a worse", 0),
        ("a worse --fail-on worse", 1),
        ("worse a --fail-on worse", 0),
        ("--baseline a worse", 0),
        ("--baseline a worse --fail-on worse", 1),
        ("--baseline a copy --fail-on worse --exact", 0),
        ("--baseline a worse --fail-on worse --exact", 1),
        ("--baseline a/s0 a/s1 --fail-on worse", 0),
        ("--baseline a/s0 a/s1 --strict", 4),
        ("--baseline a copy --strict", 0),
        ("a", 2),
        ("--baseline a", 2),
        ("a missing", 2),
        ("a copy --exact", 2),
        ("a --write-reference reference.json", 0),
        ("empty --write-reference reference.json", 3),
        ("a copy -f html", 2),
        ("a empty", 3),
    ],
)
def test_exit_codes(runs, arguments, code):
    result = call("compare", *arguments.split(), "--isolated")
    assert (result.exit_code, "Traceback" in result.output) == (code, False)


def test_json_is_as_documented(runs):
    validators = pytest.importorskip("jsonschema")
    schema = json_schema(ManyComparisons, title="trainlint-compare/1")
    for arguments in (["a", "worse"], ["a", "worse", "copy"], ["--baseline", "a", "worse"]):
        result = call("compare", *arguments, "-f", "json", "--isolated")
        document = json.loads(result.stdout)
        validators.validate(document, schema)
        assert document["verdict"] == "worse"
        assert document["likely"] == ["lr"]
        assert len(document.get("comparisons", [])) == (2 if len(arguments) == 3 and arguments[0] == "a" else 0)


def test_a_reference_file_stands_for_its_runs(runs):
    assert call("compare", "a", "copy", "--write-reference", "reference.json", "--isolated").exit_code == 0
    assert (runs / "reference.json").stat().st_size < 30_000
    whole = trainlint.compare("worse", baseline="a")
    small = trainlint.compare("worse", baseline="reference.json")
    for key in ("gate", "verdict", "difference", "low", "high", "part_step", "likely", "hyperparameters"):
        assert small[key] == whole[key], key
    assert trainlint.compare("copy", baseline="reference.json", exact=True)["gate"] == "pass"


def test_a_stored_report_stands_for_its_runs(runs):
    for name in ("a", "worse"):
        trainlint.audit(name, report=f"report-{name}")
    document = trainlint.compare("report-a/report.json", "report-worse")
    assert (document["verdict"], document["likely"]) == ("worse", ["lr"])
    assert len(document["runs"]["A"]) == 3


@pytest.mark.parametrize(
    "content",
    [
        '{"schema": "trainlint-reference/1"}',
        '{"schema": "trainlint-reference/1", "runs": 5}',
        '{"schema": "trainlint-reference/1", "runs": [5, {}, {"run": 1}]}',
        '{"schema": "trainlint-reference/1", "runs": [{"run": "x", "record": [], "curves": [{"steps": "!"}], "findings": 3}]}',
        '{"schema": "trainlint-reference/1", "runs": [{"run": "x", "record": {"outcomes": [{"metric": "val_loss", "split": "validation", "direction": "lower", "axis": "step", "value": "x"}]}}]}',
        '{"schema": "trainlint-report/1", "runs": [',
    ],
)
def test_damaged_references_are_refused_or_empty(runs, content):
    (runs / "reference.json").write_text(content)
    result = call("compare", "--baseline", "reference.json", "a", "--isolated")
    assert result.exit_code in (0, 2, 3)
    assert "Traceback" not in result.output


def test_markdown_of_hostile_names(runs):
    (runs / "a").rename(runs / "`@you`|<b>")
    text = call("compare", "--baseline", "`@you`|<b>", "worse", "-f", "markdown", "--isolated").stdout
    assert "**Fail.**" in text
    assert "<b> is" not in text


def test_page(runs):
    result = call("compare", "a", "worse", "copy", "-o", "page.html", "--isolated")
    page = (runs / "page.html").read_text()
    assert result.exit_code == 0
    assert "2 comparisons with a" in page
    assert page.count('<figure class="chart') == 1
    assert len(page) < 300_000
