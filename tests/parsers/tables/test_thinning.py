"""Tables that are thinned while they are read: what is kept of each curve, and what is said."""

import gzip
import json
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainlint.parsers.formats.generic import csv_table, json_lines
from trainlint.parsers.tables import thinning
from trainlint.parsers.tables.thinning import pick

SPELLED = {"nan": ("nan", "NaN"), "inf": ("inf", "Infinity"), "-inf": ("-inf", "-Infinity")}


def spelled(value, *, is_json):
    text = f"{value:.17g}"
    return SPELLED[text][is_json] if text in SPELLED else text


def table(rows, columns, odd, seed):
    """Float64 [rows, columns]; about a third of the last column is missing (None), `odd` values are not finite."""
    generator = np.random.default_rng(seed)
    values = generator.standard_normal((rows, columns)).astype(object)
    for row, kind in zip(
        generator.choice(rows, odd, replace=False), (math.nan, math.inf, -math.inf) * odd, strict=False
    ):
        values[row, 0] = kind
    if columns > 1:
        values[generator.random(rows) < 0.3, -1] = None
    return values


def write(folder, kind, values, steps, packed):
    names = [f"loss_{i}" for i in range(values.shape[1])]
    lines = [",".join(["step", *names])] if kind == "csv" else []
    for step, row in zip(steps, values, strict=True):
        if kind == "csv":
            lines.append(",".join([str(step), *("" if v is None else spelled(v, is_json=False) for v in row)]))
        else:
            cells = [f'"{n}": {spelled(v, is_json=True)}' for n, v in zip(names, row, strict=True) if v is not None]
            lines.append("{" + ", ".join([f'"step": {step}', *cells]) + "}")
    data = ("\n".join(lines) + "\n").encode()
    path = folder / f"metrics.{'csv' if kind == 'csv' else 'jsonl'}{'.gz' if packed else ''}"
    path.write_bytes(gzip.compress(data) if packed else data)
    return path


def read(path):
    parser = csv_table if ".csv" in path.name else json_lines
    (run,) = parser.parse(path)
    return run


@pytest.fixture
def small_limits(monkeypatch):
    monkeypatch.setattr(thinning, "MAX_CELLS", 3000)
    monkeypatch.setattr(thinning, "MAX_THINNED", 2000)
    monkeypatch.setattr("trainlint.parsers.tables.delimited.table.LARGE_BYTES", 0)
    monkeypatch.setattr("trainlint.parsers.formats.generic.json_lines.LARGE_BYTES", 0)
    for module in ("delimited.chunks", "json.chunks"):
        monkeypatch.setattr(f"trainlint.parsers.tables.{module}.CHUNK_BYTES", 4096)


@settings(max_examples=25)
@given(
    st.sampled_from(["csv", "jsonl"]), st.integers(200, 4000), st.integers(1, 3), st.integers(0, 20),
    st.integers(0, 1000), st.booleans(),
)  # fmt: skip
def test_ends_extremes_and_odd_values_are_those_of_the_whole_curve(
    small_limits, tmp_path_factory, kind, rows, columns, odd, seed, packed
):
    values = table(rows, columns, odd, seed)
    run = read(write(tmp_path_factory.mktemp("log"), kind, values, range(rows), packed))
    is_large = rows * (columns + 1) > 4500
    assert run.is_thinned or not is_large
    assert not run.unread_end
    assert len(run.all_curves) == columns
    for index, curve in enumerate(run.all_curves):
        step = np.array([i for i in range(rows) if values[i, index] is not None])
        whole = np.array([v for v in values[:, index] if v is not None], dtype=float)
        finite = whole[np.isfinite(whole)]
        assert (curve.step[0], curve.step[-1]) == (step[0], step[-1])
        np.testing.assert_array_equal(curve.value[[0, -1]], whole[[0, -1]])
        kept = curve.value[np.isfinite(curve.value)]
        assert (kept.min(), kept.max()) == (finite.min(), finite.max())
        np.testing.assert_array_equal(curve.step[~np.isfinite(curve.value)], step[~np.isfinite(whole)])
        # every point is one of the log, at its own step
        np.testing.assert_array_equal(curve.value, whole[np.searchsorted(step, curve.step)])
        if is_large:
            assert len(curve) <= 2000
        assert np.diff(curve.step).max() <= 64 * rows / len(curve)


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
def test_a_note_says_so_and_the_rows_are_numbered_as_in_the_file(small_limits, tmp_path, kind):
    values = table(5000, 2, 0, 1)
    path = write(tmp_path, kind, values, range(5000), packed=False)
    path.write_text(path.read_text().replace("step", "other"))  # no axis: by row
    run = read(path)
    curve = next(c for c in run.all_curves if c.tag == "loss_0")
    assert curve.axis == "row"
    assert (curve.step[0], curve.step[-1]) == (0, 4999)
    (note,) = [note for note in run.notes if note.left_out]
    assert note.left_out == "rows"
    assert "5,000 rows" in note.message


