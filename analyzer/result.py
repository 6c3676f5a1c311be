"""The result of `trainlint.audit`: the report as a dict, with views for Python and notebooks."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from .report.entries import counted, depths, early_of, is_accepted, shown, span_of, tally, together, worst_first

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable

    import pandas as pd

    from .judging.judgement import Status
    from .report.insights_schema import InsightsEntry
    from .report.schema import FindingEntry, Report, RunEntry, SeverityName
    from .report.studies_schema import StudyEntry

MAX_RUNS_SHOWN = 20  # in a notebook; others are counted
# White text on each has a contrast above 4.5:1.
COLORS: dict[SeverityName, str] = {"error": "#b71c1c", "warning": "#8a5000", "info": "#00695c"}
TEXT_LIMIT = 400  # characters of a sentence in a notebook


class AuditedRun(dict[str, object]):
    """One run: an entry of `runs` in report.json, a dict of JSON types only."""

    @property
    def entry(self) -> RunEntry:
        """The entry, with the types of its fields."""
        return cast("RunEntry", self)

    @property
    def name(self) -> str:
        """Path of the run relative to the audited root."""
        return self.entry["run"]

    @property
    def status(self) -> Status:
        """The worst severity found: "error", "warning" or "info"; otherwise "clear", "not-checked" or "unreadable"."""
        return self.entry["status"]

    @property
    def findings(self) -> pd.DataFrame:
        """One row per finding, as in `AuditResult.findings`."""
        return _frame([self.entry])

    def _repr_html_(self) -> str:
        """HTML of the run for a notebook, without scripts."""
        return f"<div>{_run_html(self.entry, is_open=True)}</div>"


class AuditResult(dict[str, object]):
    """The report of an audit, as `trainlint audit --format json` prints it, schema `trainlint-report/1`.

    It is a dict of JSON types only, so it can be indexed, dumped and pickled; a notebook renders it as HTML.
    """

    @property
    def report(self) -> Report:
        """The report, with the types of its fields."""
        return cast("Report", self)

    @property
    def runs(self) -> list[AuditedRun]:
        """All runs, sorted by name."""
        return [AuditedRun(run) for run in self.report["runs"]]

    @property
    def insights(self) -> InsightsEntry:
        """Insights over all runs: compute after the best value, hyperparameters associated with findings and results."""
        return self.report["insights"]

    @property
    def studies(self) -> list[StudyEntry]:
        """Studies: configurations with their replicates, and the effects of hyperparameters; largest first."""
        return self.report["studies"]

    @property
    def findings(self) -> pd.DataFrame:
        """One row per finding.

        Columns: run, path, rule, severity, message, metric, axis, caused_by, remedy, fingerprint (text), confidence (0 to
        1), first_step, last_step and detectable_from (on the axis), share_after (of the run), seconds_after, q_value,
        accepted (by the baseline). Unknown values are missing.
        """
        return _frame(self.report["runs"])

    def failing(self, at_least: str = "error") -> list[FindingEntry]:
        """Findings at or above a severity ("error", "warning" or "info") that the baseline does not accept.

        The command line exits with 1 if there are any at the severity of `--fail-on`.

        Raises:
            ValueError: the severity is unknown.

        """
        return counted(self.report["runs"], at_least)

    def render(self, output: str) -> str:
        """The report in a format of `trainlint audit --format` other than text, e.g. "sarif" or "brief".

        Raises:
            ValueError: the format is unknown.

        """
        from .outputs.registry import output_of

        return output_of(output).whole(self.report)

    def write_baseline(self, path: str | os.PathLike[str]) -> None:
        """Write a baseline that accepts every finding of this audit.

        Raises:
            OSError: the file cannot be written.

        """
        from pathlib import Path

        from .report.baseline import baseline_text
        from .report.files import write_page

        write_page(Path(path), baseline_text(self.report["runs"]))

    def _repr_html_(self) -> str:
        """HTML for a notebook, without scripts: the most severe runs first, each expandable."""
        judged, stand = tally(self.report)
        failing = worst_first(self.report["runs"])
        parts = [f"<p><b>{judged}:</b> {stand}</p>"]
        sentences = together(self.report)
        if sentences:
            items = "".join(f"<li>{_text(sentence)}</li>" for sentence in sentences)
            parts.append(f"<p><b>All runs</b></p><ul>{items}</ul><p>{_text(self.insights['remark'])}</p>")
        parts += [_run_html(run, is_open=len(failing) == 1) for run in failing[:MAX_RUNS_SHOWN]]
        if len(failing) > MAX_RUNS_SHOWN:
            parts.append(f"<p>{len(failing) - MAX_RUNS_SHOWN:,} more runs with findings</p>")
        return f"<div>{''.join(parts)}</div>"


def _frame(runs: Iterable[RunEntry]) -> pd.DataFrame:
    import pandas as pd

    from .outputs.csv_rows import COLUMNS, rows

    frame = pd.DataFrame(list(rows(runs)), columns=list(COLUMNS))
    return frame.astype({"detectable_from": "Int64", "share_after": float, "seconds_after": float, "q_value": float})


def _run_html(entry: RunEntry, *, is_open: bool) -> str:
    items = [
        _finding_html(f, depth, entry) for f, depth in zip(entry["findings"], depths(entry["findings"]), strict=True)
    ]
    head = f"<summary><b>{_text(entry['run'])}</b> {_escaped(entry['status'])}</summary>"
    return f"<details{' open' if is_open else ''}>{head}{''.join(items) or '<p>no finding</p>'}</details>"


def _finding_html(finding: FindingEntry, depth: int, run: RunEntry) -> str:
    severity, color = finding["severity"], COLORS[finding["severity"]]
    known = " (accepted in the baseline)" if is_accepted(finding) else ""
    badge = f'<b style="color:#fff;background:{color};padding:0 .4em">{severity}</b>'
    facts = f"{finding['confidence']:.2f}, {_text(span_of(finding, run))}{known}"
    lines = [
        f"{badge} <b>{_text(finding['rule'])}</b> {facts}",
        _text(finding["message"]),
        _escaped(early_of(finding, run)),
        *(f"→ {_text(remedy)}" for remedy in finding["remedies"]),
    ]
    if depth:
        lines.insert(1, f"follows from {_text(finding['caused_by'] or '')}")
    style = f"margin:.3em 0 .3em {1 + 1.5 * depth:g}em;padding-left:.5em;border-left:3px solid {color}"
    return f'<div style="{style}">{"<br>".join(filter(None, lines))}</div>'


def _text(value: str) -> str:
    return _escaped(shown(value, TEXT_LIMIT))


def _escaped(text: str) -> str:
    from html import escape  # only notebooks need it

    return escape(text)
