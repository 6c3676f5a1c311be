"""Formats that spread one training over many files: AllenNLP's epochs, TensorBoard's downloads."""

import json

from trainlint.parsers.formats.frameworks import allennlp_metrics, tensorboard_csv


def test_allennlp_epochs_are_one_run(tmp_path):
    for epoch in range(11):
        row = {
            "epoch": epoch,
            "best_epoch": 2,
            "training_loss": 3 - epoch / 9,
            "validation_loss": 3.5,
            "best_validation_loss": 1,
        }
        (tmp_path / f"metrics_epoch_{epoch}.json").write_text(json.dumps(row, indent=2))
    paths = sorted(tmp_path.glob("*.json"))
    assert all(allennlp_metrics.PARSER.sniff(path, path.read_bytes()) for path in paths)
    (run,) = allennlp_metrics.PARSER.parse_files(paths)
    assert [curve.tag for curve in run.all_curves] == ["training_loss", "validation_loss"]
    assert run.all_curves[0].step.tolist() == list(range(11))
    assert (run.all_curves[0].axis, run.framework, len(run.sources)) == ("epoch", "allennlp", 11)


def test_allennlp_epoch_from_the_name_and_damage(tmp_path):
    contents = {0: '{"training_loss": 3}', 1: '{"training_loss": 2, "valid', 2: "", 3: '{"training_loss": 1}'}
    for epoch, content in contents.items():
        (tmp_path / f"metrics_epoch_{epoch}.json").write_text(content)
    (run,) = allennlp_metrics.PARSER.parse_files(sorted(tmp_path.glob("*.json")))
    assert run.all_curves[0].step.tolist() == [0, 1, 3]
    assert run.all_curves[0].value.tolist() == [3, 2, 1]
    assert "damaged" in run.notes[0].message


def test_tensorboard_downloads(tmp_path):
    rows = "Wall time,Step,Value\n1700000000.5,0,1.5\n1700000001.5,10,nan\n"
    for name in ("run-a-tag-loss_train", "run-a-tag-loss_val", "run-b-tag-loss_train"):
        (tmp_path / f"{name}.csv").write_text(rows)
    paths = sorted(tmp_path.glob("*.csv"))
    assert all(tensorboard_csv.PARSER.sniff(path, path.read_bytes()) for path in paths)
    first, second = tensorboard_csv.PARSER.parse_files(paths)
    assert ([c.tag for c in first.all_curves], first.name) == (["loss_train", "loss_val"], "a")
    assert ([c.tag for c in second.all_curves], second.name) == (["loss_train"], "b")
    assert first.all_curves[0].step.tolist() == [0, 10]
    assert first.all_curves[0].wall_time.tolist() == [1700000000.5, 1700000001.5]


def test_tensorboard_download_that_was_renamed(tmp_path):
    path = tmp_path / "my_loss.csv"
    path.write_text('"Wall time","Step","Value"\n1.5,0,2.5\n')
    (run,) = tensorboard_csv.PARSER.parse(path)
    assert (run.name, [curve.tag for curve in run.all_curves]) == ("", ["my_loss"])
    assert tensorboard_csv.PARSER.sniff(path, path.read_bytes())
    assert not tensorboard_csv.PARSER.sniff(path, b"time,step,value\n1,2,3\n")
