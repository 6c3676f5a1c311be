"""Policies that do not move, that exploit their reward, or whose answers grow, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from ..curves import Case, decay, flat, run_of

NOISE = np.random.default_rng(3).normal(size=(4, 60))
STEPS = np.arange(60)
EVALS = np.arange(2, 60, 3)  # 20 of them
RISING = 0.3 + 0.5 * (1 - np.exp(-np.linspace(0, 4, 60)))


def sampling(**curves):
    """A log of training on the rewards of answers; the reward does not rise."""
    logged = {
        "reward": 0.5 + 0.05 * NOISE[0],
        "completions/mean_length": 200 + 10 * NOISE[1],
        "learning_rate": np.full(60, 1e-6),
    }
    return run_of(logged | {tag.replace("__", "/"): values for tag, values in curves.items()})


def still(size, share=1.0, points=60):
    """Values of a size, of which a share are there and the last ones are a thousandth of a nat."""
    values = size * np.where(np.arange(points) % 2, 1.0, 0.5)
    values[round(share * points) :] = 1e-3
    return values


def risen(rise):
    """A reward that rises in the middle of the run, with noise."""
    return 0.5 + rise * np.repeat([0, 1], 30) + 0.05 * NOISE[0]


def gaming(end=0.3, *, best=0.6, reward=RISING, evals=EVALS, noise=0.005, tag="eval/accuracy"):
    """A held-out score that rises to its best in the middle and then goes to its end, while the reward of training rises."""
    n = len(evals)
    half = n // 2
    level = np.r_[np.linspace(0.4, best, half), np.linspace(best, end, n - half - 3), np.full(3, end)]
    held_out = level + noise * np.random.default_rng(5).normal(size=n)
    return run_of(
        {
            "reward": reward + 0.01 * NOISE[0],
            "completions/mean_length": 200 + 10 * NOISE[1],
            tag: (evals, held_out),
        }
    )


def terms(end, *, first=0.5, reward=RISING):
    """A term of the reward that goes to an end in the middle of the run."""
    term = np.r_[np.full(20, first), np.linspace(first, end, 20), np.full(20, end)]
    return run_of(
        {
            "reward": reward + 0.01 * NOISE[0],
            "rewards/accuracy_reward/mean": term + 0.01 * NOISE[2],
            "completions/mean_length": 200 + 10 * NOISE[1],
        }
    )


def growing(growth, *, reward=None, held_out=None, scatter=0.02, points=60):
    """Answers that grow from 200 tokens, over the middle of the run."""
    sixth = points // 6
    grown = np.r_[np.zeros(sixth), np.linspace(0, 1, points - 2 * sixth), np.ones(sixth)]
    length = 200 * np.exp(np.log(growth) * grown + scatter * np.tile([1.0, -1.0], points // 2 + 1)[:points])
    logged = {"response_length/mean": length, "reward": (0.5 + 0.03 * NOISE[0, :points]) if reward is None else reward}
    return run_of(logged | ({} if held_out is None else {"eval/accuracy": (EVALS, held_out)}))


def pairs(chosen, margin, *, points=60, noise=0.02, **curves):
    """Implicit rewards of two answers that go to their ends over the first half of the run."""
    course = np.minimum(np.linspace(0, 2, points), 1)
    scatter = noise * np.random.default_rng(7).normal(size=(2, points))
    logged = {"train/loss": decay(points, 0.69, 0.4), "train/rewards/chosen": chosen * course + scatter[0],
              "train/rewards/rejected": (chosen - margin) * course + scatter[1]}  # fmt: skip
    return run_of(logged | {tag.replace("__", "/"): values for tag, values in curves.items()})


def acting(change=0.0, reward=0.5 + 0.05 * NOISE[0]):
    """Updates of a policy in an environment that have no divergence, and an entropy that changes by a share."""
    entropy = 1.4 * np.linspace(1, 1 + change, 60)
    return run_of({"rollout/ep_rew_mean": reward, "train/approx_kl": still(6e-16), "train/entropy": entropy})


CASES = [
    Case("frozen-policy", "no divergence from the reference", lambda: sampling(kl=np.zeros(60)), "error", findings=1,
         says="kl, the divergence from the reference model, is zero to rounding at 60 points (at most 0), and reward does not rise beyond its noise: the policy is not updated",
         steps=(0, 59), metric="kl", confidence=0.95,
         remedy="check that the optimiser holds the parameters of the model that samples, and that adapters are trainable"),
    Case("frozen-policy", "a divergence of 9e-7 nats", lambda: sampling(kl=still(9e-7)), "error"),
    Case("frozen-policy", "a divergence of 1.1e-6 nats", lambda: sampling(kl=np.full(60, 1.1e-6)), "clear"),
    Case("frozen-policy", "96% of the points", lambda: sampling(kl=still(1e-8, 0.96, points=100)), "error"),
    Case("frozen-policy", "exactly 95% of the points", lambda: sampling(kl=still(1e-8, 0.95, points=100)), "error"),
    Case("frozen-policy", "94% of the points", lambda: sampling(kl=still(1e-8, 0.94, points=100)), "clear"),
    Case("frozen-policy", "updates without any change", lambda: sampling(approx_kl=still(6e-16)), "warning",
         says="approx_kl, the divergence of updates, is zero to rounding at 60 points (at most 6e-16), and reward does not rise beyond its noise: the policy is not updated",
         confidence=0.8),
    Case("frozen-policy", "updates of 9e-9 nats", lambda: sampling(approx_kl=still(9e-9)), "warning"),
    Case("frozen-policy", "updates of 1.1e-8 nats", lambda: sampling(approx_kl=np.full(60, 1.1e-8)), "clear"),
    Case("frozen-policy", "one update per batch, the policy leaves its reference", lambda: sampling(approx_kl=np.zeros(60), kl=np.linspace(0, 0.1, 60)), "clear"),
    Case("frozen-policy", "one update per batch, the reward rises", lambda: sampling(approx_kl=np.zeros(60), reward=RISING), "clear"),
    Case("frozen-policy", "one update per batch, a rise of 3.9 standard errors", lambda: sampling(approx_kl=np.zeros(60), reward=risen(0.13)), "warning"),
    Case("frozen-policy", "one update per batch, a rise of 4.5 standard errors", lambda: sampling(approx_kl=np.zeros(60), reward=risen(0.15)), "clear"),
    Case("frozen-policy", "one update per batch, the reward falls", lambda: sampling(approx_kl=np.zeros(60), reward=1 - RISING), "clear"),
    Case("frozen-policy", "one update per batch, no reward", lambda: run_of({"approx_kl": np.zeros(60), "completions/mean_length": flat(60, 200.0), "completions/clipped_ratio": flat(60, 0.1)}), "insufficient-data",
         says="updates do not change the policy, but no reward shows whether it learns"),
    Case("frozen-policy", "no divergence, no reward", lambda: run_of({"kl": np.zeros(60), "completions/mean_length": flat(60, 200.0), "completions/clipped_ratio": flat(60, 0.1)}), "error"),
    Case("frozen-policy", "no divergence in training, one in evaluations", lambda: sampling(kl=np.zeros(60), eval__kl=np.linspace(0, 0.1, 60)), "error"),
    Case("frozen-policy", "no divergence, beside 5 updates", lambda: sampling(kl=np.zeros(60), approx_kl=(STEPS[:5], np.full(5, 0.01))), "error"),
    Case("frozen-policy", "neither a divergence nor a ratio", lambda: sampling(reward_std=flat(60, 0.2)), "insufficient-data",
         says="no divergence or ratio of policies has 10 points"),
    Case("frozen-policy", "a ratio of one", lambda: run_of({"val/ratio": np.ones(60), "val/ratio_var": np.zeros(60), "objective/kl": np.zeros(60), "objective/rlhf_reward": 1 + 0.1 * NOISE[0]}), "error"),
    Case("frozen-policy", "a ratio within 9e-7 of one", lambda: run_of({"val/ratio": 1 + still(9e-7), "val/clipfrac_avg": np.zeros(60), "objective/rlhf_reward": 1 + 0.1 * NOISE[0]}), "warning"),
    Case("frozen-policy", "a ratio within 1.2e-6 of one", lambda: run_of({"val/ratio": np.full(60, 1 + 1.2e-6), "val/clipfrac_avg": np.zeros(60), "objective/rlhf_reward": 1 + 0.1 * NOISE[0]}), "clear"),
    Case("frozen-policy", "implicit rewards of zero", lambda: pairs(0, 0, noise=0), "error",
         says="train/rewards/chosen, the implicit reward of an answer, is zero to rounding at 60 points (at most 0): the policy is not updated",
         remedy="check that the reference model is a copy with its own weights, and that beta is not zero"),
    Case("frozen-policy", "implicit rewards of 9e-7", lambda: pairs(9e-7, 0, noise=0), "error"),
    Case("frozen-policy", "implicit rewards of 1.2e-6", lambda: pairs(1.2e-6, 0, noise=0), "clear"),
    Case("frozen-policy", "preferences are learned", lambda: pairs(-0.5, 2), "clear"),
    Case("frozen-policy", "10 points", lambda: run_of({"kl": np.zeros(10), "completions/mean_length": flat(10, 200.0), "completions/clipped_ratio": flat(10, 0.1)}), "error"),
    Case("frozen-policy", "9 points", lambda: run_of({"kl": np.zeros(9), "completions/mean_length": flat(9, 200.0), "completions/clipped_ratio": flat(9, 0.1)}), "insufficient-data"),
    Case("frozen-policy", "a divergence of an autoencoder", lambda: run_of({"train/loss": decay(60), "train/kl": np.zeros(60)}), "not-applicable"),

    Case("reward-hacking", "the held-out score falls by half", gaming, "error", findings=1,
         says="reward rises from 0.723 around step 29 to 0.796 at the end, while eval/accuracy falls from 0.601 to 0.297 (medians of several points): the policy exploits the reward",
         steps=(29, 59), metric="eval/accuracy", confidence=0.9,
         remedy="keep the checkpoint around step 29, and read answers of the last one for what the reward misses"),
    Case("reward-hacking", "a fall of 22%, more than the gain", lambda: gaming(0.465), "error"),
    Case("reward-hacking", "a fall of 17%", lambda: gaming(0.497), "warning", confidence=0.85),
    Case("reward-hacking", "a fall of 12%", lambda: gaming(0.528), "warning"),
    Case("reward-hacking", "a fall of 11%", lambda: gaming(0.54), "warning"),
    Case("reward-hacking", "a fall of 8%", lambda: gaming(0.553), "clear"),
    Case("reward-hacking", "half of a large gain is lost", lambda: gaming(0.75, best=1.15), "error"),
    Case("reward-hacking", "a third of a large gain is lost", lambda: gaming(0.9, best=1.15), "warning"),
    Case("reward-hacking", "a fall of 6.5 standard errors", lambda: gaming(noise=0.042), "error"),
    Case("reward-hacking", "a fall of 5.7 standard errors", lambda: gaming(noise=0.046), "warning"),
    Case("reward-hacking", "a fall of 4.5 standard errors", lambda: gaming(noise=0.055), "warning"),
    Case("reward-hacking", "a fall of 3.6 standard errors", lambda: gaming(noise=0.065), "clear"),
    Case("reward-hacking", "a reward that rises by 4.3 standard errors", lambda: gaming(reward=risen(0.17)), "error"),
    Case("reward-hacking", "a reward that rises by 3.8 standard errors", lambda: gaming(reward=risen(0.15)), "clear"),
    Case("reward-hacking", "the reward falls as well", lambda: gaming(reward=np.r_[RISING[:30], np.linspace(RISING[30], 0.2, 30)]), "clear"),
    Case("reward-hacking", "the reward does not rise", lambda: gaming(reward=np.full(60, 0.5)), "clear"),
    Case("reward-hacking", "the held-out score rises", lambda: gaming(0.7), "clear"),
    Case("reward-hacking", "8 evaluations", lambda: gaming(evals=np.arange(3, 60, 8), noise=0.0), "error"),
    Case("reward-hacking", "7 evaluations", lambda: gaming(evals=np.arange(3, 56, 8), noise=0.0), "insufficient-data",
         says="no held-out score or reward has 8 evaluations"),
    Case("reward-hacking", "an error that falls", lambda: gaming(tag="eval/mae"), "insufficient-data"),
    Case("reward-hacking", "the reward falls from the best of the score on", lambda: gaming(
        evals=np.linspace(20, 59, 20).round(), reward=np.r_[np.linspace(0.3, 0.9, 40), np.linspace(0.9, 0.6, 20)]), "clear"),
    Case("reward-hacking", "held-out rewards alone", lambda: run_of({"eval/reward": RISING, "completions/mean_length": flat(60, 200.0)}), "insufficient-data",
         says="no reward of training has 30 points"),
    Case("reward-hacking", "29 rewards beside held-out ones", lambda: run_of({"reward": RISING[:29], "eval/reward": RISING, "completions/mean_length": flat(60, 200.0)}), "insufficient-data",
         says="no reward of training has 30 points"),
    Case("reward-hacking", "a short term", lambda: run_of({"reward": RISING, "rewards/accuracy_reward/mean": 1 - RISING[:29], "completions/mean_length": flat(60, 200.0)}), "insufficient-data",
         says="no held-out score or reward has 8 evaluations"),
    Case("reward-hacking", "one term is given up", lambda: terms(0.1), "warning",
         says="rewards/accuracy_reward/mean falls from 0.513 around step 9 to 0.108 at the end, while reward rises from 0.332 to 0.786: this part of the reward is given up for the others",
         steps=(9, 59), metric="rewards/accuracy_reward/mean", confidence=0.85,
         remedy="lower the weight of the terms that are easy, such as the format, or give them only with a right answer"),
    Case("reward-hacking", "a term falls by 33%", lambda: terms(0.335), "warning"),
    Case("reward-hacking", "a term falls by 27%", lambda: terms(0.365), "clear"),
    Case("reward-hacking", "a penalty grows", lambda: terms(-2.0, first=-0.1), "clear"),
    Case("reward-hacking", "30 rewards", lambda: run_of({"reward": RISING[:30], "rewards/accuracy_reward/mean": 1 - RISING[:30]}), "warning"),
    Case("reward-hacking", "29 rewards", lambda: run_of({"reward": RISING[:29], "rewards/accuracy_reward/mean": 1 - RISING[:29]}), "insufficient-data",
         says="reward needs at least 30 points, has 29"),

    Case("length-runaway", "ten times longer without a gain", lambda: growing(10), "warning", findings=1,
         says="response_length/mean grows from 204 to 1,960 tokens, 9.6 times its first level, most of it from step 18 on, while reward does not rise",
         steps=(18, 59), metric="response_length/mean", confidence=0.85,
         remedy="penalise length, or give no reward to truncated answers, and read some of the long ones"),
    Case("length-runaway", "3.2 times longer", lambda: growing(3.2), "warning"),
    Case("length-runaway", "2.8 times longer", lambda: growing(2.8), "info", confidence=0.7),
    Case("length-runaway", "2.1 times longer", lambda: growing(2.1), "info"),
    Case("length-runaway", "1.9 times longer", lambda: growing(1.9), "clear"),
    Case("length-runaway", "6.3 standard errors", lambda: growing(2.5, scatter=0.063), "info"),
    Case("length-runaway", "5.7 standard errors", lambda: growing(2.5, scatter=0.068), "clear"),
    Case("length-runaway", "a reward that rises by 3.9 standard errors", lambda: growing(10, reward=risen(0.13)), "warning"),
    Case("length-runaway", "a reward that rises by 4.5 standard errors", lambda: growing(10, reward=risen(0.15)), "clear"),
    Case("length-runaway", "the model learns to reason", lambda: growing(10, reward=np.linspace(0.2, 0.8, 60) + 0.02 * NOISE[0]), "clear"),
    Case("length-runaway", "the reward model likes long answers", lambda: growing(10, reward=np.linspace(0.2, 0.8, 60) + 0.02 * NOISE[0], held_out=0.5 + 0.01 * NOISE[2, :20]), "warning",
         says="response_length/mean grows from 204 to 1,960 tokens, 9.6 times its first level, most of it from step 18 on, while eval/accuracy does not rise"),
    Case("length-runaway", "the held-out score rises as well", lambda: growing(10, reward=np.linspace(0.2, 0.8, 60) + 0.02 * NOISE[0], held_out=np.linspace(0.4, 0.6, 20)), "clear"),
    Case("length-runaway", "7 held-out scores", lambda: run_of({"response_length/mean": np.geomspace(200, 2000, 60), "reward": np.linspace(0.2, 0.8, 60), "eval/accuracy": (EVALS[:7], np.full(7, 0.5))}), "clear"),
    Case("length-runaway", "8 held-out scores", lambda: run_of({"response_length/mean": np.geomspace(200, 2000, 60), "reward": np.linspace(0.2, 0.8, 60), "eval/accuracy": (EVALS[:8], 0.5 + 0.01 * NOISE[2, :8])}), "warning"),
    Case("length-runaway", "20 points", lambda: growing(10, points=20), "warning"),
    Case("length-runaway", "19 points", lambda: growing(10, points=19), "insufficient-data", says="completion length needs at least 20 points, has 19"),
    Case("length-runaway", "no reward", lambda: run_of({"completions/mean_length": np.geomspace(200, 2000, 60), "completions/clipped_ratio": np.zeros(60)}), "insufficient-data",
         says="the answers have grown; whether that pays takes a reward of 20 points"),
    Case("length-runaway", "19 rewards", lambda: growing(10, reward=0.5 + 0.03 * NOISE[0, :19]), "insufficient-data"),
    Case("length-runaway", "no token at first", lambda: run_of({"response_length/mean": np.linspace(0, 2000, 60), "reward": 0.5 + 0.03 * NOISE[0]}), "clear"),
    Case("length-runaway", "a classifier", lambda: run_of({"train/loss": decay(60)}), "not-applicable"),

    Case("likelihood-displacement", "the chosen answers lose more than the margin", lambda: pairs(-14, 4), "warning", findings=1,
         says="train/rewards/chosen is -14 in the last 30% of the run (median), for a margin of 4 over train/rewards/rejected: the chosen answers lose likelihood as the rejected ones do",
         steps=(42, 59), metric="train/rewards/chosen", confidence=0.85,
         remedy="add a likelihood term for the chosen answers (rpo_alpha in TRL), or raise beta"),
    Case("likelihood-displacement", "with likelihoods", lambda: pairs(-14, 4, train__logps__chosen=np.linspace(-250, -390, 60)), "warning",
         says="train/rewards/chosen is -14 in the last 30% of the run (median), for a margin of 4 over train/rewards/rejected: the chosen answers lose likelihood as the rejected ones do; train/logps/chosen goes from -252 to -388"),
    Case("likelihood-displacement", "a loss of 2.2", lambda: pairs(-2.2, 1), "warning"),
    Case("likelihood-displacement", "a loss of 1.8", lambda: pairs(-1.8, 1), "info", confidence=0.7),
    Case("likelihood-displacement", "a loss of 1.1", lambda: pairs(-1.1, 1), "info"),
    Case("likelihood-displacement", "a loss of 0.9", lambda: pairs(-0.9, 1), "clear"),
    Case("likelihood-displacement", "1.1 times the margin", lambda: pairs(-5.5, 5), "warning"),
    Case("likelihood-displacement", "0.9 times the margin", lambda: pairs(-4.5, 5), "info"),
    Case("likelihood-displacement", "0.55 times the margin", lambda: pairs(-2.75, 5), "info"),
    Case("likelihood-displacement", "0.45 times the margin", lambda: pairs(-2.25, 5), "clear"),
    Case("likelihood-displacement", "6.5 standard errors", lambda: pairs(-2.5, 1, noise=0.48), "warning"),
    Case("likelihood-displacement", "5.6 standard errors", lambda: pairs(-2.5, 1, noise=0.55), "clear"),
    Case("likelihood-displacement", "the margin falls", lambda: pairs(-5, -1), "clear"),
    Case("likelihood-displacement", "20 points", lambda: pairs(-14, 4, points=20), "warning"),
    Case("likelihood-displacement", "19 points", lambda: pairs(-14, 4, points=19), "insufficient-data"),
    Case("likelihood-displacement", "19 rewards of rejected answers", lambda: run_of({
        "train/loss": decay(60), "train/rewards/chosen": np.linspace(0, -14, 60), "train/rewards/rejected": np.linspace(0, -18, 19)}), "insufficient-data",
         says="train/rewards/rejected needs at least 20 points, has 19"),
    Case("likelihood-displacement", "no rewards of rejected answers", lambda: run_of({"train/loss": decay(60), "train/rewards/chosen": np.linspace(0, -14, 60)}), "not-applicable",
         says="the rewards of chosen and of rejected answers are not logged"),
    Case("likelihood-displacement", "a classifier", lambda: run_of({"train/loss": decay(60), "grad_var": flat(60, 1.0)}), "not-applicable"),
    Case("frozen-policy", "in an environment, with one entropy", acting, "warning"),
    Case("frozen-policy", "an entropy that changes by 0.9 in a million", lambda: acting(0.9e-6), "warning"),
    Case("frozen-policy", "an entropy that changes by 1.2 in a million", lambda: acting(1.2e-6), "not-applicable"),
]  # fmt: skip
