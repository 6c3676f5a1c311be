"""What the names of checkpoint files say: which step or epoch they hold, and whether they are the best or the last one."""

from __future__ import annotations

import re
from typing import NamedTuple

SUFFIXES = (
    ".pt", ".pth", ".ckpt", ".h5", ".hdf5", ".keras", ".safetensors", ".msgpack", ".index", ".pdparams", ".params", ".t7",
)  # fmt: skip
_FOLDER = re.compile(r"^(?:checkpoint|ckpt|global_step|step|epoch|iter)[-_]?\d+$", re.IGNORECASE)
_STEP = re.compile(
    r"(?:^|[^a-z])(?:global_?)?(?:steps?|iter(?:ation)?s?|checkpoint|ckpt|model)[-_=.]?0*(\d{1,12})(?![\d.]*\d*[a-z]\d)",
    re.IGNORECASE,
)
_EPOCH = re.compile(r"(?:^|[^a-z])(?:epochs?|ep|weights|cp)[-_=.]?0*(\d{1,9})(?!\d)", re.IGNORECASE)
_BEST, _LAST = (
    re.compile(rf"(?:^|[^a-z]){word}(?:[^a-z]|$)", re.IGNORECASE) for word in ("best", "(?:last|latest|final)")
)


class Checkpoint(NamedTuple):
    """A file or folder beside a log whose name is that of a checkpoint; it is never opened.

    Attributes:
        name: relative to the folder of the log, "/" between parts.
        step, epoch: the numbers in its name; None without one.
        is_best, is_last: whether the name says so.

    """

    name: str
    step: int | None
    epoch: int | None
    is_best: bool
    is_last: bool


def checkpoint_named(name: str, *, is_folder: bool) -> Checkpoint | None:
    """The checkpoint that a file or folder of this name is; None for any other name."""
    base = name.rpartition("/")[2]
    if not (_FOLDER.match(base) if is_folder else base.lower().endswith(SUFFIXES)):
        return None
    epoch, step = _EPOCH.search(base), _STEP.search(base)
    found = Checkpoint(
        name,
        int(step[1]) if step else None,
        int(epoch[1]) if epoch else None,
        bool(_BEST.search(base)),
        bool(_LAST.search(base)),
    )
    return found if found[1:] != (None, None, False, False) else None
