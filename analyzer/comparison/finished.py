"""A comparison that is done: what it says, and the runs it speaks of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..report.compare_schema import ComparisonDocument, ManyComparisons
    from ..report.schema import FileEntry
    from .run_groups import RunGroup


@dataclass(frozen=True, slots=True)
class FinishedComparison:
    """A comparison.

    Attributes:
        document: as `--format json` prints it.
        groups: the groups of runs in the order of the inputs; the first is the reference.
        unreadable: files that could not be read.

    """

    document: ManyComparisons
    groups: list[RunGroup]
    unreadable: list[FileEntry]

    @property
    def comparisons(self) -> list[ComparisonDocument]:
        """Each of the other groups against the first."""
        return self.document.get("comparisons") or [self.document]

    @property
    def is_empty(self) -> bool:
        """Whether a group has no run that could be compared."""
        return not all(any(run.outcomes or run.failure for run in group.runs) for group in self.groups)
