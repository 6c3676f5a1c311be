"""Checkpoints that lie beside a log, so that advice can name them; they are listed, never opened."""

from __future__ import annotations

import os
import re
from itertools import islice
from typing import TYPE_CHECKING

from ...parsers.checkpoints import checkpoint_named

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ...parsers.checkpoints import Checkpoint

MAX_ENTRIES = 2_000  # of a folder: a folder of data is not searched to its end
MAX_CHECKPOINTS = 500
_HOLDERS = re.compile(r"^(?:checkpoints?|ckpts?|weights|models?|saved_models?|snapshots?)$", re.IGNORECASE)


def checkpoints_beside(log: Path) -> tuple[Checkpoint, ...]:
    """Checkpoints in the folder of a log and in its subfolders for checkpoints, by name; empty if they cannot be listed."""
    folder = log if log.is_dir() else log.parent
    found: list[Checkpoint] = []
    for name, is_folder in _entries(folder):
        if is_folder and _HOLDERS.match(name):
            inside = (checkpoint_named(f"{name}/{each}", is_folder=deep) for each, deep in _entries(folder / name))
            found += [each for each in inside if each]
        elif each := checkpoint_named(name, is_folder=is_folder):
            found.append(each)
    return tuple(sorted(found, key=lambda each: each.name)[:MAX_CHECKPOINTS])


def _entries(folder: Path) -> Iterator[tuple[str, bool]]:
    """Names in a folder and whether they are folders; links are left out."""
    try:
        with os.scandir(folder) as entries:
            for entry in islice(entries, MAX_ENTRIES):
                if not entry.is_symlink() and entry.name.isprintable():
                    yield entry.name, entry.is_dir(follow_symlinks=False)
    except OSError:
        return
