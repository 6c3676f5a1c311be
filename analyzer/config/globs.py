"""Globs on paths, as `--include`, `--exclude` and the configuration use them."""

from __future__ import annotations

from fnmatch import fnmatch
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def meets(relative: str, globs: Iterable[str]) -> bool:
    """Whether a path meets one of the globs.

    A glob with a `/` is matched with the path and the folders it lies in, one without with the name of each of them.
    """
    names = relative.split("/")
    folders = ["/".join(names[:i]) for i in range(1, len(names) + 1)]
    return any(
        fnmatch(part, glob.rstrip("/")) for glob in globs for part in (folders if "/" in glob.rstrip("/") else names)
    )
