"""The readers that are compared, each run in a process of its own.

`python event_readers.py READER FOLDER` reads all event files below FOLDER to arrays and prints one line of JSON: seconds
of CPU and of the clock for the reading alone (imports done), of CPU in the process's life, its peak memory, and what was
read.
"""

from __future__ import annotations

import json
import resource
import struct
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable


class Read(NamedTuple):
    """How much was read, to see that all read the same: points, histograms, and the sum of all points."""

    points: int
    histograms: int
    total: float


def files_below(folder: Path) -> list[Path]:
    return sorted(folder.rglob("*tfevents*"))


def trainlint(folder: Path, *, verify: bool = True) -> Callable[[], Read]:
    from trainlint.parsers.formats.frameworks.tensorboard import parse_folders

    def read() -> Read:
        points = histograms = 0
        total = 0.0
        folders: dict[Path, list[Path]] = defaultdict(list)
        for path in files_below(folder):
            folders[path.parent].append(path)
        for run in parse_folders(folders.values(), verify=verify):
            for curve in run.all_curves:
                if not curve.statistic:
                    points += len(curve)
                    total += float(curve.value.sum())
                elif curve.statistic == "norm":
                    histograms += len(curve)
        return Read(points, histograms, total)

    return read


def protobuf(folder: Path) -> Callable[[], Read]:
    """The loop everyone writes: no checksums, a list for each tag."""
    from tensorboard.compat.proto.event_pb2 import Event

    def read() -> Read:
        histograms = 0
        points: dict[tuple[Path, str], list[tuple[float, int, float]]] = defaultdict(list)
        for path in files_below(folder):
            data = path.read_bytes()
            place = 0
            while place < len(data):
                (length,) = struct.unpack_from("<Q", data, place)
                event = Event.FromString(data[place + 12 : place + 12 + length])
                place += length + 16
                for value in event.summary.value:
                    kind = value.WhichOneof("value")
                    if kind == "simple_value":
                        points[path, value.tag].append((event.wall_time, event.step, value.simple_value))
                    elif kind == "tensor":
                        points[path, value.tag].append((event.wall_time, event.step, value.tensor.float_val[0]))
                    elif kind == "histo":
                        np.array(value.histo.bucket_limit), np.array(value.histo.bucket)
                        histograms += 1
        columns = [np.array(rows).T for rows in points.values()]
        return Read(sum(c.shape[1] for c in columns), histograms, float(sum(c[2].sum() for c in columns)))

    return read


def accumulator(folder: Path) -> Callable[[], Read]:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    def read() -> Read:
        points = histograms = 0
        total = 0.0
        sizes = {"scalars": 0, "tensors": 0, "histograms": 0, "images": 0, "compressedHistograms": 1}
        for run in sorted({path.parent for path in files_below(folder)}):
            loaded = EventAccumulator(str(run), size_guidance=sizes).Reload()
            for tag in loaded.Tags()["scalars"]:
                value = np.array([(e.wall_time, e.step, e.value) for e in loaded.Scalars(tag)])[:, 2]
                points, total = points + len(value), total + float(value.sum())
            for tag in loaded.Tags()["tensors"]:
                value = np.array([e.tensor_proto.float_val[0] for e in loaded.Tensors(tag)])
                points, total = points + len(value), total + float(value.sum())
            histograms += sum(len(loaded.Histograms(tag)) for tag in loaded.Tags()["histograms"])
        return Read(points, histograms, total)

    return read


def tbparse(folder: Path) -> Callable[[], Read]:
    from tbparse import SummaryReader

    def read() -> Read:
        reader = SummaryReader(str(folder), event_types={"scalars", "tensors", "histograms"})
        value = np.array([], np.float64)
        if "value" in reader.scalars:
            value = reader.scalars["value"].to_numpy()
        if "value" in reader.tensors:
            value = np.concatenate([value, reader.tensors["value"].to_numpy(dtype=np.float64)])
        return Read(len(value), len(reader.histograms), float(value.sum()))

    return read


def rustboard(folder: Path) -> Callable[[], Read]:  # noqa: C901 - one server, from start to end
    """TensorBoard's data server, told to keep every point, and what it serves fetched over gRPC into arrays."""
    import grpc
    import tensorboard_data_server
    from tensorboard.data.proto import data_provider_pb2 as messages
    from tensorboard.data.proto.data_provider_pb2_grpc import TensorBoardDataProviderStub

    everything = messages.Downsample(num_points=1 << 40)
    unlimited = [("grpc.max_receive_message_length", -1)]

    def fetch(port: int) -> Read:
        points = histograms = 0
        total = 0.0
        with grpc.insecure_channel(f"localhost:{port}", options=unlimited) as channel:
            stub = TensorBoardDataProviderStub(channel)
            for plugin in ("scalars", "histograms"):
                names = messages.PluginFilter(plugin_name=plugin)
                if plugin == "scalars":
                    answer = stub.ReadScalars(messages.ReadScalarsRequest(plugin_filter=names, downsample=everything))
                else:
                    answer = stub.ReadTensors(messages.ReadTensorsRequest(plugin_filter=names, downsample=everything))
                for run in answer.runs:
                    for tag in run.tags:
                        steps, times = np.array(tag.data.step), np.array(tag.data.wall_time)
                        assert len(steps) == len(times)
                        if plugin == "scalars":
                            value = np.array(tag.data.value)
                            points, total = points + len(value), total + float(value.sum())
                        else:
                            for tensor in tag.data.value:
                                np.frombuffer(tensor.tensor_content, "<f8")
                            histograms += len(tag.data.value)
        return Read(points, histograms, total)

    def read() -> Read:
        with tempfile.TemporaryDirectory() as scratch:
            port_file = Path(scratch, "port")
            server = subprocess.Popen(
                [
                    tensorboard_data_server.server_binary(), f"--logdir={folder}", "--reload=once", "--port=0",
                    f"--port-file={port_file}", "--die-after-stdin", "--verbose",
                    "--samples-per-plugin=scalars=all,histograms=all,images=all",
                ],
                stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            )  # fmt: skip
            assert server.stderr is not None
            for line in server.stderr:
                if "Finished load cycle" in line:
                    break
            found = fetch(int(port_file.read_text()))
            server.communicate("")
            return found

    return read


READERS: dict[str, Callable[[Path], Callable[[], Read]]] = {
    "trainlint": trainlint,
    "trainlint-unverified": lambda folder: trainlint(folder, verify=False),
    "rustboard": rustboard,
    "protobuf": protobuf,
    "tbparse": tbparse,
    "accumulator": accumulator,
}


def _cpu() -> float:
    return sum(
        u.ru_utime + u.ru_stime for u in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def main() -> None:
    reader, folder = sys.argv[1:]
    read = READERS[reader](Path(folder))
    cpu, clock = _cpu(), time.perf_counter()
    found = read()
    result: dict[str, Any] = {
        "cpu": _cpu() - cpu, "wall": time.perf_counter() - clock, "process_cpu": _cpu(),
        "peak_mb": sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024,
        "found": found,
    }  # fmt: skip
    print(json.dumps(result))


if __name__ == "__main__":
    main()
