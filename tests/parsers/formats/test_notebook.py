"""Notebooks: what their cells printed."""

import json

import pytest

from trainlint.parsers.formats.generic.notebook import PARSER

LOG = "".join(f"epoch {i} loss {2 - i / 8:.3f} val_loss {3 - i / 8:.3f}\n" for i in range(8))


def cell(*outputs, kind="code", count=1):
    return {"cell_type": kind, "execution_count": count, "source": ["loss = 1"], "outputs": list(outputs)}


def stream(text, name="stdout"):
    return {"name": name, "output_type": "stream", "text": text.splitlines(keepends=True)}


def write(path, *cells):
    path.write_text(json.dumps({"cells": list(cells), "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    return path


def result(text):
    return {
        "output_type": "execute_result",
        "data": {"text/plain": [text], "text/html": ["<b>1</b>"]},
        "execution_count": 1,
    }


def test_cells_that_train_are_runs(tmp_path):
    path = write(
        tmp_path / "a.ipynb", {"cell_type": "markdown", "source": [LOG]}, cell(stream("hello\n")),
        cell(stream(LOG[:100]), stream(LOG[100:]), result("<History>"), count=5), cell(result("0.5")), cell(stream(LOG), count=None),
    )  # fmt: skip
    first, second = PARSER.parse(path)
    assert (first.name, second.name) == ("cell 3", "cell 5")
    assert [note.message for note in (*first.notes, *second.notes)] == [
        "printed by cell 3, execution 5",
        "printed by cell 5",
    ]
    for run in (first, second):
        assert {c.tag: (len(c), float(c.value[0])) for c in run.all_curves} == {"loss": (8, 2.0), "val_loss": (8, 3.0)}


def test_colours_and_text_as_one_string(tmp_path):
    coloured = stream("")
    coloured["text"] = LOG.replace("loss", "\x1b[31mloss\x1b[0m")
    (run,) = PARSER.parse(write(tmp_path / "a.ipynb", cell(coloured)))
    assert {c.tag for c in run.all_curves} == {"loss", "val_loss"}


@pytest.mark.parametrize(
    "content",
    [
        "{}", '{"cells": 3}', '{"cells": [1, {"outputs": 2}, {"outputs": [3, {"text": 4}, {"text": [5]}, {"data": 6}]}]}', "[]", "",
        json.dumps({"cells": [cell(stream("no log here\n"))]}),
    ],
)  # fmt: skip
def test_notebooks_without_a_log(tmp_path, content):
    path = tmp_path / "a.ipynb"
    path.write_text(content)
    assert PARSER.refusal(path, b"") == "a notebook in which no cell printed a log of training"
    (run,) = PARSER.parse(path)
    assert not run.all_curves
    assert run.notes


def test_a_truncated_notebook(tmp_path):
    path = write(tmp_path / "a.ipynb", cell(stream(LOG)), cell(stream(LOG)))
    path.write_text(path.read_text()[:900])
    first, *_ = PARSER.parse(path)
    assert any("truncated or damaged" in note.message for note in first.notes)
