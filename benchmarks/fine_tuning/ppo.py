"""Proximal policy optimisation with a reward model and a value function, healthy and with eleven faults."""

from __future__ import annotations

import numpy as np

from .signals import Fault, Method, Signals


def healthy(seed: int) -> Signals:
    """The score of the reward model rises and levels off, of held-out prompts as well; the divergence grows to 0.04 nats a token."""
    run = Signals.of_random_length(seed)
    rng = run.rng
    learned = 1 - np.exp(-rng.uniform(2, 6) * run.progress)
    start, gain = rng.uniform(-1, 1.5), rng.uniform(1, 3)
    apart = rng.uniform(0.005, 0.04) * (1 - np.exp(-rng.uniform(1, 5) * run.progress)) + 1e-3
    value_loss = rng.uniform(0.05, 0.2) + rng.uniform(0.1, 0.6) * np.exp(-6 * run.progress)
    moved = 10 ** rng.uniform(-3.5, -2)
    run.train = {
        "score": start + gain * learned + 0.2 * run.noise(),
        "score_std": run.around(np.full(run.points, rng.uniform(0.6, 1.2)), 0.08),
        "kl": run.around(apart, 0.12),
        "length": run.around(rng.uniform(50, 300) * np.exp(rng.uniform(-0.3, 0.6) * learned), 0.06),
        "truncated": np.clip(run.around(np.full(run.points, rng.uniform(0, 0.1)), 0.4), 0, 1),
        "approx_kl": run.around(np.full(run.points, moved), 0.3),
        "clip_fraction": np.clip(run.around(np.full(run.points, 10 * moved), 0.3), 0, 1),
        "ratio": 1 + 0.01 * run.noise(),
        "ratio_var": run.around(np.full(run.points, moved / 10), 0.5),
        "entropy": run.around(rng.uniform(0.6, 1.6) * (1 - 0.35 * learned), 0.05),
        "policy_loss": rng.uniform(0.003, 0.03) * run.noise(),
        "value_loss": run.around(value_loss, 0.2),
        "value": start + gain * learned * rng.uniform(0.7, 1) + 0.1 * run.noise(),
        "explained": np.clip(0.7 * (1 - np.exp(-8 * run.progress)) + 0.05 * run.noise(), -1, 1),
        "grad_norm": run.around(np.full(run.points, rng.uniform(0.2, 2)), 0.25),
        "value_grad_norm": run.around(np.full(run.points, rng.uniform(1, 8)), 0.3),
        "rate": run.warm_cosine(10 ** rng.uniform(-6, -5)),
        "value_rate": run.warm_cosine(10 ** rng.uniform(-5.5, -5)),
    }
    unseen = start + rng.uniform(0.6, 0.95) * gain * learned[run.eval_rows]
    run.evals = {"score": unseen + 0.06 * rng.normal(size=len(run.eval_rows))}
    return run


def _hacked(run: Signals) -> None:
    """The reward model is gamed: its score soars with the divergence, the held-out score of better judges falls."""
    gamed = run.ramp(0.25, 0.9)
    run.train["score"] = run.train["score"] + 5 * gamed
    run.train["kl"] = run.train["kl"] * np.exp(1.5 * gamed)
    run.evals["score"] -= 2.5 * run.eval_ramp(0.25, 0.9)


def _far_from_reference(run: Signals) -> None:
    """The divergence from the reference model grows hundredfold, to tens of nats a token."""
    run.train["kl"] = 0.2 * np.exp(np.log(150) * run.ramp(0.2, 0.95) + 0.12 * run.noise())


def _value_blows_up(run: Signals) -> None:
    """The value loss grows thousandfold, and what the values explain becomes negative."""
    grown = run.ramp(0.3, 0.8)
    run.train["value_loss"] = run.train["value_loss"] * np.exp(np.log(2000) * grown)
    run.train["explained"] = run.train["explained"] * (1 - grown) - 3 * grown
    run.train["value_grad_norm"] = run.train["value_grad_norm"] * np.exp(np.log(300) * grown)
    run.train["value"] = run.train["value"] + 40 * grown


def _all_clipped(run: Signals) -> None:
    """Nearly all updates leave the trust region: 95% are clipped."""
    run.train["clip_fraction"] = np.clip(0.95 + 0.02 * run.noise(), 0, 1)
    run.train["approx_kl"] = run.around(np.full(run.points, 0.8), 0.3)
    run.train["ratio"] = 1.7 + 0.2 * run.noise()
    run.train["ratio_var"] = run.around(np.full(run.points, 3.0), 0.4)
    run.train["score"] = run.train["score"][0] + 0.25 * run.noise()
    run.evals["score"] = run.evals["score"][0] + 0.06 * run.rng.normal(size=len(run.eval_rows))


