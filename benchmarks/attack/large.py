"""What logs of gigabytes cost, whether the end of their runs is judged, and whether what was left out is said.

    python benchmarks/attack/large.py                       # 2 GB CSV, 2 GB JSON lines, 1 GB text, 3 GB event file
    python benchmarks/attack/large.py --scale 0.01          # for CI
    python benchmarks/attack/large.py --only csv text

Each file is written with numpy into a temporary folder, audited in a process of its own, and deleted. All are of one
training: its loss falls, one value in the middle is infinite, and it rises in the last thousandth.
The table says CPU seconds, peak memory, whether the last step was read, and which notes stand in the terminal. Exits
with 1 if a file takes more than --max-mb or its last step was not read.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from bomb_files import varint

MAX_MB = 400
GIGABYTE = 1_000_000_000
SIZES = {"csv": 2.0, "jsonl": 2.0, "text": 1.0, "events": 3.0}  # GB
FILES = {
    "csv": "metrics.csv",
    "jsonl": "metrics.jsonl",
    "text": "train.log",
    "events": "events.out.tfevents.1.host.1.0",
}
LINES = {  # of fixed width; "{0}" is the step, the others are metrics
    "csv": ("step,train/loss,val/loss,lr,grad_norm\n", "{0},{1},{2},{3},{4}\n"),
    "jsonl": ("", '{{"step": {0}, "train/loss": {1}, "val/loss": {2}, "lr": {3}, "grad_norm": {4}}}\n'),
    "text": ("", "step {0}: train loss {1}, val loss {2}, lr {3}, grad norm {4}\n"),
}
WIDTH = 9  # characters of a number
FIRST_STEP = 10 ** (WIDTH - 1)  # so that all steps are as wide, without blanks before them
BLOCK_ROWS = 200_000
IMAGE_BYTES = 200_000  # of an event, one after every so many scalars
SCALARS_AN_IMAGE = 100


def losses(rows: int) -> np.ndarray:
    """float64 [rows] of the training loss."""
    noise = np.random.default_rng(1).standard_normal(rows) * 0.02
    loss = 0.3 + 2.0 * np.exp(-np.arange(rows) / (0.15 * rows)) + noise
    tail = max(rows // 1000, 10)
    loss[-tail:] += np.linspace(0, 3, tail)
    return loss


def write_rows(kind: str, path: Path, size: float) -> int:
    """Write a table of about `size` bytes; the last step."""
    head, line = LINES[kind]
    cells = [f"%{WIDTH}d" % 0] + ["0" * WIDTH] * 4
    width = len(line.format(*cells))
    rows = int((size - len(head)) // width)
    loss = losses(rows)
    template = np.frombuffer(line.format(*cells).encode(), np.uint8)
    places = [line.format(*[c if i != j else "\1" * WIDTH for j, c in enumerate(cells)]).find("\1") for i in range(5)]
    with path.open("wb") as file:
        file.write(head.encode())
        for first in range(0, rows, BLOCK_ROWS):
            count = min(BLOCK_ROWS, rows - first)
            block = np.tile(template, (count, 1))
            step = FIRST_STEP + np.arange(first, first + count)
            part = loss[first : first + count]
            block[:, places[0] : places[0] + WIDTH] = _digits(step, "step")
            for place, column in zip(
                places[1:],
                (part, part * 1.1, 1e-3 * (1 - np.arange(first, first + count) / rows) + 1e-6, 1 + part),
                strict=True,
            ):
                block[:, place : place + WIDTH] = _digits(
                    np.rint(np.minimum(column, 9.9) * 1e7).astype(np.int64), "value"
                )
            if first <= rows // 2 < first + count:
                place = places[1]
                block[rows // 2 - first, place : place + WIDTH] = np.frombuffer(
                    b"inf".rjust(WIDTH) if kind != "jsonl" else b" Infinity", np.uint8
                )
            file.write(block.tobytes())
    return FIRST_STEP + rows - 1


def _digits(number: np.ndarray, kind: str) -> np.ndarray:
    """uint8 [n, WIDTH]: right-aligned steps, or values with a point after the first digit."""
    out = np.empty((len(number), WIDTH), np.uint8)
    left = number.copy()
    for place in reversed(range(WIDTH)):
        if kind == "value" and place == 1:
            out[:, place] = ord(".")
            continue
        out[:, place] = ord("0") + left % 10
        left //= 10
    return out


def write_events(path: Path, size: float) -> int:
    """Write scalars with an image after every hundred; the last step."""
    from google_crc32c import value as crc32c

    def masked(data: bytes) -> bytes:
        crc = crc32c(data)
        return ((((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF).to_bytes(4, "little")

    def record(payload: bytes) -> bytes:
        length = len(payload).to_bytes(8, "little")
        return length + masked(length) + payload + masked(payload)

    def field(number: int, content: bytes) -> bytes:
        return varint(number << 3 | 2) + varint(len(content)) + content

    def event(step: int, value: bytes) -> bytes:
        wall_time = b"\x09" + np.float64(1.7e9 + step).tobytes()
        return record(wall_time + b"\x10" + varint(step) + field(5, field(1, value)))

    picture = np.random.default_rng(1).bytes(IMAGE_BYTES)
    image = field(1, b"samples") + field(4, b"\x08\x40\x10\x40\x18\x03" + field(4, picture))
    rows = int(size // (IMAGE_BYTES / SCALARS_AN_IMAGE + 57))
    loss = losses(rows).astype(np.float32)
    loss[rows // 2] = np.inf
    with path.open("wb") as file:
        file.write(record(b"\x09" + np.float64(1.7e9).tobytes() + field(3, b"brain.Event:2")))
        for step in range(rows):
            file.write(event(step, field(1, b"train/loss") + b"\x15" + loss[step].tobytes()))
            if step % SCALARS_AN_IMAGE == 0:
                file.write(event(step, image))
    return rows - 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", default=list(SIZES), choices=list(SIZES))
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--max-mb", type=float, default=MAX_MB)
    parser.add_argument(
        "--write", nargs=3, metavar=("KIND", "BYTES", "PATH"), help="write one file and print its last step"
    )
    options = parser.parse_args()
    if options.write:
        kind, size, path = options.write
        print(write_events(Path(path), float(size)) if kind == "events" else write_rows(kind, Path(path), float(size)))
        return
    from bombs import audit

    failed = []
    print(f"{'kind':8}{'file MB':>9}{'CPU s':>8}{'peak MB':>9}{'exit':>6}{'last step':>13}  read")
    for kind in options.only:
        with tempfile.TemporaryDirectory() as folder:
            path, size = Path(folder) / FILES[kind], SIZES[kind] * GIGABYTE * options.scale
            # in a process of its own: a child starts with the peak memory of who forked it
            command = [sys.executable, __file__, "--write", kind, str(size), str(path)]
            last = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            cost = audit(Path(folder), "--report", f"{folder}/report")
            size = path.stat().st_size
            entry = json.loads(Path(folder, "report", "report.json").read_text())["runs"][0]
        read = max(metric["last_step"] for metric in entry["metrics"])
        is_bad = cost.peak_mb > options.max_mb or read != last or cost.code != 0
        failed += [kind] if is_bad else []
        print(
            f"{kind:8}{size / 1e6:9,.0f}{cost.seconds:8.1f}{cost.peak_mb:9,.0f}{cost.code:6}{last:13,}  {read:,}"
            f"{'  FAILED' if is_bad else ''}",
            flush=True,
        )
        print("".join(f"    {line.strip()[:180]}\n" for line in cost.said.splitlines()), end="")
    raise SystemExit(bool(failed))


if __name__ == "__main__":
    main()
