"""A comparison as lines of text for the terminal, and as Markdown for a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..report.entries import sentence_of_insight
from ..report.verdict_text import clipped, number, plural
from ..studies.hyperparameter_columns import level_text
from .marks import code, text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from ..report.compare_schema import ComparisonDocument, ManyComparisons
    from ..report.insights_schema import InsightEntry
    from ..report.studies_schema import Setting, StudyEntry

MAX_SETTINGS = 30
MAX_RULES = 12
MAX_STUDIES = 8
MAX_CONFIGURATIONS = 12  # of a study, the best ones
NAME, VALUE = 60, 40  # characters


def comparison_lines(document: ManyComparisons) -> Iterator[str]:
    """The comparison for a terminal; names from logs are not yet made safe for it."""
    for number_, each in enumerate(document.get("comparisons") or [document]):
        if number_:
            yield ""
        yield from _lines(each)


def _lines(document: ComparisonDocument) -> Iterator[str]:
    yield document["sentence"]
    rows = list(facts_of(document))
    if rows:
        heads = ("", f"A: {document['A']}", f"B: {document['B']}")
        widths = [min(VALUE, max(len(clipped(row[i], VALUE)) for row in [heads, *rows])) for i in range(2)]
        for row in [heads, *rows]:
            cells = [clipped(cell, VALUE) for cell in row]
            yield f"  {cells[0]:<{widths[0]}}  {cells[1]:<{widths[1]}}  {cells[2]}".rstrip()
    for check in document.get("checks", []):
        yield f"  {check['verdict'].replace('-', ' '):<12} {check['sentence']}"


def facts_of(document: ComparisonDocument) -> Iterator[tuple[str, str, str]]:
    """What differs, settings first: label, value in A, value in B."""
    for name, pair in list(document["hyperparameters"].items())[:MAX_SETTINGS]:
        yield clipped(name, NAME), *_values(pair)
    if len(document["hyperparameters"]) > MAX_SETTINGS:
        yield f"and {len(document['hyperparameters']) - MAX_SETTINGS} more settings", "", ""
    if document["schedule"]:
        for place, word in enumerate(("first", "largest", "last")):
            one, other = (document["schedule"][side][place] for side in "AB")
            if one != other:
                yield f"{word} learning rate", level_text(one), level_text(other)
    if document["length"]:
        yield f"last {document['axis']}", f"{document['length']['A']:,}", f"{document['length']['B']:,}"
    runs = document["runs"]
    yield (
        "runs",
        f"{len(runs['A']):,}{_failed(document['failures']['A'])}",
        f"{len(runs['B']):,}{_failed(document['failures']['B'])}",
    )
    if document["metric"]:
        values = document["values"]
        yield clipped(document["metric"], NAME), _spread(values["A"]), _spread(values["B"])
    only = document["findings_only_in"]
    if only["A"] or only["B"]:
        yield "findings in one only", _rules(only["A"]), _rules(only["B"])
    if document["incidental"]:
        names = ", ".join(clipped(name, 30) for name in list(document["incidental"])[:MAX_RULES])
        yield "also different", names, ""


def _values(pair: Sequence[Setting]) -> tuple[str, str]:
    return clipped(level_text(pair[0]), VALUE), clipped(level_text(pair[1]), VALUE)


def _failed(count: int) -> str:
    return f", {count:,} failed" if count else ""


def _spread(values: Sequence[float]) -> str:
    if not values:
        return "none"
    mean = sum(values) / len(values)
    return number(mean) if len(values) == 1 else f"{number(mean)} ({number(min(values))} to {number(max(values))})"


def _rules(rules: Sequence[str]) -> str:
    more = f" and {len(rules) - MAX_RULES} more" if len(rules) > MAX_RULES else ""
    return (", ".join(rules[:MAX_RULES]) or "none") + more


def comparison_markdown(document: ManyComparisons) -> str:
    """The comparison for a pull request."""
    parts = ["# trainlint compare\n"]
    for each in document.get("comparisons") or [document]:
        verdict = each.get("gate") or each["verdict"]
        parts.append(f"\n**{verdict.replace('-', ' ').capitalize()}.** {text(each['sentence'], 1200)}\n")
        parts.append(f"\n|   | A: {_cell(each['A'])} | B: {_cell(each['B'])} |\n| --- | --- | --- |\n")
        parts += [f"| {text(label, 80)} | {_cell(one)} | {_cell(other)} |\n" for label, one, other in facts_of(each)]
        checks = each.get("checks", [])
        if checks:
            parts.append(f"\n{plural(len(checks), 'check')}:\n\n")
            parts += [f"- **{check['verdict'].replace('-', ' ')}** {text(check['sentence'])}\n" for check in checks]
    return "".join(parts)


def studies_markdown(studies: Sequence[StudyEntry], insights: Sequence[InsightEntry] = ()) -> str:
    """Studies in short form: the best configurations, one sentence per hyperparameter, and findings that go with one."""
    if not studies:
        return "There is no study: no two runs have the same metric and differ in settings or seeds.\n"
    parts = []
    for place, study in enumerate(studies[:MAX_STUDIES]):
        counts = f"{plural(len(study['runs']), 'run')} in {plural(len(study['configurations']), 'configuration')}"
        parts.append(f"\n## {code(study['metric'])}, {counts}\n\n")
        for each in study["configurations"][:MAX_CONFIGURATIONS]:
            pairs = ", ".join(f"{name} {level_text(value)}" for name, value in each["hyperparameters"].items())
            median = "none" if each["median"] is None else number(each["median"])
            failed = f", {each['failures']} failed" if each["failures"] else ""
            parts.append(
                f"- {code(pairs or 'all runs', 200)}: median {median} of {plural(len(each['runs']), 'run')}{failed}\n"
            )
        left = len(study["configurations"]) - MAX_CONFIGURATIONS
        parts += [f"- and {left:,} more configurations\n"] if left > 0 else []
        parts += [
            f"- **{effect['verdict']}** {text(effect['sentence'])}\n" for effect in study["effects"][:MAX_SETTINGS]
        ]
        with_findings = [found for found in insights if found["study"] == place][:MAX_SETTINGS]
        parts += [f"- **finding** {text(sentence_of_insight(found))}\n" for found in with_findings]
    return "".join(parts)


def _cell(value: str) -> str:
    return code(value, 80).replace("|", "\\|") if value else ""
