"""Tags of public training code, drawn by a rule fixed before and given their meaning by hand before the product saw them.

Each block of a file holds tags that one program writes. A line is `tag -> role split direction`: several right answers
are separated by `|`, `?` is any, and a lone `-` is a quantity that no verdict is built on (a counter, a setting, a
statistic or unknown). Each tag counts once, in the first block that has it.
"""

from pathlib import Path
from typing import NamedTuple

import pytest

from trainlint.parsers.meaning.resolve import resolve
from trainlint.parsers.run import Curve

ROUNDS = sorted((Path(__file__).parent / "drawn_tags").glob("round_*.txt"))
ASIDE = ("unknown", "statistic", "counter", "setting")
MIN_PRECISION, MIN_RECALL = 0.985, 0.97  # a few names say nothing, and stay in the lists


class Score(NamedTuple):
    tags: int
    with_meaning: int
    given: int
    right: int


def blocks(text):
    for block in text.split("\n\n"):
        lines = [line.rpartition("->") for line in block.splitlines() if "->" in line]
        yield [(tag.strip(), [*answer.split(), "?", "?"][:3]) for tag, _, answer in lines]


def is_right(meaning, answer):
    found = meaning.role, meaning.split, meaning.direction
    return all(wanted == "?" or got in wanted.split("|") for wanted, got in zip(answer, found, strict=True))


def score_of(path, seen):
    tags = with_meaning = given = right = 0
    for block in blocks(path.read_text("utf-8")):
        curves = resolve([Curve.build(tag, range(4), (0.5, 0.4, 0.45, 0.3)) for tag, _ in block])
        for curve, (tag, answer) in zip(curves, block, strict=True):
            if tag.lower() in seen:
                continue
            seen.add(tag.lower())
            tags += 1
            if "unknown" in answer[0].split("|") and curve.role in ASIDE:
                continue
            with_meaning += answer[0] != "-"
            given += curve.role not in ASIDE
            right += curve.role not in ASIDE and is_right(curve.meaning, answer)
    return Score(tags, with_meaning, given, right)


@pytest.mark.parametrize("path", ROUNDS, ids=lambda path: path.stem)
def test_each_round_is_understood(path):
    found = score_of(path, set())
    assert found.tags > 120
    assert found.right / found.given >= 0.97
    assert found.right / found.with_meaning >= 0.95


def test_all_rounds_together():
    seen = set()
    scores = [score_of(path, seen) for path in ROUNDS]
    right = sum(score.right for score in scores)
    assert right / sum(score.given for score in scores) >= MIN_PRECISION
    assert right / sum(score.with_meaning for score in scores) >= MIN_RECALL
