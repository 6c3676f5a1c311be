"""Tables of two columns printed at every step, as by Stable-Baselines3 and OpenAI Baselines.

    | rollout/           |          |
    |    ep_rew_mean     | 30       |
    | time/              |          |
    |    total_timesteps | 128      |

A box becomes one plain line, `rollout/ep_rew_mean=30, time/total_timesteps=128`, in place of its last one.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

MAX_BOX = 500  # lines

_ROW = re.compile(r"^\|( *)([^|\s][^|]{0,100}?) *\| *([^|]{0,100}?) *\|\s*$")
_VALUE = re.compile(r"[-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?|-?inf|nan")


def unboxed(lines: Iterable[str]) -> Iterator[str]:
    """The same number of lines, with those of a box empty except the last."""
    box: list[str] = []
    for line in lines:
        if line.startswith("|") and len(box) < MAX_BOX and _ROW.match(line):
            if box:
                yield ""
            box.append(line)
            continue
        if box:
            yield _joined(box)
            box = []
        yield line
    if box:
        yield _joined(box)


def _joined(box: list[str]) -> str:
    if len(box) == 1:
        return box[0]
    group, pairs = "", []
    for line in box:
        found = _ROW.match(line)
        if not found:
            continue
        indent, name, value = found.groups()
        if not value and name.endswith("/"):
            group = name
        elif _VALUE.fullmatch(value):
            pairs.append(f"{group if len(indent) > 1 else ''}{name}={value}")
    return ", ".join(pairs)
