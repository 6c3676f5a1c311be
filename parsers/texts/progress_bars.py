r"""Progress bars that overwrite themselves: which of their states are records.

steps:   1%| | 5/1000 [00:05<09:13, loss=0.1435]\rsteps:   1%| | 10/1000 [...]      each state is a record
1/90 - loss: 0.51\r2/90 - loss: 0.49                                              the last one is, of each epoch

A bar that starts anew in each epoch shows averages over the epoch so far, of which the last counts. A bar that other
lines interrupt, and that goes on behind them, spans the whole training.
"""

from __future__ import annotations

import re
from itertools import pairwise

MIN_PARTS = 2  # lines that one bar goes on over
MAX_LINES = 10_000  # with overwritten states, that are looked at

_COUNTER = re.compile(r"(?<![\w./])([0-9]{1,15})/([0-9]{1,15})(?![\w/])")


def with_states_as_lines(text: str) -> str:
    """The text with the states of a bar that spans the whole training as lines; any other text as it is."""
    if "\r" not in text:
        return text
    lines = text.split("\n")
    drawn = [(row, ends) for row in _overwritten(lines) if (ends := _ends(lines[row]))]
    reached: dict[str, list[tuple[int, int]]] = {}
    for _, (total, first, last) in drawn:
        reached.setdefault(total, []).append((first, last))
    spans = {total for total, parts in reached.items() if len(parts) >= MIN_PARTS and _goes_on(parts)}
    for row, (total, _, _) in drawn:
        if total in spans:
            lines[row] = _states(lines[row])
    return "\n".join(lines)


def _overwritten(lines: list[str]) -> list[int]:
    """The rows whose line overwrites itself."""
    return [row for row, line in enumerate(lines) if "\r" in line][:MAX_LINES]


def _ends(line: str) -> tuple[str, int, int] | None:
    """What the counter of a bar counts up to, and where it stands in the first and in the last state."""
    counters = [found for state in line.split("\r") if (found := _COUNTER.search(state))]
    if not counters or len({found[2] for found in counters}) > 1:
        return None
    return counters[0][2], int(counters[0][1]), int(counters[-1][1])


def _goes_on(parts: list[tuple[int, int]]) -> bool:
    """Whether each part begins where the one before it ends, or behind; the bar moves in the first of them."""
    follows = all(first >= last for (_, last), (first, _) in pairwise(parts))
    return follows and parts[-1][1] > parts[0][0]


def _states(line: str) -> str:
    """The states of a bar as lines; of those that were drawn several times at one place, the last."""
    kept: dict[str, str] = {}
    for state in line.split("\r"):
        found = _COUNTER.search(state)
        kept[found[1] if found else state] = state
    return "\n".join(kept.values())
