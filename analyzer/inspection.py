"""The command `inspect`: what was found and how it is understood, without judging it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .discover import discover
from .document import metric_entry
from .exit_codes import DONE, NOTHING_JUDGED
from .read import read_group
from .selection import existing
from .terminal import printable

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from ..parsers.run import Run
    from .settings import Config


def run_inspect(*, paths: Sequence[Path], include: Sequence[str], exclude: Sequence[str], config: Config) -> int:
    """Print runs, files, notes, hyperparameters and metrics; returns the exit code."""
    found = discover(existing(paths), include=include, exclude=exclude)
    count = 0
    for group in found.groups:
        for run in read_group(group, found.root, config=config):
            count += 1
            for line in _described(run):
                click.echo(printable(line))
    for note in (*found.unreadable, *found.skipped):
        click.echo(printable(str(note)))
    click.echo(f"{count:,} runs, {len(found.unreadable):,} files unreadable, {len(found.skipped):,} passed over")
    return DONE if count else NOTHING_JUDGED


def _described(run: Run) -> list[str]:
    written_by = f" by {run.framework}" if run.framework else ""
    lines = [f"{run.name}   {run.format}{written_by}"]
    lines += [f"  file    {source.path}  ({source.use}, {source.size:,} bytes)" for source in run.sources]
    lines += [f"  note    {note}" for note in run.notes]
    lines += [f"  setting {key} = {value}" for key, value in run.hyperparameters.items()]
    for curve in run.all_curves:
        facts = metric_entry(curve)
        role = ":".join(filter(None, (curve.role, curve.split if curve.split != "none" else "", curve.layer)))
        span = f"{facts['points']:,} points, {curve.axis} {facts['first_step']}-{facts['last_step']}"
        lines.append(f"  metric  {curve.name:<32} {role:<28} {span}  ({curve.meaning.reason})")
    return lines
