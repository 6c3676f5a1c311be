"""Studies of the runs of an audit: runs of one task, data and deciding metric, and their configurations."""

from __future__ import annotations

import math
import re
from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...parsers.settings.kinds import is_incidental_value, kind_of_name, typed
from ...rules.view.study import Configuration, Study
from ..config.options import StudyOptions
from .hyperparameter_columns import KNOWN_HYPERPARAMETERS
from .pairs import FEW
from .relative_failures import with_relative_failures
from .run_settings import VARIANT, SettingsTable, settings_table
from .variants import add_variants

if TYPE_CHECKING:
    from collections.abc import Hashable, Mapping, Sequence

    from ...parsers.settings.kinds import Value
    from ...rules.view.study import RunDigest

# Words of folders that name a value of a setting, not a project.
_VALUE_WORDS = frozenset(
    "adam adamw sgd nadam nadamw lion adafactor adagrad rmsprop lamb lars sophia muon shampoo momentum cosine linear constant relu "
    "gelu silu tanh swish resnet vit mlp cnn lstm gru transformer small tiny base large big baseline default control no without "
    "with plus minus ablation wide deep narrow shallow dropout layernorm batchnorm groupnorm mixup cutmix augmented pretrained "
    "scratch frozen".split()
)


DEFAULTS = StudyOptions()


def studies_of(digests: Sequence[RunDigest], options: StudyOptions = DEFAULTS) -> list[Study]:
    """The studies of all runs with a deciding metric, largest first; runs that have no other like them are left out."""
    found = []
    for members in _groups(digests, options):
        for part in [members] if options.group_by else _projects(members, options):
            found += [_study(with_relative_failures(part), options)] if len(part) > 1 else []
    return sorted(found, key=lambda study: (-len(study.runs), study.runs[0].name))


def _groups(digests: Sequence[RunDigest], options: StudyOptions) -> list[list[RunDigest]]:
    """Runs with the same deciding metric, data and metrics; a run that lacks some or, as it failed, all of them joins the others."""
    groups: dict[tuple[Hashable, ...], list[RunDigest]] = defaultdict(list)
    for digest in sorted(digests, key=lambda digest: digest.name):
        if digest.outcome is None:
            continue
        metrics = frozenset() if options.group_by else digest.metrics
        groups[_data(digest, options), metrics].append(digest)
    merged: dict[tuple[Hashable, ...], list[RunDigest]] = {}
    for key, members in sorted(groups.items(), key=lambda item: (-len(item[0][1]), -len(item[1]))):  # type: ignore[arg-type]
        host = next((other for other in merged if _belongs(members, key, merged[other], other)), None)
        if host is None:
            merged[key] = members
        else:
            merged[host] += members
    decided = {key: _decided(members) for key, members in merged.items()}
    for digest in digests:
        if digest.outcome is None and digest.failure:
            own = _data(digest, options)
            host = next((key for key in decided if key[0] == own and _has_settings_of(digest, decided[key])), None)
            if host is not None:
                decided[host].append(_without_value(digest, decided[host][0]))
    return [sorted(members, key=lambda run: run.name) for members in decided.values()]


def _has_settings_of(digest: RunDigest, hosts: Sequence[RunDigest]) -> bool:
    """Whether a run that failed before its first metric has the settings of others, by their names."""
    own = digest.hyperparameters.keys() or digest.named.pairs.keys()
    return bool(own) and any((run.hyperparameters.keys() or run.named.pairs.keys()) == own for run in hosts)


def _without_value(digest: RunDigest, other: RunDigest) -> RunDigest:
    """A run with an outcome like that of another one, but unknown."""
    assert other.outcome is not None
    return replace(digest, outcomes=(replace(other.outcome, value=math.nan, first=math.nan, noise=math.nan, points=0),))


