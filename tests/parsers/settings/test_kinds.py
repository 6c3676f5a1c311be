"""What a hyperparameter is, by its name and by its value."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainlint.parsers.settings.kinds import is_incidental_value, kind_of_name, setting_key, typed

CHOSEN = """lr optimizer.lr args.learning_rate model_name model.name target_update_interval train_freq max_steps warmup_steps
batch_size dropout hidden_dim epochs gradient_clip_val lr_scheduler_type amp optimizer beta2 label_smoothing group_norm log_std_init
val_fraction test_size sample_size num_gpus world_size target_kl patience""".split()
INCIDENTAL = """output_dir run_name exp_name name eval_interval logging_steps save_steps log_every_n_steps print_freq eval_steps
num_workers device master_port cuda wandb.project hostname start_time git_commit use_wandb log_level save_total_limit
eval_batch_size notes checkpoint_dir report_to evaluation_strategy gpus resume_from paths.output _wandb.version""".split()


@pytest.mark.parametrize(
    ("kind", "name"),
    [("chosen", name) for name in CHOSEN]
    + [("incidental", name) for name in INCIDENTAL]
    + [("seed", name) for name in ("seed", "data_seed", "random_state", "train.seed", "fold")]
    + [("data", name) for name in ("dataset", "dataset.name", "env_id", "data.task_name")],
)
def test_kind(kind, name):
    assert kind_of_name(name) == kind


@pytest.mark.parametrize(
    "names",
    [
        ("lr", "learning_rate", "optimizer.lr", "init_lr", "config/learning_rate", "base_lr"),
        ("bs", "batch_size", "per_device_train_batch_size", "data.batch_size"),
        ("wd", "weight_decay", "optimizer.weight_decay"),
        ("dropout", "dropout_rate", "model.dropout_prob", "drop"),
        ("epochs", "n_epochs", "num_train_epochs", "trainer.max_epochs"),
    ],
)
def test_spellings_of_one_setting(names):
    assert len({setting_key(name) for name in names}) == 1


def test_other_settings_keep_their_own_key():
    names = (
        "lr",
        "weight_decay",
        "eval_batch_size",
        "beta1",
        "beta2",
        "warmup_steps",
        "warmup_ratio",
        "hidden_dim",
        "num_layers",
    )
    assert len({setting_key(name) for name in names}) == len(names)


@pytest.mark.parametrize(
    ("value", "expected"),
    [("0.1", 0.1), (1, 1.0), (True, "true"), ("False", "false"), (None, "none"), ("null", "none"), ("adam", "adam"),
     ("nan", "nan"), ("1e-4", 1e-4), (10**400, hex(10**400)), (16**5000, hex(16**5000))],
    ids=lambda value: f"{value!r:.20}" if not isinstance(value, int) else value.bit_length(),
)  # fmt: skip
def test_one_form_of_values(value, expected):
    assert typed(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [("/data/x", True), ("./out", True), ("s3://bucket/x", True), ("2024-05-01 10:00", True), ("10.0.0.1:29500", True), ("cuda:1", True),
     ("0123abcdef01", True), ("model.ckpt", True), (1.7e9, True), ("***", True), ("adam", False), ("bert-base/uncased", False), (0.1, False),
     ("cosine", False), (29500.0, False)],
)  # fmt: skip
def test_incidental_values(value, expected):
    assert is_incidental_value(value) is expected


@given(st.text(max_size=80))
def test_any_name_has_a_kind_and_a_key(name):
    assert kind_of_name(name) in ("chosen", "seed", "data", "incidental")
    assert isinstance(setting_key(name), str)


@given(st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=80)))
def test_any_value_has_a_form(value):
    assert isinstance(is_incidental_value(typed(value)), bool)
