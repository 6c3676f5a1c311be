"""Dates as text give the wall time of rows; durations and bare times of day do not."""

import json

import numpy as np
import pytest

from trainlint.parsers.formats.generic import csv_table, json_lines

MORNING = 1_704_096_000.0  # 2024-01-01T08:00 in UTC


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["2024-01-01T08:00:00", "2024-01-01T08:00:02.500"], [MORNING, MORNING + 2.5]),
        (["2024-01-01 08:00:00,000", "2024-01-01 08:00:02,500"], [MORNING, MORNING + 2.5]),
        (["2024-01-01T09:00:00+01:00", "2024-01-01T08:00:02Z"], [MORNING, MORNING + 2]),
        (["2024-01-01T08:00:00", "soon"], [MORNING, np.nan]),
        (["00:12", "00:14"], [np.nan, np.nan]),
        (["08:00:01", "08:00:03"], [np.nan, np.nan]),
        (["2024-01-01", "2024-01-02"], [np.nan, np.nan]),
    ],
)
@pytest.mark.parametrize("name", ["time", "timestamp"])
def test_written_clock(tmp_path, texts, expected, name):
    table, lines = tmp_path / "log.csv", tmp_path / "log.jsonl"
    table.write_text(f"step,loss,{name}\n" + "".join(f'{i},0.5,"{text}"\n' for i, text in enumerate(texts)))
    lines.write_text("".join(json.dumps({"step": i, "loss": 0.5, name: text}) + "\n" for i, text in enumerate(texts)))
    for parser, path in ((csv_table.PARSER, table), (json_lines.PARSER, lines)):
        (run,) = parser.parse(path)
        (curve,) = run.all_curves
        np.testing.assert_array_equal(curve.wall_time, expected)
