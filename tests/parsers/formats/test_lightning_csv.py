"""Lightning's CSVLogger."""

import numpy as np

from trainlint.parsers.formats.frameworks.lightning_csv import PARSER

LOG = """epoch,lr-SGD,step,test_loss,train_loss_epoch,train_loss_step,val_loss
,0.05,0,,,,
0,,1,,,0.7,
0,,3,,,0.6,
0,,3,,,,0.65
0,,3,,0.68,,
,0.05,4,,,,
1,,5,,,0.5,
2,,6,0.55,,,
"""


def write(folder, content=LOG):
    folder.mkdir(parents=True)
    path = folder / "metrics.csv"
    path.write_text(content)
    return path


def test_sparse_rows(tmp_path):
    path = write(tmp_path / "version_0")
    (path.parent / "hparams.yaml").write_text("lr: 0.05\nopt:\n  name: sgd\n")
    assert PARSER.sniff(path, LOG.encode())
    (run,) = PARSER.parse(path)
    curves = {curve.tag: (curve.step.tolist(), curve.value.tolist()) for curve in run.all_curves}
    assert curves == {
        "lr-SGD": ([0, 4], [0.05, 0.05]),
        "test_loss": ([6], [0.55]),
        "train_loss_epoch": ([3], [0.68]),
        "train_loss_step": ([1, 3, 5], [0.7, 0.6, 0.5]),
        "val_loss": ([3], [0.65]),
    }
    assert np.isnan(run.all_curves[0].epoch).all()
    assert run.hyperparameters == {"lr": 0.05, "opt.name": "sgd"}
    assert (run.framework, run.notes) == ("lightning", [])


def test_empty_hparams(tmp_path):
    path = write(tmp_path / "version_0")
    (path.parent / "hparams.yaml").write_text("{}\n")
    (run,) = PARSER.parse(path)
    assert (run.hyperparameters, run.notes) == ({}, [])


def test_a_late_start_is_noted(tmp_path):
    (run,) = PARSER.parse(write(tmp_path / "version_0", "epoch,step,train_loss\n3,13,0.5\n3,14,0.4\n"))
    assert "starts in epoch 3" in run.notes[0].message


def test_a_table_by_hand_is_not_lightning(tmp_path):
    path = write(tmp_path / "out", "epoch,step,train_loss,val_loss\n0,0,1.5,\n0,10,1.4,\n")
    assert not PARSER.sniff(path, path.read_bytes())


def test_epochs_that_no_row_tells(tmp_path):
    path = tmp_path / "version_0" / "metrics.csv"
    path.parent.mkdir()
    path.write_text("epoch,loss_step,step\n" + "".join(f",{2 - i / 9:.2f},{i}\n" for i in range(5)))
    (run,) = PARSER.parse(path)
    assert [len(curve) for curve in run.all_curves if curve.tag == "loss_step"] == [5]
    assert not run.notes
