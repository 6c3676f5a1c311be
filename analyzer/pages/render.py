"""Pages from templates: self-contained files without network access that never execute content of a log.

Jinja is imported and its environment created when the first page is rendered, since most commands render none.
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

    from ..comparison.finished import FinishedComparison
    from ..judging.judgement import Judgement
    from ..report.insights_schema import InsightsEntry
    from ..report.schema import BatchEntry, ComparisonEntry, FileEntry, RunEntry
    from ..report.studies_schema import StudyEntry
    from .compare_page import ComparePage
    from .index_page import RunsPart
    from .index_row import IndexRow
    from .rendered import RenderedRun
    from .run_page import RunPage
    from .study_cards import StudiesPart

    class IndexPage(RunsPart, StudiesPart):
        """The content of the index template; `failed` is a sentence on rules that failed."""

        failed: str


__all__ = ["index_row", "render_comparison", "render_index", "render_run"]

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
# Characters that would end the script element, or a line in old JavaScript parsers, are escaped.
ISLAND_ESCAPES = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def render_run(
    judgement: Judgement, *, version: str, index_href: str | None, provenance: Sequence[tuple[str, str]] = ()
) -> RenderedRun:
    """The page of one run, divided where notes from the whole batch may be inserted.

    Args:
        judgement: judgement of the run.
        version: of trainlint.
        index_href: link to the index page, None if there is none.
        provenance: labels with values, from `provenance.provenance_of`.

    """
    page = run_page(judgement)
    return rendered(
        page_of("run.html.j2", page, RUN_SCRIPTS, version=version, provenance=provenance, index_href=index_href)
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
    studies: Sequence[StudyEntry] = (),
    provenance: Sequence[tuple[str, str]] = (),
) -> str:
    """The index page of all runs.

    Args:
        rows: from `index_row`, in any order.
        root: the audited folder, as given by the user.
        version: of trainlint.
        unreadable: files that could not be read.
        batch: summary of all findings from `multiplicity.adjust`.
        seconds: duration of the audit.
        comparisons: findings of batch rules in report.json.
        insights: insights of report.json, told with the studies.
        entries: runs of report.json, for the plots of studies.
        studies: studies of report.json.
        provenance: labels with values, from `provenance.provenance_of`.

    """
    from .index_page import failed_sentence, index_page
    from .study_cards import studies_on_page

    listed = list(entries)
    page: IndexPage = {
        **index_page(rows, root=root, unreadable=unreadable, comparisons=comparisons, seconds=seconds),
        **studies_on_page(studies, insights, listed, {row["name"]: row["href"] for row in rows}),
        "failed": failed_sentence(failures(listed, batch)),
    }
    sentence = expectation(batch)
    return page_of("index.html.j2", page, INDEX_SCRIPTS, version=version, provenance=provenance, expectation=sentence)


def page_of(template: str, page: RunPage | IndexPage | ComparePage, scripts: tuple[str, ...], **others: object) -> str:
    from markupsafe import Markup

    return (
        environment()
        .get_template(template)
        .render(
            page=page,
            island=Markup(island(page["data"])),  # noqa: S704  (escaped for its context)
            style=Markup(style()),  # noqa: S704  (our own file)
            scripts=[Markup(asset(name)) for name in scripts],  # noqa: S704  (our own files)
            policy=policy(scripts),
            **others,
        )
    )


def render_comparison(finished: FinishedComparison, *, version: str) -> str:
    """The page of a comparison as HTML."""
    from .compare_page import compare_page

    scripts = tuple(name for name in RUN_SCRIPTS if name != "layers.js")
    return page_of("compare.html.j2", compare_page(finished), scripts, version=version)


@cache
def environment() -> Environment:
    """The Jinja environment: all text is escaped, including invisible characters in names from logs."""
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
    """A style sheet or script of ours, for inclusion in a page."""
    return (TEMPLATES / name).read_text(encoding="utf-8")


@cache
def style() -> str:
    """The style sheet of every page."""
    return "".join(asset(name) for name in STYLES)


@cache
def policy(scripts: tuple[str, ...]) -> str:
    """Content security policy: only our own scripts and style, by their hashes."""
    allowed = " ".join(digest(asset(name)) for name in scripts)
    return f"default-src 'none'; script-src {allowed}; style-src {digest(style())}; base-uri 'none'; form-action 'none'"


def digest(text: str) -> str:
    """Hash of an inline script or style for the policy."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode('ascii')}'"


def island(data: dict[str, object]) -> str:
    """Data as JSON that is safe in a script element whatever names it contains."""
    return json.dumps(data, separators=(",", ":"), allow_nan=False).translate(ISLAND_ESCAPES)
