"""The command `demo`: a few small training runs with planted faults, each in the log format of another tool, to audit at once.

The curves are simulated with a fixed seed: the files are always the same, and need a second and no framework.
"""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING

import click
import numpy as np

from ..report.files import whole_file

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path
    from typing import TypeAlias

    from numpy.typing import NDArray

    Noisy: TypeAlias = Callable[[NDArray[np.float64]], NDArray[np.float64]]

SEED = 7
EPOCHS = np.arange(60)
STEPS = np.arange(0, 6000, 20)
STARTED = 1_767_225_600.0  # 2026-01-01 00:00 UTC
SECONDS_A_STEP = 6.0  # ten hours in total: long enough for early detection to matter
NOISE = 0.02  # share of the loss
OUT_OF_MEMORY = "torch.OutOfMemoryError: CUDA out of memory."  # the beginning of PyTorch's message


def write_demo(folder: Path) -> None:
    """Write the training runs, one folder each.

    Raises:
        click.UsageError: the folder is not empty.
        click.ClickException: a file cannot be written.

    """
    try:
        if folder.exists() and any(folder.iterdir()):
            raise click.UsageError(f"the folder is not empty, nothing was written: {folder}")
        for name, text in _files():
            with whole_file(folder / name) as file:
                file.write(text)
        _write_events(folder / "not-finite" / "events.out.tfevents.1767225600.demo")
    except OSError as error:
        raise click.ClickException(f"cannot write {error.filename or folder}: {error.strerror}") from error


def _files() -> Iterator[tuple[str, str]]:
    """Path and content of every text log."""
    random = np.random.default_rng(SEED)

    def noisy(curve: NDArray[np.float64]) -> NDArray[np.float64]:
        return curve * (1 + NOISE * random.standard_normal(len(curve)))

    falling = 0.25 + 2.05 * np.exp(-EPOCHS / 12)
    wrong = 0.9 * np.exp(-EPOCHS / 15)
    healthy = (1 - noisy(wrong), noisy(falling), 1 - noisy(wrong + 0.05), noisy(falling + 0.1))
    yield "healthy/training.log", _keras_csv(*healthy)
    memorised, risen = 2.3 * np.exp(-EPOCHS / 14), falling + 0.03 * np.maximum(EPOCHS - 18, 0)
    overfit = (1 - noisy(wrong), noisy(memorised), 1 - noisy(wrong + 0.06), noisy(risen))
    yield "overfitting/training.log", _keras_csv(*overfit)
    yield "divergence/metrics.jsonl", _json_lines(noisy)
    yield "learning-rate-of-zero/trainer_state.json", _trainer_state(noisy)
    yield "out-of-memory/train.log", _text_log(noisy)


def _keras_csv(*columns: NDArray[np.float64]) -> str:
    """Format of keras.callbacks.CSVLogger."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["epoch", "accuracy", "loss", "val_accuracy", "val_loss"])
    rows.writerows(zip(EPOCHS.tolist(), *(np.round(column, 6).tolist() for column in columns), strict=True))
    return text.getvalue()


def _json_lines(noisy: Noisy) -> str:
    """JSON lines of a custom script: the loss rises permanently after a third of the run."""
    climb = np.maximum(STEPS - 2000, 0) / 1000
    loss = noisy(0.4 + 2 * np.exp(-STEPS / 500) + climb**2)
    rate = 1e-3 * np.minimum(1, STEPS / 200)
    rows = zip(STEPS.tolist(), loss.tolist(), rate.tolist(), strict=True)
    return "".join(
        json.dumps({"step": step, "time": STARTED + SECONDS_A_STEP * step, "train/loss": round(value, 5), "lr": lr})
        + "\n"
        for step, value, lr in rows
    )


def _trainer_state(noisy: Noisy) -> str:
    """Format of the Hugging Face trainer: the schedule was configured for half of the steps."""
    steps = STEPS[1:]
    rate = 3e-4 * np.clip(1 - steps / 3000, 0, None)
    loss = noisy(0.8 + 2 * np.exp(-np.minimum(steps, 3000) / 800))
    history = [
        {"epoch": round(step / 1000, 2), "learning_rate": lr, "loss": round(value, 4), "step": step}
        for step, lr, value in zip(steps.tolist(), rate.tolist(), loss.tolist(), strict=True)
    ]
    last = int(steps[-1])
    state = {"epoch": last / 1000, "global_step": last, "max_steps": last, "log_history": history}
    return json.dumps(state, indent=1) + "\n"


def _text_log(noisy: Noisy) -> str:
    """Console output of a script until the GPU ran out of memory."""
    steps = STEPS[:100]
    loss = noisy(0.5 + 2 * np.exp(-steps / 600))
    lines = [f"step {step} | train loss {value:.4f}" for step, value in zip(steps.tolist(), loss.tolist(), strict=True)]
    crash = ["Traceback (most recent call last):", '  File "train.py", line 88, in <module>', "    loss.backward()"]
    return "\n".join([*lines, *crash, OUT_OF_MEMORY, ""])


def _write_events(path: Path) -> None:
    """Format of PyTorch's SummaryWriter: the gradient grows until the loss is NaN."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.record_writer import RecordWriter

    random = np.random.default_rng(SEED)
    norm = np.exp(0.1 * random.standard_normal(len(STEPS)) + np.maximum(STEPS - 3000, 0) / 250)
    loss = (0.3 + 2 * np.exp(-STEPS / 700)) * (1 + NOISE * random.standard_normal(len(STEPS)))
    is_gone = STEPS > 4400
    curves = {"train/loss": np.where(is_gone, np.nan, loss), "grad_norm": np.where(is_gone, np.nan, norm)}
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        records = RecordWriter(file)
        records.write(Event(wall_time=STARTED, file_version="brain.Event:2").SerializeToString())
        for i, step in enumerate(STEPS.tolist()):
            values = [Summary.Value(tag=tag, simple_value=curve[i]) for tag, curve in curves.items()]
            event = Event(wall_time=STARTED + SECONDS_A_STEP * step, step=step, summary=Summary(value=values))
            records.write(event.SerializeToString())
        records.flush()
