"""No rule fails, and no report, whatever numbers a log holds: odd values, steps, clocks and epochs of every role."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainlint.analyzer.across.document import document
from trainlint.analyzer.judging.engine import judge, overflow_ignored
from trainlint.analyzer.pages.render import index_row, render_run
from trainlint.analyzer.report.document import run_entry
from trainlint.analyzer.report.json_text import dumped
from trainlint.parsers.meaning.resolve import resolve
from trainlint.parsers.meaning.tasks import task_of
from trainlint.parsers.run import Curve, Run
from trainlint.rules.registry import RULES

from .curves import decay
from .test_rules import CASES

LARGEST, TINIEST = np.finfo(float).max, 5e-324
FIRST_STEP, LAST_STEP = np.iinfo(np.int64).min, np.iinfo(np.int64).max
ODD = (
    0.0, -0.0, 1.0, -1.0, TINIEST, -TINIEST, 1e-300, 1e-30, 1e30, 1e300, LARGEST, -LARGEST, np.inf, -np.inf, np.nan,
    2.0**63, 0.1,
)  # fmt: skip
TAGS = (
    "accuracy", "perplexity", "lr", "grad_norm", "grad_norm/l0.weight", "grad_norm/l1.weight", "grad_norm/l2.weight",
    "weight_norm/l0", "update_ratio/l0", "update_ratio/l1", "dead_fraction/l0", "activation/l0", "activation/l1",
    "loss_scale", "rollout/ep_rew_mean", "train/entropy_loss", "policy_std", "train/approx_kl", "train/clip_fraction",
    "train/explained_variance", "rewards/margins", "rewards/accuracies", "frac_reward_zero_std", "completion_length",
    "D_real", "D_fake", "g_loss", "d_loss", "tokens_per_second", "step_time", "data_time", "gpu_memory", "gpu_util",
)  # fmt: skip


def _shares(n):
    return np.linspace(0, 1, n)


VALUES = {
    "odd": lambda rng, n: rng.choice(ODD, n),
    "constant": lambda rng, n: np.full(n, rng.choice(ODD)),
    "falling": lambda rng, n: 2 * np.exp(-5 * _shares(n)) * np.exp(0.05 * rng.normal(size=n)),
    "any size": lambda rng, n: np.exp(rng.uniform(-700, 700, n)),
    "through all sizes": lambda rng, n: np.exp(np.linspace(*rng.uniform(-740, 700, 2), n)),
    "noise": lambda rng, n: rng.normal(size=n) * rng.choice([1, 1e-300, 1e300]),
    "broken off": lambda rng, n: np.where(_shares(n) < rng.random(), 2 - _shares(n), rng.choice(ODD)),
    "coarse": lambda rng, n: np.round(rng.random(n), 1),
    "wave": lambda _, n: 1 + 0.5 * np.sin(50 * _shares(n)) + 3 * _shares(n),
    "blocks": lambda rng, n: np.repeat(rng.choice(ODD, n // 10 + 1), 10)[:n],
    "annealed": lambda _, n: 1e-4 * (1 + np.cos(np.pi * _shares(n))) / 2,
}
STEPS = {
    "even": lambda _, n: np.arange(n),
    "same": lambda rng, n: np.full(n, rng.choice([0, 5, FIRST_STEP, LAST_STEP])),
    "backwards": lambda _, n: np.arange(n)[::-1],
    "whole range": lambda rng, n: np.sort(rng.integers(FIRST_STEP, LAST_STEP, n)),
    "doubled": lambda rng, n: rng.integers(-5, 5, n),
    "negative": lambda _, n: np.arange(n) - n,
    "huge": lambda _, n: np.linspace(0, 2**62, n).astype(np.int64),
}
TIMES = {
    "none": lambda _, n: np.full(n, np.nan),
    "even": lambda _, n: 1.7e9 + np.arange(n),
    "backwards": lambda _, n: 1.7e9 - np.arange(n),
    "odd": lambda rng, n: rng.choice(ODD, n),
    "still": lambda _, n: np.full(n, 1.7e9),
    "any pace": lambda rng, n: np.cumsum(np.exp(rng.uniform(-30, 30, n))),
}
EPOCHS = {
    "none": lambda _, n: np.full(n, np.nan),
    "even": lambda _, n: np.arange(n) // 10,
    "two lengths": lambda _, n: (np.arange(n) % 30 >= 10) + 2 * (np.arange(n) // 30),
    "parts": lambda _, n: np.arange(n) / 10,
    "odd": lambda rng, n: rng.choice(ODD, n),
    "growing": lambda _, n: np.exp(np.linspace(0, 50, n)),
    "negative": lambda _, n: -np.arange(n) / 10,
}
SETTINGS = {
    "lr": ODD, "batch_size": (64, 0, -1), "num_classes": (10, 0, 2**70), "max_steps": (100, 2**62, "nan"), "epochs": ODD,
}  # fmt: skip


def not_clear(run):
    """Rules that failed on a run, and what is wrong with its report; empty if all is well."""
    judgement = judge(run, RULES)
    failed = [
        f"{rule}: {verdict.reason}" for rule, verdict in judgement.verdicts.items() if verdict.outcome == "failed"
    ]
    with overflow_ignored():
        dumped(document("/", "0", [run_entry(judgement)], []))
        index_row(judgement, "page.html")
        render_run(judgement, version="0", index_href=None)
    return failed


def built(tags, points, seed, kinds):
    rng = np.random.default_rng(seed)
    steps, times, epochs = (
        table[kind](rng, points) for table, kind in zip((STEPS, TIMES, EPOCHS), kinds[:3], strict=True)
    )
    with np.errstate(all="ignore"):
        return [
            Curve.build(tag, steps, VALUES[kind](rng, points), wall_time=times, epoch=epochs)
            for tag, kind in zip(tags, kinds[3:], strict=True)
        ]


@st.composite
def wild_runs(draw):
    tags = ["loss", "val_loss", *draw(st.lists(st.sampled_from(TAGS), max_size=8, unique=True))]
    kinds = [draw(st.sampled_from(sorted(table))) for table in (STEPS, TIMES, EPOCHS)]
    kinds += [draw(st.sampled_from(sorted(VALUES))) for _ in tags]
    points = draw(st.sampled_from([0, 1, 2, 3, 5, 12, 40, 100, 300]))
    curves = built(tags, points, draw(st.integers(0, 2**32)), kinds)
    chosen = draw(st.fixed_dictionaries({}, optional={key: st.sampled_from(of) for key, of in SETTINGS.items()}))
    run = Run(
        "run", "run", "test", all_curves=resolve(curves), hyperparameters=chosen, is_cut_short=draw(st.booleans())
    )
    run.task, run.task_evidence = task_of(run)
    return run


@given(wild_runs())
@settings(max_examples=60)
def test_no_rule_fails_on_wild_curves(run):
    assert not_clear(run) == []


TWISTS = {
    "scaled": lambda rng, v: v * rng.choice([1e300, 1e-300, 1e150, 1e-320, 1e18, -1]),
    "raised": lambda rng, v: np.sign(v) * np.abs(v) ** rng.choice([50, 200, 500, -200, 0.001, -1]),
    "exponential": lambda rng, v: np.exp(v * rng.choice([1, 10, 100, 700])),
    "one odd": lambda rng, v: np.where(np.arange(len(v)) == rng.integers(0, max(len(v), 1)), rng.choice(ODD), v),
    "end scaled": lambda rng, v: np.where(_shares(len(v)) > rng.random(), v * rng.choice([1e300, 1e-300, 0]), v),
    "beginning scaled": lambda rng, v: np.where(_shares(len(v)) < rng.random(), v * rng.choice([1e300, 1e-200, 0]), v),
    "rounded": lambda rng, v: np.round(v, rng.integers(0, 3)),
    "shifted": lambda rng, v: v + rng.choice(ODD),
    "as it is": lambda _, v: v,
}


@st.composite
def twisted_cases(draw):
    """A run that some rule looks at closely, with its numbers driven to extremes."""
    run = draw(st.sampled_from(CASES)).make()
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    twists = draw(st.lists(st.sampled_from(sorted(TWISTS)), min_size=1, max_size=3))
    kept = draw(st.sampled_from(["", "step", "wall_time", "epoch"]))
    table = {"step": STEPS, "wall_time": TIMES, "epoch": EPOCHS}.get(kept, {})
    kind = draw(st.sampled_from(sorted(table))) if table else ""
    curves = []
    for curve in run.all_curves:
        with np.errstate(all="ignore"):
            value = TWISTS[twists[rng.integers(len(twists))]](rng, curve.value)
        columns = {"step": curve.step, "wall_time": curve.wall_time, "epoch": curve.epoch}
        columns |= {kept: table[kind](rng, len(curve))} if table else {}
        curves.append(
            Curve.build(
                curve.tag, value=value, axis=curve.axis, statistic=curve.statistic, meaning=curve.meaning, **columns
            )
        )
    return replace(run, all_curves=curves)


@given(twisted_cases())
@settings(max_examples=60)
def test_no_rule_fails_on_twisted_cases(run):
    assert not_clear(run) == []


def _run(curves, **columns):
    steps = columns.pop("step", None)
    built_curves = [
        Curve.build(tag, np.arange(len(value)) if steps is None else steps, value, **columns)
        for tag, value in curves.items()
    ]
    run = Run("run", "run", "test", all_curves=resolve(built_curves))
    run.task, run.task_evidence = task_of(run)
    return run


SEEN = {
    "a ratio of losses beyond float64": lambda: _run(
        {"train/loss": np.exp(np.linspace(0, -500, 40)), "val/loss": decay(40, 3e200, 1e200)}
    ),
    "a spike beyond float64": lambda: _run(
        {"loss": np.where(np.arange(200) // 5 == 20, 1e300, decay(200, noise=0.01) * 1e-300)}
    ),
    "a training loss without noise": lambda: _run(
        {"train/loss": np.ones(60), "val/loss": np.abs(np.linspace(-2, 1, 60)) + 1}
    ),
    "epochs of two lengths": lambda: _run(
        {"loss": decay(600)}, epoch=np.repeat(np.arange(20), np.tile([20, 40], 10))
    ),
    "steps whose sum has no int64": lambda: _run(
        {"loss": decay(40)}, step=np.linspace(-(2**62), 2**62, 40).astype(np.int64) * 2, wall_time=1e9 + np.arange(40)
    ),
    "a step that never moves": lambda: _run({"loss": decay(40), "val_loss": decay(40)}, step=np.full(40, LAST_STEP)),
    "a clock beyond float64": lambda: _run(
        {"loss": decay(40)}, wall_time=2 * np.linspace(-8e307, 8e307, 40), epoch=np.linspace(0, 1e305, 40)
    ),
    "layers at one step": lambda: _run(
        {f"grad_norm/l{i}.weight": np.full(20, 10.0**-i) for i in range(6)}, step=np.full(20, LAST_STEP)
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", SEEN)
def test_odd_numbers_that_were_seen(case):
    assert not_clear(SEEN[case]()) == []
