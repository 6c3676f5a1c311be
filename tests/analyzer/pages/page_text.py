"""Pages of runs and of an index, and what a reader sees of them."""

import html
import json
import re

from trainlint.analyzer.pages.render import index_row, render_index, render_run
from trainlint.parsers.run import Curve

from ..judgements import NO_FINDINGS, meaning


def run_page(judged, **others):
    return render_run(judged, **({"version": "0.1.0", "index_href": None} | others)).text()


def index_of(*judgements, unreadable=()):
    rows = [index_row(judged, f"runs/{i}.html") for i, judged in enumerate(judgements)]
    return render_index(rows, root="/data", version="0.1.0", unreadable=unreadable, batch=NO_FINDINGS, seconds=3.1)


def island(page):
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', page, re.DOTALL)[1])


def text_of(page):
    """What a reader sees, roughly: no scripts, no styles, no tags."""
    bare = re.sub(r"<(script|style).*?</\1>", " ", page, flags=re.DOTALL)
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", bare)))


def curve(values, **others):
    return Curve.build("train/loss", range(len(values)), values, meaning=meaning(), **others)
