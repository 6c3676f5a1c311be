"""The role of a quantity by the words of its tag, the split left out: which words name a loss, a score, a rate.

The last word that says what a thing is (its head) goes before the words that describe it: a `loss weight` is a weight,
a `noise scale` is no norm. Words themselves are data, in `vocabulary`, and `judges` look for them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from ..run import Role
from . import vocabulary as known
from .judges import answer_of
from .terms import opponents_of, read_terms, without_number
from .words import FILLERS

if TYPE_CHECKING:
    from ..run import Direction
    from .terms import Answer, Terms

# A tag that is the name of a role, such as `clip_fraction`, has that role; single words are judged among others below.
_NAMES_OF_ROLES: dict[str, Role] = {role.replace("-", " "): role for role in get_args(Role) if "-" in role}
_HIGHER_ROLES = frozenset({"explained-variance", "reward-margin"})
_JUDGED = frozenset({"loss", "score", "perplexity", "reward"})


def role_of(words: list[str]) -> tuple[Role, Direction, str]:
    """Role and direction by words; a spread of a metric over episodes or devices is not the metric."""
    said = read_terms(words)
    role, direction, reason = answer_of(said)
    named = _NAMES_OF_ROLES.get(" ".join(words), role)
    if role == "unknown":
        named = _NAMES_OF_ROLES.get(" ".join(words[-2:]), role)  # "policy/clip/fraction"
    if named != role:
        return named, "higher" if named in _HIGHER_ROLES else "unknown", f"words: {' '.join(words)}"
    if role in _JUDGED and (answer := _is_no_measure(said, role)):
        return answer
    return role, direction, reason


def _is_no_measure(said: Terms, role: Role) -> Answer | None:
    """What a quantity is that has the name of a loss or score in it, but is none."""
    kinds = said.kinds
    if reference := kinds & known.REFERENCES - opponents_of(said.words):
        return "statistic", "unknown", f"the {role} of a {min(reference)}, not of the model"
    if role == "loss" and (extreme := kinds & {"min", "max"}):
        return "statistic", "unknown", f"the {min(extreme)} of losses, which is no mean"
    if extreme := kinds & known.EXTREMES:
        return "statistic", "unknown", f"the {min(extreme)} {role} so far, which cannot get worse"
    return ("statistic", "unknown", f"the spread of a {role}") if kinds & known.SPREADS else None


def is_part_of_loss(words: list[str]) -> bool:
    """Whether the words name a part of a loss without the word loss, as `box_om`, `recon` or `depth_l1`."""
    rest = [word for word in words if word not in FILLERS and not word.isdigit()]
    stems = [without_number(word) for word in rest]
    if rest and rest[-1] in known.DIFFERENCES:
        return not known.OF_NETWORK & set(rest)
    others = known.LOSS_PARTS | known.VARIANTS
    return bool(stems) and stems[0] in known.LOSS_PARTS and all(stem in others for stem in stems)
