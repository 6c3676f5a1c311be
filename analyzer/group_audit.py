"""Audit groups of logs: read their runs, judge each, and render its page."""

from __future__ import annotations

import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ..parsers.run import Note, Run
from ..parsers.secrets import masked_path, masked_text
from ..parsers.settings.beside import add_settings_beside
from ..rules.view.run_digest import digest_of
from ..rules.view.run_view import RunView
from .across.multiplicity import may_be_chance
from .config.limits import LimitError, limited
from .config.options import Config, rules_of
from .config.plugins import known_rules
from .judging.engine import judge, overflow_ignored
from .judging.judgement import Judgement, Verdict
from .reading.packing import NOTHING_PARSED, parse_pack
from .reading.read import read_group
from .report.config_notice import switched_off_by_file
from .report.document import note_entry, run_entry
from .report.entries import place_of
from .report.run_record import run_record

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..rules.view.study import RunDigest
    from .pages.index_row import IndexRow
    from .reading.grouping import LogGroup
    from .reading.packing import Parsed
    from .report.baseline import Baseline
    from .report.schema import RunEntry


@dataclass(frozen=True, slots=True)
class AuditOptions:
    """Options of an audit for its workers.

    Attributes:
        root: folder that names of runs are relative to.
        config: rules to run and meanings of metrics; names only, the worker looks the rules up.
        report: folder of the HTML report; None for no pages.
        version: of trainlint, for the pages.
        strict: propagate exceptions of parsers and rules.
        baseline: accepted findings.

    """

    root: Path
    config: Config = field(default_factory=Config)
    report: Path | None = None
    version: str = ""
    strict: bool = False
    baseline: Baseline | None = None


@dataclass(frozen=True, slots=True)
class RunResult:
    """The result of a worker for one run.

    Attributes:
        entry: entry of the run in report.json.
        row: row of the index page, None if there is no page.
        digest: digest for batch rules.
        is_page_waiting: its page waits for notes from the whole batch, see `pages.rendered`.

    """

    entry: RunEntry
    row: IndexRow | None
    digest: RunDigest
    is_page_waiting: bool = False


def lost_result(group: LogGroup, options: AuditOptions, why: str) -> RunResult:
    """The result that replaces the runs of a group that could not be judged."""
    name = group.name or masked_text(options.root.name)
    run = Run(name, masked_path(str(group.path)), group.files[0].parser.id)
    run.notes.append(Note(group.name or ".", "", masked_text(why)))
    return _result(Judgement(RunView(run), (), {}, "unreadable"), options, is_only=False)


def audit_pack(pack: Sequence[LogGroup], options: AuditOptions) -> list[list[RunResult]]:
    """Audit the groups of a pack in a worker; the results of each group, in order."""
    return list(audit_groups_of(pack, options))


def audit_groups_of(
    pack: Sequence[LogGroup], options: AuditOptions, *, is_only: bool = False
) -> Iterator[list[RunResult]]:
    """Parse the files of a pack together, then audit its groups, in order."""
    parsed = parse_pack(pack)
    return (audit_group(group, options, is_only=is_only, parsed=parsed) for group in pack)


def audit_group(
    group: LogGroup, options: AuditOptions, *, is_only: bool = False, parsed: Parsed = NOTHING_PARSED
) -> list[RunResult]:
    """Read, judge and render the runs of one group; with `is_only`, the page of a single run is the report.

    `parsed` has the runs of files that were read before.
    """
    started = time.monotonic()
    try:
        runs = read_group(group, options.root, config=options.config, strict=options.strict, parsed=parsed)
    except Exception as error:
        if options.strict:
            raise
        return [lost_result(group, options, f"could not be read: {type(error).__name__}: {error}")]
    reading = (time.monotonic() - started) / max(1, len(runs))
    results = []
    for run in runs:
        started = time.monotonic()
        add_settings_beside(run, options.root)
        judgement = _within_limits(run, options)
        seconds = reading + time.monotonic() - started
        results.append(_result(judgement, options, is_only=is_only and len(runs) == 1, seconds=seconds))
    return results


def _within_limits(run: Run, options: AuditOptions) -> Judgement:
    """A judged run; not judged if that exceeds a limit."""
    limits = options.config.limits
    try:
        with limited(limits):
            return _judged(run, options)
    except LimitError:
        why = limits.time_exceeded
    except MemoryError:
        why = limits.memory_exceeded
    run.notes.append(Note(run.name, "", f"judging the run {why}"))
    return Judgement(RunView(run), (), {}, "not-checked" if run.all_curves else "unreadable")


def _judged(run: Run, options: AuditOptions) -> Judgement:
    settings = options.config.at(Path(run.path))
    rules = rules_of(settings)
    judgement = judge(run, rules, min_confidence=settings.min_confidence, strict=options.strict)
    judgement = replace(judgement, deselected=len(known_rules()) - len(rules))
    off = switched_off_by_file(options.config, Path(run.path))
    if off:
        why = Verdict("switched-off", f"switched off by {place_of(str(options.config.file))}")
        judgement = replace(judgement, verdicts=judgement.verdicts | dict.fromkeys(off, why))
    baseline = options.baseline
    if baseline is None:
        return judgement
    marked = (replace(found, is_accepted=baseline.accepts(run, found)) for found in judgement.findings)
    return replace(judgement, findings=tuple(marked))


@overflow_ignored()
def _result(judgement: Judgement, options: AuditOptions, *, is_only: bool, seconds: float = 0.0) -> RunResult:
    entry = run_entry(judgement)
    digest = digest_of(judgement.run, judgement.view, [(each["rule"], each["severity"]) for each in entry["findings"]])
    entry["record"] = run_record(digest)
    if options.report is None:
        return RunResult(entry, None, digest)
    from .pages.provenance import provenance_of
    from .pages.render import index_row, render_run
    from .report.files import page_name, write_page

    href = "index.html" if is_only else f"runs/{page_name(judgement.run.name)}.html"
    row: IndexRow | None = None
    try:
        row = index_row(judgement, href)
        accepted = None if options.baseline is None else sum(bool(f.is_accepted) for f in judgement.findings)
        provenance = provenance_of(
            options.version,
            options.config,
            Path(judgement.run.path),
            accepted=accepted,
            seconds=seconds if is_only else None,
        )
        page = render_run(
            judgement, version=options.version, index_href=None if is_only else "../index.html", provenance=provenance
        )
    except Exception as error:
        if options.strict:
            raise
        note = Note(
            judgement.run.name, "", f"its page could not be written: {type(error).__name__}: {error}", fault=True
        )
        entry["notes"].append(note_entry(note))
        return RunResult(entry, {**row, "href": ""} if row else None, digest)
    if may_be_chance(entry):
        page.wait(options.report, judgement.run.name)
        return RunResult(entry, row, digest, is_page_waiting=True)
    write_page(options.report / href, page.text())
    return RunResult(entry, row, digest)
