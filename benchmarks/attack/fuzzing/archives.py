"""Changes inside ZIP archives and the NumPy arrays in them, packed again with right checksums."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from typing import TYPE_CHECKING

import numpy as np

from . import documents, raw, texts

if TYPE_CHECKING:
    from random import Random

DATE = (2026, 1, 1, 0, 0, 0)  # archives of one seed are the same bytes at any time
# LZMA takes 8 ms to begin: rare.
METHODS = (zipfile.ZIP_STORED,) * 8 + (zipfile.ZIP_DEFLATED,) * 9 + (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA)
NAMES = ("", "../x", "/etc/x", "a" * 300, "messages.json", "results.npy", "timesteps.npy", "experiment.json/", "\udcff")
SHAPES = (
    b"(9999999999999,",
    b"(-1,",
    b"(0,",
    b"((",
    b"(" * 90,
    b"('a',",
    b"(True,",
    b"(1e3,",
    b"(2**60,",
    b"(1, 1, 1,",
    b"(None,",
)
TYPES = (b"'|O'", b"'<f2'", b"'<f16'", b"'<U99999999'", b"'V8'", b"[('a','<f4')]", b"'<c16'", b"'<M8[s]'", b"'>f8'", b"'|b1'",
         b"'<i8'", b"'<u8'", b"{'a':1}", b"None", b"'|S0'", b"'|S9'", b"'<U2'", b"''", b"'<m8'", b"[('a','<f8',(9999999,))]")  # fmt: skip
HEADERS = (b"{", b"[[[[", b"\n", b"{'descr': '<f8', 'fortran_order': True, 'shape': (3,), }\n", b"1L" * 40, b"'''", b"(\n" * 9, b"\\\n",
           b"  x\n y\n", b"{'descr': '<f8', 'fortran_order': False, 'shape': (), }", b"{" + b"'a': 1, " * 900 + b"}", b"\0", b"\xff\n",
           b"-" * 5000 + b"1", b"{'descr': '<f8', 'fortran_order': False, 'shape': (1152921504606846976,), }")  # fmt: skip
VALUES = (float("nan"), float("inf"), -float("inf"), 1e308, -1e308, 1e18, 0.0, 5e-324)


def packed(members: list[tuple[str, bytes]], method: int = zipfile.ZIP_STORED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name or "x", DATE), content, method)
    return file.getvalue()


def members_of(data: bytes) -> list[tuple[str, bytes]]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return [(info.filename, archive.read(info)) for info in archive.infolist()]


def archive(data: bytes, chance: Random) -> bytes:
    """One member is changed, renamed, doubled or left out; in one of five cases the archive's own bytes, too."""
    members = members_of(data)
    if not members:
        return raw.changed(data, chance)
    place = chance.randrange(len(members))
    name, content = members[place]
    members[place] = (name, _member(name, content, chance))
    kind = chance.random()
    if kind < 0.05:
        members[place] = (chance.choice(NAMES).encode("ascii", "replace").decode(), content)
    elif kind < 0.08:
        del members[place]
    elif kind < 0.1:
        members.append((chance.choice(NAMES).encode("ascii", "replace").decode(), content))
    out = packed(members, chance.choice(METHODS))
    return out if chance.random() < 0.8 else raw.changed(out, chance)


def _member(name: str, content: bytes, chance: Random) -> bytes:
    if name.endswith(".npy"):
        return array(content, chance)
    if content[:1] == b"{":
        return chance.choice((documents.json_lines, documents.json_lines, texts.changed))(content, chance)
    return texts.changed(content, chance)


def array(data: bytes, chance: Random) -> bytes:
    """The header or the numbers of a NumPy array; the length of the header is put right."""
    length = struct.unpack_from("<H", data, 8)[0] if len(data) > 10 else 0
    header, body = data[10 : 10 + length], data[10 + length :]
    kind = chance.randrange(10)
    if kind == 0:
        return raw.changed(data, chance)
    if kind == 1:
        header = raw.changed(header, chance)
    elif kind == 2:
        header = header.replace(b"(", chance.choice(SHAPES), 1)
    elif kind == 3:
        other = chance.choice(TYPES)
        header = re.sub(rb"'[<>|]?[a-zA-Z]\d+'", lambda _: other, header)
    elif kind == 4:
        header = chance.choice(HEADERS)
    elif kind == 5:
        body = chance.randbytes(len(body))
    elif kind == 6:
        body = np.array([chance.choice(VALUES) for _ in range(max(1, len(body) // 8))]).tobytes()
    elif kind == 7:
        body = raw.changed(body, chance)
    elif kind == 8:
        header = header.replace(b"False", chance.choice((b"True", b"None", b"0", b"[]")))
    else:
        header = texts.numbers(header, chance)
    version = chance.choice(
        (data[:8], data[:8], data[:8], data[:6] + b"\2\0", data[:6] + b"\3\0", data[:6] + b"\x09\0")
    )
    return version + struct.pack("<H", len(header) & 0xFFFF) + header + body
