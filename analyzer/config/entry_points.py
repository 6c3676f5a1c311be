"""Entry points for trainlint in installed packages.

`importlib.metadata` is imported only if there is one: it imports the modules for mail and archives, which takes longer
than reading the entry points of some hundred packages.
"""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from functools import cache
from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from importlib.metadata import EntryPoint

OURS = b"[trainlint."


def entry_points_of(group: str) -> Iterable[EntryPoint]:
    """The entry points of a group whose name begins with `trainlint.`; empty if no package has any."""
    if not _may_have_any(tuple(sys.path)):
        return ()
    from importlib.metadata import entry_points

    return entry_points(group=group)


@cache
def _may_have_any(path: tuple[str, ...]) -> bool:
    """Whether a package on the path may have one of our groups; also true if a package may be in an archive."""
    if any(hasattr(finder, "find_distributions") and finder is not PathFinder for finder in sys.meta_path):
        return True
    return any(map(_names_ours, path))


def _names_ours(folder: str) -> bool:
    """Whether a package in a folder of the path has one of our groups; True for an archive."""
    if os.path.isfile(folder):  # noqa: PTH113  (an entry of the path may be any string)
        return True
    with suppress(OSError):
        for name in os.listdir(folder or "."):  # noqa: PTH208
            if name.lower().endswith((".dist-info", ".egg-info", ".egg")):
                package = Path(folder, name)
                if name.lower().endswith(".egg"):
                    package /= "EGG-INFO"
                with suppress(OSError):
                    if OURS in (package / "entry_points.txt").read_bytes():
                        return True
    return False
