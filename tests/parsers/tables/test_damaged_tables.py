"""Whatever happens to a table of text or JSON: no exception, and the rows before the damage stay."""

import gzip
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainlint.parsers.base import HEAD_BYTES
from trainlint.parsers.formats.frameworks import (
    allennlp_metrics,
    boosting_evals,
    catboost,
    hf_trainer_state,
    keras_csv,
    keras_history,
    lightning_csv,
    sb3_monitor,
    tensorboard_csv,
    ultralytics_csv,
)
from trainlint.parsers.formats.generic import csv_table, json_lines, json_table

COUNT = 60
LOSSES = [float(f"{3 - i / 64:.4f}1") for i in range(COUNT)]  # no one's text is the start of another's

CSV = "epoch,step,loss,val_loss,note\n" + "".join(f'{i},{10 * i},{v},9,"a ""b"", c"\n' for i, v in enumerate(LOSSES))
KERAS = "epoch,accuracy,loss,val_loss\n" + "".join(f"{i},0.5,{v},NA\n" for i, v in enumerate(LOSSES))
YOLO = "   epoch,  loss,  metrics/mAP\n" + "".join(f"{i:>8},{v:>12},    0.5\n" for i, v in enumerate(LOSSES))
LINES = "".join(json.dumps({"step": i, "loss": v, "a": {"b": 1}}) + "\n" for i, v in enumerate(LOSSES))
ROWS = json.dumps([{"step": i, "loss": v} for i, v in enumerate(LOSSES)], indent=1)
STATE = json.dumps({"epoch": 1, "log_history": [{"step": i, "loss": v} for i, v in enumerate(LOSSES)]}, indent=2)
MONITOR = '#{"t_start": 1.5, "env_id": "a"}\nr,l,t,loss\n' + "".join(f"1,10,{i},{v}\n" for i, v in enumerate(LOSSES))
DOWNLOAD = "Wall time,Step,Value\n" + "".join(f"{1.7e9 + i},{i},{v}\n" for i, v in enumerate(LOSSES))
EPOCH = json.dumps({"epoch": 3, "training_start": "x", **{f"training_{i}": v for i, v in enumerate(LOSSES)}}, indent=2)
BOOSTED = json.dumps({"learn": {"rmse": LOSSES}})
TREES = json.dumps(
    {
        "meta": {"learn_metrics": [{"name": "loss"}]},
        "iterations": [{"iteration": i, "learn": [v]} for i, v in enumerate(LOSSES)],
    }
)
COLUMNS = json.dumps({"loss": LOSSES, "val_loss": LOSSES})

CASES = [
    pytest.param(csv_table.PARSER, CSV, id="csv-table"),
    pytest.param(keras_csv.PARSER, KERAS, id="keras-csv"),
    pytest.param(lightning_csv.PARSER, CSV, id="lightning-csv"),
    pytest.param(ultralytics_csv.PARSER, YOLO, id="ultralytics-csv"),
    pytest.param(json_lines.PARSER, LINES, id="json-lines"),
    pytest.param(json_table.PARSER, ROWS, id="json-table"),
    pytest.param(hf_trainer_state.PARSER, STATE, id="hf-trainer-state"),
    pytest.param(keras_history.PARSER, COLUMNS, id="keras-history"),
]
OTHER_CASES = [
    pytest.param(sb3_monitor.PARSER, MONITOR, id="sb3-monitor"),
    pytest.param(tensorboard_csv.PARSER, DOWNLOAD, id="tensorboard-csv"),
    pytest.param(allennlp_metrics.PARSER, EPOCH, id="allennlp-metrics"),
    pytest.param(boosting_evals.PARSER, BOOSTED, id="boosting-evals"),
    pytest.param(catboost.PARSER, TREES, id="catboost"),
]
CASES += OTHER_CASES
TAGS = ("loss", "log", "rmse", "learn/loss", "learn/rmse")
each_format = pytest.mark.parametrize(("parser", "content"), CASES)
few = settings(max_examples=25)


def name_for(parser):
    return {"catboost": "catboost_training.json", "allennlp-metrics": "metrics_epoch_3.json"}.get(parser.id, "log")


def losses(parser, path, data):
    path.write_bytes(data)
    assert parser.sniff(path, data[:HEAD_BYTES]) in (True, False)
    (run, *_) = list(parser.parse(path))
    assert len(run.notes) <= 25
    if parser.id == "allennlp-metrics":  # one value a curve
        return [value for curve in run.all_curves for value in curve.value.tolist() if curve.tag[-1].isdigit()]
    return next((curve.value.tolist() for curve in run.all_curves if curve.tag in TAGS), [])


