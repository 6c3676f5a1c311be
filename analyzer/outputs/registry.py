"""All outputs; each is imported when it is asked for, since some bring much along."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .base import Output

# By the id of the output: its module, and its name there.
_PLACES = {
    "json": ("json_report", "OUTPUT"),
    "jsonl": ("json_report", "LINES"),
    "sarif": ("sarif", "OUTPUT"),
    "junit": ("junit", "OUTPUT"),
    "github": ("github", "OUTPUT"),
    "markdown": ("markdown", "OUTPUT"),
    "brief": ("brief", "OUTPUT"),
    "csv": ("csv_rows", "OUTPUT"),
}
OUTPUT_IDS = tuple(_PLACES)


def output_of(name: str) -> Output:
    """The output of a name.

    Raises:
        ValueError: no output has this name.

    """
    if name not in _PLACES:
        raise ValueError(f"no output is called {name!r}; there are {', '.join(_PLACES)}")
    module, constant = _PLACES[name]
    output: Output = getattr(import_module(f".{module}", __package__), constant)
    return output
