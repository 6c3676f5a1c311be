"""Causes among the findings of a run, and their order."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from ...rules.base import AnyOf, Severity
from ...rules.confidence import cause_confidence_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...rules.confidence import Place
    from ...rules.view.run_view import RunView
    from .judgement import RuleFinding

SAME_TIME = 0.1  # share of the run: the begin of an evidence window is uncertain by a smoothing window or two


def ordered_by_cause(found: Sequence[RuleFinding], view: RunView) -> tuple[RuleFinding, ...]:
    """Name the cause of every finding that another one explains, and order findings by cause.

    A finding explains another if its rule is among the other's causes, it began before the other could be detected, it
    is at least a warning or as severe as the other, and it is not one of evaluations where the other is one of the training. Each first cause is followed by its consequences in order of time; first causes are
    ordered by the worst severity among their consequences, then by confidence. Nothing is dropped.
    """
    parents = _parents(found, view)
    children: dict[int, list[int]] = {}
    for child, parent in parents.items():
        children.setdefault(parent, []).append(child)

    def tree(root: int) -> list[int]:
        below = sorted(children.get(root, ()), key=lambda i: (_begin(found[i], view), found[i].rule.id))
        return [root, *(i for child in below for i in tree(child))]

    stories = [tree(i) for i in range(len(found)) if i not in parents]

    def rank(story: list[int]) -> tuple[object, ...]:
        first = found[story[0]]
        worst = max(found[i].severity for i in story)
        finding = first.finding
        return -worst, -first.severity, -first.confidence, finding.steps, first.rule.id, finding.metric

    ordered = [i for story in sorted(stories, key=rank) for i in story]
    return tuple(replace(found[i], caused_by=found[parents[i]].rule.id if i in parents else "") for i in ordered)


def with_cause_confidence(ordered: Sequence[RuleFinding]) -> tuple[RuleFinding, ...]:
    """State for each of the ordered findings how probably it names the fault."""
    places = places_of(ordered)
    return tuple(
        replace(each, cause_confidence=cause_confidence_of(each.confidence, place))
        for each, place in zip(ordered, places, strict=True)
    )


def places_of(ordered: Sequence[RuleFinding]) -> list[Place]:
    """Where each of the ordered findings stands: the first warning or error, a consequence, or any other."""
    first = next((i for i, each in enumerate(ordered) if each.severity >= Severity.WARNING), None)
    return ["first" if i == first else "consequence" if each.caused_by else "other" for i, each in enumerate(ordered)]


def _parents(found: Sequence[RuleFinding], view: RunView) -> dict[int, int]:
    """For each explained finding, the finding that explains it; without cycles."""
    parents: dict[int, int] = {}

    def by_begin(i: int) -> tuple[object, ...]:
        each = found[i]
        return _begin(each, view), -each.severity, -each.confidence, each.rule.id, each.finding.metric

    by_time = sorted(range(len(found)), key=by_begin)
    for child in reversed(by_time):  # latest first: if two name each other, the earlier one is the cause
        for cause in found[child].rule.causes:
            able = [i for i in by_time if found[i].rule.id == cause and _may_explain(found[i], found[child], view)]
            able = [i for i in able if child not in _ancestors(i, parents)]
            if able:
                parents[child] = able[0]
                break
    return parents


def _ancestors(child: int, parents: dict[int, int]) -> list[int]:
    """The finding itself and all its ancestors."""
    line = [child]
    while line[-1] in parents:
        line.append(parents[line[-1]])
    return line


def _may_explain(cause: RuleFinding, effect: RuleFinding, view: RunView) -> bool:
    is_severe = cause.severity >= min(effect.severity, Severity.WARNING)
    if cause.rule.id == effect.rule.id or not is_severe or (_is_of_evaluation(cause) and _is_of_training(effect, view)):
        return False
    return _begin(cause, view) <= _seen(effect, view) + SAME_TIME


def _is_of_evaluation(found: RuleFinding) -> bool:
    """Whether a rule judges evaluations: whatever went wrong in them does not act on the training."""
    return any(
        all(each.split == "validation" for each in (need.needs if isinstance(need, AnyOf) else (need,)))
        for need in found.rule.needs
    )


def _is_of_training(found: RuleFinding, view: RunView) -> bool:
    curve = view.named(found.finding.metric)
    return curve is not None and curve.split == "train"


def _begin(found: RuleFinding, view: RunView) -> float:
    """Begin of the evidence, its first step or its onset, whichever is earlier, as a share of the run."""
    return min(_share(found, found.finding.steps[0], view), _onset(found, view))


def _seen(found: RuleFinding, view: RunView) -> float:
    """Share of the run at which the finding became detectable."""
    return max(_share(found, found.finding.steps[0], view), _onset(found, view))


def _onset(found: RuleFinding, view: RunView) -> float:
    step = found.detectable_from.step if found.detectable_from else found.finding.steps[0]
    return _share(found, step, view)


def _share(found: RuleFinding, step: int, view: RunView) -> float:
    """A step of the finding's curve as a share of its length, which makes epochs and steps comparable."""
    curve = view.named(found.finding.metric)
    if curve is None or len(curve.all_steps) < 2:
        return 0.0
    first, last = int(curve.all_steps[0]), int(curve.all_steps[-1])
    return (step - first) / max(last - first, 1)
