"""How fast text logs are read, in MB per CPU second, and how much memory it takes.

    python benchmarks/read_texts.py                          # 30 MB of each kind of log
    python benchmarks/read_texts.py --other OLD/bin/python   # beside another installation, in turns
    python benchmarks/read_texts.py --megabytes 1000 --kinds known

Makes its own logs (kept in --data for the next time): "known" is a dialect with known names behind a logger's prefix,
"unknown" has names, a counter and a layout that nothing in the parser lists, "mixed" adds lines of prose and of an
evaluation, "table" is a table below a header, "prose" is nothing but text. Every figure is the median of --repeats processes
after one to warm up. Reading is parsing alone, without rules; of a log above 40 MB the parser reads the start and the end.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable

LINES_AT_A_TIME = 10_000
MAX_READ = 40 * 1024**2  # bytes of a log that the parser reads
READ = """
import resource, sys, time
from pathlib import Path
from trainlint.parsers.formats.generic.plain_text import parse
path = Path(sys.argv[1])
start = time.process_time()
points = sum(len(curve) for run in parse(path) for curve in run.all_curves)
print(time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, points)
"""


def known(i: int, x: list[float]) -> str:
    clock = f"2024-01-01 {i // 3600 % 24:02d}:{i // 60 % 60:02d}:{i % 60:02d},000"
    return f"{clock} - INFO - trainer - step {i} | loss {x[0]:.4f} | lr {x[1] / 1e3:.3e} | grad_norm {x[2]:.3f}\n"


def unknown(i: int, x: list[float]) -> str:
    return (
        f"[node7] sweep #{i}: Q_ab {x[0]:.5f}; flux={x[1] / 1e5:.4e}, (wiggle: {x[2]:.3f}) residual {x[3]:.2f} units\n"
    )


def mixed(i: int, x: list[float]) -> str:
    if i % 10 == 3:
        return (
            f"Saved the weights number {int(x[0] * 1e6)} to /runs/{int(x[1] * 1e9):x}/model.pt in {x[2]:.2f} seconds\n"
        )
    if i % 10 == 7:
        return f"Validation perplexity: {x[0] * 10:.4f}\n"
    return f"epoch {1 + i // 1000} iter {i}: obj {x[0]:.4f} gap {x[1] - 0.5:.4f} lr 0.001\n"


def table(i: int, x: list[float]) -> str:
    header = "      it       zeta      kappa     rho_val\n" if i == 0 else ""
    return f"{header}{i:>8} {x[0]:>10.4e} {x[1]:>10.4e} {x[2]:>11.6f}\n"


def prose(i: int, x: list[float]) -> str:
    words = "of the and to in that it was as for on with be at by this had not are but".split()
    return " ".join(words[int(y * 1e6) % 20] for y in (*x, *x[::-1])) + f" {i}.\n"


KINDS: dict[str, Callable[[int, list[float]], str]] = {
    "known": known, "unknown": unknown, "mixed": mixed, "table": table, "prose": prose
}  # fmt: skip


def write(kind: str, path: Path, size: int) -> None:
    generator = np.random.default_rng(1)
    line, first = KINDS[kind], 0
    with path.open("w", encoding="utf-8") as file:
        while file.tell() < size:
            rows = generator.random((LINES_AT_A_TIME, 4)).tolist()
            file.writelines(line(first + i, row) for i, row in enumerate(rows))
            first += LINES_AT_A_TIME


def measure(python: str, path: Path) -> tuple[float, float, int]:
    """CPU seconds of reading, the most MB of memory, and the points that were read."""
    command = [python, "-c", READ, str(path)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seconds, memory, points = done.stdout.split()
    return float(seconds), float(memory), int(points)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=int, default=30)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--kinds", nargs="+", choices=list(KINDS), default=list(KINDS))
    parser.add_argument("--other", help="python of another installation of trainlint")
    parser.add_argument("--data", type=Path, default=Path(tempfile.gettempdir()) / "trainlint-read-texts")
    options = parser.parse_args()
    options.data.mkdir(exist_ok=True)
    pythons = {"this": sys.executable} | ({"other": options.other} if options.other else {})
    for kind in options.kinds:
        path = options.data / f"{kind}-{options.megabytes}.log"
        if not path.exists():
            write(kind, path, options.megabytes * 1_000_000)
        size = min(path.stat().st_size, MAX_READ) / 1e6
        found: dict[str, list[tuple[float, float, int]]] = {name: [] for name in pythons}
        for turn in range(options.repeats + 1):
            for name, python in pythons.items():
                measured = measure(python, path)
                found[name] += [measured] if turn else []
        for name, runs in found.items():
            speed = size / statistics.median(seconds for seconds, _, _ in runs)
            memory = max(memory for _, memory, _ in runs)
            print(f"{kind:8} {name:6} {speed:6.1f} MB/CPU s  {memory:5.0f} MB  {runs[0][2]:,} points")


if __name__ == "__main__":
    main()