def _stay(run: Signals) -> None:
    for name in ("score", "score_std", "length", "truncated", "entropy"):
        first = run.train[name][: max(8, run.points // 12)]
        run.train[name] = first.mean() + first.std() * run.noise()
    run.evals["score"] = run.evals["score"][0] + 0.06 * run.rng.normal(size=len(run.eval_rows))


def _frozen(run: Signals) -> None:
    """The policy is not updated: the ratio of new to old probabilities is exactly one."""
    _stay(run)
    run.train["approx_kl"] = np.abs(6e-16 * run.noise())
    run.train["clip_fraction"] = np.zeros(run.points)
    run.train["ratio"] = np.ones(run.points)
    run.train["ratio_var"] = np.zeros(run.points)
    run.train["kl"] = np.abs(2e-9 * run.noise())


def _collapsed(run: Signals) -> None:
    """The score of the reward model falls far below that of the first answers, and stays there."""
    gone = run.ramp(0.5, 0.65)
    run.train["score"] = run.train["score"] * (1 - gone) - 6 * gone
    run.train["entropy"] = run.train["entropy"] * (1 + 2.5 * gone)
    run.train["kl"] = run.train["kl"] * np.exp(2 * gone)
    end = run.eval_ramp(0.5, 0.65)
    run.evals["score"] = run.evals["score"] * (1 - end) - 6 * end


def _stagnant(run: Signals) -> None:
    """The policy is updated, and its score never rises."""
    _stay(run)


def _without_entropy(run: Signals) -> None:
    """The policy becomes deterministic."""
    run.train["entropy"] = run.train["entropy"] * np.exp(-6 * run.ramp(0.1, 0.5))
    run.train["score_std"] = run.train["score_std"] * (1 - 0.9 * run.ramp(0.1, 0.5))


def _lengthening(run: Signals) -> None:
    """The reward model likes long answers: they grow eightfold, to the longest that is allowed."""
    grown = run.ramp(0.15, 0.9)
    run.train["length"] = run.train["length"][0] * np.exp(np.log(8) * grown + 0.06 * run.noise())
    run.train["truncated"] = np.clip(run.train["truncated"] + 0.5 * run.ramp(0.6, 1), 0, 1)
    run.evals["score"] = run.evals["score"][0] + 0.06 * run.rng.normal(size=len(run.eval_rows))


def _diverged(run: Signals) -> None:
    """Updates grow until the policy is another one after each of them."""
    grown = run.ramp(0.4, 0.8)
    run.train["approx_kl"] = run.train["approx_kl"] * np.exp(np.log(3 / run.train["approx_kl"].mean()) * grown)
    run.train["clip_fraction"] = np.clip(run.train["clip_fraction"] + 0.7 * grown, 0, 1)
    run.train["ratio"] = run.train["ratio"] + 25 * grown
    run.train["ratio_var"] = run.train["ratio_var"] + 900 * grown**2
    run.train["policy_loss"] = run.train["policy_loss"] + 0.8 * grown * np.abs(run.noise())
    run.train["kl"] = run.train["kl"] * np.exp(4 * grown)
    run.train["score"] = run.train["score"] - 4 * grown
    run.train["grad_norm"] = run.train["grad_norm"] * np.exp(4 * grown)
    run.evals["score"] -= 4 * run.eval_ramp(0.4, 0.8)


def _saturated(run: Signals) -> None:
    """The score reaches the ceiling of the reward model, and all answers get it."""
    near = run.ramp(0.1, 0.25)
    run.train["score"] = np.minimum(run.train["score"] * (1 - near) + 5.0 * near, 5.0)
    run.train["score"][near >= 1] = 5.0
    run.train["score_std"] = run.train["score_std"] * (1 - near)
    run.train["grad_norm"] = run.train["grad_norm"] * (1 - 0.99 * near)
    run.evals["score"] -= 1.5 * run.eval_ramp(0.1, 0.6)


PPO = Method(
    healthy,
    {
        "reward hacking": Fault(_hacked, ("reward-hacking", "score-decline")),
        "far from the reference": Fault(_far_from_reference, ("kl-runaway",)),
        "value function blows up": Fault(_value_blows_up, ("value-failure", "divergence")),
        "all updates clipped": Fault(_all_clipped, ("policy-divergence",)),
        "frozen policy": Fault(_frozen, ("frozen-policy",)),
        "reward collapses": Fault(_collapsed, ("reward-collapse", "score-decline")),
        "reward stagnates": Fault(_stagnant, ("reward-stagnation",)),
        "entropy lost": Fault(_without_entropy, ("entropy-collapse", "mode-collapse")),
        "answers eight times longer": Fault(_lengthening, ("length-runaway", "truncated-answers")),
        "policy diverges": Fault(_diverged, ("policy-divergence", "kl-runaway")),
        "reward model saturates": Fault(
            _saturated, ("reward-model-saturation", "uniform-rewards", "reward-hacking", "score-decline")
        ),
    },
    ("trl", "verl", "openrlhf"),
)
