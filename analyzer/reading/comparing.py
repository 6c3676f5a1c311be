"""Decision whether two parts of a log are one run, by content, not by name.

A common folder proves nothing. Parts are joined if measured curves agree to the printed digits, over enough different values
(`agreement`), and nothing contradicts; or if the layout of their writers proves it (`Part`).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import chain, islice
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from ...parsers.base import is_below
from ...parsers.meaning.resolve import split_of_word
from ...parsers.meaning.words import words_of
from ...parsers.settings.file_roles import run_named_by
from ...parsers.settings.kinds import kind_of_name
from .agreement import MIN_POINTS, Match, Measured, match

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from ...parsers.run import Curve, Role, Run, Split

MIN_EVIDENCE = 4.0  # digits: of 10,000 pairs of similar runs at most one agrees to this extent by chance
# Digits for the only two logs of a folder that are of two formats: they are rarely of two runs, since runs of one program
# are logged alike, and there is one pair to compare, not one for each of many runs.
MIN_EVIDENCE_OF_TWO = 2.0
CLEAR_EVIDENCE = 12.0  # digits; with more, curves that differ under one name were measured in two ways
MAX_COMPARED = 500  # pairs of curves with different names: more than the logs of one run by two loggers have
MAX_PREFIXED = 8  # curves whose names have the same last words as that of another
SEED_WORDS = frozenset(("seed", "random_seed", "random_state"))
# Measured quantities differ between runs; a learning rate or a schedule is the same in all runs of a sweep.
MEASURED_ROLES: frozenset[Role] = frozenset((
    "loss", "score", "perplexity", "gradient-norm", "reward", "entropy", "negative-entropy", "kl", "approx-kl",
))  # fmt: skip
COMPARED_ROLES: frozenset[Role] = MEASURED_ROLES | {"learning-rate"}
UNNAMED_ROLES: frozenset[Role] = frozenset(
    ("unknown", "statistic", "explained-variance", "clip-fraction", "policy-std")
)


@dataclass(slots=True, eq=False)
class Part:
    """The part of a run that one parser read, with the facts known before curves are compared.

    Attributes:
        run: the curves and everything else that was read.
        home: the folder of the run that the files belong to by their format.
        paths: the files that were read.
        companions: globs, relative to the home, of files that the same writer creates for the same run.
        siblings: equal for files of one folder whose names differ only in the split; None for other files.
        is_placed: it has a separate folder within the home, such as event files in `train/`.
        is_of_folder: its format has one run per folder, which is named after it.
        is_one_of_several: its file contains several runs, or its folder has the name of a split but is a run: never joined.
        is_one_of_two: its folder has one other part with curves, of another format.

    """

    run: Run
    home: Path
    paths: Sequence[Path] = ()
    companions: Sequence[str] = ()
    siblings: tuple[str, ...] | None = None
    is_placed: bool = False
    is_of_folder: bool = False
    is_one_of_several: bool = False
    is_one_of_two: bool = False
    measured: list[Measured] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.measure()

    def measure(self) -> None:
        """Update `measured` after a change of the curves."""
        self.measured = [Measured(curve) for curve in self.run.all_curves if len(curve)]

    def names(self, other: Part) -> bool:
        """Whether the writer of this part creates a file of another part for the same run."""
        return any(is_below(path, self.home, self.companions) for path in other.paths)


class Pair(NamedTuple):
    """Curves of two parts that may be the same quantity. `is_named`: by their names."""

    host: Measured
    part: Measured
    match: Match
    is_named: bool


class Comparison(NamedTuple):
    """The common curves of two parts.

    Attributes:
        pairs: those with the same name, and others that agree; each curve of the part once.
        evidence: digits of evidence for one run.
        against: names of measured curves that differ.

    """

    pairs: list[Pair]
    evidence: float
    against: list[str]

    @property
    def is_one_training(self) -> bool:
        return self.evidence >= (CLEAR_EVIDENCE if self.against else MIN_EVIDENCE)


NOTHING_SHARED = Comparison([], 0.0, [])


class _Known:
    """The curves of a part by name and split, otherwise by the words of the name: `eval/loss` matches `eval_loss`."""

    def __init__(self, measured: Sequence[Measured]) -> None:
        self.measured = measured
        self.by_name = {(m.curve.name, m.curve.split): m for m in measured}
        self.by_words: dict[tuple[object, ...], list[Measured]] = {}
        self.by_role: dict[Role, list[Measured]] = {}
        self.by_full_name: dict[tuple[str, ...], list[Measured]] = {}
        self.by_ending: dict[tuple[str, ...], list[Measured]] = {}
        for each in measured:
            words = tuple(words_of(each.curve.tag))
            self.by_full_name.setdefault(words, []).append(each)
            for start in range(1, len(words)):
                self.by_ending.setdefault(words[start:], []).append(each)
            self.by_words.setdefault(_words(each.curve), []).append(each)
            self.by_role.setdefault(each.curve.role, []).append(each)

    def named(self, curve: Curve) -> Measured | None:
        """The curve with the same name; None if there is none or it is ambiguous."""
        exact = self.by_name.get((curve.name, curve.split))
        if exact is not None:
            return exact
        alike = [m for m in self.by_words.get(_words(curve), []) if _is_of_split(m.curve.split, curve.split)]
        if len(alike) > 1:  # without a split it belongs to the training
            alike = [m for m in alike if m.curve.split == "train"]
        return alike[0] if len(alike) == 1 else None

    def prefixed(self, curve: Curve) -> Iterator[Measured]:
        """Curves with a longer name, or a shorter one, with the same last words: `ray/tune/reward` for `reward`."""
        words = tuple(words_of(curve.tag))
        longer = self.by_ending.get(words, []) if words else []
        shorter = (self.by_full_name.get(words[start:], []) for start in range(1, len(words)))
        for each in chain(longer, *shorter):
            if each.curve.statistic == curve.statistic and _is_of_split(each.curve.split, curve.split):
                yield each

    def of_any_split(self, curve: Curve) -> Iterator[Measured]:
        """Curves whose names have the same last words, for one whose split was inferred, as its name does not say it."""
        words = tuple(words_of(curve.tag))
        if not any(map(split_of_word, words)):
            for each in chain(self.by_full_name.get(words, []), self.by_ending.get(words, [])):
                if each.curve.statistic == curve.statistic and each.curve.role == curve.role:
                    yield each

    def alike(self, curve: Curve) -> Iterator[Measured]:
        """Curves that may be the same quantity under another name: those of the same role, if it is compared."""
        if curve.role in COMPARED_ROLES:
            yield from (each for each in self.by_role.get(curve.role, []) if _is_same_kind(each.curve, curve))


def _is_same_kind(one: Curve, other: Curve) -> bool:
    return one.statistic == other.statistic and one.layer == other.layer and _is_of_split(one.split, other.split)


def _last_word(curve: Curve) -> str:
    return next(reversed(words_of(curve.tag)), "")


def _is_of_split(one: Split, other: Split) -> bool:
    return one == other or "none" in (one, other)


def _words(curve: Curve) -> tuple[object, ...]:
    return tuple(word for word in words_of(curve.tag) if not split_of_word(word)), curve.statistic, curve.role


def compare(host: Part, part: Part) -> Comparison:
    """Find the common curves of two parts, and the evidence for and against one run."""
    known = _Known(host.measured)
    pairs: list[Pair] = []
    against: list[str] = []
    evidence = 0.0
    # one writer may log a quantity under two names, and splits into separate folders
    is_one_log = host.home == part.home and host.run.format == part.run.format
    is_one_writer = is_one_log and (host.is_placed or part.is_placed)
    left = MAX_COMPARED
    taken: set[int] = set()
    for own in part.measured:
        named = known.named(own.curve)
        pair = Pair(named, own, _matched(named, own), is_named=True) if named else None
        if pair is None or not pair.match.agrees:
            prefixed = [] if is_one_writer else list(islice(known.prefixed(own.curve), MAX_PREFIXED))
            alike = [] if is_one_writer else list(islice(known.alike(own.curve), left))
            left -= len(alike)
            others = islice(known.of_any_split(own.curve), MAX_PREFIXED) if pair is None and not is_one_writer else ()
            free = (m for m in (*prefixed, *alike, *others) if m is not named and id(m) not in taken)
            pair = next(filter(None, (_same_under_another_name(m, own) for m in free)), pair)
        if pair is None:
            continue
        taken.add(id(pair.host))
        pairs.append(pair)
        if pair.match.agrees:
            evidence += pair.match.evidence if _is_telling(pair) else 0.0
        elif own.curve.role in COMPARED_ROLES and len(pair.match.first) >= MIN_POINTS:
            against.append(own.curve.name)
    return Comparison(pairs, evidence, against)


def _same_under_another_name(host: Measured, part: Measured) -> Pair | None:
    found = _matched(host, part)
    is_suffix = _last_word(host.curve) == _last_word(part.curve)
    is_proven = found.evidence >= MIN_EVIDENCE / 2 or (is_suffix and len(found.first) >= MIN_POINTS)
    return Pair(host, part, found, is_named=False) if found.agrees and is_proven else None


def _matched(host: Measured, part: Measured) -> Match:
    return match(host, part, may_be_percent=part.curve.role == "score")


def _is_telling(pair: Pair) -> bool:
    """Whether agreement indicates one run: the curve was measured, or at least rises and falls unlike a schedule."""
    role = pair.part.curve.role
    if role in MEASURED_ROLES:
        return True
    turns = np.diff(np.sign(np.diff(pair.part.rows.value)))
    return role in UNNAMED_ROLES and pair.is_named and int(np.count_nonzero(turns)) >= MIN_POINTS


def belongs(part: Part, host: Part) -> Comparison | None:
    """The common curves of a part and a run if they are one run; None if nothing proves it."""
    found = compare(host, part)
    is_of_one_file = part.run.path == host.run.path and part.run.format == host.run.format
    if is_of_one_file or _hyperparameters_differ(part.run, host.run):
        return None
    if part.home != host.home and _are_alike(part.run, host.run) and not (host.names(part) or part.names(host)):
        return None  # separate runs, even if they have the same seed
    if found.is_one_training or _is_lone_pair(found, part, host):
        return found
    if not found.pairs and _are_of_one_set(part, host):
        return found
    return found if not found.against and _is_proven_by_layout(part, host) else None


def _is_lone_pair(found: Comparison, part: Part, host: Part) -> bool:
    """Whether the only two logs of a folder agree well enough for two that are alone."""
    is_pair = part.is_one_of_two and host.is_one_of_two and part.home == host.home
    return is_pair and not found.against and found.evidence >= MIN_EVIDENCE_OF_TWO


def _are_alike(one: Run, other: Run) -> bool:
    """Whether two logs of one format contain the same metrics, like those of two runs of one program."""
    tags = [{curve.name for curve in run.all_curves} for run in (one, other)]
    return one.format == other.format and (tags[0] <= tags[1] or tags[1] <= tags[0])


def _are_of_one_set(part: Part, host: Part) -> bool:
    """Whether two logs of one folder measure different things, under names that tell no runs apart.

    The logs of two runs of one program hold the same metrics; two that share none, such as `results.csv` and
    `model_train.csv`, were written for one run unless their names say otherwise.
    """
    if part.home != host.home or not (part.measured and host.measured and part.paths and host.paths):
        return False
    metrics = [{_words(each.curve)[0] for each in one.measured} for one in (part, host)]
    return metrics[0].isdisjoint(metrics[1]) and all(map(_names_no_run, (*part.paths, *host.paths)))


def _names_no_run(path: Path) -> bool:
    """Whether the name of a file says only what is in it, or repeats that of its folder."""
    return path.stem == path.parent.name or not run_named_by(path.name)


def _is_proven_by_layout(part: Part, host: Part) -> bool:
    """Whether the paths of the files show that one run wrote them, provided that no curves differ."""
    if host.names(part) or part.names(host):
        return True
    if part.home != host.home:
        return False
    if part.siblings is not None and part.siblings == host.siblings and part.run.format == host.run.format:
        return True
    if part.run.format == host.run.format and (part.is_placed or host.is_placed):
        return True
    return is_continuation(part.run, host.run) or is_continuation(host.run, part.run)


def is_continuation(run: Run, before: Run) -> bool:
    """Whether a log continues another one with the same format and metrics: no common step, no gap between them."""
    own, others = ({(c.name, c.split): c for c in r.all_curves if len(c)} for r in (run, before))
    if run.format != before.format or own.keys() != others.keys() or not own:
        return False
    longest = max(others.values(), key=len)
    curve = own[longest.name, longest.split]
    if curve.axis != longest.axis or curve.axis == "row" or len(longest) < MIN_POINTS:
        return False
    interval = max(int(np.median(np.abs(np.diff(longest.step)))), 1)
    return bool(0 < int(curve.step[0]) - int(longest.step.max()) <= 2 * interval)


def _hyperparameters_differ(one: Run, other: Run) -> bool:
    """Whether two parts have different seeds, or most of their common hyperparameters differ.

    Two logs of one format with the same metrics are those of one run by copying alone, so that any hyperparameter that
    was chosen tells them apart, unless one continues the other: a resumed run may have another one.
    """
    common = one.hyperparameters.keys() & other.hyperparameters.keys()
    different = [key for key in common if one.hyperparameters[key] != other.hyperparameters[key]]
    if any(key.rpartition(".")[2].lower() in SEED_WORDS for key in different):
        return True
    if any(kind_of_name(key) == "chosen" for key in different) and _are_alike(one, other):
        return not (is_continuation(one, other) or is_continuation(other, one))
    return 2 * len(different) > max(len(common), 3)
