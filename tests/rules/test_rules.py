"""Every rule on small runs that it must find (BAD) and must leave alone (GOOD)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pytest

from trainlint.analyzer.engine import judge
from trainlint.parsers.names import resolve
from trainlint.parsers.run import Curve, Run
from trainlint.rules.registry import RULES

from .curves import autoregressive, decay, flat, run_of

if TYPE_CHECKING:
    from collections.abc import Callable

STEPS = np.arange(100) * 10
NAN, INF = np.nan, np.inf


class Case(NamedTuple):
    rule: str
    name: str
    make: Callable[[], Run]
    expected: str  # a severity, or an outcome that is not "fired"


def with_values(values: np.ndarray, at: int | slice, value: float | np.ndarray) -> np.ndarray:
    changed = np.array(values, dtype=float)
    changed[at] = value
    return changed


def steep_layers(ratio: float, layers: int = 8) -> dict[str, np.ndarray]:
    return {f"grads/layers.{i}.weight": flat(20, ratio ** (layers - 1 - i), noise=0.1, seed=i) for i in range(layers)}


def epochs_of(pattern: np.ndarray, epochs: int = 8) -> Run:
    """A training loss over whole epochs with a pattern added to each."""
    points = len(pattern)
    values = decay(points * epochs) * np.exp(0.3 * np.tile(pattern, epochs))
    epoch = np.repeat(np.arange(epochs), points).astype(float)
    curve = Curve.build("loss", np.arange(len(values)), values, epoch=epoch)
    return Run("run", "run", "test", all_curves=resolve([curve]))


def timed(durations: np.ndarray) -> Run:
    """A training loss logged at every step, each of which took so many seconds."""
    curve = Curve.build("loss", np.arange(len(durations)), decay(len(durations)), wall_time=1e9 + np.cumsum(durations))
    return Run("run", "run", "test", all_curves=resolve([curve]))


CASES = [
    Case("non-finite", "NaN to the end", lambda: run_of({"loss": with_values(decay(50), slice(30, None), NAN)}), "error"),
    Case("non-finite", "three infinite points, then back", lambda: run_of({"loss": with_values(decay(50), slice(30, 33), INF)}), "error"),
    Case("non-finite", "one NaN", lambda: run_of({"loss": with_values(decay(50), 30, NAN)}), "warning"),
    Case("non-finite", "a skipped step of loss scaling", lambda: run_of({"loss": decay(200), "grad_norm": with_values(flat(200, 1), 50, INF)}), "info"),
    Case("non-finite", "loss column goes empty after an overflow", lambda: run_of({"loss": ([0, 5], [0.8, 7e6]), "lr": flat(50, 0.1)}), "error"),
    Case("non-finite", "an undefined score", lambda: run_of({"loss": decay(50), "val_auc": with_values(flat(50, 0.5), 0, NAN)}), "clear"),
    Case("non-finite", "a loss logged less often than the rate", lambda: run_of({"loss": ([0, 40], [2.0, 1.0]), "lr": flat(50, 0.1)}), "clear"),
    Case("non-finite", "no loss at all", lambda: run_of({"lr": flat(50, 0.1)}), "not-applicable"),

    Case("masked-nan", "zero at once", lambda: run_of({"loss": with_values(decay(50), slice(30, None), 0.0)}), "error"),
    Case("masked-nan", "learned down to zero", lambda: run_of({"loss": np.maximum(2.0 * 0.5 ** np.arange(60) - 1e-12, 0).round(6)}), "clear"),
    Case("masked-nan", "one exact zero", lambda: run_of({"loss": with_values(decay(50), 30, 0.0)}), "clear"),

    Case("divergence", "climbs to ten times its best", lambda: run_of({"loss": np.r_[decay(60), np.geomspace(0.2, 2.0, 40)]}), "error"),
    Case("divergence", "explodes within the first points", lambda: run_of({"loss": np.r_[3.0, 1e7, 1e90, np.geomspace(1e154, 1e137, 97)]}), "error"),
    Case("divergence", "falls with noise", lambda: run_of({"loss": decay(100, noise=0.3)}), "clear"),
    Case("divergence", "one spike at the end", lambda: run_of({"loss": with_values(decay(100), 99, 5.0)}), "clear"),
    Case("divergence", "validation loss alone rises", lambda: run_of({"loss": decay(100), "val_loss": np.r_[decay(40), np.geomspace(0.2, 2, 60)]}), "clear"),
    Case("divergence", "actor-critic losses rise", lambda: run_of({"train/value_loss": np.geomspace(0.1, 10, 100), "rollout/ep_rew_mean": np.arange(100.0)}), "not-applicable"),
    Case("divergence", "stopped in the middle of a warm restart", lambda: run_of({
        "loss": np.r_[decay(80, noise=0.02), np.geomspace(0.12, 0.8, 20)],
        "lr": np.r_[0.5 * (1 + np.cos(np.linspace(0, np.pi, 80))), np.full(20, 0.99)]}), "insufficient-data"),

    Case("not-learning", "constant with noise", lambda: run_of({"loss": flat(60, 2.3)}), "error"),
    Case("not-learning", "slow but real progress", lambda: run_of({"loss": np.linspace(2.3, 2.1, 60) * flat(60, 1.0, noise=0.005)}), "clear"),
    Case("not-learning", "a drop within the first points", lambda: run_of({"loss": np.r_[4.0, 3.0, 2.4, flat(57, 2.3, noise=0.005)]}), "clear"),
    Case("not-learning", "too noisy to tell", lambda: run_of({"loss": flat(60, 2.3, noise=0.3)}), "insufficient-data"),
    Case("not-learning", "log of the end of a training", lambda: run_of({"loss": (np.arange(500, 560), flat(60, 0.1))}), "insufficient-data"),
    Case("not-learning", "accuracy improves", lambda: run_of({"loss": flat(60, 2.3), "val_acc": np.linspace(0.1, 0.6, 60)}), "clear"),
    Case("not-learning", "fine-tuning of a good model", lambda: run_of({"loss": flat(60, 0.3), "val_acc": flat(60, 0.93)}), "clear"),

    Case("stuck-at-chance", "ln 10 and a tenth", lambda: run_of({"loss": flat(40, np.log(10)), "val_acc": flat(40, 0.1)}), "error"),
    Case("stuck-at-chance", "number of classes from the settings", lambda: run_of({"loss": flat(40, np.log(1000))}, num_classes=1000), "error"),
    Case("stuck-at-chance", "accuracy says otherwise", lambda: run_of({"loss": flat(40, np.log(10)), "val_acc": flat(40, 0.6)}, num_classes=10), "clear"),
    Case("stuck-at-chance", "learns", lambda: run_of({"loss": decay(40), "val_acc": np.linspace(0.1, 0.9, 40)}, num_classes=10), "clear"),
    Case("stuck-at-chance", "four classes below chance are not seven", lambda: run_of({"loss": flat(40, 1.93), "val_acc": flat(40, 0.217)}), "clear"),
    Case("stuck-at-chance", "random labels, training memorised", lambda: run_of({
        "loss": np.linspace(2.3, 2.1, 40), "val_loss": flat(40, 2.35), "acc": np.linspace(0.1, 0.3, 40), "val_acc": flat(40, 0.09)}, num_classes=10), "error"),
    Case("stuck-at-chance", "a regression at 0.69", lambda: run_of({"loss": flat(40, np.log(2))}), "not-applicable"),

    Case("loss-spike", "tenfold, with its gradient", lambda: run_of({
        "loss": with_values(decay(200), 120, 3.0), "grad_norm": with_values(flat(200, 1.0, noise=0.1), 120, 30.0)}), "warning"),
    Case("loss-spike", "small and single", lambda: run_of({"loss": with_values(decay(200, noise=0.01), 120, decay(200)[120] * 1.5)}), "info"),
    Case("loss-spike", "not recovered", lambda: run_of({"loss": np.r_[decay(150, noise=0.02), flat(50, 1.5)]}), "warning"),
    Case("loss-spike", "a warm restart", lambda: run_of({
        "loss": np.r_[decay(100, noise=0.01), 0.12 * np.exp(0.12 * np.arange(10)), flat(60, 0.4, noise=0.01), decay(30, 0.4, noise=0.01)]}), "clear"),
    Case("loss-spike", "noise", lambda: run_of({"loss": decay(200, noise=0.3)}), "clear"),
    Case("loss-spike", "drops are no spikes", lambda: run_of({"loss": with_values(decay(200), slice(100, None), 0.01)}), "clear"),
    Case("loss-spike", "steep start", lambda: run_of({"loss": np.exp(-np.linspace(0, 8, 200)) * flat(200, 1, noise=0.02)}), "clear"),

    Case("oscillation", "by half from one evaluation to the next", lambda: run_of({"loss": decay(60), "val_loss": decay(60, end=0.8, noise=0.4)}), "warning"),
    Case("oscillation", "settles", lambda: run_of({"loss": decay(40), "val_loss": decay(40, noise=0.02)}), "clear"),
    Case("oscillation", "noisy at first only", lambda: run_of({"loss": decay(60), "val_loss": decay(60) * np.r_[flat(15, 1, noise=0.4), flat(45, 1, noise=0.01)]}), "clear"),

    Case("plateau", "stuck high with a rate that never falls", lambda: run_of({
        "loss": np.r_[np.linspace(4.8, 3.0, 20), flat(80, 3.0, noise=0.003)], "lr": flat(100, 0.1, noise=0)}), "warning"),
    Case("plateau", "falls after a decay of the rate", lambda: run_of({
        "loss": np.r_[np.linspace(4, 1, 30), flat(50, 1.0, noise=0.002), np.linspace(0.8, 0.3, 20)]}), "info"),
    Case("plateau", "annealed and converged", lambda: run_of({
        "loss": np.r_[np.linspace(4.8, 3.0, 20), flat(80, 3.0, noise=0.003)], "lr": np.linspace(0.1, 0, 100)}), "clear"),
    Case("plateau", "noise", lambda: run_of({"loss": flat(100, 1.6, noise=0.05)}), "clear"),
    Case("plateau", "falls throughout", lambda: run_of({"loss": decay(100, end=0.001), "lr": flat(100, 0.1)}), "clear"),

    Case("zero-learning-rate", "schedule too short", lambda: run_of({
        "loss": np.r_[decay(30), flat(70, 0.1)], "lr": np.r_[np.linspace(0.1, 0, 30), np.zeros(70)]}), "error"),
    Case("zero-learning-rate", "ends at zero", lambda: run_of({"loss": decay(100), "lr": np.linspace(0.1, 0, 100)}), "clear"),
    Case("zero-learning-rate", "warms up from zero", lambda: run_of({"lr": np.r_[0, np.linspace(0.01, 0.1, 10), np.linspace(0.1, 0.01, 89)]}), "clear"),
    Case("zero-learning-rate", "one frozen group of two", lambda: run_of({"lr/pg0": np.zeros(50), "lr/pg1": flat(50, 0.1)}), "clear"),
    Case("zero-learning-rate", "rounded in print", lambda: run_of({"loss": decay(100, noise=0.01), "lr": np.r_[0.001, np.zeros(99)]}), "insufficient-data"),

    Case("overfitting", "validation rises by a half", lambda: run_of({
        "loss": decay(60, end=0.01), "val_loss": np.r_[np.linspace(2.3, 0.8, 20), np.linspace(0.8, 1.3, 40)] * flat(60, 1, noise=0.02)}), "error"),
    Case("overfitting", "only confidence suffers", lambda: run_of({
        "loss": decay(60, end=0.01), "val_acc": np.r_[np.linspace(0.1, 0.9, 20), flat(40, 0.9, noise=0.003)],
        "val_loss": np.r_[np.linspace(2.3, 0.8, 20), np.linspace(0.8, 1.0, 40)] * flat(60, 1, noise=0.01)}), "info"),
    Case("overfitting", "a gap that is stable", lambda: run_of({"loss": decay(60, end=0.01), "val_loss": decay(60, end=0.5)}), "clear"),
    Case("overfitting", "both rise", lambda: run_of({
        "loss": np.r_[decay(30), np.linspace(0.2, 2, 30)], "val_loss": np.r_[decay(30), np.linspace(0.3, 2.2, 30)]}), "clear"),
    Case("overfitting", "test plays the part of validation", lambda: run_of({
        "train_loss": decay(60, end=0.01), "test_loss": np.r_[np.linspace(2.3, 0.8, 20), np.linspace(0.8, 1.3, 40)] * flat(60, 1, noise=0.02)}), "error"),
    Case("overfitting", "three epochs", lambda: run_of({"loss": [2, 1, 0.5], "val_loss": [2, 1, 1.5]}), "insufficient-data"),

    Case("overtraining", "best early, then slightly worse", lambda: run_of({
        "loss": decay(100), "val_loss": np.r_[np.linspace(2.3, 0.5, 20), np.linspace(0.5, 0.52, 80)] * flat(100, 1, noise=0.002)}), "warning"),
    Case("overtraining", "constant", lambda: run_of({"loss": decay(100), "val_loss": np.full(100, 2.3)}), "clear"),
    Case("overtraining", "best at the end", lambda: run_of({"loss": decay(100), "val_loss": decay(100, end=0.2, noise=0.005)}), "clear"),

    Case("vanishing-gradients", "a decade a layer, no progress", lambda: run_of(steep_layers(0.1) | {"loss": flat(20, 2.3)}), "error"),
    Case("vanishing-gradients", "a decade a layer, but it learns", lambda: run_of(steep_layers(0.1) | {"loss": decay(20)}), "warning"),
    Case("vanishing-gradients", "healthy stack", lambda: run_of(steep_layers(0.8) | {"loss": decay(20)}), "clear"),
    Case("vanishing-gradients", "frozen layers have none", lambda: run_of(steep_layers(0.8) | {"grads/layers.0.weight": np.zeros(20), "loss": decay(20)}), "clear"),
    Case("vanishing-gradients", "exploding is not vanishing", lambda: run_of(steep_layers(10.0)), "clear"),
    Case("vanishing-gradients", "two layers", lambda: run_of(steep_layers(0.1, layers=2)), "not-applicable"),

    Case("truncated-run", "half of the steps", lambda: run_of({"loss": (STEPS, decay(100))}, max_steps=2000), "warning"),
    Case("truncated-run", "last logging interval missing", lambda: run_of({"loss": (STEPS, decay(100))}, max_steps=1000), "clear"),
    Case("truncated-run", "epochs from zero", lambda: run_of({"loss": decay(20)}, axis="epoch", epochs=20), "clear"),
    Case("truncated-run", "early stopping", lambda: run_of({"loss": decay(20), "val_loss": np.r_[decay(15), flat(5, 0.5)]}, axis="epoch", epochs=100), "info"),
    Case("truncated-run", "cut record", lambda: run_of({"loss": decay(20)}, is_cut=True), "warning"),
    Case("truncated-run", "a cut record is no early stopping", lambda: run_of({"loss": decay(20), "val_loss": np.r_[decay(15), flat(5, 0.5)]}, is_cut=True), "warning"),
    Case("truncated-run", "no plan", lambda: run_of({"loss": decay(20)}), "not-applicable"),
    Case("out-of-range", "negative cross entropy", lambda: run_of({"loss": -decay(50), "val_acc": flat(50, 0.9)}), "error"),
    Case("out-of-range", "accuracy above one", lambda: run_of({"val_acc": with_values(flat(50, 0.9), 20, 1.2)}), "error"),
    Case("out-of-range", "percentages", lambda: run_of({"loss": decay(50), "val_acc": flat(50, 93.0)}), "clear"),
    Case("out-of-range", "a density may be negative", lambda: run_of({"loss": -decay(50)}), "not-applicable"),

    Case("zero-gradient", "cut off", lambda: run_of({"grad_norm": np.r_[flat(50, 1.0), np.zeros(50)]}), "error"),
    Case("zero-gradient", "converged in print", lambda: run_of({"grad_norm": (2.0 * 0.7 ** np.arange(100)).round(4)}), "clear"),
    Case("zero-gradient", "never zero", lambda: run_of({"grad_norm": flat(100, 1.0)}), "clear"),

    Case("slow-convergence", "even and slow", lambda: run_of({
        "loss": np.linspace(2.4, 2.2, 60) * flat(60, 1, noise=0.003), "lr": flat(60, 1e-5, noise=0)}), "warning"),
    Case("slow-convergence", "without a learning rate", lambda: run_of({"loss": np.linspace(2.4, 2.2, 60) * flat(60, 1, noise=0.003)}), "info"),
    Case("slow-convergence", "levels off", lambda: run_of({"loss": decay(60, end=1.5, noise=0.01), "lr": flat(60, 0.1)}), "clear"),
    Case("slow-convergence", "annealed", lambda: run_of({"loss": np.linspace(2.4, 2.2, 60), "lr": np.linspace(0.1, 0, 60)}), "clear"),

    Case("abnormal-initial-loss", "hundreds of nats", lambda: run_of({"loss": decay(100, 300.0), "train_acc": flat(100, 0.5)}), "warning"),
    Case("abnormal-initial-loss", "ln 10", lambda: run_of({"loss": decay(100)}, num_classes=10), "clear"),
    Case("abnormal-initial-loss", "a regression", lambda: run_of({"loss": decay(100, 300.0)}), "not-applicable"),

    Case("loss-floor", "softmax twice", lambda: run_of({"loss": np.r_[np.linspace(2.25, 1.47, 20), flat(40, 1.466, noise=0.001)],
        "accuracy": np.r_[np.linspace(0.3, 0.99, 20), flat(40, 0.99, noise=0.001)], "val_accuracy": flat(60, 0.9), "val_loss": flat(60, 1.5)}), "warning"),
    Case("loss-floor", "a fitting loss", lambda: run_of({"loss": decay(60, end=0.05), "accuracy": flat(60, 0.99, noise=0.001), "val_accuracy": flat(60, 0.9)}), "clear"),

    Case("learning-rate-jump", "thirtyfold at a resume", lambda: run_of({"lr": np.r_[np.linspace(0.02, 0.01, 50), flat(30, 0.6, noise=0)]}), "warning"),
    Case("learning-rate-jump", "warm restarts", lambda: run_of({"lr": np.tile(np.linspace(0.1, 0.001, 25), 4)}), "clear"),
    Case("learning-rate-jump", "warm-up", lambda: run_of({"lr": np.r_[np.geomspace(1e-6, 0.1, 8), flat(92, 0.1, noise=0)]}), "clear"),

    Case("suspicious-perfection", "perfect from the start", lambda: run_of({"val_acc": np.r_[0.98, np.ones(29)]}), "warning"),
    Case("suspicious-perfection", "merely good", lambda: run_of({"val_acc": flat(30, 0.98, noise=0.001)}), "clear"),

    Case("constant-metric", "evaluates stale weights", lambda: run_of({"loss": decay(30), "val_loss": np.full(30, 2.318274)}), "error"),
    Case("constant-metric", "rounded", lambda: run_of({"loss": decay(30), "val_loss": np.full(30, 0.31)}), "insufficient-data"),
    Case("constant-metric", "varies", lambda: run_of({"loss": decay(30), "val_loss": decay(30)}), "clear"),

    Case("class-collapse", "share of the largest class", lambda: run_of({"loss": decay(60, end=0.4), "val_loss": decay(60, end=0.45), "val_acc": np.r_[0.1, np.full(59, 0.8392)]}), "warning"),
    Case("class-collapse", "saturated", lambda: run_of({"loss": decay(60), "val_acc": np.full(60, 0.978)}), "clear"),
    Case("class-collapse", "training accuracy goes on", lambda: run_of({"loss": decay(60), "train_acc": np.linspace(0.1, 1.5, 60).clip(max=1), "val_acc": np.full(60, 0.84)}), "clear"),

    Case("epoch-periodic-loss", "the same order every epoch", lambda: epochs_of(np.sin(np.linspace(0, 25, 40))), "warning"),
    Case("epoch-periodic-loss", "shuffled", lambda: epochs_of(np.zeros(40)), "clear"),
    Case("epoch-periodic-loss", "running mean starts anew", lambda: epochs_of(-np.linspace(0, 1, 40)), "clear"),
    Case("epoch-periodic-loss", "epochs not logged", lambda: run_of({"loss": decay(400)}), "insufficient-data"),

    Case("dead-units", "all zero", lambda: run_of({"zero_fraction/relu1": flat(20, 0.5), "zero_fraction/relu2": np.r_[flat(5, 0.6), np.ones(15)]}), "error"),
    Case("dead-units", "nearly all", lambda: run_of({"dead_frac_relu2": flat(20, 0.95, noise=0.001)}), "warning"),
    Case("dead-units", "ordinary sparsity", lambda: run_of({"zero_fraction/relu1": flat(20, 0.55)}), "clear"),

    Case("frozen-weights", "no update in spite of a gradient", lambda: run_of({
        "update_ratio/a.weight": np.zeros(20), "update_ratio/b.weight": flat(20, 1e-3), "grads/a.weight": flat(20, 1.0), "lr": flat(20, 0.1)}), "warning"),
    Case("frozen-weights", "no gradient to follow", lambda: run_of({
        "update_ratio/a.weight": np.zeros(20), "update_ratio/b.weight": flat(20, 1e-3), "grads/a.weight": np.zeros(20)}), "clear"),
    Case("frozen-weights", "frozen on purpose", lambda: run_of({"update_ratio/a.weight": np.zeros(20)}, freeze_encoder=True), "not-applicable"),

    Case("stall", "two minutes at random", lambda: timed(with_values(np.full(200, 1.0), [37, 102, 150], 130.0)), "warning"),
    Case("stall", "checkpoints at regular steps", lambda: timed(with_values(np.full(200, 1.0), slice(19, None, 20), 60.0)), "clear"),
    Case("stall", "even", lambda: timed(np.full(200, 1.0)), "clear"),

    Case("slowdown", "twice as long at the end", lambda: timed(np.linspace(1.0, 2.0, 200) * flat(200, 1.0, noise=0.1)), "warning"),
    Case("slowdown", "even", lambda: timed(flat(200, 1.0, noise=0.1)), "clear"),
    Case("slowdown", "compilation at the start", lambda: timed(with_values(flat(200, 1.0, noise=0.1), slice(0, 4), 50.0)), "clear"),

    Case("step-time-outliers", "every tenth at random", lambda: timed(np.where(np.random.default_rng(0).random(300) < 0.1, 8.0, 1.0)), "warning"),
    Case("step-time-outliers", "every tenth in turn", lambda: timed(with_values(np.full(300, 1.0), slice(9, None, 10), 8.0)), "clear"),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=[f"{c.rule}: {c.name}" for c in CASES])
def test_rule(case: Case) -> None:
    (rule,) = (rule for rule in RULES if rule.id == case.rule)
    judgement = judge(case.make(), [rule], strict=True)
    outcome = judgement.verdicts[case.rule].outcome
    assert (str(judgement.findings[0].severity) if outcome == "fired" else outcome) == case.expected


@pytest.mark.parametrize("rule", [r for r in RULES if r.family != "crash"], ids=lambda rule: rule.id)
def test_every_rule_has_good_and_bad_cases(rule) -> None:
    expected = {case.expected for case in CASES if case.rule == rule.id}
    assert expected & {"error", "warning", "info"}
    assert "clear" in expected


@pytest.mark.parametrize("case", CASES, ids=[f"{c.rule}: {c.name}" for c in CASES])
def test_findings_are_complete(case: Case) -> None:
    run = case.make()
    names = {curve.name for curve in run.all_curves}
    for found in judge(run, RULES, strict=True).findings:
        finding = found.finding
        assert finding.metric in names
        assert finding.steps[0] <= finding.steps[1]
        assert 0 < finding.confidence <= 1
        assert finding.remedies
        assert finding.evidence
        assert all(np.isfinite(value) for name, value in finding.evidence.items() if not name.startswith("value"))


NOISES = {
    "gaussian": lambda n, seed: np.random.default_rng(seed).normal(size=n),
    "t(4)": lambda n, seed: np.random.default_rng(seed).standard_t(4, size=n) / np.sqrt(2),
    "AR(0.6)": lambda n, seed: autoregressive(n, 0.6, seed),
}


@pytest.mark.parametrize("noise", NOISES)
@pytest.mark.parametrize("points", [40, 300])
def test_healthy_runs_raise_few_alarms(noise: str, points: int) -> None:
    """At most 2 % of simulated healthy runs get a warning or error of any rule (95 % bound for 300 runs: 4 %)."""
    alarms = 0
    for seed in range(300):
        wiggle = NOISES[noise](3 * points, seed).reshape(3, points)
        train = decay(points, noise=0) * np.exp(0.1 * wiggle[0])
        validation = decay(points, end=0.15, noise=0) * np.exp(0.05 * wiggle[1])
        norm = np.exp(0.3 * wiggle[2])
        found = judge(run_of({"loss": train, "val_loss": validation, "grad_norm": norm}), RULES).findings
        alarms += any(f.severity >= 2 for f in found)
    assert alarms <= 0.04 * 300
