"""Damage to a log of every format: no exception, bounded memory, no invented values, and a word about what was lost."""

from __future__ import annotations

import gzip
import json
import math
import random
import tracemalloc
from collections import Counter
from contextlib import suppress
from importlib import import_module

import pytest

from trainlint.parsers.registry import PARSERS

from .format_samples import table
from .test_every_format import SAMPLES, each_sample, read

with suppress(ImportError):  # a library that is imported on the way would count as memory of a log
    import_module("pandas")  # pyarrow does
    import_module("pyarrow.compute")
    import_module("pyarrow.parquet")

PARTS = 20
MEMORY_PER_BYTE = 60  # of a log; Python's objects for a JSON document take most
MEMORY_FREE = 24 * 1024**2  # whatever the log: buffers of a fixed size
LINE = 1024**2
WIDE = 10_000
TEXT_SAMPLES = [sample for sample in SAMPLES if sample.is_text]
WITHOUT_CHECKSUMS = (
    "mlflow-sqlite",
    "trackio",
    "optuna-sqlite",
    "parquet-table",
)  # another byte in a cell is another value
FREE_TEXT = ("plain-text",)  # where a line may end anywhere


def points(runs):
    """Every point as name of the curve and value, counted; NaN is equal to itself here."""
    return Counter(
        (c.tag, "nan" if math.isnan(v) else v) for run in runs for c in run.all_curves for v in c.value.tolist()
    )


def is_told(runs, others, name):
    """Whether anything is said: a note on a run, a run that is cut short, or a file that is refused with a reason."""
    return any(run.notes or run.is_cut_short for run in runs) or any(
        note.path == name and note.message for note in others
    )


class Damaged:
    """A sample that is written, and read again with other content."""

    def __init__(self, sample, folder):
        self.sample, self.folder = sample, folder
        self.main = sample.write(folder)
        self.data = self.main.read_bytes()
        self.whole, _ = self.read(self.data)

    def read(self, data):
        """The points that are found, and whether anything is said; nothing raises, memory is bounded by the size."""
        self.main.write_bytes(data)
        tracemalloc.start()
        try:
            runs, others = read(self.folder)
            peak = tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()
        assert peak < MEMORY_FREE + MEMORY_PER_BYTE * len(data)
        assert not [note for note in others if "failed to look at it" in note.message]
        assert all(len(run.notes) <= 60 for run in runs)
        return points(runs), is_told(runs, others, self.main.relative_to(self.folder).as_posix())

    def check(self, data):
        """Read; what is lost is told."""
        found, told = self.read(data)
        lost = self.whole - found
        assert told or not lost or self.sample.parser in WITHOUT_CHECKSUMS, f"{lost} lost without a word"
        return found


@pytest.fixture
def damaged(tmp_path, sample):
    return Damaged(sample, tmp_path / "exp")


@each_sample
def test_empty(damaged, sample):
    assert damaged.check(b"") <= damaged.whole


@each_sample
def test_cut(damaged, sample):
    """Text that ends with a line cannot tell that there was more; a line that is cut is told, or read as far as it is sure."""
    for part in range(1, PARTS):
        left = damaged.data[: len(damaged.data) * part // PARTS]
        found, told = damaged.read(left)
        assert found <= damaged.whole, part
        if damaged.whole <= found or told or sample.parser in FREE_TEXT:
            continue
        assert sample.is_text, part
        lines = left[: left.rfind(b"\n") + 1]
        before, _ = damaged.read(lines)
        assert before < found or (before == found and not left[len(lines) :].strip()), part


@each_sample
@pytest.mark.parametrize("overwritten", [0, 17])
def test_bytes_spliced_in_or_overwritten(damaged, sample, overwritten):
    for part in range(PARTS):
        position = len(damaged.data) * part // PARTS
        noise = random.Random(part).randbytes(17)
        damaged.check(damaged.data[:position] + noise + damaged.data[position + overwritten :])


@pytest.mark.parametrize("sample", TEXT_SAMPLES, ids=[sample.parser for sample in TEXT_SAMPLES])
@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "gzip", "crlf"])
def test_the_same_text_in_other_bytes(damaged, sample, encoding):
    text = damaged.data.decode()
    other = {
        "gzip": gzip.compress(damaged.data, mtime=0),
        "crlf": text.replace("\r\n", "\n").replace("\n", "\r\n").encode(),
    }
    assert damaged.check(other[encoding] if encoding in other else text.encode(encoding)) == damaged.whole


