"""The settings of several runs in one normal form: spellings joined, what nobody chooses for its effect left out."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ...parsers.meaning.words import words_of
from ...parsers.settings.kinds import is_incidental_value, kind_of_name, setting_key, typed, unified
from ...parsers.settings.recognise import is_known, is_result

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from ...parsers.settings.kinds import Value
    from ...rules.view.study import RunDigest

NONE: Value = "none"
VARIANT = "variant"  # the words of a name, where no setting explains them
MIN_NAME = 6  # characters of a name that no value has by chance
_BATCH_SIZE = "batch size"
_STEP_WORDS = frozenset("steps iters iterations batches updates".split())
_ROUNDED_STEPS = 0.1  # of a number of steps: an epoch of ten steps and a part of one


@dataclass(slots=True)
class SettingsTable:
    """Settings of several runs.

    Attributes:
        rows: for each run, its chosen settings by key; all runs have the same keys, `NONE` where a run has none.
        names: the spelling of each key that is shown.
        seeds: of each run, "" where unknown.
        from_names: keys that were read from names of runs and folders.
        written: for each run, the keys that it has, also with the value `NONE`.

    """

    rows: list[dict[str, Value]]
    names: dict[str, str]
    seeds: list[str]
    from_names: set[str] = field(default_factory=set)
    written: list[frozenset[str]] = field(default_factory=list)

    def varying(self) -> list[str]:
        """Keys with more than one value, in the order of their first appearance."""
        return [key for key in self.names if len({row[key] for row in self.rows}) > 1]


def settings_table(
    digests: Sequence[RunDigest], *, ignored: Iterable[str] = (), seed_names: Iterable[str] = ()
) -> SettingsTable:
    """Join the settings of runs; `ignored` and `seed_names` are names that the user set apart."""
    apart, seeds_by_user = {name.lower() for name in ignored}, {name.lower() for name in seed_names}
    cells: list[dict[str, tuple[str, Value]]] = []
    seeds: list[dict[str, str]] = []
    for digest in digests:
        found: dict[str, tuple[str, Value]] = {}
        own: dict[str, str] = {}
        for name, value in digest.hyperparameters.items():
            lower = name.lower()
            kind = "seed" if lower in seeds_by_user or lower.rpartition(".")[2] in seeds_by_user else kind_of_name(name)
            if kind == "seed":
                own[lower] = _seed_text(value)
            elif (
                kind == "chosen"
                and lower not in apart
                and lower.rpartition(".")[2] not in apart
                and not _names_run(value, digest)
            ):
                found[name] = name, typed(value)
        cells.append(found)
        seeds.append(own)
    joined = _joined(_without_incidental(cells))
    table = SettingsTable(joined[0], joined[1], _seeds(digests, seeds), written=joined[2])
    _drop_derived(table)
    _add_names(table, digests, apart)
    return table


def _names_run(value: object, digest: RunDigest) -> bool:
    """Whether a value places or names the run itself: it has the name of the run in it."""
    own = digest.name.rpartition("/")[2].partition(".")[0]
    return isinstance(value, str) and len(own) >= MIN_NAME and own in value


def _seed_text(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def _seeds(digests: Sequence[RunDigest], found: Sequence[dict[str, str]]) -> list[str]:
    """The seed of each run: its values of the seeds that vary, else the one in its name."""
    values: dict[str, set[str]] = defaultdict(set)
    for own in found:
        for key, value in own.items():
            values[key].add(value)
    varying = [key for key, different in values.items() if len(different) > 1]
    texts = [
        "/".join(own.get(key, "") for key in varying) if varying else next(iter(own.values()), "") for own in found
    ]
    if varying or not any(digest.named.seed for digest in digests):
        return texts
    return [digest.named.seed or text for digest, text in zip(digests, texts, strict=True)]


def _without_incidental(cells: list[dict[str, tuple[str, Value]]]) -> list[dict[str, tuple[str, Value]]]:
    """Without settings most values of which are paths, addresses, dates or hashes, and without results."""
    known: Counter[str] = Counter()
    places: Counter[str] = Counter()
    for found in cells:
        for name, (_, value) in found.items():
            if value != NONE:
                known[name] += 1
                places[name] += is_incidental_value(value) or is_result(name, value)
    left_out = {name for name, count in places.items() if 2 * count > known[name]}
    return [{name: cell for name, cell in found.items() if name not in left_out} for found in cells]


def _joined(
    cells: Sequence[dict[str, tuple[str, Value]]],
) -> tuple[list[dict[str, Value]], dict[str, str], list[frozenset[str]]]:
    """One key for the spellings of a setting, unless a run has two of them with different values; also the keys each run has."""
    conflicts: set[str] = set()
    for found in cells:
        seen: dict[str, Value] = {}
        for name, (_, value) in found.items():
            key = setting_key(name)
            if seen.setdefault(key, value) != value:
                conflicts.add(key)
    spellings: dict[str, Counter[str]] = {}
    rows: list[dict[str, Value]] = []
    for found in cells:
        row: dict[str, Value] = {}
        for name, (_, value) in found.items():
            key = setting_key(name)
            key = name.lower() if key in conflicts else key
            row.setdefault(key, value)
            spellings.setdefault(key, Counter())[name] += 1
        rows.append(row)
    names = {key: counts.most_common(1)[0][0] for key, counts in spellings.items()}
    columns = {key: unified(row.get(key, NONE) for row in rows) for key in names}
    return [{key: columns[key][i] for key in names} for i in range(len(rows))], names, [frozenset(row) for row in rows]


def _drop_derived(table: SettingsTable) -> None:
    """Drop numbers of steps that follow from the batch size: their product is that of the data and the epochs."""
    sizes = [row.get(_BATCH_SIZE) for row in table.rows]
    if len(set(sizes)) < 2 or not all(isinstance(size, float) and size > 0 for size in sizes):
        return
    for key in table.varying():
        if key == _BATCH_SIZE or not _STEP_WORDS & set(words_of(key)) or "warmup" in key:
            continue
        counts = [row[key] for row in table.rows]
        products = [
            size * count
            for size, count in zip(sizes, counts, strict=True)
            if isinstance(size, float) and isinstance(count, float)
        ]
        if len(products) == len(counts) and 0 < max(products) <= (1 + _ROUNDED_STEPS) * min(products):
            del table.names[key]
            for row in table.rows:
                del row[key]


def _add_names(table: SettingsTable, digests: Sequence[RunDigest], apart: set[str]) -> None:
    """Add settings from names of runs where no log or file has them, or has the same value in all runs."""
    settled = set(table.varying())
    values: dict[str, list[Value]] = {}
    spellings: dict[str, Counter[str]] = defaultdict(Counter)
    for place, digest in enumerate(digests):
        for name, value in digest.named.pairs.items():
            key = setting_key(name)
            if name.lower() in apart or kind_of_name(name) not in ("chosen", "data") or key in settled:
                continue
            values.setdefault(key, [NONE] * len(digests))[place] = typed(value)
            spellings[key][name] += 1
    for key, column in values.items():
        named = sum(value != NONE for value in column)
        is_rare = 2 * named < len(column) if settled else named == 1 and not is_known(key)
        is_noise = bool(settled) and not is_known(key)  # the runs say themselves what was varied
        if len(set(column)) < 2 or is_rare or is_noise or _repeats(column, table, settled):
            continue
        table.names.setdefault(key, spellings[key].most_common(1)[0][0])
        table.from_names.add(key)
        for number, (row, value) in enumerate(zip(table.rows, column, strict=True)):
            row[key] = value
            table.written[number] |= {key} if value != NONE else set()


def _repeats(column: Sequence[Value], table: SettingsTable, settled: set[str]) -> bool:
    """Whether a column from names only spells a known setting otherwise: same partition of the runs, and same numbers."""
    for key in settled:
        known = [row[key] for row in table.rows]
        pairs = set(zip(column, known, strict=True))
        if len(pairs) == len(set(column)) == len(set(known)) and all(_agree(one, other) for one, other in pairs):
            return True
    return False


def _agree(one: Value, other: Value) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= 0.01 * max(abs(one), abs(other))
    return one in (other, NONE)
