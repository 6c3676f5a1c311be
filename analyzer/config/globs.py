"""Globs on paths for `--include`, `--exclude` and the configuration."""

from __future__ import annotations

from fnmatch import fnmatch
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable


def meets(relative: str, globs: Iterable[str]) -> bool:
    """Whether a path matches one of the globs.

    A glob with a `/` is matched against the path and its parent folders, one without against the name of each of them.
    """
    names = relative.split("/")
    folders = ["/".join(names[:i]) for i in range(1, len(names) + 1)]
    return any(
        fnmatch(part, glob.rstrip("/")) for glob in globs for part in (folders if "/" in glob.rstrip("/") else names)
    )
