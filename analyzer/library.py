"""The audit as a Python function: all that the command line can do, with Python's errors."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .. import __version__
from ..rules.registry import RULES
from .audit import write_report
from .baseline import read_baseline
from .batch import Audit, AuditOptions
from .discover import discover
from .result import AuditResult
from .selection import chosen_rules, parse_metrics

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence


def audited(
    paths: Sequence[str | os.PathLike[str]],
    *,
    select: Sequence[str],
    ignore: Sequence[str],
    min_confidence: float,
    include: Sequence[str],
    exclude: Sequence[str],
    metrics: Mapping[str, str],
    baseline: str | os.PathLike[str] | None,
    report: str | os.PathLike[str] | None,
    jobs: int,
    strict: bool,
) -> AuditResult:
    """See `trainlint.audit`."""
    started = time.monotonic()
    try:
        rules = chosen_rules(RULES, select, ignore)
        meanings = parse_metrics([f"{tag}={meaning}" for tag, meaning in metrics.items()])
        accepted = read_baseline(Path(baseline)) if baseline is not None else None
    except click.UsageError as error:
        raise ValueError(error.message) from error
    found = discover([Path(path) for path in paths], include=include, exclude=exclude)
    folder = Path(report) if report is not None else None
    options = AuditOptions(
        root=found.root, rules=tuple(rule.id for rule in rules), meanings=meanings, min_confidence=min_confidence,
        report=folder, version=__version__, strict=strict,
    )  # fmt: skip
    under_way = Audit(found, options, accepted)
    for _ in under_way.run(jobs):
        pass
    whole = AuditResult(under_way.document())
    write_report(folder, whole, under_way, time.monotonic() - started)
    return whole
