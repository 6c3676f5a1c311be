"""How fast large tables are read, beside pandas, pyarrow, polars and orjson on the same files.

    python benchmarks/read_tables.py                             # 1 million rows x 10 columns, CSV and JSON lines
    python benchmarks/read_tables.py --rows 100000 --repeats 3   # smaller
    python benchmarks/read_tables.py --digits 17                 # numbers as Python's repr writes them
    python benchmarks/read_tables.py --kinds csv --readers trainlint pandas

Makes its own data (kept in --data for the next time): missing, NaN and infinite values among the numbers; "finite" is JSON
lines with null for those that are not finite, which orjson reads without help, "small" are 1,000 CSV files of 1 KB. Every
figure is the median of --repeats processes after one to warm up, the readers taking turns; "reader" is the reading alone,
"process" the whole process with its imports. trainlint does more than its peers: it tells missing from NaN, finds the axes,
and makes curves. Readers that are not installed, or cannot read the file, are left out and named.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from table_readers import READERS

HERE = Path(__file__).parent
COLUMNS = 8  # of metrics, beside step and epoch
MISSING, NOT_A_NUMBER, INFINITE = 0.005, 0.005, 0.001  # shares of the cells

SPELLINGS = {"csv": ("", "nan", "inf"), "jsonl": ("null", "NaN", "Infinity"), "finite": ("null", "null", "null")}
SMALL_FILES, SMALL_ROWS = 1_000, 12  # of about 1 KB


def write_small(folder: Path) -> None:
    folder.mkdir()
    for index in range(SMALL_FILES):
        write("csv", folder / f"metrics-{index}.csv", SMALL_ROWS, 6)


def write(kind: str, path: Path, rows: int, digits: int) -> None:
    generator = np.random.default_rng(1)
    names = [f"train/metric_{i}" for i in range(COLUMNS)]
    spell = SPELLINGS[kind]
    with path.open("w", encoding="utf-8") as file:
        if kind == "csv":
            file.write(",".join(["step", "epoch", *names]) + "\n")
        for first in range(0, rows, 10_000):
            count = min(10_000, rows - first)
            kinds = generator.choice(
                4, (count, COLUMNS), p=[MISSING, NOT_A_NUMBER, INFINITE, 1 - MISSING - NOT_A_NUMBER - INFINITE]
            )
            values = generator.standard_normal((count, COLUMNS))
            for i, (row, of) in enumerate(zip(values.tolist(), kinds.tolist(), strict=True), start=first):
                cells = [f"{v:.{digits}g}" if k == 3 else spell[k] for v, k in zip(row, of, strict=True)]
                if kind == "csv":
                    file.write(f"{i},{i // 1000},{','.join(cells)}\n")
                else:
                    metrics = ", ".join(f'"{name}": {cell}' for name, cell in zip(names, cells, strict=True))
                    file.write(f'{{"step": {i}, "epoch": {i // 1000}, {metrics}}}\n')


def measure(kind: str, reader: str, path: Path) -> dict[str, Any] | str:
    """One process; the last line of its error if it failed."""
    clock = time.perf_counter()
    command = [sys.executable, str(HERE / "table_readers.py"), kind, reader, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        return (done.stderr.strip().splitlines() or [f"exit code {done.returncode}"])[-1]
    return {**json.loads(done.stdout), "process_wall": time.perf_counter() - clock}


def compare(kind: str, readers: list[str], path: Path, repeats: int) -> None:
    results: dict[str, list[dict[str, Any]]] = {}
    failed: dict[str, str] = {}
    for turn in range(repeats + 1):
        for reader in readers:
            if reader in failed or reader not in READERS[kind]:
                continue
            result = measure(kind, reader, path)
            if isinstance(result, str):
                failed[reader] = result
            elif turn:
                results.setdefault(reader, []).append(result)
    size = sum(file.stat().st_size for file in path.iterdir()) if path.is_dir() else path.stat().st_size
    print(f"\n{path.name}, {size / 1e6:.0f} MB")
    print(f"{'':12}{'reader CPU':>11}{'wall':>8}{'process CPU':>13}{'wall':>8}{'peak MB':>9}  rows x columns")
    medians = {
        reader: {key: statistics.median(r[key] for r in found) for key in found[0] if key != "facts"}
        for reader, found in results.items()
    }
    for reader, m in medians.items():
        rows, columns = results[reader][0]["facts"]
        print(
            f"{reader:12}{m['cpu']:11.2f}{m['wall']:8.2f}{m['process_cpu']:13.2f}{m['process_wall']:8.2f}{m['peak_mb']:9.0f}"
            f"  {rows:,} x {columns}"
        )
    for key, title in (("cpu", "reader"), ("process_cpu", "process")) if "trainlint" in medians else ():
        ratios = [
            f"{medians['trainlint'][key] / m[key]:.2f} {reader}"
            for reader, m in medians.items()
            if reader != "trainlint"
        ]
        print(f"{title} CPU of trainlint over that of: {', '.join(ratios)}")
    for reader, reason in failed.items():
        print(f"{reader}: left out ({reason[:100]})")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    names = sorted({name for readers in READERS.values() for name in readers})
    parser.add_argument("--kinds", nargs="+", default=list(READERS), choices=list(READERS))
    parser.add_argument("--readers", nargs="+", default=names, choices=names)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--digits", type=int, default=6, help="significant digits of a number")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--data", type=Path, default=Path(tempfile.gettempdir()) / "trainlint-benchmark")
    options = parser.parse_args()
    options.data.mkdir(parents=True, exist_ok=True)
    for kind in options.kinds:
        path = options.data / ("small" if kind == "small" else f"table-{options.rows}-{options.digits}.{kind}")
        if not path.exists():
            print(f"making {path} ...", file=sys.stderr)
            write_small(path) if kind == "small" else write(kind, path, options.rows, options.digits)
        compare(kind, options.readers, path, options.repeats)


if __name__ == "__main__":
    main()
