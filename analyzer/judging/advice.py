"""What to log next time so that more rules can run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...rules.base import AnyOf
from ..config.plugins import known_rules
from .logging_lines import LINES_OF_FACTS, lines_for

if TYPE_CHECKING:
    from collections.abc import Mapping

    from ...rules.base import Need
    from ...rules.view.run_view import RunView
    from .judgement import Verdict


@dataclass(frozen=True, slots=True)
class Advice:
    """A missing quantity, the rules that need it, and how to log it as (framework, line), the framework of the run first."""

    what: str
    rules: list[str]
    lines: tuple[tuple[str, str], ...]


def advices_of(view: RunView, verdicts: Mapping[str, Verdict]) -> list[Advice]:
    """Quantities that rules need and the run does not log, by the number of rules; `verdicts` by rule id."""
    run = view.run
    waiting: dict[str, Advice] = {}

    def ask(what: str, rule: str, lines: tuple[tuple[str, str], ...]) -> None:
        advice = waiting.setdefault(what, Advice(what, [], _matching_first(lines, run.framework)))
        if rule not in advice.rules:
            advice.rules.append(rule)

    for rule in known_rules():
        verdict = verdicts.get(rule.id)
        if verdict is None or verdict.outcome != "not-applicable" or run.task in rule.excluded_tasks:
            continue
        if rule.facts and all(_is_met(need, view) for need in rule.resolved_needs):
            for fact in rule.facts:  # the curves are logged: the fact is missing
                if fact in LINES_OF_FACTS:
                    ask(fact, rule.id, LINES_OF_FACTS[fact])
            continue
        lacking = [each for need in rule.resolved_needs if not _is_met(need, view) for each in _alternatives(need)]
        for need in lacking:
            if need.role is not None:
                ask(str(need), rule.id, lines_for(need.role, need.split, is_layered=bool(need.layers)))
    return sorted(waiting.values(), key=lambda a: (-len(a.rules), a.what))


def shortages_of(verdicts: Mapping[str, Verdict]) -> dict[str, list[str]]:
    """Reasons for insufficient data, each with its rules."""
    waiting: dict[str, list[str]] = {}
    for rule, verdict in verdicts.items():
        if verdict.outcome == "insufficient-data":
            waiting.setdefault(verdict.reason, []).append(rule)
    return waiting


def _is_there(need: Need, view: RunView) -> bool:
    found = view.curves(need.role, need.split)
    return bool(found) and len({curve.layer for curve in found if curve.layer}) >= int(need.layers)


def _is_met(need: Need | AnyOf, view: RunView) -> bool:
    return any(_is_there(each, view) for each in _alternatives(need))


def _alternatives(need: Need | AnyOf) -> tuple[Need, ...]:
    return need.needs if isinstance(need, AnyOf) else (need,)


def _matching_first(lines: tuple[tuple[str, str], ...], framework: str | None) -> tuple[tuple[str, str], ...]:
    """The lines, that of the framework which wrote the log first."""
    wanted = _letters(framework or "").replace("transformers", "huggingface")
    return tuple(sorted(lines, key=lambda line: not wanted or _letters(line[0]) not in wanted))


def _letters(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalpha())
