"""Parquet files: wide and long, in parts, without pyarrow, and hostile ones."""

import datetime as dt
import decimal
import random
import subprocess
import sys
import tracemalloc

import numpy as np
import pandas as pd
import pytest

from trainlint.analyzer.reading.discover import discover
from trainlint.analyzer.reading.read import read_group
from trainlint.parsers.formats.generic import parquet_table
from trainlint.parsers.formats.generic.parquet_table import PARSER
from trainlint.parsers.tables import thinning
from trainlint.parsers.tables.parquet import file as parquet_file
from trainlint.parsers.tables.parquet import long

pa = pytest.importorskip("pyarrow")
pq = pytest.importorskip("pyarrow.parquet")

SPLIT_OF = {"train": 0, "val": 0.5}
MILLISECONDS = pa.timestamp("ms", "UTC")
NEPTUNE = pa.schema(
    [
        ("project_id", pa.string()), ("run_id", pa.string()), ("attribute_path", pa.string()), ("attribute_type", pa.string()),
        ("step", pa.decimal128(18, 6)), ("timestamp", MILLISECONDS), ("int_value", pa.int64()), ("float_value", pa.float64()),
        ("string_value", pa.string()), ("bool_value", pa.bool_()), ("string_set_value", pa.list_(pa.string())),
        ("histogram_value", pa.struct([("type", pa.string()), ("edges", pa.list_(pa.float64()))])),
    ]
)  # fmt: skip


def at(second):
    return dt.datetime(2025, 1, 1, tzinfo=dt.UTC) + dt.timedelta(seconds=second)


def neptune(run, rows=12, step=decimal.Decimal):
    """Rows as neptune-exporter writes them: settings, a series of texts, and two series of numbers."""
    of = {"project_id": "w/p", "run_id": run}
    yield {**of, "attribute_path": "parameters/lr", "attribute_type": "float", "float_value": 0.25}
    yield {**of, "attribute_path": "parameters/layers", "attribute_type": "int", "int_value": 3}
    yield {**of, "attribute_path": "parameters/api_token", "attribute_type": "string", "string_value": "hunter2hunter2"}
    yield {
        **of,
        "attribute_path": "log",
        "attribute_type": "string_series",
        "step": decimal.Decimal(1),
        "string_value": "x",
    }
    for split, more in SPLIT_OF.items():
        for i in range(rows):
            yield {
                **of, "attribute_path": f"metrics/{split}/loss", "attribute_type": "float_series", "step": step(i),
                "timestamp": at(i), "float_value": 2.5 - i / 8 + more,
            }  # fmt: skip


def write(path, table, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.table(table) if isinstance(table, dict) else table, path, **options)
    return path


def read(folder):
    found = discover([folder])
    runs = [run for group in found.groups for run in read_group(group, found.root, strict=True)]
    return runs, [*found.unreadable, *found.skipped]


def curves(run):
    return {
        c.tag: (c.axis, len(c), int(c.step[0]), int(c.step[-1]), float(c.value[0]), float(c.value[-1]))
        for c in run.all_curves
    }


@pytest.mark.parametrize("compression", ["snappy", "zstd", "gzip", "none"])
@pytest.mark.parametrize("use_dictionary", [True, False])
def test_wide(tmp_path, compression, use_dictionary):
    table = {
        "epoch": pa.array(range(20), pa.uint16()), "loss": pa.array([2 - i / 32 for i in range(20)], pa.float32()),
        "val": pa.array([{"loss": None if i % 2 else 1.5, "top": {"acc": i / 32}} for i in range(20)]),
        "when": ["2025-01-01"] * 20, "time": pa.array(list(map(at, range(20))), pa.timestamp("us")), "flag": [True] * 20,
        "parts": [[0.5]] * 20,
    }  # fmt: skip
    write(tmp_path / "log.parquet", table, compression=compression, use_dictionary=use_dictionary, row_group_size=7)
    (run,), _ = read(tmp_path)
    assert curves(run) == {
        "loss": ("epoch", 20, 0, 19, 2.0, 2 - 19 / 32), "val/loss": ("epoch", 10, 0, 18, 1.5, 1.5),
        "val/top/acc": ("epoch", 20, 0, 19, 0.0, 19 / 32),
    }  # fmt: skip
    assert np.diff(run.all_curves[0].wall_time).tolist() == [1] * 19
    assert not run.notes


def test_a_frame_of_pandas(tmp_path):
    frame = pd.DataFrame({"loss": [2.0, np.nan, 1.0], "step": [1, 2, 4]}, index=[5, 6, 7])
    frame.to_parquet(tmp_path / "a.parquet")
    (run,), _ = read(tmp_path)
    assert curves(run) == {"loss": ("step", 2, 1, 4, 2.0, 1.0)}  # pandas writes NaN as missing


