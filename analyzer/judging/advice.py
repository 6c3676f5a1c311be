"""What to log next time so that more rules can run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from ...rules.base import AnyOf
from ..config.plugins import known_rules
from .logging_lines import LINES_OF_FACTS, lines_for
from .questions import applies_to

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from ...parsers.run import Role, Task
    from ...rules.base import Need, Rule
    from ...rules.view.run_view import RunView
    from .judgement import Verdict


Lines: TypeAlias = tuple[tuple[str, str], ...]  # of code: (framework, line)

# Quantities that only some kinds of training have; any other may be logged by all. Without a known task none of these is
# suggested first: most trainings have no reward and no perplexity.
_POLICY: tuple[Task, ...] = ("reinforcement", "fine-tuning")
_TASKS_OF_ROLES: dict[Role, tuple[Task, ...]] = {
    "perplexity": ("language-model", "fine-tuning"),
    "reward": _POLICY, "entropy": _POLICY, "negative-entropy": _POLICY, "kl": _POLICY, "approx-kl": _POLICY,
    "clip-fraction": _POLICY, "policy-ratio": _POLICY, "policy-std": ("reinforcement",),
    "explained-variance": ("reinforcement",), "reward-margin": ("fine-tuning",),
    "uniform-reward-fraction": ("fine-tuning",), "truncated-fraction": ("fine-tuning",),
    "completion-length": ("fine-tuning",), "discriminator-real": ("adversarial",),
    "discriminator-fake": ("adversarial",), "diversity": ("adversarial",), "embedding-spread": ("contrastive",),
}  # fmt: skip

# Rules find these by the words of their tags: no line of code logs "a statistic".
NO_QUANTITIES: frozenset[Role] = frozenset(("statistic", "unknown"))


@dataclass(frozen=True, slots=True)
class Advice:
    """A missing quantity, the rules that need it, and how to log it, the framework of the run first.

    `suits_task` is whether a training of the task of the run usually has this quantity.
    """

    what: str
    rules: list[str]
    lines: Lines
    suits_task: bool = True


def advices_of(view: RunView, verdicts: Mapping[str, Verdict]) -> list[Advice]:
    """Quantities that rules need and the run does not log, by rule id in `verdicts`: first those that suit the task, by the number of rules."""
    run = view.run
    waiting: dict[str, Advice] = {}
    for rule in known_rules():
        verdict = verdicts.get(rule.id)
        if verdict is None or verdict.outcome != "not-applicable":
            continue
        for what, lines, suits in _lacking(rule, view):
            advice = waiting.setdefault(what, Advice(what, [], _matching_first(lines, run.framework), suits))
            if rule.id not in advice.rules:
                advice.rules.append(rule.id)
    return sorted(waiting.values(), key=lambda a: (not a.suits_task, -len(a.rules), a.what))


def lacks_data(rule: Rule[Any], view: RunView) -> bool:
    """Whether the run does not log what a rule needs, and its task is none that the rule excludes."""
    return next(_lacking(rule, view), None) is not None


def _lacking(rule: Rule[Any], view: RunView) -> Iterator[tuple[str, Lines, bool]]:
    """What a rule needs and the run does not log: the quantity, the lines that log it, and whether it suits the task."""
    if not applies_to(rule, view.run.task):
        return
    unmet = [need for need in rule.resolved_needs if not _is_met(need, view)]
    if not unmet:
        for fact in rule.facts:  # the curves are logged: the fact is missing
            if fact in LINES_OF_FACTS:
                yield fact, LINES_OF_FACTS[fact], True
    for each in (each for need in unmet for each in _alternatives(need)):
        if each.role is not None and each.role not in NO_QUANTITIES:
            suits = view.run.task in _TASKS_OF_ROLES.get(each.role, (view.run.task,))
            yield str(each), lines_for(each.role, each.split, is_layered=bool(each.layers)), suits


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


def _matching_first(lines: Lines, framework: str | None) -> Lines:
    """The lines, that of the framework which wrote the log first."""
    wanted = _letters(framework or "").replace("transformers", "huggingface")
    return tuple(sorted(lines, key=lambda line: not wanted or _letters(line[0]) not in wanted))


def _letters(text: str) -> str:
    return "".join(c for c in text.lower() if c.isalpha())
