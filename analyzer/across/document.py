"""The machine-readable report: schema `trainlint-report/1`, entries of the runs and results over all runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .insights import insights_of
from .multiplicity import adjust
from .study_document import studies_document

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ...rules.view.study import Study
    from ..report.schema import ComparisonEntry, ConfigurationEntry, FileEntry, Report, RunEntry

SCHEMA: Final = "trainlint-report/1"


def document(
    root: str,
    version: str,
    entries: Sequence[RunEntry],
    unreadable: Sequence[FileEntry],
    *,
    configuration: ConfigurationEntry | None = None,
    comparisons: Sequence[ComparisonEntry] = (),
    failed: Mapping[str, str] | None = None,
    notes: Sequence[str] = (),
    studies: Sequence[Study] = (),
) -> Report:
    """The whole report.

    Args:
        root: folder that names of runs are relative to.
        version: of trainlint.
        entries: of `run_entry`, sorted here by run; findings get their q value.
        unreadable: files that could not be read, sorted here by path.
        configuration: of `config_notice.configuration_entry`; None means the defaults.
        comparisons: findings of batch rules.
        failed: exceptions of batch rules, by their ids.
        notes: problems with the worker processes.
        studies: the runs as studies.

    """
    runs = sorted(entries, key=lambda entry: entry["run"])
    told = studies_document(studies)
    return {
        "schema": SCHEMA,
        "version": version,
        "root": root,
        "runs": runs,
        "configuration": configuration or {"file": None, "changes": [], "switched_off": []},
        "comparisons": list(comparisons),
        "batch": {**adjust(entries), "failed": dict(failed or {}), "notes": list(notes)},
        "insights": insights_of(runs, told),
        "studies": told,
        "unreadable": sorted(unreadable, key=lambda u: u["path"]),
    }