def test_runs_by_name(tmp_path):
    """As Trackio exports them: an id and a name for each run."""
    rows = [(run, f"id-{run}", i, o - i / 8) for run, o in (("owl", 3), ("fox", 4)) for i in range(6)]
    names, ids, steps, values = zip(*rows, strict=True)
    table = {"id": list(range(12)), "run_id": ids, "timestamp": ["2025-01-01T00:00:00+00:00"] * 12, "run_name": names,
             "step": steps, "log_id": ids, "space_id": pa.nulls(12), "train/loss": values, "note": ["x"] * 12}  # fmt: skip
    write(tmp_path / "p.parquet", table)
    write(tmp_path / "p_configs.parquet", {"run_id": ["a", "b"], "lr": [0.25, 0.5], "_Created": ["x", "y"]})
    runs, (other,) = read(tmp_path)
    assert {run.name.rpartition("/")[2]: (run.framework, list(curves(run).values())) for run in runs} == {
        "owl": ("trackio", [("step", 6, 0, 5, 3.0, 2.375)]), "fox": ("trackio", [("step", 6, 0, 5, 4.0, 3.375)]),
    }  # fmt: skip
    assert other.message.startswith("a table of data, not a log")


def test_parts_are_one_table(tmp_path):
    """As history artifacts of Weights & Biases, from 0 on in each folder."""
    for part in range(11):
        steps = range(10 * part, 10 * part + 10)
        write(tmp_path / f"{part:04d}.parquet", {"_step": steps, "_runtime": [1.5] * 10, "_timestamp": [1.7e9 + s for s in steps],
                                                 "loss": [s / 8 for s in steps]})  # fmt: skip
    (run,), _ = read(tmp_path)
    assert curves(run)["loss"] == ("step", 110, 0, 109, 0.0, 109 / 8)
    assert len(run.sources) == 11
    assert run.framework == "wandb"


def test_neptune(tmp_path):
    for name in ("R-1", "R-2"):
        table = pa.Table.from_pylist(list(neptune(name)), schema=NEPTUNE)
        write(tmp_path / f"{name}_part_0.parquet", table.slice(0, 15))
        write(tmp_path / f"{name}_part_1.parquet", table.slice(15))
    runs, _ = read(tmp_path)
    assert [run.name.rpartition("/")[2] for run in runs] == ["R-1", "R-2"]
    for run in runs:
        assert curves(run) == {
            f"metrics/{split}/loss": ("step", 12, 0, 11, 2.5 + more, 1.125 + more) for split, more in SPLIT_OF.items()
        }
        assert run.hyperparameters == {"parameters/lr": 0.25, "parameters/layers": 3, "parameters/api_token": "***"}
        assert run.framework == "neptune"
        assert not run.notes


def test_steps_that_are_not_whole(tmp_path):
    rows = list(neptune("R-1", step=lambda i: decimal.Decimal(i) / 4))
    write(tmp_path / "a.parquet", pa.Table.from_pylist(rows, schema=NEPTUNE))
    (run,), _ = read(tmp_path)
    assert {(curve.axis, curve.epoch[-1]) for curve in run.all_curves} == {("row", 2.75)}


def test_long_form_of_others(tmp_path):
    """As an export of MLflow's table of metrics; the rows in any order, their times tell."""
    order = random.Random(1).sample(range(12), 12)
    table = {"run_uuid": ["a"] * 12, "key": ["loss"] * 12, "value": [2 - i / 8 for i in order], "step": order,
             "timestamp": [1_700_000_000_000 + 1000 * i for i in order], "is_nan": [False] * 12}  # fmt: skip
    write(tmp_path / "metrics.parquet", table)
    (run,), _ = read(tmp_path)
    assert curves(run) == {"loss": ("step", 12, 0, 11, 2.0, 0.625)}


def test_data_and_experiments_are_refused(tmp_path):
    write(tmp_path / "data.parquet", {"text": ["a", "b"], "label": [0, 1], "score": [0.5, 0.25]})
    write(tmp_path / "vectors.parquet", {"loss": [0.5, 0.25], "embedding": [[0.5], [0.25]]})
    write(
        tmp_path / "sweep.parquet",
        {"optimizer": ["a", "b"] * 9, "layers": [1, 2, 1, 2, 3, 2] * 3, "val_loss": [0.5] * 18},
    )
    runs, others = read(tmp_path)
    assert not runs
    assert [note.message[:29] for note in others] == [
        "a table of data, not a log: n",
        "a table of experiments, not a",
        "a table of data, not a log: n",
    ]


def test_without_pyarrow(tmp_path, monkeypatch):
    write(tmp_path / "log.parquet", {"epoch": [1, 2], "loss": [2.0, 1.0]})
    monkeypatch.setattr(parquet_table, "find_spec", lambda _: None)
    (run,), _ = read(tmp_path)
    assert [note.message for note in run.notes] == ["Parquet needs pyarrow: pip install 'trainlint[parquet]'"]
    assert not run.all_curves


