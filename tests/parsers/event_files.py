"""Event files for tests, made by hand: any record, any damage."""

import struct

from google_crc32c import value as crc32c
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary

VERSION = Event(wall_time=1.0, file_version="brain.Event:2")


def masked(data):
    crc = crc32c(data)
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def record(event):
    """One record: `event` is an Event or the bytes of one."""
    payload = event if isinstance(event, bytes) else event.SerializeToString()
    length = struct.pack("<Q", len(payload))
    return length + struct.pack("<I", masked(length)) + payload + struct.pack("<I", masked(payload))


def records(*events):
    return b"".join(map(record, events))


def scalar(tag, value, step=0, wall_time=100.0):
    return Event(wall_time=wall_time, step=step, summary=Summary(value=[Summary.Value(tag=tag, simple_value=value)]))


def tensor(tag, step=0, plugin="", shape=(), wall_time=100.0, content=b"", **fields):
    value = Summary.Value(tag=tag)
    value.tensor.SetInParent()
    for size in shape:
        value.tensor.tensor_shape.dim.add(size=size)
    for name, field in fields.items():
        if name == "dtype":
            value.tensor.dtype = field
        else:
            getattr(value.tensor, name).extend(field)
    value.tensor.tensor_content = content
    if plugin:
        value.metadata.plugin_data.plugin_name = plugin
    return Event(wall_time=wall_time, step=step, summary=Summary(value=[value]))


def start(step):
    return Event(wall_time=100.0, step=step, session_log=SessionLog(status=SessionLog.START))


def write(folder, *events, name="events.out.tfevents.1.host", version=True):
    """Write an event file into `folder`; raw bytes among the events are written as they are."""
    path = folder / name
    parts = [VERSION, *events] if version else list(events)
    path.write_bytes(b"".join(part if isinstance(part, bytes) else record(part) for part in parts))
    return path
