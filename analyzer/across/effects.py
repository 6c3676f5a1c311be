"""The effect of each hyperparameter of a study on its outcome: controlled comparisons, all else equal.

The outcomes of runs are modelled as block + level: a block holds configurations that are equal but for the hyperparameter
(and those tied to it), so that no other setting enters the comparison. Runs that failed are left out: `failure_causes` asks
for them.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

from ...rules.statistics.seed_noise import (
    LEVEL,
    MAX_EXACT,
    f_p_value,
    half_width,
    least_exact_p_value,
    pooled_noise,
    seeds_needed,
    sign_flip_p_value,
    smallest_shown,
)
from ..studies.pairs import Design
from ..studies.run_settings import NONE
from .search_effects import Search

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...parsers.run import Bools, Floats
    from ...parsers.settings.kinds import Value
    from ...rules.statistics.seed_noise import SeedNoise
    from ...rules.view.study import Configuration, Study
    from ..studies.pairs import Block

Verdict: TypeAlias = Literal["effect", "no-evidence", "cannot-tell"]
Test: TypeAlias = Literal["sign-flip", "t", "F", "rank", "groups", "none"]

MIN_FREEDOM = 2  # with one, the interval of a difference is 13 standard errors wide
MIN_POOLED = 4  # degrees of freedom from which the noise of seeds alone is used, not what the additive model leaves
MAX_LEVELS = 24  # of more values each was tried once or twice: a random search, for which ranks are compared
MAIN_SHARE = 0.9  # of the error rate of a hyperparameter is spent on its main effect, the rest on interactions


@dataclass(slots=True)
class Effect:
    """What controlled comparisons say of one hyperparameter.

    Attributes:
        levels: the two values that are compared; the difference is the outcome of the second minus that of the first.
        pairs: number of controlled pairs with outcomes.
        seeds: mean number of finished runs of a configuration.
        shown: smallest effect that would have been found, NaN if unknown.
        wanted: seeds per configuration that would decide on an effect of the size observed, None if too many or unknown.
        reason: why it cannot be told.
        by_other: name of the hyperparameter that the effect depends on, "" if none, "others" if it cannot be named.
        by_level: for each value of that one, the difference.
        ranking: levels with their adjusted mean outcomes.
        noise_from: where the noise comes from.
        correlation: rank correlation with the outcome, in a random search without controlled pairs; NaN elsewhere.

    """

    study: Study
    hyperparameter: str
    verdict: Verdict = "cannot-tell"
    test: Test = "none"
    levels: tuple[Value, Value] | None = None
    difference: float = math.nan
    low: float = math.nan
    high: float = math.nan
    p_value: float = math.nan
    q_value: float = math.nan
    pairs: int = 0
    seeds: float = 0.0
    units: int = 0
    shown: float = math.nan
    wanted: int | None = None
    reason: str = ""
    confounded: list[str] = field(default_factory=list)
    by_other: str = ""
    by_level: list[tuple[Value, float]] = field(default_factory=list)
    ranking: list[tuple[Value, float]] = field(default_factory=list)
    noise_from: Literal["seeds", "pairs"] = "seeds"
    correlation: float = math.nan

    @property
    def tied(self) -> list[str]:
        """Hyperparameters that always change together with this one."""
        return [*self.study.tied.get(self.hyperparameter, ()), *self.confounded]

    @property
    def is_asked(self) -> bool:
        """Whether a test was made."""
        return math.isfinite(self.p_value)


def _compare_by_rank(effect: Effect, search: Search | None) -> bool:
    """Compare over all configurations, as of a random search; False if that cannot be done."""
    found = search.effect(effect.hyperparameter) if search is not None else None
    if found is None:
        return False
    effect.test = "groups" if found.groups else "rank"
    effect.p_value, effect.correlation, effect.reason = found.p_value, found.correlation, ""
    effect.ranking = list(found.groups)
    effect.units = found.configurations
    effect.confounded += found.tied
    return True


def effects_on_outcome(study: Study, asked: int | None = None, *, by_rank: bool = True) -> list[Effect]:
    """One effect for each hyperparameter of a study, not yet with q values; `asked` is the number of tests in the audit.

    Without `by_rank`, only controlled pairs are compared.
    """
    design = Design(study)
    noise = pooled_noise(each.values for each in study.configurations)
    asked = asked or len(study.hyperparameters)
    search = Search(study) if by_rank else None
    return [_effect(design, name, noise, asked, search) for name in study.hyperparameters]


def _effect(design: Design, name: str, noise: SeedNoise, asked: int, search: Search | None) -> Effect:
    study = design.study
    effect = Effect(study, name)
    blocks = design.blocks(name)
    usable = [block for block in (_with_values(study, block) for block in blocks) if len(block) > 1]
    if not blocks:
        effect.confounded = design.always_with(name)
        if effect.confounded or not _compare_by_rank(effect, search):
            effect.reason = "confounded" if effect.confounded else "no-pairs"
        return effect
    if not usable:
        effect.reason = "failed"
        return effect
    effect.pairs = sum(len(block) * (len(block) - 1) // 2 for block in usable)
    values, usable = _renumbered(design.levels[name], usable)
    if len(values) > MAX_LEVELS:
        if not _compare_by_rank(effect, search):
            effect.reason = "many-levels"
        return effect
    fit = _Fit(study, usable, len(values))
    effect.seeds = fit.runs / max(1, fit.cells)
    few = 2 * sum(map(len, usable)) < len(study.configurations)  # pairs that a random search has by accident
    if few and _compare_by_rank(effect, search):
        return effect
    if not fit.compare(effect, values, noise, asked):
        effect.reason = "no-noise"
        return effect
    if fit.blocks > 1 and noise.freedom >= MIN_POOLED:
        _add_interaction(effect, fit, design, usable, values, noise)
    else:
        effect.p_value = min(1.0, effect.p_value)
    return effect


def _with_values(study: Study, block: Block) -> Block:
    return {level: number for level, number in block.items() if study.configurations[number].values}


def _renumbered(values: list[Value], blocks: Sequence[Block]) -> tuple[list[Value], list[Block]]:
    """Only the levels that occur in some block, and the blocks with their new numbers."""
    used = sorted({level for block in blocks for level in block})
    number = {level: i for i, level in enumerate(used)}
    renumbered = [{number[level]: place for level, place in block.items()} for block in blocks]
    return [values[level] for level in used], renumbered


class _Fit:
    """Least squares of outcome = block + level, blocks absorbed (Searle 1971, 7.1).

    Attributes:
        counts, sums: runs and sums of outcomes, [blocks, levels].
        level: adjusted level effects, [levels], NaN where the level was not run.

    """

    def __init__(self, study: Study, blocks: Sequence[Block], levels: int) -> None:
        self.study, self.used = study, blocks
        self.blocks = len(blocks)
        self.counts = np.zeros((self.blocks, levels))
        self.sums = np.zeros((self.blocks, levels))
        for row, block in enumerate(blocks):
            for level, number in block.items():
                values = np.asarray(study.configurations[number].values)
                self.counts[row, level], self.sums[row, level] = len(values), values.sum()
        self.runs = int(self.counts.sum())
        self.cells = int((self.counts > 0).sum())
        of_block = self.counts.sum(axis=1)
        block_mean = self.sums.sum(axis=1) / of_block
        # center by block for precision: outcomes of far apart blocks differ by more than the effect
        centered = self.sums - self.counts * block_mean[:, None]
        right = centered.sum(axis=0)
        matrix = np.diag(self.counts.sum(axis=0)) - (self.counts / of_block[:, None]).T @ self.counts
        self.inverse: Floats = np.linalg.pinv(matrix, rcond=1e-10, hermitian=True)
        self.level: Floats = self.inverse @ right
        self.rank = int(np.linalg.matrix_rank(matrix, tol=1e-9 * max(1.0, float(np.abs(matrix).max())), hermitian=True))
        self.explained = float(right @ self.level)
        within = np.where(self.counts > 0, centered**2 / np.maximum(self.counts, 1), 0.0).sum()
        self.between_cells = float(within)  # sum of squares of cell means around block means
        self.pure = 0.0
        for block in blocks:
            for number in block.values():
                values = np.asarray(study.configurations[number].values)
                self.pure += float(((values - values.mean()) ** 2).sum())
        self.is_known: Bools = self.counts.sum(axis=0) > 0
        self.freedom = self.runs - self.blocks - self.rank

    @property
    def interaction(self) -> tuple[float, int]:
        """Sum of squares that block and level leave between cells, and its degrees of freedom."""
        return max(self.between_cells - self.explained, 0.0), self.cells - self.blocks - self.rank

    def variance_of(self, first: int, second: int) -> float:
        """Variance of the difference of two levels, in units of the variance of a run."""
        contrast = np.zeros(len(self.level))
        contrast[second], contrast[first] = 1.0, -1.0
        return float(contrast @ self.inverse @ contrast)

    def compare(self, effect: Effect, values: list[Value], noise: SeedNoise, asked: int) -> bool:
        """Fill in the comparison; False if nothing shows how much the outcome varies by chance."""
        use_seeds = noise.freedom >= min(MIN_POOLED, max(self.freedom, MIN_FREEDOM))
        residual = self.pure + self.interaction[0]
        freedom = noise.freedom if use_seeds else self.freedom
        if freedom < MIN_FREEDOM:
            return False
        deviation = noise.deviation if use_seeds else math.sqrt(residual / freedom)
        effect.noise_from = "seeds" if use_seeds else "pairs"
        scale = float(np.abs(self.sums).max() / max(1.0, float(self.counts.max())))
        deviation = max(deviation, 1e-12 * scale, 1e-300)
        known = np.flatnonzero(self.is_known)
        effect.p_value = f_p_value(self.explained / max(self.rank, 1) / deviation**2, self.rank, freedom)
        effect.test = "t" if len(known) == 2 else "F"
        first, second = int(known[0]), int(known[-1])
        if len(known) > 2:
            effect.ranking = [(values[i], float(self.level[i])) for i in known.tolist()]
            if effect.p_value <= LEVEL:
                low, high = int(known[np.argmin(self.level[known])]), int(known[np.argmax(self.level[known])])
                first, second = min(low, high), max(low, high)
        effect.levels = values[first], values[second]
        effect.difference = float(self.level[second] - self.level[first])
        error = deviation * math.sqrt(max(self.variance_of(first, second), 0.0))
        units = self._differences(first, second) if len(known) == 2 else np.empty(0)
        effect.units = len(units) if len(known) == 2 else effect.pairs
        if 0 < len(units) <= MAX_EXACT and least_exact_p_value(len(units)) <= LEVEL / asked / 2:
            effect.test = "sign-flip"
            effect.p_value = sign_flip_p_value(units)
            effect.difference = float(units.mean())
            error, freedom = float(units.std(ddof=1)) / math.sqrt(len(units)), len(units) - 1
        width = half_width(error, freedom)
        effect.low, effect.high = effect.difference - width, effect.difference + width
        effect.shown = smallest_shown(error, freedom)
        effect.wanted = seeds_needed(abs(effect.difference), error, freedom, effect.seeds)
        return True

    def _differences(self, first: int, second: int) -> Floats:
        """Paired differences of two levels: by block and seed where both have the same seeds, else by block."""
        found: list[float] = []
        for block in self.used:
            if first in block and second in block:
                found += _paired(self.study.configurations[block[first]], self.study.configurations[block[second]])
        return np.array(found)


def _paired(first: Configuration, second: Configuration) -> list[float]:
    by_seed = [_by_seed(first), _by_seed(second)]
    if by_seed[0] and by_seed[0].keys() == by_seed[1].keys():
        return [by_seed[1][seed] - by_seed[0][seed] for seed in sorted(by_seed[0])]
    return [float(np.mean(second.values) - np.mean(first.values))]


def _by_seed(configuration: Configuration) -> dict[str, float]:
    """Outcomes by seed; empty if a seed is unknown or occurs twice."""
    found = {}
    for run, seed in zip(configuration.runs, configuration.seeds, strict=True):
        if not run.failure and run.has_outcome and run.outcome is not None:
            if not seed or seed in found:
                return {}
            found[seed] = run.outcome.value
    return found


def _add_interaction(
    effect: Effect, fit: _Fit, design: Design, blocks: Sequence[Block], values: list[Value], noise: SeedNoise
) -> None:
    """Combine the test of the main effect with one of its interactions: a tenth of the error rate is theirs (Bonferroni)."""
    squares, freedom = fit.interaction
    if freedom < 1:
        return
    p_interaction = f_p_value(squares / freedom / max(noise.deviation**2, 1e-300), freedom, noise.freedom)
    effect.p_value = min(1.0, effect.p_value / MAIN_SHARE, p_interaction / (1 - MAIN_SHARE))
    if p_interaction > LEVEL * (1 - MAIN_SHARE) or effect.levels is None:
        return
    first, second = (values.index(level) for level in effect.levels)
    rows = [block for block in blocks if first in block and second in block]
    differences = np.array(
        [
            np.mean(design.study.configurations[block[second]].values)
            - np.mean(design.study.configurations[block[first]].values)
            for block in rows
        ]
    )
    effect.by_other, effect.by_level = "others", []
    if len(rows) < 2:
        return
    least = float(((differences - differences.mean()) ** 2).sum()) / 2
    for name in design.study.hyperparameters:
        if name == effect.hyperparameter:
            continue
        level = design.column[[block[first] for block in rows], design.place(name)]
        kinds = sorted(set(level.tolist()))
        left = sum(
            float(((differences[level == kind] - differences[level == kind].mean()) ** 2).sum()) for kind in kinds
        )
        if len(kinds) > 1 and left < least and (len(kinds) < len(rows) or len(rows) == 2):
            least, effect.by_other = left, name
            effect.by_level = [(design.levels[name][kind], float(differences[level == kind].mean())) for kind in kinds]


def competing(effect: Effect) -> list[str]:
    """Settings that could explain a difference as well: those tied to the hyperparameter.

    Those that only exist for one of its values and are constant there are a part of it, such as the momentum of one optimizer.
    """
    study = effect.study

    def is_part(other: str) -> bool:
        values = {each.hyperparameters[other] for each in study.configurations}
        return NONE in values and len(values) == 2

    return [name for name in effect.tied if not is_part(name)]
