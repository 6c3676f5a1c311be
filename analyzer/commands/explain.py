"""The commands `rules` and `explain`: the documentation in the rule files."""

from __future__ import annotations

from functools import partial

import click

from ..config.plugins import all_rules
from ..explain_text import explain_text, rule_of
from .options import usage_errors


def list_rules() -> None:
    """Print every rule with its family, severity and summary."""
    for rule in all_rules():
        click.echo(f"{rule.id:<22} {rule.family:<15} {rule.severity!s:<8} {rule.summary}")


def explain_rule(name: str) -> None:
    """Print the documentation of a rule.

    Raises:
        click.UsageError: no rule has this id.

    """
    with usage_errors():
        click.echo(explain_text(rule_of(name), partial(click.style, bold=True)))
