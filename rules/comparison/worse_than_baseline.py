"""A configuration is clearly worse than the one that is named as the baseline.

## What it finds
A configuration whose outcome is worse than that of the runs named "baseline", "reference" or "control", by more than the
noise between seeds, or that failed while the baseline did not.

## Why it matters
A change that makes the result worse should not be kept, and a run that loses against the baseline on purpose is worth a note.

## How it is detected
The baseline is the configuration one of whose runs has such a word in its name, folder or title. The difference of the means
is divided by its standard error from the seed noise of the study; p values are multiplied by the number of configurations.
It is an error from a drop of 20% of what the baseline gained since its first evaluation, at six standard errors.

## When it is a false alarm
An ablation takes parts away to show that they matter: that it is worse is then the result, not a fault.

## What to do
Compare the settings and the curves of the two (`trainlint compare`), and look for the first step at which they part.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from ..base import BatchRule, Comparison, Severity
from ..statistics.seed_noise import t_p_value
from ..thresholds import limit, thresholds
from ._studies import described, gain, noise_of_seeds

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..view.study import Batch, Configuration, Study

_WORDS = frozenset({"baseline", "reference", "control"})


@thresholds
class Limits:
    """Thresholds of this rule."""

    p_value: float = limit(0.01, "over all configurations of a study", unit="p-value")
    min_freedom: int = limit(2, "one repeated seed leaves the noise unknown by a factor of 30", unit="")
    error_errors: float = limit(6.0, "for an error, beyond doubt", unit="standard errors")
    error_share: float = limit(0.2, "of what the baseline gained: a loss that anyone would see", unit="%")


def check(batch: Batch, limits: Limits) -> Iterator[Comparison]:
    """Yield one finding for each configuration that is worse than the baseline of its study."""
    for study in batch.studies:
        named = [each for each in study.configurations if any(_is_named(run.named.words) for run in each.runs)]
        if len(named) == 1 and named[0].values:
            yield from _worse(study, named[0], limits)


def _is_named(words: tuple[str, ...]) -> bool:
    return any(_WORDS & set(part.split()) for part in words)


def _worse(study: Study, baseline: Configuration, limits: Limits) -> Iterator[Comparison]:
    noise = noise_of_seeds(study)
    level = sum(baseline.values) / len(baseline.values)
    firsts = [run.outcome.first for run in baseline.finished if run.outcome is not None]
    gained = gain(study, level, sum(firsts) / len(firsts))
    others = [each for each in study.configurations if each is not baseline]
    for each in others:
        runs = (each.runs[0].name, baseline.runs[0].name)
        if each.failures == len(each.runs) and not baseline.failures:
            yield Comparison(
                message=f"{'all runs' if len(each.runs) > 1 else 'the run'} with {described(each, study)} failed ({each.runs[0].failure}), those of the baseline did not",
                confidence=0.9,
                runs=runs,
                evidence={"failed_count": float(each.failures), "baseline_count": float(len(baseline.runs))},
                severity=Severity.ERROR,
                remedies=(f"compare the settings and curves of {runs[0]} and {runs[1]}",),
            )
        if not each.values or noise.freedom < limits.min_freedom or not noise.deviation > 0:
            continue
        mean = sum(each.values) / len(each.values)
        error = noise.deviation * math.sqrt(1 / len(each.values) + 1 / len(baseline.values))
        drop = gain(study, level, mean)
        if drop <= 0 or t_p_value(drop / error, noise.freedom) / 2 * len(others) > limits.p_value:
            continue
        is_error = drop > limits.error_errors * error and gained > 0 and drop > limits.error_share * gained
        yield Comparison(
            message=f"{study.metric} of {described(each, study)} is {mean:.4g}, worse by {drop:.3g} than the {level:.4g} of the baseline: {drop / error:.3g} "
            f"standard errors of the noise between seeds",
            confidence=0.9,
            runs=runs,
            evidence={"mean": mean, "mean_of_baseline": level, "drop": drop, "t": drop / error},
            severity=Severity.ERROR if is_error else None,
            remedies=(f"compare the settings and curves of {runs[0]} and {runs[1]}",),
        )


RULE = BatchRule(
    id="worse-than-baseline",
    family="comparison",
    severity=Severity.WARNING,
    since="0.1.0",
    title="No configuration is worse than the baseline",
    failure_title="Worse than the baseline",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
)
