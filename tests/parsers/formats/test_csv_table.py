"""Tables of numbers in all the shapes that people and tools write them."""

import math

import numpy as np
import pytest

from trainlint.parsers.formats.generic.csv_table import PARSER


def read(tmp_path, content, name="metrics.csv"):
    path = tmp_path / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return list(PARSER.parse(path))


def curves(tmp_path, content, name="metrics.csv"):
    (run,) = read(tmp_path, content, name)
    return {curve.tag: (curve.step.tolist(), curve.value.tolist()) for curve in run.all_curves}


def messages(tmp_path, content):
    (run,) = read(tmp_path, content)
    return [(note.where, note.message) for note in run.notes]


LOSS = {"loss": ([0, 1, 2], [1.5, 1.0, 0.5])}


@pytest.mark.parametrize(
    "content",
    [
        "step,loss\n0,1.5\n1,1.0\n2,0.5\n",
        "step,loss\r\n0,1.5\r\n1,1.0\r\n2,0.5\r\n",
        "step,loss\n0,1.5\n1,1.0\n2,0.5",
        "step;loss\n0;1,5\n1;1,0\n2;0,5\n",
        "step\tloss\n0\t1,5\n1\t1,0\n2\t0,5\n",
        "step|loss\n0|1.5\n1|1.0\n2|0.5\n",
        "| step | loss |\n|---|---|\n| 0 | 1.5 |\n| 1 | 1.0 |\n| 2 | 0.5 |\n",
        "step  loss\n0     1.5\n1     1.0\n2     0.5\n",
        "   step,     loss\n  0,  1.5\n 1,  1.0\n  2,   0.5\n",
        "# written by hand\nstep,loss\n0,1.5\n# a remark\n1,1.0\n\n2,0.5\n",
        "# step loss\n0 1.5\n1 1.0\n2 0.5\n",
        "step,loss\n0,1.5\nstep,loss\n1,1.0\nstep,loss\n2,0.5\n",
        ",step,loss\n0,0,1.5\n1,1,1.0\n2,2,0.5\n",
        '"step","loss"\n"0","1.5"\n"1","1.0"\n"2","0.5"\n',
        "step,loss\n0,tensor(1.5)\n1,1\n2,0.5\n",
        "step,loss,note\n0,1.5,start\n1,1.0,\n2,0.5,end\n",
        "step,loss,config\n0,1.5,\"{'a': 1,\n 'b': 2}\"\n1,1.0,\"{'a': 1,\n 'b': 2}\"\n2,0.5,\"{'a': 1}\"\n",
        "step,loss,empty\n0,1.5,\n1,1.0,\n2,0.5,NA\n",
    ],
)
def test_one_table_in_many_shapes(tmp_path, content):
    assert curves(tmp_path, content) == LOSS
    assert PARSER.sniff(tmp_path / "metrics.csv", content.encode())


def test_missing_nan_and_inf_are_three_things(tmp_path):
    steps, values = curves(tmp_path, "step,loss,acc\n0,1.5,1\n1,NA,1\n2,nan,1\n3,,1\n4,inf,1\n5,-inf,1\n")["loss"]
    assert steps == [0, 2, 4, 5]
    np.testing.assert_array_equal(values, [1.5, math.nan, math.inf, -math.inf])


def test_sparse_rows_and_clock(tmp_path):
    (run,) = read(tmp_path, "step,epoch,time,loss,val_loss\n0,0,1.7e9,1.5,\n1,0,1700000060,1.0,\n1,1,1700000070,,0.9\n")
    loss, val_loss = run.all_curves
    assert (loss.step.tolist(), loss.wall_time.tolist(), loss.epoch.tolist()) == ([0, 1], [1.7e9, 1.70000006e9], [0, 0])
    assert (val_loss.step.tolist(), val_loss.axis) == ([1], "step")


def test_relative_time_is_an_ordinary_column(tmp_path):
    assert curves(tmp_path, "epoch,time(s),time,loss\n0,3,1.5,9\n1,3,2.5,8\n")["time"] == ([0, 1], [1.5, 2.5])


def test_without_header(tmp_path):
    content = "0,1.5\n1,1.0\n2,0.5\n"
    assert curves(tmp_path, content)["column_1"] == ([0, 1, 2], [1.5, 1.0, 0.5])
    assert PARSER.sniff(tmp_path / "loss_history.csv", content.encode())
    assert not PARSER.sniff(tmp_path / "points.csv", content.encode())


def test_a_restart_is_a_segment(tmp_path):
    (run,) = read(tmp_path, "epoch,loss\n0,3\n1,2\n2,1\n0,3\n1,2\n")
    assert len(run.all_curves[0].segments) == 2


def test_a_new_header_takes_over(tmp_path):
    content = "step,loss\n0,1.5\nstep,loss,lr\n1,1.0,0.1\n2,0.5,0.1\n"
    assert curves(tmp_path, content) == {**LOSS, "lr": ([1, 2], [0.1, 0.1])}