def test_what_is_logged_rarely_is_kept_whole(small_limits, tmp_path):
    path = tmp_path / "metrics.jsonl"
    rows = [json.dumps({"step": i, "loss": 1 / (i + 1)}) for i in range(4000)]
    for i in range(199, 4000, 200):
        rows.insert(i + i // 200, json.dumps({"step": i, "val_loss": float(i)}))
    path.write_text("\n".join(rows) + "\n")
    run = read(path)
    assert run.is_thinned
    curve = next(c for c in run.all_curves if c.tag == "val_loss")
    assert curve.step.tolist() == [float(i) for i in range(199, 4000, 200)] == curve.value.tolist()


def test_splits_that_alternate_are_thinned_each_on_its_own(small_limits, tmp_path):
    path = tmp_path / "metrics.csv"
    lines = [f"{i // 2},{('train', 'val')[i % 2]},{i % 2 + i / 1e5}" for i in range(8000)]
    path.write_text("step,phase,loss\n" + "\n".join(lines) + "\n")
    run = read(path)
    assert run.is_thinned
    curves = {curve.tag: curve for curve in run.all_curves}
    assert set(curves) == {"train/loss", "val/loss"}
    assert (np.floor(curves["train/loss"].value) == 0).all()
    assert (np.floor(curves["val/loss"].value) == 1).all()
    assert curves["val/loss"].step[-1] == 3999
    assert min(map(len, curves.values())) > 50


def test_restarts_stay_where_they_are(small_limits, tmp_path):
    steps = [*range(3000), *range(1777, 5000)]
    path = write(tmp_path, "csv", table(len(steps), 1, 0, 1), steps, packed=False)
    (curve,) = read(path).all_curves
    assert [segment.purge_step for segment in curve.segments] == [0, 1777]
    assert curve.step[curve.segments[1].start - 1] == 2999


def test_rows_without_a_step_stay_at_the_step_before(small_limits, tmp_path):
    path = tmp_path / "metrics.jsonl"
    rows = [{"step": i, "loss": 1.0} if j == 0 else {"val_loss": float(i)} for i in range(3000) for j in range(2)]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    curve = next(c for c in read(path).all_curves if c.tag == "val_loss")
    np.testing.assert_array_equal(curve.value, curve.step)


def test_small_tables_are_left_alone(tmp_path):
    run = read(write(tmp_path, "csv", table(3000, 3, 5, 1), range(3000), packed=False))
    assert (run.notes, run.is_thinned, len(run.all_curves[0])) == ([], False, 3000)


def test_of_too_many_odd_values_evenly_spaced_ones_are_kept():
    is_kept, _ = pick(np.arange(100_000), np.full(100_000, np.nan), 1000)
    assert is_kept[0]
    assert is_kept[-1]
    assert 200 < np.count_nonzero(is_kept) <= 1000
    assert np.diff(np.flatnonzero(is_kept)).max() <= 256
