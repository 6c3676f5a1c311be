"""The documentation of a rule as plain text, from its docstring."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..rules.accuracy import accuracy_of
from ..rules.base import HEADINGS, BatchRule, Rule
from ..rules.thresholds import thresholds_of
from .config.errors import UsageError
from .config.plugins import all_rules
from .config.selection import did_you_mean

if TYPE_CHECKING:
    from collections.abc import Callable

ACCURACY = "Accuracy"


def rule_of(name: str) -> Rule[Any] | BatchRule[Any]:
    """The rule with an id.

    Raises:
        UsageError: no rule has this id.

    """
    rule = next((rule for rule in all_rules() if rule.id == name), None)
    if rule is None:
        parts = [rule.id for rule in all_rules() if rule.formerly == name]
        if parts:
            raise UsageError(f"{name} was split into {', '.join(parts)}; explain one of these")
        raise UsageError(f"there is no rule {name!r}{did_you_mean(name, (rule.id for rule in all_rules()))}")
    return rule


def explain_text(rule: Rule[Any] | BatchRule[Any], heading: Callable[[str], str] = str) -> str:
    """The documentation of one rule; `heading` formats its headings, e.g. in bold."""
    lines = [heading(rule.id), rule.summary, ""]
    lines.append(f"family {rule.family} · severity {rule.severity} · needs {rule.needed} · since {rule.since}")
    for title in HEADINGS:
        lines += ["", heading(title), rule.section(title)]
    lines += ["", heading(ACCURACY), *accuracy_of(rule)]
    thresholds = thresholds_of(rule).values()
    if thresholds:
        lines += ["", heading(f"Thresholds, set under [rules.{rule.id}] in the configuration file")]
        lines += [f"{t.name} = {t.described}" for t in thresholds]
    return "\n".join(lines)
