"""Lines in which a training says that it failed."""

import pytest

from trainlint.parsers.base import HEAD_BYTES
from trainlint.parsers.formats.generic.plain_text import PARSER

ROWS = "".join(f"step {i}: loss {3 - i / 100:.4f}\n" for i in range(0, 60, 10))  # 6 lines
MORE = "".join(f"step {i}: loss 2.5\n" for i in range(60, 100, 10))
FRAMES = 'Traceback (most recent call last):\n  File "train.py", line 10, in <module>\n    main()\n  File "/x/model.py", line 99, in forward\n'
VALUE_ERROR = FRAMES + "    y = f(x)\nValueError: Expected input of size 4\n"
CHAIN = "\nDuring handling of the above exception, another exception occurred:\n\n"
NCCL = "[E ProcessGroupNCCL.cpp:828] [Rank 1] Watchdog caught collective operation timeout: WorkNCCL(SeqNum=1, Timeout(ms)=1800000) ran for 1800 ms\n"


def incidents(tmp_path, text, name="train.log"):
    path = tmp_path / name
    path.write_text(text)
    assert PARSER.sniff(path, path.read_bytes()[:HEAD_BYTES])
    (run,) = PARSER.parse(path)
    return run, [(i.kind, i.line, i.step) for i in run.incidents]


CASES = [
    (ROWS + "stopping_early: wallclock_cap train_time:600084ms step:50/200\n", [("announced-stop", 7, 50)]),
    (ROWS + "Epoch 00012: early stopping\n", [("announced-stop", 7, 50)]),
    (ROWS + "Monitored metric val_loss did not improve in time. Signaling Trainer to stop.\n", [("announced-stop", 7, 50)]),
    (ROWS + "Time limit reached. Saving the model.\n", [("announced-stop", 7, 50)]),
    (ROWS + "EarlyStopping counter: 3 out of 10\n", []),
    (ROWS + "early_stopping_patience: 10\n", []),
    (ROWS + "Epoch 00012: early stopping\n" + MORE, []),
    (ROWS + VALUE_ERROR, [("uncaught-exception", 12, 50)]),
    (ROWS + VALUE_ERROR.replace("ValueError: Expected", "torch.OutOfMemoryError: CUDA out of memory. Tried"), [("out-of-memory", 12, 50), ("uncaught-exception", 12, 50)]),
    (ROWS + "RuntimeError: CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`\n", [("out-of-memory", 7, 50)]),
    (ROWS + "tensorflow.errors_impl.ResourceExhaustedError: OOM when allocating tensor with shape[8]\n", [("out-of-memory", 7, 50)]),
    (ROWS + "jaxlib.xla_extension.XlaRuntimeError: RESOURCE_EXHAUSTED: Out of memory\n", [("out-of-memory", 7, 50)]),
    (ROWS + "run.sh: line 3: 12345 Killed                  python train.py --lr 3\n", [("out-of-memory", 7, 50)]),
    (ROWS + "Killed\n", [("out-of-memory", 7, 50)]),
    (ROWS + "slurmstepd: error: Detected 1 oom-kill event(s) in step 1.batch\n", [("out-of-memory", 7, 50)]),
    (ROWS + NCCL * 4, [("collective-timeout", 7, 50)]),
    (ROWS + "RuntimeError: Timed out waiting 1800000ms for recv operation to complete\n", [("collective-timeout", 7, 50)]),
    (ROWS + "RuntimeError: DataLoader worker (pid 42) is killed by signal: Killed.\n" + VALUE_ERROR, [("worker-killed", 7, 50), ("uncaught-exception", 13, 50)]),
    (ROWS + VALUE_ERROR.replace("ValueError: E", "RuntimeError: DataLoader worker (pid(s) 4, 5) exited unexpectedly E"), [("worker-killed", 12, 50), ("uncaught-exception", 12, 50)]),
    (ROWS + VALUE_ERROR.replace("ValueError: E", "torch.OutOfMemoryError: CUDA out of memory. E") + NCCL, [("out-of-memory", 12, 50), ("uncaught-exception", 12, 50), ("collective-timeout", 13, 50)]),
    (ROWS + VALUE_ERROR + CHAIN + VALUE_ERROR.replace("ValueError", "KeyError"), [("uncaught-exception", 21, 50)]),
    (ROWS + "".join(f"[rank0]: {line}\n" for line in VALUE_ERROR.splitlines()) + VALUE_ERROR.replace("ValueError", "ChildFailedError"), [("uncaught-exception", 12, 50)]),
    (ROWS + VALUE_ERROR.replace("ValueError: Expected input of size 4", "KeyboardInterrupt"), []),
    (ROWS + FRAMES, []),  # cut within the traceback
    (ROWS + VALUE_ERROR + MORE, []),  # handled
    (ROWS + (VALUE_ERROR + MORE) * 3, [("uncaught-exception", 12, 50), ("uncaught-exception", 22, 90), ("uncaught-exception", 32, 90)]),
    (ROWS + "except torch.cuda.OutOfMemoryError:\n    # CUDA out of memory\nif 'out of memory' in str(e):\nthe task was Killed by me\n", []),
    (ROWS, []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CASES, ids=range(len(CASES)))
def test_incidents(tmp_path, text, expected):
    run, found = incidents(tmp_path, text)
    assert found == expected
    assert all(text.split("\n")[i.line - 1].removeprefix("[rank0]: ") == i.context[-1] for i in run.incidents)
    assert len(run.all_curves) == 1


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("ValueError: Expected input of size 4", "uncaught exception"),
        ("torch.OutOfMemoryError: CUDA out of memory. Tried", "out of memory"),
    ],
)
def test_what_was_handled_is_one_note(tmp_path, line, kind):
    text = ROWS + VALUE_ERROR.replace("ValueError: Expected input of size 4", line) + MORE
    run, found = incidents(tmp_path, text)
    assert found == []
    assert [(note.where, note.message) for note in run.notes] == [
        ("line 12", f"{kind}, but training continued: {line}")
    ]


def test_the_context_holds_the_last_frames(tmp_path):
    run, _ = incidents(tmp_path, ROWS + VALUE_ERROR)
    assert run.incidents[0].context == tuple(VALUE_ERROR.splitlines())
    run, _ = incidents(tmp_path, ROWS + "Killed\n")
    assert run.incidents[0].context == (*ROWS.splitlines()[-3:], "Killed")


@pytest.mark.parametrize(
    "text",
    [VALUE_ERROR.replace("model", "torch/nn/module"), "x\n" * 9000 + "torch.OutOfMemoryError: CUDA out of memory.\n"],
)
def test_a_crash_without_metrics_is_a_run_without_curves(tmp_path, text):
    run, found = incidents(tmp_path, text, "slurm-1.out")
    assert not run.all_curves
    assert [(kind, step) for kind, _, step in found] in ([("uncaught-exception", None)], [("out-of-memory", None)])
    assert [note.message for note in run.notes] == ["contains no rows of numbers, but reports a failure"]
