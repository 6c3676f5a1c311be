"""Whatever a rule needs can be logged by one line of code, and trainlint understands what that line logs."""

import re

import numpy as np
import pytest

from trainlint.analyzer.judging.advice import NO_QUANTITIES, advices_of, shortages_of
from trainlint.analyzer.judging.engine import judge, verdicts_of
from trainlint.analyzer.judging.logging_lines import FRAMEWORKS, LINES, LINES_OF_LAYERS, lines_for
from trainlint.parsers.meaning.resolve import meaning_of
from trainlint.parsers.run import Run
from trainlint.rules.registry import RULES
from trainlint.rules.view.run_view import RunView

from ..judgements import losses, run

NEEDS = {str(need): need for rule in RULES for need in rule.all_needs if need.role and need.role not in NO_QUANTITIES}
TAG = re.compile(r'(?:add_scalar|summary\.scalar|self\.log)\(f?"([^"]+)"|self\.log(?:_dict)?\(\{f?"([^"]+)"')
# The rewards of chosen and of rejected answers are understood beside each other, not by one name alone.
TOGETHER = {"statistic"}
ALL_LINES = [
    *((key, lines) for key, lines in LINES.items() if key[0] not in TOGETHER),
    *(((role, None), lines) for role, lines in LINES_OF_LAYERS.items()),
]


def advised(of):
    view = RunView(of)
    return advices_of(view, verdicts_of(view, RULES))


@pytest.mark.parametrize("need", NEEDS.values(), ids=list(NEEDS))
def test_every_need_of_a_rule_has_a_line_in_every_framework(need):
    lines = lines_for(need.role, need.split, is_layered=need.layers > 0)
    assert [framework for framework, _ in lines] == list(FRAMEWORKS)
    assert all(line.strip() for _, line in lines)


@pytest.mark.parametrize(("key", "lines"), ALL_LINES, ids=[f"{role} {split}" for (role, split), _ in ALL_LINES])
def test_what_the_lines_log_is_understood(key, lines):
    role, split = key
    tags = [found[1] or found[2] for found in map(TAG.search, lines) if found]
    assert tags
    for tag in tags:
        meaning = meaning_of(re.sub(r"\{.*\}", "layers.0.weight", tag))
        assert meaning.role == role
        assert split in (None, meaning.split)
        assert bool(meaning.layer) == ("{" in tag or tag.endswith("1"))


@pytest.mark.parametrize("need", [need for need in NEEDS.values() if need.role not in TOGETHER])
def test_a_role_without_lines_of_its_own_is_understood_by_its_name(need):
    tag = TAG.search(lines_for(need.role, need.split)[0][1])
    assert meaning_of(tag[1] or tag[2]).role == need.role if "{" not in tag[1] else True


def test_what_is_logged_is_not_asked_for():
    advices = {advice.what: advice.rules for advice in advised(run([losses()[0]]))}
    assert "validation loss" in advices
    assert "train loss" not in advices
    assert "overfitting" in advices["validation loss"]
    assert set(advices["weight norm per layer"]) == {"frozen-weights"}


def test_verdicts_are_those_of_an_audit():
    of = run(losses())
    assert verdicts_of(RunView(of), RULES) == judge(of, RULES).verdicts


def test_what_is_too_short_is_named_with_the_rules_that_wait():
    short = shortages_of(verdicts_of(RunView(run([curve.take(np.arange(3)) for curve in losses()])), RULES))
    assert any("overfitting" in rules for rules in short.values())


def test_an_empty_run_is_told_where_to_begin():
    assert advised(Run("r", "r", "csv"))[0].what == "train loss"


@pytest.mark.parametrize(
    ("framework", "first"),
    [
        ("keras", "Keras"),
        ("huggingface", "Hugging Face"),
        ("transformers", "Hugging Face"),
        (None, "PyTorch"),
        ("lightning", "Lightning"),
        ("odd", "PyTorch"),
    ],
)
def test_the_framework_of_the_run_comes_first(framework, first):
    advices = advised(Run("r", "r", "csv", framework, [losses()[0]]))
    assert {advice.lines[0][0] for advice in advices} == {first, "Any framework"}


def test_what_no_curve_holds_is_asked_for_where_the_curves_are_there():
    advices = {advice.what: advice for advice in advised(run([losses()[0]]))}
    assert advices["planned number of steps or epochs"].rules == ["truncated-run"]
    assert "uncaught-exception" in advices["output of the process"].rules
    assert not advices.keys() & {"a restart", "wall times"}
    empty = {advice.what for advice in advised(Run("r", "r", "csv"))}
    assert "planned number of steps or epochs" not in empty
    assert "output of the process" in empty
