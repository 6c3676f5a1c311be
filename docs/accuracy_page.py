"""The tables of accuracy.md, generated from the measured rates."""

from __future__ import annotations

import re
from typing import Any

from trainlint.rules.accuracy import NOT_MEASURED, is_stale, percent, with_interval
from trainlint.rules.base import Severity
from trainlint.rules.confidence import parameters
from trainlint.rules.registry import RULES

BOUNDS = (
    "Number of runs with a false alarm over all families, and the highest upper 95% limit of the rate in any one family. "
    "Families in which the rule can judge less than half as many runs as in its best family are excluded."
)
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"


def rewritten(page: str, measured: dict[str, Any]) -> str:
    """The page with its generated part replaced."""
    pattern = re.compile(f"{re.escape(BEGIN)}.*{re.escape(END)}", re.DOTALL)
    return pattern.sub(lambda _: f"{BEGIN}\n\n{tables(measured)}\n{END}", page)


def tables(measured: dict[str, Any]) -> str:
    """All tables as Markdown."""
    simulated = measured["simulated"]
    scope = (
        f"Version {measured['version']}, {simulated['runs_a_family']:,} healthy runs in each of {len(simulated['families'])} "
        f"families, {simulated['planted_a_severity']:,} runs per planted fault and severity."
    )
    parts = [
        scope,
        "### Rules",
        _table(
            ("Rule", "Faults found", "Mild, moderate, gross", "Labelled", "Fires on healthy runs", "Labelled healthy"),
            _rule_rows(measured),
        ),
        "### Healthy runs with a warning or an error, by family",
        _table(("Family", "Share", "Rules"), _family_rows(simulated["families"])),
    ]
    if bounds := _bound_rows(measured):
        heads = ("Rule", "Errors", "Upper limit", "Family", "Warnings and errors", "Upper limit", "Family")
        parts += ["### Upper limits of the false-alarm rates", BOUNDS, _table(heads, bounds)]
    if measured.get("noise"):
        parts += ["### False alarms by type of noise", *_noise(measured["noise"])]
    if measured["labelled"]:
        parts += ["### Labelled training runs", _labelled(measured["labelled"])]
    if measured.get("trained"):
        parts += ["### Own training runs", *_trained(measured["trained"])]
    rows = [_bin_row(each) for each in measured["reliability"]]
    parts += ["### Confidence", *_held_out(), _table(("Runs", "Stated", "Mean", "Findings", "Correct"), rows)]
    notes = [
        (f"`{rule}`", f"{c['stated']:.2f}", f"{c['right']:.2f} ({c['low']:.2f} to {c['high']:.2f})", c["note"])
        for rule, entry in measured["rules"].items()
        if (c := entry.get("confidence")) and c["note"]
    ]
    if notes:
        head = "Rules whose stated confidence lies outside the interval of the share of correct findings:"
        parts += [head, _table(("Rule", "Stated", "Correct", "Calibration"), notes)]
    return "\n\n".join(parts) + "\n"


def _held_out() -> list[str]:
    """The reliability of both confidences on runs that the parameters were not fitted to."""
    calibration = parameters()
    text = (
        f"Two confidences are stated: that a finding is true, and that it also names the fault. Both are fitted to "
        f"{calibration['source']}. This table was measured on the half of these runs that was held out from a fit to the "
        "other half:"
    )
    rows = [(each["source"], each["claim"], *_bin_row(each)[1:]) for each in calibration["held_out"]]
    after = "As counted with the rates above, over simulated runs with one fault and labelled ones:"
    return [text, _table(("Runs", "Claim", "Stated", "Mean", "Findings", "Correct"), rows), after]


