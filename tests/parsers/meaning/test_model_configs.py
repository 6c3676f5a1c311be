"""Classes and tasks from the configuration files of models; nothing in them is built or run."""

import json

import pytest

from trainlint.parsers.files.hyperparameters import read_beside
from trainlint.parsers.files.model_configs import keras_facts, without_tables
from trainlint.parsers.meaning.tasks import task_of
from trainlint.parsers.run import Run

DENSE = {"class_name": "Dense", "config": {"units": 7, "activation": "softmax"}}
SEQUENTIAL = {"class_name": "Sequential", "config": {"layers": [{"class_name": "InputLayer", "config": {}}, DENSE]}}


@pytest.mark.parametrize(
    ("config", "classes"),
    [
        ({"id2label": {"0": "a", "1": "b", "2": "c"}, "label2id": {"a": 0, "b": 1, "c": 2}}, 3),
        ({"architectures": ["BertForSequenceClassification"], "vocab_size": 30522}, 2),
        ({"architectures": ["GPT2LMHeadModel"], "vocab_size": 50257}, None),
        ({"id2label": "?", "vocab_size": 5}, None),
        ({}, None),
    ],
)
def test_labels_are_counted(config, classes):
    found = without_tables(config)
    assert found.get("num_labels") == classes
    assert not any(isinstance(value, dict) for value in found.values())


@pytest.mark.parametrize(
    ("config", "facts"),
    [
        (SEQUENTIAL, {"keras_layers": 2, "output_units": 7, "num_classes": 7}),
        ({"class_name": "Functional", "config": {"layers": [{"config": {"units": 1}}]}}, {"keras_layers": 1, "output_units": 1}),
        ({**SEQUENTIAL, "compile_config": {"loss": "categorical_crossentropy"}},
         {"keras_layers": 2, "output_units": 7, "num_classes": 7, "loss": "categorical_crossentropy"}),
        ({"class_name": "X", "config": {"config": {"config": 3}}}, None),
        ({"class_name": "X", "layers": []}, None),
        ({"class_name": "X", "config": {"layers": [None, 3, {"config": None}]}}, {"keras_layers": 3}),
        ({"learning_rate": 0.1}, None),
    ],
)  # fmt: skip
def test_the_last_layer_of_keras(config, facts):
    assert keras_facts(config) == facts


@pytest.mark.parametrize(
    ("name", "content", "key", "value"),
    [
        ("config.json", {"id2label": {str(n): f"c{n}" for n in range(5000)}, "a": 1}, "num_labels", 5000),
        ("model.json", SEQUENTIAL, "num_classes", 7),
        ("training_args.json", {"learning_rate": 0.1}, "learning_rate", 0.1),
        ("adapter_config.json", {"peft_type": "LORA"}, "peft_type", "LORA"),
    ],
)
def test_files_beside_a_log(tmp_path, name, content, key, value):
    (tmp_path / name).write_text(json.dumps(content))
    values, sources, notes = read_beside(tmp_path / "log.csv")
    assert values[key] == value
    assert [source.use for source in sources] == ["hyperparameters"]
    assert notes == []


@pytest.mark.parametrize("text", ['{"learner": {"gradient_booster": {}}}', "no JSON", "[1, 2]"])
def test_a_model_of_another_tool_is_passed_over(tmp_path, text):
    (tmp_path / "model.json").write_text(text)
    assert read_beside(tmp_path / "log.csv") == ({}, [], [])


@pytest.mark.parametrize(
    ("settings", "task"),
    [
        ({"architectures": "['BertForSequenceClassification']"}, "classification"),
        ({"architectures": "['LlamaForCausalLM']"}, "language-model"),
        ({"loss": "categorical_crossentropy"}, "classification"),
        ({"loss": "mean_squared_error"}, "regression"),
        ({"task": "detect"}, "detection"),
        ({"peft_type": "LORA", "task_type": "CAUSAL_LM"}, "fine-tuning"),
        ({"loss": "my_own"}, "unknown"),
        ({"task": 3}, "unknown"),
    ],
)
def test_settings_name_the_task(settings, task):
    assert task_of(Run("r", "r", "test", hyperparameters=settings))[0] == task
