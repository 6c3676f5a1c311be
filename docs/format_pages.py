"""Generate the documentation page of the formats from the parsers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trainlint.parsers.files.hyperparameters import CONFIG_NAMES
from trainlint.parsers.registry import PARSERS

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from trainlint.parsers.base import Parser

TABLE_HEADINGS = ("How it is recognised", "What is read", "What is not read")
SECTION_HEADINGS = ("Written by", "Peculiarities")
INTRODUCTION = """# Formats

A file is recognised by its content; its name only narrows the choice. Formats are tried in the order of this page,
specific ones before general ones. Several files of one run, such as a table beside event files, are joined if their
overlapping data agree.

**All formats.** Numbers logged over steps, epochs or rows are read, with NaN and infinity as logged and missing values
omitted. The step, epoch and time of each value are read if logged, and hyperparameters from the log itself or from
{configs} beside it. Other small text files around a log count as settings if they are key-value by structure and by
their place belong to the run. Secrets are masked. Images, audio, text, graphs and tables are not read, and histograms only from
event files. Pickles (`.pkl`, `.npy` with objects, `.pt`) are never opened, because loading a pickle executes code; they
are reported as skipped.

**Damage.** A truncated or damaged file, or one in another encoding, is read as far as possible. The notes of the run
state what was skipped and where. gzip, UTF-16 and Latin-1 are supported. [Memory and time](../security.md#memory-and-time)
lists the size limits.
"""


def write(folder: Path) -> None:
    """Write `index.md` to a folder."""
    folder.mkdir(exist_ok=True)
    (folder / "index.md").write_text(page(), encoding="utf-8")


def page() -> str:
    """All formats: a table of what is read, then one section per parser."""
    introduction = INTRODUCTION.format(configs=", ".join(f"`{name}`" for name in CONFIG_NAMES))
    rows = [_row([f"[{parser.title}](#{parser.id})", *map(parser.section, TABLE_HEADINGS)]) for parser in PARSERS]
    table = "\n".join([_row(["Format", *TABLE_HEADINGS]), "|---" * (1 + len(TABLE_HEADINGS)) + "|", *rows])
    return "\n\n".join([introduction.strip(), table, *map(section, PARSERS)]) + "\n"


def section(parser: Parser) -> str:
    """One format: the headings that are not in the table, each as the first words of its paragraph."""
    names = ", ".join(f"`{pattern}`" for pattern in parser.patterns)
    about = f"Files {names}; `{parser.id}` in report.json. {parser.doc.partition(chr(10))[0]}"
    paragraphs = [f"**{heading}.** {parser.section(heading)}" for heading in SECTION_HEADINGS]
    return "\n\n".join([f"({parser.id})=\n## {parser.title}", about, *paragraphs])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(' '.join(cell.split()).replace('|', chr(92) + '|') for cell in cells)} |"
