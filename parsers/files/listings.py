"""What a folder holds, listed once for all of its logs."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

SETTLED_NS = 2_000_000_000  # clocks of file systems have ticks of up to two seconds
LISTED_AGAIN_NS = 500_000_000  # a folder that may still change
MAX_LISTED = 50_000  # entries of a folder, which are remembered for its other logs


@dataclass(frozen=True, slots=True)
class Listing:
    """Names in a folder: all in lower case, those of files and those of folders."""

    names: frozenset[str]
    files: tuple[str, ...]
    folders: tuple[str, ...]


def listing_of(folder: Path) -> Listing | None:
    """What a folder holds; None if it cannot be listed, or holds too much."""
    try:
        changed = folder.stat().st_mtime_ns
        now = time.time_ns()
        return _listed(folder, changed, now // LISTED_AGAIN_NS if now - changed <= SETTLED_NS else 0)
    except OSError:
        return None


@lru_cache(maxsize=64)
def _listed(folder: Path, _changed: int, _moment: int) -> Listing | None:
    with os.scandir(folder) as found:
        entries = list(islice(found, MAX_LISTED + 1))
    if len(entries) > MAX_LISTED:
        return None
    folders = {entry.name for entry in entries if _is_folder(entry)}
    names = sorted(entry.name for entry in entries)
    return Listing(
        frozenset(name.lower() for name in names),
        tuple(name for name in names if name not in folders),
        tuple(name for name in names if name in folders),
    )


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a broken or cyclic link
        return False
