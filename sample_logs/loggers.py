"""Log writers in the manner of the real ones: same columns, same order, same oddities. Times are made up, and fixed.

Each function runs a training to its end and writes what the logger of that name would have left in the folder.
"""

from __future__ import annotations

import csv
import json
import math
from typing import TYPE_CHECKING, Any, TextIO

import numpy as np
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import HistogramProto, Summary
from tensorboard.compat.proto.tensor_pb2 import TensorProto
from tensorboard.compat.proto.types_pb2 import DT_FLOAT
from tensorboard.summary.writer.record_writer import RecordWriter

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from network import Floats, Step, Training

STARTED = 1_767_225_600.0  # 2026-01-01 in UTC
SECONDS_PER_STEP = 0.05
HISTOGRAM_BINS = 30
WRITE_BUFFER_BYTES = 8192  # of Python's files: a killed process leaves whole buffers


class EpochMeans:
    """Running means of loss and accuracy over an epoch, as Keras and Lightning report them."""

    def __init__(self) -> None:
        self.losses: list[float] = []
        self.accuracies: list[float] = []

    def add(self, step: Step) -> None:
        self.losses.append(step.loss)
        self.accuracies.append(step.accuracy)

    def take(self) -> tuple[float, float]:
        means = float(np.mean(self.losses)), float(np.mean(self.accuracies))
        self.losses, self.accuracies = [], []
        return means


def _epochs(training: Training) -> Iterator[tuple[Step, dict[str, float]]]:
    """The last step of every epoch, and Keras' `logs` at its end."""
    means = EpochMeans()
    for step in training.steps():
        means.add(step)
        if step.ends_epoch:
            loss, accuracy = means.take()
            val_loss, val_accuracy = training.evaluate()
            yield step, {"accuracy": accuracy, "loss": loss, "val_accuracy": val_accuracy, "val_loss": val_loss}


def keras_csv(training: Training, folder: Path) -> None:
    """`keras.callbacks.CSVLogger`: keys in alphabetical order."""
    with (folder / "training.log").open("w", newline="") as file:
        writer: csv.DictWriter[str] | None = None
        for step, logs in _epochs(training):
            writer = writer or _dict_writer(file, ["epoch", *sorted(logs)])
            writer.writerow({"epoch": step.epoch, **logs})


def keras_history(training: Training, folder: Path) -> None:
    """`json.dump(model.fit(...).history, file)`."""
    history: dict[str, list[float]] = {}
    for _, logs in _epochs(training):
        for key, value in logs.items():
            history.setdefault(key, []).append(value)
    (folder / "history.json").write_text(json.dumps(history))


def _dict_writer(file: TextIO, fields: list[str]) -> csv.DictWriter[str]:
    writer = csv.DictWriter(file, fieldnames=fields, lineterminator="\n")
    writer.writeheader()
    return writer


def lightning_csv(training: Training, folder: Path, every: int, settings: dict[str, Any]) -> None:
    """Lightning's `CSVLogger`: one row for each call of `log`, columns in the order in which they first came."""
    rows: list[dict[str, Any]] = []
    means = EpochMeans()
    for step in training.steps():
        means.add(step)
        if (step.number + 1) % every == 0:
            rows.append({"lr-SGD": step.learning_rate, "step": step.number})
            rows.append({"epoch": step.epoch, "step": step.number, "train_loss_step": step.loss})
        if step.ends_epoch:
            val_loss, val_accuracy = training.evaluate()
            loss, _ = means.take()
            at = {"epoch": step.epoch, "step": step.number}
            rows += [{**at, "val_acc": val_accuracy, "val_loss": val_loss}, {**at, "train_loss_epoch": loss}]
    version = folder / "version_0"
    version.mkdir()
    (version / "hparams.yaml").write_text("".join(f"{key}: {value}\n" for key, value in settings.items()))
    with (version / "metrics.csv").open("w", newline="") as file:
        _dict_writer(file, list(dict.fromkeys(key for row in rows for key in sorted(row)))).writerows(rows)


def trainer_state(training: Training, folder: Path, every: int, *, save_steps: int | None = None) -> None:
    """`trainer_state.json` of Hugging Face's Trainer, with its `logging_nan_inf_filter` as in `Trainer.train`.

    With `save_steps` only the last checkpoint's copy is left, as after a kill.
    """
    history: list[dict[str, Any]] = []
    saved = 0
    total, since = 0.0, 0  # the running sum of losses, and the steps in it
    for step in training.steps():
        total += step.loss if math.isfinite(step.loss) else total / (1 + since)
        since += 1
        done = step.number + 1
        at = {"epoch": done / training.steps_per_epoch, "step": done}
        if done % every == 0:
            row = {
                "grad_norm": step.gradient_norm,
                "learning_rate": step.learning_rate,
                "loss": round(total / since, 4),
            }
            history.append(row | at)
            total, since = 0.0, 0
        if step.ends_epoch:
            loss, accuracy = training.evaluate()
            history.append({"eval_accuracy": accuracy, "eval_loss": loss, **at})
        if save_steps and done % save_steps == 0:
            saved = len(history)
    if save_steps:
        history = history[:saved]
        folder = folder / f"checkpoint-{history[-1]['step']}"
        folder.mkdir()
    (folder / "trainer_state.json").write_text(_state_text(training, history, every, save_steps or 500))


