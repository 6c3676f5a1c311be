"""The output type."""

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
    """An output format other than the text of the terminal.

    The output is `head`, then `run` of each run as soon as it is judged, then the pieces of `tail`. A format that needs
    the whole report omits the first two. Text from logs is hostile: each format escapes it for its reader.

    Attributes:
        id: its name for `--format`.
        tail: pieces of text from the whole report, schema `trainlint-report/1`.
        run: text of one entry of `runs`.
        head: text at the beginning, given the version of trainlint.

    """

    id: str
    tail: Callable[[Report], Iterator[str]]
    run: Callable[[RunEntry], str] = _nothing
    head: Callable[[str], str] = _nothing

    def whole(self, report: Report) -> str:
        """The text of a finished report in this format."""
        runs = [self.run(entry) for entry in report["runs"]]
        return "".join([self.head(report["version"]), *runs, *self.tail(report)])
