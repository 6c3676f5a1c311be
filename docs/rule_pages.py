"""Generate the documentation page of every rule with its pictures, and their index, from the rules."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, Any

import rule_pictures

from trainlint.rules.accuracy import accuracy_of
from trainlint.rules.base import HEADINGS, Rule
from trainlint.rules.registry import ALL_RULES
from trainlint.rules.thresholds import thresholds_of

if TYPE_CHECKING:
    from pathlib import Path

    from trainlint.rules.base import BatchRule

ACCURACY_LINK = "[How this was measured](../accuracy.md)."


def write(folder: Path) -> None:
    """Write a folder of Markdown files, one per rule, and `index.md`, with SVG files; those of removed rules are deleted."""
    folder.mkdir(exist_ok=True)
    pages = {f"{rule.id}.md": page(rule) for rule in ALL_RULES} | {"index.md": index()}
    for rule in ALL_RULES:
        pages |= {f"{rule.id}-{kind}.svg": svg for kind, svg in _pictures(rule).items() if svg}
    for stale in {path.name for path in folder.iterdir() if path.suffix in (".md", ".svg")} - pages.keys():
        (folder / stale).unlink()
    for name, text in pages.items():
        (folder / name).write_text(text, encoding="utf-8")


def page(rule: Rule[Any] | BatchRule[Any]) -> str:
    """One rule: its needs, its text under the fixed headings, its thresholds."""
    facts = f"Family {rule.family}, severity {rule.severity}, needs {rule.needed}, since {rule.since}."
    if isinstance(rule, Rule) and rule.excluded_tasks:
        facts += f" Not applied to: {', '.join(rule.excluded_tasks)}."
    sections = [f"## {heading}\n\n{rule.section(heading)}" for heading in HEADINGS]
    if _pictures(rule)["power"]:
        shares = f"![Share of planted faults found by {rule.id}, by their size]({rule.id}-power.svg)"
        rates = [shares, "Shares with 95% intervals, on simulated runs.", *accuracy_of(rule)]
    else:
        rates = accuracy_of(rule)
    accuracy = "\n\n".join(["## Accuracy", *rates, ACCURACY_LINK])
    parts = [f"# {rule.id}", rule.summary, facts, *_example(rule), *sections, accuracy, *_thresholds(rule)]
    return "\n\n".join(parts) + "\n"


def _pictures(rule: Rule[Any] | BatchRule[Any]) -> dict[str, str]:
    """The pictures of a page by kind, each an SVG or empty."""
    example = rule_pictures.examples().get(rule.id)
    power = rule_pictures.power(rule) if isinstance(rule, Rule) else ""
    return {"finding": example.svg if example else "", "power": power}


def _example(rule: Rule[Any] | BatchRule[Any]) -> list[str]:
    """A finding of the rule: the picture, and what the report says."""
    example = rule_pictures.examples().get(rule.id)
    if example is None:
        return []
    picture = [f"![A finding of {rule.id} on its curves]({rule.id}-finding.svg)"] if example.svg else []
    said = f"The report on this {example.source} ({example.severity}, confidence {example.confidence:.2f}):"
    return ["## Example", *picture, said, f"> {_escaped(example.message)}"]


def _escaped(text: str) -> str:
    """Text without meaning in Markdown: names in a log may have underscores, stars or brackets."""
    return re.sub(r"([\\`*_\[\]<>#|~$])", r"\\\1", text)


def _thresholds(rule: Rule[Any] | BatchRule[Any]) -> list[str]:
    rows = [
        "| "
        + " | ".join(cell.replace("|", "&#124;") for cell in (f"`{t.name}`", t.shown(), t.unit, t.reason, t.source))
        + " |"
        for t in thresholds_of(rule).values()
    ]
    table = "\n".join(["| Name | Default | Unit | Reason | Source |", "|---|---|---|---|---|", *rows])
    introduction = f"Set them in the [configuration file](../configuration.md) under `[rules.{rule.id}]`."
    return ["## Thresholds", introduction, table] if rows else []


def index() -> str:
    """All rules by family."""
    severities = "An *error* is established beyond reasonable doubt, a *warning* needs review, an *info* adds context."
    parts = ["# Rules", severities]
    for family, rules in groupby(ALL_RULES, key=lambda rule: rule.family):
        rows = [f"| [{rule.id}]({rule.id}.md) | {rule.severity} | {rule.summary} |" for rule in rules]
        parts.append("\n".join([f"## {family}", "", "| Rule | Severity | What it finds |", "|---|---|---|", *rows]))
    entries = "\n".join(rule.id for rule in ALL_RULES)
    parts.append(f"```{{toctree}}\n:hidden:\n\n{entries}\n```")
    return "\n\n".join(parts) + "\n"
