"""What a run costs grows with its curves, and not with their square: counted in calls, not in seconds."""

import cProfile
import pstats

import numpy as np
import pytest

from trainlint.analyzer.judging.engine import judge
from trainlint.rules.registry import RULES

from .curves import decay, run_of

FEW, MANY = 200, 800
MOST = 1.6  # times as many calls a curve


def calls(tags):
    loss = decay(60)
    run = run_of({tag: loss + 0.01 * np.sin(np.arange(60) + i) for i, tag in enumerate(tags)})
    judge(run, RULES)  # what is imported and cached is not counted
    profile = cProfile.Profile()
    profile.runcall(judge, run, RULES)
    return pstats.Stats(profile).total_calls / len(tags)


@pytest.mark.parametrize(
    "tag", ["loss_{}", "val_loss_{}", "value_{}", "layer_{}/grad_norm", "reward_{}", "eval/accuracy_{}", "column {}"]
)
def test_calls_a_curve(tag):
    few, many = (calls([tag.format(i) for i in range(count)]) for count in (FEW, MANY))
    assert many < MOST * few, (few, many)
