import struct

import numpy as np
import pytest
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

from trainlint.parsers.formats.frameworks.tensorboard import PARSER, parse, parse_files
from trainlint.parsers.restarts import Segment

from .event_files import record, scalar, start, tensor, write


def read(path):
    (run,) = parse(path)
    return run


def curve(run, name):
    (found,) = [c for c in run.all_curves if c.name == name]
    return found


def test_scalars_of_several_tags_keep_their_order(tmp_path):
    path = write(tmp_path, *(scalar(tag, i / 4, i, 10.0 + i) for i in range(3) for tag in ("loss", "acc")))
    run = read(path)
    assert [c.tag for c in run.all_curves] == ["loss", "acc"]
    loss = run.all_curves[0]
    assert loss.step.tolist() == [0, 1, 2]
    assert loss.value.tolist() == [0, 0.25, 0.5]
    assert loss.wall_time.tolist() == [10, 11, 12]
    assert np.isnan(loss.epoch).all()
    assert loss.segments == (Segment(0, 0),)
    assert (run.name, run.format, run.path) == ("", "tensorboard", str(path))
    assert run.sources[0].size == path.stat().st_size
    assert not run.notes


def test_nan_and_infinities_are_values(tmp_path):
    values = [float("nan"), float("inf"), float("-inf")]
    run = read(write(tmp_path, *(scalar("loss", value, i) for i, value in enumerate(values))))
    np.testing.assert_array_equal(run.all_curves[0].value, values)


@pytest.mark.parametrize(
    ("dtype", "fields", "value"),
    [
        (1, {"float_val": [0.5]}, 0.5),
        (1, {"content": struct.pack("<f", 0.5)}, 0.5),
        (1, {}, 0.0),
        (2, {"double_val": [0.1]}, 0.1),
        (2, {"content": struct.pack("<d", 0.1)}, 0.1),
        (3, {"int_val": [-7]}, -7),
        (9, {"int64_val": [1 << 40]}, 1 << 40),
        (9, {"content": struct.pack("<q", -3)}, -3),
        (10, {"bool_val": [True]}, 1),
        (14, {"half_val": [0x3F80]}, 1),
        (14, {"content": b"\x80\x3f"}, 1),
        (19, {"half_val": [0x3C00]}, 1),
        (19, {"content": b"\x00\x3c"}, 1),
        (22, {"uint32_val": [3]}, 3),
        (23, {"content": struct.pack("<Q", 9)}, 9),
    ],
)
def test_tensor_scalars(tmp_path, dtype, fields, value):
    run = read(write(tmp_path, tensor("loss", 3, "scalars", dtype=dtype, **fields)))
    assert run.all_curves[0].value.tolist() == [value]
    assert run.all_curves[0].step.tolist() == [3]


@pytest.mark.parametrize(
    ("event", "is_curve"),
    [
        (tensor("old", dtype=1, float_val=[1.0]), True),  # before TF2 named its plugins
        (tensor("old", dtype=19, half_val=[1]), True),
        (tensor("count", dtype=3, int_val=[1]), False),
        (tensor("vector", dtype=1, float_val=[1.0], shape=(1,)), False),
        (tensor("vector", plugin="scalars", dtype=1, float_val=[1.0], shape=(1,)), True),
        (tensor("vector", plugin="scalars", dtype=1, float_val=[1.0, 2.0], shape=(2,)), False),
        (tensor("contradiction", plugin="scalars", dtype=1, content=b"12345"), False),
        (tensor("words", plugin="scalars", dtype=7, string_val=[b"1.0"]), False),
        (tensor("curve", plugin="pr_curves", dtype=1, float_val=[1.0]), False),
        (tensor("mesh", plugin="mesh", dtype=1, float_val=[1.0]), False),
        (Event(summary=Summary(value=[Summary.Value(tag="cat", image=Summary.Image(height=1))])), False),
        (Event(summary=Summary(value=[Summary.Value(tag="nothing")])), False),
        (Event(graph_def=b"graph"), False),
        (Event(), False),
    ],
)
def test_what_is_a_curve(tmp_path, event, is_curve):
    run = read(write(tmp_path, event))
    assert bool(run.all_curves) == is_curve
    assert not [note for note in run.notes if "lost" in note.message]


def test_a_plugin_named_once_holds_for_the_values_that_follow(tmp_path):
    first = tensor("curve", 0, "pr_curves", dtype=1, float_val=[1.0])
    run = read(write(tmp_path, first, tensor("curve", 1, dtype=1, float_val=[1.0]), scalar("loss", 1.0)))
    assert [c.tag for c in run.all_curves] == ["loss"]


def test_many_values_in_one_summary(tmp_path):
    values = [Summary.Value(tag=f"tag{i}", simple_value=i) for i in range(5)]
    run = read(write(tmp_path, Event(step=2, summary=Summary(value=values))))
    assert [(c.tag, c.value.tolist(), c.step.tolist()) for c in run.all_curves] == [
        (f"tag{i}", [i], [2]) for i in range(5)
    ]


@pytest.mark.parametrize("takes_over", [start(3), Event(step=3, file_version="brain.Event:2")])
def test_a_restart_is_a_segment(tmp_path, takes_over):
    events = [*(scalar("loss", 1.0, i) for i in range(5)), takes_over, *(scalar("loss", 2.0, i) for i in (4, 5))]
    loss = read(write(tmp_path, *events)).all_curves[0]
    assert loss.segments == (Segment(0, 0), Segment(5, 3))
    assert loss.effective().step.tolist() == [0, 1, 2, 4, 5]


