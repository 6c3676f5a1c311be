"""Good logs of every format, small, as folders of files: what the fuzzer damages.

They are the samples of the tests, of 12 rows and again of 48 so that rules have something to judge; the sample logs as far
as they are small; and a few more that the samples have not: compressed text, databases with what a killed writer leaves.
"""

from __future__ import annotations

import gzip
import random
import sqlite3
import struct
import sys
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from . import archives, databases, records

ROOT = Path(__file__).parents[3]
MOST_BYTES = 6_000  # of a seed: an input takes some milliseconds at most
ROWS = 48  # of the longer samples
SALT = 0x5EED
SETTINGS = {
    "args.yaml": b"lr0: 0.01\nmodel: yolo\nnested:\n  a: [1, 2, 3]\n  b: null\n",
    "config.json": b'{"lr": 0.25, "model": {"layers": 3, "name": "a"}}',
}


@dataclass(frozen=True, slots=True)
class Seed:
    """A log: `files` by path in its folder, of which the parser `parser` is given one, and `main` is changed most."""

    parser: str
    main: str
    files: dict[str, bytes]
    given: str


TEXTS = {
    "train.log": [
        "[2026-01-01 10:00:{i:02}] INFO trainer: Epoch [{i}/40] Iter 100 lr: 1.0e-03 loss: {loss:.4f} acc: {acc:.3f} time: 0.12",
        "2026-01-01 10:00:{i:02},123 - epoch {i}: {{'train_loss': {loss:.4f}, 'eval_loss': {val:.4f}}}",
    ],
    "stdout.txt": [
        "Epoch {i}/40\n10/10 [==============================] - 1s 9ms/step - loss: {loss:.4f} - accuracy: {acc:.4f} - val_loss: {val:.4f}",
        " {i}%|███▌      | {i}/40 [00:0{d}<00:30, 1.1it/s, loss={loss:.3f}, v_num=0]\r\nWARNING: slow",
    ],
    "slurm-1.out": [
        "{{'loss': {loss:.4f}, 'grad_norm': 1.5, 'learning_rate': 5e-05, 'epoch': {i}.0}}",
        " iteration {i:8}/ 40 | consumed samples: {i} | elapsed time per iteration (ms): 12.5 | lm loss: {loss:.6E} | loss scale: 1.0 | nan iterations: 0 |",
        "| epoch {i:03} | valid on 'valid' subset | loss {val:.3f} | ppl 12.5 | num_updates {i}00 | best_loss 1.0",
        "step {i}/40 | loss {loss:.6f} (+0.1z)| norm 1.2 (-0.3z)| lr 6.00e-04 | 120 ms | 50% bf16 MFU | 1000 tok/s",
    ],
}
CRASH = 'Traceback (most recent call last):\n  File "train.py", line 9, in <module>\n    main()\nRuntimeError: CUDA out of memory. Tried to allocate 2.00 GiB\n'


def _seed(parser: str, main: str, files: dict[str, bytes]) -> Seed:
    """Its parser is given the main file, or the only one of them that has a name for it."""
    from trainlint.parsers.registry import PARSERS

    (matches,) = (each.matches for each in PARSERS if each.id == parser)
    given = main if matches(Path(main).name) else next(name for name in files if matches(Path(name).name))
    return Seed(parser, main, files, given)


def all_seeds() -> dict[str, list[Seed]]:
    """By id of the parser; the same bytes at any time."""
    found = [*_samples(None), *_samples(ROWS), *_sample_logs(), *_texts(), *_events(), *_workers()]
    found += [more for seed in found for more in _variants(seed)]
    by_parser: dict[str, list[Seed]] = {}
    for seed in found:
        by_parser.setdefault(seed.parser, []).append(seed)
    return by_parser


def _samples(rows: int | None) -> list[Seed]:
    """The samples of tests/parsers/format_samples.py, with their columns made longer if a number of rows is given."""
    if str(ROOT) not in sys.path:
        sys.path.append(str(ROOT))
    from tests.parsers import format_samples as formats

    kept = {name: getattr(formats, name) for name in ("N", "LOSS", "VAL", "ACC")}
    if rows is not None:
        formats.N = rows
        formats.LOSS = [2.5 * 0.93**i + 0.01 * (i % 3) for i in range(rows)]
        formats.VAL = [1.5 + abs(i - 20) / 16 + 0.02 * (i % 5) for i in range(rows)]
        formats.ACC = [1 - 0.95**i for i in range(rows)]
    try:
        with tempfile.TemporaryDirectory() as folder:
            made = []
            for sample in formats.built(Path(folder, "made")):
                home = Path(folder, sample.parser)
                sample.write(home)
                made.append(_seed(sample.parser, sample.main, _files(home)))
            return made
    finally:
        for name, value in kept.items():
            setattr(formats, name, value)


def _texts() -> list[Seed]:
    """Lines as well-known trainers print them."""
    found = []
    for name, dialects in TEXTS.items():
        for dialect in dialects:
            rows = (dialect.format(i=i, d=i % 10, loss=2.5 * 0.9**i, val=2 * 0.95**i, acc=i / 40) for i in range(1, 31))
            found.append(_seed("plain-text", name, {name: ("\n".join(rows) + "\n" + CRASH).encode()}))
    return found


