"""Named trainings: a task, a recipe, and what must and what may be found in their logs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .loggers import LOGGERS, NAMINGS

if TYPE_CHECKING:
    from .recipe import GameRecipe, PolicyRecipe, Recipe

MACHINE = frozenset(
    ("slowdown", "step-time-outliers", "stall")
)  # of a machine that is shared: true, and no fault of a training
EVERY_STEP = ("events", "csv", "json", "text")  # formats that keep what was logged within an epoch


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One training, to be done with several seeds.

    Attributes:
        task: name of a task of the trainer.
        need: groups of rules; of each at least one has to find something. None in a sound training.
        may: rules that may find something as well, since it is there.
        loggers: formats that hold what is needed; the seed chooses among them.

    """

    name: str
    task: str
    recipe: Recipe | GameRecipe | PolicyRecipe
    need: tuple[tuple[str, ...], ...] = ()
    may: frozenset[str] = field(default_factory=frozenset)
    loggers: tuple[str, ...] = EVERY_STEP

    def place(self, seed: int) -> str:
        """Folder of the run of a seed."""
        return f"{self.name}-s{seed}"

    def form(self, index: int, seed: int) -> tuple[str, str]:
        """Format and naming of the run of a seed; neighbours in the list and seeds get different ones."""
        namings = [name for name in NAMINGS if self.task not in ("ring", "grid") or name != "keras"]
        return self.loggers[(index + seed) % len(self.loggers)], namings[(index + 2 * seed) % len(namings)]

    def label(self) -> dict[str, list[list[str]] | list[str]]:
        """What stands in labels.json."""
        return {"need": [list(group) for group in self.need], "may": sorted(self.may | MACHINE)}


def check(plans: tuple[Plan, ...]) -> None:
    """Raise ValueError if a name comes twice or a format does not exist."""
    names = [plan.name for plan in plans]
    if len(set(names)) < len(names):
        raise ValueError(f"twice: {sorted({name for name in names if names.count(name) > 1})}")
    unknown = {logger for plan in plans for logger in plan.loggers} - LOGGERS.keys()
    if unknown:
        raise ValueError(f"no such formats: {sorted(unknown)}")
