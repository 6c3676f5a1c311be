"""W&B's transaction log, written here byte by byte: framing, dialects of history, and damage."""

import json
import math
import random
import struct
import zlib

import numpy as np
import pytest

from trainlint.parsers.formats.trackers.wandb_offline import PARSER
from trainlint.parsers.stores.leveldb_log import BLOCK_BYTES

from ..protobuf_bytes import field, varint

HEAD = b":W&B" + struct.pack("<HB", 0xBEE1, 0)


def framed(payloads, head=HEAD):
    out = bytearray(head)
    for payload in payloads:
        rest, is_first = payload, True
        while True:
            room = BLOCK_BYTES - len(out) % BLOCK_BYTES
            if room < 7:
                out += bytes(room)
                continue
            data, rest = rest[: room - 7], rest[room - 7 :]
            kind = (1 if not rest else 2) if is_first else (3 if rest else 4)
            out += struct.pack("<IHB", zlib.crc32(bytes([kind]) + data), len(data), kind) + data
            is_first = False
            if not rest:
                break
    return bytes(out)


def item(key, value, *, is_nested=True):
    path = key if isinstance(key, tuple) else (key,)
    keys = b"".join(field(2, part) for part in path) if is_nested else field(1, path[0])
    return keys + field(16, value if isinstance(value, str) else json.dumps(value))


def history(step, row, *, is_nested=True):
    items = b"".join(field(1, item(key, value, is_nested=is_nested)) for key, value in row.items())
    return field(2, items + field(2, field(1, step) if step else b""))


def config(row):
    return b"".join(field(1, item(key, value)) for key, value in row.items())


def run_record(settings, name="warm-moon-3"):
    return field(17, field(1, "abc") + field(4, config(settings)) + field(8, name) + field(17, field(1, 1_700_000_000)))


def metric(name, step_metric="", goal=0):
    return field(12, field(1, name) + field(4, step_metric) + field(8, goal))


EXIT = field(18, field(2, 9))


def read(tmp_path, payloads):
    return read_bytes(tmp_path, framed(payloads))


def read_bytes(tmp_path, data):
    path = tmp_path / "run-abc.wandb"
    path.write_bytes(data)
    (run,) = PARSER.parse(path)
    return run


def curves(run):
    return {curve.tag: (curve.step.tolist(), curve.value.tolist()) for curve in run.all_curves}


def test_run(tmp_path):
    run = read(
        tmp_path,
        [
            field(21, b""),
            run_record({"lr": 0.1, ("model", "hid"): 16, "_wandb": {"cli_version": "0.31"}, "api_key": "123"}),
            history(0, {"train/loss": 2.5, "_step": 0, "_timestamp": 1.7e9, "_runtime": 1}),
            field(5, config({"lr": 0.2, "seed": 3}) + field(2, item("api_key", ""))),
            history(1, {"train/loss": 1.5, "val/loss": 3, "_step": 1, "_timestamp": 1.7e9 + 1}),
            field(7, b"stats"),
            EXIT,
        ],
    )
    assert curves(run) == {"train/loss": ([0, 1], [2.5, 1.5]), "val/loss": ([1], [3])}
    assert run.all_curves[0].wall_time.tolist() == [1.7e9, 1.7e9 + 1]
    assert run.hyperparameters == {"lr": 0.2, "model.hid": 16, "seed": 3}
    assert (run.name, run.framework, run.notes, run.is_cut_short) == ("warm-moon-3", "wandb", [], False)


