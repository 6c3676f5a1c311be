"""Write the documentation page of the formats from the parsers themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trainlint.parsers.files.hyperparameters import CONFIG_NAMES
from trainlint.parsers.registry import PARSERS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from trainlint.parsers.base import Parser

TABLED = ("How it is recognised", "What is read", "What is not read")
TOLD = ("Who writes this", "What is odd about it")
INTRODUCTION = """# Formats

A file is recognised by what it holds; its name only narrows the choice. It is offered to the formats in the order of this
page, special ones before general ones. Several files of one training, as a table beside event files, are joined if what
both of them tell agrees.

**Of every format.** Numbers that were logged over steps, epochs or rows are read with NaN and infinity as logged and missing
values left out; with them the step, the epoch and the time of each where they are written, and hyperparameters from the log
itself or from {configs} beside it. Secrets among them are masked. Pictures, sounds, texts, graphs and tables are not read,
and histograms only from event files. Pickles (`.pkl`, `.npy` of objects, `.pt`) are never opened, since loading one runs
code: they are named as skipped.

**Damage.** A file that is cut, damaged or in another encoding is read as far as it goes. What was left out is told in the
notes of the run, with its place. gzip, UTF-16 and Latin-1 are understood. Of a text, the first 256 MiB are read.
"""


def write(folder: Path) -> None:
    """Make `index.md` in a folder."""
    folder.mkdir(exist_ok=True)
    (folder / "index.md").write_text(page(), encoding="utf-8")


def page() -> str:
    """All formats: a table of what is read, then what else each parser says about its own."""
    introduction = INTRODUCTION.format(configs=", ".join(f"`{name}`" for name in CONFIG_NAMES))
    rows = [_row([f"[{parser.title}](#{parser.id})", *map(parser.section, TABLED)]) for parser in PARSERS]
    table = "\n".join([_row(["Format", *TABLED]), "|---" * (1 + len(TABLED)) + "|", *rows])
    return "\n\n".join([introduction.strip(), table, *map(section, PARSERS)]) + "\n"


def section(parser: Parser) -> str:
    """One format: what the table does not say, the headings as the first words of their paragraphs."""
    names = ", ".join(f"`{pattern}`" for pattern in parser.patterns)
    about = f"Files {names}; `{parser.id}` in report.json. {parser.doc.partition(chr(10))[0]}"
    told = [f"**{heading}.** {parser.section(heading)}" for heading in TOLD]
    return "\n\n".join([f"({parser.id})=\n## {parser.title}", about, *told])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(' '.join(cell.split()).replace('|', chr(92) + '|') for cell in cells)} |"
