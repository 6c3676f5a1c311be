"""Keras' CSVLogger."""

import numpy as np
import pytest

from trainlint.parsers.formats.frameworks.keras_csv import PARSER

LOG = "epoch,accuracy,loss,val_accuracy,val_loss\n0,0.5,0.7,NA,NA\n1,0.6,0.6,0.7,0.5\n2,0.5,nan,NA,NA\n3,0.5,nan,0.5,nan\n"


@pytest.mark.parametrize("content", [LOG, LOG.replace(",", ";"), LOG.replace("\n", "\r\n")])
def test_log(tmp_path, content):
    path = tmp_path / "training.log"
    path.write_text(content, newline="")
    assert PARSER.matches(path.name)
    assert PARSER.sniff(path, content.encode())
    (run,) = PARSER.parse(path)
    curves = {curve.tag: curve for curve in run.all_curves}
    assert run.framework == "keras"
    assert {curve.axis for curve in run.all_curves} == {"epoch"}
    np.testing.assert_array_equal(curves["loss"].value, [0.7, 0.6, np.nan, np.nan])
    np.testing.assert_array_equal(curves["val_loss"].value, [0.5, np.nan])
    assert curves["val_loss"].step.tolist() == [1, 3]


def test_append_starts_a_segment_and_columns_without_data_vanish(tmp_path):
    path = tmp_path / "log.csv"
    path.write_text("epoch,loss,val_loss\n0,3,NA\n1,2,NA\n2,1,NA\n0,3,NA\n1,2,NA\n")
    (run,) = PARSER.parse(path)
    (loss,) = run.all_curves
    assert [segment.start for segment in loss.segments] == [0, 3]


@pytest.mark.parametrize(
    "header",
    ["epoch,train_loss,val_loss", "step,loss,val_loss", "epoch,acc,f1", "epoch,loss,train/loss", "epoch,loss,val_acc"],
)
def test_not_keras(tmp_path, header):
    assert not PARSER.sniff(tmp_path / "log.csv", f"{header}\n0,1,2\n1,1,2\n".encode())
