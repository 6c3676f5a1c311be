"""The evaluations of Stable-Baselines3: `evaluations.npz`, numpy arrays in a zip archive.

## Who writes this
`stable_baselines3.common.callbacks.EvalCallback` with a `log_path`; RL Zoo. It is written anew after each evaluation.

## How it is recognised
A zip archive that begins with `timesteps.npy`.

## What is read
Means over the episodes of an evaluation: reward, length and, where the environment tells, success, by environment step.

## What is not read
Single episodes. Arrays of Python objects: loading these would run code.

## What is odd about it
It is binary, but no pickle: an array is a header of text and plain numbers, and nothing else is accepted. The tags are
those that the same callback logs elsewhere, so that twins meet.
"""

from __future__ import annotations

import math
import zipfile
import zlib
from typing import IO, TYPE_CHECKING

import numpy as np
from numpy.lib import format as npy

from .base import Parser
from .files import open_log
from .run import Curve, Run, Source
from .stores.zip_members import MARK
from .tables.axes import MAX_COUNT
from .text import Notes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from .run import Floats

ID = "sb3-evaluations"
PATTERNS = ("*.npz",)
STEPS = "timesteps"
TAGS = {"results": "eval/mean_reward", "ep_lengths": "eval/mean_ep_length", "successes": "eval/success_rate"}
NAME_OFFSET = 30  # of the first member in a zip archive
MAX_BYTES = 64 * 1024**2  # of one array
DAMAGE = (
    zipfile.BadZipFile,
    zlib.error,
    ValueError,
    EOFError,
    KeyError,
    NotImplementedError,
    RuntimeError,
    OverflowError,
)


def sniff(_path: Path, head: bytes) -> bool:
    return head.startswith(MARK) and head[NAME_OFFSET:].startswith(f"{STEPS}.npy".encode())


def parse(path: Path) -> Iterator[Run]:
    notes = Notes(path)
    curves = []
    try:
        with open_log(path) as file, zipfile.ZipFile(file) as archive:
            steps = _array(archive, STEPS).reshape(-1)
            if not (np.abs(steps) < MAX_COUNT).all():
                raise ValueError(f"{STEPS} are no counts")
            for name, tag in TAGS.items():
                if f"{name}.npy" not in archive.namelist():
                    continue
                episodes = _array(archive, name)
                if episodes.ndim and len(episodes) == len(steps) and episodes.size:
                    with np.errstate(over="ignore", invalid="ignore"):  # infinite rewards have means, too
                        means = episodes.reshape(len(steps), -1).mean(axis=1)
                    curves.append(Curve.build(tag, steps, means))
                else:
                    notes.add(f"{name} has no row for each of {len(steps):,} evaluations: left out")
    except DAMAGE as error:
        notes.add(f"cannot be read as an archive of arrays: {error}")
    if not curves and not notes.all():
        notes.add("holds no rows of numbers")
    source = Source(str(path), ID, path.stat().st_size)
    yield Run("", str(path), ID, "stable-baselines3", curves, sources=[source], notes=notes.all())


def _array(archive: zipfile.ZipFile, name: str) -> Floats:
    """One array of plain numbers; raises one of `DAMAGE` if it is anything else."""
    with archive.open(f"{name}.npy") as member:
        shape, is_fortran, dtype = _header(member)
        size = math.prod(shape) * dtype.itemsize
        if dtype.kind not in "biuf" or size > MAX_BYTES:
            raise ValueError(f"{name} is no array of numbers, or too large")
        data = member.read(size + 1)  # one byte more: only at its end is the checksum of a member looked at
    if len(data) != size:
        raise ValueError(f"{name} has {len(data):,} of {size:,} bytes")
    return np.frombuffer(data, dtype).reshape(shape, order="F" if is_fortran else "C").astype(np.float64)


def _header(member: IO[bytes]) -> tuple[tuple[int, ...], bool, np.dtype]:
    if npy.read_magic(member) == (1, 0):
        return npy.read_array_header_1_0(member)
    return npy.read_array_header_2_0(member)


PARSER = Parser(id=ID, title="Stable-Baselines3 evaluations", patterns=PATTERNS, sniff=sniff, parse=parse, doc=__doc__)
