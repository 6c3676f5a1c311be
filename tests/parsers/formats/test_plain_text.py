"""Text logs: runs, restarts, clocks; what is no log; and damage."""

import gzip
import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainlint.parsers.base import HEAD_BYTES
from trainlint.parsers.formats.frameworks import ultralytics_txt
from trainlint.parsers.formats.generic.plain_text import PARSER

from .text_logs import curves, lines, read

few = settings(max_examples=25)


def test_several_trainings_in_one_file_are_several_runs(tmp_path):
    text = "".join(
        f"step:{s}/100 val_loss:{r}.5 train_time:10ms step_avg:nanms\n" for r in range(4) for s in (0, 50, 100)
    )
    runs = read(tmp_path, text)
    assert [(run.name, curves(run)["val_loss"]) for run in runs] == [
        (str(r + 1), ([0, 50, 100], [r + 0.5] * 3)) for r in range(4)
    ]


def test_a_restart_stays_one_run(tmp_path):
    (run,) = read(tmp_path, "".join(f"step {s}: loss {s}.5\n" for s in (0, 10, 20, 30, 10, 20, 30, 40)))
    (loss,) = run.all_curves
    assert [s.start for s in loss.segments] == [0, 4]
    assert loss.effective().step.tolist() == [0, 10, 20, 30, 40]


def test_clock_and_settings(tmp_path):
    (run,) = read(
        tmp_path,
        "Namespace(lr=0.1, epochs=3)\n"
        + "".join(f"2024-01-02 03:04:0{e},500 INFO epoch {e} loss {e}.5\n" for e in range(3)),
    )
    (loss,) = run.all_curves
    assert (loss.axis, np.diff(loss.wall_time).tolist()) == ("epoch", [1.0, 1.0])
    assert loss.wall_time[0] == 1704164640.5
    assert run.hyperparameters == {"lr": 0.1, "epochs": 3}


def test_nan_and_infinity_are_kept(tmp_path):
    (run,) = read(
        tmp_path, "".join(f"step {s}: loss {v}, acc 0.5\n" for s, v in enumerate(["2.5", "inf", "nan", "NaN", "-inf"]))
    )
    np.testing.assert_array_equal(run.all_curves[0].value, [2.5, np.inf, np.nan, np.nan, -np.inf])


def test_one_log_line_for_each_layer_is_one_curve_each(tmp_path):
    (run,) = read(tmp_path, "".join(f"step {s} layer{k} grad_norm: {k}.5\n" for s in range(3) for k in range(5)))
    assert {tag: value for tag, (_, value) in curves(run).items()} == {
        f"layer{k} grad_norm": [k + 0.5] * 3 for k in range(5)
    }


def test_yolo_results(tmp_path):
    row = "     {0}/299     4.69G   0.5   0.25  0.125   0.875    58    640   0.1 0.2 0.3 {1} 0.06 0.04 0.02\n"
    (run,) = read(tmp_path, lines(row, [(0, 0.25), (1, 0.5)]) + " 2/299 4.69", "results.txt", ultralytics_txt.PARSER)
    assert curves(run)["metrics/mAP_0.5:0.95"] == ([0, 1], [0.25, 0.5])
    assert len(run.all_curves) == 11
    assert run.hyperparameters == {"epochs": 300}
    assert [note.where for note in run.notes] == ["line 3"]


NO_LOGS = [
    ("README.txt", "Epoch 1: loss 0.5\nEpoch 2: loss 0.4\nEpoch 3: loss 0.3\n"),
    ("requirements.txt", "numpy==1.26.0\ntorch>=2.0\nscipy~=1.11\n"),
    ("notes.txt", "We train for 3 epochs with a loss of 0.5.\nThen 4 epochs.\nloss is good: see 5.\n"),
    ("data.txt", "1 2 3\n4 5 6\n7 8 9\n"),
    ("table.txt", "epoch,loss\n1,0.5\n2,0.4\n3,0.3\n"),
    ("config.txt", "lr: 0.1\nbatch_size: 32\nepochs: 10\nloss: mse\nstep: 3\n"),
    ("code.txt", "import torch\nfor step in range(10):\n    loss = 0.5\n    loss = loss * 2.0\n    print(f'step 3 loss 1')\n    loss = 0.25\n"),
    ("gpu.log", "| NVIDIA-SMI 535.54   Driver Version: 535.54   CUDA Version: 12.2     |\n"
                "| N/A   30C    P0    69W / 700W |   1529MiB / 81559MiB |      0%      Default |\n" * 5),
    ("pip.log", "".join(f"Downloading torch-2.{i}.0 ({i}00.5 MB)\n   ━━━━ {i}/9 MB 3.{i} MB/s eta 0:00:0{i}\n" for i in range(9))),
    ("journal.log", "".join(f'{{"op_code": 7, "trial_id": 0, "step": {i}, "intermediate_value": 0.{i}}}\n' for i in range(9))),
    ("search.log", "".join(f"trial {i}: params {{'lr': 0.{i}, 'depth': {i}}} loss: 0.{i}, epoch 5{i}\n" for i in range(9))),
    ("server.log", "".join(f"2024-01-01 00:00:0{i} INFO GET /x/{i} 200 {i}ms took: {i}\n" for i in range(9))),
    ("error.log", "Traceback (most recent call last):\n  File \"/app/web.py\", line 3, in get\n    x()\nKeyError: 'user'\n"),
    ("log.txt", ""),
    ("binary.log", "\0\1\2\3\4\5\6" * 100),
    ("config.yaml.txt", "model:\n  layers: 3\n  loss: ce\ntrain:\n  steps: 100\n"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "content"), NO_LOGS, ids=[name for name, _ in NO_LOGS])
