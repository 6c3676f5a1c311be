"""What is asked of every training, and which of it the rules could answer: a run is clear only if all of it was."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any, get_args

from ...rules.base import Question
from .judgement import Answer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ...parsers.run import Role, Task
    from ...rules.base import Rule
    from ...rules.view.run_view import RunView
    from .judgement import Verdict

QUESTIONS: tuple[Question, ...] = get_args(Question)
# The losses of players that compete show no progress: nothing that such a log usually holds answers the question.
_UNANSWERABLE: dict[Task, tuple[Question, ...]] = {"adversarial": ("learning",)}
_OUTCOMES_OF_VALIDATION: tuple[Role, ...] = ("loss", "score", "perplexity", "reward")


def answers_of(view: RunView, rules: Sequence[Rule[Any]], verdicts: Mapping[str, Verdict]) -> tuple[Answer, ...]:
    """Answer each question that the selected rules ask of this run.

    Generalization is asked only where something was validated: that nothing was is itself a finding. Questions whose rules
    were all deselected, or exclude the task, are not asked.
    """
    asked = [question for question in QUESTIONS if _is_asked(question, view)]
    of_question = {q: [rule for rule in rules if q in rule.answers and applies_to(rule, view.run.task)] for q in asked}
    return tuple(_answer(question, of_question[question], verdicts) for question in asked if of_question[question])


def applies_to(rule: Rule[Any], task: Task) -> bool:
    """Whether the pathology of a rule is one in a task."""
    return task not in rule.excluded_tasks and (task != "boosting" or rule.suits_boosting)


def _is_asked(question: Question, view: RunView) -> bool:
    if question in _UNANSWERABLE.get(view.run.task, ()):
        return False
    return question != "generalization" or any(view.curves(role, "validation") for role in _OUTCOMES_OF_VALIDATION)


def _answer(question: Question, rules: Sequence[Rule[Any]], verdicts: Mapping[str, Verdict]) -> Answer:
    outcomes = {verdicts[rule.id].outcome for rule in rules}
    if "fired" in outcomes:
        return Answer(question, "fired")
    if "clear" in outcomes:
        return Answer(question, "clear")
    return Answer(question, "open", _why_open([verdicts[rule.id] for rule in rules]))


def _why_open(verdicts: Sequence[Verdict]) -> str:
    """The reason most given; too little data says more than what is not logged at all."""
    short = [verdict.reason for verdict in verdicts if verdict.outcome in ("insufficient-data", "failed")]
    reasons = Counter(short or [verdict.reason for verdict in verdicts])
    return reasons.most_common(1)[0][0]
