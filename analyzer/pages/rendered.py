"""A rendered page of a run, and its storage until notes from the whole batch are known.

Whether chance alone could explain a finding is known only after all runs are judged, and the page notes it beside the
finding. So a page is rendered in parts, divided at the places of these notes. If no note is possible, the parts are
written as a page immediately. If one is possible, because a finding is based on a weak z statistic, the parts are stored
in a folder within the new report, so that they need no memory, and the page is written when the notes are known. Either
way a page is rendered once and written once.
"""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..report.files import page_name, write_page

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

WAITING = "waiting"  # folder beside `runs`; it is never published
PLACE = re.compile(r"<!-- batch:(\d+) -->")  # from the template, never from a log, whose text is escaped


@dataclass(frozen=True, slots=True)
class RenderedRun:
    """The page of a run.

    Attributes:
        parts: parts of its text in order; one more than places for notes.
        places: for each place between two parts the number of its finding.

    """

    parts: tuple[str, ...]
    places: tuple[int, ...]

    def text(self, notes: Mapping[int, str] | None = None) -> str:
        """The whole page; `notes` by number of the finding, without those of findings that have no card."""
        known = notes or {}
        inserted = [f'<p class="chance">{html.escape(known[n])}</p>' if n in known else "" for n in self.places]
        return self.parts[0] + "".join(a + b for a, b in zip(inserted, self.parts[1:], strict=True))

    def wait(self, folder: Path, run_name: str) -> None:
        """Store the parts until the notes are known.

        Raises:
            OSError: they cannot be written.

        """
        write_page(_waiting(folder, run_name), json.dumps([self.parts, self.places]))


def rendered(text: str) -> RenderedRun:
    """A page from the template, divided at its places."""
    pieces = PLACE.split(text)
    return RenderedRun(tuple(pieces[::2]), tuple(map(int, pieces[1::2])))


def waiting_page(folder: Path, run_name: str) -> RenderedRun:
    """The page of a run whose parts are stored in the folder of a new report.

    Raises:
        OSError: it cannot be read.

    """
    parts, places = json.loads(_waiting(folder, run_name).read_text(encoding="utf-8"))
    return RenderedRun(tuple(parts), tuple(places))


def _waiting(folder: Path, run_name: str) -> Path:
    return folder / WAITING / f"{page_name(run_name)}.json"
