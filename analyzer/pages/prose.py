"""The simple Markdown of rule docstrings as HTML: paragraphs, lists and `code`; the rest is text."""

from __future__ import annotations

import re
from functools import lru_cache

from markupsafe import Markup, escape

from ..report.verdict_text import visible

ITEM = re.compile(r"^(?:[-*]|\d+\.)\s+")
CODE = re.compile(r"`([^`]+)`")


@lru_cache(maxsize=512)
def prose(text: str) -> Markup:
    """Convert a section of a docstring to paragraphs and lists; its text is escaped."""
    blocks = re.split(r"\n\s*\n", text.strip())
    return Markup("").join(_block(block) for block in blocks if block.strip())


def inline(text: str) -> Markup:
    """One line of text with `code` marked up; invisible characters are escaped."""
    return Markup(CODE.sub(r"<code>\1</code>", str(escape(visible(text)))))  # noqa: S704  (escaped before it is marked up)


def _block(block: str) -> Markup:
    lines = block.splitlines()
    starts = [i for i, line in enumerate(lines) if ITEM.match(line.strip())]
    if not starts:
        return Markup("<p>{}</p>").format(inline(" ".join(line.strip() for line in lines)))
    lead = " ".join(line.strip() for line in lines[: starts[0]])
    items = [
        " ".join(line.strip() for line in lines[a:b]) for a, b in zip(starts, [*starts[1:], len(lines)], strict=True)
    ]
    listed = Markup("").join(Markup("<li>{}</li>").format(inline(ITEM.sub("", item))) for item in items)
    paragraph = Markup("<p>{}</p>").format(inline(lead)) if lead else Markup("")
    return paragraph + Markup("<ul>{}</ul>").format(listed)
