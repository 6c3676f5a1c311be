"""The plain loop over an event file: struct, google-crc32c and protobuf, one record and one value at a time.

It has nothing in common with the reader it is compared with but the format: what it returns is what must come out.
"""

import math
import struct
import warnings

import numpy as np
from google.protobuf.message import DecodeError
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.util.tensor_util import make_ndarray

from .event_files import masked

BFLOAT16 = 14
FLOATS = {1, 2, 14, 19}
NUMBERS = FLOATS | {3, 4, 5, 6, 9, 10, 17, 22, 23}


def payloads(data):
    """The payloads of all sound records; where a header is broken, on from the next that is sound and fits."""
    place = 0
    while place + 12 <= len(data):
        length, stored = struct.unpack_from("<QI", data, place)
        is_sound = masked(data[place : place + 8]) == stored
        if is_sound and place + 16 + length <= len(data):
            payload = data[place + 12 : place + 12 + length]
            if masked(payload) == struct.unpack_from("<I", data, place + 12 + length)[0]:
                yield payload
            place += 16 + length
            continue
        if is_sound:
            return
        place += 1
        while place + 12 <= len(data):
            length, stored = struct.unpack_from("<QI", data, place)
            if length <= len(data) - place and masked(data[place : place + 8]) == stored:
                break
            place += 1


def array(tensor):
    """The values; none at all are one zero, as TensorFlow itself has it (its Python function fails there)."""
    if not tensor.tensor_content and not any(field.name.endswith("_val") for field, _ in tensor.ListFields()):
        shape = [dim.size for dim in tensor.tensor_shape.dim]
        return np.zeros(shape) if np.prod(shape) == 1 else None
    if tensor.dtype == BFLOAT16:  # for this one it wants TensorFlow
        raw = tensor.tensor_content or struct.pack(f"<{len(tensor.half_val)}H", *tensor.half_val)
        shape = [dim.size for dim in tensor.tensor_shape.dim]
        if len(raw) != 2 * np.prod(shape):
            return None
        return np.array([struct.unpack("<f", b"\0\0" + raw[i : i + 2])[0] for i in range(0, len(raw), 2)]).reshape(
            shape
        )
    try:
        with warnings.catch_warnings():
            # TensorBoard sets the dtype of an array, which newer versions of numpy dislike
            warnings.simplefilter("ignore", DeprecationWarning)
            return make_ndarray(tensor)
    except (ValueError, TypeError):
        return None


def number(tensor, plugin):
    if tensor.dtype not in (NUMBERS if plugin == "scalars" else FLOATS):
        return None
    value = array(tensor)
    if value is None or value.size != 1 or (plugin != "scalars" and value.ndim):
        return None
    return float(value.reshape(-1)[0])


def of_two_kinds(data):
    """Tags whose tensors come without a plugin first and with one later, or with two: which of them counts is open."""
    first, found = {}, set()
    for event in summaries(data):
        for value in event.summary.value:
            own = value.metadata.plugin_data.plugin_name
            if own and own != first.setdefault(value.tag, own):
                found.add(value.tag)
            first.setdefault(value.tag, "")
    return found


def summaries(data):
    """Events that hold a summary, those that protobuf can read."""
    for payload in payloads(data):
        try:
            event = Event.FromString(payload)
        except DecodeError:
            continue
        if event.WhichOneof("what") == "summary":
            yield event


def read(data):  # noqa: C901 - one plain loop is the point
    """Scalars {tag: [(step, wall time, value)]}, histograms {tag: [(step, wall time, moments, edges, counts)]}."""
    scalars, histograms, plugins = {}, {}, {}
    for event in summaries(data):
        for value in event.summary.value:
            kind = value.WhichOneof("value")
            own = value.metadata.plugin_data.plugin_name
            if kind not in {"simple_value", "histo", "tensor"}:
                continue
            if own:
                plugins.setdefault(value.tag, own)
            plugin = own or plugins.get(value.tag, "")
            place = (event.step, event.wall_time or math.nan)
            if kind == "simple_value":
                scalars.setdefault(value.tag, []).append((*place, value.simple_value))
            elif kind == "histo":
                bars = value.histo
                moments = (bars.min, bars.max, bars.num, bars.sum, bars.sum_squares)
                size = min(len(bars.bucket_limit), len(bars.bucket))
                columns = (np.array(bars.bucket_limit[:size]), np.array(bars.bucket[:size]))
                if bars.num > 0:
                    histograms.setdefault(value.tag, []).append((*place, moments, *columns))
            elif plugin in {"", "scalars"}:
                found = number(value.tensor, plugin)
                if found is not None:
                    scalars.setdefault(value.tag, []).append((*place, found))
            elif plugin == "histograms" and value.tensor.dtype in NUMBERS:
                rows = array(value.tensor)
                if rows is not None and rows.ndim == 2 and rows.shape[1] == 3 and rows[:, 2].sum() > 0:
                    left, right, counts = rows.astype(np.float64).T
                    held, middle = counts > 0, (left + right) / 2
                    moments = (
                        left[held].min(), right[held].max(), counts.sum(),
                        (counts * middle).sum(), (counts * middle * middle).sum(),
                    )  # fmt: skip
                    histograms.setdefault(value.tag, []).append((*place, moments, right, counts))
    return scalars, histograms
