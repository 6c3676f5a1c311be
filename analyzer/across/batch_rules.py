"""Batch rules, which compare runs: applied after all runs are judged, to their digests; a few runs can be read again."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...rules.view.study import Batch, RunDigest
from ..config.options import batch_rules_of
from ..reading.read import read_group
from ..report.entries import severity_name
from ..report.json_text import finite

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from ...parsers.run import Run
    from ...rules.base import BatchRule, Comparison
    from ...rules.view.study import Study
    from ..config.options import Config
    from ..reading.grouping import LogGroup
    from ..report.schema import ComparisonEntry


def compare_runs(
    digests: Sequence[RunDigest],
    read: Callable[[RunDigest], Run | None],
    config: Config,
    *,
    strict: bool,
    studies: Sequence[Study] = (),
) -> tuple[list[ComparisonEntry], dict[str, str]]:
    """Entries of `comparisons` in report.json, and the exceptions of rules that failed, by their ids.

    A comparison is dropped if the options for its main run ignore the rule or demand a higher confidence.
    """
    batch = Batch(sorted(digests, key=lambda digest: digest.name), read, studies)
    paths = {digest.name: Path(digest.path) for digest in digests}
    entries: list[ComparisonEntry] = []
    failed: dict[str, str] = {}
    for rule in batch_rules_of(config.settings):
        try:
            for found in rule.check(batch, rule.limits):
                own = config.at(paths[found.runs[0]])
                changed = next((each for each in batch_rules_of(own) if each.id == rule.id), None)
                if changed is not None and found.confidence >= own.min_confidence:
                    entries.append(comparison_entry(changed, found))
        except Exception as error:
            if strict:
                raise
            failed[rule.id] = f"{type(error).__name__}: {error}"
    return entries, failed


def comparison_entry(rule: BatchRule[Any], found: Comparison) -> ComparisonEntry:
    """One comparison for report.json; its fingerprint depends on the rule and the runs only."""
    identity = "\0".join((rule.id, *found.runs))
    return {
        "rule": rule.id,
        "severity": severity_name(found.severity or rule.severity),
        "confidence": round(found.confidence, 3),
        "title": rule.failure_title,
        "runs": list(found.runs),
        "message": found.message,
        "evidence": {name: finite(float(value)) for name, value in found.evidence.items()},
        "remedies": list(found.remedies),
        "fingerprint": hashlib.blake2b(identity.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest(),
    }


def reader(groups: Mapping[str, LogGroup], root: Path, config: Config) -> Callable[[RunDigest], Run | None]:
    """A function that reads a run again, given its digest, from its group of logs."""

    def read(digest: RunDigest) -> Run | None:
        try:
            runs = read_group(groups[digest.name], root, config=config)
        except OSError:  # the log was deleted meanwhile
            return None
        return next((run for run in runs if run.name == digest.name), None)

    return read
