"""Non-numeric content of event files: the framework that wrote them, and the hyperparameters of the run."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from ..files.hyperparameters import flatten
from ..files.typed_values import typed
from ..settings.recognise import are_settings, settings_within
from ..settings.written import settings_written

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from ..run import Hyperparameter

# source_metadata.writer of a file's first record
_WRITERS = {
    "tensorboard.summary.writer.event_file_writer": "pytorch",
    "tensorflow.core.util.events_writer": "tensorflow",
}
_KERAS_TAGS = re.compile(r"epoch_loss|evaluation_\w+_vs_iterations")
_SB3_TAGS = {"time/fps", "rollout/ep_rew_mean", "rollout/ep_len_mean"}
MAX_TEXT = 64 * 1024  # characters of a text whose tag does not tell that it is a configuration
_TEXT_SUFFIX = "/text_summary"
# text tags that hold a configuration, and the prefix their keys get: the arguments of the trainer have no prefix
_CONFIGURATION_TEXTS = {
    "args": "", "hparams": "", "hyperparameters": "", "config": "", "params": "", "flags": "",
    "model_config": "model.",
}  # fmt: skip


class Facts:
    """Collects them from the files of one run; `framework` is None unless it is certain."""

    def __init__(self) -> None:
        self.framework: str | None = None
        self.hyperparameters: dict[str, Hyperparameter] = {}

    def writer(self, name: str) -> None:
        """Take the name of the writer in its files."""
        self.framework = self.framework or _WRITERS.get(name)

    def hparams(self, content: bytes) -> None:
        """Take the metadata of the hparams plugin, which contains the values. Unreadable content is ignored."""
        from google.protobuf.message import DecodeError
        from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

        try:
            started = HParamsPluginData.FromString(content).session_start_info.hparams
        except DecodeError:
            return
        for name, value in sorted(started.items()):  # a map in arbitrary order
            kind = value.WhichOneof("kind")
            if kind in {"string_value", "bool_value"}:
                self._add({name.replace("/", "."): getattr(value, kind)})
            elif kind == "number_value":  # always a double: 32 comes back as 32.0
                number = value.number_value
                self._add({name.replace("/", "."): int(number) if number.is_integer() else number})

    def tags(self, names: Collection[str]) -> None:
        """Take the tags of the run: some are specific to a framework."""
        if self.framework == "tensorflow" and any(map(_KERAS_TAGS.fullmatch, names)):
            self.framework = "keras"
        if self.framework == "pytorch" and {"hp_metric", "epoch"} <= set(names):
            self.framework = "lightning"
        if self.framework == "pytorch" and set(names) >= _SB3_TAGS:
            self.framework = "stable-baselines3"

    def text(self, tag: str, text: str) -> None:
        """Take a text summary if its tag is that of a configuration, as JSON or as a Markdown table."""
        name = tag.removesuffix(_TEXT_SUFFIX).rpartition("/")[2]
        prefix = _CONFIGURATION_TEXTS.get(name)
        if prefix is None and len(text) > MAX_TEXT:
            return
        mapping: Mapping[str, Any] = _json_object(text) or dict(_table_rows(text))
        if prefix is None:
            prefix, mapping = "", settings_within(mapping or settings_written(text, ""))
            if not are_settings(flatten(mapping)):
                return
        if name == "args" and "output_dir" in mapping:
            self.framework = "transformers"  # only its TensorBoardCallback writes this text
        self._add({prefix + key: value for key, value in mapping.items()})

    def keras_model(self, text: str) -> None:
        """Take the JSON of a Keras model: only the number of layers and the last one."""
        self.framework = "keras"
        config = _json_object(text).get("config")
        layers = config.get("layers") if isinstance(config, dict) else None
        if not isinstance(layers, list) or not layers or not isinstance(layers[-1], dict):
            return
        last = layers[-1].get("config")
        facts = {"layers": len(layers), "last_layer.class_name": layers[-1].get("class_name")}
        if isinstance(last, dict):
            facts |= {f"last_layer.{key}": last[key] for key in ("units", "filters", "activation") if key in last}
        self._add({f"model.{key}": value for key, value in facts.items()})

    def _add(self, mapping: Mapping[str, Any]) -> None:
        self.hyperparameters |= flatten(mapping)


def _json_object(text: str) -> dict[str, Any]:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


def _table_rows(text: str) -> Iterator[tuple[str, Hyperparameter]]:
    """Rows of a two-column Markdown table, as CleanRL and similar tools write their arguments."""
    for line in text.splitlines()[2:]:
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if len(cells) == 2 and cells[0]:
            yield cells[0], typed(cells[1])
