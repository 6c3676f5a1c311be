"""Recompute the numbers in the sentences of findings from their evidence and from the curves.

    python benchmarks/message_numbers.py FOLDER [FOLDER ...]

A number is borne out if it is a value of the evidence, a change or ratio of two of them, a step or the number of points of
the run's curves, a value of a curve at a step that the finding names, or a threshold of the rule. A comparison has to hold as
well: "rises from a to b" needs b > a, and a percentage or factor after it has to be that of a and b. No number with decimals
has more than three significant digits, and a finding about the best value names the step that the tiles of the report name.
"""

from __future__ import annotations

import math
import re
import sys
from dataclasses import fields
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from trainlint.analyzer.judging.engine import judge
from trainlint.analyzer.library import discover_logs, read_runs
from trainlint.rules.registry import RULES
from trainlint.rules.statistics.windows import window_points

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trainlint.analyzer.judging.judgement import Judgement, RuleFinding
    from trainlint.parsers.run import Run
    from trainlint.rules.view.curve_view import CurveView

NUMBER = r"[-−+]?\d[\d,]*(?:\.\d+)?(?:e[-+−]?\d+)?"
TOKEN = re.compile(rf"(?<![\w.@])({NUMBER})(?![\w@])")
MOVE = re.compile(
    rf"(?P<verb>\w+)(?: back)? from (?P<a>{NUMBER})(?P<pa>%?)(?: (?:around|at) \w+ {NUMBER})? to (?P<b>{NUMBER})(?P<pb>%?)"
    rf"(?P<after>.{{0,60}})"
)
RISES = frozenset({"rises", "climbs", "grows", "jumps", "increases", "improves"})
FALLS = frozenset({"falls", "drops", "declines", "shrinks", "decreases"})
MAX_DIGITS = 3
NAMES_BEST = frozenset({"overfitting", "overtraining"})  # whose evidence begins at the best value
PERCENT_AFTER = re.compile(r"^ \(([-+−]?[\d.,]+)%\)")
FACTOR_AFTER = re.compile(r"^(?: at the end)?, ([\d.,]+) times as high")


def value_of(token: str) -> float:
    """A printed number."""
    return float(token.replace(",", "").replace("−", "-"))


def half_unit(token: str) -> float:
    """Half a unit of the last printed digit, and a little for rounding twice."""
    mantissa, _, exponent = token.replace("−", "-").partition("e")
    decimals = len(mantissa.partition(".")[2])
    digits = len(mantissa.replace(".", "").replace(",", "").lstrip("+-0"))
    whole = 0 if decimals or digits <= 3 or not exponent else digits
    return 0.51 * 10.0 ** ((int(exponent) if exponent else 0) - decimals - whole)


def without_names(message: str, run: Run) -> str:
    """The sentence with the names of curves replaced, since they may contain digits."""
    for name in sorted({n for c in run.all_curves for n in (c.name, c.tag, c.layer) if n}, key=len, reverse=True):
        message = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", "@", message)
    return re.sub(r"\b(90|95)% interval", "interval", message)  # how wide it is, not what was measured


def false_comparisons(message: str) -> list[str]:
    """Moves that contradict their own numbers."""
    wrong = []
    for move in MOVE.finditer(message):
        a, b = value_of(move["a"]), value_of(move["b"])
        verb = move["verb"]
        if (verb in FALLS and not b < a) or (verb in RISES - {"improves"} and not b > a):
            wrong.append(move[0])
        unit = (half_unit(move["a"]) + half_unit(move["b"])) / max(abs(a), 1e-300)
        factor = FACTOR_AFTER.match(move["after"])
        if factor and abs(value_of(factor[1]) - b / a) > half_unit(factor[1]) + unit * abs(b / a) * 2:
            wrong.append(move[0])
        change = PERCENT_AFTER.match(move["after"])
        if (
            change
            and a > 0
            and abs(value_of(change[1]) / 100 - (b / a - 1))
            > half_unit(change[1]) / 100 + 2 * unit * max(abs(b / a), 1)
        ):
            wrong.append(move[0])
    return wrong


def unfounded_numbers(found: RuleFinding, judgement: Judgement) -> list[str]:
    """Numbers of the sentence that neither the evidence nor the curves bear out."""
    message = without_names(found.finding.message, judgement.run)
    known = np.fromiter(_known(found, judgement), float)
    known = known[np.isfinite(known)]
    return [
        token
        for token in (match[1].rstrip(",") for match in TOKEN.finditer(message))
        if not (np.abs(np.abs(known) - abs(value_of(token))) <= half_unit(token) + 1e-12).any()
    ]


