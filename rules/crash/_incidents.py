"""Failures in a text log, as findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..base import Finding, NotApplicableError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ...parsers.run import Incident
    from ..view.run_view import RunView

TEXT_FORMATS = frozenset({"plain-text"})  # only these show the end of a process
MAX_QUOTE = 160  # characters of the line in the log
CERTAINTY = 0.95  # the log reports it; the job may have been restarted elsewhere


def incidents_of(run: RunView, kind: str) -> Iterator[Incident]:
    """Incidents of one kind; raises `NotApplicableError` if no text log was read."""
    if not run.run.incidents and not any(source.format in TEXT_FORMATS for source in run.run.sources):
        raise NotApplicableError("the output of the process is not logged")
    return (incident for incident in run.run.incidents if incident.kind == kind)


def quoted(incident: Incident) -> str:
    """The line itself, cut to a readable length."""
    text = incident.context[-1].strip()
    return text if len(text) <= MAX_QUOTE else f"{text[: MAX_QUOTE - 1]}…"


def finding_of(
    incident: Incident,
    what: str,
    *,
    remedies: tuple[str, ...],
    confidence: float = CERTAINTY,
) -> Finding:
    """Make the finding of an incident; `what` describes it in a few words."""
    step = incident.step if incident.step is not None else 0
    when = f" after step {incident.step:,}" if incident.step is not None else ""
    evidence = {"line": float(incident.line)} | ({"last_step": float(step)} if incident.step is not None else {})
    return Finding(
        message=f"{what}{when} (line {incident.line:,}): {quoted(incident)}",
        confidence=confidence,
        metric="",
        steps=(step, step),
        evidence=evidence,
        remedies=remedies,
        cited=(step,) if incident.step is not None else (),
    )
