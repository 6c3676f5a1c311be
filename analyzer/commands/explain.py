"""The commands `rules` and `explain`: the documentation that stands in the rule files."""

from __future__ import annotations

from typing import Any

import click

from ...rules.accuracy import accuracy_of
from ...rules.base import HEADINGS, BatchRule, Rule
from ...rules.thresholds import thresholds_of
from ..config.plugins import all_rules
from ..config.selection import did_you_mean

ACCURACY = "Accuracy"


def list_rules() -> None:
    """Print every rule with family, severity and what it finds."""
    for rule in all_rules():
        click.echo(f"{rule.id:<22} {rule.family:<15} {rule.severity!s:<8} {rule.summary}")


def explain_rule(name: str) -> None:
    """Print the documentation of a rule.

    Raises:
        click.UsageError: there is no such rule.

    """
    try:
        rule = rule_of(name)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    click.echo(explanation(rule))


def rule_of(name: str) -> Rule[Any] | BatchRule[Any]:
    """The rule of an id.

    Raises:
        ValueError: there is no such rule.

    """
    rule = next((rule for rule in all_rules() if rule.id == name), None)
    if rule is None:
        raise ValueError(f"no rule is called {name!r}{did_you_mean(name, (rule.id for rule in all_rules()))}")
    return rule


def explained(name: str) -> str:
    """The page of the rule of an id, without colours.

    Raises:
        ValueError: there is no such rule.

    """
    return click.unstyle(explanation(rule_of(name)))


def explanation(rule: Rule[Any] | BatchRule[Any]) -> str:
    """The page of one rule as plain text."""
    lines = [click.style(rule.id, bold=True), rule.summary, ""]
    lines.append(f"family {rule.family} · severity {rule.severity} · needs {rule.needed} · since {rule.since}")
    for heading in HEADINGS:
        lines += ["", click.style(heading, bold=True), rule.section(heading)]
    lines += ["", click.style(ACCURACY, bold=True), *accuracy_of(rule)]
    thresholds = thresholds_of(rule).values()
    if thresholds:
        lines += ["", click.style(f"Thresholds, [rules.{rule.id}] in the configuration", bold=True)]
        lines += [f"{t.name} = {t.described}" for t in thresholds]
    return "\n".join(lines)
