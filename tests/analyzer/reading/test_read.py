import json

import numpy as np
import pytest
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

from trainlint.analyzer.config.resolve import config_of
from trainlint.analyzer.reading.discover import discover
from trainlint.analyzer.reading.read import read_group
from trainlint.parsers.base import Parser
from trainlint.parsers.registry import PARSERS
from trainlint.parsers.run import Curve, Run

from ...parsers.event_files import scalar, tensor, write

N = 5
LOSS = [2.0113, 1.5042, 1.2271, 1.1384, 1.0519]
OTHER = [3.0221, 2.5134, 2.2207, 2.1016, 2.0538]


def csv(**columns):
    rows = zip(range(len(next(iter(columns.values())))), *columns.values(), strict=True)
    return ",".join(["step", *columns]) + "\n" + "".join(",".join(map(str, row)) + "\n" for row in rows)


def events(folder, name="events.out.tfevents.1.host", **tags):
    folder.mkdir(parents=True, exist_ok=True)
    write(folder, *(scalar(tag, v, i) for tag, values in tags.items() for i, v in enumerate(values)), name=name)


def hparams(**values):
    data = HParamsPluginData()
    for key, value in values.items():
        data.session_start_info.hparams[key].number_value = value
    event = tensor("_hparams_/session_start_info", plugin="hparams")
    event.summary.value[0].metadata.plugin_data.content = data.SerializeToString()
    return event


def read(*paths, **options):
    found = discover(list(paths))
    return [run for group in found.groups for run in read_group(group, found.root, **options)]


def told(runs):
    return {run.name: sorted(f"{c.name} {c.role}:{c.split}" for c in run.all_curves) for run in runs}


@pytest.mark.parametrize(
    ("files", "names", "uses"),
    [
        # nothing in common: lying in one folder proves nothing
        ({"a.csv": {"train_loss": LOSS}, "b.csv": {"val_loss": OTHER}}, ["r/a.csv", "r/b.csv"], ["data"]),
        # the same again, as a copy or as its beginning
        ({"a.csv": {"train_loss": LOSS}, "b.csv": {"train_loss": LOSS}}, ["r/a.csv"], ["data", "copy"]),
        ({"a.csv": {"train_loss": LOSS}, "b.csv": {"train_loss": LOSS[:3]}}, ["r/a.csv"], ["data", "copy"]),
        # the beginning first: the longer one is not lost
        ({"a.csv": {"train_loss": LOSS[:3]}, "b.csv": {"train_loss": LOSS}}, ["r/a.csv"], ["data", "data"]),
        # something else under the same names
        ({"a.csv": {"train_loss": LOSS}, "b.csv": {"train_loss": OTHER}}, ["r/a.csv", "r/b.csv"], ["data"]),
        ({"a.csv": {"loss": LOSS, "x": LOSS}, "b.csv": {"loss": LOSS, "x": OTHER}}, ["r/a.csv"], ["data", "copy"]),
        (
            {"a.csv": {"loss": LOSS, "foo": LOSS}, "b.csv": {"acc": LOSS, "foo": OTHER}},
            ["r/a.csv", "r/b.csv"],
            ["data"],
        ),
        # different things, under names that say only what is in the file, or that of the folder
        (
            {"results.csv": {"reward": LOSS}, "model_train.csv": {"model_loss": OTHER}},
            ["r/model_train.csv"],
            ["data", "data"],
        ),
        ({"r.csv": {"reward": LOSS}, "metrics.csv": {"model_loss": OTHER}}, ["r"], ["data", "data"]),
        ({"results.csv": {"reward": LOSS}, "seed2.csv": {"model_loss": OTHER}}, ["r", "r/seed2.csv"], ["data"]),
        ({"results.csv": {"loss": LOSS}, "metrics.csv": {"loss": OTHER, "x": LOSS}}, ["r", "r/results.csv"], ["data"]),
        # splits in the names of files
        ({"train.csv": {"loss": LOSS}, "val.csv": {"loss": OTHER}}, ["r"], ["data", "data"]),
        ({"log_train.csv": {"loss": LOSS}, "log_test.csv": {"loss": OTHER}}, ["r"], ["data", "data"]),
        # only one has a split in its name: that is no pair
        ({"train.csv": {"loss": LOSS}, "other.csv": {"loss": OTHER}}, ["r", "r/other.csv"], ["data"]),
    ],
)
def test_files_of_one_folder(tmp_path, files, names, uses):
    (tmp_path / "root" / "r").mkdir(parents=True)
    (tmp_path / "root" / "q").mkdir()
    for name, columns in files.items():
        (tmp_path / "root" / "r" / name).write_text(csv(**columns))
    (tmp_path / "root" / "q" / "log.csv").write_text(csv(loss=[9.0, 8.0]))
    runs = [run for run in read(tmp_path / "root") if run.name != "q"]
    assert sorted(run.name for run in runs) == names
    assert [source.use for source in runs[0].sources] == uses
    assert all(len(c) == N for run in runs for c in run.all_curves)


