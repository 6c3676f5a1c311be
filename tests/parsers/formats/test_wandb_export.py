"""CSV from the web pages of W&B: charts of several runs, their bands, and the table that is no log."""

import pytest

from trainlint.parsers.formats.trackers.wandb_export import PARSER, REFUSAL

CHART = """"Step","calm-1 - val_loss","calm-1 - val_loss__MIN","calm-1 - val_loss__MAX","lr - 0.1 - val_loss","lr - 0.1 - val_loss__MIN"
"0","3","3","3","",""
"1","2.5","2.5","2.5","4","4"
"2","NaN","","","3.5","3.5"
"""
TIMED = """"Relative Time (Process)","a - _step","a - _step__MIN","a - loss","a - loss__MIN"
1.5,10,10,2,2
3.25,20,20,1,1
"""
CLOCKED = """"Relative Time (Wall)","a - loss","b - loss"
1.5,2,
3.25,1,
4.5,,7
"""
EPOCHS = """epoch,Group: x - acc,Group: x - acc__MIN
1,0.25,0.2
2,0.5,0.4
"""
RUNS = """"Name","State","Notes","User","Tags","Created","Runtime","Sweep","lr","loss"
"calm-1","finished","-","me","","2024-01-01T00:00:00.000Z","61","","0.1","0.5"
"calm-2","crashed","-","me","","2024-01-02T00:00:00.000Z","11","","0.2","0.7"
"""


def read(tmp_path, text):
    path = tmp_path / "wandb_export_2024-01-01T00_00_00.000+01_00.csv"
    path.write_text(text)
    assert PARSER.matches(path.name)
    assert PARSER.sniff(path, text.encode()[:4096])
    return list(PARSER.parse(path))


CHARTS = [
    pytest.param(CHART, {"calm-1": ("step", "val_loss", [0, 1, 2], "[3.0, 2.5, nan]"),
                         "lr - 0.1": ("step", "val_loss", [1, 2], "[4.0, 3.5]")}, id="steps"),
    pytest.param(TIMED, {"": ("step", "loss", [10, 20], "[2.0, 1.0]")}, id="exported with _step"),
    pytest.param(CLOCKED, {"a": ("row", "loss", [0, 1], "[2.0, 1.0]"), "b": ("row", "loss", [0], "[7.0]")}, id="time"),
    pytest.param(EPOCHS, {"": ("epoch", "acc", [1, 2], "[0.25, 0.5]")}, id="epochs"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CHARTS)
def test_charts(tmp_path, text, expected):
    runs = read(tmp_path, text)
    assert [run.notes for run in runs] == [[]] * len(runs)
    found = {
        run.name: [(c.axis, c.tag, c.step.tolist(), str(c.value.tolist())) for c in run.all_curves] for run in runs
    }
    assert found == {name: [curve] for name, curve in expected.items()}


def test_table_of_runs(tmp_path):
    (run,) = read(tmp_path, RUNS)
    assert run.all_curves == []
    assert [note.message for note in run.notes] == [REFUSAL]


def test_wide(tmp_path):
    names = [f"run-{i} - train/loss{band}" for i in range(150) for band in ("", "__MIN", "__MAX")]
    text = ",".join(["Step", *names]) + "\n" + "".join(",".join([str(step)] + ["1"] * 450) + "\n" for step in (1, 2))
    assert len(names[0]) * 150 < 4096 < len(text.split("\n")[0])
    assert len(read(tmp_path, text)) == 150


OTHERS = [
    b"",
    b"step,loss\n1,2\n",
    b"a - b,c - d\n1,2\n",
    b"Name,State\na,b\n",
    b"\x00\x01" * 50,
]


@pytest.mark.parametrize("head", OTHERS)
def test_others(tmp_path, head):
    assert not PARSER.sniff(tmp_path / "a.csv", head)
