"""Multiple testing: findings that chance alone could explain in a batch, and the expected number of false ones."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..report.schema import FindingEntry, RunEntry, SampleEntry

FALSE_DISCOVERY_RATE = 0.05  # (Benjamini and Hochberg 1995), per rule over all runs that it could judge
# Runs of one audit: for more, the entries of report.json alone (some KB each) would fill the memory of a server.
MAX_TESTS = 10_000_000


def adjust(entries: Sequence[RunEntry]) -> SampleEntry:
    """Add "q_value" to the findings of report entries that are based on a z statistic, and summarise the batch.

    A rule that could judge m runs has made m tests. The q value of a finding is the smallest false-discovery rate at
    which it is significant (p values are one-sided, of a standard normal). Returns `expected_false`, the sum of
    1 - confidence over warnings and errors; `findings`, their number; and `chance`, how many of all findings have a q
    value above `FALSE_DISCOVERY_RATE`, which chance alone could have produced.
    """
    by_rule: dict[str, list[tuple[float, FindingEntry]]] = {}
    tests: dict[str, int] = {}
    for entry in entries:
        for rule, outcome in entry["outcomes"].items():
            tests[rule] = tests.get(rule, 0) + (outcome in ("fired", "clear"))
        for finding in entry["findings"]:
            z = finding["evidence"].get("z")
            if isinstance(z, float):
                by_rule.setdefault(finding["rule"], []).append((_p_value(z), finding))
    for rule, found in by_rule.items():
        adjusted = q_values([p_value for p_value, _ in found], max(tests[rule], len(found)))
        for (_, finding), q in zip(found, adjusted, strict=True):
            finding["q_value"] = q
    counted = [f for entry in entries for f in entry["findings"] if f["severity"] != "info"]
    every = [f for entry in entries for f in entry["findings"]]
    return {
        "findings": len(counted),
        "expected_false": round(sum(1 - f["confidence"] for f in counted), 2),
        "chance": sum(f.get("q_value", 0.0) > FALSE_DISCOVERY_RATE for f in every),
    }


def _p_value(z: float) -> float:
    """One-sided p value of a standard normal."""
    return math.erfc(z / math.sqrt(2)) / 2


def may_be_chance(entry: RunEntry) -> bool:
    """Whether chance alone could produce a finding of this run in some batch of at most `MAX_TESTS` runs.

    A q value is at most the p value times the number of tests.
    """
    statistics = (finding["evidence"].get("z") for finding in entry["findings"])
    return any(isinstance(z, float) and _p_value(z) * MAX_TESTS > FALSE_DISCOVERY_RATE for z in statistics)


def expectation(batch: SampleEntry) -> str:
    """The expected number of false findings of a batch as a sentence; "" if there are no findings."""
    if not batch["findings"]:
        return ""
    said = "the one warning or error" if batch["findings"] == 1 else f"the {batch['findings']:,} warnings and errors"
    expected = batch["expected_false"]
    about = f"about {expected:.0f}" if expected >= 1 else "less than one"
    noun = "finding (marked on its page)" if batch["chance"] == 1 else "findings (marked on their pages)"
    chance = f" Chance alone could explain {batch['chance']:,} {noun}." if batch["chance"] else ""
    return f"Expected number of false findings among {said}: {about}, judging by their confidence.{chance}"


def chance_notes(entry: RunEntry) -> dict[int, str]:
    """Notes on the findings of a run that chance alone could have produced, by their number."""
    return {
        number: f"Chance alone could explain this finding: among this many runs, {finding['q_value']:.0%} of the findings at "
        "least as strong as this one are expected to be false (q value of Benjamini and Hochberg)."
        for number, finding in enumerate(entry["findings"])
        if finding.get("q_value", 0.0) > FALSE_DISCOVERY_RATE
    }


def q_values(p_values: Sequence[float], tests: int) -> list[float]:
    """Benjamini-Hochberg adjusted p values of the smallest of `tests` tests; those not given count as not rejected."""
    order = sorted(range(len(p_values)), key=p_values.__getitem__)
    adjusted = [0.0] * len(p_values)
    least = 1.0
    for rank in range(len(order), 0, -1):
        least = min(least, p_values[order[rank - 1]] * tests / rank)
        adjusted[order[rank - 1]] = least
    return adjusted
