"""The Trainer's state: curves, evaluations done twice, and a summary that is no point."""

import json

from trainlint.parsers.formats.frameworks.hf_trainer_state import PARSER

STATE = {
    "best_metric": None,
    "epoch": 2.0,
    "global_step": 20,
    "log_history": [
        {"epoch": 0.5, "grad_norm": 1.5, "learning_rate": 0.1, "loss": 2.0, "step": 5},
        {"epoch": 1.0, "eval_loss": 1.8, "eval_accuracy": 0.5, "eval_runtime": 0.1, "step": 10},
        {"epoch": 1.5, "grad_norm": float("nan"), "learning_rate": 0.05, "loss": 1.0, "step": 15},
        {"epoch": 2.0, "eval_loss": 1.5, "eval_accuracy": 0.6, "eval_runtime": 0.1, "step": 20},
        {"epoch": 2.0, "step": 20, "total_flos": 1e9, "train_loss": 1.5, "train_runtime": 30.0},
        {"epoch": 2.0, "eval_loss": 1.25, "eval_accuracy": 0.7, "eval_runtime": 0.2, "step": 20},
    ],
    "max_steps": 20,
    "num_train_epochs": 2,
    "train_batch_size": 8,
}


def read(tmp_path, content):
    path = tmp_path / "trainer_state.json"
    path.write_text(content)
    (run,) = PARSER.parse(path)
    return run


def test_log_history(tmp_path):
    run = read(tmp_path, json.dumps(STATE, indent=2))
    curves = {curve.tag: curve for curve in run.all_curves}
    assert list(curves) == ["grad_norm", "learning_rate", "loss", "eval_loss", "eval_accuracy", "eval_runtime"]
    assert (curves["loss"].step.tolist(), curves["loss"].value.tolist()) == ([5, 15], [2.0, 1.0])
    assert curves["loss"].epoch.tolist() == [0.5, 1.5]
    assert (curves["eval_loss"].step.tolist(), curves["eval_loss"].value.tolist()) == ([10, 20], [1.8, 1.25])
    assert len(curves["grad_norm"]) == 2
    assert run.hyperparameters == {"max_steps": 20, "num_train_epochs": 2, "train_batch_size": 8}
    assert (run.framework, run.notes) == ("huggingface", [])


def test_sniff(tmp_path):
    path = tmp_path / "trainer_state.json"
    assert PARSER.sniff(path, json.dumps(STATE, indent=2).encode()[:400])
    assert not PARSER.sniff(path, b'{"loss": [1, 2]}')


def test_cut(tmp_path):
    content = json.dumps(STATE, indent=2)
    run = read(tmp_path, content[: content.index('"eval_runtime": 0.1')])
    curves = {curve.tag: curve.value.tolist() for curve in run.all_curves}
    assert curves == {
        "grad_norm": [1.5],
        "learning_rate": [0.1],
        "loss": [2.0],
        "eval_loss": [1.8],
        "eval_accuracy": [0.5],
    }
    assert "truncated or damaged" in run.notes[0].message
    assert run.notes[0].where.startswith("line ")


def test_other_json(tmp_path):
    for content in ("[]", "3", '{"log_history": {"a": 1}}', '{"log_history": [1, "a", null]}'):
        assert read(tmp_path, content).all_curves == []
