"""Types of rules, their findings, and the exceptions for runs that a rule cannot judge."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..parsers.run import Role, Split, Task
    from .view.run_view import RunView
    from .view.study import Batch

LimitsT = TypeVar("LimitsT")
# Facts that no curve contains, but that a rule may need.
Fact = Literal["output of the process", "planned number of steps or epochs", "wall times", "a restart"]
# What anyone asks of a training; a run is clear only if each of them was answered.
Question = Literal["learning", "stability", "generalization"]
Outcome = Literal["fired", "clear", "insufficient-data", "not-applicable", "failed", "switched-off"]
HEADINGS = ("What it finds", "Why it matters", "How it is detected", "When it is a false alarm", "What to do")


class Severity(IntEnum):
    """Severity of a finding: an error is established beyond reasonable doubt, never a task-dependent guess."""

    INFO = 1
    WARNING = 2
    ERROR = 3

    def __str__(self) -> str:
        return self.name.lower()


class NotApplicableError(Exception):
    """The rule does not apply to this run; the text gives the reason."""


class InsufficientDataError(Exception):
    """The log is too short or too noisy for a verdict; the text names the missing data."""


@dataclass(frozen=True, slots=True)
class Need:
    """A quantity that a rule reads.

    Attributes:
        role: role of the curve; None means a curve of any role.
        split: its split; None means any. "validation" is also met by a test curve where there is no validation.
        points: minimum number of finite points for a verdict; fewer is insufficient data. A string is the name of the
            threshold with this number.
        layers: number of different layers, or the name of the threshold with this number; 0 if layers do not matter.

    """

    role: Role | None
    split: Split | None = None
    points: int | str = 1
    layers: int | str = 0

    def __str__(self) -> str:
        role = "metric" if self.role is None else self.role.replace("-", " ")
        words = [self.split if self.split not in (None, "none") else "", role]
        text = " ".join(filter(None, words))
        if self.layers == 1:
            return f"{text} per layer"
        return f"{text} of {self.layers} or more layers" if self.layers else text

    def with_limits(self, limits: Any) -> Need:
        """The same need with the numbers of its thresholds."""
        points = getattr(limits, self.points) if isinstance(self.points, str) else self.points
        layers = getattr(limits, self.layers) if isinstance(self.layers, str) else self.layers
        return Need(self.role, self.split, points, layers)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Alternative quantities; one of them is enough for a rule."""

    needs: tuple[Need, ...]

    def __str__(self) -> str:
        return " or ".join(map(str, self.needs))


@dataclass(frozen=True, slots=True)
class Finding:
    """A finding of a rule in one run.

    Attributes:
        message: one sentence with the numbers behind the verdict.
        confidence: prior probability that it is true, 0 to 1, whatever the degree of the evidence; `rules/confidence.py`
            makes of it what reports state.
        metric: name of the curve with the evidence.
        steps: first and last step of the evidence.
        evidence: named numbers, units in the names where they have one.
        severity: None takes the rule's.
        remedies: recommended actions, most useful first; concrete, in the imperative.
        cited: steps mentioned in the message; the chart never drops them.

    """

    message: str
    confidence: float
    metric: str
    steps: tuple[int, int]
    evidence: dict[str, float] = field(default_factory=dict)
    severity: Severity | None = None
    remedies: tuple[str, ...] = ()
    cited: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """A finding of a rule that compares runs.

    Attributes:
        message: one sentence with the numbers that carry the verdict.
        confidence: probability that an expert who saw the runs would agree, 0 to 1.
        runs: names of the runs concerned, the main one first.
        evidence: named numbers, units in the names where they have one.
        severity: None takes the rule's.
        remedies: what to do, most useful first; concrete, in the imperative.

    """

    message: str
    confidence: float
    runs: tuple[str, ...]
    evidence: dict[str, float] = field(default_factory=dict)
    severity: Severity | None = None
    remedies: tuple[str, ...] = ()


class _Documented:
    """Access to the documentation of a rule."""

    __slots__ = ()
    id: str
    family: str
    doc: str
    formerly: str = ""

    @property
    def names(self) -> frozenset[str]:
        """What users may call it: its id, its family, and the id of the rule that it was a part of."""
        return frozenset({self.id, self.family, self.formerly} - {""})

    def section(self, heading: str) -> str:
        """The text under one of the fixed headings of the docstring."""
        _, _, rest = self.doc.partition(f"## {heading}\n")
        return rest.partition("\n## ")[0].strip()

    @property
    def summary(self) -> str:
        """The first line of the docstring."""
        return self.doc.strip().partition("\n")[0]


