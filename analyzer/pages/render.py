"""Pages from templates: one self-contained file each, that asks nothing of the network and runs nothing from a log.

Jinja is imported and its environment made when the first page is rendered, not before: most commands render nothing.
"""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ..across.multiplicity import expectation
from ..report.entries import failures
from ..report.verdict_text import visible
from .index_row import index_row
from .rendered import rendered
from .run_page import run_page

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from jinja2 import Environment

    from ..judging.judgement import Judgement
    from ..report.insights_schema import InsightsEntry
    from ..report.schema import BatchEntry, ComparisonEntry, FileEntry, RunEntry
    from .index_page import RunsPart
    from .index_row import IndexRow
    from .insight_cards import InsightsPart
    from .rendered import RenderedRun
    from .run_page import RunPage

    class IndexPage(RunsPart, InsightsPart):
        """Everything that the template of the index asks for; `failed` is a sentence on rules that failed."""

        failed: str


__all__ = ["index_row", "render_index", "render_run"]

TEMPLATES = Path(__file__).parents[2] / "templates"
STYLES = ("vendor/uplot/uPlot.min.css", "style.css", "parts.css")
RUN_SCRIPTS = (
    "theme.js",
    "copy.js",
    "vendor/uplot/uPlot.iife.min.js",
    "plot.js",
    "painters.js",
    "curves.js",
    "layers.js",
)
INDEX_SCRIPTS = ("theme.js", "copy.js", "table.js")
# What would end the script element early, or a line in old parsers of JavaScript, is written as an escape.
ISLAND_ESCAPES = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def render_run(
    judgement: Judgement, *, version: str, index_href: str | None, provenance: Sequence[tuple[str, str]] = ()
) -> RenderedRun:
    """The page of one run, cut where the whole batch may have something to say about a finding.

    Args:
        judgement: of the run.
        version: of trainlint.
        index_href: leads back to the page of all runs, None if there is none.
        provenance: labels and values of how the page came about, of `provenance.provenance_of`.

    """
    page = run_page(judgement)
    return rendered(
        _page("run.html.j2", page, RUN_SCRIPTS, version=version, provenance=provenance, index_href=index_href)
    )


def render_index(
    rows: Sequence[IndexRow],
    *,
    root: str,
    version: str,
    unreadable: Sequence[FileEntry],
    batch: BatchEntry,
    seconds: float,
    comparisons: Sequence[ComparisonEntry] = (),
    insights: InsightsEntry | None = None,
    entries: Iterable[RunEntry] = (),
    provenance: Sequence[tuple[str, str]] = (),
) -> str:
    """The page of all runs.

    Args:
        rows: of `index_row`, in any order.
        root: what was audited, as the reader knows it.
        version: of trainlint.
        unreadable: what could not be read.
        batch: what `multiplicity.adjust` says of all findings together.
        seconds: how long the audit took.
        comparisons: entries of report.json about several runs.
        insights: of `insights.insights_of`; None leaves that part of the page out.
        entries: of report.json, from which the plots of the insights are drawn.
        provenance: labels and values of how the audit was made, of `provenance.provenance_of`.

    """
    from .index_page import failed_sentence, index_page
    from .insight_cards import insights_on_page

    listed = list(entries)
    page: IndexPage = {
        **index_page(rows, root=root, unreadable=unreadable, comparisons=comparisons, seconds=seconds),
        **insights_on_page(insights, listed),
        "failed": failed_sentence(failures(listed, batch)),
    }
    sentence = expectation(batch)
    return _page("index.html.j2", page, INDEX_SCRIPTS, version=version, provenance=provenance, expectation=sentence)


def _page(template: str, page: RunPage | IndexPage, scripts: tuple[str, ...], **others: object) -> str:
    from markupsafe import Markup

    return (
        environment()
        .get_template(template)
        .render(
            page=page,
            island=Markup(island(page["data"])),  # noqa: S704  (escaped for its place)
            style=Markup(style()),  # noqa: S704  (our own file)
            scripts=[Markup(asset(name)) for name in scripts],  # noqa: S704  (our own files)
            policy=policy(scripts),
            **others,
        )
    )


@cache
def environment() -> Environment:
    """The Jinja environment: every text is escaped, and made visible where a log put controls into a name."""
    import jinja2

    from .drawing.data_table import table_cells, table_rows
    from .prose import inline
    from .template_cache import template_cache

    def shown(value: object) -> object:
        return visible(value) if type(value) is str else value

    made = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        finalize=shown,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
        bytecode_cache=template_cache(),
    )
    made.filters |= {"inline": inline, "table_cells": table_cells, "table_rows": table_rows}
    return made


@cache
def asset(name: str) -> str:
    """A style sheet or script of ours, as it stands in the page."""
    return (TEMPLATES / name).read_text(encoding="utf-8")


@cache
def style() -> str:
    """The style sheet of every page."""
    return "".join(asset(name) for name in STYLES)


@cache
def policy(scripts: tuple[str, ...]) -> str:
    """Content security policy: our own scripts and style by their hashes, and nothing else from anywhere."""
    allowed = " ".join(digest(asset(name)) for name in scripts)
    return f"default-src 'none'; script-src {allowed}; style-src {digest(style())}; base-uri 'none'; form-action 'none'"


def digest(text: str) -> str:
    """Hash of an inline script or style as a policy names it."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}'"


def island(data: dict[str, object]) -> str:
    """Data as JSON that can stand in a script element whatever names are in it."""
    return json.dumps(data, separators=(",", ":"), allow_nan=False).translate(ISLAND_ESCAPES)
