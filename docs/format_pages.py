"""Write the documentation page of the formats from the parsers themselves."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from trainlint.parsers.hyperparameters import CONFIG_NAMES
from trainlint.parsers.registry import PARSERS

if TYPE_CHECKING:
    from pathlib import Path

    from trainlint.parsers.base import Parser

INTRODUCTION = """# Formats

A file is recognised by what it holds; its name only narrows the choice. It is offered to the formats in the order of this
page, special ones before general ones. Several files of one training, as a table beside event files, are joined if what
both of them tell agrees.

**What is read.** Every number that was logged over steps, epochs or rows, with NaN and infinity as logged and missing values
left out; the step, the epoch and the time of each where they are written; hyperparameters that stand in the log itself, or
beside it in {configs}. Secrets among them are masked.

**What is not read.** Pictures, sounds, texts, graphs and tables that a tracker keeps beside the numbers; histograms only
from event files. Pickles (`.pkl`, `.npy` of objects, `.pt`) are never opened, since loading one runs code: they are
named as skipped.

**Damage.** A file that is cut, damaged or in another encoding is read as far as it goes. What was left out is told in the
notes of the run, with its place. gzip, UTF-16 and Latin-1 are understood. Of a text, the first 256 MiB are read.
"""


def write(folder: Path) -> None:
    """Make `index.md` in a folder."""
    folder.mkdir(exist_ok=True)
    (folder / "index.md").write_text(page(), encoding="utf-8")


def page() -> str:
    """All formats: a table, then what each parser says about its own."""
    introduction = INTRODUCTION.format(configs=", ".join(f"`{name}`" for name in CONFIG_NAMES))
    rows = [f"| {parser.title} | {_names(parser)} | `{parser.id}` |" for parser in PARSERS]
    table = "\n".join(["| Format | File names | Id in `report.json` |", "|---|---|---|", *rows])
    return "\n\n".join([introduction.strip(), table, *map(section, PARSERS)]) + "\n"


def section(parser: Parser) -> str:
    """One format: its parser's docstring, the headings as the first words of their paragraphs."""
    return f"## {parser.title}\n\n" + re.sub(r"^## (.*)\n", r"**\1.** ", parser.doc.strip(), flags=re.MULTILINE)


def _names(parser: Parser) -> str:
    return ", ".join(f"`{pattern}`" for pattern in parser.patterns)