@pytest.mark.parametrize("sample", TEXT_SAMPLES, ids=[sample.parser for sample in TEXT_SAMPLES])
def test_latin_1(damaged, sample):
    """A letter in another encoding, where text may stand, costs no number and is told."""
    mark = b'"' if b'"' in damaged.data else b"loss"
    position = damaged.data.rfind(mark)
    damaged.check(damaged.data[:position] + b"\xe9" + damaged.data[position:])


@pytest.mark.slow
@each_sample
@pytest.mark.parametrize("byte", [b"x", b"9", b"[", b'"', b" ", b",", b"\0"])
def test_a_line_of_a_megabyte(damaged, sample, byte):
    damaged.check(byte * LINE)
    assert damaged.check(damaged.data + byte * LINE + b"\n").total() >= 0


def wide(names):
    """Logs with columns or keys of these names, in five rows."""
    values = [i / 8 for i in range(len(names))]
    rows = [{"step": i, **dict(zip(names, values, strict=True))} for i in range(5)]
    delimited = table(("epoch", *names), [(i, *values) for i in range(5)])
    return {
        "csv-table": delimited,
        "keras-csv": delimited,
        "lightning-csv": table(("epoch", "step", *names), [(i, i, *values) for i in range(5)]),
        "ultralytics-csv": table(("epoch", "train/box_loss", "metrics/mAP", *names), [(i, 1, 1, *values) for i in range(5)]),
        "wandb-export": table(("Step", *(f"a - {name}" for name in names)), [(i, *values) for i in range(5)]),
        "json-lines": "".join(json.dumps(row) + "\n" for row in rows),
        "json-table": json.dumps(rows),
        "keras-history": json.dumps({name: [0.5] * 5 for name in names}),
        "boosting-evals": json.dumps({f"training_{name}": {"l2": [0.5] * 5} for name in names}),
        "hf-trainer-state": json.dumps({"log_history": rows}),
        "sacred": json.dumps({name: {"steps": [0, 1], "timestamps": [], "values": [1, 2]} for name in names}),
        "allennlp-metrics": json.dumps({f"training_{name}": 0.5 for name in names}),
        "clearml-offline": json.dumps(
            [{"type": "training_stats_scalar", "iter": 0, "metric": name, "variant": "a", "value": 1} for name in names]
        ),
        "plain-text": "".join(f"step {i} " + " ".join(f"{name}: {v}" for name, v in row.items()) + "\n"
                              for i, row in enumerate(rows)),
    }  # fmt: skip


WIDE_LOGS = wide(["loss", *(f"loss_{i}" for i in range(1, WIDE))])
TWICE_LOGS = {
    "csv-table": "step,loss,loss\n" + "".join(f"{i},{i / 8},{i / 4}\n" for i in range(5)),
    "keras-csv": "epoch,loss,loss\n" + "".join(f"{i},{i / 8},{i / 4}\n" for i in range(5)),
    "json-lines": "".join(f'{{"step": {i}, "loss": 1, "loss": {i}}}\n' for i in range(5)),
    "json-table": "[" + ",".join(f'{{"step": {i}, "loss": 1, "loss": {i}}}' for i in range(5)) + "]",
    "keras-history": '{"loss": [1, 2], "loss": [3, 4]}',
    "plain-text": "".join(f"step {i} loss {i / 8} loss {i / 4}\n" for i in range(5)),
}


def parsed(parser_id, path, content):
    """Runs of one file, with bounded memory."""
    parser = next(parser for parser in PARSERS if parser.id == parser_id)
    path.write_text(content)
    tracemalloc.start()
    try:
        runs = list(parser.parse(path))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < MEMORY_FREE + MEMORY_PER_BYTE * len(content)
    return runs


@pytest.mark.slow
@pytest.mark.parametrize("parser_id", WIDE_LOGS)
def test_ten_thousand_names(tmp_path, parser_id):
    name = "metrics_epoch_0.json" if parser_id == "allennlp-metrics" else "log"
    runs = parsed(parser_id, tmp_path / name, WIDE_LOGS[parser_id])
    count = sum(len(run.all_curves) for run in runs)
    assert count >= WIDE or any(run.notes for run in runs), f"{count} curves and no word"


@pytest.mark.parametrize("parser_id", TWICE_LOGS)
def test_a_name_twice(tmp_path, parser_id):
    (run,) = parsed(parser_id, tmp_path / "log", TWICE_LOGS[parser_id])
    assert [curve.value.tolist()[-1] for curve in run.all_curves]
    assert len({curve.name for curve in run.all_curves}) == len(run.all_curves)
