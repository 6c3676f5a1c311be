"""The command `export`: the common table of many runs as CSV, JSON lines or Parquet."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from ..parsers.run import table
from .cli import DONE, NOTHING_JUDGED
from .discover import discover
from .read import read_group
from .selection import existing, parse_metrics

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def run_export(
    *,
    paths: Sequence[Path],
    include: Sequence[str],
    exclude: Sequence[str],
    metrics: Sequence[str],
    output_format: str,
    output: Path | None,
) -> int:
    """Write the table; NaN is `nan` and infinity `inf` in CSV, missing is empty; returns the exit code.

    Raises:
        click.ClickException: Parquet without a file or without pyarrow, or the file cannot be written.

    """
    found = discover(existing(paths), include=include, exclude=exclude)
    meanings = parse_metrics(metrics)
    runs = [run for group in found.groups for run in read_group(group, found.root, meanings=meanings)]
    for note in found.unreadable:
        click.echo(f"unreadable: {note}", err=True)
    frame = table(runs)
    try:
        if output_format == "parquet":
            if output is None:
                raise click.UsageError("parquet is binary: give a file with --output")
            frame.to_parquet(output, index=False)
        elif output_format == "csv":
            # pandas writes missing and NaN alike: value knows only NaN, epoch and wall_time only missing
            frame["value"] = frame["value"].map(repr)
            frame.to_csv(output or sys.stdout, index=False, na_rep="")
        else:
            _write_json_lines(frame.to_dict("records"), output)
    except ImportError as error:
        raise click.ClickException("parquet needs pyarrow: pip install pyarrow") from error
    except OSError as error:
        raise click.ClickException(f"cannot write {output}: {error.strerror}") from error
    return DONE if runs else NOTHING_JUDGED


def _write_json_lines(records: list[dict[str, object]], output: Path | None) -> None:
    """One row an object; NaN and infinities as Python's json module and its readers spell them, missing left out."""
    import json

    lines = (
        json.dumps({k: v for k, v in record.items() if k == "value" or v == v}) + "\n"  # noqa: PLR0124  (NaN)
        for record in records
    )
    if output is None:
        sys.stdout.writelines(lines)
        return
    with output.open("w", encoding="utf-8") as stream:
        stream.writelines(lines)
