"""Advice about a checkpoint names the file that lies beside the log, and from where epochs are counted."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...parsers.checkpoints import Checkpoint
    from ...rules.view.run_view import RunView
    from .judgement import RuleFinding

_ADVICE = re.compile(r"checkpoint (?P<where>before|around|at|of) (?P<unit>step|epoch) (?P<number>\d+(?:,\d{3})*)")
_RESUMED = re.compile(r"\bresume\b")


def with_checkpoints(found: Sequence[RuleFinding], view: RunView) -> tuple[RuleFinding, ...]:
    """The findings with files and the base of epochs in those remedies that name the place of a checkpoint."""
    return tuple(
        replace(
            each, finding=replace(each.finding, remedies=tuple(_named(r, each, view) for r in each.finding.remedies))
        )
        for each in found
    )


def _named(remedy: str, found: RuleFinding, view: RunView) -> str:
    advice = _ADVICE.search(remedy)
    if advice is None:
        return remedy
    number = int(advice["number"].replace(",", ""))
    from_zero = advice["unit"] == "epoch" and _counts_from_zero(found, view)
    files = view.run.checkpoints
    if advice["where"] == "before":
        file = _latest(files, advice["unit"], number, or_last=bool(_RESUMED.search(remedy)))
    else:
        file = _saved_at(files, advice["unit"], number, from_zero=from_zero, last=_last(found, view))
    notes = [note for note in ("counted from 0" if from_zero else "", f"there is {file.name}" if file else "") if note]
    return f"{remedy[: advice.end()]} ({'; '.join(notes)}){remedy[advice.end() :]}" if notes else remedy


def _counts_from_zero(found: RuleFinding, view: RunView) -> bool:
    curve = view.named(found.finding.metric)
    return curve is not None and curve.unit == "epoch" and len(curve.all_steps) > 0 and int(curve.all_steps[0]) == 0


def _last(found: RuleFinding, view: RunView) -> int:
    curve = view.named(found.finding.metric)
    return int(curve.all_steps[-1]) if curve is not None and len(curve.all_steps) else 0


def _number(file: Checkpoint, unit: str) -> int | None:
    return file.epoch if unit == "epoch" else file.step


def _latest(files: Sequence[Checkpoint], unit: str, before: int, *, or_last: bool) -> Checkpoint | None:
    """The latest one from before a step; smaller than the number itself it is that wherever its epochs are counted from."""
    earlier = [(number, each) for each in files if (number := _number(each, unit)) is not None and number < before]
    if earlier:
        return max(earlier, key=lambda pair: pair[0])[1]
    return next((each for each in files if each.is_last), None) if or_last else None


def _saved_at(files: Sequence[Checkpoint], unit: str, step: int, *, from_zero: bool, last: int) -> Checkpoint | None:
    """The one of a step, or else the one that is called the best.

    Where the log counts epochs from 0 and a file has a number beyond the last epoch of the log, files count from 1.
    """
    numbered = {number: each for each in files if (number := _number(each, unit)) is not None}
    shift = int(from_zero and bool(numbered) and max(numbered) == last + 1)
    return numbered.get(step + shift) or next((each for each in files if each.is_best), None)
