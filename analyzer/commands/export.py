"""The command `export`: the common table of many runs as CSV, JSON lines or Parquet."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import click
import pandas as pd

from ...parsers.tidy_table import table
from ..library import discover_logs, read_runs
from ..report.config_notice import notice_of
from ..report.files import whole_file
from ..report.verdict_text import spreadsheet, unmarked
from .exit_codes import DONE, NOTHING_JUDGED
from .options import cannot_write, usage_errors
from .terminal import printable

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from ..config.options import Config


def run_export(
    *,
    paths: Sequence[Path],
    include: Sequence[str],
    exclude: Sequence[str],
    config: Config,
    output_format: str,
    output: Path | None,
) -> int:
    """Write the table; in CSV NaN is `nan`, infinity `inf`, missing values are empty; returns the exit code.

    Raises:
        click.ClickException: Parquet without a file or without pyarrow, or the file cannot be written.

    """
    with usage_errors():
        found = discover_logs(paths, include=include, exclude=exclude)
    runs = list(read_runs(found, config))
    for line in filter(None, [notice_of(config), *(f"unreadable: {note}" for note in found.unreadable)]):
        click.echo(printable(line), err=True)
    frame = table(runs)
    try:
        if output_format == "parquet":
            if output is None:
                raise click.UsageError("Parquet is a binary format: name a file with --output")
            frame.to_parquet(output, index=False)
            return DONE if runs else NOTHING_JUDGED
        with whole_file(output) if output else nullcontext(sys.stdout) as stream:
            if output_format == "csv":
                # pandas writes missing and NaN alike: `value` has only NaN, `epoch` and `wall_time` only missing values
                frame["value"] = frame["value"].map(repr)
                for name in ("run", "tag", "layer"):
                    cells = _cells(frame[name].cat.categories, is_shown=output is None)
                    frame[name] = pd.Categorical.from_codes(frame[name].cat.codes, categories=cells)
                frame.to_csv(stream, index=False, na_rep="", lineterminator="\n")
            else:
                stream.writelines(_json_lines(frame.to_dict("records")))
    except ImportError as error:
        raise click.ClickException("Parquet needs pyarrow: pip install pyarrow") from error
    except BrokenPipeError:
        raise  # the reader closed the pipe, which is not an error
    except OSError as error:
        raise cannot_write(error, output) from error
    return DONE if runs else NOTHING_JUDGED


def _cells(names: Iterable[str], *, is_shown: bool) -> pd.Index[Any]:
    """Names made safe for spreadsheets (formulas) and, on standard output, for terminals and CI runners (controls, commands).

    Names that become equal get a number.
    """
    cells: dict[str, None] = {}
    for name in names:
        # the csv module does not quote a lone carriage return, which ends a row for most readers
        cell = printable(spreadsheet(name)) if is_shown else spreadsheet(name).replace("\r", "\\r")
        number, unique = 2, cell
        while unique in cells:
            number, unique = number + 1, f"{cell} ({number})"
        cells[unique] = None
    return pd.Index(list(cells), dtype=object)  # string dtypes of pandas reject lone surrogates


def _json_lines(records: Iterable[Mapping[Hashable, Any]]) -> Iterator[str]:
    """One object per row; NaN and infinities in the spelling of Python's json module, missing values omitted."""
    import json

    for record in records:
        known = {k: v for k, v in record.items() if k == "value" or v == v}  # noqa: PLR0124  (NaN)
        yield unmarked(json.dumps(known), "\\u0023") + "\n"