def _state_text(training: Training, history: list[dict[str, Any]], every: int, save_steps: int) -> str:
    state = {
        "best_global_step": None,
        "best_metric": None,
        "best_model_checkpoint": None,
        "epoch": history[-1]["epoch"],
        "eval_steps": 500,
        "global_step": history[-1]["step"],
        "is_hyper_param_search": False,
        "is_local_process_zero": True,
        "is_world_process_zero": True,
        "log_history": history,
        "logging_steps": every,
        "max_steps": training.total_steps,
        "num_input_tokens_seen": 0,
        "num_train_epochs": training.epochs,
        "save_steps": save_steps,
        "stateful_callbacks": {},
        "total_flos": 0.0,
        "train_batch_size": training.batch,
        "trial_name": None,
        "trial_params": None,
    }
    return json.dumps(state, indent=2, sort_keys=True) + "\n"


def json_lines(training: Training, folder: Path, every: int, settings: dict[str, Any]) -> None:
    """A script's own log: one object a line, and the settings in a config.json; `json` writes NaN bare."""
    (folder / "config.json").write_text(json.dumps(settings, indent=2) + "\n")
    with (folder / "metrics.jsonl").open("w") as file:
        for step in training.steps():
            if step.number % every == 0:
                row = {
                    "step": step.number,
                    "train/loss": round(step.loss, 6),
                    "train/grad_norm": round(step.gradient_norm, 6),
                    "lr": step.learning_rate,
                }
                file.write(json.dumps(row) + "\n")
            if step.ends_epoch:
                loss, accuracy = training.evaluate()
                scores = {} if math.isnan(accuracy) else {"val/accuracy": accuracy}
                file.write(json.dumps({"step": step.number, "val/loss": round(loss, 6), **scores}) + "\n")


def summary_writer(training: Training, folder: Path, every: int, *, histogram_epochs: int = 0) -> None:
    """PyTorch's `SummaryWriter`: scalars, the gradient norm of every parameter, histograms of weights every few epochs."""
    events: list[Event] = []
    for step in training.steps():
        at = STARTED + SECONDS_PER_STEP * step.number
        if step.number % every == 0:
            values = {"loss/train": step.loss, "learning_rate": step.learning_rate, "grad_norm": step.gradient_norm}
            names = (f"layers.{i // 2}.{'bias' if i % 2 else 'weight'}" for i in range(len(step.gradient_norms)))
            values |= {f"grad_norm/{name}": norm for name, norm in zip(names, step.gradient_norms, strict=True)}
            events += [_scalar(tag, float(value), step.number, at) for tag, value in values.items()]
        if step.ends_epoch:
            loss, accuracy = training.evaluate()
            events += [
                _scalar("loss/validation", loss, step.number, at),
                _scalar("accuracy/validation", accuracy, step.number, at),
            ]
            if histogram_epochs and step.epoch % histogram_epochs == 0:
                weights = training.network.parameters[::2]
                events += [_histogram(f"weights/layers.{i}.weight", w, step.number, at) for i, w in enumerate(weights)]
    _write_events(folder, events, is_killed=training.stop_after is not None)


def keras_tensorboard(training: Training, folder: Path) -> None:
    """Keras' TensorBoard callback: folders `train` and `validation`, scalars as tensors, epochs as steps."""
    events: dict[str, list[Event]] = {"train": [], "validation": []}
    for step, logs in _epochs(training):
        at = STARTED + SECONDS_PER_STEP * step.number
        for key, value in logs.items():
            split = "validation" if key.startswith("val_") else "train"
            events[split].append(_tensor(f"epoch_{key.removeprefix('val_')}", value, step.epoch, at))
        events["train"].append(_tensor("epoch_learning_rate", step.learning_rate, step.epoch, at))
    for split, written in events.items():
        (folder / split).mkdir()
        _write_events(folder / split, written)


def _scalar(tag: str, value: float, step: int, at: float) -> Event:
    return Event(wall_time=at, step=step, summary=Summary(value=[Summary.Value(tag=tag, simple_value=value)]))


def _tensor(tag: str, value: float, step: int, at: float) -> Event:
    written = Summary.Value(tag=tag, tensor=TensorProto(dtype=DT_FLOAT, float_val=[value]))
    written.metadata.plugin_data.plugin_name = "scalars"
    return Event(wall_time=at, step=step, summary=Summary(value=[written]))


def _histogram(tag: str, values: Floats, step: int, at: float) -> Event:
    """As `SummaryWriter.add_histogram(tag, values, bins=30)`: limits are the right edges, with an empty first bucket."""
    counts, edges = np.histogram(values, bins=HISTOGRAM_BINS)
    proto = HistogramProto(
        min=values.min(), max=values.max(), num=values.size, sum=values.sum(), sum_squares=np.sum(values * values),
        bucket_limit=edges, bucket=[0, *counts],
    )  # fmt: skip
    return Event(wall_time=at, step=step, summary=Summary(value=[Summary.Value(tag=tag, histo=proto)]))


def _write_events(folder: Path, events: Iterable[Event], *, is_killed: bool = False) -> None:
    """Write through TensorBoard's RecordWriter, which is what its EventFileWriter writes through.

    EventFileWriter itself puts the clock, the host and the process id into the name and the first record.
    """
    path = folder / f"events.out.tfevents.{STARTED:.0f}.host"
    with path.open("wb") as file:
        writer = RecordWriter(file)
        for event in (Event(wall_time=STARTED, file_version="brain.Event:2"), *events):
            writer.write(event.SerializeToString())
    if is_killed:
        written = path.read_bytes()
        path.write_bytes(written[: len(written) // WRITE_BUFFER_BYTES * WRITE_BUFFER_BYTES])
