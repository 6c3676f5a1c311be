"""Planted faults: each changes a healthy run as the fault would, more or less by a severity from 0 to 1.

A fault belongs to the rule that is meant to find it, by its id; one whose rule is not registered is passed over. What a
severity means is said beside each fault. Sizes are those of real faults, from just visible to gross, not those of a
rule's thresholds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from .healthy import FAMILIES, generator

if TYPE_CHECKING:
    from collections.abc import Callable

    from trainlint.parsers.run import Run

    from .draft import Draft

SEVERITIES = {"mild": 0.25, "moderate": 0.5, "gross": 1.0}
CLASSIFIERS = (
    "white-noise", "ar-0.6", "ar-0.9", "heavy-tails", "heteroscedastic", "running-mean", "step-decay", "cosine-warm-up",
    "tiny-validation-set", "class-imbalance",
)  # fmt: skip
_BY_NAME = {family.name: family for family in FAMILIES}


@dataclass(frozen=True, slots=True)
class Fault:
    """One way in which something goes wrong.

    Attributes:
        rule: id of the rule that is meant to find it.
        name: of the function that plants it, kebab-case.
        plant: changes a draft; the second argument is the severity, 0 to 1.
        families: names of healthy families into which it is planted, one of them by chance.

    """

    rule: str
    name: str
    plant: Callable[[Draft, float], None]
    families: tuple[str, ...]

    def run(self, seed: int, severity: float) -> Run:
        rng = generator(self.name, seed)
        family = _BY_NAME[self.families[rng.integers(len(self.families))]]
        draft = family.make(rng)
        self.plant(draft, severity)
        return draft.finish(f"{self.name}/{severity:g}/{seed}")


FAULTS: list[Fault] = []


def fault(rule: str, *families: str) -> Callable[[Callable[[Draft, float], None]], Callable[[Draft, float], None]]:
    """Register a function that plants a fault for a rule, into runs of these families (classifiers by default)."""

    def register(plant: Callable[[Draft, float], None]) -> Callable[[Draft, float], None]:
        FAULTS.append(Fault(rule, plant.__name__.replace("_", "-"), plant, families or CLASSIFIERS))
        return plant

    return register
