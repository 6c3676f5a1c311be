"""Measured accuracy of the rules, as written to measured.json by `benchmarks/accuracy.py`."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from .code_hash import code_hash

if TYPE_CHECKING:
    from .base import BatchRule, Rule

NOT_MEASURED = "not measured"
STALE = "Measured on an earlier version of this rule."


@cache
def measured() -> dict[str, Any]:
    """Everything that was measured: schema "trainlint-measured/1", rates by rule id under "rules"."""
    text = (files(__package__) / "measured.json").read_text(encoding="utf-8")
    return dict(json.loads(text))


def is_stale(rule: Rule[Any] | BatchRule[Any], measured_code: str | None) -> bool:
    """Whether a rule has changed since it was measured; False if its source is not installed."""
    code = code_hash(rule.check)
    return code is not None and code != measured_code


def accuracy_of(rule: Rule[Any] | BatchRule[Any]) -> list[str]:
    """Sentences about one rule: faults found, alarms on healthy runs, calibration of its confidence."""
    entry: dict[str, Any] = measured()["rules"].get(rule.id, {})
    sentences = [s for s in (_found(entry.get("found")), _alarms(entry.get("alarms"))) if s]
    confidence = entry.get("confidence")
    if confidence and confidence["note"] == "overstated":  # "understated" may only mean that a simulation is clean
        stated, low, high = (confidence[name] for name in ("stated", "low", "high"))
        sentences.append(f"Its stated confidence of {stated:.2f} is overstated: {low:.2f} to {high:.2f} measured.")
    if not sentences:
        return [f"{NOT_MEASURED.capitalize()}."]
    return [*sentences, STALE] if is_stale(rule, entry.get("code")) else sentences


def percent(share: float) -> str:
    """A share as a percentage with two significant digits, without decimals from 10%."""
    if share in (0.0, 1.0):
        return f"{share:.0%}"
    return f"{share:.0%}" if 0.1 <= share <= 0.995 else f"{share:.1%}" if share >= 0.01 else f"{share:.2%}"


def with_interval(rate: dict[str, Any]) -> str:
    """A rate with its 95% interval."""
    return f"{percent(rate['share'])} ({percent(rate['low'])} to {percent(rate['high'])})"


def _found(found: dict[str, Any] | None) -> str:
    if not found:
        return ""
    parts = []
    if "simulated" in found:
        levels = ", ".join(f"{percent(found[level]['share'])} {level}" for level in ("mild", "moderate", "gross"))
        parts.append(f"{with_interval(found['simulated'])} of {found['simulated']['runs']:,} planted faults ({levels})")
    if "labelled" in found:
        parts.append(f"{found['labelled']['hits']} of {found['labelled']['runs']} in labelled training runs")
    return f"Finds {'; '.join(parts)}."


def _alarms(alarms: dict[str, Any] | None) -> str:
    if not alarms:
        return ""
    parts = []
    if "simulated" in alarms:
        worst = alarms.get("worst_family")
        most = f", most in {worst['family']}: {percent(worst['share'])}" if worst else ""
        parts.append(
            f"{with_interval(alarms['simulated'])} of {alarms['simulated']['runs']:,} healthy simulated runs{most}"
        )
    if "labelled" in alarms:
        parts.append(
            f"{alarms['labelled']['hits']} of {alarms['labelled']['runs']} labelled training runs without its fault"
        )
    return f"Fires on {'; '.join(parts)}."
