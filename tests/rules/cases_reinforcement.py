"""Runs that the reinforcement rules must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from .curves import Case, flat, run_of

REWARD, ENTROPY, KL = "rollout/ep_rew_mean", "train/entropy_loss", "train/approx_kl"
SB3 = {"train/n_updates": np.arange(100.0)}


def learning(
    points: int = 100, low: float = 20.0, high: float = 400.0, *, at: float = 0.4, noise: float = 5.0
) -> np.ndarray:
    """A reward that rises once, smoothed over episodes as loggers do."""
    t = np.linspace(0, 1, points)
    return low + (high - low) / (1 + np.exp(-12 * (t - at))) + wandering(points, noise)


def wandering(points: int, size: float, seed: int = 0) -> np.ndarray:
    """The mean of the last 100 episodes of a policy that does not change, two new episodes a point."""
    episodes = np.random.default_rng(seed).exponential(10.0 * size, size=2 * points + 100)
    sums = np.cumsum(np.r_[0.0, episodes])
    return ((sums[100:] - sums[:-100]) / 100)[: 2 * points : 2] - 10.0 * size


def falling(points: int, first: float, end: float, share: float) -> np.ndarray:
    """Falls over a share of the run, and stays."""
    return np.maximum(np.linspace(first, first + (end - first) / share, points), end)


def updated(nats, updates=50):
    """So many updates of this size at the end of 50."""
    return run_of({KL: np.r_[np.full(50 - updates, 0.01), np.full(updates, nats)]})


def ratio(value):
    return run_of({"val/ratio": np.full(50, value), "val/clipfrac_avg": flat(50, 0.1)})


CASES = [
    Case("entropy-collapse", "gone while the reward is as it was", lambda: run_of({
        **SB3, REWARD: 20 + wandering(100, 1.0), ENTROPY: -falling(100, 0.69, 0.001, 0.2)}), "warning"),
    Case("entropy-collapse", "zero from the first update on", lambda: run_of({**SB3, REWARD: 9 + wandering(100, 0.1), ENTROPY: np.zeros(100)}), "warning"),
    Case("entropy-collapse", "gone with the first update", lambda: run_of({
        **SB3, REWARD: 9 + wandering(100, 0.1), ENTROPY: -np.r_[0.69, flat(99, 1e-3, noise=1.0)]}), "warning"),
    Case("entropy-collapse", "reward won and lost again", lambda: run_of({
        **SB3, REWARD: np.r_[learning(50), np.linspace(400, 30, 20), flat(30, 30)], ENTROPY: -falling(100, 0.69, 0.001, 0.3)}), "warning"),
    Case("entropy-collapse", "spread of continuous actions", lambda: run_of({
        **SB3, REWARD: wandering(100, 1.0) - 1200, ENTROPY: np.linspace(-1.4, 3.0, 100), "train/std": falling(100, 1.0, 0.01, 0.2)}), "warning"),
    Case("entropy-collapse", "sure because it is good", lambda: run_of({**SB3, REWARD: learning(), ENTROPY: -falling(100, 0.69, 0.001, 0.45)}), "clear"),
    Case("entropy-collapse", "falls slowly", lambda: run_of({**SB3, REWARD: 20 + wandering(100, 1.0), ENTROPY: -np.linspace(0.69, 0.1, 100)}), "clear"),
    Case("entropy-collapse", "entropy of continuous actions", lambda: run_of({
        **SB3, REWARD: 20 + wandering(100, 1.0), ENTROPY: np.linspace(-1.4, 3.0, 100)}), "not-applicable"),
    Case("entropy-collapse", "too few updates", lambda: run_of({**SB3, REWARD: 20 + wandering(100, 1.0), ENTROPY: np.zeros(5)}), "insufficient-data"),
    Case("entropy-collapse", "no reward", lambda: run_of({KL: flat(100, 0.01), "losses/entropy": falling(100, 0.69, 0.0, 0.2)}), "not-applicable"),

    Case("policy-divergence", "8 nats throughout", lambda: updated(8.0), "error", findings=1,
         says="train/approx_kl has a median of 8 nats from step 0 to 9, above 0.1",
         steps=(0, 9), metric="train/approx_kl", confidence=0.95,
         remedy="lower the learning rate 3 to 10 times"),
    Case("policy-divergence", "1.05 nats", lambda: updated(1.05), "error"),
    Case("policy-divergence", "0.95 nats", lambda: updated(0.95), "warning", says="train/approx_kl has a median of 0.95 nats from step 0 to 9, above 0.1"),
    Case("policy-divergence", "0.105 nats", lambda: updated(0.105), "warning"),
    Case("policy-divergence", "0.095 nats", lambda: updated(0.095), "clear"),
    Case("policy-divergence", "6 of 50 updates", lambda: updated(0.15, 6), "warning", says="train/approx_kl has a median of 0.15 nats from step 40 to 49, above 0.1"),
    Case("policy-divergence", "5 of 50 updates", lambda: updated(0.15, 5), "clear"),
    Case("policy-divergence", "a low target in the settings", lambda: run_of({KL: np.full(50, 0.095)}, target_kl=0.001), "clear"),
    Case("policy-divergence", "destroyed by one update", lambda: run_of({KL: np.r_[0.02, 300.0, np.zeros(48)]}), "error", says="train/approx_kl reaches 300 nats at step 1, and the policy no longer changes after it"),
    Case("policy-divergence", "destroyed by 1.05 nats", lambda: run_of({KL: np.r_[0.02, 1.05, np.zeros(48)]}), "error"),
    Case("policy-divergence", "0.95 nats, and no more updates", lambda: run_of({KL: np.r_[0.02, 0.95, np.zeros(48)]}), "clear"),
    Case("policy-divergence", "10 updates after the last large one", lambda: run_of({KL: np.r_[np.full(39, 0.01), 3.0, np.zeros(10)]}), "error"),
    Case("policy-divergence", "9 updates after the last large one", lambda: run_of({KL: np.r_[np.full(40, 0.01), 3.0, np.zeros(9)]}), "clear"),
    Case("policy-divergence", "rounding after the last large update", lambda: run_of({KL: np.r_[0.02, 3.0, np.full(48, -9e-8)]}), "error"),
    Case("policy-divergence", "small updates after a large one", lambda: run_of({KL: np.r_[0.02, 3.0, np.full(48, 1.1e-7)]}), "clear"),
    Case("policy-divergence", "too few updates after a large one", lambda: run_of({KL: np.r_[np.full(5, 0.01), 3.0, np.zeros(4)]}), "clear"),
    Case("policy-divergence", "55% clipped", lambda: run_of({"train/clip_fraction": np.full(50, 0.55)}), "warning", says="train/clip_fraction has a median of 0.55 from step 0 to 9, above 0.5"),
    Case("policy-divergence", "half clipped", lambda: run_of({"train/clip_fraction": np.full(50, 0.5)}), "clear"),
    Case("policy-divergence", "45% clipped", lambda: run_of({"train/clip_fraction": np.full(50, 0.45)}), "clear"),
    Case("policy-divergence", "a ratio of 11", lambda: ratio(11.0), "error"),
    Case("policy-divergence", "a ratio of 9", lambda: ratio(9.0), "warning"),
    Case("policy-divergence", "a ratio of 10", lambda: ratio(10.0), "error"),
    Case("policy-divergence", "a ratio of 2.2", lambda: ratio(2.2), "warning"),
    Case("policy-divergence", "a ratio of 1 / 2.2", lambda: ratio(1 / 2.2), "warning", says="val/ratio has a median of 2.2 (or its inverse) from step 0 to 9, above 2"),
    Case("policy-divergence", "a ratio of 1.8", lambda: ratio(1.8), "clear"),
    Case("policy-divergence", "ratios of zero", lambda: ratio(0.0), "clear"),
    Case("policy-divergence", "the most severe of two", lambda: run_of({KL: np.full(50, 0.3), "val/ratio": np.full(50, 11.0)}), "error"),
    Case("policy-divergence", "5 updates", lambda: run_of({KL: np.full(5, 8.0)}), "error"),
    Case("policy-divergence", "4 updates", lambda: run_of({KL: np.full(4, 8.0)}), "insufficient-data",
         says="approx kl needs at least 5 points, has 4"),
    Case("policy-divergence", "4 updates of one quantity", lambda: run_of({KL: np.full(4, 8.0), "train/clip_fraction": np.full(50, 0.1)}), "clear"),
    Case("policy-divergence", "within the trust region", lambda: run_of({KL: flat(50, 0.012, noise=0.6), "train/clip_fraction": flat(50, 0.2, noise=0.4)}), "clear"),
    Case("policy-divergence", "single excursions", lambda: run_of({KL: np.where(np.arange(100) % 12 == 0, 0.4, 0.01)}), "clear"),
    Case("policy-divergence", "a large target in the settings", lambda: run_of({KL: flat(50, 0.15)}, target_kl=0.1), "clear"),
    Case("policy-divergence", "a ratio of one", lambda: run_of({"val/ratio": flat(50, 1.0), "val/clipfrac_avg": flat(50, 0.1)}), "clear"),
    Case("policy-divergence", "divergence from a reference model", lambda: run_of({
        "kl": flat(50, 5.0), "reward": learning(50), "completions/mean_length": flat(50, 100), "frac_reward_zero_std": flat(50, 0.1)}), "not-applicable"),

    Case("value-failure", "explains nothing, and is as wrong as ever", lambda: run_of({
        REWARD: learning(), "train/explained_variance": np.random.default_rng(0).normal(0, 0.01, 100), "train/value_loss": flat(100, 90.0, noise=0.2)}), "warning"),
    Case("value-failure", "the loss explodes, the reward does not move", lambda: run_of({
        REWARD: 20 + wandering(100, 1.0), "train/critic_loss": np.geomspace(1, 1e6, 100) * flat(100, 1, noise=0.2)}), "warning"),
    Case("value-failure", "the same value in all states", lambda: run_of({
        REWARD: learning(), "train/explained_variance": np.full(100, -1e-7), "train/value_loss": np.geomspace(90, 1, 100)}), "warning"),
    Case("value-failure", "solved: returns hardly vary any more", lambda: run_of({
        REWARD: learning(), "train/explained_variance": np.r_[np.linspace(0, 0.9, 40), np.linspace(0.9, -0.3, 10), flat(50, -0.3)],
        "train/value_loss": np.geomspace(90, 1e-4, 100)}), "clear"),
    Case("value-failure", "the loss grows with the reward", lambda: run_of({
        REWARD: learning(), "train/value_loss": np.geomspace(1, 1e3, 100) * flat(100, 1, noise=0.2)}), "clear"),
    Case("value-failure", "learns late", lambda: run_of({
        REWARD: learning(), "train/explained_variance": np.r_[np.zeros(70), np.linspace(0, 0.9, 30)], "train/value_loss": flat(100, 90.0)}), "clear"),
    Case("value-failure", "nothing else is logged", lambda: run_of({
        "losses/policy_loss": flat(100, 1.0), "losses/value_loss": np.geomspace(1, 1e6, 100) * flat(100, 1, noise=0.2)}), "insufficient-data"),

    Case("reward-collapse", "back to where it began", lambda: run_of({REWARD: np.r_[learning(60), np.linspace(390, 20, 10), 20 + wandering(30, 1.0)]}), "error"),
    Case("reward-collapse", "half of the gain lost", lambda: run_of({REWARD: np.r_[learning(60), np.linspace(390, 200, 5), 200 + wandering(35, 2.0)]}), "warning"),
    Case("reward-collapse", "worse than a random policy", lambda: run_of({REWARD: np.r_[22.0, 15, 11, 9 + wandering(97, 0.05)]}), "error"),
    Case("reward-collapse", "single episodes, half of them lost", lambda: run_of({
        "charts/episodic_return": np.r_[np.zeros(300), np.ones(600), np.zeros(300)] + np.random.default_rng(0).normal(0, 0.5, 1200)}), "error"),
    Case("reward-collapse", "learns and stays", lambda: run_of({REWARD: learning()}), "clear"),
    Case("reward-collapse", "a plateau at the best possible", lambda: run_of({REWARD: np.minimum(learning(at=0.2), 390)}), "clear"),
    Case("reward-collapse", "a dip in the middle", lambda: run_of({REWARD: np.r_[learning(60), np.linspace(390, 150, 5), np.linspace(150, 400, 10), 400 + wandering(25, 1.0)]}), "clear"),
    Case("reward-collapse", "wanders without learning", lambda: run_of({REWARD: 20 + wandering(100, 1.0, seed=3)}), "clear"),
    Case("reward-collapse", "rare successes", lambda: run_of({"charts/episodic_return": (np.random.default_rng(0).random(1000) < 0.01) * 1.0}), "clear"),
    Case("reward-collapse", "short", lambda: run_of({REWARD: learning(20)}), "insufficient-data"),
    Case("reward-collapse", "terms without a sum", lambda: run_of({
        "Episode_Reward/upright": learning(), "Episode_Reward/velocity": learning()[::-1]}), "not-applicable"),

    Case("reward-stagnation", "wanders without learning", lambda: run_of({REWARD: 200 + wandering(100, 1.0)}), "info"),
    Case("reward-stagnation", "the goal is never reached", lambda: run_of({REWARD: np.full(60, -200.0)}), "info"),
    Case("reward-stagnation", "learns", lambda: run_of({REWARD: learning()}), "clear"),
    Case("reward-stagnation", "learns, seen through single episodes", lambda: run_of({
        "charts/episodic_return": np.r_[np.zeros(600), np.ones(600)] + np.random.default_rng(0).normal(0, 1.0, 1200)}), "clear"),
    Case("reward-stagnation", "a rise that may be noise", lambda: run_of({REWARD: np.linspace(20, 40, 60) + wandering(60, 5.0)}), "insufficient-data"),
]  # fmt: skip
