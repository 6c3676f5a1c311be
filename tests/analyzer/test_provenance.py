"""The last section of a page: which configuration was in force, and what it changed."""

from pathlib import Path

import pytest

from trainlint.analyzer.config.config_file import load
from trainlint.analyzer.config.resolve import config_of
from trainlint.analyzer.pages.provenance import MAX_LISTED, provenance_of
from trainlint.analyzer.pages.render import render_run

from .judgements import HOSTILE, judgement

FILE = """
ignore = ["plateau"]
[rules.overfitting]
min-rise = "25%"
severity = "info"
[[overrides]]
paths = ["old"]
task = "adversarial"
[overrides.metrics]
"energy" = "loss:train"
"""


@pytest.fixture
def config(tmp_path):
    (tmp_path / "trainlint.toml").write_text(FILE)
    file = load(tmp_path / "trainlint.toml")
    return config_of(ignore=file.options["ignore"], file=file)


def test_defaults_are_few_words():
    rows = dict(provenance_of("1.2", config_of(), Path("run"), seconds=0.5))
    assert rows["Configuration"] == "no file, defaults"
    assert rows["trainlint"] == "1.2"
    assert rows["Time taken"] == "0.50 s"
    assert set(rows) == {"trainlint", "Configuration", "Rules run", "Time taken"}


def test_what_the_file_changes_is_told(config, tmp_path):
    rows = dict(provenance_of("1", config, tmp_path / "new" / "run", seconds=1))
    assert rows["Configuration"].endswith("trainlint.toml")
    assert rows["Left out"] == "plateau"
    assert rows["Thresholds changed"].startswith("overfitting min-rise = 25% (default ")
    assert rows["Severity changed"] == "overfitting info"
    assert rows["Overrides applied"] == "none of 1"
    assert "Task" not in rows


def test_overrides_are_told_where_they_hold(config, tmp_path):
    rows = dict(provenance_of("1", config, tmp_path / "old" / "run", accepted=3, seconds=1))
    assert rows["Overrides applied"] == "old"
    assert rows["Task"] == "adversarial, from the configuration"
    assert rows["Metrics"] == "energy = loss:train"
    assert rows["Baseline"] == "accepts 3 findings"
    assert dict(provenance_of("1", config, seconds=1))["Overrides"] == "old"


def test_long_lists_are_counted():
    many = config_of(metrics={f"tag{i}": "loss:train" for i in range(40)})
    assert dict(provenance_of("1", many, seconds=1))["Metrics"].endswith(f", and {40 - MAX_LISTED} more")


def test_the_page_has_the_section_and_nothing_breaks_out_of_it():
    page = render_run(judgement(), version="1", index_href=None, provenance=[("Metrics", HOSTILE)]).text()
    assert 'id="provenance"' in page
    assert "<img" not in page
