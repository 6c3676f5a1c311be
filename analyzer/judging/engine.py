"""Judge one run: apply every rule in isolation and derive the status of the run."""

from __future__ import annotations

import traceback
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ...parsers.secrets import masked_text
from ...rules.base import AnyOf, Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ...rules.confidence import case_of, confidence_of
from ...rules.view.run_view import RunView
from .checkpoints import with_checkpoints
from .judgement import Judgement, RuleFinding, Verdict
from .onset import onset_of
from .questions import answers_of, applies_to
from .remedies import without_contradictions
from .story import ordered_by_cause, with_cause_confidence

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from ...parsers.run import Run
    from ...rules.confidence import Case
    from .judgement import Answer, Status


def overflow_ignored() -> np.errstate:
    """Values near the limits of float64 overflow in means and differences; the non-finite results are intended."""
    return np.errstate(over="ignore", invalid="ignore", divide="ignore")


def judge(run: Run, rules: Sequence[Rule[Any]], *, min_confidence: float = 0.0, strict: bool = False) -> Judgement:
    """Run every rule on a run; a rule that raises is `failed` and does not stop the others, unless `strict`."""
    view = RunView(run)
    every, verdicts = findings_of(view, rules, min_confidence=min_confidence, strict=strict)
    found, folded = with_precedence(every)
    with overflow_ignored():
        ordered = with_cause_confidence(ordered_by_cause([_with_onset(f, view) for f in found], view))
        ordered = with_checkpoints(without_contradictions(ordered), view)
    answers = answers_of(view, rules, verdicts)
    status = _status(found, answers, verdicts, run)
    applicable = sum(applies_to(rule, run.task) for rule in rules)
    return Judgement(view, ordered, verdicts, status, tuple(folded), answers, applicable)


def findings_of(
    view: RunView, rules: Sequence[Rule[Any]], *, min_confidence: float = 0.0, strict: bool = False
) -> tuple[list[RuleFinding], dict[str, Verdict]]:
    """Findings and outcomes of all rules, without onsets and causes."""
    found: list[RuleFinding] = []
    verdicts: dict[str, Verdict] = {}
    for rule in rules:
        findings, verdicts[rule.id] = _apply(rule, view, strict=strict)
        every = (RuleFinding(rule, each, calibrated=confidence_of(case_in(view, rule, each))) for each in findings)
        found += [each for each in every if each.confidence >= min_confidence]
    return found, verdicts


def case_in(view: RunView, rule: Rule[Any], finding: Finding) -> Case:
    """What the confidence of a finding depends on; a finding without a curve has the points of the run's longest one."""
    curve = view.named(finding.metric)
    points = len(curve) if curve is not None else max(map(len, view.run.all_curves), default=0)
    return case_of(rule, finding, points)


def with_precedence(found: Sequence[RuleFinding]) -> tuple[list[RuleFinding], list[RuleFinding]]:
    """Findings to report, and findings folded because their rule yields to one that fired, each with the id of that rule.

    Only a rule that fired folds findings: not one that is deselected or silenced by its thresholds or the minimum
    confidence. A finding is folded only into one of at least its own severity, so that no fault is understated.
    """
    fired: dict[str, RuleFinding] = {}
    for each in found:
        if each.rule.id not in fired or each.severity > fired[each.rule.id].severity:
            fired[each.rule.id] = each
    kept: list[RuleFinding] = []
    folded: list[RuleFinding] = []
    for each in found:
        stronger = _stronger(each, fired)
        (folded if stronger else kept).append(replace(each, folded_into=stronger))
    return kept, folded


def _stronger(found: RuleFinding, fired: Mapping[str, RuleFinding]) -> str:
    """Id of the last rule in the chain of `yields_to` over findings that are at least as severe; "" if there is none."""
    name = ""
    while stronger := next(
        (fired[id_] for id_ in found.rule.yields_to if id_ in fired and fired[id_].severity >= found.severity), None
    ):
        found, name = stronger, stronger.rule.id
    return name


def verdicts_of(view: RunView, rules: Sequence[Rule[Any]]) -> dict[str, Verdict]:
    """Outcomes of all rules on a run, by rule id, without ordering the findings."""
    return findings_of(view, rules)[1]


