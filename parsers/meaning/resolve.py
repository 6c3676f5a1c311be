"""The meaning of a tag: role, split, layer, direction.

Resolved in this order: the convention of a framework; the split that the folder or the format states; the words of
the tag; the values as a veto. Unresolved tags stay unknown: no verdict is based on a guess.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np

from ..run import Curve, Meaning
from .conventions import conventions_of
from .layers import layer_meaning, statistic_meaning
from .roles import role_of
from .words import words_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..run import Split

SPLIT_WORDS: dict[str, Split] = {
    **dict.fromkeys(("train", "training", "trn", "learn"), "train"),
    **dict.fromkeys(("val", "valid", "validation", "dev", "eval", "evaluation"), "validation"),
    **dict.fromkeys(("test", "testing", "tst", "holdout"), "test"),
}

_PERHAPS_HELD_OUT = frozenset(("te", "ts", "v", "vl"))  # too short to identify a split, enough to exclude training
OWN = "set by the user"  # reason of a meaning that has precedence


def split_of_word(word: str) -> Split | None:
    """Split that a folder or a word names; None if it names none."""
    return SPLIT_WORDS.get(word.lower())


def resolve(curves: Sequence[Curve]) -> list[Curve]:
    """Give every curve of a run its meaning; a split already stated by folder or format is kept.

    Meanings depend on the whole run: `loss` is the training loss if `val_loss` is also logged.
    """
    conventions = conventions_of(curve.tag for curve in curves if not curve.statistic)
    found = []
    for curve in curves:
        if curve.role != "unknown" or curve.meaning.reason == OWN:
            found.append(curve)
            continue
        meaning = meaning_of(curve.tag, curve.statistic)
        exact = next((m for c in conventions if (m := c.meaning(curve.tag))), None) if not curve.statistic else None
        if exact:
            is_told = exact.split != "none" and meaning.split != "none"
            meaning = replace(exact, split=meaning.split) if is_told else exact
        if curve.split != "none":
            meaning = replace(meaning, split=curve.split, reason=f"{meaning.reason}; split: {curve.meaning.reason}")
        found.append(curve.with_meaning(_veto(curve, meaning)))
    return _complete_splits(found)


@lru_cache(maxsize=1024)  # the runs of a sweep have the same tags
def meaning_of(tag: str, statistic: str = "") -> Meaning:
    """Meaning of a tag by its words alone."""
    if statistic:
        return statistic_meaning(tag, statistic)
    words = words_of(tag)
    split = _split_of(tag)
    rest = [w for w in words if w not in SPLIT_WORDS]
    role, direction, reason = role_of(rest)
    if role in {"unknown", "weight-norm"}:
        layered = layer_meaning(tag)
        if layered and (layered.role != "weight-norm" or {"norm", "norms"} & set(words)):
            return replace(layered, split=split)
    return Meaning(role, split, "", direction, reason)


def _split_of(tag: str) -> Split:
    """The split that the last part of a path names, as `training_history/val_loss`; within a part the first word does."""
    for part in reversed(tag.split("/")):
        for word in words_of(part):
            if word in SPLIT_WORDS:
                return SPLIT_WORDS[word]
    return "none"


def _veto(curve: Curve, meaning: Meaning) -> Meaning:
    """Take a role back where the values contradict it."""
    values = curve.value[np.isfinite(curve.value)]
    if len(values) == 0:
        return meaning
    low, high = float(values.min()), float(values.max())
    if meaning.role == "entropy" and high <= 0 and "loss" in words_of(curve.tag):
        return replace(meaning, role="negative-entropy", reason="an entropy as a loss term: its sign is reversed")
    contradiction = {
        "learning-rate": low < 0 or high > 1000,
        "gradient-norm": low < 0,
        "weight-norm": low < 0,
        "zero-fraction": low < 0 or high > 100,
        "saturation": low < 0 or high > 100,
        "data-time": low < 0,
        "memory": low < 0,
        "utilization": low < 0,
        "perplexity": low < 0,
        "throughput": low < 0,
    }.get(meaning.role, False)
    if not contradiction:
        return meaning
    return Meaning(
        "unknown",
        meaning.split,
        meaning.layer,
        reason=f"named like a {meaning.role}, but its values are {low:g} to {high:g}",
    )


def _complete_splits(curves: list[Curve]) -> list[Curve]:
    """Read an unprefixed metric as training where its neighbours say so."""
    judged = ("loss", "score", "perplexity")
    held_out = {_base(c.tag) for c in curves if c.split in ("validation", "test")}
    has_train_loss = any(c.role == "loss" and c.split == "train" for c in curves)

    def completed(curve: Curve) -> Curve:
        if curve.split != "none" or curve.role not in judged or curve.layer:
            return curve
        if _PERHAPS_HELD_OUT & set(words_of(curve.tag)):
            return curve
        if _base(curve.tag) in held_out:
            why = "the same metric is logged for validation"
        elif curve.role in ("loss", "perplexity") and not has_train_loss:
            why = "the loss of a training log"
        elif curve.role == "score" and any(c.role == "loss" and c.split == "none" for c in curves):
            why = "logged together with an unprefixed loss"
        else:
            return curve
        return curve.with_meaning(replace(curve.meaning, split="train", reason=f"{curve.meaning.reason}; split: {why}"))

    return [completed(curve) for curve in curves]


def _base(tag: str) -> tuple[str, ...]:
    """The words of a tag without its split, so that `val_loss` and `loss` meet."""
    return tuple(w for w in words_of(tag) if w not in SPLIT_WORDS and w not in ("epoch", "step"))
