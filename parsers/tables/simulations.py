"""Simulations of physics: their tables count steps as trainings do, but what they hold is not learnt.

Evidence is that several thermodynamic quantities stand together while no word speaks of a loss, an epoch or a score: the
training of a model of molecules names its losses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..meaning.metric_names import is_metric_name
from ..meaning.words import words_of

if TYPE_CHECKING:
    from collections.abc import Iterable

# A model may predict a temperature and a pressure, or have a temperature and an energy; state logs hold four to eight.
MIN_QUANTITIES = 3
REASON = "a simulation, not a training: it logs {}, and nothing that is learnt"

_QUANTITIES = {
    "temp": "temperature", "temperature": "temperature", "press": "pressure", "pressure": "pressure", "volume": "volume",
    "density": "density", "enthalpy": "enthalpy", "kinetic": "kinetic energy", "potential": "potential energy",
    "toteng": "total energy", "etotal": "total energy", "virial": "virial",
}  # fmt: skip
_LEARNING = frozenset(
    "epoch epochs train training trainer val valid validation test learning optimizer batch gradient episode policy".split()
)


def refusal_of_names(names: Iterable[str]) -> str:
    """Why a log with these names is no training: "" if it may be one."""
    found: dict[str, None] = {}
    for name in names:
        words = words_of(name)
        if is_metric_name(name) or not _LEARNING.isdisjoint(words):
            return ""
        found |= dict.fromkeys(_QUANTITIES[word] for word in (*words, "".join(words)) if word in _QUANTITIES)
    return REASON.format(", ".join(found)) if len(found) >= MIN_QUANTITIES else ""
