"""What a rule is, what it may find, and how it says that it cannot tell."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..parsers.run import Role, Split, Task
    from .view.run_digest import Batch
    from .view.run_view import RunView

LimitsT = TypeVar("LimitsT")
# What no curve holds, and a rule may need all the same.
Fact = Literal["output of the process", "planned number of steps or epochs", "wall times", "a restart"]
Outcome = Literal["fired", "clear", "insufficient-data", "not-applicable", "failed", "switched-off"]
HEADINGS = ("What it finds", "Why it matters", "How it is detected", "When it is a false alarm", "What to do")


class Severity(IntEnum):
    """How much a finding should worry: an error is a fact or beyond doubt, never a task-dependent guess."""

    INFO = 1
    WARNING = 2
    ERROR = 3

    def __str__(self) -> str:
        return self.name.lower()


class NotApplicableError(Exception):
    """The question does not arise for this run; the text says why."""


class InsufficientDataError(Exception):
    """The log is too short or too noisy to tell; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class Need:
    """A quantity that a rule reads.

    Attributes:
        role: role of the curve; None means a curve of any role.
        split: its split; None means any. "validation" is also met by a test curve where there is no validation.
        points: finite points from which the rule can decide; fewer is insufficient data. A text names the threshold
            that says so.
        layers: number of different layers, or the name of the threshold that says so; 0 where layers do not matter.

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

    def settled(self, limits: Any) -> Need:
        """The same need with the numbers that its thresholds have."""
        points, layers = (getattr(limits, n) if isinstance(n, str) else n for n in (self.points, self.layers))
        return replace(self, points=points, layers=layers)


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Quantities any one of which is enough for a rule."""

    needs: tuple[Need, ...]

    def __str__(self) -> str:
        return " or ".join(map(str, self.needs))


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule found in one run.

    Attributes:
        message: one sentence with the numbers that carry the verdict.
        confidence: probability that an expert who saw the run would agree, 0 to 1.
        metric: name of the curve the evidence stands in.
        steps: first and last step of the evidence.
        evidence: named numbers, units in the names where they have one.
        severity: None takes the rule's.
        remedies: what to do, most useful first; concrete, in the imperative.
        cited: steps that the text speaks of; the chart never drops them.

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
    """What a rule found by comparing runs.

    Attributes:
        message: one sentence with the numbers that carry the verdict.
        confidence: probability that an expert who saw the runs would agree, 0 to 1.
        runs: names of the runs it is about, the one it speaks of first.
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
    """What the text of a rule says."""

    __slots__ = ()
    doc: str

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
        id: kebab-case noun of the failing state; the file has the same name with underscores.
        family: the folder, kebab-case.
        severity: of its findings, unless a finding says otherwise.
        needs: what must be logged, all of it, of an `AnyOf` one; without it the outcome is not-applicable.
        since: version that brought it.
        title: the sentence when all is well; `failure_title` when not.
        doc: the file's docstring, with `HEADINGS`.
        check: yields findings; may raise the two errors above, and nothing else knowingly.
        limits: its thresholds, a frozen dataclass made of `thresholds.limit`.
        reads: what it also looks at where it is logged; with `needs`, all that it may ask the view for.
        facts: what must be known beside the curves; crash rules, which have no `needs`, read nothing else.
        excluded_tasks: tasks in which what the rule looks for is normal; it is not applied there.
        yields_to: ids of rules that say the same more precisely: where one of them fired, the findings of this rule are
            folded into it, whatever their severities.
        causes: ids of rules whose findings would explain one of this rule, most likely first.
        judges_training: whether it says how the training went. Only such rules can make a run clear: that no number is
            NaN, or that the log is complete, is not yet a healthy training.
        judges_whole_log: whether it asks how the log ends or whether it is whole, which cannot be asked of its beginning.
        suits_boosting: whether it holds for boosted trees, which have rounds and no updates.
        judges_end: whether it judges how the run ended; where the end of a log was not read, it does not run.
        needs_all_rows: whether it compares neighbouring rows of the log; where some were left out, it does not run.

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
    causes: tuple[str, ...] = ()
    judges_training: bool = False
    judges_whole_log: bool = False
    suits_boosting: bool = False
    judges_end: bool = False
    needs_all_rows: bool = False

    @property
    def needed(self) -> str:
        """What must be logged, in words."""
        return "; ".join((*map(str, self.settled_needs), *self.facts)) or "a log"

    @property
    def settled_needs(self) -> tuple[Need | AnyOf, ...]:
        """The needs with the numbers of the thresholds."""
        return tuple(
            AnyOf(tuple(each.settled(self.limits) for each in need.needs))
            if isinstance(need, AnyOf)
            else need.settled(self.limits)
            for need in self.needs
        )

    @property
    def all_needs(self) -> tuple[Need, ...]:
        """The needs one by one, alternatives among them, with the numbers of the thresholds."""
        return tuple(
            each for need in self.settled_needs for each in (need.needs if isinstance(need, AnyOf) else (need,))
        )


@dataclass(frozen=True, slots=True)
class BatchRule(_Documented, Generic[LimitsT]):
    """One thing that only a look at several runs can tell; the attributes are those of `Rule`.

    Attributes:
        check: is given all runs of an audit, and yields what it found between them.

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
        """What must be there, in words."""
        return "several runs"
