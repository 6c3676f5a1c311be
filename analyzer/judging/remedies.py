"""Remedies of one report do not contradict each other: what the earlier finding recommends prevails."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from .judgement import RuleFinding

# What can be turned either way, and the words for both; a remedy that names both ways is a search, not a direction.
OPPOSITES: dict[str, tuple[re.Pattern[str], re.Pattern[str]]] = {
    "learning rate": (
        re.compile(r"\blower the learning rate|\blearning rate [\d.]+( to [\d.]+)? times lower|\blower learning rate"),
        re.compile(r"\braise the learning rate|\blearning rate [\d.]+( to [\d.]+)? times higher"),
    ),
    "length of the training": (
        re.compile(r"\bstop (early|earlier|where)\b|\b(for|use) fewer epochs\b(?! per)|\bwas enough\b"),
        re.compile(r"\btrain longer\b"),
    ),
    "size of the model": (re.compile(r"\bsmaller model\b"), re.compile(r"\blarger model\b")),
    "regularisation": (
        re.compile(r"\b(weaken|weaker) (weight decay|regularisation|dropout)"),
        re.compile(r"\bregularise\b|\b(stronger|more) (weight decay|regularisation|dropout)"),
    ),
    "gradient clipping": (
        re.compile(r"\braise the clipping limit"),
        re.compile(r"\b(clip|lower the clipping limit of) (the )?gradient"),
    ),
    "batch size": (re.compile(r"\blower the batch size"), re.compile(r"\braise the batch size|\blarger batch\b")),
    "KL penalty": (re.compile(r"\blower the KL penalty"), re.compile(r"\braise the KL penalty")),
    "warm-up": (re.compile(r"\bshorten the warm-up"), re.compile(r"\blengthen the warm-up")),
}


def directions(remedy: str) -> dict[str, int]:
    """What a remedy turns, and which way, as an index into the pair of `OPPOSITES`."""
    found: dict[str, int] = {}
    for knob, ways in OPPOSITES.items():
        named = [way for way, words in enumerate(ways) if words.search(remedy)]
        if len(named) == 1:
            found[knob] = named[0]
    return found


def without_contradictions(found: Sequence[RuleFinding]) -> tuple[RuleFinding, ...]:
    """The findings without remedies that turn something against an earlier finding; the order is that of the report.

    A finding all of whose remedies contradict says which finding has to be treated first.
    """
    settled: dict[str, tuple[int, str]] = {}
    kept: list[RuleFinding] = []
    for each in found:
        against: dict[str, str] = {}
        for remedy in each.finding.remedies:
            for knob, way in directions(remedy).items():
                if knob in settled and settled[knob][0] != way:
                    against[remedy] = settled[knob][1]
        remedies = tuple(remedy for remedy in each.finding.remedies if remedy not in against)
        if against and not remedies:
            remedies = (
                f"treat {next(iter(against.values()))} first: its remedies are opposite to those of this finding",
            )
        if remedies and remedies[0].startswith("or "):
            remedies = (remedies[0].removeprefix("or "), *remedies[1:])
        for remedy in remedies:
            for knob, way in directions(remedy).items():
                settled.setdefault(knob, (way, each.rule.id))
        kept.append(replace(each, finding=replace(each.finding, remedies=remedies)))
    return tuple(kept)
