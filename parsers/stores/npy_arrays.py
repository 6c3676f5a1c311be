"""Arrays of plain numbers from a numpy archive, read with strict rules of our own.

numpy evaluates the header of an array as a Python expression and allocates the memory that it states. Here a header must
have the one form that numpy writes, and an array is read only if its bytes exist and do not exceed a limit.
"""

from __future__ import annotations

import math
import re
import struct
import zipfile
from typing import IO, TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from ..run import Floats

MAX_VALUES = 4_000_000  # of one array, 32 MB as float64; 10,000 evaluations of 100 episodes are 1,000,000
MAX_HEADER_BYTES = 10_000  # that of a plain array has 118
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)  # what numpy writes
_MAGIC = b"\x93NUMPY"
_LENGTHS = {1: struct.Struct("<H"), 2: struct.Struct("<I"), 3: struct.Struct("<I")}  # by version
_HEADER = re.compile(
    rb"\{'descr': '([<>=|][biuf][0-9]{1,2})', 'fortran_order': (True|False),"
    rb" 'shape': \(((?:[0-9]{1,18}L?, ?)*(?:[0-9]{1,18}L?)?)\),? ?\}\s*"
)


def read_array(archive: zipfile.ZipFile, name: str) -> Floats:
    """One array of an archive as float64. Raises `ValueError` if it is not a complete array of numbers.

    Exceptions of `zipfile` and `zlib` about damage are propagated; KeyError if there is no such array.
    """
    info = archive.getinfo(f"{name}.npy")
    if info.compress_type not in METHODS:
        raise ValueError(f"{name} uses a compression that numpy does not write")
    with archive.open(info) as member:
        shape, is_fortran, dtype = _header(member, name)
        count = math.prod(shape)
        if count > MAX_VALUES:
            raise ValueError(f"{name} has {count:,} numbers, more than the limit of {MAX_VALUES:,}")
        size = count * dtype.itemsize
        data = member.read(size + 1)  # one byte more: the checksum of a member is only checked at its end
    if len(data) != size:
        raise ValueError(f"{name} has {'more than ' if len(data) > size else f'{len(data):,} of '}{size:,} bytes")
    with np.errstate(invalid="ignore"):  # signalling NaN
        return np.frombuffer(data, dtype).reshape(shape, order="F" if is_fortran else "C").astype(np.float64)


def _header(member: IO[bytes], name: str) -> tuple[tuple[int, ...], bool, np.dtype]:
    start = member.read(len(_MAGIC) + 2)
    length = _LENGTHS.get(start[len(_MAGIC)]) if len(start) == len(_MAGIC) + 2 else None
    if length is None or not start.startswith(_MAGIC):
        raise ValueError(f"{name} is not an array")
    packed = member.read(length.size)
    size = length.unpack(packed)[0] if len(packed) == length.size else 0
    found = _HEADER.fullmatch(member.read(size)) if size <= MAX_HEADER_BYTES else None
    if found is None:
        raise ValueError(f"{name} is not an array of numbers")
    try:
        dtype = np.dtype(found[1].decode())
    except TypeError:
        raise ValueError(f"{name} is not an array of numbers") from None
    shape = tuple(int(part.rstrip(b"L")) for part in found[3].replace(b" ", b"").split(b",") if part)
    return shape, found[2] == b"True", dtype
