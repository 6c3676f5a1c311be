"""Decoding of single records with TensorBoard's own protobuf classes: the reference, complete and slow.

Curves are `simple_value`, histograms, and tensors with one number. Images, audio, graphs, text, meshes and
precision-recall curves are not curves and are skipped.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from google.protobuf.message import DecodeError
from tensorboard.compat.proto.event_pb2 import Event, SessionLog

from .histograms import Histograms, from_triples

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .facts import Facts
    from .tags import TagBook

# TensorProto.dtype -> numpy type of tensor_content, and the field that holds single values
_DTYPES = {
    1: ("<f4", "float_val"), 2: ("<f8", "double_val"), 3: ("<i4", "int_val"), 4: ("u1", "int_val"),
    5: ("<i2", "int_val"), 6: ("i1", "int_val"), 9: ("<i8", "int64_val"), 10: ("?", "bool_val"),
    14: ("bfloat16", "half_val"), 17: ("<u2", "int_val"), 19: ("<f2", "half_val"), 22: ("<u4", "uint32_val"),
    23: ("<u8", "uint64_val"),
}  # fmt: skip
_FLOAT_DTYPES = frozenset({1, 2, 14, 19})
_STRING_DTYPE = 7


@dataclass(slots=True)
class Message:
    """The content of one record: tags with a number or a histogram, and the step from which on it overwrites earlier rows."""

    step: int
    wall_time: float
    values: list[tuple[int, float | Histograms]] = field(default_factory=list)
    purge_step: int | None = None


def decode_record(payload: bytes, record: int, tags: TagBook, facts: Facts) -> Message | None:
    """Decode a record; None if it is not an event."""
    try:
        event = Event.FromString(payload)
    except DecodeError:
        return None
    message = Message(event.step, event.wall_time)
    facts.writer(event.source_metadata.writer)
    what = event.WhichOneof("what")
    if what == "summary":
        for value in event.summary.value:
            _add_value(message, value, record, tags, facts)
    elif (what == "file_version" and event.step) or (
        what == "session_log" and event.session_log.status == SessionLog.START
    ):
        message.purge_step = event.step
    return message


def _add_value(message: Message, value: Any, record: int, tags: TagBook, facts: Facts) -> None:
    kind = value.WhichOneof("value")
    own_plugin = value.metadata.plugin_data.plugin_name
    if own_plugin == "hparams":
        facts.hparams(value.metadata.plugin_data.content)
    if kind not in {"simple_value", "histo", "tensor"}:
        return
    tag = tags.seen(value.tag)
    tags.name_plugin(tag, own_plugin, record)
    if kind == "simple_value":
        message.values.append((tag, value.simple_value))
    elif kind == "histo":
        message.values.append((tag, _histogram(value.histo)))
    else:
        _add_tensor(message, value, tag, own_plugin or tags.plugin(tag, record), facts)


def _add_tensor(message: Message, value: Any, tag: int, plugin: str, facts: Facts) -> None:
    tensor = value.tensor
    if plugin == "histograms":
        triples = _array(tensor)
        if triples is not None and triples.ndim == 2 and triples.shape[1] == 3:
            message.values.append((tag, from_triples(triples.astype(np.float64), np.array([len(triples)]))))
    elif plugin in {"text", "graph_keras_model"} and tensor.dtype == _STRING_DTYPE and tensor.string_val:
        text = tensor.string_val[0].decode(errors="replace")
        (facts.text(value.tag, text) if plugin == "text" else facts.keras_model(text))
    elif plugin == "scalars" or (not plugin and tensor.dtype in _FLOAT_DTYPES):
        number = _array(tensor)
        if number is not None and number.size == 1 and (plugin or number.ndim == 0):
            message.values.append((tag, float(number.reshape(-1)[0])))


def _histogram(proto: Any) -> Histograms:
    """A HistogramProto; surplus edges or counts are dropped."""
    size = min(len(proto.bucket_limit), len(proto.bucket))
    return Histograms(
        np.array(proto.bucket_limit[:size]), np.array(proto.bucket[:size]), np.array([size]),
        np.array([proto.min]), np.array([proto.max]), np.array([proto.num]),
        np.array([proto.sum]), np.array([proto.sum_squares]),
    )  # fmt: skip


def _array(tensor: Any) -> NDArray[np.generic] | None:
    """The values of a tensor of numbers, None if it is something else or its parts contradict each other.

    As in TensorFlow, `tensor_content` takes precedence over the field of single values, and a tensor without any is zero.
    """
    if tensor.dtype not in _DTYPES:
        return None
    dtype, singles_field = _DTYPES[tensor.dtype]
    shape = [dim.size for dim in tensor.tensor_shape.dim]
    size = int(np.prod([float(max(n, 0)) for n in shape]))
    singles = getattr(tensor, singles_field)
    stored = "<u2" if dtype == "bfloat16" or singles_field == "half_val" else dtype
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