ROWS = [
    pytest.param([{"loss": "NaN", "a": "Infinity", "b": "-Infinity"}],
                 {"loss": [math.nan], "a": [math.inf], "b": [-math.inf]}, id="bare"),
    pytest.param([{"loss": '"NaN"', "a": '"Infinity"', "b": '"-Infinity"'}],
                 {"loss": [math.nan], "a": [math.inf], "b": [-math.inf]}, id="text"),
    pytest.param([{("nested", "a", "b"): 1, "nested.c": 2}], {"nested.a.b": [1], "nested.c": [2]}, id="nested-keys"),
    pytest.param([{"nested": {"a": {"b": 1}}, "train/loss": 2}], {"nested.a.b": [1], "train/loss": [2]}, id="dict"),
    pytest.param([{("h", "values"): [1, 2], ("h", "_type"): "histogram", ("h", "size"): 3, "loss": 1}],
                 {"loss": [1]}, id="histogram-keys"),
    pytest.param([{"h": {"_type": "image-file", "width": 3}, "text": "abc", "flag": True, "none": None, "loss": 1e-7}],
                 {"loss": [1e-7]}, id="no-numbers"),
    pytest.param([{"loss": 3, "_step": 0}, {"acc": 1, "_step": 0}, {"loss": 2, "_step": 0}, {"loss": 1, "_step": 1}],
                 {"loss": [2, 1], "acc": [1]}, id="rows-of-one-step"),
    pytest.param([{"loss": "9" * 400}, {"loss": "[" * 9999}, {"loss": ""}, {"loss": "1"}], {"loss": [math.inf, 1]}, id="junk"),
]  # fmt: skip


@pytest.mark.parametrize(("rows", "expected"), ROWS)
def test_values(tmp_path, rows, expected):
    has_paths = any(isinstance(key, tuple) for row in rows for key in row)
    for is_nested in (True,) if has_paths else (True, False):
        run = read(tmp_path, [history(row.get("_step", i), row, is_nested=is_nested) for i, row in enumerate(rows)])
        assert run.is_cut_short
        values = {curve.tag: curve.value for curve in run.all_curves}
        assert values.keys() == expected.keys()
        for tag, value in expected.items():
            np.testing.assert_array_equal(values[tag], value)


def test_typed_values(tmp_path):
    items = [
        field(2, "a") + varint(6 << 3 | 1) + struct.pack("<d", 0.5),
        field(2, "b") + field(5, 5),  # zigzag
        field(2, "c") + field(4, 1),
        field(2, "d") + field(7, "NaN"),
        field(2, "e") + field(8, "[1]"),
        field(2, "f") + field(3, 1),
    ]
    run = read(tmp_path, [field(2, b"".join(field(1, each) for each in items)), EXIT])
    assert {curve.tag: repr(curve.value.tolist()) for curve in run.all_curves} == {
        "a": "[0.5]", "b": "[-3.0]", "d": "[nan]",
    }  # fmt: skip


def test_time_from_the_start(tmp_path):
    run = read(tmp_path, [run_record({}), history(3, {"loss": 1, "_runtime": 2.5}), EXIT])
    assert run.all_curves[0].wall_time.tolist() == [1_700_000_002.5]


def test_definitions(tmp_path):
    rows = [history(i, {"loss": 1, "quux": i / 2, "batch_no": 10 * i, "_step": i}) for i in range(4)]
    run = read(tmp_path, [metric("quux", "batch_no", 2), metric("loss", "batch_no", 2), *rows, EXIT])
    assert curves(run)["loss"][0] == [0, 10, 20, 30]
    assert "batch_no" not in curves(run)
    assert {curve.tag: curve.direction for curve in run.all_curves} == {"loss": "unknown", "quux": "higher"}


def test_exit_code(tmp_path):
    run = read(tmp_path, [history(0, {"loss": 1}), field(18, field(1, 1))])
    assert run.is_cut_short
    assert [note.message for note in run.notes] == ["the run ended with exit code 1"]
    assert not read(tmp_path, [history(0, {"loss": 1}), EXIT]).is_cut_short


def test_config_beside(tmp_path):
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "config.yaml").write_text(
        "wandb_version: 1\nlr:\n  desc: null\n  value: 0.5\nseed:\n  value: 1\n"
    )
    run = read(tmp_path, [run_record({"lr": 0.1}), EXIT])
    assert run.hyperparameters == {"lr": 0.1, "seed": 1}
    assert [source.use for source in run.sources] == ["data", "hyperparameters"]
    assert [note.message for note in run.notes] == ["contains no rows of numbers"]


