"""Text from logs in Markdown: escaped, so that it cannot become markup, a tag, a link or a mention."""

from __future__ import annotations

import re

from ..report.entries import shown

# Characters that begin markup anywhere. An underscore inside a word begins none (CommonMark 0.31, 6.2), and names of
# metrics are full of them.
MARKS = re.compile(r"([\\`*\[\]<|~])|^([>#+-])|(?<![A-Za-z0-9])(_)|(_)(?![A-Za-z0-9])")
LIMIT = 600  # characters of a sentence


def text(value: str, limit: int = LIMIT) -> str:
    """A sentence as Markdown text that renders literally."""
    marked = MARKS.sub(lambda found: "\\" + found[0], shown(value, limit).replace("&", "&amp;"))
    # GitHub turns @names into mentions, #1 into a reference to an issue, and bare addresses into links
    marked = re.sub(r"@(?=\w)|#(?=\d)|\bGH-(?=\d)", lambda found: f"{found[0]}<!-- -->", marked)
    return re.sub(
        r"(?i)(https?|ftp):(?=//)|\b(www)\.",
        lambda found: f"{found[1] or found[2]}&#{'58' if found[1] else '46'};",
        marked,
    )


def code(value: str, limit: int = 120) -> str:
    """A name as a code span, fenced by more backticks than its longest run of backticks."""
    name = shown(value, limit) or " "
    longest = max((len(run) for run in re.findall(r"`+", name)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if name.startswith("`") or name.endswith("`") else ""
    return f"{fence}{pad}{name}{pad}{fence}"