def whole_before(content, position):
    """How many losses, and the rows they are in, stand before a position."""
    return sum(f"{v}" in content[: max(position - 24, 0)] for v in LOSSES)


@each_format
def test_whole(tmp_path, parser, content):
    for data in (
        content.encode(),
        content.encode("utf-16"),
        content.encode("utf-8-sig"),
        gzip.compress(content.encode(), mtime=0),
    ):
        assert losses(parser, tmp_path / name_for(parser), data) == LOSSES


@each_format
def test_cut(tmp_path, parser, content):
    for part in range(20):
        position = len(content) * part // 20
        kept = losses(parser, tmp_path / name_for(parser), content.encode()[:position])
        whole = whole_before(content, position)
        assert kept[:whole] == LOSSES[:whole]


@each_format
def test_cut_gzip(tmp_path, parser, content):
    packed = gzip.compress(content.encode(), mtime=0)
    for part in range(20):
        losses(parser, tmp_path / name_for(parser), packed[: len(packed) * part // 20])


@each_format
@few
@given(share=st.floats(0.1, 1), noise=st.binary(min_size=1, max_size=32))
def test_splice(tmp_path, parser, content, share, noise):
    position = int(share * len(content))
    data = content.encode()
    kept = losses(parser, tmp_path / name_for(parser), data[:position] + noise + data[position:])
    whole = whole_before(content, position)
    assert kept[:whole] == LOSSES[:whole]


@each_format
@few
@given(
    noise=st.one_of(
        st.binary(max_size=300), st.text('{}[]",:;|0123456789.eE+-aN \n\r\t\0#', max_size=300).map(str.encode)
    )
)
def test_noise(tmp_path, parser, content, noise):
    losses(parser, tmp_path / name_for(parser), noise)
    losses(parser, tmp_path / name_for(parser), content.encode()[:200] + noise)


@each_format
@pytest.mark.parametrize(
    "data",
    [b"", b"\n", b"x" * 1_000_000, b"[" * 100_000, b'{"a":' * 100_000, b'{"a": ' + b"9" * 10_000 + b"}", b"\xff\xfe", b"\x1f\x8b",
     b"\0" * 5000, b'"' * 100_001, b'[{"loss": 1e999, "step": 1e999}]', b'{"loss": [[1], {"a": 2}, "x", null, 1e400]}'],
    ids=range(12),
)  # fmt: skip
def test_extremes(tmp_path, parser, content, data):
    losses(parser, tmp_path / name_for(parser), data)


@each_format
def test_a_missing_file_is_an_os_error(tmp_path, parser, content):
    with pytest.raises(OSError, match=name_for(parser)):
        list(parser.parse(tmp_path / name_for(parser)))


@pytest.mark.parametrize(
    ("parser", "content"),
    [
        (
            csv_table.PARSER,
            ",".join(f"loss_{i}" for i in range(10_000)) + "\n" + (",".join(["0.5"] * 10_000) + "\n") * 5,
        ),
        (csv_table.PARSER, "step,loss,loss,loss\n" + "".join(f"{i},2,3,4\n" for i in range(5))),
        (json_lines.PARSER, (json.dumps({f"loss_{i}": 0.5 for i in range(10_000)}) + "\n") * 5),
        (json_table.PARSER, json.dumps([{f"loss_{i}": 0.5 for i in range(10_000)}] * 5)),
    ],
)
def test_many_and_doubled_columns(tmp_path, parser, content):
    path = tmp_path / "log"
    path.write_text(content)
    (run,) = parser.parse(path)
    assert len(run.all_curves) in (10_000, 3)
    assert {len(curve) for curve in run.all_curves} == {5}


@pytest.mark.parametrize("content", [ROWS, STATE])
@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_rows_after_the_damage_are_read_too(tmp_path, content, share):
    position = int(share * len(content))
    damaged = content[:position] + '\x01"}]' + content[position + 5 :]
    parser = json_table.PARSER if content is ROWS else hf_trainer_state.PARSER
    kept = losses(parser, tmp_path / "log", damaged.encode())
    assert len(kept) >= COUNT - 2
    assert set(LOSSES[-5:]) <= set(kept)


@pytest.mark.parametrize("noise", ["{", "[", "{[", '{"a": [', '{"b": '])
def test_an_open_bracket_within_a_list_costs_no_number_before_it(tmp_path, noise):
    data = '{"learn": {"rmse": [3.0, 2.5, 2.25, ' + noise + "2.0, 1.5]}}"
    assert losses(boosting_evals.PARSER, tmp_path / "history.json", data.encode())[:3] == [3.0, 2.5, 2.25]
