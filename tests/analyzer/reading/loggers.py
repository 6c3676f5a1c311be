"""One made-up training written as different loggers write it, each into a folder of its own liking."""

from __future__ import annotations

import csv
import json
import struct
import zlib
from dataclasses import dataclass

import numpy as np

from ...parsers.event_files import scalar, write
from ...parsers.protobuf_bytes import field

START = 1_700_000_000.0
UPDATES = 50  # of an epoch


@dataclass
class Training:
    """What is logged once an epoch; float64 [epochs] each."""

    loss: np.ndarray
    accuracy: np.ndarray
    val_loss: np.ndarray
    val_accuracy: np.ndarray
    lr: np.ndarray

    @property
    def columns(self):
        return dict(self.__dict__)

    def __len__(self):
        return len(self.loss)


def training(seed=0, epochs=12, *, base=2.0):
    """Curves of one configuration: seeds differ by about 0.3 %."""
    trend = base / (1 + np.arange(epochs) / 3)
    noise = np.random.default_rng(seed).normal(1, 0.003, (4, epochs))
    return Training(
        trend * noise[0], (1 - trend / 3) * noise[1], (0.1 + trend) * noise[2], (0.97 - trend / 3) * noise[3],
        0.1 * np.cos(np.arange(epochs) / epochs * np.pi / 2),
    )  # fmt: skip


def _events(folder, tags, name="events.out.tfevents.1.host"):
    folder.mkdir(parents=True, exist_ok=True)
    rows = [
        scalar(tag, float(v), step, START + 10 * i)
        for tag, (steps, values) in tags.items() for i, (step, v) in enumerate(zip(steps, values, strict=True))
    ]  # fmt: skip
    write(folder, *rows, name=name)


def _rows(t, *, first_epoch=0, names=None):
    names = names or {name: name for name in t.columns}
    for i in range(len(t)):
        yield {"epoch": i + first_epoch} | {
            names[name]: float(values[i]) for name, values in t.columns.items() if name in names
        }


def _table(path, rows, delimiter=","):
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = list(rows)
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)


def _print(path, lines):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n")


def _steps(t):
    return [(i + 1) * UPDATES for i in range(len(t))]


def pytorch_events(folder, t):
    names = {
        "train/loss": t.loss,
        "train/accuracy": t.accuracy,
        "val/loss": t.val_loss,
        "val/accuracy": t.val_accuracy,
        "lr": t.lr,
    }
    _events(folder / "runs" / "Nov30_host", {tag: (_steps(t), values) for tag, values in names.items()})


def keras_events(folder, t):
    epochs = range(len(t))
    _events(folder / "logs" / "train", {"epoch_loss": (epochs, t.loss), "epoch_accuracy": (epochs, t.accuracy)})
    _events(
        folder / "logs" / "validation", {"epoch_loss": (epochs, t.val_loss), "epoch_accuracy": (epochs, t.val_accuracy)}
    )


def keras_csv(folder, t):
    _table(folder / "training.log", _rows(t))


def keras_history(folder, t):
    (folder / "history.json").write_text(json.dumps({name: values.tolist() for name, values in t.columns.items()}))


def lightning_csv(folder, t):
    names = {
        "loss": "train_loss",
        "accuracy": "train_acc",
        "val_loss": "val_loss",
        "val_accuracy": "val_acc",
        "lr": "lr-SGD",
    }
    rows = [row | {"step": (i + 1) * UPDATES - 1} for i, row in enumerate(_rows(t, names=names))]
    _table(folder / "lightning_logs" / "version_0" / "metrics.csv", rows)


def lightning_events(folder, t):
    names = {
        "train_loss": t.loss,
        "train_acc": t.accuracy,
        "val_loss": t.val_loss,
        "val_acc": t.val_accuracy,
        "lr-SGD": t.lr,
    }
    steps = [step - 1 for step in _steps(t)]
    tags = {tag: (steps, values) for tag, values in names.items()} | {"epoch": (steps, range(len(t)))}
    _events(folder / "lightning_logs" / "version_0", tags, name="events.out.tfevents.2.host")


def hf_state(folder, t):
    history = []
    for i, step in enumerate(_steps(t)):
        at = {"step": step, "epoch": float(i + 1)}
        history += [
            {"loss": round(t.loss[i], 4), "learning_rate": t.lr[i], **at},
            {"eval_loss": t.val_loss[i], "eval_accuracy": t.val_accuracy[i], **at},
        ]
    checkpoint = folder / f"checkpoint-{_steps(t)[-1]}"
    checkpoint.mkdir(parents=True)
    (checkpoint / "trainer_state.json").write_text(json.dumps({"global_step": _steps(t)[-1], "log_history": history}))


