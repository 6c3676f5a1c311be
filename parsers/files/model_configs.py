"""Facts of a model in its configuration file: Hugging Face's `config.json` and the JSON of a Keras model.

Both are only read, never built: what counts is the number of classes, which such files hold as a table of names or as
the width of the last layer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

TABLES_OF_CLASSES = ("id2label", "label2id")  # one entry a class
DEFAULT_LABELS = 2  # of Hugging Face's classifiers; left out of the file where it is the number
_CLASSIFIERS = (
    "ForSequenceClassification",
    "ForImageClassification",
    "ForAudioClassification",
    "ForVideoClassification",
)
_WITH_LABELS = (*_CLASSIFIERS, "ForTokenClassification", "ForMultipleChoice")
MAX_WRAPPERS = 8  # models within models of Keras


def without_tables(config: Mapping[Any, Any]) -> dict[Any, Any]:
    """A configuration of Hugging Face with `num_labels` in place of its tables of labels; others as they are."""
    classes = next((len(config[key]) for key in TABLES_OF_CLASSES if isinstance(config.get(key), Mapping)), None)
    if classes is None and _names_classifier(config):
        classes = DEFAULT_LABELS
    if classes is None:
        return dict(config)
    return {"num_labels": classes, **{key: value for key, value in config.items() if key not in TABLES_OF_CLASSES}}


def keras_facts(config: Mapping[Any, Any]) -> dict[str, Any] | None:
    """Classes and losses of a Keras model, from `Model.to_json` or `Model.get_config`; None if it is none.

    Only these: a configuration of all layers is no list of hyperparameters.
    """
    layers = _layers_of(config)
    if layers is None:
        return None
    facts: dict[str, Any] = {"keras_layers": len(layers)}
    for layer in reversed(layers):
        own = layer.get("config") if isinstance(layer, Mapping) else None
        if not isinstance(own, Mapping):
            continue
        units = own.get("units", own.get("filters"))
        if isinstance(units, int) and not isinstance(units, bool):
            facts["output_units"] = units
            if own.get("activation") == "softmax" and units > 1:
                facts["num_classes"] = units
            break
    compiled = config.get("compile_config")
    if isinstance(compiled, Mapping) and isinstance(compiled.get("loss"), str):
        facts["loss"] = compiled["loss"]
    return facts


def _names_classifier(config: Mapping[Any, Any]) -> bool:
    named = config.get("architectures")
    return isinstance(named, list | tuple) and any(isinstance(n, str) and n.endswith(_WITH_LABELS) for n in named)


def _layers_of(config: Mapping[Any, Any]) -> Sequence[Any] | None:
    """The layers of a Keras model, the outermost model that holds some; None if nothing is shaped like one."""
    if "class_name" not in config and "keras_version" not in config:
        return None
    inner: Any = config
    for _ in range(MAX_WRAPPERS):
        if not isinstance(inner, Mapping):
            return None
        layers = inner.get("layers")
        if isinstance(layers, list) and layers:
            return layers
        inner = inner.get("config", inner.get("model_config"))
    return None
