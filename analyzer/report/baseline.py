"""Accepted findings: they are shown, but not counted.

A finding is identified by run, rule and metric: its steps and numbers change when the log grows, these do not. It is
accepted up to its severity in the baseline: a warning that becomes an error is new. The file is sorted JSON, so that
changes are easy to review.
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
    """An accepted finding in the file."""

    run: str
    rule: str
    metric: str
    severity: SeverityName


@dataclass(frozen=True, slots=True)
class Baseline:
    """Accepted findings: severity by identity, that is name of the run in the report, rule and metric."""

    known: Mapping[Identity, SeverityName]

    def accepts(self, run_name: str, found: RuleFinding) -> bool:
        """Whether a finding of a run is accepted at its severity."""
        names = (found.rule.id, found.rule.formerly)
        severities = (self.known.get((run_name, name, found.finding.metric)) for name in names)
        severity = next(filter(None, severities), None)
        return severity is not None and SEVERITIES.index(severity_name(found.severity)) <= SEVERITIES.index(severity)

    def gone(self, runs: Iterable[RunEntry]) -> int:
        """The number of accepted findings of these runs that no longer occur."""
        listed = list(runs)
        found = {identity for run in listed for finding in run["findings"] for identity in _identities_of(run, finding)}
        names = {run["run"] for run in listed}
        return sum(identity[0] in names and identity not in found for identity in self.known)


def identity_of(run: RunEntry, finding: FindingEntry) -> Identity:
    return run["run"], finding["rule"], finding["metric"]


def _identities_of(run: RunEntry, finding: FindingEntry) -> Iterator[Identity]:
    """Its identity, and that under the former id of its rule if the rule was split."""
    yield identity_of(run, finding)
    if "formerly" in finding:
        yield run["run"], finding["formerly"], finding["metric"]


def read_baseline(path: Path) -> Baseline:
    """Read a file in the format of `baseline_text`.

    Raises:
        UsageError: the file cannot be read or is not a baseline.

    """
    if path.exists() and not path.is_file():  # a configuration file may name it: a pipe would block the audit
        raise UsageError(f"the baseline cannot be read: {path}: is not a regular file")
    try:
        with open_log(path) as file:
            content: object = json.loads(file.read().decode())
    except OSError as error:
        raise UsageError(f"the baseline cannot be read: {path}: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is not a baseline of trainlint: {error}") from error
    listed = content.get("findings") if isinstance(content, dict) and content.get("schema") == SCHEMA else None
    if not _are_accepted(listed):
        raise UsageError(f"{path} is not a baseline of trainlint: its schema is not {SCHEMA!r}")
    # names of runs and metrics are masked; files from before secrets were masked remain valid
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
    """A baseline that accepts every finding of these entries; of several with one identity, the most severe counts."""
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
