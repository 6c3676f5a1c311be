"""Makes an input that shows a problem as small as it gets, by leaving out parts while the problem stays."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from .seeds import Seed
    from .trial import Bench

MOST_SECONDS = 120.0  # of wall time for one input


def minimized(bench: Bench, seed: Seed, files: dict[str, bytes], signature: str, *, is_whole: bool) -> dict[str, bytes]:
    """The files with fewer and shorter ones, down to where any part that is left out makes the problem go away.

    An input that its parser recognises stays one, so that an audit meets the problem as well.
    """
    end = time.monotonic() + MOST_SECONDS
    must_be_recognised = bench.run(seed, files, is_whole=is_whole).is_recognised

    def shows(tried: dict[str, bytes]) -> bool:
        if time.monotonic() > end:
            return False
        outcome = bench.run(seed, tried, is_whole=is_whole)
        if must_be_recognised and not outcome.is_recognised:
            return False
        return any(problem.signature == signature for problem in outcome.problems)

    for name in list(files):
        without = {other: content for other, content in files.items() if other != name}
        if name != seed.given and shows(without):
            files = without
    for name in files:
        files = files | {name: _shorter(files, name, shows)}
    return files


def _shorter(files: dict[str, bytes], name: str, shows: Callable[[dict[str, bytes]], bool]) -> bytes:
    """Leave out lines first, then bytes, in ever smaller parts (delta debugging)."""
    data = files[name]
    for separator in (b"\n", b""):
        parts = data.splitlines(keepends=True) if separator else [data[i : i + 1] for i in range(len(data))]
        size = max(1, len(parts) // 2)
        while size:
            place = 0
            while place < len(parts):
                tried = parts[:place] + parts[place + size :]
                if shows(files | {name: b"".join(tried)}):
                    parts = tried
                else:
                    place += size
            size //= 2
        data = b"".join(parts)
    return data
