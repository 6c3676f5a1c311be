"""A rendered page of a run, and where it waits for what only the whole batch tells about its findings.

Whether chance alone could have made a finding is known when all runs are judged, and a page says so beside the finding.
So a page is rendered into parts, cut at the places of these notes. Where no note can come the parts are written as a page
at once. Where one may come, because a finding rests on a weak z statistic, they wait in a folder of their own within the
report that is being made, so that memory holds no pages, and the page is written when the notes are known. Either way a
page is rendered once and written once.
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
PLACE = re.compile(r"<!-- batch:(\d+) -->")  # of the template, never from a log: what comes from one is escaped


@dataclass(frozen=True, slots=True)
class RenderedRun:
    """The page of a run.

    Attributes:
        parts: of its text, in order; one more than there are places for notes.
        places: for each place between two parts the number of the finding that a note there is about.

    """

    parts: tuple[str, ...]
    places: tuple[int, ...]

    def text(self, notes: Mapping[int, str] | None = None) -> str:
        """The whole page; `notes` by the number of the finding, one that has no card on the page is left out."""
        known = notes or {}
        inserted = [f'<p class="chance">{html.escape(known[n])}</p>' if n in known else "" for n in self.places]
        return self.parts[0] + "".join(a + b for a, b in zip(inserted, self.parts[1:], strict=True))

    def wait(self, folder: Path, run_name: str) -> None:
        """Write the parts to where they wait.

        Raises:
            OSError: they cannot be written.

        """
        write_page(_waiting(folder, run_name), json.dumps([self.parts, self.places]))


def rendered(text: str) -> RenderedRun:
    """A page as the template made it, cut at its places."""
    pieces = PLACE.split(text)
    return RenderedRun(tuple(pieces[::2]), tuple(map(int, pieces[1::2])))


def waiting_page(folder: Path, run_name: str) -> RenderedRun:
    """The page of a run whose parts wait in the folder of a report that is being made.

    Raises:
        OSError: it cannot be read.

    """
    parts, places = json.loads(_waiting(folder, run_name).read_text(encoding="utf-8"))
    return RenderedRun(tuple(parts), tuple(places))


def _waiting(folder: Path, run_name: str) -> Path:
    return folder / WAITING / f"{page_name(run_name)}.json"