def test_history_of_old_versions(tmp_path):
    path = tmp_path / "wandb-history.jsonl"
    rows = [
        {"loss": 2 - i, "h": {"_type": "histogram"}, "a": {"b": i}, "_step": i, "_timestamp": 1.5e9 + i} for i in (0, 1)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows) + '{"loss": ')
    assert PARSER.matches(path.name)
    assert PARSER.sniff(path, path.read_bytes())
    (run,) = PARSER.parse(path)
    assert curves(run) == {"loss": ([0, 1], [2, 1]), "a.b": ([0, 1], [0, 1])}
    assert [note.where for note in run.notes] == ["line 3"]
    assert not run.is_cut_short


def test_sniff(tmp_path):
    assert PARSER.sniff(tmp_path / "run-a.wandb", HEAD)
    assert not PARSER.sniff(tmp_path / "run-a.wandb", b":SWL" + HEAD[4:])
    assert not PARSER.sniff(tmp_path / "run-a.wandb", b"")


LOSSES = [float(f"{5 - i / 512:.5f}") for i in range(1200)]
MANY = framed(
    [run_record({"lr": 1}), *(history(i, {"loss": v, "pad": "x" * (i % 90)}) for i, v in enumerate(LOSSES)), EXIT]
)


def losses(tmp_path, data):
    run = read_bytes(tmp_path, data)
    return run, next((curve.value.tolist() for curve in run.all_curves if curve.tag == "loss"), [])


def whole(position):
    """How many losses stand in whole blocks before a position."""
    return MANY[: position // BLOCK_BYTES * BLOCK_BYTES].count(b"loss")


def test_blocks(tmp_path):
    assert len(MANY) > 2 * BLOCK_BYTES
    big = framed([history(0, {"loss": 1, "text": "x" * 100_000}), history(1, {"loss": 2}), EXIT])
    run, values = losses(tmp_path, big)
    assert (values, run.notes) == ([1, 2], [])
    run, values = losses(tmp_path, MANY)
    assert (values, run.notes, run.is_cut_short) == (LOSSES, [], False)


@pytest.mark.parametrize("part", range(20))
def test_cut(tmp_path, part):
    data = MANY[: len(MANY) * part // 20]
    run, kept = losses(tmp_path, data)
    assert len(kept) >= data.count(b"loss") - 1
    assert kept == LOSSES[: len(kept)]
    assert run.is_cut_short
    assert len(run.notes) == 1 or not part


@pytest.mark.parametrize("seed", range(20))
def test_damage(tmp_path, seed):
    chance = random.Random(seed)
    position, noise = chance.randrange(len(MANY)), chance.randbytes(chance.randrange(1, 40))
    _, kept = losses(tmp_path, MANY[:position] + noise + MANY[position:])
    assert kept[: whole(position)] == LOSSES[: whole(position)]
    run, kept = losses(tmp_path, MANY[:position] + noise + MANY[position + len(noise) :])
    assert kept[: whole(position)] == LOSSES[: whole(position)]
    assert len(kept) >= len(LOSSES) - MANY[:BLOCK_BYTES].count(b"loss") * 1.5  # a block at most, and what it cuts
    assert run.notes or kept == LOSSES
    losses(tmp_path, MANY[:7] + chance.randbytes(5000))


def test_damaged_message(tmp_path):
    run = read(
        tmp_path, [history(0, {"loss": 1}), field(2, b"\x0a\xff\x01"), b"\xff" * 20, history(2, {"loss": 2}), EXIT]
    )
    assert curves(run) == {"loss": ([0, 2], [1, 2])}
    assert ["damaged record" in note.message for note in run.notes] == [True, True]
