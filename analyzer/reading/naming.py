"""Names of runs: from where their own files lie, so that a file added beside them changes none.

A run has the name of its folder if the name of its file says no more than that it is a log (`log.csv`, `progress.csv`);
else the file's name stands behind it. What several runs of one file are called stands last, or what a tracker calls a run.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from ...parsers.meaning.resolve import split_of_word
from ...parsers.meaning.words import words_of
from ...parsers.secrets import masked_path, masked_text
from .grouping import EVENTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .comparing import Part
    from .grouping import LogGroup

# words of a file's name that tell no run from another
LOG_WORDS = frozenset((
    "log", "logs", "logger", "logging", "history", "hist", "metric", "metrics", "progress", "result", "results", "output",
    "out", "stdout", "stderr", "console", "monitor", "evaluations", "evals", "events", "scalars", "scalar", "trainer",
    "state", "stats", "losses", "loss", "run", "trainlog", "nohup", "meta", "wandb", "mlflow", "keras", "tensorboard", "csv",
    "lightning", "validations", "catboost", "error", "learn", "data", "summary", "measurements", "curve", "curves", "experiment", "task",
))  # fmt: skip
_SUFFIX = re.compile(r"(\.[a-z]+)?(\.gz)?$", re.IGNORECASE)


def name_runs(parts: Sequence[Part], group: LogGroup, root: Path) -> None:
    """Give each run its name, unique among the parts of a group; `parts` in the order in which they may take a name."""
    # "." where "runs" would be the root as well as the folder runs/ in it
    of_root = ""
    if any(part.home == root for part in parts):
        of_root = "." if not root.name or (root / root.name).exists() else root.name
    taken: set[str] = set()
    for part in parts:
        run = part.run
        # folders that differ in nothing but a secret are told apart by the name of the group
        place = group.name if part.home == group.path else masked_path(_relative(part.home, root))
        file = Path(run.sources[0].path if run.sources else run.path)
        name = ""
        # the name that a tracker gave stands for that of the file
        if part.is_of_folder or (not part.is_one_of_several and (run.name or says_nothing(file, part.home))):
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


def says_nothing(file: Path, home: Path) -> bool:
    """Whether a file's name tells no more than the folder's: only words for logs and splits, or words of the folder."""
    of_folder = {word for part in (home.name, file.parent.name) for word in words_of(part)}
    return all(
        word in LOG_WORDS or split_of_word(word) or word in of_folder for word in words_of(_SUFFIX.sub("", file.name))
    )


def _relative(path: Path, folder: Path) -> str:
    """A path relative to a folder where it lies in there; "" for the folder itself."""
    try:
        relative = path.relative_to(folder).as_posix()
    except ValueError:
        return path.as_posix()
    return "" if relative == "." else relative
