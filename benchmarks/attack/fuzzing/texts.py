"""Changes of text: lines, cells, numbers, headers, separators, encodings, and what a terminal leaves in a file."""

from __future__ import annotations

import gzip
import re
from typing import TYPE_CHECKING

from . import raw

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

NUMBERS = tuple(
    word.encode()
    for word in (
        "nan", "NaN", "-nan", "inf", "-Infinity", "Infinity", "1e400", "-1e400", "1e308", "-1e308", "1.7976931348623157e308",
        "5e-324", "1e-400", "-0", "-0.0", "0", "-1", "1e18", "9" * 400, "1" * 5000, "9**9999", "0x10", "0x", "0b1", "1_000",
        "1,5", "1.2.3", "--1", "+-1", "1e", "e5", ".", "-", "٣", "１", "½", "∞", "1\u202f000", "", " ", "null", "None",
        "NA", "true", "[]", "{}", "tensor(1.)", "1%", "2147483648", "4294967296", "9007199254740993", "9223372036854775807",
        "9223372036854775808", "-9223372036854775809", "18446744073709551616", "1e19", "1.0f", "1d5", "12:34:56",
        "2026-13-45", "1700000000000000000", "2262-04-12", "9999-12-31 23:59:59", "=1+1", "'1", '"1"', "1\x00",
    )
)  # fmt: skip
PIECES = tuple(
    piece if isinstance(piece, bytes) else piece.encode()
    for piece in (
        b"\0", b"\xff\xfe", b"\xfe\xff", b"\xef\xbb\xbf", b"\xed\xa0\x80", b"\xc3", b"\x80", "\r", "\r\n", "\n\n\n", "\v", "\f",
        "\x85", "\u2028", "\x1b[31m", "\x1b[2K\x1b[1A", "\x1b]0;t\x07", "\b\b\b\b", "\u202e", '"', "'", '""', '"\n', "\\", "\\ud800",
        "\\u0000", "{", "}", "[", "]", "[" * 300, '{"a":' * 300, "(" * 500, ",,,,", ";;", "\t", "|", ":", "=", " " * 300, "#",
        "#{", "%", "=cmd|", "<script>", "%s%n", "&a [*a]", "*a", "!!python/object/apply:os.system [id]", ": ", "- ", "? ", ">",
        "---\n", "...\n", "epoch", "step", "loss", "nan:", "Epoch 1/1", "epoch 99999999999999999999 loss 1", "A" * 20_000,
        "Traceback (most recent call last):\n", '  File "x", line 1, in y\n', "ValueError: x\n", "RuntimeError: CUDA out of memory",
        "100%|██████| 10/10 [00:01<00:00, 9.9it/s, loss=1]", "Namespace(", "a=" * 200, "{'loss': 1.0", "} loss", "step: step: step:",
        "[2026-01-01 00:00:00,000]", "99:99:99", "1/0", "0/0 [", "=" * 200, ".....",
    )
)  # fmt: skip
BOMB_BYTES, BOMB_SHARE = 20_000_000, 0.001  # linear work on it stays below the limits
HEADERS = (b"epoch", b"step", b"Step", b"loss", b"val_loss", b"", b" ", b"time", b"wall_time", b"lr", b"nan", b"0", b"epoch ", b"\xef\xbb\xbfstep",
           b"a" * 500, b"loss.1", b"_step", b"_timestamp", b"iteration", b"train/loss", b"x__MIN", b'"', b"l", b"r", b"t")  # fmt: skip
_NUMBER = re.compile(rb"-?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?")
_WORD = re.compile(rb"[A-Za-z_][\w./]*")


def numbers(data: bytes, chance: Random) -> bytes:
    """Up to fifty numbers are replaced by odd ones."""
    found = list(_NUMBER.finditer(data))
    if not found:
        return pieces(data, chance)
    several = chance.choice((1, 1, 2, 5, 50))
    same = chance.choice(NUMBERS) if chance.random() < 0.3 else None
    return _replaced(
        data, chance.sample(found, min(len(found), several)), lambda: chance.choice(NUMBERS) if same is None else same
    )


def words(data: bytes, chance: Random) -> bytes:
    """Names are replaced by names that mean something, or are doubled."""
    found = list(_WORD.finditer(data[:2000]))
    if not found:
        return pieces(data, chance)
    return _replaced(
        data, chance.sample(found, min(len(found), chance.choice((1, 1, 2, 5)))), lambda: chance.choice(HEADERS)
    )


