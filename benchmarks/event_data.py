"""Event files for the benchmark, written with TensorBoard's own writer, the one PyTorch writes with.

Its checksum is computed by google-crc32c instead of byte by byte in Python: the bytes are the same, the waiting is not.
"""

from __future__ import annotations

import random
from typing import TYPE_CHECKING, Any

import google_crc32c
import numpy as np
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import HistogramProto, Summary
from tensorboard.plugins.scalar.summary_v2 import scalar_pb
from tensorboard.summary.writer import record_writer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

START = 1.7e9  # seconds
WORDS = ("loss", "accuracy", "grad_norm", "lr", "weights", "activations", "entropy", "kl", "reward", "throughput")


def _masked_crc32c(data: bytes) -> int:
    crc = google_crc32c.value(bytes(data))
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


record_writer.masked_crc32c = _masked_crc32c


def write_events(path: Path, events: Iterator[Event]) -> None:
    """Write one event file that starts as PyTorch's do."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        writer = record_writer.RecordWriter(file)
        head = Event(wall_time=START, file_version="brain.Event:2")
        head.source_metadata.writer = "tensorboard.summary.writer.event_file_writer"
        writer.write(head.SerializeToString())
        for event in events:
            writer.write(event.SerializeToString())
        writer.flush()


def _event(index: int, step: int, value: Any) -> Event:
    return Event(wall_time=START + 0.01 * index, step=step, summary=Summary(value=[value]))


def _tags(count: int) -> list[str]:
    return [
        f"{'train' if i % 2 else 'val'}/{WORDS[i % 10]}{f'/block{i // 10}' if i >= 10 else ''}" for i in range(count)
    ]


def scalars(count: int, tags: int) -> Iterator[Event]:
    names = _tags(tags)
    for i in range(count):
        yield _event(i, i // tags, Summary.Value(tag=names[i % tags], simple_value=random.random()))


def tensors(count: int, tags: int) -> Iterator[Event]:
    """Scalars as tf.summary and Keras write them: tensors with metadata."""
    values = [scalar_pb(name, 0.0).value[0] for name in _tags(tags)]
    for i in range(count):
        value = values[i % tags]
        value.tensor.float_val[0] = random.random()
        yield _event(i, i // tags, value)


def histograms(count: int) -> Iterator[Event]:
    """Three histograms with PyTorch's default edges to one scalar, 9 kB a histogram."""
    positive = 1e-12 * 1.1 ** np.arange(774)
    edges = np.concatenate([-positive[::-1], [0.0], positive])
    rng = np.random.default_rng(0)
    samples = [np.sort(rng.standard_t(2, 20_000)) * scale for scale in (1e-2, 1.0, 30.0)]
    for i in range(count):
        if i % 4 == 3:
            yield _event(i, i // 4, Summary.Value(tag="train/loss", simple_value=random.random()))
            continue
        values = samples[i % 3]
        counts, _ = np.histogram(values, edges)
        held = np.flatnonzero(counts)
        first, last = max(held[0] - 1, 0), held[-1] + 1
        bars = HistogramProto(
            min=values[0], max=values[-1], num=len(values), sum=values.sum(), sum_squares=values.dot(values),
            bucket_limit=edges[first + 1 : last + 1], bucket=counts[first:last],
        )  # fmt: skip
        yield _event(i, i // 4, Summary.Value(tag=f"layer{i % 12}/weight", histo=bars))


def images(count: int, size: int, scalar_count: int) -> Iterator[Event]:
    pixels = random.Random(0).randbytes(size)
    share = scalar_count // count
    for i in range(count):
        picture = Summary.Image(height=256, width=256, colorspace=3, encoded_image_string=pixels)
        yield _event(i, i, Summary.Value(tag="samples", image=picture))
        for k in range(share):
            step = i * share + k
            yield _event(i, step // 4, Summary.Value(tag=_tags(4)[step % 4], simple_value=random.random()))


def _one(events: Callable[[], Iterator[Event]]) -> Callable[[Path], None]:
    return lambda folder: write_events(folder / "events.out.tfevents.1700000000.host.1.0", events())


def _many(runs: int, rows: int) -> Callable[[Path], None]:
    def make(folder: Path) -> None:
        for i in range(runs):
            write_events(folder / f"run{i:04}" / "events.out.tfevents.1700000000.host.1.0", scalars(rows, 5))

    return make


def cases(scale: float) -> dict[str, Callable[[Path], None]]:
    """Makers of the cases of docs/reading-event-files.md, with all counts times `scale`."""
    n = lambda count: max(int(count * scale), 8)  # noqa: E731
    return {
        "scalars-20-tags": _one(lambda: scalars(n(1_000_000), 20)),
        "scalars-2000-tags": _one(lambda: scalars(n(200_000), min(2000, n(2000)))),
        "histograms": _one(lambda: histograms(n(30_000))),
        "images": _one(lambda: images(n(4_000), 52_000, n(4_000) * 5)),
        "runs-2000": _many(n(2_000), 2_000),
        "tensors": _one(lambda: tensors(n(300_000), 20)),
    }
