"""The judgement of a run: verdicts, findings ordered by cause, and a status."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from .headline import headline_of

if TYPE_CHECKING:
    from ...parsers.run import Run
    from ...rules.base import Finding, Outcome, Question, Rule, Severity
    from ...rules.view.run_view import RunView
    from .headline import Headline
    from .onset import Onset

Status = Literal["error", "warning", "info", "clear", "not-checked", "unreadable"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """Outcome of one rule on one run, with the reason if there is one."""

    outcome: Outcome
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of one question.

    Attributes:
        question: what was asked.
        outcome: "fired" if a rule that answers it found something, "clear" if one looked and none found anything, "open"
            if none could look.
        reason: why it is open; "" otherwise.

    """

    question: Question
    outcome: Literal["fired", "clear", "open"]
    reason: str = ""


@dataclass(frozen=True, slots=True)
class RuleFinding:
    """A finding with the rule that made it.

    Attributes:
        caused_by: id of the rule whose finding explains this one, "" if none does.
        detectable_from: earliest step of detection; None if it was not determined.
        is_accepted: whether the baseline accepts it; None without a baseline.
        folded_into: id of the rule whose finding replaces it, "" if none does.
        calibrated: probability that it is true; None before calibration.
        cause_confidence: probability that it is true and names the fault; None before the findings were ordered.

    """

    rule: Rule[Any]
    finding: Finding
    caused_by: str = ""
    detectable_from: Onset | None = None
    is_accepted: bool | None = None
    folded_into: str = ""
    calibrated: float | None = None
    cause_confidence: float | None = None

    @property
    def confidence(self) -> float:
        """Probability that the finding is true; without calibration what the rule states."""
        return self.finding.confidence if self.calibrated is None else self.calibrated

    @property
    def severity(self) -> Severity:
        return self.finding.severity or self.rule.severity


@dataclass(frozen=True, eq=False)  # without slots, because of the cached property
class Judgement:
    """All verdicts on one run.

    Attributes:
        view: the run as the rules saw it.
        findings: in the order of `story.ordered_by_cause`: the first cause of the worst finding, then its consequences.
        verdicts: by rule id, in registry order; that of a rule whose findings were folded is `fired`.
        folded: findings that the finding of another rule replaces; not among `findings`.
        status: the worst severity found; `clear` only if every question was answered and no rule failed.
        answers: the outcome of each question that was asked.
        applicable: number of selected rules that apply to the task.
        deselected: number of rules that were not selected; `clear` does not cover them.

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
        """The main metric of the run with its best and final value."""
        return headline_of(self.view)