def hf_events(folder, t):
    names = {
        "train/loss": t.loss.round(4),
        "train/learning_rate": t.lr,
        "eval/loss": t.val_loss,
        "eval/accuracy": t.val_accuracy,
    }
    _events(
        folder / "runs" / "Nov30_12-00-00_host",
        {tag: (_steps(t), values) for tag, values in names.items()},
        "events.out.tfevents.3.host",
    )


def json_lines(folder, t):
    lines = [json.dumps(row | {"step": step}) for row, step in zip(_rows(t), _steps(t), strict=True)]
    _print(folder / "metrics.jsonl", lines)


def plain_csv(folder, t):
    _table(folder / "progress.csv", _rows(t, first_epoch=1))


def console_keras(folder, t):
    lines = []
    for i in range(len(t)):
        lines += [
            f"Epoch {i + 1}/{len(t)}",
            (
                f"{UPDATES}/{UPDATES} - 3s - loss: {t.loss[i]:.4f} - accuracy: {t.accuracy[i]:.4f} - val_loss: {t.val_loss[i]:.4f}"
                f" - val_accuracy: {t.val_accuracy[i]:.4f}"
            ),
        ]
    _print(folder / "stdout.log", lines)


def console_plain(folder, t):
    _print(folder / "console.log", (
        f"epoch {i + 1:3d} | train loss {t.loss[i]:.4f} | train acc {t.accuracy[i]:.4f} | val loss {t.val_loss[i]:.4f}"
        f" | val acc {t.val_accuracy[i]:.4f}" for i in range(len(t))
    ))  # fmt: skip


def console_logging(folder, t):
    _print(folder / "train.log", (
        f"2026-11-30 12:{i:02d}:00,000 - INFO - Epoch: {i} Loss: {t.loss[i]:.5f} Accuracy: {100 * t.accuracy[i]:.3f}"
        f" Val Loss: {t.val_loss[i]:.5f} Val Accuracy: {100 * t.val_accuracy[i]:.3f}" for i in range(len(t))
    ))  # fmt: skip


def console_dict(folder, t):
    _print(
        folder / "output.log",
        (str({"epoch": i} | {k: round(float(v[i]), 6) for k, v in t.columns.items()}) for i in range(len(t))),
    )


def console_steps(folder, t):
    _print(folder / "nohup.out", (
        f"[step {step}] train_loss={t.loss[i]:.3e} val_loss={t.val_loss[i]:.3e} lr={t.lr[i]:.2e}" for i, step in enumerate(_steps(t))
    ))  # fmt: skip


def wandb(folder, t):
    place = folder / "wandb" / "offline-run-20261130_120000-a1b2c3"
    place.mkdir(parents=True)
    records = [field(17, field(1, "a1b2c3") + field(8, "warm-moon-3") + field(17, field(1, int(START))))]
    for i, row in enumerate(_rows(t)):
        values = row | {"_runtime": 10 * i}
        items = b"".join(field(1, field(2, key) + field(16, json.dumps(value))) for key, value in values.items())
        records.append(field(2, items + field(2, field(1, i) if i else b"")))
    records.append(field(18, b""))
    out = bytearray(b":W&B" + struct.pack("<HB", 0xBEE1, 0))
    for data in records:
        out += struct.pack("<IHB", zlib.crc32(b"\1" + data), len(data), 1) + data
    (place / "run-a1b2c3.wandb").write_bytes(out)


def mlflow(folder, t):
    place = folder / "mlruns" / "0" / "0123456789abcdef"
    names = {
        "train_loss": t.loss,
        "train_accuracy": t.accuracy,
        "val_loss": t.val_loss,
        "val_accuracy": t.val_accuracy,
        "lr": t.lr,
    }
    (place / "metrics").mkdir(parents=True)
    (place / "meta.yaml").write_text(
        "run_id: 0123456789abcdef\nrun_name: brave-fox\nstatus: 3\nlifecycle_stage: active\n"
    )
    for name, values in names.items():
        rows = (f"{(START + 10 * i) * 1000:.0f} {value!r} {i}\n" for i, value in enumerate(values.tolist()))
        (place / "metrics" / name).write_text("".join(rows))


LOGGERS = (
    pytorch_events, keras_events, keras_csv, keras_history, lightning_csv, lightning_events, hf_state, hf_events, json_lines,
    plain_csv, console_keras, console_plain, console_logging, console_dict, console_steps, wandb, mlflow,
)  # fmt: skip
