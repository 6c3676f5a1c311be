"""How fast event files are read, beside everything else that reads them from Python.

    python benchmarks/read_events.py                          # all cases of docs/reading-event-files.md, about half an hour
    python benchmarks/read_events.py --scale 0.05             # smaller
    python benchmarks/read_events.py --cases tensors --readers trainlint rustboard
    python benchmarks/read_events.py --growth                 # time against size, from 10 thousand to 10 million rows

Makes its own data (kept in --data for the next time). Needs tensorboard, tbparse and grpcio.
Every figure is the median of --repeats processes, the readers taking turns, after a round to warm up; "reader" is the reading alone, "process" the whole
process with its imports; for rustboard both include the server.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from event_data import cases, scalars, write_events

HERE = Path(__file__).parent
READERS = ("trainlint", "trainlint-unverified", "rustboard", "protobuf", "tbparse", "accumulator")
SLOW = {"tbparse", "accumulator"}  # left out where they would take minutes a time, unless asked for
SLOW_CASES = {"scalars-20-tags"}
GROWTH_ROWS = (10_000, 100_000, 1_000_000, 10_000_000)


def measure(readers: list[str], folder: Path, repeats: int) -> dict[str, dict[str, Any]]:
    """Medians of `repeats` processes of each reader, taking turns, after a round that is not counted."""
    results: dict[str, list[dict[str, Any]]] = {reader: [] for reader in readers}
    for _ in range(repeats + 1):
        for reader in readers:
            clock = time.perf_counter()
            command = [sys.executable, str(HERE / "event_readers.py"), reader, str(folder)]
            done = subprocess.run(command, capture_output=True, text=True, check=True, env=os.environ)
            result = json.loads(done.stdout)
            result["process_wall"] = time.perf_counter() - clock
            results[reader].append(result)
    medians = {}
    for reader, (_, *kept) in results.items():
        medians[reader] = {key: statistics.median(r[key] for r in kept) for key in kept[0] if key != "found"}
        medians[reader]["found"] = kept[0]["found"]
    return medians


def compare(names: list[str], readers: list[str], data: Path, scale: float, repeats: int, *, all_slow: bool) -> None:
    makers = cases(scale)
    for name in names:
        folder = data / f"{name}-{scale:g}"
        if not folder.exists():
            print(f"making {folder} ...", file=sys.stderr)
            makers[name](folder)
        size = sum(path.stat().st_size for path in folder.rglob("*tfevents*")) / 1e6
        print(f"\n{name}, {size:.0f} MB")
        print(
            f"{'':22}{'reader CPU':>11}{'wall':>8}{'process CPU':>13}{'wall':>8}{'peak MB':>9}{'times':>8}  points, histograms, sum"
        )
        wanted = [reader for reader in readers if reader not in SLOW or name in SLOW_CASES or all_slow]
        own = None
        for reader, m in measure(wanted, folder, repeats).items():
            own = own or m["cpu"]
            points, histograms, total = m["found"]
            print(
                f"{reader:22}{m['cpu']:11.3f}{m['wall']:8.3f}{m['process_cpu']:13.3f}{m['process_wall']:8.3f}"
                f"{m['peak_mb']:9.0f}{m['cpu'] / own:8.1f}  {points:,}, {histograms:,}, {total:.1f}",
                flush=True,
            )


def growth(data: Path, repeats: int) -> None:
    """Print the reader's CPU time against the rows of one file, and the slope between neighbours in log-log."""
    seconds = []
    print(f"{'rows':>12}{'CPU s':>9}{'ns a row':>10}{'peak MB':>9}{'slope':>7}")
    for rows in GROWTH_ROWS:
        folder = data / f"growth-{rows}"
        if not folder.exists():
            write_events(folder / "events.out.tfevents.1700000000.host.1.0", scalars(rows, 20))
        m = measure(["trainlint"], folder, repeats)["trainlint"]
        seconds.append(m["cpu"])
        slope = f"{np.log10(seconds[-1] / seconds[-2]):7.2f}" if len(seconds) > 1 else ""
        print(f"{rows:12,}{m['cpu']:9.3f}{m['cpu'] / rows * 1e9:10.0f}{m['peak_mb']:9.0f}{slope}", flush=True)
    whole = np.polyfit(np.log10(GROWTH_ROWS[1:]), np.log10(seconds[1:]), 1)[0]
    print(f"slope from {GROWTH_ROWS[1]:,} rows on: {whole:.3f} (1 is linear)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cases", nargs="+", default=list(cases(1)), choices=list(cases(1)))
    parser.add_argument("--readers", nargs="+", default=list(READERS), choices=READERS)
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full size")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--data", type=Path, default=Path(tempfile.gettempdir()) / "trainlint-benchmark")
    parser.add_argument("--growth", action="store_true")
    parser.add_argument("--all-slow", action="store_true", help="tbparse and EventAccumulator on every case")
    options = parser.parse_args()
    if options.growth:
        growth(options.data, options.repeats)
    else:
        compare(options.cases, options.readers, options.data, options.scale, options.repeats, all_slow=options.all_slow)


if __name__ == "__main__":
    main()
