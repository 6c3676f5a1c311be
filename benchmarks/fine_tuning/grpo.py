"""Group-relative policy optimisation on verifiable rewards, healthy and with eleven faults."""

from __future__ import annotations

import numpy as np

from .signals import Fault, Method, Signals

ANSWERS = 8  # a prompt
LONGEST = 4096  # tokens of an answer


def healthy(seed: int) -> Signals:
    """The share of solved prompts rises and levels off, on held-out prompts as well; answers grow, entropy falls by half."""
    run = Signals.of_random_length(seed)
    rng = run.rng
    learned = 1 - np.exp(-rng.uniform(2, 7) * run.progress)
    start, gain = rng.uniform(0.05, 0.5), rng.uniform(0.15, 0.4)
    solved = start + gain * learned
    prompts = int(rng.choice([16, 64, 128]))
    skill = rng.uniform(0.6, 3)
    odds = rng.beta(skill * solved[:, None], skill * (1 - solved[:, None]), size=(run.points, prompts))
    right = rng.binomial(ANSWERS, odds) / ANSWERS
    formatted = 1 - (1 - rng.uniform(0.3, 0.9)) * np.exp(-20 * run.progress)
    written = np.clip(formatted + 0.01 * run.noise(), 0, 1)
    length = run.around(rng.uniform(150, 900) * np.exp(rng.uniform(-0.4, 0.8) * learned), 0.06)
    held_out = int(rng.integers(200, 1300))
    run.train = {
        "accuracy": right.mean(axis=1),
        "format": written,
        "reward": right.mean(axis=1) + 0.1 * written,
        "reward_std": right.std(axis=1),
        "zero_std": ((right == 0) | (right == 1)).mean(axis=1),
        "length": length,
        "truncated": np.clip(run.around(np.full(run.points, rng.uniform(0, 0.12)), 0.4), 0, 1),
        "kl": run.around(rng.uniform(0.01, 0.4) * (1 - np.exp(-rng.uniform(1, 4) * run.progress)) + 5e-4, 0.15),
        "approx_kl": run.around(np.full(run.points, 10 ** rng.uniform(-4, -2.5)), 0.3),
        "clip_fraction": np.clip(run.around(np.full(run.points, rng.uniform(0.0005, 0.01)), 0.4), 0, 1),
        "entropy": run.around(rng.uniform(0.25, 1.0) * (1 - 0.5 * learned), 0.06),
        "loss": rng.uniform(0.002, 0.03) * run.noise(),
        "grad_norm": run.around(np.full(run.points, rng.uniform(0.05, 0.6)), 0.25),
        "rate": run.warm_cosine(10 ** rng.uniform(-6.3, -5)),
    }
    unseen = np.clip(start + rng.uniform(0.6, 0.95) * gain * learned[run.eval_rows], 0, 1)
    run.evals = {"accuracy": rng.binomial(held_out, unseen) / held_out, "format": written[run.eval_rows]}
    return run


def _hacked(run: Signals) -> None:
    """The reward is gamed from a third on: it soars while held-out accuracy falls."""
    gamed = run.ramp(0.3, 0.9)
    run.train["reward"] = np.clip(run.train["reward"] + (1.05 - run.train["reward"]) * gamed, 0, 1.1)
    run.train["accuracy"] = run.train["reward"] - 0.1 * run.train["format"]
    run.evals["accuracy"] *= 1 - 0.5 * run.eval_ramp(0.3, 0.9)


