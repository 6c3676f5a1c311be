"""Damage of an event file, as short notes."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...run import Note

MOST_NOTES = 20  # more damage is summarised

INCOMPLETE = "the last record is incomplete: cut off, or still being written"
NO_RECORD = "no record starts here"
ONLY_ZEROS = "only zeros"
BAD_PAYLOAD = "the checksum of this record does not hold"
NO_EVENT = "this record contains no event"
TOO_LONG = "this record is too long"


@dataclass(slots=True)
class Damage:
    """The damaged places of one file: at most `MOST_NOTES` are listed, the rest is summed up."""

    path: str
    notes: list[Note] = field(default_factory=list)
    places: int = 0
    lost_bytes: int = 0
    is_cut_short: bool = False

    def lose(self, offset: int, count: int, reason: str) -> None:
        """Report that `count` bytes from byte `offset` of the file on are not read."""
        self.places += 1
        self.lost_bytes += count
        self.is_cut_short |= reason == INCOMPLETE
        if self.places <= MOST_NOTES:
            self.notes.append(Note(self.path, f"byte {offset}", f"{count} bytes lost: {reason}"))

    def tell_of_packed(self, size: int, damage: int | None, *, is_partial: bool) -> None:
        """Report what could not be unpacked of a file: from byte `damage` on, or all behind the first `size` bytes."""
        if is_partial:
            message = f"unpacks to more than a log does: only the first {size / 1e6:,.0f} MB were read"
            self.notes.append(Note(self.path, "", message, "end"))
        elif damage is not None:
            message = "the gzip data is truncated or damaged: only the part before that was read"
            self.notes.append(Note(self.path, f"byte {damage}", message))
            self.is_cut_short = True

    def report(self) -> list[Note]:
        """All notes; the last one is a sum if there were too many places."""
        if self.places <= MOST_NOTES:
            return self.notes
        message = f"{self.lost_bytes} bytes lost at {self.places} places; the first {MOST_NOTES} are listed"
        return [*self.notes, Note(self.path, "", message)]
