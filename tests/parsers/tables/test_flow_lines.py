"""Flow mappings of YAML, one a line, as JSON."""

import json

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from trainlint.parsers.tables.json.flow_lines import as_json, is_flow
from trainlint.parsers.tables.json.line_log import row_in

PLAIN = st.one_of(st.integers(-(10**6), 10**6), st.floats(allow_nan=False, width=32), st.booleans(), st.none(), st.from_regex(r"[a-z]{1,8}( [a-z]{1,8})?", fullmatch=True))  # fmt: skip
ROWS = st.dictionaries(
    st.from_regex(r"[a-z][a-z_.@0-9]{0,9}x", fullmatch=True),
    st.recursive(PLAIN, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3), max_leaves=5),
    min_size=1,
)  # fmt: skip


@given(ROWS)
def test_what_yaml_writes_is_read_as_yaml_reads_it(row):
    line = yaml.safe_dump(row, default_flow_style=True, width=10**6).strip()
    assert json.loads(as_json(line)) == yaml.safe_load(line)


@given(st.text())
def test_no_text_raises(text):
    row_in("{a: " + text)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("{epoch: 3, lr: [0.1], job: 8e91-a}", True),
        ("{'epoch': 3}", True),
        ('{"epoch": 3}', False),
        ("{epoch:3}", False),
        ("epoch: 3", False),
    ],
)
def test_a_mapping_of_yaml_is_told_from_json(line, expected):
    assert is_flow(line) is expected


@pytest.mark.parametrize(
    ("text", "value"),
    [("1e-05", 1e-05), (".5", 0.5), ("+1.", 1.0), ("-.inf", -float("inf")), ("~", None), ("'it''s, {so}'", "it's, {so}"),
     ('"a: b"', "a: b"), ("12:30:01", "12:30:01"), ("1-2", "1-2"), ("http://x/y", "http://x/y"), ("{b: [1, x y]}", {"b": [1, "x y"]})],
)  # fmt: skip
def test_scalars(text, value):
    assert row_in(f"{{a: {text}, z: 1}}") == {"a": value, "z": 1}
