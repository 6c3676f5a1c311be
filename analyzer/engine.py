"""Judge one run: every rule, each in its own box, and what the whole amounts to."""

from __future__ import annotations

import traceback
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ..parsers.secrets import masked_text
from ..rules.base import Finding, InsufficientDataError, Need, NotApplicableError, Rule, Severity
from ..rules.view import RunView
from .judgement import Judgement, RuleFinding, Verdict
from .onset import onset_of
from .story import told

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..parsers.run import Run
    from .judgement import Status

# Families whose rules say whether the training itself went well: only these can make a run clear. That no number is
# NaN, or that the log is complete, is not yet a healthy training.
TRAINING_FAMILIES = frozenset({"optimization", "generalization", "network", "reinforcement", "adversarial", "language"})
# Whether a log is whole, or how it ended, cannot be asked of its beginning.
WHOLE_LOG_FAMILIES = frozenset({"log-integrity", "crash"})
UNIVERSAL_FAMILIES = frozenset({"numeric", "log-integrity", "system", "crash"})


def overflow_ignored() -> np.errstate:
    """Values near the limits of float64 overflow in means and differences: what comes of it is not finite, as meant."""
    return np.errstate(over="ignore", invalid="ignore", divide="ignore")


def judge(run: Run, rules: Sequence[Rule], *, min_confidence: float = 0.0, strict: bool = False) -> Judgement:
    """Run every rule on a run; a rule that raises is `failed` and never stops the others, unless `strict`."""
    view = RunView(run)
    found, verdicts = findings_of(view, rules, min_confidence=min_confidence, strict=strict)
    with overflow_ignored():
        findings_told = told([_with_onset(f, view) for f in found], view)
    return Judgement(run, findings_told, verdicts, _status(rules, found, verdicts, run))


def findings_of(
    view: RunView, rules: Sequence[Rule], *, min_confidence: float = 0.0, strict: bool = False
) -> tuple[list[RuleFinding], dict[str, Verdict]]:
    """What every rule finds, and how it ended, without asking how early it began and what came of what."""
    found: list[RuleFinding] = []
    verdicts: dict[str, Verdict] = {}
    for rule in rules:
        findings, verdicts[rule.id] = _apply(rule, view, strict=strict)
        found += [RuleFinding(rule, finding) for finding in findings if finding.confidence >= min_confidence]
    return found, verdicts


def verdicts_of(run: Run, rules: Sequence[Rule]) -> dict[str, Verdict]:
    """How every rule ends on a run, by rule id, without telling the story of what they found."""
    return findings_of(RunView(run), rules)[1]


def _with_onset(found: RuleFinding, view: RunView) -> RuleFinding:
    """Tell how early a warning or an error could have been found, where the rule judges a course and not an end."""
    if found.severity < Severity.WARNING or found.rule.family in WHOLE_LOG_FAMILIES:
        return found
    onset = onset_of(found.finding, view, lambda prefix: _apply(found.rule, prefix, strict=False)[0])
    return replace(found, detectable_from=onset)


def _apply(rule: Rule, view: RunView, *, strict: bool) -> tuple[list[Finding], Verdict]:
    findings: list[Finding] = []
    try:
        with overflow_ignored():
            _require_suited(rule, view.run)
            _require_read(rule, view.run)
            for need in rule.needs:
                _require(need, view)
            for finding in rule.check(view):
                findings.append(finding)  # noqa: PERF402  (kept even if the rule gives up later)
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


def _require_suited(rule: Rule, run: Run) -> None:
    # Boosted trees have rounds, not updates: what is said about neural networks is not said of them.
    if run.task == "boosting" and rule.family not in UNIVERSAL_FAMILIES:
        raise NotApplicableError(f"boosting, not a neural network: {run.task_evidence[0]}")
    if run.task in rule.unsuited:
        raise NotApplicableError(f"does not apply to {run.task.replace('-', ' ')}: {run.task_evidence[0]}")


def _require_read(rule: Rule, run: Run) -> None:
    if rule.judges_end and run.unread_end:
        raise InsufficientDataError(f"the end of the log was not read: {run.unread_end}")
    if rule.needs_all_rows and run.is_thinned:
        raise InsufficientDataError("not all rows of the log were read")


def _require(need: Need, view: RunView) -> None:
    curves = view.curves(need.role, need.split)
    if need.layers:
        layers = {c.layer for c in curves if c.layer}
        if len(layers) < need.layers:
            raise NotApplicableError(f"no {need} is logged")
        curves = [c for c in curves if c.layer]
    if not curves:
        raise NotApplicableError(f"no {need} is logged")
    main = view.loss(need.split) if need.role == "loss" and need.split not in (None, "none") else None
    if main is not None:
        curves = [main]  # rules judge the main loss: another, longer one does not help them
    points = max(map(len, curves))
    if points < need.points:
        raise InsufficientDataError(f"{need} has {points} of {need.points} points that it takes")


def _status(rules: Sequence[Rule], found: list[RuleFinding], verdicts: dict[str, Verdict], run: Run) -> Status:
    if found:
        worst: Status = ("info", "warning", "error")[max(f.severity for f in found) - 1]
        if worst != "info":
            return worst
    decided = any(verdicts[rule.id].outcome in ("clear", "fired") for rule in rules if rule.family in TRAINING_FAMILIES)
    # What a rule that failed asks stays open: no other rule answers it.
    is_open = not found and any(verdict.outcome == "failed" for verdict in verdicts.values())
    if not decided or is_open:
        return "unreadable" if not run.all_curves and not run.hyperparameters else "not-checked"
    return "info" if found else "clear"