def test_a_table_beside_event_files_with_the_same_numbers_is_a_copy(tmp_path):
    # event files hold float32: the numbers differ in the eighth digit
    events(tmp_path, **{"train/loss": LOSS, "val/loss": OTHER})
    (tmp_path / "progress.csv").write_text(csv(**{"train/loss": LOSS}))
    (run,) = read(tmp_path)
    assert [(s.format, s.use) for s in run.sources] == [("tensorboard", "data"), ("csv-table", "copy")]
    assert len(run.all_curves) == 2


def test_nan_and_infinity_compare_equal(tmp_path):
    for name in "ab":
        (tmp_path / f"{name}.csv").write_text(csv(loss=["1.0", "nan", "inf", "1e308", "-1e308"]))
    assert len(read(tmp_path)) == 1


def test_keras_folders_are_one_run(tmp_path):
    events(tmp_path / "k" / "train", epoch_loss=LOSS, epoch_accuracy=LOSS)
    events(tmp_path / "k" / "validation", epoch_loss=OTHER, epoch_accuracy=LOSS, evaluation_loss_vs_iterations=OTHER)
    assert told(read(tmp_path)) == {
        "k": [
            "epoch_accuracy score:train",
            "epoch_accuracy score:validation",
            "epoch_loss loss:train",
            "epoch_loss loss:validation",
            "evaluation_loss_vs_iterations statistic:validation",
        ]
    }


def test_a_file_of_settings_is_of_the_only_run_beside_it(tmp_path):
    (tmp_path / "metrics.jsonl").write_text("".join(f'{{"step": {i}, "loss": {v}}}\n' for i, v in enumerate(LOSS)))
    (tmp_path / "run-metrics.jsonl").write_text(
        '{"hparams": {"learning_rate": 0.001, "batch_size": 256}, "run_id": "a"}\n'
    )
    (run,) = read(tmp_path)
    assert run.hyperparameters.items() >= {"learning_rate": 0.001, "batch_size": 256}.items()


def test_text_logs_in_folders_of_splits_are_one_run(tmp_path):
    for folder, before, values in (("train", "", LOSS), ("val", "Validation ", OTHER)):
        (tmp_path / folder).mkdir()
        lines = (f"{before}Step {1000 * i}, Total Loss: {v}\n" for i, v in enumerate(values, start=1))
        (tmp_path / folder / "log.txt").write_text("".join(lines))
    (run,) = read(tmp_path)
    assert sorted(f"{c.role}:{c.split}" for c in run.all_curves) == ["loss:train", "loss:validation"]


def test_two_writers_that_name_their_split_in_folder_and_tag(tmp_path):
    events(tmp_path / "train", **{"train/loss": LOSS, "lr": LOSS})
    events(tmp_path / "val", **{"val/loss": OTHER})
    (run,) = read(tmp_path)
    assert told([run])[tmp_path.name] == ["lr learning-rate:train", "train/loss loss:train", "val/loss loss:validation"]


def test_a_whole_run_in_a_folder_called_test(tmp_path):
    events(tmp_path / "runs" / "test", **{"train/loss": LOSS, "val/loss": OTHER, "lr": LOSS})
    events(tmp_path / "runs" / "big", **{"train/loss": OTHER, "val/loss": LOSS})
    assert told(read(tmp_path / "runs")) == {
        "big": ["train/loss loss:train", "val/loss loss:validation"],
        "test": ["lr learning-rate:none", "train/loss loss:train", "val/loss loss:validation"],
    }
    assert told(read(tmp_path / "runs" / "test")) == {
        "test": ["lr learning-rate:none", "train/loss loss:train", "val/loss loss:validation"]
    }


