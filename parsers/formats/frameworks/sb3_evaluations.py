"""The evaluations of Stable-Baselines3: `evaluations.npz`, numpy arrays in a zip archive.

## Written by
`stable_baselines3.common.callbacks.EvalCallback` with a `log_path`; RL Zoo. It is rewritten after each evaluation.

## How it is recognised
A zip archive that begins with `timesteps.npy`.

## What is read
Means over the episodes of an evaluation: reward, length and, if the environment reports it, success, by environment
step.

## What is not read
Single episodes. Arrays of Python objects, because loading them would execute code.

## Peculiarities
The file is binary, but not a pickle: an array is a text header and plain numbers, and nothing else is accepted. The
tags are those that the same callback logs elsewhere, so equal curves are recognised.
"""

from __future__ import annotations

import zipfile
import zlib
from typing import TYPE_CHECKING

import numpy as np

from ...base import Parser
from ...file_names import patterns_of
from ...files.open_log import open_log
from ...files.text import Notes
from ...run import Curve, Run, Source
from ...stores.npy_arrays import read_array
from ...stores.zip_members import MARK
from ...tables.axes import MAX_COUNT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ID = "sb3-evaluations"
STEPS = "timesteps"
TAGS = {"results": "eval/mean_reward", "ep_lengths": "eval/mean_ep_length", "successes": "eval/success_rate"}
NAME_OFFSET = 30  # of the first member in a zip archive
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
            steps = read_array(archive, STEPS).reshape(-1)
            if not (np.abs(steps) < MAX_COUNT).all():
                raise ValueError(f"{STEPS} are not counts")
            for name, tag in TAGS.items():
                if f"{name}.npy" not in archive.namelist():
                    continue
                episodes = read_array(archive, name)
                if episodes.ndim and len(episodes) == len(steps) and episodes.size:
                    with np.errstate(over="ignore", invalid="ignore"):  # infinite rewards have means as well
                        means = episodes.reshape(len(steps), -1).mean(axis=1)
                    curves.append(Curve.build(tag, steps, means))
                else:
                    notes.add(f"{name} does not have one row for each of {len(steps):,} evaluations: skipped")
    except DAMAGE as error:
        notes.add(f"cannot be read as an archive of arrays: {error}")
    if not curves and not notes.all():
        notes.add("contains no rows of numbers")
    source = Source(str(path), ID, path.stat().st_size)
    yield Run("", str(path), ID, "stable-baselines3", curves, sources=[source], notes=notes.all())


PARSER = Parser(
    id=ID, title="Stable-Baselines3 evaluations", patterns=patterns_of(__name__), sniff=sniff, parse=parse, doc=__doc__,
    companions=("progress.csv", "progress.json", "log.txt", "*tfevents*"),
)  # fmt: skip
