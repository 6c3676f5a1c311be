"""Names of columns, rules under a header, and columns of text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...numbers.columns import MAX_NAME
from ..axes import plain
from ..columns import LABEL_NAMES

if TYPE_CHECKING:
    from ...files.text import Notes

INDEX_NAMES = frozenset({"", "unnamed: 0", "index"})  # pandas writes the row number without a name
_PLAIN_TEXTS = frozenset(
    {"date", "time", "timestamp", "datetime", "hostname", "host", "node_ip", "ip", "pid", "id", "name", "done"}
)  # columns of text without information


def unique_names(header: list[str], notes: Notes) -> list[str]:
    """Give each column a unique name, and "" to those that only number the rows."""
    names: list[str] = []
    copies: dict[str, int] = {}
    doubled = []
    for i, long in enumerate(header):
        given = long if len(long) <= MAX_NAME else f"{long[:MAX_NAME]}…"
        base = given or (f"column_{i}" if i else "")
        if i == 0 and base.casefold() in INDEX_NAMES:
            names.append("")
            continue
        name = base
        while name in copies:
            copies[base] += 1
            name = f"{base}.{copies[base] - 1}"
        if name != base and copies[base] == 2:
            doubled.append(base)
        copies[name] = 1
        names.append(name)
    if doubled:
        notes.add(f"duplicate column names, numbered: {', '.join(doubled[:5])}")
    return names


def is_rule(cells: list[str]) -> bool:
    """Whether this is a rule under the header of a printed table."""
    if not cells[0].lstrip().startswith(("-", "=", "+", ":")):
        return False
    text = "".join(cells)
    return len(text) >= 3 and not text.strip("-=+:| ")


def is_missed(name: str, text: str) -> bool:
    """Whether a skipped column of text is worth a note: not if it is a label."""
    key = plain(name)
    is_label = key in LABEL_NAMES or key in _PLAIN_TEXTS or key.endswith("_id")
    return not is_label and any(character.isdigit() for character in text)
