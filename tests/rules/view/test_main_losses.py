"""What stands in for the loss, and what rules are told of it."""

from __future__ import annotations

import numpy as np
import pytest

from trainlint.analyzer.judging.engine import judge
from trainlint.rules.registry import RULES
from trainlint.rules.view.run_view import RunView

from ..curves import decay, flat, run_of

FALLING = decay(60, end=0.2, noise=1e-3)
PLAYED_BY = [
    (("train_mse", "val_mse"), "train_mse", "val_mse"),
    (("mse", "val_mse"), "mse", "val_mse"),
    (("rmse",), "rmse", None),
    (("train/perplexity", "valid/perplexity"), "ln(train/perplexity)", "ln(valid/perplexity)"),
    (("train_bpc", "val_bpc"), "train_bpc in nats", "val_bpc in nats"),
    (("train_elbo", "val_elbo"), "-train_elbo", "-val_elbo"),
    (("train_mae", "val_mae", "train_mse", "val_mse"), "train_mse", "val_mse"),
    (("train_mae", "val_mae", "val_mse"), "train_mae", "val_mae"),
    (("train_wer", "val_wer"), "train_wer", "val_wer"),
    (("loss", "val_mse"), "loss", None),
    (("loss", "val_perplexity"), "loss", "ln(val_perplexity)"),
    (("train_error", "test_error"), "train_error", "test_error"),
]


@pytest.mark.parametrize(("tags", "train", "validation"), PLAYED_BY, ids=str)
def test_the_most_loss_like_quantity_stands_in_for_the_loss_in_all_splits(tags, train, validation):
    view = RunView(run_of({tag: -FALLING if "elbo" in tag else FALLING for tag in tags}))
    found = [loss and loss.name for loss in (view.loss("train"), view.loss("validation"))]
    assert found == [train, validation]


@pytest.mark.parametrize(
    "tags", [("val_acc",), ("train_ece", "val_ece"), ("false_positive_rate",), ("reward", "error"), ("regret",)]
)
def test_what_need_not_fall_does_not_stand_in(tags):
    view = RunView(run_of(dict.fromkeys(tags, FALLING)))
    assert view.loss("train") is view.loss("validation") is None


def test_a_perplexity_is_judged_in_nats_and_a_likelihood_negated():
    view = RunView(run_of({"perplexity": [np.e, np.e**2]}))
    assert view.loss("train").values == pytest.approx([1, 2])
    assert RunView(run_of({"train_elbo": [-3.0, -2.0]})).loss("train").values.tolist() == [3, 2]
    assert RunView(run_of({"train_bpd": [1.0, 2.0]})).loss("train").values == pytest.approx(
        np.log(2) * np.array([1, 2])
    )


def test_a_loss_is_judged_at_the_last_weight_of_its_part():
    beta, kl = np.linspace(0, 1, 40), np.linspace(5, 3, 40)
    run = run_of({"loss": 2 + beta * kl, "kl_loss": kl, "kl_weight": beta})
    loss = RunView(run).loss("train")
    assert loss.name == "loss at kl_weight 1"
    assert loss.values == pytest.approx(2 + kl)


def statuses(train, validation, **others):
    judgement = judge(run_of({train: decay(60, end=0.01, noise=0), validation: RISING, **others}), RULES)
    return judgement.status, {f.rule.id: f.finding for f in judgement.findings}


RISING = np.r_[np.linspace(2.3, 0.8, 20), np.linspace(0.8, 1.2, 40)] * flat(60, 1, noise=1e-3)


@pytest.mark.parametrize(
    ("train", "validation"), [("train_mse", "val_mse"), ("mae", "val_mae"), ("train_wer", "val_wer")]
)
def test_overfitting_is_told_of_errors(train, validation):
    status, findings = statuses(train, validation)
    assert status == "error"
    assert findings["overfitting"].metric == validation
    assert findings["overfitting"].message.startswith(f"{validation} rises from 0.8")
    assert "score-decline" not in findings


def test_the_level_of_an_error_says_nothing():
    """An mse that starts high and stays at ln 10 is neither badly initialised nor at chance."""
    status, findings = statuses("train_mse", "val_mse", accuracy=flat(60, 0.1))
    assert status == "error"
    assert not {"abnormal-initial-loss", "stuck-at-chance"} & findings.keys()