def test_without_pyarrow_the_command_says_what_to_install(tmp_path):
    """In a process of its own, which cannot import it; data is still told from logs, by the names in the footer."""
    write(tmp_path / "log.parquet", {"epoch": [1, 2], "loss": [2.0, 1.0]})
    write(tmp_path / "data.parquet", {"text": ["a"], "label": [1]})
    lines = (
        "import sys; sys.modules['pyarrow'] = None; sys.modules['pyarrow.parquet'] = None",
        "import trainlint.parsers.formats.generic.parquet_table as m; m.find_spec = lambda _: None",
        "from trainlint.analyzer.cli import main; main()",
    )
    code = "\n".join(lines)
    done = subprocess.run(
        [sys.executable, "-c", code, "audit", str(tmp_path), "--no-report", "-v"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 3
    assert "pip install 'trainlint[parquet]'" in done.stdout
    assert "data.parquet: a table of data" in done.stdout


def whole(path, rows=3000):
    steps = range(rows)
    return write(
        path, {"run": ["a"] * rows, "step": steps, "loss": [1 + s % 7 / 8 for s in steps]}, row_group_size=500
    ).read_bytes()


@pytest.mark.parametrize("share", [0.0, 0.002, 0.3, 0.9, 0.9999])
def test_truncated(tmp_path, share):
    data = whole(tmp_path / "a.parquet")
    (tmp_path / "a.parquet").write_bytes(data[: max(int(share * len(data)), 4)])
    (run,), _ = read(tmp_path)
    assert not run.all_curves
    assert "cannot be read as Parquet: the file does not end with a footer" in run.notes[0].message


def test_mutations(tmp_path):
    """Whatever bytes are changed: no exception, no step back, something is said if anything is lost."""
    path = tmp_path / "a.parquet"
    data = whole(path)
    draw = random.Random(3)
    for _ in range(150):
        changed = bytearray(data)
        for _ in range(draw.choice([1, 3, 9])):
            place = len(data) - 1 - draw.randrange(min(len(data), draw.choice([1500, 10**9])))
            changed[place] = draw.choice([0, 127, 128, 255, draw.randrange(256)])
        path.write_bytes(changed)
        runs, others = read(tmp_path)
        found = sum(len(curve) for run in runs for curve in run.all_curves)
        assert found >= 3000 or others or any(run.notes for run in runs)


def test_a_file_of_few_bytes_and_many_rows(tmp_path):
    """Equal rows take next to nothing; memory is bounded by what is kept of them."""
    rows = 3_000_000
    table = pa.table(
        {"epoch": pa.array(np.zeros(rows, np.int64)), "loss": pa.array(np.zeros(rows)), "acc": pa.array(np.zeros(rows))}
    )
    path = write(tmp_path / "a.parquet", table, compression="zstd")
    assert path.stat().st_size < 60_000
    tracemalloc.start()
    try:
        (run,) = PARSER.parse(path)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 400 << 20
    assert [note.left_out for note in run.notes] == ["rows"]


def test_texts_stay_dictionaries(tmp_path):
    """A text of a megabyte in 100,000 rows would take 100 GB."""
    rows = 100_000
    names = pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int32)), ["x" * 1_000_000])
    path = write(tmp_path / "a.parquet", {"run": names, "step": range(rows), "loss": np.zeros(rows)})
    assert path.stat().st_size < 4_000_000
    (run,) = PARSER.parse(path)
    assert len(run.all_curves[0]) == rows


def test_limits_of_what_the_footer_states(tmp_path, monkeypatch):
    path = tmp_path / "a.parquet"
    whole(path)
    monkeypatch.setattr(parquet_file, "MAX_ROWS", 1000)
    monkeypatch.setattr(parquet_file, "BATCH_ROWS", 500)
    (run,) = PARSER.parse(path)
    assert [note.message for note in run.notes] == ["of 3,000 rows only the first 1,000 were read"]
    monkeypatch.setattr(parquet_file, "MAX_CHUNK", 10)
    (run,) = PARSER.parse(path)
    assert {note.left_out for note in run.notes} == {"middle"}
    monkeypatch.setattr(parquet_file, "MAX_FOOTER", 10)
    (run,) = PARSER.parse(path)
    assert "does not end with a footer" in run.notes[0].message


def test_a_deep_schema(tmp_path):
    deep = pa.array([1.0, 2.0])
    for _ in range(60):
        deep = pa.StructArray.from_arrays([deep], ["a"])
    write(tmp_path / "a.parquet", {"step": [1, 2], "loss": deep})
    (run,), _ = read(tmp_path)
    assert len(run.all_curves) == 1


def test_long_form_is_thinned(tmp_path, monkeypatch):
    monkeypatch.setattr(long, "MAX_POINTS", 20_000)
    monkeypatch.setattr(parquet_file, "BATCH_ROWS", 5000)
    rows = 60_000
    value = np.ones(rows)
    value[31_234] = 99.0
    table = {"tag": ["loss"] * rows, "step": range(rows), "value": value}
    (run,) = PARSER.parse(write(tmp_path / "a.parquet", table))
    (curve,) = run.all_curves
    assert thinning.MIN_POINTS < len(curve) <= 20_000
    assert (int(curve.step[0]), int(curve.step[-1]), float(curve.value.max())) == (0, rows - 1, 99.0)
    assert [note.left_out for note in run.notes] == ["rows"]
