"""A run is clear only if every question asked of it was answered."""

import numpy as np
import pytest

from trainlint.analyzer.judging.engine import judge
from trainlint.analyzer.judging.questions import QUESTIONS
from trainlint.parsers.run import Curve, Meaning, Run
from trainlint.rules.registry import RULES

TRAIN, VALIDATION = (Meaning("loss", split, direction="lower") for split in ("train", "validation"))


def falling(points, meaning, seed=0):
    noise = np.random.default_rng(seed).normal(0, 0.01, points)
    return Curve.build(
        f"{meaning.split}_loss",
        range(points),
        2 * np.exp(-3 * np.arange(points) / points) + 0.2 + noise,
        meaning=meaning,
    )


def judged(*curves, task="unknown", rules=RULES, **fields):
    run = Run("r", "/r", "csv-table", all_curves=list(curves), **fields)
    run.task, run.task_evidence = task, ("said so",)
    return judge(run, rules)


def outcomes(judgement):
    return {answer.question: answer.outcome for answer in judgement.answers}


@pytest.mark.parametrize(
    ("train", "validation", "status", "opened"),
    [
        (40, 40, "clear", set()),
        (40, 0, "clear", set()),  # generalization is asked only where something was validated
        (40, 3, "not-checked", {"generalization"}),
        (5, 0, "not-checked", {"learning", "stability"}),
    ],
)
def test_too_few_points_leave_a_question_open(train, validation, status, opened):
    judgement = judged(*(falling(n, meaning) for n, meaning in ((train, TRAIN), (validation, VALIDATION)) if n))
    assert judgement.status == status
    assert {q for q, outcome in outcomes(judgement).items() if outcome == "open"} == opened


def test_an_open_question_says_what_is_missing():
    (answer,) = (a for a in judged(falling(40, TRAIN), falling(3, VALIDATION)).answers if a.outcome == "open")
    assert answer.reason == "validation loss needs at least 5 points, has 3"


def test_what_fired_answers_its_question():
    judgement = judged(Curve.build("loss", range(60), [1.0 + 0.1 * i for i in range(60)], meaning=TRAIN))
    assert outcomes(judgement)["stability"] == "fired"


@pytest.mark.parametrize(
    ("question", "curves"),
    [("generalization", (falling(40, TRAIN), falling(3, VALIDATION))), ("learning", (falling(40, TRAIN),))],
)
def test_a_question_whose_rules_are_deselected_is_not_asked(question, curves):
    rules = [rule for rule in RULES if question not in rule.answers]
    judgement = judged(*curves, rules=rules)
    assert question not in outcomes(judgement)
    assert judgement.status in ("clear", "info")


def test_a_selection_without_a_rule_about_the_training_checks_nothing():
    judgement = judged(falling(40, TRAIN), rules=[rule for rule in RULES if rule.family == "numeric"])
    assert (judgement.answers, judgement.status) == ((), "not-checked")


def test_learning_is_not_asked_of_players_that_compete():
    assert "learning" not in outcomes(judged(falling(40, TRAIN), task="adversarial"))


def test_rules_that_exclude_the_task_do_not_count():
    everything, adversarial = (judged(falling(40, TRAIN), task=task) for task in ("unknown", "adversarial"))
    assert everything.applicable == len(RULES)
    excluded = sum("adversarial" in rule.excluded_tasks for rule in RULES)
    assert adversarial.applicable == len(RULES) - excluded
    assert adversarial.judged <= adversarial.applicable


def test_each_question_has_rules_that_answer_it():
    assert [question for question in QUESTIONS if not any(question in rule.answers for rule in RULES)] == []