def _lengthening(run: Signals) -> None:
    """Answers grow tenfold, without any gain in reward."""
    run.train["length"] = run.train["length"][0] * np.exp(np.log(10) * run.ramp(0.2, 1.0) + 0.06 * run.noise())
    flat = run.train["accuracy"][: run.points // 5]
    run.train["accuracy"] = run.rng.choice(flat, run.points)
    run.train["reward"] = run.train["accuracy"] + 0.1 * run.train["format"]
    run.evals["accuracy"] = run.evals["accuracy"][0] + 0.01 * run.rng.normal(size=len(run.eval_rows))


def _truncated(run: Signals) -> None:
    """More and more answers are cut off at the longest length that is allowed, and get no reward."""
    cut = 0.05 + 0.85 * run.ramp(0.3, 0.8)
    run.train["truncated"] = np.clip(cut + 0.03 * run.noise(), 0, 1)
    run.train["length"] = run.train["length"] * (1 - cut) + LONGEST * cut
    for name in ("accuracy", "reward", "reward_std"):
        run.train[name] = run.train[name] * (1 - cut)
    run.evals["accuracy"] *= 1 - 0.8 * run.eval_ramp(0.3, 0.8)


def _without_entropy(run: Signals) -> None:
    """The policy becomes deterministic within a third of the run, and learns no more."""
    run.train["entropy"] *= np.exp(-5.5 * run.ramp(0.05, 0.35))
    stop = run.points // 3
    for name in ("accuracy", "reward"):
        run.train[name][stop:] = run.rng.choice(run.train[name][stop - stop // 4 : stop], run.points - stop)
    run.train["reward_std"] *= 1 - 0.8 * run.ramp(0.05, 0.35)


def _far_from_reference(run: Signals) -> None:
    """The divergence from the reference model grows from below 0.5 to 50."""
    run.train["kl"] = 0.1 * np.exp(np.log(500) * run.ramp(0.2, 0.95) + 0.15 * run.noise())
    run.train["loss"] = run.train["loss"] + 0.04 * run.train["kl"]


def _uniform(run: Signals) -> None:
    """Nearly all groups have one reward for all answers: no gradient."""
    groups = run.rng.binomial(64, 0.985, run.points) / 64
    run.train["zero_std"] = groups
    run.train["reward_std"] = 0.01 * (1 - groups)
    run.train["accuracy"] = 0.005 * (1 - groups)
    run.train["reward"] = run.train["accuracy"] + 0.1
    run.train["format"] = np.ones(run.points)
    run.train["grad_norm"] *= 1 - groups
    run.train["loss"] *= 1 - groups
    run.train["kl"] = run.around(np.full(run.points, 4e-4), 0.1)
    run.evals["accuracy"] = np.zeros(len(run.eval_rows))


def _stay(run: Signals) -> None:
    """Nothing is learnt: all quantities stay as at the first step."""
    first = slice(0, max(8, run.points // 10))
    for name in ("accuracy", "format", "reward_std", "zero_std", "length", "entropy"):
        run.train[name] = run.rng.choice(run.train[name][first], run.points)
    run.train["reward"] = run.train["accuracy"] + 0.1 * run.train["format"]
    run.evals["accuracy"] = run.evals["accuracy"][0] + 0.01 * run.rng.normal(size=len(run.eval_rows))


def _frozen(run: Signals) -> None:
    """The weights that sample answers are never updated, though gradients flow."""
    _stay(run)
    run.train["approx_kl"] = np.abs(6e-16 * run.noise())
    run.train["clip_fraction"] = np.zeros(run.points)
    run.train["kl"] = np.zeros(run.points)


def _no_rate(run: Signals) -> None:
    """The learning rate is zero."""
    _frozen(run)
    run.train["rate"] = np.zeros(run.points)


def _not_a_number(run: Signals) -> None:
    """Loss and gradients turn NaN at 60% of the run; answers are rubbish from there on."""
    gone = run.progress > 0.6
    for name in ("loss", "grad_norm", "kl", "entropy"):
        run.train[name][gone] = np.nan
    for name in ("accuracy", "reward", "reward_std", "format"):
        run.train[name][gone] = 0.0
    run.train["zero_std"][gone] = 1.0
    run.evals["accuracy"][run.eval_progress > 0.6] = 0.0


def _format_only(run: Signals) -> None:
    """The reward for the format is learnt, and accuracy is lost; their sum still rises."""
    lost = run.ramp(0.1, 0.7)
    run.train["format"] = np.clip(0.1 + 0.9 * lost + 0.02 * run.noise(), 0, 1)
    run.train["accuracy"] = np.clip(run.train["accuracy"][0] * (1 - 0.9 * lost) + 0.02 * run.noise(), 0, 1)
    run.train["reward"] = run.train["accuracy"] + run.train["format"]
    run.evals["accuracy"] = np.clip(run.evals["accuracy"][0] * (1 - 0.9 * run.eval_ramp(0.1, 0.7)), 0, 1)
    run.evals["format"] = run.train["format"][run.eval_rows]


def _short_answers(run: Signals) -> None:
    """All prompts get the same short answer: length, entropy and reward collapse together."""
    gone = run.ramp(0.4, 0.6)
    run.train["length"] = run.train["length"] * (1 - gone) + 12 * gone
    run.train["entropy"] = run.train["entropy"] * (1 - gone) + 0.004 * gone
    for name in ("accuracy", "reward", "reward_std"):
        run.train[name] = run.train[name] * (1 - 0.93 * gone)
    run.evals["accuracy"] *= 1 - 0.93 * run.eval_ramp(0.4, 0.6)


GRPO = Method(
    healthy,
    {
        "reward hacking": Fault(_hacked, ("reward-hacking", "score-decline")),
        "answers ten times longer": Fault(_lengthening, ("length-runaway",)),
        "answers cut off": Fault(_truncated, ("truncated-answers", "length-runaway")),
        "entropy lost": Fault(_without_entropy, ("entropy-collapse", "mode-collapse")),
        "far from the reference": Fault(_far_from_reference, ("kl-runaway",)),
        "groups without gradient": Fault(_uniform, ("uniform-rewards", "zero-gradient")),
        "frozen policy": Fault(_frozen, ("frozen-policy",)),
        "learning rate zero": Fault(_no_rate, ("zero-learning-rate", "frozen-policy")),
        "not a number": Fault(_not_a_number, ("non-finite", "masked-nan")),
        "only the format is learnt": Fault(_format_only, ("reward-hacking", "score-decline", "reward-collapse")),
        "one short answer": Fault(_short_answers, ("entropy-collapse", "mode-collapse", "reward-collapse")),
    },
    ("trl", "verl", "openrlhf"),
)
