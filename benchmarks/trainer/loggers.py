"""Five ways of writing a log, and five of naming what is in it, as people and frameworks do."""

from __future__ import annotations

import csv
import json
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

_BEGIN = time.time() - time.process_time()
Key = tuple[str, str]  # split ("train", "validation" or ""), quantity

_SHORT = {"train": "train", "validation": "val", "": ""}


def _slash(split: str, quantity: str) -> str:
    return f"{_SHORT[split]}/{quantity}".strip("/")


def _capitals(split: str, quantity: str) -> str:
    first, *layer = quantity.split("/")
    word = {"lr": "LearningRate"}.get(first, "".join(part.capitalize() for part in first.split("_")))
    return "/".join(part for part in (word, *layer, split) if part)


def _underscore(split: str, quantity: str) -> str:
    return f"{_SHORT[split]}_{quantity}".strip("_")


def _keras(split: str, quantity: str) -> str:
    return f"val_{quantity}" if split == "validation" else {"lr": "learning_rate"}.get(quantity, quantity)


def _valid(split: str, quantity: str) -> str:
    return {"train": "training_", "validation": "valid_", "": ""}[split] + {"lr": "learning_rate"}.get(
        quantity, quantity
    )


def clock() -> float:
    """Time of a log, in seconds since 1970: that of the processor, lest other programs' load be read as a fault."""
    return _BEGIN + time.process_time()


NAMINGS: dict[str, Callable[[str, str], str]] = {
    "slash": _slash, "capitals": _capitals, "underscore": _underscore, "keras": _keras, "valid": _valid,
}  # fmt: skip


class Log:
    """What every log can do; a step that has training and validation values is written in two parts."""

    def __init__(self, folder: Path, naming: str, settings: Mapping[str, Any]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.name, self.settings = folder, NAMINGS[naming], settings

    def write(self, step: int, epoch: int, values: Mapping[Key, float]) -> None:
        """Write values of one step."""
        self._entry(step, epoch, {self.name(*key): float(value) for key, value in values.items()})

    def _entry(self, step: int, epoch: int, values: dict[str, float]) -> None:
        raise NotImplementedError

    def histogram(self, step: int, tag: str, values: Any) -> None:
        """Write a distribution; formats without any leave it out."""

    def say(self, text: str) -> None:
        """Write a sentence; formats without any leave it out."""

    def close(self) -> None:
        """Finish the files."""


class EventLog(Log):
    """Event files of TensorBoard, by PyTorch's writer."""

    def __init__(self, folder: Path, naming: str, settings: Mapping[str, Any]) -> None:
        from torch.utils.tensorboard import SummaryWriter

        super().__init__(folder, naming, settings)
        self.writer = SummaryWriter(str(folder))

    def _entry(self, step: int, epoch: int, values: dict[str, float]) -> None:  # noqa: ARG002
        for tag, value in values.items():
            self.writer.add_scalar(tag, value, step, walltime=clock())

    def histogram(self, step: int, tag: str, values: Any) -> None:
        with suppress(ValueError):  # what the writer says of NaN
            self.writer.add_histogram(tag, values, step, walltime=clock())

    def close(self) -> None:
        self.writer.close()


class _SettingsBeside(Log):
    """A log with its settings in a file of their own."""

    def __init__(self, folder: Path, naming: str, settings: Mapping[str, Any]) -> None:
        super().__init__(folder, naming, settings)
        (folder / "config.json").write_text(json.dumps(dict(settings), indent=1), encoding="utf-8")


class CsvLog(_SettingsBeside):
    """One table with a row for each entry and empty cells, written at the end."""

    def __init__(self, folder: Path, naming: str, settings: Mapping[str, Any]) -> None:
        super().__init__(folder, naming, settings)
        self.rows: list[dict[str, float]] = []

    def _entry(self, step: int, epoch: int, values: dict[str, float]) -> None:
        self.rows.append({"epoch": epoch, "step": step, **values})

    def close(self) -> None:
        columns = list(dict.fromkeys(column for row in self.rows for column in row))
        with (self.folder / "metrics.csv").open("w", newline="", encoding="utf-8") as file:
            table = csv.DictWriter(file, columns, restval="")
            table.writeheader()
            table.writerows(self.rows)


class JsonLog(_SettingsBeside):
    """One JSON object a line, with the time."""

    def _entry(self, step: int, epoch: int, values: dict[str, float]) -> None:
        entry = {"step": step, "epoch": epoch, "time": round(clock(), 3), **values}
        with (self.folder / "log.jsonl").open("a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")


class TextLog(Log):
    """Lines for people: time, place, and name=value."""

    def _entry(self, step: int, epoch: int, values: dict[str, float]) -> None:
        pairs = " ".join(f"{tag.replace('/', '_')}={value:.6g}" for tag, value in values.items())
        self.say(f"epoch {epoch + 1}/{self.settings['epochs']} step {step}/{self.settings['steps']} {pairs}")

    def say(self, text: str) -> None:
        now = clock()
        stamp = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(now)) + f",{int(now % 1 * 1000):03d}"
        with (self.folder / "train.log").open("a", encoding="utf-8") as file:
            file.write(f"{stamp} INFO {text}\n" if not text.startswith("Traceback") else f"{text}\n")


class HistoryLog(_SettingsBeside):
    """A JSON file with a list for each quantity, of the means of each epoch, written at the end."""

    def __init__(self, folder: Path, naming: str, settings: Mapping[str, Any]) -> None:
        super().__init__(folder, naming, settings)
        self.epochs: dict[int, dict[str, list[float]]] = {}

    def _entry(self, step: int, epoch: int, values: dict[str, float]) -> None:  # noqa: ARG002
        for tag, value in values.items():
            self.epochs.setdefault(epoch, {}).setdefault(tag, []).append(value)

    def close(self) -> None:
        means = [{tag: sum(v) / len(v) for tag, v in values.items()} for _, values in sorted(self.epochs.items())]
        tags = [tag for tag in dict.fromkeys(t for each in means for t in each) if all(tag in each for each in means)]
        history = {tag: [each[tag] for each in means] for tag in tags}
        (self.folder / "history.json").write_text(json.dumps(history), encoding="utf-8")


LOGGERS: dict[str, type[Log]] = {
    "events": EventLog, "csv": CsvLog, "json": JsonLog, "text": TextLog, "history": HistoryLog,
}  # fmt: skip
