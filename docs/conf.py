"""Sphinx configuration; `python -m sphinx -W -b html docs docs/_build` from the root makes the site.

The rule pages are generated from the rules before the build, the formats page from the parsers, and the pages and JSON
Schemas of report.json and of `inspect --format json` from their types, so that each text exists only once.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

import format_pages
import rule_pages
import schema_pages

import trainlint

project = "trainlint"
author = "The trainlint authors"
project_copyright = author
release = trainlint.__version__
extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build"]
html_theme = "furo"
html_title = "trainlint"
html_copy_source = False
html_extra_path = [
    f"{made.folder}/{made.file}" for made in schema_pages.DOCUMENTS
]  # at the root of the site, under a name that stays
myst_heading_anchors = 3
autodoc_typehints = "signature"
nitpicky = False  # types of numpy and pandas are documented elsewhere, and the build needs no network

rule_pages.write(Path(__file__).parent / "rules")
format_pages.write(Path(__file__).parent / "formats")
schema_pages.write(Path(__file__).parent)