def _data(digest: RunDigest, options: StudyOptions) -> tuple[Hashable, ...]:
    """What names the data of a run, or what the user groups by."""
    settings = {name.lower(): typed(value) for name, value in digest.hyperparameters.items()}
    if options.group_by:
        leaves = {name.rpartition(".")[2]: value for name, value in settings.items()}
        named = {name.lower(): typed(value) for name, value in digest.named.pairs.items()}
        known = {"folder": digest.name.rpartition("/")[0].partition("/")[0], **named, **leaves, **settings}
        return tuple(known.get(name.lower(), "") for name in options.group_by)
    pairs = {
        (name.rpartition(".")[2], _last_part(value)) for name, value in settings.items() if kind_of_name(name) == "data"
    }
    return tuple(sorted(pairs, key=str))


def _last_part(value: Value) -> Value:
    """The name of a data set where its path is given."""
    is_path = isinstance(value, str) and is_incidental_value(value)
    return re.split(r"[/\\\\]", value.rstrip("/\\"))[-1] if is_path and isinstance(value, str) else value


def _belongs(
    members: Sequence[RunDigest], key: tuple[Any, ...], hosts: Sequence[RunDigest], host: tuple[Any, ...]
) -> bool:
    """Whether runs that log only some of the metrics of others were made by the same program, and ended early or failed."""
    if key[0] != host[0] or not key[1] < host[1]:
        return False
    first, other = members[0], hosts[0]
    is_short = all(
        run.failure or (run.outcome is not None and run.points < max(each.points for each in hosts)) for run in members
    )
    return is_short and bool(first.hyperparameters) and first.hyperparameters.keys() == other.hyperparameters.keys()


def _decided(members: list[RunDigest]) -> list[RunDigest]:
    """The runs with one deciding metric, that of most of them; a run without it has an outcome that is NaN."""
    counts: dict[tuple[str, str], int] = defaultdict(int)
    for run in members:
        assert run.outcome is not None
        counts[run.outcome.metric, run.outcome.split] += 1
    wanted = max(counts, key=lambda each: (counts[each], each))
    return sorted((_with_deciding(run, wanted) for run in members), key=lambda run: run.name)


def _with_deciding(run: RunDigest, wanted: tuple[str, str]) -> RunDigest:
    if not run.outcomes or (run.outcomes[0].metric, run.outcomes[0].split) == wanted:
        return run
    first = [each for each in run.outcomes if (each.metric, each.split) == wanted]
    rest = tuple(each for each in run.outcomes if (each.metric, each.split) != wanted)
    missing = replace(run.outcomes[0], metric=wanted[0], value=math.nan, noise=math.nan, points=0)
    return replace(run, outcomes=(*(first or [missing]), *rest))


def _projects(members: list[RunDigest], options: StudyOptions) -> list[list[RunDigest]]:
    """Runs whose folders are separate sweeps: each has several configurations, and no setting tells the folders apart."""
    table = settings_table(members, ignored=options.ignore, seed_names=options.seeds)
    depth = max(len(run.named.words) for run in members)
    for place in range(depth):
        parts: dict[str, list[int]] = defaultdict(list)
        for number, run in enumerate(members):
            words = run.named.words[place] if place < len(run.named.words) else ""
            parts[words].append(number)
        if len(parts) > 1 and _are_projects(parts, table, members):
            return [part for rows in parts.values() for part in _projects([members[i] for i in rows], options)]
    return [members]


def _are_projects(parts: Mapping[str, Sequence[int]], table: SettingsTable, members: Sequence[RunDigest]) -> bool:
    keys = table.varying()
    everywhere = [key for key in keys if all(key in written for written in table.written)]
    if any(_is_label_of(key, parts, table) for key in everywhere):
        return False  # the folders repeat a setting
    seeds = [{table.seeds[i] for i in rows} for rows in parts.values()]
    if all(len(own) == 1 and own != {""} for own in seeds) and len(set.union(*seeds)) == len(parts):
        return False  # the folders name the seeds
    schemas = [{frozenset(key for key in keys if key in table.written[i]) for i in rows} for rows in parts.values()]
    if all(len(schema) == 1 for schema in schemas) and len(set.union(*schemas)) > 1:
        return True  # programs with different settings
    if any(set(words.split()) & _VALUE_WORDS for words in parts):
        return False
    several = [len({tuple(table.rows[i][key] for key in keys) for i in rows}) > 1 for rows in parts.values()]
    return all(several) and len(members) >= 2 * len(parts)


