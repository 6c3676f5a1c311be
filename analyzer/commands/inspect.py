"""The command `inspect`: runs, metrics with their roles, and what to log to judge more; without verdicts."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING

from ...rules.view.run_view import RunView
from ..config.options import rules_of
from ..judging.advice import advices_of, shortages_of
from ..judging.engine import verdicts_of
from ..library import discover_logs, read_runs
from ..report.config_notice import notice_of
from ..report.document import metric_entry
from ..report.files import whole_file
from ..report.inspection_document import axis_entries, inspection_document, inspection_entry
from ..report.json_text import dumped
from ..report.verdict_text import plural
from .exit_codes import DONE, NOTHING_JUDGED
from .options import cannot_write, usage_errors
from .terminal import line_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ..config.options import Config
    from ..judging.judgement import Verdict
    from ..reading.discover import Discovery


def run_inspect(
    *,
    paths: Sequence[Path],
    include: Sequence[str],
    exclude: Sequence[str],
    config: Config,
    output_format: str,
    output: Path | None,
) -> int:
    """Print runs, files, notes, hyperparameters, metrics and missing quantities; returns the exit code.

    Raises:
        click.ClickException: the file cannot be written.

    """
    with usage_errors():
        found = discover_logs(paths, include=include, exclude=exclude)
    inspected = _inspected(found, config)
    try:
        with whole_file(output) if output else nullcontext(sys.stdout) as stream:
            if output_format == "json":
                entries = [inspection_entry(view, verdicts) for view, verdicts in inspected]
                stream.write(dumped(inspection_document(found, entries, config), indent=2) + "\n")
                return DONE if entries else NOTHING_JUDGED
            count = 0
            for view, verdicts in inspected:
                count += 1
                stream.writelines(f"{line_of(line)}\n" for line in _described(view, verdicts))
            ended = [*filter(None, [notice_of(config)]), *_ended(found, count)]
            stream.writelines(f"{line_of(line)}\n" for line in ended)
    except BrokenPipeError:
        raise  # the reader closed the pipe, which is not an error
    except OSError as error:
        raise cannot_write(error, output) from error
    return DONE if count else NOTHING_JUDGED


def _inspected(found: Discovery, config: Config) -> Iterator[tuple[RunView, dict[str, Verdict]]]:
    """Each run with the verdicts of the selected rules, which show the missing quantities."""
    for run in read_runs(found, config):
        rules = rules_of(config.at(Path(run.path)))
        view = RunView(run)
        yield view, verdicts_of(view, rules)


def _described(view: RunView, verdicts: Mapping[str, Verdict]) -> list[str]:
    run = view.run
    written_by = f" by {run.framework}" if run.framework else ""
    task = f"   {run.task.replace('-', ' ')}: {'; '.join(run.task_evidence)}" if run.task != "unknown" else ""
    lines = [f"{run.name}   {run.format}{written_by}{task}"]
    lines += [f"  file    {source.path}  ({source.use}, {source.size:,} bytes)" for source in run.sources]
    lines += [f"  note    {note}" for note in run.notes]
    lines += [f"  hparam  {key} = {value}" for key, value in run.hyperparameters.items()]
    for entry in axis_entries(run.all_curves):
        if entry["reason"]:
            lines.append(f"  axis    {entry['axis']} of {plural(entry['metrics'], 'metric')}: {entry['reason']}")
    for curve in run.all_curves:
        facts = metric_entry(curve)
        role = ":".join(filter(None, (curve.role, curve.split if curve.split != "none" else "", curve.layer)))
        span = f"{facts['points']:,} points, {curve.axis} {facts['first_step']}-{facts['last_step']}"
        lines.append(f"  metric  {curve.name:<32} {role:<28} {span}  ({curve.meaning.reason})")
    for advice in advices_of(view, verdicts):
        lines.append(f"  not logged  {advice.what:<34} for {', '.join(advice.rules)}")
    for reason, rules in shortages_of(verdicts).items():
        lines.append(f"  insufficient data  {reason}: {', '.join(rules)}")
    return lines


def _ended(found: Discovery, count: int) -> list[str]:
    unreadable = f"{plural(len(found.unreadable), 'file')} unreadable"
    return [
        *(str(note) for note in (*found.unreadable, *found.skipped)),
        f"{plural(count, 'run')}, {unreadable}, {len(found.skipped):,} skipped",
    ]
