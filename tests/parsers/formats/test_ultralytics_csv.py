"""YOLO's results.csv, padded and not."""

import math

import pytest

from trainlint.parsers.formats.frameworks.ultralytics_csv import PARSER

NAMES = ("epoch", "train/box_loss", "metrics/mAP50(B)", "val/box_loss", "lr/pg0")
ROWS = ((0, 1.5, 0.1, math.inf, 0.01), (1, 1.0, 0.2, 1.25, 0.005))
PLAIN = "\n".join([",".join(NAMES), *(",".join(map(str, row)) for row in ROWS)]) + "\n"
PADDED = "\n".join([",".join(f"{n:>20}" for n in NAMES), *(",".join(f"{v:>20}" for v in row) for row in ROWS)]) + "\n"


@pytest.mark.parametrize("content", [PLAIN, PADDED])
def test_results(tmp_path, content):
    path = tmp_path / "results.csv"
    path.write_text(content)
    (tmp_path / "args.yaml").write_text("task: detect\nlr0: 0.01\nepochs: 100\n")
    assert PARSER.sniff(path, content.encode())
    (run,) = PARSER.parse(path)
    assert [curve.tag for curve in run.all_curves] == list(NAMES[1:])
    assert [curve.value.tolist() for curve in run.all_curves] == [list(column) for column in zip(*ROWS, strict=True)][
        1:
    ]
    assert {curve.axis for curve in run.all_curves} == {"epoch"}
    assert run.hyperparameters == {"task": "detect", "lr0": 0.01, "epochs": 100}
    assert run.framework == "ultralytics"


def test_appended_training_is_a_segment(tmp_path):
    path = tmp_path / "results.csv"
    path.write_text(PLAIN + "".join(PLAIN.splitlines(keepends=True)[1:]))
    (run,) = PARSER.parse(path)
    assert all(len(curve.segments) == 2 for curve in run.all_curves)


def test_other_results(tmp_path):
    assert not PARSER.sniff(tmp_path / "results.csv", b"epoch,train_loss,val_loss\n0,1,2\n")
