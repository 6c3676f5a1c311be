"""An input: a seed with one to four changes that suit the formats of its files, the same for the same number."""

from __future__ import annotations

from random import Random
from typing import TYPE_CHECKING

from . import archives, databases, documents, raw, records, texts

if TYPE_CHECKING:
    from collections.abc import Callable

    from .seeds import Seed

    Change = Callable[[bytes, Random], bytes]

MAIN_SHARE = 0.8  # of changes; the others go into the files beside it
TEXT = (texts.changed,)
BY_NAME: tuple[tuple[str, tuple[Change, ...]], ...] = (
    ("-wal", (databases.write_ahead_log,)),
    ("-journal", (databases.journal,)),
    ("tfevents", (records.events,) * 3 + (raw.changed,)),
    (".wandb", (records.wandb,) * 3 + (raw.changed,)),
    ("vdlrecords", (records.visualdl,) * 3 + (raw.changed,)),
    (".yaml", (documents.yaml_document,)),
)
BY_MARK: tuple[tuple[bytes, tuple[Change, ...]], ...] = (
    (b"SQLite", (databases.database,)),
    (b"PK", (archives.archive,) * 4 + (raw.changed,)),
    (b"\x1f\x8b", (texts.repacked,) * 4 + (raw.changed,)),
)
WHOLE = (b"", b"\0" * 3000, b"\n" * 3000, b"[" * 20_000, b'{"a":' * 5000, b",", b"\xff\xfe", b"\xef\xbb\xbf", b"-" * 5000, b"1\n" * 2000, b"{}\n" * 500, b"[]",
         b"epoch,loss\n", b"PK\3\4", b"PK\5\6" + bytes(18), b"\x1f\x8b", b"SQLite format 3\0", b"\x93NUMPY\1\0", records.WANDB_HEAD)  # fmt: skip


def made(seeds: list[Seed], *, seed: int, parser: str, number: int) -> tuple[Seed, dict[str, bytes]]:
    """The seed that was picked, and its files with the changes of input `number`."""
    chance = Random(f"{seed}/{parser}/{number}")  # a text: its hash is the same in every process
    base = chance.choice(seeds)
    files = dict(base.files)
    names = list(files)
    for _ in range(chance.choice((1, 1, 1, 2, 2, 4))):
        name = base.main if len(names) == 1 or chance.random() < MAIN_SHARE else chance.choice(names)
        files[name] = _changed(name, files[name], seeds, chance)[: raw.MOST_BYTES]
    return base, files


def _changed(name: str, data: bytes, seeds: list[Seed], chance: Random) -> bytes:
    kind = chance.random()
    if kind < 0.01:
        return chance.choice(WHOLE)
    if kind < 0.04:
        return _spliced(data, chance.choice(seeds), chance)
    change = chance.choice(_suited(name, data))
    try:
        return change(data, chance)
    except Exception:  # noqa: BLE001  (what earlier changes left of a format may not suit this one)
        return raw.changed(data, chance)


def _spliced(data: bytes, other: Seed, chance: Random) -> bytes:
    """The beginning of one log, and the end of another of this format."""
    end = other.files[other.main]
    return data[: chance.randrange(len(data) + 1)] + end[chance.randrange(len(end) + 1) :]


def _suited(name: str, data: bytes) -> tuple[Change, ...]:
    """Changes for a file, as often as they are listed."""
    lowered = name.lower()
    by_mark = (changes for mark, changes in BY_MARK if data.startswith(mark))
    by_name = (changes for part, changes in BY_NAME if part in lowered)
    return next(by_name, None) or next(by_mark, None) or _suited_to_text(data)


def _suited_to_text(data: bytes) -> tuple[Change, ...]:
    if b"\0" in data[:200]:
        return (raw.changed,)
    if data[:1] not in (b"{", b"["):
        return TEXT
    first, _, rest = data.partition(b"\n")
    if rest.strip() and first.rstrip()[-1:] in (b"}", b"]"):
        return (documents.json_lines,) * 4 + (texts.changed,) * 3 + (documents.doubled_keys,)
    return (documents.json_document,) * 5 + (texts.changed,) * 2 + (documents.doubled_keys,)
