"""Words of a tag or a file name."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from .vocabulary import (
    COMPOUNDS,
    CONTRACTED,
    GLUED_MEASURES,
    HIGHER,
    LONG_WORDS,
    LOWER,
    SHORT_SPLITS,
    SPLITS,
    TIMED,
)  # fmt: skip

_WORD = re.compile(r"[^\W_]+")
# also "MLPPolicy", but not "LRs"; "batchloss", "LossV", "depthMSE" and "MSEloss"; "Etrain" of the energies
_CAMEL = re.compile(
    r"(?<=[a-z0-9])(?=[A-Z][a-z])|(?<=[A-Z])(?=[A-Z][a-z]{2})|(?<=[a-z])(?=(?:[Ll]oss|[Aa]ccuracy|[A-Z])$)|(?<=[0-9])(?=[Ll]oss$)"
    r"|(?<=[a-z]{2})(?=[A-Z]{2,5}$)|(?<=[A-Z]{2})(?=loss$)|(?<=^[A-Z])(?=(?:train|valid|val|test)$)"
)
MAX_REMEMBERED = 200  # characters of a tag whose words are kept: the runs of a sweep have the same tags
# Tags that are kept. One run may have thousands, which are gone through again and again: with fewer places than tags
# nothing would be found there.
REMEMBERED_TAGS = 1 << 14
_LONGEST_COMPOUND = max(map(len, COMPOUNDS))
_LATER_VOWEL = re.compile(r"(?<=.)[aeiou]")
MIN_CONTRACTION = 3  # letters; two stand for too many words
MIN_MISTYPED = min(map(len, LONG_WORDS))  # letters; a short word is one letter away from too many others
_EPISODES = re.compile(
    r"(ep|eval|test|train)(rew|reward|ret|return|len)(mean|avg|std|max|min)?"
)  # `eprewmean` of Baselines

# Words for the aggregation of a value, not for the quantity.
_AT_RANK = (
    (re.compile(r"(?<![A-Za-z])R(?=@[0-9])", re.IGNORECASE), "recall"),
    (re.compile(r"(?<![A-Za-z])H(?=@[0-9])", re.IGNORECASE), "hits"),
    (re.compile(r"(?<![A-Za-z])P(?=@[0-9])", re.IGNORECASE), "precision"),
    (re.compile(r"(?<![A-Za-z])AR(?=@[0-9])"), "mar"),
    (re.compile(r"(?<![A-Za-z])pass@(?=[0-9k])", re.IGNORECASE), "pass_at_"),
)
FILLERS = frozenset(
    "step epoch batch iter mean avg average total global running smoothed current cur metrics metric stats per final "
    "last main overall model optim optimizer ema macro micro weighted median".split()
)


def _contractions() -> dict[str, tuple[str, ...]]:
    """Words as they are written without vowels: `updt` is an update, `grdn` a gradient and the initial of its norm."""
    found: dict[str, tuple[str, ...]] = {}
    for phrase in CONTRACTED:
        words = tuple(phrase.split())
        bare = [_LATER_VOWEL.sub("", word) for word in words]
        for written in ("".join(bare), bare[0] + "".join(word[0] for word in words[1:])):
            if len(written) >= MIN_CONTRACTION:
                found.setdefault(written, words)
    return found


_CONTRACTIONS = _contractions()


def words_of(tag: str) -> list[str]:
    """Lower-case words of a tag, cut at punctuation and camelCase; IoU and L.r are one word, and R\u00b2 is R2."""
    return list(_words_of(tag)) if len(tag) <= MAX_REMEMBERED else _cut(tag)


@lru_cache(maxsize=REMEMBERED_TAGS)
def _words_of(tag: str) -> tuple[str, ...]:
    return tuple(_cut(tag))


def _cut(tag: str) -> list[str]:
    if not tag.isascii():
        tag = unicodedata.normalize("NFKC", tag)
    if "@" in tag:
        for letters, meant in _AT_RANK:
            tag = letters.sub(meant, tag)
    return [
        word.lower()
        for chunk in _WORD.findall(tag.replace("IoU", "iou").replace("L.r", "lr"))
        for word in _CAMEL.split(chunk)
    ]


def terms_of(tag: str) -> list[str]:
    """Words of a tag as `vocabulary` spells them: `io_u` is one, `valacc` are two."""
    return list(_terms_of(tag)) if len(tag) <= MAX_REMEMBERED else _joined(tag)


@lru_cache(maxsize=REMEMBERED_TAGS)
def _terms_of(tag: str) -> tuple[str, ...]:
    return tuple(_joined(tag))


def _joined(tag: str) -> list[str]:
    words = [part for word in words_of(tag) for part in _without_split(word)]
    terms: list[str] = []
    place = 0
    while place < len(words):
        for length in range(min(_LONGEST_COMPOUND, len(words) - place), 1, -1):
            if compound := COMPOUNDS.get(tuple(words[place : place + length])):
                terms.append(compound)
                place += length
                break
        else:
            terms.append(words[place])
            place += 1
    return terms


@lru_cache(maxsize=4096)  # the tags of a run are made of few words
def _without_split(word: str) -> tuple[str, ...]:
    """Cut a word where a split and a known quantity meet, as in `valacc`, and write out a contraction."""
    if parts := _cut_at_split(word):
        return parts
    if word in _CONTRACTIONS:
        return _CONTRACTIONS[word]
    if found := _EPISODES.fullmatch(word):
        return tuple(part for part in found.groups() if part)
    if word.endswith("time") and word[: -len("time")] in TIMED:
        return word[: -len("time")], "time"
    return (_mistyped(word),)


def _cut_at_split(word: str) -> tuple[str, ...]:
    """A split and what is measured, in the order in which they are written as one word; () for other words."""
    for length in (3, 4, 5, 8, 10):
        for split, rest, is_first in ((word[:length], word[length:], True), (word[-length:], word[:-length], False)):
            if split in SPLITS and (rest in HIGHER or rest in LOWER or rest in ("ppl", "loss", "lr")):
                return (split, rest) if is_first else (rest, split)
    for length in (1, 2):
        if word[:length] in SHORT_SPLITS and word[length:] in GLUED_MEASURES:
            return word[:length], word[length:]
    return ()


def _mistyped(word: str) -> str:
    """The long word of the field that a word is one letter away from: added, left out, changed, or two that changed places."""
    if len(word) + 1 < MIN_MISTYPED or word in LONG_WORDS:
        return word
    return next((known for known in LONG_WORDS if word[0] == known[0] and _is_one_off(word, known)), word)


def _is_one_off(word: str, known: str) -> bool:
    if abs(len(word) - len(known)) > 1:
        return False
    shorter, longer = sorted((word, known), key=len)
    same = next((place for place, (a, b) in enumerate(zip(shorter, longer, strict=False)) if a != b), len(shorter))
    if len(shorter) < len(longer):
        return shorter[same:] == longer[same + 1 :]
    is_swapped = word[same : same + 2] == known[same : same + 2][::-1]
    return word[same + 1 :] == known[same + 1 :] or (is_swapped and word[same + 2 :] == known[same + 2 :])