@dataclass(frozen=True, slots=True)
class Rule(_Documented, Generic[LimitsT]):
    """One pathology and how to find it.

    Attributes:
        id: kebab-case noun for the failing state; the file has the same name with underscores.
        family: the folder, kebab-case.
        severity: of its findings, unless a finding says otherwise.
        needs: quantities that must all be logged (one of each `AnyOf`); otherwise the outcome is not-applicable.
        since: version that introduced it.
        title: a sentence for the healthy state; `failure_title` for the faulty one.
        doc: the file's docstring, with `HEADINGS`.
        check: yields findings; may raise the two errors above, and nothing else knowingly.
        limits: its thresholds, a frozen dataclass made of `thresholds.limit`.
        reads: optional quantities that it also uses if logged; `needs` and `reads` are all that it may access through
            the view.
        facts: facts needed in addition to curves; crash rules, which have no `needs`, use nothing else.
        excluded_tasks: tasks in which the pathology is normal; the rule is not applied there.
        yields_to: ids of rules that say the same more precisely: where one of them found something at least as severe,
            the findings of this rule are folded into it.
        formerly: id of the rule that this one was a part of; users may still write it, for all its parts.
        causes: ids of rules whose findings would explain one of this rule, most likely first.
        answers: questions that are answered where this rule fired or is clear: does the model learn, does the training stay
            stable, does the model generalize. Other rules make no run clear: finite numbers or a complete log do not imply
            a healthy run.
        judges_whole_log: whether it judges the end or the completeness of the log, so it cannot be applied to a prefix.
        suits_boosting: whether it applies to boosted trees, which have rounds instead of updates.
        judges_end: whether it judges the end of the run; it does not run if the end of a log was not read.
        needs_all_rows: whether it compares neighbouring rows of the log; it does not run if rows were omitted.
        needs_all_values: whether its clear claims that no value is wrong; where a part of the log was not read, it may find
            something, but it is not clear.

    """

    id: str
    family: str
    severity: Severity
    needs: tuple[Need | AnyOf, ...]
    since: str
    title: str
    failure_title: str
    doc: str
    check: Callable[[RunView, LimitsT], Iterator[Finding]]
    limits: LimitsT
    reads: tuple[Need, ...] = ()
    facts: tuple[Fact, ...] = ()
    excluded_tasks: tuple[Task, ...] = ()
    yields_to: tuple[str, ...] = ()
    formerly: str = ""
    causes: tuple[str, ...] = ()
    answers: tuple[Question, ...] = ()
    judges_whole_log: bool = False
    suits_boosting: bool = False
    judges_end: bool = False
    needs_all_rows: bool = False
    needs_all_values: bool = False

    @property
    def needed(self) -> str:
        """The needs as text."""
        return "; ".join((*map(str, self.resolved_needs), *self.facts)) or "a log"

    @property
    def resolved_needs(self) -> tuple[Need | AnyOf, ...]:
        """The needs with the numbers of the thresholds."""
        return tuple(
            AnyOf(tuple(each.with_limits(self.limits) for each in need.needs))
            if isinstance(need, AnyOf)
            else need.with_limits(self.limits)
            for need in self.needs
        )

    @property
    def all_needs(self) -> tuple[Need, ...]:
        """The needs one by one, alternatives among them, with the numbers of the thresholds."""
        return tuple(
            each for need in self.resolved_needs for each in (need.needs if isinstance(need, AnyOf) else (need,))
        )


@dataclass(frozen=True, slots=True)
class BatchRule(_Documented, Generic[LimitsT]):
    """A rule that compares several runs; the attributes are those of `Rule`.

    Attributes:
        check: takes all runs of an audit and yields comparisons.

    """

    id: str
    family: str
    severity: Severity
    since: str
    title: str
    failure_title: str
    doc: str
    check: Callable[[Batch, LimitsT], Iterator[Comparison]]
    limits: LimitsT

    @property
    def needed(self) -> str:
        """The needs as text."""
        return "several runs"
