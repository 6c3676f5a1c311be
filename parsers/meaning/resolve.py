"""The meaning of a tag: role, split, layer, direction.

Resolved in this order: the convention of a framework; the split that the folder or the format states; the words of
the tag; the values as a veto. Unresolved tags stay unknown: no verdict is based on a guess.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from ..run import Curve, Meaning
from .conventions import conventions_of
from .layers import layer_meaning, statistic_meaning
from .neighbours import by_neighbours
from .roles import role_of
from .values import by_values, veto
from .vocabulary import FOLD_WORDS, FOLDER_SPLITS, HIGHER_IF_HELD_OUT, LOSSES, NO_LOSSES, SHORT_SPLITS, SPLITS
from .words import terms_of, words_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..run import Role, Split

_PERHAPS_HELD_OUT = frozenset(
    word for word, split in SHORT_SPLITS.items() if split != "train"
)  # too short to name a split, enough to doubt that it is training
# The value of a setting at the end of a name, as in `loss_lr_0.05`: it tells runs of a sweep apart.
_SWEPT = re.compile(
    r"(?:^|[/_\s.-])(lr|learning[ _]?rate|wd|weight[ _]?decay|dropout|temp(?:erature)?|alpha|beta|gamma|lambda|tau|eps(?:ilon)?"
    r"|momentum|sigma|noise)[_=: ]?(?:\d*\.\d+(?:e[+-]?\d+)?|\d+e[+-]?\d+)$",
    re.IGNORECASE,
)
_HEADING_OF_TIMES = re.compile(
    r"(?:[^/]*/)?(?:(?:time|timing|timings|timers?)(?![a-z0-9])[^/]*/|t\(s\)/|time_[a-z]+$)", re.IGNORECASE
)
_JUDGED = ("loss", "score", "perplexity", "reward")
OWN = "set by the user"  # reason of a meaning that has precedence


def split_of_word(word: str) -> Split | None:
    """Split that a folder or a word names; None if it names none."""
    return FOLDER_SPLITS.get(word.lower())


def resolve(curves: Sequence[Curve]) -> list[Curve]:
    """Give every curve of a run its meaning; a split already stated by folder or format is kept.

    Meanings depend on the whole run: `loss` is the training loss if `val_loss` is also logged.
    """
    by_name = _meanings_of(frozenset(curve.tag for curve in curves if not curve.statistic))
    found = []
    for curve in curves:
        if curve.role != "unknown" or curve.meaning.reason == OWN:
            found.append(curve)
            continue
        meaning = meaning_of(curve.tag, curve.statistic) if curve.statistic else by_name[curve.tag]
        if curve.split != "none":
            meaning = replace(meaning, split=curve.split, reason=f"{meaning.reason}; split: {curve.meaning.reason}")
        found.append(curve.with_meaning(veto(curve, meaning)))
    return _complete_splits(by_values(by_neighbours(found)))


@lru_cache(maxsize=16)  # the runs of a sweep have the same tags
def _meanings_of(tags: frozenset[str]) -> dict[str, Meaning]:
    """The meanings of the tags of a run by conventions, which several tags show, and by their words."""
    conventions = conventions_of(tags)
    found = {}
    for tag in tags:
        meaning = meaning_of(tag)
        exact = next((m for convention in conventions if (m := convention.meaning(tag))), None)
        if exact:
            is_told = meaning.split != "none" and (exact.split != "none" or exact.role == "score")
            meaning = replace(exact, split=meaning.split) if is_told else exact
        found[tag] = meaning
    return found


@lru_cache(maxsize=1024)  # the runs of a sweep have the same tags
def meaning_of(tag: str, statistic: str = "") -> Meaning:
    """Meaning of a tag by its words alone."""
    if statistic:
        return statistic_meaning(tag, statistic)
    swept = _SWEPT.search(tag)
    words = terms_of(tag[: swept.start()] if swept else tag)
    split = _split_of(tag)
    rest = [w for w in words if w not in SPLITS]
    if swept and not rest:
        return Meaning(split=split, reason=f"a column of a sweep: its name holds a value of {swept[1]}")
    role, direction, reason = role_of(rest)
    if role in ("perplexity", "score") and LOSSES & set(leaf := terms_of(tag.rpartition("/")[2])):
        of_leaf = role_of([word for word in leaf if word not in SPLITS])  # "ppl-validation/CrossEntropyLoss"
        if of_leaf[0] == "loss":
            role, direction, reason = of_leaf
    if aside := _aside_by_heading(tag, role):
        return replace(aside, split=split)
    measures = HIGHER_IF_HELD_OUT.intersection(words)
    if role == "unknown" and split in ("validation", "test") and measures and not {"neg", "negative"} & set(words):
        return Meaning("score", split, "", "higher", f"words: {min(measures)} of held-out data, higher is better")
    if role in {"unknown", "weight-norm"}:
        layered = layer_meaning(tag)
        if layered and (layered.role != "weight-norm" or {"norm", "norms", "l2"} & set(words)):
            return replace(layered, split=split)
    return Meaning(role, split, "", direction, reason)


def _aside_by_heading(tag: str, role: Role) -> Meaning | None:
    """The meaning of what has the words of a measure, but is none below its heading: `losses/alpha`, `timers/loss`."""
    leaf = terms_of(tag.rpartition("/")[2])
    if role == "loss" and leaf and not LOSSES & set(leaf) and leaf[-1] in NO_LOSSES:
        return Meaning("statistic", reason=f"words: {leaf[-1]}, logged with losses")
    if role in _JUDGED and _HEADING_OF_TIMES.match(tag):
        return Meaning("counter", reason="words: a time")
    return None


def _split_of(tag: str) -> Split:
    """The split that the last part of a path names, as `training_history/val_loss`; within a part the first word does."""
    for part in reversed(tag.split("/")):
        named = [word for word in terms_of(part) if word in SPLITS]
        if named:  # "cv_train_f1" is of the training part of each fold
            return SPLITS[min(named, key=lambda word: word in FOLD_WORDS)]
    return "none"


def _complete_splits(curves: list[Curve]) -> list[Curve]:
    """Read an unprefixed metric as training where its neighbours say so."""
    judged = ("loss", "score", "perplexity")
    held_out = {_base(c.tag) for c in curves if c.split in ("validation", "test")}
    trained = {_base(c.tag) for c in curves if c.role in judged and c.split == "train"}
    # "loss" beside a training loss that has its partner may be of a batch, before regularisation, or on another scale
    is_paired = any(_base(c.tag) in held_out & trained for c in curves if c.role == "loss")

    def completed(curve: Curve) -> Curve:
        if curve.split != "none" or curve.role not in judged or curve.layer:
            return curve
        if _PERHAPS_HELD_OUT & set(words_of(curve.tag)):
            return curve
        if _base(curve.tag) in held_out:
            why = "the same metric is logged for validation"
        elif curve.role in ("loss", "perplexity") and _base(curve.tag) not in trained and not is_paired:
            why = "the loss of a training log"
        elif curve.role == "score" and any(c.role == "loss" and c.split == "none" for c in curves):
            why = "logged together with an unprefixed loss"
        else:
            return curve
        return curve.with_meaning(replace(curve.meaning, split="train", reason=f"{curve.meaning.reason}; split: {why}"))

    return [completed(curve) for curve in curves]


def _base(tag: str) -> tuple[str, ...]:
    """The words of a tag without its split, so that `val_loss` and `loss` meet."""
    return tuple(w for w in terms_of(tag) if w not in SPLITS and w not in ("epoch", "step"))