def test_what_is_no_log(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content.encode())
    assert not PARSER.sniff(path, content.encode()[:HEAD_BYTES])


def test_a_log_behind_a_long_head_is_found(tmp_path):
    (run,) = read(
        tmp_path,
        "import torch\n" + "x = f(3)  # code\n" * 2000 + "".join(f"step {s}: loss {s}.5\n" for s in range(500)),
    )
    assert len(run.all_curves[0]) == 500


LOSSES = [float(f"{3 - i / 64:.4f}1") for i in range(60)]
LOG = "".join(f"2024-01-01 10:00:00 INFO step {i}: loss {v}, lr 0.001\n" for i, v in enumerate(LOSSES))


def losses(path, data):
    path.write_bytes(data)
    assert PARSER.sniff(path, data[:HEAD_BYTES]) in (True, False)
    runs = list(PARSER.parse(path))
    assert sum(len(run.notes) for run in runs) <= 25
    return next((curve.value.tolist() for curve in runs[0].all_curves if curve.tag == "loss"), [])


def test_encodings(tmp_path):
    for data in (LOG.encode(), LOG.encode("utf-16"), LOG.encode("utf-8-sig"), gzip.compress(LOG.encode(), mtime=0), LOG.replace("\n", "\r\n").encode(),
                 ("训练开始\n" + LOG).encode("gb18030"), ("é\n" + LOG).encode("latin-1")):  # fmt: skip
        assert losses(tmp_path / "log", data) == LOSSES


def test_cut_anywhere(tmp_path):
    for part in range(40):
        position = len(LOG) * part // 40
        kept = losses(tmp_path / "log", LOG.encode()[:position])
        whole = LOG[:position].count("\n")
        assert kept[:whole] == LOSSES[:whole]
        assert len(kept) <= whole + 1


@few
@given(share=st.floats(0, 1), noise=st.binary(min_size=1, max_size=64))
def test_noise_in_the_middle(tmp_path, share, noise):
    position = int(share * len(LOG))
    kept = losses(tmp_path / "log", LOG.encode()[:position] + noise + LOG.encode()[position:])
    whole = LOG[:position].count("\n")
    assert kept[:whole] == LOSSES[:whole]


@few
@given(
    noise=st.one_of(
        st.binary(max_size=300),
        st.text("epochstlr:=/|[](){},.'\"0123456789-+eE% \n\r\t\b\x1b", max_size=400).map(str.encode),
    )
)
def test_noise(tmp_path, noise):
    losses(tmp_path / "log", noise)
    losses(tmp_path / "log", LOG.encode()[:400] + noise)


BOMBS = [
    b"x" * 1_000_000, b"9" * 1_000_000, b"1," * 500_000, b"a: 1 " * 200_000, b" " * 1_000_000 + b"1", b"-" * 1_000_000, b"loss: " + b"(" * 900_000,
    b"1.1.1.1." * 120_000, b"e1e1e1" * 160_000, b"{" * 60_000 + b"}", b"\r" * 1_000_000, b"\x1b[" * 400_000, b"12:12:12:" * 100_000,
    b"|" * 900_000, b"| a | " * 200_000, (b"step 1 loss " + b"a" * 100 + b" 2 ") * 3000, b"Traceback (most recent call last)\n" * 20_000,
    b"".join(b"loss %d: a%d b c %d d\n" % (i, i, i) for i in range(5000)), b"CUDA out of memory\n" * 20_000,
    b"".join(b"step %d w%s: 1\n" % (i, bytes([97 + i % 26, 97 + i // 26 % 26, 97 + i // 676 % 26])) for i in range(5000)),
]  # fmt: skip


@pytest.mark.parametrize("data", BOMBS, ids=range(len(BOMBS)))
def test_hostile_input_is_bounded(tmp_path, data):
    start = time.process_time()
    losses(tmp_path / "log", data)
    assert time.process_time() - start < 5


def test_a_missing_file_is_an_os_error(tmp_path):
    with pytest.raises(OSError, match="log"):
        list(PARSER.parse(tmp_path / "log"))