def _is_label_of(key: str, parts: Mapping[str, Sequence[int]], table: SettingsTable) -> bool:
    values = [{table.rows[i][key] for i in rows} for rows in parts.values()]
    return all(len(own) == 1 for own in values) and len(set.union(*values)) == len(parts)


def _study(members: Sequence[RunDigest], options: StudyOptions) -> Study:
    table = settings_table(members, ignored=options.ignore, seed_names=options.seeds)
    add_variants(table, members)
    keys = table.varying()
    keys = [key for key in keys if not _is_running_number(key, keys, table)]
    groups: dict[tuple[Value, ...], list[int]] = defaultdict(list)
    for number, row in enumerate(table.rows):
        groups[tuple(row[key] for key in keys)].append(number)
    names = _shown(keys, table.names)
    configurations = tuple(
        Configuration(
            {names[key]: value for key, value in zip(keys, values, strict=True)},
            tuple(members[i] for i in rows),
            tuple(table.seeds[i] for i in rows),
        )
        for values, rows in groups.items()
    )
    tied = _tied(keys, list(groups))
    outcome = members[0].outcome
    assert outcome is not None
    constant = {
        table.names[key]: table.rows[0][key] for key in table.names if len({row[key] for row in table.rows}) == 1
    }
    return Study(
        outcome.metric, outcome.split, outcome.direction, configurations, tuple(names[key] for key in tied),
        {names[key]: tuple(names[other] for other in others) for key, others in tied.items() if others}, constant,
        frozenset(names[key] for key in keys if key in table.from_names),
    )  # fmt: skip


def _shown(keys: Sequence[str], names: Mapping[str, str]) -> dict[str, str]:
    """A name for each key, all different."""
    shown: dict[str, str] = {}
    for key in keys:
        name = names[key]
        shown[key] = name if name not in shown.values() else f"{name} ({key})"
    return shown


def _is_running_number(key: str, keys: Sequence[str], table: SettingsTable) -> bool:
    """Whether a setting has another value in each run although the others, with crossed seeds, are complete without it."""
    values = [row[key] for row in table.rows]
    n = len(values)
    if n < 4 or len(set(values)) < n or len(keys) < 2 or len(set(table.seeds)) < 2:
        return False
    groups: dict[tuple[Value, ...], list[str]] = defaultdict(list)
    for row, seed in zip(table.rows, table.seeds, strict=True):
        groups[tuple(row[other] for other in keys if other != key)].append(seed)
    return 1 < len(groups) <= n / 2 and all(len(set(seeds)) == len(seeds) > 1 for seeds in groups.values())


def _tied(keys: Sequence[str], levels: Sequence[tuple[Value, ...]]) -> dict[str, list[str]]:
    """Keys, the best known first, each with those that divide the configurations in the same way."""
    first: dict[tuple[int, ...], str] = {}
    tied: dict[str, list[str]] = {}
    for key in sorted(keys, key=lambda key: (_importance(key), keys.index(key))):
        column = [values[keys.index(key)] for values in levels]
        division = _division(column)
        if division in first:
            tied[first[division]].append(key)
        else:
            first[division] = key
            tied[key] = []
    return tied


def _division(column: Sequence[Value]) -> tuple[int, ...]:
    """How a setting divides configurations; numbers of its own in each of many, as of a random search, by their order."""
    numbers = [value for value in column if isinstance(value, float)]
    if len(set(numbers)) == len(column) > FEW:
        order = sorted(numbers)
        place = {value: i for i, value in enumerate(order)}
        ranks = tuple(place[value] for value in numbers)
        return min(ranks, tuple(len(ranks) - 1 - rank for rank in ranks))
    number = {value: i for i, value in enumerate(dict.fromkeys(column))}
    return tuple(number[value] for value in column)


def _importance(key: str) -> int:
    name = key.replace(" ", "_")
    if key == VARIANT:
        return len(KNOWN_HYPERPARAMETERS) + 1
    return KNOWN_HYPERPARAMETERS.index(name) if name in KNOWN_HYPERPARAMETERS else len(KNOWN_HYPERPARAMETERS)