def test_ragged_rows(tmp_path):
    content = "step,loss,acc\n0,1.5\n1,1.0,0.5,7\n2,0.5,0.6\n"
    assert curves(tmp_path, content) == {**LOSS, "acc": ([1, 2], [0.5, 0.6])}
    assert messages(tmp_path, content) == [("line 3", "4 cells for 3 column names: the rest is skipped")]


def test_a_cut_last_number_is_not_trusted(tmp_path):
    assert curves(tmp_path, "step,loss,acc\n0,1.5,0.1\n1,1.0,0.2\n2,0.")["loss"] == ([0, 1], [1.5, 1.0])


def test_a_quoted_cell_that_never_ends(tmp_path):
    content = "step,loss,info\n0,1.5,\"{'a': 1}\"\n1,1.0,\"{'a': 1}\"\n2,0.5,\"{'a':\n 1, "
    assert curves(tmp_path, content) == LOSS
    assert messages(tmp_path, content)[0] == ("line 4", "a quoted cell is never closed")


def test_a_stray_quote_costs_one_row(tmp_path):
    content = 'step,loss\n0,1.5\n1,"1.0\n' + "".join(f"{i},0.5\n" for i in range(2, 50))
    assert len(curves(tmp_path, content)["loss"][0]) >= 49


def test_unreadable_cells_are_counted(tmp_path):
    content = "step,loss\n0,1.5\n1,1.0\n2,oops\n3,bad\n" + "".join(f"{i},0.5\n" for i in range(4, 30))
    assert messages(tmp_path, content) == [("line 4", "column 'loss': 2 cells are not numbers, the first is 'oops'")]


def test_names_are_made_unique(tmp_path):
    content = "step,loss,loss,loss.1\n0,1,2,3\n1,1,2,3\n"
    assert {tag: values[0] for tag, (_, values) in curves(tmp_path, content).items()} == {
        "loss": 1, "loss.1": 2, "loss.1.1": 3,
    }  # fmt: skip
    assert "duplicate column names" in messages(tmp_path, content)[0][1]


def test_rows_of_two_splits_are_two_curves(tmp_path):
    content = "epoch,phase,loss,lr\n0,train,3,0.1\n0,val,4,\n1,train,2,0.1\n1,val,3,\n"
    assert curves(tmp_path, content) == {
        "train/loss": ([0, 1], [3, 2]), "val/loss": ([0, 1], [4, 3]), "lr": ([0, 1], [0.1, 0.1]),
    }  # fmt: skip


@pytest.mark.parametrize(("column", "names"), [("run", ["b", "a"]), ("seed", ["3", "1"])])
def test_several_runs(tmp_path, column, names):
    rows = [f"{step},{name},{step / 10}" for name in names for step in range(5)]
    runs = read(tmp_path, f"step,{column},loss\n" + "\n".join(rows))
    assert [run.name for run in runs] == names
    assert all(run.all_curves[0].step.tolist() == [0, 1, 2, 3, 4] and len(run.all_curves) == 1 for run in runs)


def test_columns_that_change_where_a_training_was_appended(tmp_path):
    content = "step,loss,acc\n0,3,0.1\n1,2.5,0.2\nstep,lr,loss,acc\n2,0.1,2,0.3\n3,0.1,1.5,0.4\n4,0.1,1,0.5\n"
    assert curves(tmp_path, content) == {
        "loss": ([0, 1, 2, 3, 4], [3, 2.5, 2, 1.5, 1]),
        "acc": ([0, 1, 2, 3, 4], [0.1, 0.2, 0.3, 0.4, 0.5]),
        "lr": ([2, 3, 4], [0.1, 0.1, 0.1]),
    }


def test_every_environment_and_seed_is_a_run(tmp_path):
    rows = [(env, seed, step, seed + step / 10) for env in ("hopper", "ant") for seed in (3, 1) for step in (0, 10, 20)]
    runs = read(tmp_path, "env,seed,step,reward\n" + "".join(f"{e},{s},{i},{r}\n" for e, s, i, r in rows))
    found = {run.name: (run.hyperparameters, run.all_curves[0].value.tolist()) for run in runs}
    assert found == {
        f"{seed}/{env}": ({"seed": seed, "env": env}, [seed, seed + 1.0, seed + 2.0])
        for seed in (3, 1)
        for env in ("hopper", "ant")
    }


def test_tasks_in_turns_are_one_run(tmp_path):
    rows = "".join(f"{step},{task},{3 - step}\n" for step in range(3) for task in ("copy", "sort"))
    (run,) = read(tmp_path, "step,dataset,loss\n" + rows)
    assert len(run.all_curves[0]) == 6


def test_a_constant_seed_makes_no_runs(tmp_path):
    (run,) = read(tmp_path, "step,seed,loss\n0,7,3\n1,7,2\n")
    assert run.name == ""


