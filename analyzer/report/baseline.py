"""Accepted findings: they are shown, but not counted.

A finding is identified by run, rule and metric: its steps and numbers change when the log grows, these do not. It is
accepted up to its severity in the baseline: a warning that becomes an error is new. The file is sorted JSON, so that
changes are easy to review.

Of two logs with generic names in one folder (`metrics.csv`, `log.csv`) one has the name of the folder, alone either has it.
The baseline therefore states the file of each run, by which the run is found under its longer name when a log was added.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NotRequired, TypeAlias, TypedDict, TypeGuard

from ...parsers.files.open_log import open_log
from ...parsers.secrets import masked_path
from ..config.errors import UsageError
from .entries import SEVERITIES, severity_name

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from ...parsers.run import Run
    from ..judging.judgement import RuleFinding
    from .schema import FindingEntry, RunEntry, SeverityName

SCHEMA = "trainlint-baseline/2"
Identity: TypeAlias = tuple[str, str, str]  # run, rule, metric


class Accepted(TypedDict):
    """An accepted finding in the file. `file`: the last part of the path of its run; files of earlier versions have none."""

    run: str
    file: NotRequired[str]
    rule: str
    metric: str
    severity: SeverityName


@dataclass(frozen=True, slots=True)
class Baseline:
    """Accepted findings: severity by identity, that is name of the run in the report, rule and metric; files of the runs."""

    known: Mapping[Identity, SeverityName]
    files: Mapping[str, str]

    def accepts(self, run: Run, found: RuleFinding) -> bool:
        """Whether a finding of a run is accepted at its severity."""
        names = (found.rule.id, found.rule.formerly)
        run_name = self._name_of(run.name, run.path, [source.path for source in run.sources])
        severities = (self.known.get((run_name, name, found.finding.metric)) for name in names)
        severity = next(filter(None, severities), None)
        return severity is not None and SEVERITIES.index(severity_name(found.severity)) <= SEVERITIES.index(severity)

    def gone(self, runs: Iterable[RunEntry]) -> int:
        """The number of accepted findings of these runs that no longer occur."""
        listed = [(run, self._name_of(run["run"], run["path"], [])) for run in runs]
        found = {
            (name, *identity)
            for run, name in listed
            for finding in run["findings"]
            for _, *identity in _identities_of(run, finding)
        }
        names = {name for _, name in listed}
        return sum(identity[0] in names and identity not in found for identity in self.known)

    def _name_of(self, name: str, path: str, sources: Collection[str]) -> str:
        """The name of a run in the baseline: "" if that is the name of another log, which is still there."""
        place = Path(path)
        own = {place.name, *(Path(source).name for source in sources)}
        file = self.files.get(name)
        if file is None:
            above = name.removesuffix(f"/{place.name}")
            return above if self.files.get(above) in own else name
        # of a name that no file system takes `Path.is_file` raises
        return "" if file not in own and os.path.isfile(place.parent / file) else name  # noqa: PTH113


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
        },
        {masked_path(item["run"]): masked_path(item["file"]) for item in listed if "file" in item},
    )


def _are_accepted(listed: object) -> TypeGuard[list[Accepted]]:
    return isinstance(listed, list) and all(map(_is_accepted, listed))


def _is_accepted(item: object) -> bool:
    if not isinstance(item, dict) or item.get("severity") not in SEVERITIES:
        return False
    return all(isinstance(item.get(key, ""), str) for key in ("run", "rule", "metric", "file")) and {
        "run", "rule", "metric"
    } <= item.keys()  # fmt: skip


def baseline_text(runs: Iterable[RunEntry]) -> str:
    """A baseline that accepts every finding of these entries; of several with one identity, the most severe counts."""
    runs = list(runs)
    files = {run["run"]: Path(run["path"]).name for run in runs}
    graver = sorted(
        (SEVERITIES.index(finding["severity"]), identity_of(run, finding))
        for run in runs
        for finding in run["findings"]
    )
    known = {identity: SEVERITIES[severity] for severity, identity in graver}
    listed: list[Accepted] = [
        {"run": run, "file": files[run], "rule": rule, "metric": metric, "severity": known[run, rule, metric]}
        for run, rule, metric in sorted(known)
    ]
    return json.dumps({"schema": SCHEMA, "findings": listed}, indent=1) + "\n"
