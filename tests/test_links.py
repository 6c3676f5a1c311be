"""Every link inside the built site, the README and the pages of a report resolves; those that leave it are listed."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
from datetime import date
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

ROOT = Path(__file__).parents[1]
EXTERNAL = ROOT / "docs" / "external-links.tsv"
OURS = "https://github.com/trainlint/trainlint"
OURS_RAW = "https://raw.githubusercontent.com/trainlint/trainlint"
SCHEMES = frozenset({"http", "https"})
TEXTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / "sample_logs" / "README.md"])
LINK = re.compile(r"\]\(([^)\s]+)[^)]*\)|^\[[^\]]+\]: (\S+)$", re.MULTILINE)


class Page(HTMLParser):
    """The targets and the anchors of an HTML page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors = {""}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.anchors |= {value for key in ("id", "name") if (value := given.get(key))}
        wanted = {"a": "href", "use": "href", "link": "href", "img": "src", "script": "src"}.get(tag)
        if wanted and (link := given.get(wanted)):
            self.links.append(link)


@cache
def page(path: Path) -> Page:
    return Page(path.read_text(encoding="utf-8"))


def broken(folder: Path) -> list[str]:
    """Links of all pages under a folder that lead to no file, or to no place in it."""
    found = []
    for path in sorted(folder.rglob("*.html")):
        for link in page(path).links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = path.parent / unquote(parts.path) if parts.path else path
            target = target / "index.html" if target.is_dir() else target
            is_place = (
                target.suffix != ".html" or unquote(parts.fragment) in page(target).anchors
                if target.exists()
                else False
            )
            if not is_place:
                found.append(f"{path.relative_to(folder)}: {link}")
    return found


def external() -> set[str]:
    """Links of the texts of the project that lead to other sites."""
    found = set()
    for path in TEXTS:
        text = re.sub(r"^```.*?^```$", "", path.read_text(encoding="utf-8"), flags=re.DOTALL | re.MULTILINE)
        links = [inline or defined for inline, defined in LINK.findall(text)]
        found |= {link for link in links if urlsplit(link).scheme in SCHEMES and not link.startswith((OURS, OURS_RAW))}
    return found


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.html").write_text('<p id="here"><a href="#here">1</a><a href="b.html">2</a><a href="#there">3</a>')
    assert broken(tmp_path) == ["a.html: b.html", "a.html: #there"]


@pytest.mark.skipif(importlib.util.find_spec("sphinx") is None, reason="dependency group docs is not installed")
def test_links_of_the_site_resolve(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "sphinx", "-q", "-b", "html", "-d", str(tmp_path / "cache")]
    subprocess.run([*build, "docs", str(tmp_path / "site")], cwd=ROOT, check=True)
    assert len(list((tmp_path / "site").rglob("*.html"))) > 100
    assert broken(tmp_path / "site") == []


def test_links_of_a_report_resolve(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "trainlint",
        "audit",
        "sample_logs",
        "--report",
        str(tmp_path / "report"),
        "--quiet",
    ]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    assert len(list((tmp_path / "report").rglob("*.html"))) > 20  # the runs and the index
    assert broken(tmp_path / "report") == []


def test_external_links_are_listed_with_the_date_of_their_last_check() -> None:
    rows = [line.split("\t") for line in EXTERNAL.read_text(encoding="utf-8").splitlines()[1:]]
    assert {link for link, *_ in rows} == external()
    assert [link for link, *_ in rows] == sorted(link for link, *_ in rows)
    for _, checked, result in rows:
        assert date.fromisoformat(checked)
        assert result
