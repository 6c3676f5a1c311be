"""Decoding of single records with TensorBoard's own protobuf classes: the reference, complete and slow.

It is told apart here what is a curve and what is not: `simple_value`, histograms, and tensors that hold one number.
Images, audio, graphs, text, meshes and precision-recall curves are not curves and are passed over.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from google.protobuf.message import DecodeError
from tensorboard.compat.proto.event_pb2 import Event, SessionLog

from .histograms import Histograms, from_triples, summarise

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .event_columns import Columns
    from .event_facts import Facts

# TensorProto.dtype -> numpy type of tensor_content, and the field that holds single values
_DTYPES = {
    1: ("<f4", "float_val"), 2: ("<f8", "double_val"), 3: ("<i4", "int_val"), 4: ("u1", "int_val"),
    5: ("<i2", "int_val"), 6: ("i1", "int_val"), 9: ("<i8", "int64_val"), 10: ("?", "bool_val"),
    14: ("bfloat16", "half_val"), 17: ("<u2", "int_val"), 19: ("<f2", "half_val"), 22: ("<u4", "uint32_val"),
    23: ("<u8", "uint64_val"),
}  # fmt: skip
_FLOAT_DTYPES = frozenset({1, 2, 14, 19})
_STRING_DTYPE = 7


def decode_record(payload: bytes, columns: Columns, facts: Facts) -> bool:
    """Add what one record holds; False if it is no event."""
    try:
        event = Event.FromString(payload)
    except DecodeError:
        return False
    facts.writer(event.source_metadata.writer)
    what = event.WhichOneof("what")
    if what == "summary":
        for value in event.summary.value:
            _add_value(event, value, columns, facts)
    elif (what == "file_version" and event.step) or (
        what == "session_log" and event.session_log.status == SessionLog.START
    ):
        columns.take_over(event.step)
    return True


def _add_value(event: Any, value: Any, columns: Columns, facts: Facts) -> None:
    kind = value.WhichOneof("value")
    plugin = value.metadata.plugin_data.plugin_name
    if plugin == "hparams":
        facts.hparams(value.metadata.plugin_data.content)
        return
    if kind not in {"simple_value", "histo", "tensor"}:
        return
    tag = columns.tags.number(value.tag)
    plugin = columns.tags.announce(tag, plugin)
    step, time = np.array([event.step]), np.array([event.wall_time])
    if kind == "simple_value":
        columns.scalars.add(np.array([tag]), step, time, np.array([[value.simple_value]], np.float64))
    elif kind == "histo":
        columns.histograms.add(np.array([tag]), step, time, summarise(_histogram(value.histo)))
    elif plugin == "histograms":
        triples = _array(value.tensor)
        if triples is not None and triples.ndim == 2 and triples.shape[1] == 3:
            bars = from_triples(triples.astype(np.float64), np.array([len(triples)]))
            columns.histograms.add(np.array([tag]), step, time, summarise(bars))
    elif plugin in {"text", "graph_keras_model"} and value.tensor.dtype == _STRING_DTYPE and value.tensor.string_val:
        text = value.tensor.string_val[0].decode(errors="replace")
        (facts.text(value.tag, text) if plugin == "text" else facts.keras_model(text))
    elif plugin == "scalars" or (not plugin and value.tensor.dtype in _FLOAT_DTYPES):
        number = _array(value.tensor)
        if number is not None and number.size == 1 and (plugin or number.ndim == 0):
            columns.scalars.add(np.array([tag]), step, time, number.astype(np.float64).reshape(1, 1))


def _histogram(proto: Any) -> Histograms:
    """A HistogramProto; surplus edges or counts have no partner and are left out."""
    size = min(len(proto.bucket_limit), len(proto.bucket))
    return Histograms(
        np.array(proto.bucket_limit[:size]), np.array(proto.bucket[:size]), np.array([size]),
        np.array([proto.min]), np.array([proto.max]), np.array([proto.num]),
        np.array([proto.sum]), np.array([proto.sum_squares]),
    )  # fmt: skip


def _array(tensor: Any) -> NDArray[np.generic] | None:
    """The values of a tensor of numbers, None if it is something else or its parts contradict each other.

    As in TensorFlow, `tensor_content` goes before the field of single values, and a tensor without any is all zero.
    """
    if tensor.dtype not in _DTYPES:
        return None
    dtype, field = _DTYPES[tensor.dtype]
    shape = [dim.size for dim in tensor.tensor_shape.dim]
    size = int(np.prod([float(max(n, 0)) for n in shape]))
    singles = getattr(tensor, field)
    stored = "<u2" if dtype == "bfloat16" or field == "half_val" else dtype
    if tensor.tensor_content:
        raw = tensor.tensor_content
        if len(raw) != size * np.dtype(stored).itemsize:
            return None
        flat = np.frombuffer(raw, stored)
    elif len(singles) == size:
        flat = np.array(singles).astype(stored)
    elif not singles and size == 1:
        return np.zeros(shape)
    else:
        return None
    if dtype == "bfloat16":
        flat = (flat.astype("<u4") << 16).view("<f4")
    elif dtype == "<f2":
        flat = flat.view("<f2")
    return flat.reshape(shape)