def _with_onset(found: RuleFinding, view: RunView) -> RuleFinding:
    """Add the onset to a warning or an error, unless the rule judges the end of the run."""
    if found.severity < Severity.WARNING or found.rule.judges_whole_log:
        return found
    onset = onset_of(found.finding, view, lambda prefix: _apply(found.rule, prefix, strict=False)[0])
    return replace(found, detectable_from=onset)


def _apply(rule: Rule[Any], view: RunView, *, strict: bool) -> tuple[list[Finding], Verdict]:
    findings: list[Finding] = []
    try:
        with overflow_ignored():
            _require_suited(rule, view.run)
            _require_read(rule, view.run)
            for need in rule.resolved_needs:
                _require(need, view)
            for finding in rule.check(view, rule.limits):
                cited = replace(finding, metric=view.logged_name(finding.metric))
                findings.append(cited)
            _require_all_read(rule, view.run)
    except NotApplicableError as why:
        verdict = Verdict("not-applicable", str(why))
    except InsufficientDataError as why:
        verdict = Verdict("insufficient-data", str(why))
    except Exception as error:
        if strict:
            raise
        place = traceback.extract_tb(error.__traceback__)[-1]
        reason = f"{type(error).__name__}: {masked_text(str(error))} ({place.name}, line {place.lineno})"
        verdict = Verdict("failed", reason)
    else:
        verdict = Verdict("clear")
    return findings, Verdict("fired") if findings and verdict.outcome != "failed" else verdict


def _require_suited(rule: Rule[Any], run: Run) -> None:
    if applies_to(rule, run.task):
        return
    if run.task == "boosting":
        raise NotApplicableError(f"boosting, not a neural network: {run.task_evidence[0]}")
    raise NotApplicableError(f"does not apply to {run.task.replace('-', ' ')}: {run.task_evidence[0]}")


def _require_read(rule: Rule[Any], run: Run) -> None:
    if rule.judges_end and run.unread_end:
        raise InsufficientDataError(f"the end of the log was not read: {run.unread_end}")
    if rule.needs_all_rows and run.is_thinned:
        raise InsufficientDataError("not all rows of the log were read")


def _require_all_read(rule: Rule[Any], run: Run) -> None:
    """Called after the check: findings remain valid, but a log not read completely is never clear."""
    if rule.needs_all_values and run.unread_part:
        raise InsufficientDataError(f"a part of the log was not read: {run.unread_part}")


def _require(need: Need | AnyOf, view: RunView) -> None:
    """Raise unless a need is met; among alternatives, the exception is that of the one closest to being met."""
    if isinstance(need, Need):
        _require_one(need, view)
        return
    short: InsufficientDataError | None = None
    for each in need.needs:
        try:
            _require_one(each, view)
        except InsufficientDataError as why:
            short = short or why
        except NotApplicableError:
            continue
        else:
            return
    raise short or NotApplicableError(f"no {need} is logged")


def _require_one(need: Need, view: RunView) -> None:
    points, layers = int(need.points), int(need.layers)
    curves = view.curves(need.role, need.split)
    if layers:
        if len({c.layer for c in curves if c.layer}) < layers:
            raise NotApplicableError(f"no {need} is logged")
        curves = [c for c in curves if c.layer]
    main = view.loss(need.split) if need.role == "loss" and need.split not in (None, "none") else None
    if main is not None:
        curves = [main]  # rules judge the main loss, or what stands in for it: a longer curve does not help
    if not curves:
        raise NotApplicableError(f"no {need} is logged")
    longest = max(map(len, curves))
    if longest < points:
        raise InsufficientDataError(f"{need} needs at least {points} points, has {longest}")


def _status(
    found: Sequence[RuleFinding], answers: Sequence[Answer], verdicts: Mapping[str, Verdict], run: Run
) -> Status:
    worst = max((f.severity for f in found), default=None)
    if worst in (Severity.WARNING, Severity.ERROR):
        return "error" if worst is Severity.ERROR else "warning"
    is_answered = bool(answers) and all(answer.outcome != "open" for answer in answers)
    # The question of a failed rule stays open: no other rule answers it.
    is_open = not found and any(verdict.outcome == "failed" for verdict in verdicts.values())
    if not is_answered or is_open:
        return "unreadable" if not run.all_curves and not run.hyperparameters else "not-checked"
    return "info" if found else "clear"
