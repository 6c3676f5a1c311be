"""All outputs, imported on demand: an audit imports only the one that it writes."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .base import Output

# Module and name of each output, in the order of the command line help.
PLACES = {
    "json": ("json_report", "OUTPUT"),
    "jsonl": ("json_report", "LINES"),
    "sarif": ("sarif", "OUTPUT"),
    "junit": ("junit", "OUTPUT"),
    "github": ("github", "OUTPUT"),
    "markdown": ("markdown", "OUTPUT"),
    "brief": ("brief", "OUTPUT"),
    "csv": ("csv_rows", "OUTPUT"),
}


def output_of(name: str) -> Output:
    """The output with an id.

    Raises:
        ValueError: no output has this id.

    """
    if name not in PLACES:
        raise ValueError(f"there is no output {name!r}; choose from {', '.join(PLACES)}")
    module, variable = PLACES[name]
    output: Output = getattr(import_module(f".{module}", __package__), variable)
    return output
