"""Changes of bytes, whatever they mean: flips, cuts, moves, doubled blocks, runs of NUL, length fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

MOST_BYTES = 400_000  # of one mutated file; larger ones cost time and reach the same code
SPECIAL_BYTES = (0x00, 0xFF, 0x7F, 0x80, 0x0A, 0x0D, 0x22, 0x2C, 0x01, 0x02, 0x08, 0x0A, 0x12, 0x1A, 0x15, 0x2A)
LENGTHS = (0, 1, 0x7F, 0x80, 0xFF, 0xFFFF, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1, 2**63, 2**64 - 1)


def flipped(data: bytes, chance: Random) -> bytes:
    """One to 64 bytes have another value."""
    changed = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 4, 16, 64)) if data else 0):
        place = chance.randrange(len(changed))
        changed[place] = chance.choice((chance.choice(SPECIAL_BYTES), changed[place] ^ 1 << chance.randrange(8)))
    return bytes(changed)


def cut(data: bytes, chance: Random) -> bytes:
    return data[: chance.randrange(len(data) + 1)]


def without_a_part(data: bytes, chance: Random) -> bytes:
    place = chance.randrange(len(data) + 1)
    return data[:place] + data[place + chance.choice((1, 2, 4, 7, 64, 512)) :]


def with_noise(data: bytes, chance: Random) -> bytes:
    place = chance.randrange(len(data) + 1)
    return data[:place] + chance.randbytes(chance.choice((1, 2, 4, 8, 30, 300))) + data[place:]


def doubled(data: bytes, chance: Random) -> bytes:
    """A block stands there several times."""
    place = chance.randrange(len(data) + 1)
    block = data[place : place + chance.choice((1, 8, 64, 512, 4096))]
    return data[:place] + block * chance.choice((1, 1, 2, 20, 200)) + data[place:]


def moved(data: bytes, chance: Random) -> bytes:
    """A block of the file is copied over another place of it."""
    source, place = chance.randrange(len(data) + 1), chance.randrange(len(data) + 1)
    block = data[source : source + chance.choice((1, 4, 16, 64, 512))]
    return data[:place] + block + data[place + chance.choice((0, len(block))) :]


def with_nul(data: bytes, chance: Random) -> bytes:
    """A run of NUL, as file systems leave it after a crash: over the end, put in, or behind."""
    size, place = chance.choice((1, 8, 512, 4096)), chance.randrange(len(data) + 1)
    return chance.choice(
        (data[:place] + bytes(len(data) - place), data[:place] + bytes(size) + data[place:], data + bytes(size))
    )


def with_other_length(data: bytes, chance: Random) -> bytes:
    """Eight, four or two bytes hold a number at the edge of what they can hold, or near the size of the file."""
    width, order = chance.choice((2, 4, 4, 8, 8)), chance.choice(("little", "little", "big"))
    number = chance.choice((*LENGTHS, len(data), len(data) + 1, chance.randrange(len(data) + 2)))
    place = chance.randrange(len(data) + 1)
    place -= chance.choice((0, place % 4))
    return data[:place] + (number % 256**width).to_bytes(width, order) + data[place + width :]


CHANGES: tuple[Callable[[bytes, Random], bytes], ...] = (
    flipped, flipped, cut, without_a_part, with_noise, doubled, moved, with_nul, with_other_length,
)  # fmt: skip


def changed(data: bytes, chance: Random) -> bytes:
    return chance.choice(CHANGES)(data, chance)
