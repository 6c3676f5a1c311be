"""All outputs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import brief, csv_rows, github, json_report, junit, markdown, sarif

if TYPE_CHECKING:
    from .base import Output

OUTPUTS: tuple[Output, ...] = (
    json_report.OUTPUT,
    json_report.LINES,
    sarif.OUTPUT,
    junit.OUTPUT,
    github.OUTPUT,
    markdown.OUTPUT,
    brief.OUTPUT,
    csv_rows.OUTPUT,
)


def output_of(name: str) -> Output:
    """The output of a name.

    Raises:
        ValueError: no output has this name.

    """
    for output in OUTPUTS:
        if output.id == name:
            return output
    raise ValueError(f"no output is called {name!r}; there are {', '.join(output.id for output in OUTPUTS)}")