def test_a_step_going_back_is_a_segment(tmp_path):
    loss = read(write(tmp_path, *(scalar("loss", 1.0, i) for i in (0, 1, 2, 1, 2)))).all_curves[0]
    assert loss.segments == (Segment(0, 0), Segment(3, 1))


def test_files_of_one_folder_are_one_run_in_order_of_time(tmp_path):
    late = write(tmp_path, scalar("loss", 2.0, 9), name="a.tfevents", version=False)
    late.write_bytes(record(scalar("loss", 2.0, 9, 500.0)))
    early = write(tmp_path, scalar("loss", 1.0, 5), scalar("acc", 1.0, 5), name="b.tfevents", version=False)
    run = parse_files([late, early])
    loss = curve(run, "loss")
    assert loss.step.tolist() == [5, 9]
    assert loss.segments == (Segment(0, 5), Segment(1, 9))
    assert [source.path for source in run.sources] == [str(early), str(late)]
    assert run.path == str(tmp_path)


@pytest.mark.parametrize(("content", "said"), [(b"", "no scalars"), (None, "no scalars")])
def test_files_without_curves_say_so(tmp_path, content, said):
    path = write(tmp_path)
    if content is not None:
        path.write_bytes(content)
    run = read(path)
    assert not run.all_curves
    assert any(said in note.message for note in run.notes)


def test_lightnings_placeholder_is_dropped(tmp_path):
    assert not read(write(tmp_path, scalar("hp_metric", -1.0, 0))).all_curves
    run = read(write(tmp_path, scalar("hp_metric", -1.0, 0), scalar("hp_metric", 0.5, 0)))
    assert run.all_curves[0].value.tolist() == [0.5]


def hparams_event(**values):
    data = HParamsPluginData()
    for key, value in values.items():
        field = {bool: "bool_value", str: "string_value"}.get(type(value), "number_value")
        setattr(data.session_start_info.hparams[key], field, value)
    event = tensor("_hparams_/session_start_info", plugin="hparams")
    event.summary.value[0].metadata.plugin_data.content = data.SerializeToString()
    return event


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (hparams_event(lr=0.1, units=8, opt="adam", nesterov=True),
         {"lr": 0.1, "units": 8, "opt": "adam", "nesterov": True}),
        (tensor("args/text_summary", plugin="text", dtype=7,
                string_val=[b'{"output_dir": "x", "lr": 1e-3, "hub_token": "abc", "fsdp": {"on": true}}']),
         {"output_dir": "x", "lr": 1e-3, "hub_token": "***", "fsdp.on": True}),
        (tensor("hyperparameters/text_summary", plugin="text", dtype=7,
                string_val=[b"|param|value|\n|-|-|\n|seed|1|\n|learning_rate|0.00025|\n|anneal|True|\n|env|Ant-v4|"]),
         {"seed": 1, "learning_rate": 0.00025, "anneal": True, "env": "Ant-v4"}),
        (tensor("keras", plugin="graph_keras_model", dtype=7, string_val=[
            b'{"config": {"layers": [{}, {"class_name": "Dense", "config": {"units": 3, "activation": "softmax"}}]}}']),
         {"model.layers": 2, "model.last_layer.class_name": "Dense", "model.last_layer.units": 3,
          "model.last_layer.activation": "softmax"}),
        (tensor("prediction/text_summary", plugin="text", dtype=7, string_val=[b'{"a": 1}']), {}),
        (tensor("args/text_summary", plugin="text", dtype=7, string_val=[b'{"a": ']), {}),
    ],
)  # fmt: skip
def test_hyperparameters(tmp_path, event, expected):
    assert read(write(tmp_path, event)).hyperparameters == expected


@pytest.mark.parametrize(
    ("writer", "tags", "framework"),
    [
        ("tensorboard.summary.writer.event_file_writer", ["loss"], "pytorch"),
        ("tensorboard.summary.writer.event_file_writer", ["hp_metric", "epoch"], "lightning"),
        ("tensorflow.core.util.events_writer", ["loss"], "tensorflow"),
        ("tensorflow.core.util.events_writer", ["epoch_loss"], "keras"),
        ("", ["loss"], None),
    ],
)
def test_framework(tmp_path, writer, tags, framework):
    head = Event(file_version="brain.Event:2")
    head.source_metadata.writer = writer
    run = read(write(tmp_path, head, *(scalar(tag, 1.0) for tag in tags), version=False))
    assert run.framework == framework


def test_histograms_become_curves_of_statistics(tmp_path):
    values = np.random.default_rng(0).normal(size=1000)
    counts, edges = np.histogram(values, bins=200)
    event = Event(step=4, wall_time=1.0)
    bars = event.summary.value.add(tag="weights").histo
    bars.min, bars.max, bars.num = values.min(), values.max(), len(values)
    bars.sum, bars.sum_squares = values.sum(), (values**2).sum()
    bars.bucket_limit.extend(edges[1:])
    bars.bucket.extend(counts)
    run = read(write(tmp_path, event))
    assert curve(run, "weights:norm").value[0] == pytest.approx(np.linalg.norm(values))
    assert curve(run, "weights:std").value[0] == pytest.approx(values.std())
    assert curve(run, "weights:p50").value[0] == pytest.approx(np.median(values), abs=0.05)
    assert curve(run, "weights:min").step.tolist() == [4]
    assert "weights:zero_fraction" not in [c.name for c in run.all_curves]


def test_the_parser_says_what_it_reads(tmp_path):
    assert PARSER.matches("events.out.TFEVENTS.1.host")
    assert not PARSER.matches("events.json")
    assert PARSER.sniff(tmp_path / "events.out.tfevents", b"")
    with pytest.raises(OSError, match="No such file"):
        read(tmp_path / "absent.tfevents")
