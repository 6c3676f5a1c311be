"""What small logs cost that ask for far more memory or time than their size says.

    python benchmarks/attack/bombs.py                # all, a few minutes
    python benchmarks/attack/bombs.py --short        # for CI: the worst of each kind
    python benchmarks/attack/bombs.py --only npz gz  # those whose names hold a word

Each bomb is made in a temporary folder and audited in a process of its own, with limits of the system on its memory and
its time. The table says the size of its files, CPU seconds and peak memory of the process, its exit code, and the last
lines of what it printed. Exits with 1 if a bomb takes more than --max-mb or --max-seconds, is killed, or prints a
traceback.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from bomb_files import SHORT, bombs

MAX_MB, MAX_SECONDS = 400, 20
HARD_BYTES, HARD_SECONDS = 12 << 30, 180  # limits of the system: beyond, the process ends


class Cost(NamedTuple):
    seconds: float  # CPU
    peak_mb: float
    code: int
    said: str


def audit(folder: Path, *options: str) -> Cost:
    """Audit a folder in a process of its own."""

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (HARD_BYTES, HARD_BYTES))
        resource.setrlimit(resource.RLIMIT_CPU, (HARD_SECONDS, HARD_SECONDS))

    command = [sys.executable, "-P", "-m", "trainlint", "audit", str(folder), *(options or ["--no-report"])]
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, preexec_fn=limit)  # noqa: PLW1509
        _, status, used = os.wait4(process.pid, 0)
        out.seek(0)
        said = out.read().decode(errors="replace")
    code = os.waitstatus_to_exitcode(status)
    process.returncode = code
    return Cost(used.ru_utime + used.ru_stime, used.ru_maxrss / 1024, code, said)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=[])
    parser.add_argument("--make", nargs=2, metavar=("NAME", "FOLDER"), help="write one and do not audit it")
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--max-mb", type=float, default=MAX_MB)
    parser.add_argument("--max-seconds", type=float, default=MAX_SECONDS)
    parser.add_argument("--lines", type=int, default=2, help="of what was printed")
    options = parser.parse_args()
    if options.make:
        name, folder = options.make
        bombs()[name](Path(folder))
        return
    chosen = [
        name
        for name in bombs()
        if (name in SHORT or not options.short) and (not options.only or any(word in name for word in options.only))
    ]
    failed = []
    print(f"{'bomb':38}{'file KB':>9}{'CPU s':>8}{'peak MB':>9}{'exit':>6}")
    for name in chosen:
        with tempfile.TemporaryDirectory() as folder:
            # in a process of its own: a child starts with the peak memory of who forked it
            subprocess.run([sys.executable, __file__, "--make", name, folder], check=True)
            size = sum(file.stat().st_size for file in Path(folder).iterdir())
            cost = audit(Path(folder))
        is_bad = cost.seconds > options.max_seconds or cost.peak_mb > options.max_mb or cost.code < 0
        is_bad |= "Traceback" in cost.said
        failed += [name] if is_bad else []
        mark = "  FAILED" if is_bad else ""
        print(f"{name:38}{size / 1024:9,.0f}{cost.seconds:8.2f}{cost.peak_mb:9,.0f}{cost.code:6}{mark}", flush=True)
        for line in [line for line in cost.said.splitlines() if line.strip()][-options.lines :]:
            print(f"    {line.strip()[:180]}")
    print(
        f"{len(chosen) - len(failed)} of {len(chosen)} within {options.max_mb:.0f} MB and {options.max_seconds:.0f} s"
    )
    raise SystemExit(bool(failed))


if __name__ == "__main__":
    main()
