"""trainlint beside other readers of the same logs: CPU time, memory, and what each makes of them.

    python benchmarks/compared_readers.py    # what is installed of tensorboard, tbparse and pandas; about a minute

Prints the table of docs/comparison.md. Two folders are written: TensorBoard event files of runs with a training and a
validation loss, the latter rising in half of them, and the same runs as CSV. Each reader runs twice in a process of
its own; the least CPU time counts, with the start of Python and imports. Memory is the peak resident set of that process.
Readers return numbers; only `trainlint audit` judges them and writes a report.
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import platform
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from event_data import START, write_events
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary

import trainlint

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

TIMES = 2
MULTIPLEXER = """
import sys
from tensorboard.backend.event_processing.event_multiplexer import EventMultiplexer
runs = EventMultiplexer(size_guidance={"scalars": 0, "tensors": 0}).AddRunsFromDirectory(sys.argv[1])
runs.Reload()
print(sum(len(runs.Scalars(run, tag)) for run, tags in runs.Runs().items() for tag in tags["scalars"]))
"""
TBPARSE = """
import sys
from tbparse import SummaryReader
print(len(SummaryReader(sys.argv[1]).scalars))
"""
PANDAS = """
import sys
from pathlib import Path
import pandas
print(sum(frame.size - len(frame) for frame in map(pandas.read_csv, Path(sys.argv[1]).rglob("*.csv"))))
"""
READ = "import sys, trainlint; print(len(trainlint.read(sys.argv[1])))"
AUDIT = """
import sys, trainlint
report = trainlint.audit(sys.argv[1])
print(sum(any(found["rule"] == "overfitting" for found in run["findings"]) for run in report["runs"]), "of", len(report["runs"]))
"""
READERS = (
    ("events", "tensorboard", "TensorBoard `EventMultiplexer`", MULTIPLEXER),
    ("events", "tbparse", "tbparse `SummaryReader`", TBPARSE),
    ("events", "trainlint", "`trainlint.read`", READ),
    ("events", "trainlint", "`trainlint.audit`", AUDIT),
    ("csv", "pandas", "`pandas.read_csv` per file", PANDAS),
    ("csv", "trainlint", "`trainlint.read`", READ),
    ("csv", "trainlint", "`trainlint.audit`", AUDIT),
)


def curves(run: int, points: int) -> tuple[Floats, Floats]:
    """Training and validation loss, float64 [points]; the validation loss of odd runs rises from a third on."""
    rng = np.random.default_rng(run)
    at = np.linspace(0, 1, points)
    loss = (0.05 + 2.2 * np.exp(-5 * at)) * (1 + 0.02 * rng.normal(size=points))
    rise = np.clip(at - 1 / 3, 0, None) if run % 2 else 0.0
    return loss, (0.5 + 1.8 * np.exp(-9 * at) + rise) * (1 + 0.02 * rng.normal(size=points))


def scalar_events(values: Mapping[str, Floats]) -> Iterator[Event]:
    """All tags at each step, one event a tag, as PyTorch writes them."""
    for step in range(len(next(iter(values.values())))):
        for tag, series in values.items():
            summary = Summary(value=[Summary.Value(tag=tag, simple_value=series[step])])
            yield Event(wall_time=START + 0.1 * step, step=step, summary=summary)


def write(folder: Path, runs: int, points: int) -> None:
    """Write both folders."""
    for run in range(runs):
        names = ("loss/train", "loss/validation")
        values = dict(zip(names, curves(run, points), strict=True))
        write_events(
            folder / "events" / f"run{run:03}" / "events.out.tfevents.1700000000.host.1.0", scalar_events(values)
        )
        table = np.column_stack([np.arange(points), *values.values()])
        path = folder / "csv" / f"run{run:03}" / "metrics.csv"
        path.parent.mkdir(parents=True)
        np.savetxt(path, table, "%.8g", ",", header="step,train_loss,val_loss", comments="")


def measured(code: str, folder: Path) -> tuple[float, float, str]:
    """(CPU seconds, megabytes, last line of output) of a process that runs the code on the folder, its children included."""
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen([sys.executable, "-c", code, str(folder)], stdout=output, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = usage.ru_utime + usage.ru_stime
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        said = output.read().split("\n")[-2:-1]
    return seconds, usage.ru_maxrss / 1024, said[0] if said and not process.returncode else "failed"


def rows(folder: Path) -> Iterator[tuple[str, ...]]:
    """Rows of the table for what is installed."""
    for kind, package, title, code in READERS:
        if importlib.util.find_spec(package):
            runs = [measured(code, folder / kind) for _ in range(TIMES)]
            seconds, megabytes, said = min(runs)
            yield (
                kind,
                f"{title}, {trainlint.__version__ if package == 'trainlint' else version(package)}",
                f"{seconds:.1f} s",
                f"{megabytes:.0f} MB",
                said,
            )


def main() -> None:
    """Write the logs, read them, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=4)
    parser.add_argument("--points", type=int, default=2_000, help="steps per run")
    arguments = parser.parse_args()
    print(f"{arguments.runs} runs of {arguments.points:,} steps with two losses, {datetime.now(UTC):%Y-%m-%d},")
    print(f"Python {platform.python_version()}, {os.cpu_count()} CPUs\n")
    print("| Logs | Reader | CPU time | Memory | Result |\n|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as name:
        write(Path(name), arguments.runs, arguments.points)
        for row in rows(Path(name)):
            print(f"| {' | '.join(row)} |", flush=True)


if __name__ == "__main__":
    main()