def _events() -> list[Seed]:
    """Event files of every kind (histograms, images, tensors), the first records of each, and two files of one run."""
    from tests.parsers import event_files

    if str(ROOT / "benchmarks") not in sys.path:
        sys.path.append(str(ROOT / "benchmarks"))
    from event_data import cases

    found: list[Seed] = []
    with tempfile.TemporaryDirectory() as folder:
        for name, make in cases(0.001).items():
            random.seed(0)  # the writer draws its values from it
            make(Path(folder, name))
            path = min(Path(folder, name).rglob("*tfevents*"))
            some = records.payloads(path.read_bytes())[:12]
            while sum(map(len, some)) > MOST_BYTES and len(some) > 2:
                some.pop()
            some = [payload[:MOST_BYTES] for payload in some]
            found.append(_seed("tensorboard", path.name, {path.name: b"".join(map(records.event, some))}))
    first = [event_files.VERSION, *(event_files.scalar("loss", 3 - i / 8, i, 100 + i) for i in range(12))]
    again = [
        event_files.VERSION,
        event_files.start(6),
        *(event_files.scalar("loss", 2 - i / 8, i, 200 + i) for i in range(6, 20)),
    ]
    files = {
        f"events.out.tfevents.{i}.host": event_files.records(*events) for i, events in enumerate((first, again), 1)
    }
    return [*found, _seed("tensorboard", min(files), files)]


def _workers() -> list[Seed]:
    """Episodes of two workers, which are read together."""
    rows = "".join(f"{10 + i},20,{i / 8}\n" for i in range(20))
    text = '#{"t_start": 1700000000.5, "env_id": "CartPole-v1"}\nr,l,t\n' + rows
    files = {f"{i}.monitor.csv": text.encode() for i in range(2)}
    return [_seed("sb3-monitor", "0.monitor.csv", files)]


def _files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): _undated(path.read_bytes())
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _undated(data: bytes) -> bytes:
    """An archive with fixed dates; anything else as it is."""
    return archives.packed(archives.members_of(data)) if data.startswith(b"PK\3\4") else data


def _sample_logs() -> list[Seed]:
    """The logs of sample_logs/ that are small, each with the settings beside it."""
    from trainlint.analyzer.reading.discover import discover

    found = discover([ROOT / "sample_logs"])
    seeds = []
    for log in (log for group in found.groups for log in group.files):
        folder = log.path.parent
        files = {path.name: path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file()}
        if sum(map(len, files.values())) <= MOST_BYTES:
            seeds.append(_seed(log.parser.id, log.path.name, files))
    return seeds


def _variants(seed: Seed) -> list[Seed]:
    data = seed.files[seed.main]
    folder = Path(seed.main).parent
    if seed.parser in ("mlflow-sqlite", "trackio", "optuna-sqlite"):
        return [_seed(seed.parser, seed.main, files) for files in _unfinished(seed.main, data)]
    if seed.parser in ("csv-table", "json-lines", "plain-text", "keras-csv", "json-table"):
        beside = {(folder / name).as_posix(): content for name, content in SETTINGS.items()}
        packed = gzip.compress(data, 1, mtime=0)
        return [
            _seed(seed.parser, seed.main, seed.files | beside),
            _seed(seed.parser, seed.main, {seed.main: packed}),  # recognised by content
        ]
    return []


def _unfinished(name: str, data: bytes) -> list[dict[str, bytes]]:
    """A database with a write-ahead log, and one with a rollback journal, as a killed writer leaves them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.db")
        found = []
        for mode, suffix in (("wal", "-wal"), ("delete", "-journal")):
            path.write_bytes(data)
            with closing(sqlite3.connect(path, isolation_level=None)) as connection:
                connection.execute(f"PRAGMA journal_mode = {mode}")
                connection.execute("PRAGMA cache_size = 1")  # pages of an open transaction are written early
                (table,) = connection.execute("SELECT max(name) FROM sqlite_master WHERE type = 'table'").fetchone()
                connection.execute("BEGIN IMMEDIATE")
                connection.execute(f'INSERT INTO "{table}" SELECT * FROM "{table}" WHERE false')
                connection.execute("CREATE TABLE filler (content)")
                connection.execute("INSERT INTO filler VALUES (hex(zeroblob(2000)))")
                if mode == "wal":
                    connection.execute("COMMIT")
                beside = _without_chance(Path(f"{path}{suffix}").read_bytes())
                found.append({name: path.read_bytes(), f"{name}{suffix}": beside})
        return found


def _without_chance(data: bytes) -> bytes:
    """A write-ahead log or a rollback journal with a fixed salt, and the checksums that go with it."""
    if data.startswith(databases.JOURNAL_MAGIC):
        return _with_fixed_nonces(data)
    size = 24 + int.from_bytes(data[8:12], "big")
    frames = [bytearray(data[place : place + size]) for place in range(32, len(data) - size + 1, size)]
    return databases.with_right_sums(data[:16] + struct.pack(">II", SALT, SALT), frames)


def _with_fixed_nonces(data: bytes) -> bytes:
    """A rollback journal: segments of a header and pages, each page with a checksum that begins at the header's nonce."""
    changed = bytearray(data)
    segment = 0
    while segment + 28 <= len(data):  # the last header has no mark yet
        records, _, _, sector, page = struct.unpack_from(">IIIII", data, segment + 8)
        changed[segment + 12 : segment + 16] = struct.pack(">I", SALT)
        first = segment + sector
        for place in range(first, min(first + records * (page + 8), len(data) - page - 7), page + 8):
            content = changed[place + 4 : place + 4 + page]
            # SQLite adds up every 200th byte from the end of a page.
            total = SALT + sum(content[at] for at in range(page - 200, 0, -200))
            changed[place + 4 + page : place + 8 + page] = struct.pack(">I", total & 0xFFFFFFFF)
        if not records:
            break
        segment = first + -(-records * (page + 8) // sector) * sector
    return bytes(changed)
