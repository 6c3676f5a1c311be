"""Healthy fine-tuning of language models on rewards and preferences."""

from __future__ import annotations

import numpy as np

from .draft import Draft
from .noise import autoregressive, heavy_tailed
from .schedules import constant, cosine, linear

SHORTEST, LONGEST = 50, 800  # logged points
ANSWERS = 8  # a prompt


def group_rewards(rng: np.random.Generator) -> Draft:
    """Group-relative rewards, as TRL logs them: prompts get solved, the divergence from the reference grows and levels off.

    A prompt gives no gradient where all its answers are right or all are wrong; the better the model, the more are.
    """
    n = int(np.exp(rng.uniform(np.log(SHORTEST), np.log(LONGEST))))
    draft = Draft(rng, np.arange(1, n + 1) * int(rng.choice([1, 5, 10])), n, np.empty(0, np.int64))
    draft.rates = (constant, cosine, linear)[rng.integers(3)](draft.progress)
    learned = 1 - np.exp(-rng.uniform(2, 8) * draft.progress)
    start = rng.uniform(0.05, 0.5)
    solved = start + (rng.uniform(min(start + 0.2, 0.95), 0.95) - start) * learned
    prompts = int(rng.choice([16, 64, 256]))
    skill = rng.uniform(0.5, 2)  # how much prompts differ: small is much, and then most are solved always or never
    odds = rng.beta(skill * solved[:, None], skill * (1 - solved[:, None]), size=(n, prompts))
    right = rng.binomial(ANSWERS, odds) / ANSWERS
    length = rng.uniform(100, 1500) * np.exp(rng.uniform(-0.5, 0.8) * learned) * np.exp(0.05 * rng.normal(size=n))
    divergence = rng.uniform(0.02, 0.5) * (1 - np.exp(-rng.uniform(1, 5) * draft.progress)) + 1e-4
    draft.train = {
        "train/reward": right.mean(axis=1),
        "train/reward_std": right.std(axis=1),
        "train/frac_reward_zero_std": ((right == 0) | (right == 1)).mean(axis=1),
        "train/completions/mean_length": length,
        "train/completions/clipped_ratio": np.clip(rng.uniform(0, 0.25) * np.exp(0.4 * rng.normal(size=n)), 0, 1),
        "train/kl": divergence * np.exp(rng.uniform(0.1, 0.3) * heavy_tailed(rng, n)),
        "train/entropy": rng.uniform(0.3, 1.2) * (1 - 0.6 * learned) * np.exp(0.05 * rng.normal(size=n)),
        "train/loss": 0.01 * rng.normal(size=n),
        "train/grad_norm": rng.uniform(0.1, 2) * np.exp(0.3 * rng.normal(size=n)),
        "train/learning_rate": 10 ** rng.uniform(-6.5, -5) * draft.rates,
    }
    draft.settings = {"num_generations": ANSWERS, "beta": 0.04, "max_steps": int(draft.steps[-1])}
    draft.seconds = rng.uniform(5, 60) * np.exp(0.1 * rng.normal(size=n))
    return draft


def preference_pairs(rng: np.random.Generator) -> Draft:
    """Direct preference optimisation over one to three epochs: from ranking by chance to 62 to 95% ranked rightly."""
    n = int(np.exp(rng.uniform(np.log(SHORTEST), np.log(LONGEST))))
    every = max(1, n // int(rng.integers(4, 20)))
    rows = np.arange(every - 1, n, every)
    draft = Draft(rng, np.arange(1, n + 1) * 10, int(np.ceil(n / rng.integers(1, 4))), rows)
    draft.rates = (cosine, linear)[rng.integers(2)](draft.progress)
    learned = 1 - np.exp(-rng.uniform(4, 15) * draft.progress)
    best, unseen = rng.uniform(0.62, 0.95), rng.uniform(0.85, 1.0)
    ranked = 0.5 + (best - 0.5) * learned
    held_out = 0.5 + (best - 0.5) * unseen * learned[rows]
    pairs, samples = 10 * int(rng.choice([8, 32, 128])), int(np.exp(rng.uniform(np.log(200), np.log(5000))))
    margin = rng.uniform(0.5, 4) * learned
    drift = rng.uniform(-2, 1) * learned
    smooth = autoregressive(0.3)
    draft.sigma = float(rng.uniform(0.01, 0.08))
    fall = rng.uniform(0.1, 0.6) * learned
    draft.loss = np.log(2) * (1 - fall) * np.exp(draft.sigma * smooth(rng, n))
    draft.train |= {
        "train/rewards/accuracies": rng.binomial(pairs, ranked) / pairs,
        "train/rewards/margins": margin + 0.1 * smooth(rng, n),
        "train/rewards/chosen": drift + 0.1 * smooth(rng, n),
        "train/rewards/rejected": drift - margin + 0.1 * smooth(rng, n),
        "train/grad_norm": rng.uniform(1, 20) * np.exp(0.3 * rng.normal(size=n)),
        "train/learning_rate": 10 ** rng.uniform(-6.5, -5) * draft.rates,
    }
    draft.evals = {
        "eval/loss": np.log(2) * (1 - unseen * fall[rows]) * np.exp(0.005 * rng.normal(size=len(rows))),
        "eval/rewards/accuracies": rng.binomial(samples, held_out) / samples,
    }
    draft.settings = {"beta": 0.1, "max_steps": int(draft.steps[-1])}
    draft.seconds = rng.uniform(5, 60) * np.exp(0.1 * rng.normal(size=n))
    draft.seconds[np.minimum(rows + 1, n - 1)] += rng.uniform(5, 100)  # evaluation
    return draft
