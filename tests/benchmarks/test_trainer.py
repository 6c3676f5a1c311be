"""The trainer of networks with injected faults: what it plans is whole, and its logs are understood. Nothing is trained."""

from __future__ import annotations

import json
import math
import sys
from pathlib import Path

import pytest

import trainlint
from trainlint.rules.registry import RULES

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
from labelled import LabelledRun, audited
from real_runs import document
from train_runs import PLANS, labels_of
from trainer.faults import FAULTS
from trainer.healthy import HEALTHY
from trainer.loggers import LOGGERS, NAMINGS
from trainer.plan import Plan
from trainer.recipe import Recipe, cosine, inverse_root, one_cycle, step_decay, warm_restarts

IDS = {rule.id for rule in RULES}
TEXTS = sorted(LOGGERS.keys() - {"events"})  # the event log is PyTorch's own writer
VALUES = {("train", "loss"): 1.0, ("train", "accuracy"): 0.5, ("", "lr"): 0.01, ("", "grad_norm"): 2.0}
HELD_OUT = {("validation", "loss"): 1.5, ("validation", "accuracy"): 0.4}


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.name)
def test_labels_name_rules_that_exist(plan):
    named = {rule for group in plan.need for rule in group} | plan.may
    assert named <= IDS
    assert all(plan.need)


def test_names_and_formats_are_known():
    names = [plan.name for plan in PLANS]
    assert len(set(names)) == len(names)
    assert {logger for plan in PLANS for logger in plan.loggers} == LOGGERS.keys()
    assert len({plan.task for plan in PLANS}) == 8


def test_sound_trainings_need_nothing_and_faults_do():
    assert not any(plan.need for plan in HEALTHY)
    assert {plan.name for plan in FAULTS if not plan.need} == {"train-mode-evaluation-shapes"}


def test_seeds_change_format_and_naming():
    many = [plan for plan in PLANS if len(plan.loggers) > 1]
    assert all(plan.form(index, 0) != plan.form(index, 1) for index, plan in enumerate(many))
    forms = {plan.form(index, seed) for seed in (0, 1) for index, plan in enumerate(PLANS)}
    assert {form[0] for form in forms} == LOGGERS.keys()
    assert {form[1] for form in forms} == NAMINGS.keys()


@pytest.mark.parametrize("schedule", [cosine, inverse_root, one_cycle, step_decay, warm_restarts])
def test_schedules_stay_between_zero_and_the_peak(schedule):
    factors = [schedule(step / 1000) for step in range(1001)]
    assert all(0 <= factor <= 1 + 1e-9 for factor in factors)
    assert max(factors) > 0.99


@pytest.mark.parametrize("logger", TEXTS)
@pytest.mark.parametrize("naming", NAMINGS)
def test_logs_are_understood(tmp_path, logger, naming):
    log = LOGGERS[logger](tmp_path / "run", naming, {"epochs": 3, "steps": 12})
    for step in range(1, 13):
        log.write(step, (step - 1) // 4, VALUES)
        if step % 4 == 0:
            log.write(step, (step - 1) // 4, HELD_OUT)
    log.close()
    (run,) = trainlint.read_runs(tmp_path)
    meant = {(curve.role, curve.split) for curve in run.all_curves}
    assert {("loss", "train"), ("loss", "validation"), ("score", "validation"), ("learning-rate", "none")} <= meant
    assert ("gradient-norm", "none") in meant


def test_labels_are_those_of_the_runs_that_are_there(tmp_path):
    (tmp_path / f"{FAULTS[0].name}-s3").mkdir()
    (tmp_path / f".{FAULTS[0].name}-s4").mkdir()
    (tmp_path / "unknown-s1").mkdir()
    assert labels_of(tmp_path) == {f"{FAULTS[0].name}-s3": FAULTS[0].label()}


def test_a_folder_of_runs_is_judged_by_its_labels(tmp_path):
    plan = Plan(name="broken", task="waves", recipe=Recipe(), need=(("non-finite",),))
    log = LOGGERS["csv"](tmp_path / plan.place(1), "slash", {"epochs": 3})
    for step in range(30):
        log.write(step, 0, {("train", "loss"): math.nan if step > 15 else 1.0})
    log.close()
    (tmp_path / "labels.json").write_text(json.dumps({plan.place(1): plan.label()}), encoding="utf-8")
    (run,) = audited(tmp_path)
    assert run.met == [True]
    assert document([run])["faults"]["broken"]["found_by"] == {"non-finite": 1}


def test_what_no_label_allows_is_a_false_alarm():
    finding = {"rule": "loss-spike", "severity": "warning", "confidence": 0.9}
    runs = [
        LabelledRun("ok-s1", (), frozenset(), [{"findings": [finding]}]),
        LabelledRun("ill-s1", (("plateau",),), frozenset({"loss-spike"}), [{"findings": [finding]}]),
    ]
    measured = document(runs)
    assert measured["healthy_alarmed"]["hits"] == 1
    assert measured["ill_alarmed"]["hits"] == 0
    assert measured["faults_found"]["hits"] == 0
