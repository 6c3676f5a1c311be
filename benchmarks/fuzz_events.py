"""Throws broken event files at the reader: random bytes, and good files with bytes flipped, cut, moved, put in or doubled.

    python benchmarks/fuzz_events.py [--inputs 200000] [--minutes 10] [--seed 0]

Half of the changes are made inside payloads whose checksums are then put right, so that they reach the decoder. A finding
is an exception, a warning, more than --limit seconds for one file, or memory that grows. It is written to the folder
`fuzz-findings` and the run goes on; what was found so far stands in tests/parsers/test_event_findings.py.
"""

from __future__ import annotations

import argparse
import random
import resource
import sys
import tempfile
import time
import traceback
import warnings
from pathlib import Path

from event_data import cases
from google_crc32c import value as crc32c
from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary

from trainlint.parsers.tensorboard import parse, parse_folders

MOST_MEMORY_GROWTH_MB = 200


def masked(data: bytes) -> bytes:
    crc = crc32c(data)
    return (((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF).to_bytes(4, "little")


def framed(payload: bytes) -> bytes:
    length = len(payload).to_bytes(8, "little")
    return length + masked(length) + payload + masked(payload)


def payloads(data: bytes) -> list[bytes]:
    found, place = [], 0
    while place < len(data):
        length = int.from_bytes(data[place : place + 8], "little")
        found.append(data[place + 12 : place + 12 + length])
        place += 16 + length
    return found


def seeds() -> list[list[bytes]]:
    """Payloads of small files of every kind."""
    found = []
    with tempfile.TemporaryDirectory() as folder:
        for name, make in cases(0.001).items():
            make(Path(folder, name))
        for path in sorted(Path(folder).rglob("*tfevents*")):
            some = payloads(path.read_bytes())[:40]
            found.append(some if sum(map(len, some)) < 10_000 else some[:6])
    many = Summary(value=[Summary.Value(tag=f"t{i}", simple_value=i) for i in range(9)])
    found.append([Event(wall_time=1.0, step=i, summary=many).SerializeToString() for i in range(9)])
    restart = Event(wall_time=1.0, step=3, session_log=SessionLog(status=SessionLog.START))
    found.append([*found[0][:20], restart.SerializeToString(), *found[0][10:20]])
    return found


def mutated(data: bytes, chance: random.Random) -> bytes:
    """`data` with one to eight changes."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 3, 8))):
        place = chance.randrange(len(changed) + 1)
        size = chance.choice((1, 1, 2, 4, 8, 30))
        kind = chance.randrange(6)
        if kind == 0 and place < len(changed):
            changed[place] ^= 1 << chance.randrange(8)
        elif kind == 1 and place < len(changed):
            changed[place] = chance.choice((0, 1, 9, 10, 0x15, 0x2A, 0x42, 0x4A, 0x7F, 0x80, 0xFF))
        elif kind == 2:
            del changed[place : place + size]
        elif kind == 3:
            changed[place:place] = chance.randbytes(size)
        elif kind == 4:
            changed[place:place] = changed[chance.randrange(len(changed) + 1) :][:size]
        else:
            changed[place:place] = bytes(size)
    return bytes(changed)


def made(base: list[bytes], chance: random.Random) -> bytes:
    kind = chance.randrange(20)
    if kind == 0:
        return chance.randbytes(chance.randrange(2000))
    picked = chance.sample(base, chance.randrange(1, len(base) + 1)) if kind < 8 else base
    if kind % 2:
        return mutated(b"".join(map(framed, picked)), chance)
    return b"".join(framed(mutated(p, chance) if chance.random() < 0.2 else p) for p in picked)


def peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=200_000)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--limit", type=float, default=5, help="seconds of CPU for one file")
    options = parser.parse_args()
    warnings.simplefilter("error")
    chance, bases = random.Random(options.seed), seeds()
    begun, findings, count, slowest = time.monotonic(), 0, 0, 0.0
    started_at = 0.0
    with tempfile.TemporaryDirectory() as folder:
        path, other = Path(folder, "a.tfevents"), Path(folder, "b.tfevents")
        other.write_bytes(b"".join(map(framed, bases[0])))
        while count < options.inputs and time.monotonic() - begun < 60 * options.minutes:
            data = made(chance.choice(bases), chance)
            path.write_bytes(data)
            clock = time.process_time()
            try:
                _ = list(parse_folders([[path], [other]])) if count % 4 == 0 else list(parse(path))
                problem = ""
            except Exception:  # noqa: BLE001 - that is what is looked for
                problem = traceback.format_exc()
            seconds = time.process_time() - clock
            slowest = max(slowest, seconds)
            if seconds > options.limit:
                problem += f"{seconds} s"
            if count == 1000:
                started_at = peak_mb()
            if count > 1000 and peak_mb() > started_at + MOST_MEMORY_GROWTH_MB:
                problem += f"{peak_mb()} MB"
                started_at = peak_mb()
            count += 1
            if problem:
                findings += 1
                Path("fuzz-findings").mkdir(exist_ok=True)
                Path("fuzz-findings", f"{options.seed}-{count}.tfevents").write_bytes(data)
                print(f"input {count}, {len(data)} bytes:\n{problem}", flush=True)
    print(
        f"{count:,} inputs in {time.monotonic() - begun:.0f} s, {findings} findings, slowest {slowest:.3f} s, {peak_mb():.0f} MB"
    )
    sys.exit(findings > 0)


if __name__ == "__main__":
    main()
