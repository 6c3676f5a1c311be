"""Settings in names of runs and folders."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainlint.parsers.settings.run_names import MAX_NAME, settings_of_name


@pytest.mark.parametrize(
    ("name", "pairs", "seed"),
    [
        ("lr0.1_bs32_s3", {"lr": 0.1, "bs": 32.0}, "3"),
        ("lr=0.1,wd=1e-4", {"lr": 0.1, "wd": 1e-4}, ""),
        ("lr=1e-05_wd=0.1_seed=1", {"lr": 1e-5, "wd": 0.1}, "1"),
        ("runs/adam_lr-0.001-bs-64/seed_3/metrics.csv", {"lr": 0.001, "bs": 64.0}, "3"),
        ("resnet18-lr1e-3-seed0", {"resnet": 18.0, "lr": 0.001}, "0"),
        ("train_abc_00003_3_lr=0.0010,batch=32_2024-01-01_12-00-00", {"lr": 0.001, "batch": 32.0}, ""),
        ("weight_decay_0.1_lr_0.01", {"weight_decay": 0.1, "lr": 0.01}, ""),
        ("lr0p1_wd1e-4", {"lr": 0.1, "wd": 1e-4}, ""),
        ("wd0.0001_do0.0_opt=adam_s2.csv", {"wd": 1e-4, "do": 0.0, "opt": "adam"}, "2"),
        ("optimizer.lr=0.1,model=big", {"optimizer.lr": 0.1, "model": "big"}, ""),
        ("lr_1e-3/wd_0/seed_1", {"lr": 0.001, "wd": 0.0}, "1"),
        ("adam_beta1=0.9", {"adam_beta1": 0.9}, ""),
        ("cyclic_lr/study_0/ogbg_pytorch/trial_1", {}, ""),
        ("multirun/2024-01-01/12-00-00/0", {}, ""),
        ("wandb/run-20240101_123456-a1b2c3d4", {}, ""),
        ("wandb/run-20240501_101110-187d571a/files", {}, ""),
        ("r13", {}, ""),
        ("fit_scheduler-cosine_seed-4.txt", {"scheduler": "cosine"}, "4"),
        ("ablate_activation_gelu_lr0.1", {"activation": "gelu", "lr": 0.1}, ""),
        ("norm_type_study", {}, ""),
    ],
)
def test_pairs_and_seed(name, pairs, seed):
    found = settings_of_name(name)
    assert (found.pairs, found.seed) == (pairs, seed)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("no_dropout/s1", ("no dropout", "")),
        ("baseline_seed2.csv", ("baseline",)),
        ("runs/big-model/metrics.csv", ("", "big model", "")),
    ],
)
def test_other_words(name, words):
    assert settings_of_name(name).words == words


@given(st.text(max_size=300))
def test_any_name_can_be_read(name):
    found = settings_of_name(name)
    assert len(found.words) == name.count("/") + 1


def test_long_names_are_read_in_part():
    assert settings_of_name("a" * MAX_NAME + "_lr0.1").pairs == {}