def _known(found: RuleFinding, judgement: Judgement) -> Iterator[float]:
    finding, run = found.finding, judgement.run
    evidence = [float(v) for v in finding.evidence.values()]
    for value in evidence:
        yield from (value, 100 * value, 1 - value, 100 * (1 - value), 100 * (value - 1))
        if value and abs(value) < 700:
            yield from (
                1 / value,
                100 / value,
                60 * value,
                1 / (1 - value) if value != 1 else math.nan,
                math.exp(value),
                math.exp(-value),
            )
            yield from (100 * math.expm1(value), 100 * math.expm1(-value))
    for a, b in permutations(evidence, 2):
        if b:
            yield from (a / b, 100 * (a / b), 100 * (a / b - 1), a - b, a + b)
    yield from map(float, (*finding.steps, *finding.cited))
    for each in fields(found.rule.limits):
        limit = getattr(found.rule.limits, each.name)
        if isinstance(limit, (int, float)):  # a threshold may be quoted
            yield from (float(limit), 100.0 * limit, 100 * (1 - limit))
    yield float(len(judgement.run.all_curves))
    for curve in run.all_curves:
        view = judgement.view.named(curve.name)
        if not len(curve) or view is None:
            continue
        yield from (
            float(len(curve)),
            float(len(view)),
            float(curve.step[0]),
            float(curve.step[-1]),
            float(curve.value[0]),
            float(curve.value[-1]),
        )
        for step in {*finding.steps, *finding.cited}:
            yield from curve.value[curve.step == step].tolist()


def long_numbers(found: RuleFinding, judgement: Judgement) -> list[str]:
    """Numbers with decimals that have more than three significant digits."""
    message = without_names(found.finding.message, judgement.run)
    tokens = (match[1].rstrip(",") for match in TOKEN.finditer(message))
    return [token for token in tokens if "." in token and len(_digits(token)) > MAX_DIGITS]


def _digits(token: str) -> str:
    """Significant digits of a printed number."""
    return re.sub(r"e.*|[^\d]", "", token).lstrip("0")


def other_places(judgement: Judgement) -> list[str]:
    """Places of the best value that contradict the tiles of the report, where the sentence means the same curve.

    A rule may look at a smoothed curve. Within a smoothing window of the lowest logged value it has to name that one.
    """
    headline = judgement.headline
    if headline is None:
        return []
    view = judgement.view.named(headline.curve.name)
    if view is None or headline.curve.direction != "lower":
        return []
    near = {int(step) for step in view.steps[_around(view, headline.best_step)]} - {headline.best_step}
    return [
        f"{found.rule.id} names {found.finding.steps[0]:,}, the tile {headline.best_step:,}"
        for found in judgement.findings
        if found.rule.id in NAMES_BEST
        and found.finding.metric == headline.curve.name
        and found.finding.steps[0] in near
    ]


def _around(view: CurveView, step: int) -> slice:
    """Rows within a smoothing window of a step."""
    row, window = int(np.searchsorted(view.steps, step)), window_points(len(view))
    return slice(max(row - window, 0), row + window + 1)


def doubts(judgement: Judgement) -> dict[str, list[str]]:
    """Message -> what is wrong with it, of all findings of a run that do not hold."""
    found = {}
    for each in judgement.findings:
        message = without_names(each.finding.message, judgement.run)
        wrong = false_comparisons(message) + unfounded_numbers(each, judgement) + long_numbers(each, judgement)
        if wrong:
            found[f"{each.rule.id}: {each.finding.message}"] = wrong
    places = other_places(judgement)
    return found | ({"tiles": places} if places else {})


def main() -> None:
    """Print each sentence with a number that does not hold, over all runs of the folders."""
    runs = findings = failed = 0
    for run in read_runs(discover_logs([Path(folder) for folder in sys.argv[1:]])):
        judgement = judge(run, RULES)
        runs, findings = runs + 1, findings + len(judgement.findings)
        for message, wrong in doubts(judgement).items():
            failed += 1
            print(f"{run.name}: {message}\n    {', '.join(wrong)}")
    print(f"{findings - failed} of {findings} sentences of {runs} runs hold")


if __name__ == "__main__":
    main()