def test_what_a_run_carries(tmp_path):
    (tmp_path / "config.json").write_text('{"lr": 0.1, "api_key": "abc"}')
    (run,) = read(tmp_path, "time/total_timesteps,time/fps,train/loss\n128,50,1\n256,50,2\n", "progress.csv")
    assert (run.name, run.path, run.format, run.framework) == (
        "",
        str(tmp_path / "progress.csv"),
        "csv-table",
        "stable-baselines3",
    )
    assert run.hyperparameters == {"lr": 0.1, "api_key": "***"}
    assert [source.use for source in run.sources] == ["data", "hyperparameters"]
    assert run.sources[0].size == (tmp_path / "progress.csv").stat().st_size


def test_sb3_monitor(tmp_path):
    content = '#{"t_start": 1614621296.65, "env_id": "CartPole-v1"}\nr,l,t\n20.5,20,1.5\n30.0,30,2.5\n'
    assert curves(tmp_path, content)["r"] == ([0, 1], [20.5, 30.0])
    assert PARSER.sniff(tmp_path / "0.monitor.csv", content.encode())


@pytest.mark.parametrize("content", ["", "\n\n", "# only a remark\n", "step,loss\n", "\ufeff", "one\n"])
def test_nothing_to_read(tmp_path, content):
    (run,) = read(tmp_path, content)
    assert run.all_curves == []
    assert [note.message for note in run.notes] == ["contains no rows of numbers"]
    assert not PARSER.sniff(tmp_path / "metrics.csv", content.encode())


def test_binary(tmp_path):
    (run,) = read(tmp_path, bytes(range(256)) * 20)
    assert run.all_curves == []
    assert [note.message for note in run.notes] == ["is not text (binary data)"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("README.txt", "Training, validation and test\n=====\nThe loss, after 10 epochs, is 0.5.\nSee paper.\n"),
        ("requirements.txt", "numpy==1.26\npandas>=2.1\ntorch==2.1.0\n"),
        ("script.txt", "import os, sys\nfor epoch, loss in log:\n    print(epoch, loss)\n"),
        ("labels.csv", "filename,label\na.png,3\nb.png,5\n"),
        ("iris.csv", "sepal,petal,species\n5.1,1.4,0\n4.9,1.4,1\n"),
        ("notes.csv", "date,comment\n2024-01-01,the loss is fine\n"),
        ("index.csv", "id,path,bytes\n1,a.log,100\n2,b.log,300\n"),
        ("stdout.log", "Steps: 100\tLoss: 2.5\tPPL: 12.1\nSteps: 200\tLoss: 2.1\tPPL: 8.1\n"),
        ("train.log", "iter 10: loss 2.5, time 3ms\niter 20: loss 2.1, time 3ms\n"),
    ],
)
def test_no_logs(tmp_path, name, content):
    assert not PARSER.sniff(tmp_path / name, content.encode())


def test_ten_thousand_columns(tmp_path):
    header = "step," + ",".join(f"loss_{i}" for i in range(10_000))
    content = header + "\n" + "".join(f"{step}" + ",0.5" * 10_000 + "\n" for step in range(3))
    assert PARSER.sniff(tmp_path / "metrics.csv", content.encode()[:4096])
    assert len(curves(tmp_path, content)) == 10_000


@pytest.mark.parametrize(
    "content", ["x" * 1_000_000, "1," * 500_000, '"' * 1_000_001, "step,loss\n0,1\n1," + "9" * 1_000_000]
)
def test_one_long_line(tmp_path, content):
    assert len(read(tmp_path, content)) == 1


def test_two_columns_without_a_header_are_the_metric_that_the_file_names(tmp_path):
    rows = "".join(f"{10 * i},{1.5 - i / 16}\n" for i in range(1, 13))
    assert PARSER.sniff(tmp_path / "val_reward.csv", rows.encode())
    assert not PARSER.sniff(tmp_path / "widgets.csv", rows.encode())
    folder = tmp_path / "scalars" / "fit"
    folder.mkdir(parents=True)
    assert curves(folder, rows, "reward.csv") == {
        "fit/reward": ([10 * i for i in range(1, 13)], [1.5 - i / 16 for i in range(1, 13)])
    }
    assert PARSER.home(folder / "reward.csv") == tmp_path


@pytest.mark.parametrize(("first", "is_read"), [("loss", True), ("\x87\xad\x0bloss", False)])
def test_a_header_of_which_no_end_is_seen_is_one_of_words(tmp_path, first, is_read):
    """What libraries serialize has separators, too; its first bytes tell that it is no text."""
    path = tmp_path / "tokenizer"
    head = ",".join([first, *(f"name{number}" for number in range(1000))]).encode("latin-1")
    path.write_bytes(head)
    assert PARSER.sniff(path, head[:4096]) is is_read
