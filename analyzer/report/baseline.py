"""Findings that are known and accepted: they are shown, but not counted.

A finding is known by run, rule and metric: a log that grows moves its steps and its numbers, not these. It is accepted
up to the severity that it had: a warning that becomes an error is new. The file is sorted JSON, so that a change of it
reads well in a review.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias, TypedDict, TypeGuard

from ...parsers.files.open_log import open_log
from ...parsers.secrets import masked_path
from ..config.errors import UsageError
from .entries import SEVERITIES, severity_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from ..judging.judgement import RuleFinding
    from .schema import FindingEntry, RunEntry, SeverityName

SCHEMA = "trainlint-baseline/2"
Identity: TypeAlias = tuple[str, str, str]  # run, rule, metric


class Accepted(TypedDict):
    """An accepted finding as the file has it."""

    run: str
    rule: str
    metric: str
    severity: SeverityName


@dataclass(frozen=True, slots=True)
class Baseline:
    """Accepted findings: their severity by their identity, that is run, as the report names it, rule and metric."""

    known: Mapping[Identity, SeverityName]

    def accepts(self, run_name: str, found: RuleFinding) -> bool:
        """Whether a finding of a run is accepted, as grave as it is."""
        names = (found.rule.id, found.rule.formerly)
        severities = (self.known.get((run_name, name, found.finding.metric)) for name in names)
        severity = next(filter(None, severities), None)
        return severity is not None and SEVERITIES.index(severity_name(found.severity)) <= SEVERITIES.index(severity)

    def gone(self, runs: Iterable[RunEntry]) -> int:
        """How many accepted findings of these runs were not found again."""
        listed = list(runs)
        found = {identity for run in listed for finding in run["findings"] for identity in _identities_of(run, finding)}
        names = {run["run"] for run in listed}
        return sum(identity[0] in names and identity not in found for identity in self.known)


def identity_of(run: RunEntry, finding: FindingEntry) -> Identity:
    return run["run"], finding["rule"], finding["metric"]


def _identities_of(run: RunEntry, finding: FindingEntry) -> Iterator[Identity]:
    """Its identity, and that which it had when its rule was a part of another one."""
    yield identity_of(run, finding)
    if "formerly" in finding:
        yield run["run"], finding["formerly"], finding["metric"]


def read_baseline(path: Path) -> Baseline:
    """Read a file that `baseline_text` made.

    Raises:
        UsageError: the file is missing, or is no baseline.

    """
    if path.exists() and not path.is_file():  # a configuration file may name it: a pipe would hold up the audit
        raise UsageError(f"the baseline cannot be read: {path}: is no plain file")
    try:
        with open_log(path) as file:
            content: object = json.loads(file.read().decode())
    except OSError as error:
        raise UsageError(f"the baseline cannot be read: {path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is no baseline of trainlint: {error}") from error
    listed = content.get("findings") if isinstance(content, dict) and content.get("schema") == SCHEMA else None
    if not _are_accepted(listed):
        raise UsageError(f"{path} is no baseline of trainlint: its schema is not {SCHEMA!r}")
    # runs and metrics are named without secrets: a file that was written before that is understood, too
    return Baseline(
        {
            (masked_path(item["run"]), masked_path(item["rule"]), masked_path(item["metric"])): item["severity"]
            for item in listed
        }
    )


def _are_accepted(listed: object) -> TypeGuard[list[Accepted]]:
    return isinstance(listed, list) and all(map(_is_accepted, listed))


def _is_accepted(item: object) -> bool:
    if not isinstance(item, dict) or item.get("severity") not in SEVERITIES:
        return False
    return all(isinstance(item.get(key), str) for key in ("run", "rule", "metric"))


def baseline_text(runs: Iterable[RunEntry]) -> str:
    """A baseline that accepts every finding of these entries; of several with one identity the gravest counts."""
    graver = sorted(
        (SEVERITIES.index(finding["severity"]), identity_of(run, finding))
        for run in runs
        for finding in run["findings"]
    )
    known = {identity: SEVERITIES[severity] for severity, identity in graver}
    listed: list[Accepted] = [
        {"run": run, "rule": rule, "metric": metric, "severity": known[run, rule, metric]}
        for run, rule, metric in sorted(known)
    ]
    return json.dumps({"schema": SCHEMA, "findings": listed}, indent=1) + "\n"