@pytest.mark.parametrize("folders", [("loss_train", "loss_val"), ("loss/train", "loss/val")])
def test_add_scalars_belongs_to_its_run(tmp_path, folders):
    events(tmp_path / "r", lr=LOSS)
    for folder, values in zip(folders, (LOSS, OTHER), strict=True):
        events(tmp_path / "r" / folder, loss=values)
    assert told(read(tmp_path)) == {"r": ["loss loss:train", "loss loss:validation", "lr learning-rate:none"]}


def test_add_hparams_belongs_to_its_run(tmp_path):
    events(tmp_path / "r", loss=LOSS)
    (tmp_path / "r" / "1795402418.12").mkdir()
    # the final loss, logged once more at step 0: not the loss of step 0
    write(tmp_path / "r" / "1795402418.12", hparams(lr=0.1), scalar("loss", LOSS[-1], 0))
    (run,) = read(tmp_path / "r")
    assert run.hyperparameters == {"lr": 0.1}
    assert run.all_curves[0].value.tolist() == pytest.approx(LOSS)


def test_several_event_runs_in_time_named_folders_have_their_names(tmp_path):
    for folder, values in (("r", LOSS), ("r/1795402418", OTHER), ("r/1795402419", OTHER[::-1])):
        events(tmp_path / folder, loss=values)
        events(tmp_path / folder, loss=values, name="events.out.tfevents.2.host")
    assert sorted(told(read(tmp_path))) == ["r", "r/1795402418", "r/1795402419"]


def test_names_are_unique_where_the_root_holds_a_folder_of_its_own_name(tmp_path):
    root = tmp_path / "runs"
    (root / "runs").mkdir(parents=True)
    (root / "log.csv").write_text(csv(loss=LOSS))
    (root / "runs" / "log.csv").write_text(csv(loss=OTHER))
    assert sorted(told(read(root))) == [".", "runs"]


def test_a_lone_run_has_the_name_of_its_folder(tmp_path):
    (tmp_path / "exp7").mkdir()
    (tmp_path / "exp7" / "log.csv").write_text(csv(loss=LOSS))
    assert [run.name for run in read(tmp_path / "exp7")] == ["exp7"]
    assert [run.name for run in read(tmp_path / "exp7" / "log.csv")] == ["exp7"]


def test_many_tables_of_a_folder_are_runs_of_their_own(tmp_path):
    for i in range(40):
        (tmp_path / f"{i:02}.csv").write_text(csv(loss=LOSS))
    assert [run.name for run in read(tmp_path)] == [f"{i:02}.csv" for i in range(40)]


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        ("objective=loss:validation", "objective loss:validation"),
        ("obj*=score:test:higher", "objective score:test"),
        ("*=reward", "objective reward:none"),
        ("foo=loss", "objective unknown:none"),
    ],
)
def test_the_user_says_what_a_metric_means(tmp_path, metric, expected):
    (tmp_path / "log.csv").write_text(csv(objective=LOSS))
    (run,) = read(tmp_path / "log.csv", config=config_of(metrics=(metric,))) or [None]
    assert told([run])[tmp_path.name] == [expected]


def test_a_tag_with_brackets_can_be_said_as_it_is(tmp_path):
    events(tmp_path, **{"obj[0]": LOSS})
    (run,) = read(tmp_path, config=config_of(metrics=("obj[0]=loss:train",)))
    assert told([run])[tmp_path.name] == ["obj[0] loss:train"]


def test_what_the_user_says_stands_in_a_folder_of_a_split(tmp_path):
    events(tmp_path / "k" / "train", energy=LOSS)
    events(tmp_path / "k" / "validation", energy=OTHER)
    runs = read(tmp_path, config=config_of(metrics=("energy=loss",)))
    assert told(runs) == {"k": ["energy loss:train", "energy loss:validation"]}


def failing(error, *runs):
    def parse(path):
        yield from runs
        raise error

    return Parser("failing", "Failing", ("*.fail",), lambda *_: True, parse, "")