def _table(heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [heads, ("---",) * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _rule_rows(measured: dict[str, Any]) -> list[tuple[str, ...]]:
    rows = []
    for rule in RULES:
        entry = measured["rules"].get(rule.id, {})
        found, alarms = entry.get("found", {}), entry.get("alarms", {})
        levels = [percent(found[s]["share"]) for s in ("mild", "moderate", "gross") if s in found]
        mark = "" if rule.severity > Severity.INFO else "*"
        if entry and is_stale(rule, entry.get("code")):
            mark += " (measured before the rule was last changed)"
        rows.append(
            (
                f"`{rule.id}`{mark}",
                with_interval(found["simulated"]) if "simulated" in found else NOT_MEASURED,
                ", ".join(levels),
                _count(found.get("labelled")),
                with_interval(alarms["simulated"]) if "simulated" in alarms else NOT_MEASURED,
                _count(alarms.get("labelled")),
            )
        )
    return rows


def _bound_rows(measured: dict[str, Any]) -> list[tuple[str, ...]]:
    """Rules whose rates on healthy runs were counted by severity, those with the highest limit for errors first."""
    rows = []
    for rule in RULES:
        alarms = measured["rules"].get(rule.id, {}).get("alarms", {})
        if "bounds" in alarms:
            error, alarm = alarms["bounds"]["error"], alarms["bounds"]["alarm"]
            cells = [
                (f"{all_of['hits']:,} of {all_of['runs']:,}", percent(bound["high"]), bound["family"])
                for all_of, bound in ((alarms["errors"], error), (alarms["simulated"], alarm))
            ]
            rows.append((error["high"], alarm["high"], (f"`{rule.id}`", *cells[0], *cells[1])))
    return [row for _, _, row in sorted(rows, key=lambda each: each[:2], reverse=True)]


def _noise(noise: dict[str, Any]) -> list[str]:
    families = noise["families"]
    rows, silent = [], 0.0
    for name, family in families.items():
        alarmed = {rule: each for rule, each in family["rules"].items() if each["alarms"]["hits"]}
        by_share = sorted(alarmed.items(), key=lambda item: -item[1]["alarms"]["share"])
        rows += [
            (name, f"`{rule}`", with_interval(each["errors"]), with_interval(each["alarms"])) for rule, each in by_share
        ]
        decided = [each["alarms"] for rule, each in family["rules"].items() if rule not in alarmed]
        usual = [rate["high"] for rate in decided if rate["runs"] >= noise["runs_a_family"] / 2]
        silent = max([silent, *usual])
    text = (
        f"{noise['runs_a_family']:,} runs in each family that differs only by its noise. Warning and error rules that are "
        f"not listed raised no false alarm: at most {percent(silent)} in the families in which they could judge at least half of the runs."
    )
    whole = [(name, with_interval(family["any"])) for name, family in families.items()]
    return [
        text,
        *_stale(noise),
        _table(("Noise", "Rule", "Errors", "Warnings and errors"), rows),
        _table(("Noise", "Runs with a warning or an error"), whole),
    ]


def _stale(section: dict[str, Any]) -> list[str]:
    """A sentence that names the rules that have changed since a section was measured."""
    codes = section.get("code", {})
    changed = [rule.id for rule in RULES if is_stale(rule, codes.get(rule.id))]
    if not changed:
        return []
    which = "All rules" if len(changed) == len(RULES) else ", ".join(f"`{rule}`" for rule in changed)
    return [f"Changed or added since this was measured: {which}."]


def _count(rate: dict[str, Any] | None) -> str:
    return f"{rate['hits']} of {rate['runs']}" if rate else ""


def _family_rows(families: dict[str, Any]) -> list[tuple[str, ...]]:
    return [
        (
            name,
            with_interval(rate),
            ", ".join(f"`{rule}` {n:,}" for rule, n in list(rate["alarms_by_rule"].items())[:4]),
        )
        for name, rate in families.items()
    ]


def _labelled(labelled: dict[str, Any]) -> str:
    found, alarmed = labelled["faults_found"], labelled["healthy_alarmed"]
    return (
        f"{labelled['runs']} labelled training runs: {found['hits']} of {found['runs']} faults found "
        f"({percent(found['low'])} to {percent(found['high'])}), a false alarm in {alarmed['hits']} of {alarmed['runs']} "
        f"healthy runs ({percent(alarmed['low'])} to {percent(alarmed['high'])})."
        + _first(labelled.get("first_names_fault"))
    )


def _first(rate: dict[str, Any] | None) -> str:
    """How often the first finding of an ill run is its cause; findings may be true without being that."""
    if rate is None:
        return ""
    return f" In {rate['hits']} of {rate['runs']} runs with a fault and a finding, the first finding names the fault ({percent(rate['low'])} to {percent(rate['high'])})."


def _trained(trained: dict[str, Any]) -> list[str]:
    found, healthy, faulty = (trained[name] for name in ("faults_found", "healthy_alarmed", "ill_alarmed"))
    text = (
        f"{found['hits']} of {found['runs']} faults found ({percent(found['low'])} to {percent(found['high'])}), a false "
        f"alarm in {healthy['hits']} of {healthy['runs']} healthy runs ({percent(healthy['low'])} to "
        f"{percent(healthy['high'])}), and an additional false alarm in {faulty['hits']} of {faulty['runs']} faulty runs."
    )
    alarms = [
        (f"`{rule}`", str(healthy["alarms_by_rule"].get(rule, "")), str(faulty["alarms_by_rule"].get(rule, "")))
        for rule in dict.fromkeys((*healthy["alarms_by_rule"], *faulty["alarms_by_rule"]))
    ]
    faults = [
        (name, f"{rate['hits']} of {rate['runs']}", ", ".join(f"`{rule}`" for rule in rate["found_by"]))
        for name, rate in trained["faults"].items()
    ]
    tables = [*_stale(trained), _table(("Fault and task", "Found", "By"), faults)]
    if alarms:
        tables.append(_table(("False alarm", "In healthy runs", "In faulty runs"), alarms))
    return [text, *tables]


def _bin_row(each: dict[str, Any]) -> tuple[str, ...]:
    ends = f"{each['from']:.2f} to {each['to']:.2f}"
    right = f"{each['right']:.2f} ({each['low']:.2f} to {each['high']:.2f})"
    return each["source"], ends, f"{each['stated']:.2f}", f"{each['findings']:,}", right
