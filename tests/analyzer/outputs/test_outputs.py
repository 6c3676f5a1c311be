"""Every output: what it says of a report, and that nothing in a log can speak for itself in it."""

import json

import pytest

from trainlint.analyzer.across.document import document
from trainlint.analyzer.outputs.registry import PLACES, output_of
from trainlint.analyzer.report.entries import depths, early_of

from .reports import HOSTILE, hostile_report, printed

SHOWN = [name for name in PLACES if name not in ("json", "jsonl")]


def test_the_command_line_offers_what_there_is():
    from trainlint.analyzer.commands.shared_options import FORMATS

    assert list(PLACES) == list(FORMATS)
    assert [output_of(name).id for name in PLACES] == list(PLACES)
    with pytest.raises(ValueError, match="there is no output 'yaml'"):
        output_of("yaml")


@pytest.mark.parametrize("name", list(PLACES))
@pytest.mark.parametrize("case", HOSTILE)
def test_nothing_of_a_log_commands_a_terminal(name, case):
    written = printed(name, hostile_report(HOSTILE[case]))
    written.encode("utf-8")
    lines = written.split("\n")
    assert [line for line in lines if not all(c.isprintable() for c in line)] == []


@pytest.mark.parametrize("name", SHOWN)
def test_long_names_do_not_flood(name):
    limit = 1_000_000 if name in ("sarif", "csv") else 150_000
    assert len(printed(name, hostile_report("x" * 10_000))) < limit


@pytest.mark.parametrize("name", list(PLACES))
def test_an_empty_report(name):
    assert "Traceback" not in printed(name, document("/logs", "0.1.0", [], []))


def test_json_lines_and_json_say_the_same(report):
    assert [json.loads(line) for line in printed("jsonl", report).splitlines()] == json.loads(printed("json", report))[
        "runs"
    ]


@pytest.mark.parametrize(
    ("causes", "expected"),
    [
        ([("a", None), ("b", "a"), ("c", "b"), ("d", "a"), ("e", None)], [0, 1, 2, 1, 0]),
        ([("a", None), ("a", None), ("b", "a")], [0, 0, 1]),
        ([("b", "gone")], [0]),
        ([], []),
    ],
)
def test_depths(causes, expected):
    assert depths([{"rule": rule, "caused_by": cause} for rule, cause in causes]) == expected


@pytest.mark.parametrize(
    ("onset", "expected"),
    [
        (None, ""),
        ((0.24, None), ""),
        ((0.24, 3599.0), ""),
        ((0.24, 3600.0), "detectable from step 10, 1 h 00 min before the end (24% of the run)"),
        ((0.25, None), "detectable from step 10: 25% of the run came after it"),
    ],
)
def test_how_early_is_said_where_it_saved_much(onset, expected):
    told = onset and {"step": 10, "steps_after": 5, "share_after": onset[0], "seconds_after": onset[1]}
    assert early_of({"metric": "loss", "detectable_from": told}, {"metrics": []}) == expected
