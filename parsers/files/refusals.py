"""Files that are no log whatever their name promises: pointers to a file that is elsewhere, and the state of a tracker."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path

# What stands in a clone in the place of a large file that was not downloaded, and the command that brings it.
_POINTERS = (
    (re.compile(rb"version https?://(?:git-lfs\.github|hawser\.github)\.com/spec/"), "Git LFS pointer: run `git lfs pull`"),
    (re.compile(rb"(?:\.\./)*(?:\.git)?/annex/objects/"), "git-annex pointer: run `git annex get`"),
)  # fmt: skip
# What a tracker needs to go on, by names that no log has.
_STATES = (
    (
        re.compile(r"(?:basic-variant-state|experiment_state|search_gen_state|searcher[-_]state|scheduler[-_]state)-.+\.json"),
        "state of Ray Tune, not a log: the results are in progress.csv and result.json",
    ),
    (re.compile(r"last_(?:ack|put)_version"), "state of Neptune's queue, not a log"),
)  # fmt: skip


class Refusal(NamedTuple):
    """Why a file is not read. `is_log_missing`: a log would stand in its place if it were there."""

    reason: str
    is_log_missing: bool


def refusal_of(path: Path, head: bytes) -> Refusal | None:
    """Why a file with these first bytes is no log; None if nothing says so."""
    for mark, reason in _POINTERS:
        if mark.match(head):
            return Refusal(reason, is_log_missing=True)
    for name, reason in _STATES:
        if name.fullmatch(path.name):
            return Refusal(reason, is_log_missing=False)
    return None