def read_failing(tmp_path, parser, **options):
    (tmp_path / "a.fail").write_text("x")
    (tmp_path / "log.csv").write_text(csv(loss=LOSS))
    found = discover([tmp_path], parsers=(parser, *PARSERS))
    return read_group(found.groups[0], found.root, **options)


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ZeroDivisionError("oh"), "a.fail: the parser failing failed: ZeroDivisionError: oh"),
        (PermissionError(13, "Permission denied"), "a.fail: cannot be read: Permission denied"),
    ],
)
def test_a_parser_that_raises_takes_no_other_file_with_it(tmp_path, error, said):
    runs = read_failing(tmp_path, failing(error))
    assert sorted(run.name for run in runs) == ["a.fail", tmp_path.name]
    assert [(str(note), note.fault) for run in runs for note in run.notes] == [(said, "failing failed" in said)]


def test_what_was_read_before_a_parser_raised_is_kept(tmp_path):
    run = Run("", "a.fail", "failing", all_curves=[Curve.build("acc", np.arange(3), [1, 2, 3])])
    kept, other = sorted(
        read_failing(tmp_path, failing(ValueError("late"), run)), key=lambda run: run.format != "failing"
    )
    assert [c.tag for c in kept.all_curves] == ["acc"]
    assert ["late" in note.message for note in kept.notes] == [True]
    assert [c.tag for c in other.all_curves] == ["loss"]


def test_strict_lets_errors_of_parsers_through_but_not_of_the_disk(tmp_path):
    with pytest.raises(ZeroDivisionError):
        read_failing(tmp_path, failing(ZeroDivisionError()), strict=True)
    assert len(read_failing(tmp_path, failing(FileNotFoundError(2, "gone")), strict=True)) == 2


def test_event_files_of_the_hugging_face_trainer_are_its_state_again(tmp_path):
    history = [{"step": i, "epoch": i / 2, "loss": v} for i, v in enumerate(LOSS)]
    history += [{"step": i, "epoch": i / 2, "eval_loss": v} for i, v in enumerate(OTHER)]
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / "trainer_state.json").write_text(json.dumps({"global_step": N, "log_history": history}))
    events(folder / "runs" / "Nov23_host", **{"train/loss": LOSS, "eval/loss": OTHER, "train/train_runtime": [1.0]})
    (run,) = read(tmp_path)
    assert run.name == "out"
    assert sorted(f"{c.role}:{c.split}" for c in run.all_curves) == ["counter:train", "loss:train", "loss:validation"]
    for loss in run.curves("loss"):  # event files know the time, the trainer's state the epoch
        assert loss.epoch.tolist() == [i / 2 for i in range(N)]
        assert np.isfinite(loss.wall_time).all()


def told_together(paths):
    run = Run("", str(paths[0]), "pieces")
    run.all_curves = [Curve.build(path.stem, range(N), LOSS) for path in paths]
    yield run


def grandparent(path):
    return path.parent.parent


def test_a_parser_says_where_its_files_live_and_reads_them_together(tmp_path):
    folder = tmp_path / "exp" / "plots"
    folder.mkdir(parents=True)
    for name in ("train_loss.piece", "val_loss.piece"):
        (folder / name).write_text("x")
    parser = Parser(
        "pieces", "pieces", ("*.piece",), lambda *_: True, lambda _: iter(()), "", grandparent, told_together
    )
    found = discover([tmp_path], parsers=[parser])
    (group,) = found.groups
    (run,) = read_group(group, found.root)
    assert (group.name, run.name) == ("exp", "exp")
    assert told([run]) == {"exp": ["train_loss loss:train", "val_loss loss:validation"]}


@pytest.mark.parametrize(
    ("own", "other", "names"),
    [
        ({}, {}, ["a.csv", "b.csv"][:1]),
        ({"lr": 0.1, "width": 8}, {"lr": 0.1, "width": 16}, ["a.csv", "b.csv"]),
        ({"lr": 0.1, "output_dir": "a"}, {"lr": 0.1, "output_dir": "b"}, ["a.csv"]),
    ],
    ids=["a copy", "another configuration with equal curves", "another place"],
)
def test_equal_curves_are_of_one_run_unless_its_configuration_differs(tmp_path, own, other, names):
    for stem, config in (("a", own), ("b", other)):
        (tmp_path / f"{stem}.csv").write_text("step,loss\n" + "".join(f"{i},{v}\n" for i, v in enumerate(LOSS)))
        if config:
            (tmp_path / f"{stem}.json").write_text(json.dumps(config))
    runs = read(tmp_path)
    assert [run.name for run in runs] == names
    assert [note.message for run in runs for note in run.notes] == (
        ["all its curves are also in a.csv: read as one run"] if len(runs) == 1 else []
    )
