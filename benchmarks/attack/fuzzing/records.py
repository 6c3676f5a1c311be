"""Changes inside framed records, with lengths and checksums put right: TensorBoard, Weights & Biases, VisualDL."""

from __future__ import annotations

import struct
import zlib
from typing import TYPE_CHECKING

from google_crc32c import value as crc32c

from . import raw, texts

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

MOST_RECORDS = 400
WANDB_BLOCK = 32768
WANDB_HEAD = b":W&B" + struct.pack("<HB", 0xBEE1, 0)
# Numbers of protobuf fields that the formats use, as the byte that stands before a message or text in them.
TAGS = (0x0A, 0x12, 0x1A, 0x22, 0x2A, 0x32, 0x3A, 0x42, 0x4A, 0x8A)


def masked(data: bytes) -> bytes:
    crc = crc32c(data)
    return (((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF).to_bytes(4, "little")


def _varint(number: int) -> bytes:
    out = bytearray()
    number %= 2**64
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes([*out, number])


def payload(data: bytes, chance: Random) -> bytes:
    """One change of a protobuf message: bytes, a varint or a length in it, its nesting, or texts within."""
    kind, place = chance.randrange(8), chance.randrange(len(data) + 1)
    if kind == 0:
        return data[:place] + _varint(chance.choice(raw.LENGTHS)) + data[place:]
    if kind == 1:
        length = _varint(chance.choice((*raw.LENGTHS, len(data))))
        return data[:place] + bytes([chance.choice(TAGS)]) + length + data[place:]
    if kind == 2:
        for _ in range(chance.choice((1, 3, 100, 1000))):
            data = b"\x0a" + _varint(len(data)) + data
        return data
    if kind == 3:
        return texts.numbers(data, chance)
    if kind == 4:
        number = chance.choice((0x7FC00000, 0x7F800000, 0xFF800000, 0x7F7FFFFF, 1, 0x80000000, 0x7FA00000))
        return data[:place] + struct.pack("<I", number) + data[place + 4 :]
    return raw.changed(data, chance)


def payloads(data: bytes) -> list[bytes]:
    """What the records of an event file hold."""
    found, place = [], 0
    while place + 12 <= len(data):
        length = int.from_bytes(data[place : place + 8], "little")
        found.append(data[place + 12 : place + 12 + length])
        place += 16 + length
    return found


def event(content: bytes) -> bytes:
    length = len(content).to_bytes(8, "little")
    return length + masked(length) + content + masked(content)


def events(data: bytes, chance: Random) -> bytes:
    """Records of an event file, each with right masked CRC-32C."""
    return _framed(payloads(data), event, data, chance)


def visualdl(data: bytes, chance: Random) -> bytes:
    found, place = [], 0
    while place + 8 <= len(data):
        length = int.from_bytes(data[place : place + 8], "little")
        found.append(data[place + 8 : place + 8 + length])
        place += 8 + length
    return _framed(found, lambda content: len(content).to_bytes(8, "little") + content, data, chance)


def _framed(found: list[bytes], frame: Callable[[bytes], bytes], data: bytes, chance: Random) -> bytes:
    changed = _changed(found, chance)
    return b"".join(map(frame, changed)) if changed else raw.changed(data, chance)


def wandb(data: bytes, chance: Random) -> bytes:
    """Records of W&B's log, cut into blocks with right CRC-32; now and then a fragment has another type."""
    found = _changed(_wandb_records(data), chance)
    if not found:
        return raw.changed(data, chance)
    odd = chance.choice((0, 0, 0, 0.05))
    out = bytearray(WANDB_HEAD)
    for rest in found:
        is_first, left = True, rest
        while is_first or left:
            room = WANDB_BLOCK - len(out) % WANDB_BLOCK
            if room < 7:
                out += bytes(room)
                continue
            part, left = left[: room - 7], left[room - 7 :]
            kind = (2 if left else 1) if is_first else (3 if left else 4)
            kind = chance.randrange(7) if chance.random() < odd else kind
            out += struct.pack("<IHB", zlib.crc32(bytes([kind]) + part), len(part), kind) + part
            is_first = False
    return bytes(out)


def _wandb_records(data: bytes) -> list[bytes]:
    found: list[bytes] = []
    place, current = len(WANDB_HEAD), b""
    while place + 7 <= len(data):
        if WANDB_BLOCK - place % WANDB_BLOCK < 7:
            place += WANDB_BLOCK - place % WANDB_BLOCK
            continue
        _, length, kind = struct.unpack_from("<IHB", data, place)
        current = (current if kind in (3, 4) else b"") + data[place + 7 : place + 7 + length]
        if kind in (1, 4):
            found.append(current)
        place += 7 + length
    return found


def _changed(found: list[bytes], chance: Random) -> list[bytes]:
    kind = chance.randrange(8)
    if kind == 0:
        chance.shuffle(found)
    elif kind == 1:
        found *= chance.choice((2, 5))
    elif kind == 2:
        found = [record for record in found if chance.random() > 0.3]
    elif kind == 3 and found:
        place = chance.randrange(len(found))
        found[place:place] = found[: chance.randrange(len(found))]
    found = found[:MOST_RECORDS]
    for _ in range(chance.choice((1, 1, 2, 8, 40)) if found else 0):
        place = chance.randrange(len(found))
        found[place] = payload(found[place], chance)
    return found
