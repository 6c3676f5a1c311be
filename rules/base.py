"""What a rule is, what it may find, and how it says that it cannot tell."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from ..parsers.run import Role, Split, Task
    from .batch import Batch
    from .view import RunView

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
    """A quantity that a rule cannot do without.

    Attributes:
        role: role of the curve.
        split: its split; None means any. "validation" is also met by a test curve where there is no validation.
        points: finite points from which the rule can decide; fewer is insufficient data.
        layers: number of different layers; 0 where layers do not matter.

    """

    role: Role
    split: Split | None = None
    points: int = 1
    layers: int = 0

    def __str__(self) -> str:
        words = [self.split if self.split not in (None, "none") else "", self.role.replace("-", " ")]
        text = " ".join(filter(None, words))
        return f"{text} of {self.layers} or more layers" if self.layers else text


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
        causes: ids of rules whose findings would explain this one, most likely first.
        remedies: what to do, most useful first; concrete, in the imperative.
        cited: steps that the text speaks of; the chart never drops them.

    """

    message: str
    confidence: float
    metric: str
    steps: tuple[int, int]
    evidence: dict[str, float] = field(default_factory=dict)
    severity: Severity | None = None
    causes: tuple[str, ...] = ()
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
class Rule(_Documented):
    """One pathology and how to find it.

    Attributes:
        id: kebab-case noun of the failing state; the file has the same name with underscores.
        family: the folder, kebab-case.
        severity: of its findings, unless a finding says otherwise.
        needs: what must be logged; without it the outcome is not-applicable.
        since: version that brought it.
        title: the sentence when all is well; `failure_title` when not.
        doc: the file's docstring, with `HEADINGS`.
        check: yields findings; may raise the two errors above, and nothing else knowingly.
        unsuited: tasks in which what the rule looks for is normal; it is not applied there.
        helped_by: quantities that the rule looks for by itself, because any one of several will do; where it did not
            apply, they are what to log next time.
        judges_end: it speaks of how the run ended; where the end of a log was not read, it does not run.
        needs_all_rows: it looks at neighbouring rows of the log; where some were left out, it does not run.

    """

    id: str
    family: str
    severity: Severity
    needs: tuple[Need, ...]
    since: str
    title: str
    failure_title: str
    doc: str
    check: Callable[[RunView], Iterator[Finding]]
    unsuited: tuple[Task, ...] = ()
    helped_by: tuple[Need, ...] = ()
    judges_end: bool = False
    needs_all_rows: bool = False

    @property
    def needed(self) -> str:
        """What must be logged, in words."""
        return "; ".join(map(str, self.needs)) or "any metric"


@dataclass(frozen=True, slots=True)
class BatchRule(_Documented):
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
    check: Callable[[Batch], Iterator[Comparison]]

    @property
    def needed(self) -> str:
        """What must be there, in words."""
        return "several runs"
