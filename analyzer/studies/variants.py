"""Words in names of runs as a setting, where no known setting tells the runs apart: `baseline_s0`, `no_aug_s0`."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from ...parsers.settings.run_names import settings_of_name
from .run_settings import NONE, VARIANT

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...rules.view.study import RunDigest
    from .run_settings import SettingsTable

_SEPARATORS = re.compile(r"[-_.,;:=\s]+")


def add_variants(table: SettingsTable, members: Sequence[RunDigest]) -> None:
    """Add the words of names as a setting, unless they repeat the settings or only identify the runs."""
    keys = table.varying()
    if any(key not in table.from_names for key in keys):
        return  # the runs say themselves what was varied
    names = [digest.named.words for digest in members]
    depth = max(map(len, names))
    is_known = any(run.hyperparameters for run in members) or len(set(table.seeds)) > 1
    columns = [[words[i] if i < len(words) else "" for words in names] for i in range(depth)]
    apart = [_without_identifiers(column, place, members) for place, column in enumerate(columns)]
    if is_known or any(len(set(column)) > 1 and _recur(column) for column in apart):
        columns = apart
    different = [_without_common(column) for column in columns if len(set(column)) > 1]
    if not different:
        return
    words = [" ".join(filter(None, parts)) for parts in zip(*different, strict=True)]
    settings = [tuple(row[key] for key in keys) for row in table.rows]
    if len(set(zip(settings, words, strict=True))) == len(set(settings)):
        return  # the names repeat the settings
    if is_known and not _recur(words):
        return  # only names, as trackers make them up
    if keys and _follow_seeds(words, table.seeds):
        return
    table.names[VARIANT] = VARIANT
    table.from_names.add(VARIANT)
    for row, text in zip(table.rows, words, strict=True):
        row[VARIANT] = text or NONE


def _recur(words: Sequence[str]) -> bool:
    """Whether half of the texts name several runs, as levels of a factor do and names that only identify runs do not."""
    counts = Counter(words)
    return 2 * sum(count == 1 for count in counts.values()) <= len(counts)


def _without_identifiers(column: Sequence[str], place: int, members: Sequence[RunDigest]) -> list[str]:
    """The words of one part of the names, without those of fields that have another text in each run."""
    parts = [(run.name.split("/") + run.title.split("/"))[place : place + 1] for run in members]
    fields = [_SEPARATORS.split(part[0].strip()) if part else [] for part in parts]
    shortest = min(map(len, fields), default=0)
    left = [set[str]() for _ in members]
    for number in (*range(shortest), *range(-1, -shortest - 1, -1)):
        texts = [own[number] for own in fields]
        if len(set(texts)) == len(members) > 1:
            for own, text in zip(left, texts, strict=True):
                own |= {text.lower(), *" ".join(settings_of_name(text).words).split()}
    return [
        " ".join(word for word in words.split() if word not in own) for words, own in zip(column, left, strict=True)
    ]


def _without_common(column: Sequence[str]) -> list[str]:
    """The words that not all runs have."""
    words = [text.split() for text in column]
    common = set(words[0]).intersection(*words[1:])
    return [" ".join(word for word in own if word not in common) for own in words]


def _follow_seeds(words: Sequence[str], seeds: Sequence[str]) -> bool:
    """Whether the words name the seed once more: one text for each seed, whatever the settings."""
    pairs = set(zip(words, seeds, strict=True))
    return "" not in seeds and len(pairs) == len(set(seeds)) == len(set(words)) > 1