def _replaced(data: bytes, found: list[re.Match[bytes]], other: Callable[[], bytes]) -> bytes:
    parts, end = [], 0
    for match in sorted(found, key=re.Match.start):
        parts += [data[end : match.start()], other()]
        end = match.end()
    return b"".join([*parts, data[end:]])


def pieces(data: bytes, chance: Random) -> bytes:
    place = chance.randrange(len(data) + 1)
    return data[:place] + chance.choice(PIECES) + data[place:]


def lines(data: bytes, chance: Random) -> bytes:
    """Lines are dropped, doubled, exchanged, shuffled, joined, or end in another way."""
    rows = data.split(b"\n")
    kind, place, other = chance.randrange(9), chance.randrange(len(rows)), chance.randrange(len(rows))
    if kind == 0:
        del rows[place : place + chance.choice((1, 1, 3, 50))]
    elif kind == 1:
        rows[place:place] = rows[place : place + chance.choice((1, 1, 5))] * chance.choice((1, 2, 50))
    elif kind == 2:
        rows[place], rows[other] = rows[other], rows[place]
    elif kind == 3:
        chance.shuffle(rows)
    elif kind == 4:
        rows = [row for row in rows if chance.random() > 0.2]
    elif kind == 5:
        return chance.choice((b"\r", b"\r\n", b"\n\n", b"\n\r", b" ", b"")).join(rows)
    elif kind == 6:
        rows = [row + chance.choice((b"", b"", b"\r", b" ", b",")) for row in rows]
    elif kind == 7:
        rows[place] = rows[place][: chance.randrange(len(rows[place]) + 1)]
    else:
        rows[place] *= chance.choice((2, 50, 2000 if len(rows[place]) < 100 else 2))
    return b"\n".join(rows)


def cells(data: bytes, chance: Random) -> bytes:
    """Cells between separators are exchanged, emptied, or hold something odd."""
    separator = chance.choice((b",", b"\t", b" ", b":", b";", b'"', b"="))
    found = data.split(separator)
    for _ in range(chance.choice((1, 2, 5, 20))):
        place = chance.randrange(len(found))
        found[place] = chance.choice((chance.choice(found), chance.choice(NUMBERS), chance.choice(PIECES), b""))
    return separator.join(found)


def separators(data: bytes, chance: Random) -> bytes:
    old = chance.choice((b",", b"\t", b" ", b":", b";", b"="))
    return data.replace(
        old, chance.choice((b",", b"\t", b";", b" ", b"|", b"", b",,", b"\0")), chance.choice((1, 3, -1))
    )


def encodings(data: bytes, chance: Random) -> bytes:
    """The same text in other bytes, whole or cut."""
    text = data.decode("utf-8", "replace")
    kind = chance.choice(
        ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-8-sig", "latin-1", "utf-7", "gzip", "gzip", "twice")
    )
    if kind in ("gzip", "twice"):
        packed = gzip.compress(data, 1, mtime=0)
        packed = gzip.compress(packed, 1, mtime=0) if kind == "twice" else packed
        return packed if chance.random() < 0.5 else raw.changed(packed, chance)
    coded = text.encode(kind, "replace")
    return coded if chance.random() < 0.7 else coded[: chance.randrange(len(coded) + 1)]


def repacked(data: bytes, chance: Random) -> bytes:
    """A compressed text with other content and a right checksum; rarely one that unpacks to very much."""
    if chance.random() < BOMB_SHARE:
        text = gzip.decompress(data)
        line = chance.choice((text[-50:], text, b"0", b"\n", b"[", b'{"a":1}\n'))
        return gzip.compress(text + line * (BOMB_BYTES // max(1, len(line))), 1, mtime=0)
    return gzip.compress(changed(gzip.decompress(data), chance), 1, mtime=0)


CHANGES = (numbers, numbers, numbers, words, pieces, pieces, lines, lines, cells, cells, separators, encodings)


def changed(data: bytes, chance: Random) -> bytes:
    """One change of text, or in one of ten cases of bytes."""
    return chance.choice(CHANGES)(data, chance) if chance.random() < 0.9 else raw.changed(data, chance)
