"""What comes of judging a run: verdicts, findings with their place in the story, and a status."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from .headline import headline_of

if TYPE_CHECKING:
    from ...parsers.run import Run
    from ...rules.base import Finding, Outcome, Rule, Severity
    from ...rules.view.run_view import RunView
    from .headline import Headline
    from .onset import Onset
    from .questions import Answer

Status = Literal["error", "warning", "info", "clear", "not-checked", "unreadable"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """How one rule ended on one run, and why where it is not plain."""

    outcome: Outcome
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RuleFinding:
    """A finding with the rule that made it.

    Attributes:
        caused_by: id of the rule whose finding explains this one, "" if none does.
        detectable_from: how early it could have been found; None where that was not asked.
        is_accepted: whether the baseline knows it; None where there is none.
        folded_into: id of the rule that says the same more strongly, "" if none does.

    """

    rule: Rule[Any]
    finding: Finding
    caused_by: str = ""
    detectable_from: Onset | None = None
    is_accepted: bool | None = None
    folded_into: str = ""

    @property
    def severity(self) -> Severity:
        return self.finding.severity or self.rule.severity


@dataclass(frozen=True, eq=False)  # without slots, which leave no room for what is worked out once
class Judgement:
    """All verdicts on one run.

    Attributes:
        view: the run as the rules saw it.
        findings: in the order of `story.ordered_by_cause`: the first cause of the worst comes first, its consequences follow it.
        verdicts: by rule id, in registry order; that of a rule whose findings were folded is `fired`.
        folded: findings that a rule which fired states more precisely; not among `findings`.
        status: the worst severity found; `clear` only if every question asked was answered and no rule failed.
        answers: what became of each question that was asked.
        applicable: number of selected rules that apply to the task.
        deselected: number of rules that were not selected: `clear` says nothing about them.

    """

    view: RunView
    findings: tuple[RuleFinding, ...]
    verdicts: dict[str, Verdict]
    status: Status
    folded: tuple[RuleFinding, ...] = ()
    answers: tuple[Answer, ...] = ()
    applicable: int = 0
    deselected: int = 0

    @property
    def run(self) -> Run:
        return self.view.run

    @property
    def judged(self) -> int:
        """Number of rules that could decide."""
        return sum(verdict.outcome in ("clear", "fired") for verdict in self.verdicts.values())

    @cached_property
    def headline(self) -> Headline | None:
        """The main metric of the run: its best and its final value."""
        return headline_of(self.view)
