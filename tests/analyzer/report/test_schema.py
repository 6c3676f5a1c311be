"""The JSON Schema of the report; that reports keep to it is asked of every report of every test, in `conftest.py`."""

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Literal, NotRequired, TypedDict

import pytest
from click.testing import CliRunner
from jsonschema import Draft202012Validator

import trainlint
from trainlint.analyzer import batch
from trainlint.analyzer.cli import cli
from trainlint.analyzer.outputs.registry import PLACES
from trainlint.analyzer.report.inspection import Inspection
from trainlint.analyzer.report.json_schema import json_schema
from trainlint.analyzer.report.schema import Report

SAMPLES = Path(__file__).parents[3] / "sample_logs"
SCHEMA = json_schema(Report, title="report")
VALIDATOR = Draft202012Validator(SCHEMA)


class Node(TypedDict):
    """A type that holds itself."""

    name: Annotated[str, "what it is called"]
    kind: NotRequired[Annotated[Literal["leaf", "branch"], "what it is"]]
    weight: Annotated[float | Literal["nan"] | None, "how heavy"]
    below: Annotated[list["Node"], "what hangs on it"]
    counts: Annotated[dict[str, int], "how often"]


def test_a_type_becomes_a_schema():
    assert json_schema(Node, title="t") == {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "t",
        "$ref": "#/$defs/Node",
        "$defs": {
            "Node": {
                "type": "object",
                "description": "A type that holds itself.",
                "properties": {
                    "name": {"type": "string", "description": "what it is called"},
                    "kind": {"enum": ["leaf", "branch"], "description": "what it is"},
                    "weight": {
                        "anyOf": [{"type": "number"}, {"enum": ["nan"]}, {"type": "null"}],
                        "description": "how heavy",
                    },
                    "below": {"type": "array", "items": {"$ref": "#/$defs/Node"}, "description": "what hangs on it"},
                    "counts": {
                        "type": "object",
                        "additionalProperties": {"type": "integer"},
                        "description": "how often",
                    },
                },
                "required": ["name", "weight", "below", "counts"],
                "additionalProperties": False,
            }
        },
    }


def test_a_type_that_json_does_not_have_is_refused():
    class Odd(TypedDict):
        pair: tuple[int, int]

    with pytest.raises(TypeError, match=r"JSON has no tuple\[int, int\]"):
        json_schema(Odd, title="t")


@pytest.mark.parametrize("kind", [Report, Inspection])
def test_every_type_and_field_is_documented(kind):
    schema = json_schema(kind, title="t")
    Draft202012Validator.check_schema(schema)
    told = [(name, kind["description"]) for name, kind in schema["$defs"].items()]
    told += [
        (f"{name}.{key}", field.get("description", ""))
        for name, kind in schema["$defs"].items()
        for key, field in kind["properties"].items()
    ]
    assert [name for name, text in told if len(text) < 8] == []


def test_an_inspection_is_as_its_schema_says():
    done = CliRunner().invoke(cli, ["inspect", str(SAMPLES), "--isolated", "--format", "json"])
    whole = json.loads(done.output)
    assert all(
        any(run[part] for run in whole["runs"]) for part in ("files", "notes", "metrics", "missing", "insufficient")
    )
    validator = Draft202012Validator(json_schema(Inspection, title="trainlint-inspection/1"))
    validator.validate(whole)
    for part in (whole, whole["configuration"], whole["runs"][0], whole["runs"][0]["files"][0]):
        part["undocumented"] = 1
        assert not validator.is_valid(whole)
        del part["undocumented"]
    del whole["runs"][0]["missing"]
    assert not validator.is_valid(whole)


@pytest.fixture(scope="module")
def whole():
    """A report with findings, folded ones and numbers that are not finite."""
    paths = [SAMPLES / name for name in ("overfitting", "divergence", "non-finite", "truncated-event-file")]
    report = dict(trainlint.audit(*paths))
    assert all(any(run[part] for run in report["runs"]) for part in ("findings", "folded", "notes", "reasons"))
    return report


def faults_of(report):
    return [fault.message for fault in VALIDATOR.iter_errors(report)]


def parts(value, path=()):
    """Places of all objects whose fields are documented, by their path."""
    if isinstance(value, dict):
        if not path or path[-1] not in ("outcomes", "reasons", "evidence", "hyperparameters", "failed"):
            yield path
        for key, inner in value.items():
            yield from parts(inner, (*path, key))
    elif isinstance(value, list):
        for number, inner in enumerate(value[:2]):
            yield from parts(inner, (*path, number))


def test_no_field_is_too_much_and_none_is_missing(whole):
    assert faults_of(whole) == []
    for path in parts(whole):
        changed = copy.deepcopy(whole)
        part = changed
        for key in path:
            part = part[key]
        assert part, path
        part["undocumented"] = 1
        assert faults_of(changed), path
        del part["undocumented"]
        for key in [key for key in part if key not in ("suppressed", "q_value", "left_out", "fault")]:
            value = part.pop(key)
            assert faults_of(changed), (*path, key)
            part[key] = value


@pytest.mark.parametrize(
    ("part", "value"), [("version", 1), ("runs", {}), ("schema", "trainlint-report/2"), ("batch", {"findings": 0})]
)
def test_a_report_of_another_kind_is_told(whole, part, value):
    assert faults_of(whole | {part: value})


def test_what_the_tests_make_is_held_against_it():
    with pytest.raises(AssertionError, match=r"not as its schema says: .*version: 3 is not of type 'string'"):
        batch.document("/", 3, [], [])


CODE = """
import sys
from click.testing import CliRunner
from trainlint.analyzer.cli import cli

NEVER = {"ssl", "http", "http.client", "urllib.request", "xml.sax", "jsonschema"}
OWN = {f"trainlint.analyzer.{name}" for name in ("report.schema", "report.json_schema", "outputs.junit", "outputs.sarif")}
for name in sys.argv[2:]:
    done = CliRunner().invoke(cli, ["audit", sys.argv[1], "--no-report", "--isolated", "-j", "1", "-f", name])
    assert done.exit_code == 0, done.output
    print(name, *sorted((NEVER | OWN) & sys.modules.keys()))
"""


def test_an_audit_imports_what_its_output_needs():
    names = ["text", *sorted(PLACES, key=lambda name: name in ("junit", "sarif"))]
    command = [sys.executable, "-c", CODE, str(SAMPLES / "healthy-keras-csv"), *names]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    imported = dict.fromkeys(names, "") | {
        "sarif": "trainlint.analyzer.outputs.sarif",
        "junit": "trainlint.analyzer.outputs.junit trainlint.analyzer.outputs.sarif",
    }
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [f"{name} {modules}".strip() for name, modules in imported.items()]
