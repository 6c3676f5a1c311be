"""What an output is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..report.schema import Report, RunEntry


def _nothing(_: object) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class Output:
    """A format for other programs or places than the terminal.

    The text is `head`, then `run` of each run as soon as it is judged, then the pieces of `tail`. A format that needs the
    whole report leaves the first two out. Whatever stands in a log is hostile: each format escapes it for its reader.

    Attributes:
        id: what `--format` calls it.
        tail: pieces of text from the whole report, schema `trainlint-report/1`.
        run: text of one entry of `runs`.
        head: text that stands before all else; it is given the version of trainlint.

    """

    id: str
    tail: Callable[[Report], Iterator[str]]
    run: Callable[[RunEntry], str] = _nothing
    head: Callable[[str], str] = _nothing

    def whole(self, report: Report) -> str:
        """A finished report in this format."""
        runs = [self.run(entry) for entry in report["runs"]]
        return "".join([self.head(report["version"]), *runs, *self.tail(report)])
