"""Compiled templates are kept where compiled modules are, and a page is the same whatever is found there."""

import os
import sys
from importlib.util import cache_from_source
from pathlib import Path

import jinja2
import pytest

from trainlint.analyzer.pages import render, template_cache

TEMPLATE = "run.html.j2"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder of compiled modules."""
    monkeypatch.setattr(template_cache, "cache_from_source", lambda _: str(tmp_path / "kept" / "x.pyc"))
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    (tmp_path / "kept").mkdir()
    return tmp_path / "kept"


def compiled():
    """The code of a template in an environment of its own."""
    return render.environment.__wrapped__().get_template(TEMPLATE).root_render_func.__code__


def no_compiling(*_):
    raise AssertionError("compiled")


def test_it_is_the_folder_of_compiled_modules():
    module = Path(cache_from_source(template_cache.__file__))
    cache = template_cache.template_cache()
    assert cache is None or cache.directory == str(module.parent)


def test_a_template_is_compiled_once(folder, monkeypatch):
    code = compiled()
    (kept,) = folder.iterdir()
    assert kept.name.endswith(".cache")
    monkeypatch.setattr(jinja2.Environment, "compile", no_compiling)
    assert compiled() == code


def test_a_version_uses_no_template_of_another(folder, monkeypatch):
    compiled()
    monkeypatch.setattr(template_cache, "__version__", "999")
    monkeypatch.setattr(jinja2.Environment, "compile", no_compiling)
    with pytest.raises(AssertionError, match="compiled"):
        compiled()


def test_nothing_is_kept_where_python_keeps_nothing(folder, monkeypatch):
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    compiled()
    assert list(folder.iterdir()) == []
    folder.rmdir()
    assert template_cache.template_cache() is None
    compiled()
    assert not folder.exists()


def test_a_folder_that_cannot_be_written_costs_nothing_else(folder):
    environment = render.environment.__wrapped__()
    folder.rmdir()
    folder.write_text("no folder any more")
    assert environment.get_template(TEMPLATE).root_render_func.__code__ == compiled()


def _damaged(kept):
    kept.write_bytes(kept.read_bytes()[:-300])


def _of_another_text(kept):
    """A sound template, but the checksum is of another text."""
    environment = render.environment.__wrapped__()
    bucket = environment.bytecode_cache.get_bucket(environment, TEMPLATE, None, "other")
    bucket.code = compile("def root(*_): yield 'hostile'", "x", "exec")
    with kept.open("wb") as file:
        bucket.write_bytecode(file)


def _link(kept):
    (kept.parent.parent / "victim").write_text("precious")
    kept.unlink()
    kept.symlink_to(kept.parent.parent / "victim")


def _folder(kept):
    kept.unlink()
    kept.mkdir()


@pytest.mark.parametrize(
    "change", [lambda kept: kept.write_bytes(os.urandom(5000)), lambda kept: kept.write_bytes(b""), _damaged, _of_another_text, _link,
               _folder],
    ids=["random", "empty", "damaged", "of another text", "link", "folder"],
)  # fmt: skip
def test_what_is_no_template_is_not_used(folder, change):
    code = compiled()
    (kept,) = folder.iterdir()
    change(kept)
    assert compiled() == code
    victim = folder.parent / "victim"
    assert not victim.exists() or victim.read_text() == "precious"
