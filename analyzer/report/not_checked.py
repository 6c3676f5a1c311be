"""Why a run was not checked, and what to do about it: the same on the terminal and on its page."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, NamedTuple

from .entries import failed_of
from .verdict_text import clipped, plural, questions_text, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...parsers.run import Axis, Role
    from ..judging.judgement import Judgement
    from .schema import RunEntry

OUTCOMES: tuple[Role, ...] = ("loss", "score", "perplexity", "reward")
INSPECT = "trainlint inspect lists what is missing, and the line of code that logs it"


class NotChecked(NamedTuple):
    """The reason as a phrase, and the next step as another."""

    reason: str
    next_step: str


def of_entry(entry: RunEntry) -> NotChecked:
    """The reason for a run of report.json."""
    return _not_checked(
        [rule for rule, _ in failed_of(entry)],
        [(metric["tag"], metric["role"], metric["axis"]) for metric in entry["metrics"]],
        bool(entry["hyperparameters"]),
        "; ".join(entry["task_evidence"]) if entry["task"] == "boosting" else None,
        [(each["question"], each["reason"] or each["outcome"]) for each in entry["questions"]],
    )


def of_judgement(judgement: Judgement) -> NotChecked:
    """The reason for a judged run."""
    run = judgement.run
    return _not_checked(
        [rule for rule, verdict in judgement.verdicts.items() if verdict.outcome == "failed"],
        [(curve.name, curve.role, curve.axis) for curve in run.all_curves],
        bool(run.hyperparameters),
        "; ".join(run.task_evidence) if run.task == "boosting" else None,
        [(each.question, each.reason or each.outcome) for each in judgement.answers],
    )


def _not_checked(
    failed: Sequence[str],
    metrics: Sequence[tuple[str, Role, Axis]],
    has_hyperparameters: bool,  # noqa: FBT001
    boosting: str | None,
    answers: Sequence[tuple[str, str]],
) -> NotChecked:
    if failed:
        reason = f"{plural(len(failed), 'rule')} failed, so nothing was found: {', '.join(failed)}"
        return NotChecked(reason, "report the failure, or ignore the rule with --ignore")
    if not metrics:
        return NotChecked(
            "the log has hyperparameters but no curve" if has_hyperparameters else "no metric could be read",
            "log a loss at every step or epoch; a sweep that stores final results only cannot be judged",
        )
    if boosting is not None:
        return NotChecked(
            f"boosted trees, not a neural network ({boosting}): no rule judges whether they learn",
            "compare the rounds by the validation metric; set --task if this is a neural network",
        )
    return _unanswered(metrics, answers)


def _unanswered(metrics: Sequence[tuple[str, Role, Axis]], answers: Sequence[tuple[str, str]]) -> NotChecked:
    """The reason why the questions about a training with metrics stay open."""
    tag, _, axis = metrics[0]
    if not any(role in OUTCOMES for _, role, _ in metrics):
        chosen = shlex.quote(f"{visible(clipped(tag, 60))}=loss:train")
        return NotChecked(
            f"none of {plural(len(metrics), 'metric')} was recognised as a loss, a score or a reward",
            f"assign roles, for example --metric {chosen}",
        )
    if axis == "row":
        return NotChecked(
            f"the rows have no step or epoch, so they may be results of several trainings; {questions_text(answers)}",
            f"log the loss of one training by step or epoch; {INSPECT}",
        )
    if not answers:
        return NotChecked("no selected rule judges the training", "select more rules")
    return NotChecked(questions_text(answers), f"log more of the training; {INSPECT}")
