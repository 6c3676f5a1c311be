"""The only two logs of a folder, of two formats: less evidence proves one run, but differing values always prove two."""

import json

import numpy as np
import pytest

from trainlint.analyzer.reading.discover import discover
from trainlint.analyzer.reading.read import read_group

EPOCHS = [0, 3, 6, 10, 13]
LOSS = np.array([0.25, 2.1882224977, 1.6799631864, 1.2546951473, 0.9133955836])


def read(root):
    found = discover([root])
    return [run for group in found.groups for run in read_group(group, found.root, strict=True)]


def rows_of(loss, score=1.0):
    """Rows as spaCy logs them."""
    return [
        {"epoch": epoch, "step": 10 * i, "losses": {"ner": float(value)}, "scores": {"ents_f": 100 * score}, "score": score}
        for i, (epoch, value) in enumerate(zip(EPOCHS, loss, strict=True))
    ]  # fmt: skip


def console(loss, score=1.0):
    """The table that spaCy prints of them."""
    lines = [
        "ℹ Initial learn rate: 0.001",
        "E    #       LOSS NER  ENTS_F  SCORE ",
        "---  ------  --------  ------  ------",
    ]
    lines += [
        f"{row['epoch']:3}  {row['step']:6}  {row['losses']['ner']:8.2f}  {100 * score:6.2f}  {score:6.2f}" for row in rows_of(loss)
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def write(folder, texts):
    folder.mkdir(parents=True)
    for name, text in texts.items():
        (folder / name).write_text(text)


def lines_of(rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


def test_the_table_that_a_framework_prints_is_of_the_run_beside_it(tmp_path):
    write(tmp_path / "out", {"log.jsonl": lines_of(rows_of(LOSS)), "stdout.log": console(LOSS)})
    (run,) = read(tmp_path)
    assert sorted((c.tag, c.split) for c in run.all_curves) == [
        ("losses/ner", "train"), ("score", "validation"), ("scores/ents_f", "validation"),
    ]  # fmt: skip


@pytest.mark.parametrize("noise", [0.01, 0.03])
def test_the_table_of_another_seed_is_another_run(tmp_path, noise):
    other = LOSS * (1 + noise * np.array([0, 1, -1, 1, -1]))
    write(tmp_path / "out", {"log.jsonl": lines_of(rows_of(LOSS)), "stdout.log": console(other)})
    assert len(read(tmp_path)) == 2


def test_of_more_than_two_logs_the_same_evidence_proves_nothing(tmp_path):
    texts = {"log.jsonl": lines_of(rows_of(LOSS)), "stdout.log": console(LOSS), "seed2.log": console(LOSS[::-1])}
    write(tmp_path / "out", texts)
    assert len(read(tmp_path)) == 3


@pytest.mark.parametrize(("tag", "runs"), [("acc", 1), ("train_acc", 2)])
def test_a_split_that_was_inferred_gives_way_to_one_that_is_named(tmp_path, tag, runs):
    """`runs`: the number of curves of accuracy; `train_acc` may be as good as `val_acc`, and is not dropped."""
    accuracy = [0.5, 0.75, 0.75, 0.8, 0.8]
    rows = [{"epoch": i, "loss": float(v), "val_acc": a} for i, (v, a) in enumerate(zip(LOSS, accuracy, strict=True))]
    printed = (f"epoch {row['epoch']} loss {row['loss']:.4f} {tag} {row['val_acc']:.3f}\n" for row in rows)
    write(tmp_path / "out", {"log.jsonl": lines_of(rows), "train.log": "".join(printed)})
    (run,) = read(tmp_path)
    assert len(run.curves("score")) == runs
