"""Names of runs, which depend only on the paths of their own files, so that an added file changes no name.

A run has the name of its folder if the name of its file is generic (`log.csv`, `progress.csv`); otherwise the name of the
file is appended, and then the name within the file if that has several runs, or the name in the tracker, which is not
unique. Of two generic names in one folder one has the name of the folder: a baseline therefore states files.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from ...parsers.meaning.resolve import split_of_word
from ...parsers.meaning.words import words_of
from ...parsers.secrets import masked_path, masked_text
from ...parsers.settings.file_roles import LOG_WORDS
from .grouping import EVENTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .comparing import Part
    from .grouping import LogGroup

_SUFFIX = re.compile(r"(\.[a-z]+)?(\.gz)?$", re.IGNORECASE)


def name_runs(parts: Sequence[Part], group: LogGroup, root: Path) -> None:
    """Name each run, uniquely within a group; earlier parts have precedence."""
    # "." if "runs" could mean the root as well as the folder runs/ in it
    of_root = ""
    if any(part.home == root for part in parts):
        of_root = "." if not root.name or (root / root.name).exists() else root.name
    taken: set[str] = set()
    for part in parts:
        run = part.run
        # the names of groups distinguish folders whose names differ only in a secret
        place = group.name if part.home == group.path else masked_path(_relative(part.home, root))
        file = Path(run.sources[0].path if run.sources else run.path)
        name = ""
        if part.is_of_folder or (not part.is_one_of_several and is_generic(file, part.home)):
            name = _joined(place, "", run.name) or masked_text(of_root)
        if not name or name in taken:
            own = _relative(file.parent if run.format == EVENTS else file, part.home)
            name = _joined(place, own, run.name) or masked_text(of_root)
        unique, count = name, 2
        while unique in taken:
            unique, count = f"{name} ({count})", count + 1
        taken.add(unique)
        run.name = unique


def _joined(place: str, file: str, name: str) -> str:
    return "/".join(filter(None, (place, masked_path(file), name)))


def is_generic(file: Path, home: Path) -> bool:
    """Whether the name of a file has only words for logs and splits, and words of its folder."""
    of_folder = {word for part in (home.name, file.parent.name) for word in words_of(part)}
    return all(
        word in LOG_WORDS or split_of_word(word) or word in of_folder for word in words_of(_SUFFIX.sub("", file.name))
    )


def _relative(path: Path, folder: Path) -> str:
    """A path relative to a folder if it lies in it; "" for the folder itself."""
    try:
        relative = path.relative_to(folder).as_posix()
    except ValueError:
        return path.as_posix()
    return "" if relative == "." else relative
