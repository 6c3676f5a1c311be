"""One small log of every format: what it is read as, and that nothing is lost without a word when it is damaged."""

from __future__ import annotations

import re
import tempfile
from importlib.util import find_spec
from pathlib import Path

import pytest

from trainlint.analyzer.reading.discover import discover
from trainlint.analyzer.reading.read import read_group
from trainlint.parsers.base import HEADINGS
from trainlint.parsers.registry import PARSERS

from .format_samples import built

with tempfile.TemporaryDirectory() as made:
    SAMPLES = built(Path(made) / "exp")

NEEDS_PYARROW = pytest.mark.skipif(find_spec("pyarrow") is None, reason="needs pyarrow")
each_sample = pytest.mark.parametrize(
    "sample",
    [
        pytest.param(each, marks=[NEEDS_PYARROW] if each.parser == "parquet-table" else [], id=each.parser)
        for each in SAMPLES
    ],
)


def read(folder):
    """Runs below a folder as an audit sees them, and the notes on files that are none."""
    found = discover([folder])
    runs = [run for group in found.groups for run in read_group(group, found.root, strict=True)]
    return runs, [*found.unreadable, *found.skipped]


def told(run):
    """A run as the table of a sample tells it: role, split, rows, first and last of each tag."""
    return {curve.tag: (curve.role, curve.split, len(curve), ends(curve)) for curve in run.all_curves}


def ends(curve):
    standing = curve.effective()
    return [(int(standing.step[at]), float(standing.value[at])) for at in (0, -1)]


def expected(text):
    rows = {}
    for line in text.splitlines():
        tag, _, rest = line.partition(" -> ")
        role, split, count, *points = rest.split()
        rows[tag] = (role, split, int(count), [(int(s), float(v)) for s, v in (point.split(":") for point in points)])
    return rows


def test_every_parser_has_a_sample():
    assert [sample.parser for sample in SAMPLES] == [parser.id for parser in PARSERS]


@pytest.mark.parametrize("parser", PARSERS, ids=lambda parser: parser.id)
def test_every_parser_says_what_it_reads(parser):
    """The documentation page of the formats is made of these texts."""
    assert tuple(re.findall(r"^## (.*)$", parser.doc, re.MULTILINE)) == HEADINGS
    assert [heading for heading in HEADINGS if not parser.section(heading).endswith(".")] == []


@each_sample
def test_what_is_found(tmp_path, sample):
    folder = tmp_path / "exp"
    main = sample.write(folder)
    runs, others = read(folder)
    assert {run.name: told(run) for run in runs} == {name: expected(text) for name, text in sample.runs.items()}
    assert {run.format for run in runs} == {sample.parser}
    found = runs[0].hyperparameters
    assert {key: found.get(key) for key in sample.hyperparameters} == sample.hyperparameters
    notes = [note.message for run in runs for note in run.notes]
    assert len(notes) == len(sample.notes)
    assert all(message.startswith(start) for message, start in zip(notes, sample.notes, strict=True))
    assert str(main.relative_to(folder)) not in {note.path for note in others}
    assert any(Path(source.path).samefile(main) for run in runs for source in run.sources)
