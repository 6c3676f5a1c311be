"""Assignment of meanings to the curves of a log, from everything known about them.

Sources of meanings, in order of precedence:

1. the user;
2. the format, if a parser sets the meaning or split of a curve;
3. the split in the name of the folder or file, unless tags name another one: then it is the name of a whole run;
4. the conventions of frameworks, the words of the tag, and the values as a veto (`resolve`), for all curves of a log
   together.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from ..stuck_steps import ordered_where_stuck
from .metric_names import is_metric_name
from .resolve import resolve, split_of_word
from .values import contradictions
from .words import words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ..run import Curve, Meaning, Split

KERAS_AGAIN = "evaluation_*_vs_iterations"  # logged for the validation set, despite the word


@dataclass(frozen=True, slots=True)
class Hints:
    """Facts about the curves of a part of a log besides their tags and values.

    Attributes:
        overrides: pairs of a glob on tags and the meaning set by the user; the first match counts.
        split: the split in the name of the folder or file, "none" if there is none.
        split_reason: the reason for the split.
        is_shared: the part is one of several of one log, such as the folders `train` and `validation` of Keras; meanings
            depend on the tags of all parts.
        is_apart: the part has a separate folder; if its tags contradict its split it shares nothing with others.

    """

    overrides: Sequence[tuple[str, Meaning]] = ()
    split: Split = "none"
    split_reason: str = ""
    is_shared: bool = False
    is_apart: bool = False


class Understood(NamedTuple):
    """A part with the meanings of its curves.

    Attributes:
        curves: in the order in which they were given.
        is_whole_run: the tags name a split other than that of the folder or file, so that its name is that of a run.
        notes: what was decided against what the log says, and what in it contradicts itself, a sentence each.

    """

    curves: list[Curve]
    is_whole_run: bool
    notes: list[str]


def understand(parts: Sequence[tuple[Sequence[Curve], Hints]]) -> list[Understood]:
    """Assign meanings to all curves of the parts of a log; the order of parts and curves is kept."""
    known: list[list[Curve]] = []
    whole: list[bool] = []
    notes: list[list[str]] = []
    for given, hints in parts:
        curves, said = ordered_where_stuck(given)
        notes.append(said)
        named = _with_overrides(curves, hints.overrides)
        whole.append(_contradicts(named, hints.split))
        known.append(named if whole[-1] or hints.split == "none" else _with_split(named, hints))
    shared = [
        hints.is_shared and not (is_whole and hints.is_apart) for (_, hints), is_whole in zip(parts, whole, strict=True)
    ]
    together = iter(
        resolve([curve for curves, is_shared in zip(known, shared, strict=True) if is_shared for curve in curves])
    )
    found = [
        [next(together) for _ in curves] if is_shared else resolve(curves)
        for curves, is_shared in zip(known, shared, strict=True)
    ]
    return [
        Understood(curves, is_whole, [*said, *contradictions(curves)])
        for curves, is_whole, said in zip(found, whole, notes, strict=True)
    ]


def splits_of_siblings(names: Sequence[tuple[str, str]]) -> list[Split]:
    """The splits of files whose names differ only in the split: `train` beside `val`; "none" for others.

    `names` are pairs of the format and the name without suffix of the files of one folder.
    """
    splits: list[Split] = ["none"] * len(names)
    alike: dict[tuple[str, ...], list[int]] = {}
    for number, (form, name) in enumerate(names):
        words = words_of(name)
        named = [split for word in words if (split := split_of_word(word))]
        if len(named) == 1:
            splits[number] = named[0]
            alike.setdefault((form, *(word for word in words if not split_of_word(word))), []).append(number)
    stated = {n for numbers in alike.values() if len({splits[n] for n in numbers}) > 1 for n in numbers}
    return [split if number in stated else "none" for number, split in enumerate(splits)]


def _with_overrides(curves: Iterable[Curve], meanings: Sequence[tuple[str, Meaning]]) -> list[Curve]:
    """Apply the user's meanings; a glob also matches a tag that is spelled like it."""

    def override_of(curve: Curve) -> Meaning | None:
        return next((m for glob, m in meanings if curve.tag == glob or fnmatchcase(curve.tag, glob)), None)

    return [curve.with_meaning(meaning) if (meaning := override_of(curve)) else curve for curve in curves]


def _contradicts(curves: Iterable[Curve], split: Split) -> bool:
    """Whether tags name a split other than that of their folder or file."""
    if split == "none":
        return False
    tags = {curve.tag for curve in curves if not curve.statistic and not fnmatchcase(curve.tag, KERAS_AGAIN)}
    measured = [
        tag for tag in tags if is_metric_name(tag)
    ]  # how many samples of the training were seen says nothing of the rest
    named = {named for tag in measured for word in words_of(tag) if (named := split_of_word(word))}
    return bool(named - {split})


def _with_split(curves: Iterable[Curve], hints: Hints) -> list[Curve]:
    """Apply the split of a folder or file name to curves that have none."""

    def placed(curve: Curve) -> Curve:
        if curve.split != "none":
            return curve
        own = curve.meaning.reason if curve.role != "unknown" else ""
        return curve.with_meaning(replace(curve.meaning, split=hints.split, reason=own or hints.split_reason))

    return [placed(curve) for curve in curves]
