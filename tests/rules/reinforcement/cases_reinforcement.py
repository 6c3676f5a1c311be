"""Runs that the reinforcement rules must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from ..curves import Case, flat, run_of

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


def stepped(best=0.0, end=None, *, base=100.0, noise=1.0, seed=0, points=100):
    """A reward of independent episodes that rises after a third of the run, and goes to an end after two thirds."""
    third = points // 3
    last = points - 2 * third
    level = base + np.r_[np.zeros(third), np.full(third, best), np.full(last, best if end is None else end)]
    return level + noise * np.random.default_rng(seed).normal(size=points)


# Rewards by what is known of them: standard errors of the rise and of the fall, share of the gain that is lost.
RISEN, HARDLY_RISEN = stepped(2), stepped(1.7)  # 4.4 and 3.7 standard errors
UNDECIDED, WITHIN_NOISE = stepped(0.5), stepped(1.2, seed=1)  # 2.1 and 1.95 standard errors
LARGE, SMALL = stepped(46, noise=40, seed=1), stepped(28, noise=40, seed=1)  # by 33% and 25%, within the noise
LOST_32, LOST_29 = stepped(100, 72, noise=3), stepped(100, 75, noise=3)  # percent of the gain


def rewards(reward, **curves):
    return run_of({**SB3, REWARD: reward} | {tag.replace("__", "/"): values for tag, values in curves.items()})


def certain(reward=None, end=0.001, *, first=0.69, at=0.2, points=100):
    """An entropy that falls from one level to another at a share of the run."""
    row = round(at * points)
    entropy = np.r_[np.full(row, first), np.full(points - row, end)]
    return rewards(
        stepped(noise=0.1, points=points, seed=1) if reward is None else reward, train__entropy_loss=-entropy
    )


def answering(end, reward, *, solved=None):
    """A language model whose entropy falls from 1 nat after 40% of the run, its rewards, and its share of solved prompts."""
    entropy = np.r_[np.ones(40), np.full(60, end)]
    logged = {"reward": reward, "train/entropy": entropy, "completions/mean_length": flat(100, 200.0)}
    if solved is not None:
        logged["frac_reward_zero_std"] = np.full(100, solved)
    return run_of(logged)


def kept(after):
    """Rewards that rise once before an entropy falls, and so many of them after it, without any further rise."""
    steps = np.r_[np.arange(0, 40, 2), np.linspace(45, 99, after).round()]
    noise = 0.01 * np.random.default_rng(1).normal(size=20 + after)
    return steps, np.r_[np.full(10, 0.2), np.full(10 + after, 0.8)] + noise


def spread(end):
    """A standard deviation of the actions that falls from 1."""
    return rewards(stepped(noise=0.1, seed=1), train__std=np.r_[np.ones(20), np.full(80, end)])


def explained(level, reward=None, loss=1.0, points=100, last=()):
    """An explained variance of one level and a value loss that goes to a share of its first level, if there is one."""
    values = np.r_[np.full(points - len(last), level), last]
    curves = {"train__explained_variance": values}
    if loss is not None:
        curves["train__value_loss"] = np.r_[np.full(points // 2, 90.0), np.full(points - points // 2, 90.0 * loss)]
    return rewards(stepped(5, points=points) if reward is None else reward, **curves)


def exploding(growth, reward, *, noise=0.0, points=100):
    """A value loss that grows over the second half of the run."""
    loss = np.r_[np.ones(points // 2), np.geomspace(1, growth, points // 4), np.full(points // 4, growth)]
    return rewards(reward, train__value_loss=loss * flat(len(loss), 1, noise=noise))


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

    Case("entropy-collapse", "gone, while the reward wanders", certain, "warning", findings=1,
         says="the entropy falls from 0.69 to 0.001 by step 20 and stays there, while rollout/ep_rew_mean has not improved on 100 (it ends at 99.9)",
         steps=(20, 99), metric="train/entropy_loss", confidence=0.9,
         remedy="raise the entropy coefficient of the loss (0.01 is usual), and check its sign"),
    Case("entropy-collapse", "near zero from the start", lambda: certain(end=0.001, first=0.004), "warning", says="the entropy is near zero from the start (0.004), while rollout/ep_rew_mean has not improved on 100 (it ends at 99.9)"),
    Case("entropy-collapse", "an entropy with its sign", lambda: rewards(stepped(noise=0.1, seed=1), train__entropy=np.r_[np.full(20, 0.69), np.full(80, 0.001)]), "warning"),
    Case("entropy-collapse", "a negative entropy with its sign", lambda: rewards(stepped(noise=0.1, seed=1), train__entropy=-np.ones(100)), "not-applicable"),
    Case("entropy-collapse", "a spread of both signs beside an entropy", lambda: rewards(
        stepped(noise=0.1, seed=1), train__std=np.linspace(-1, 1, 100), train__entropy=flat(100, 0.69)), "clear"),
    Case("entropy-collapse", "a spread of both signs", lambda: rewards(stepped(noise=0.1, seed=1), train__std=np.linspace(-1, 1, 100)), "not-applicable",
         says="neither the entropy of the policy nor the spread of its actions is logged"),
    Case("entropy-collapse", "gone, and 32% of the gain lost", lambda: certain(LOST_32), "warning", says="the entropy falls from 0.69 to 0.001 by step 20 and stays there, while rollout/ep_rew_mean fell back from 204 (it ends at 171)"),
    Case("entropy-collapse", "gone, and 29% of the gain lost", lambda: certain(LOST_29), "clear"),
    Case("entropy-collapse", "a loss of the gain that may be noise", lambda: certain(stepped(3.5, seed=7)), "clear"),
    Case("entropy-collapse", "37% of the gain lost, by 2.06 standard errors", lambda: certain(stepped(3.5)), "warning"),
    Case("entropy-collapse", "a rise of 4.6 standard errors", lambda: certain(stepped(2, seed=7)), "clear"),
    Case("entropy-collapse", "a rise of 3.7 standard errors", lambda: certain(HARDLY_RISEN), "insufficient-data",
         says="the reward is too noisy to tell whether it improved while the entropy fell"),
    Case("entropy-collapse", "a rise of 2.1 standard errors", lambda: certain(UNDECIDED), "insufficient-data"),
    Case("entropy-collapse", "a rise of 1.95 standard errors", lambda: certain(WITHIN_NOISE), "warning"),
    Case("entropy-collapse", "a rise of 33% within the noise", lambda: certain(LARGE), "insufficient-data"),
    Case("entropy-collapse", "a rise of 25% within the noise", lambda: certain(SMALL), "warning"),
    Case("entropy-collapse", "a spread of 4.8% of the first", lambda: spread(0.048), "warning", says="the standard deviation of the actions falls from 1 to 0.048 by step 20 and stays there, while rollout/ep_rew_mean has not improved on 100 (it ends at 99.9)"),
    Case("entropy-collapse", "a spread of 5.2% of the first", lambda: spread(0.052), "clear"),
    Case("entropy-collapse", "0.0095 nats", lambda: certain(first=0.1, end=0.0095), "warning"),
    Case("entropy-collapse", "0.0105 nats", lambda: certain(first=0.1, end=0.0105), "clear"),
    Case("entropy-collapse", "a language model stops learning", lambda: answering(0.03, kept(50)), "warning",
         says="the entropy falls from 1 to 0.03 by step 40 and stays there, while reward can hardly improve any more after 0.811: nothing else is tried (it ends at 0.798)"),
    Case("entropy-collapse", "a language model, 12 rewards after the fall", lambda: answering(0.03, kept(12)), "warning"),
    Case("entropy-collapse", "a language model, 11 rewards after the fall", lambda: answering(0.03, kept(11)), "clear"),
    Case("entropy-collapse", "a language model learns on", lambda: answering(0.03, np.linspace(0.2, 0.8, 100)), "clear"),
    Case("entropy-collapse", "a language model learns on, 1.1% of the entropy", lambda: answering(0.011, np.linspace(0.2, 0.8, 100)), "clear"),
    Case("entropy-collapse", "a language model learns on, 0.9% of the entropy", lambda: answering(0.009, np.linspace(0.2, 0.8, 100)), "warning"),
    Case("entropy-collapse", "a language model solves 78% of the prompts", lambda: answering(0.009, np.linspace(0.2, 0.8, 100), solved=0.78), "warning"),
    Case("entropy-collapse", "a language model solves 82% of the prompts", lambda: answering(0.009, np.linspace(0.2, 0.8, 100), solved=0.82), "clear"),
    Case("entropy-collapse", "after 60% of the run, and 32% of the gain lost", lambda: certain(LOST_32, at=0.6), "warning"),
    Case("entropy-collapse", "after 60% of the run, and 29% of the gain lost", lambda: certain(LOST_29, at=0.6), "clear"),
    Case("entropy-collapse", "after 46% of the run", lambda: certain(at=0.46), "warning"),
    Case("entropy-collapse", "after 54% of the run", lambda: certain(at=0.54), "clear"),
    Case("entropy-collapse", "12 updates", lambda: certain(points=12), "warning"),
    Case("entropy-collapse", "11 updates", lambda: certain(stepped(noise=0.1, seed=1), points=11), "insufficient-data",
         says="negative entropy needs at least 12 points, has 11"),
    Case("entropy-collapse", "11 rewards", lambda: certain(stepped(noise=0.1, points=11), points=100), "insufficient-data",
         says="reward needs at least 12 points, has 11"),

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
    Case("policy-divergence", "destroyed by one update", lambda: run_of({KL: np.r_[0.02, 300.0, np.zeros(48)]}), "error", says="train/approx_kl reaches 300 nats at step 1, and the policy no longer changes afterwards"),
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
    Case("policy-divergence", "the most severe of two", lambda: run_of({
        KL: np.full(50, 0.3), "val/ratio": np.full(50, 11.0), "val/clipfrac_avg": flat(50, 0.1)}), "error"),
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
    Case("value-failure", "the only loss of Q-learning explodes", lambda: run_of({
        REWARD: 20 + wandering(100, 1.0), "rollout/exploration_rate": np.linspace(1, 0.05, 100),
        "train/loss": np.geomspace(1, 1e6, 100) * flat(100, 1, noise=0.2)}), "warning", metric="train/loss"),
    Case("value-failure", "an only loss that is of no known kind explodes", lambda: run_of({
        REWARD: 20 + wandering(100, 1.0), "train/loss": np.geomspace(1, 1e6, 100) * flat(100, 1, noise=0.2)}), "not-applicable"),
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

    Case("value-failure", "explains 4.5%", lambda: explained(0.045), "warning", findings=1,
         says="train/explained_variance has a median of 0.045 in the second half of the run: the value function predicts hardly better than a constant",
         steps=(50, 99), metric="train/explained_variance", confidence=0.85,
         remedy="normalise rewards or returns: a value function cannot follow returns of thousands"),
    Case("value-failure", "explains 5.5%", lambda: explained(0.055), "clear"),
    Case("value-failure", "a value loss of 52% of the first", lambda: explained(0.01, loss=0.52), "warning"),
    Case("value-failure", "a value loss of 48% of the first", lambda: explained(0.01, loss=0.48), "clear"),
    Case("value-failure", "no value loss, a reward that has risen", lambda: explained(0.01, RISEN, None), "clear"),
    Case("value-failure", "no value loss, a reward that may have risen", lambda: explained(0.01, HARDLY_RISEN, None), "warning"),
    Case("value-failure", "no value loss, too few rewards", lambda: explained(0.01, stepped(points=19), None), "clear"),
    Case("value-failure", "one value for all states", lambda: explained(9e-6, loss=0.01), "warning"),
    Case("value-failure", "almost one value for all states", lambda: explained(1.1e-5, loss=0.01), "clear"),
    Case("value-failure", "learns in the last 6 updates", lambda: explained(0.0, last=[0.08] * 6, loss=1.0), "clear"),
    Case("value-failure", "learns in the last 5 updates", lambda: explained(0.0, last=[0.08] * 5, loss=1.0), "warning"),
    Case("value-failure", "20 updates", lambda: explained(0.01, points=20), "warning"),
    Case("value-failure", "19 updates", lambda: explained(0.01, points=19), "insufficient-data",
         says="explained variance or value loss needs at least 20 points, has 19"),
    Case("value-failure", "a value loss of 102 times the best", lambda: exploding(102, WITHIN_NOISE), "warning", findings=1,
         says="train/value_loss grows 102 times from its best window at step 2 although rollout/ep_rew_mean has no lasting gain (100 at first, 101 at the end)",
         steps=(2, 99), metric="train/value_loss", confidence=0.85,
         remedy="lower the learning rate of the value function, and clip its gradients"),
    Case("value-failure", "a value loss of 95 times the best", lambda: exploding(95, WITHIN_NOISE), "clear"),
    Case("value-failure", "6.5 standard errors", lambda: exploding(1000, WITHIN_NOISE, noise=1.0), "warning"),
    Case("value-failure", "5.7 standard errors", lambda: exploding(1000, WITHIN_NOISE, noise=1.3), "clear"),
    Case("value-failure", "explodes, a rise of 2.1 standard errors", lambda: exploding(101, UNDECIDED), "insufficient-data",
         says="the value loss grows, which rising rewards can explain, but the reward is too noisy to tell"),
    Case("value-failure", "explodes, a rise of 33% within the noise", lambda: exploding(110, LARGE), "insufficient-data"),
    Case("value-failure", "explodes, a rise of 25% within the noise", lambda: exploding(110, SMALL), "warning"),
    Case("value-failure", "explodes, 32% of the gain lost", lambda: exploding(1000, LOST_32), "warning"),
    Case("value-failure", "explodes, 29% of the gain lost", lambda: exploding(300, LOST_29), "clear"),
    Case("value-failure", "explodes 350 times, rewards double", lambda: exploding(350, stepped(100, noise=3)), "clear"),
    Case("value-failure", "explodes 500 times, rewards double", lambda: exploding(500, stepped(100, noise=3)), "warning"),
    Case("value-failure", "a loss of both signs", lambda: rewards(WITHIN_NOISE, train__value_loss=np.r_[np.full(50, -1.0), np.full(50, 1e6)]), "clear"),
    Case("value-failure", "a policy loss alone", lambda: run_of({**SB3, REWARD: RISEN, "train/policy_gradient_loss": flat(100, 1.0)}), "not-applicable",
         says="neither the explained variance nor the loss of a value function is logged"),

    Case("reward-collapse", "32% of the gain lost", lambda: rewards(LOST_32), "warning", findings=1,
         says="rollout/ep_rew_mean falls from 204 around step 48 to 171 at the end: it loses 32% of its gain",
         steps=(48, 99), metric="rollout/ep_rew_mean", confidence=0.97,
         remedy="keep the checkpoint around step 48, not the last one"),
    Case("reward-collapse", "29% of the gain lost", lambda: rewards(LOST_29), "clear"),
    Case("reward-collapse", "92% of the gain lost", lambda: rewards(stepped(100, 10, noise=3)), "error", says="rollout/ep_rew_mean falls from 204 around step 48 to 109 at the end: it loses 92% of its gain"),
    Case("reward-collapse", "89.8% of the gain lost", lambda: rewards(stepped(100, 12, noise=3)), "warning"),
    Case("reward-collapse", "4.4 standard errors", lambda: rewards(stepped(20, 0, noise=10)), "error"),
    Case("reward-collapse", "3.6 standard errors", lambda: rewards(stepped(20, 0, noise=16)), "clear"),
    Case("reward-collapse", "nothing gained, 11% lost", lambda: rewards(stepped(0, -11.5, noise=0.5)), "error", says="rollout/ep_rew_mean falls from 101 around step 48 to 88.3 at the end: it never improved, and it ends below its initial level"),
    Case("reward-collapse", "nothing gained, 9% lost", lambda: rewards(stepped(0, -9, noise=0.5)), "clear"),
    Case("reward-collapse", "30 points", lambda: rewards(stepped(100, 0, noise=3, points=30)), "error"),
    Case("reward-collapse", "29 points", lambda: rewards(stepped(100, 0, noise=3, points=29)), "insufficient-data",
         says="reward needs at least 30 points, has 29"),
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

    Case("reward-stagnation", "a rise of 1.95 standard errors", lambda: rewards(WITHIN_NOISE), "info", findings=1,
         says="rollout/ep_rew_mean starts at 100 and is 102 at best, a rise within its noise",
         steps=(0, 99), metric="rollout/ep_rew_mean", confidence=0.8,
         remedy="inspect some episodes: check which behaviour is rewarded, and whether the policy ever shows it"),
    Case("reward-stagnation", "a rise of 2.1 standard errors", lambda: rewards(UNDECIDED), "insufficient-data",
         says="the reward rises by 2.1 standard errors, which may be noise"),
    Case("reward-stagnation", "a rise of 3.7 standard errors", lambda: rewards(HARDLY_RISEN), "insufficient-data"),
    Case("reward-stagnation", "a rise of 4.4 standard errors", lambda: rewards(RISEN), "clear"),
    Case("reward-stagnation", "a rise of 33% within the noise", lambda: rewards(LARGE), "insufficient-data"),
    Case("reward-stagnation", "a rise of 25% within the noise", lambda: rewards(SMALL), "info"),
    Case("reward-stagnation", "falls", lambda: rewards(stepped(0, -9, noise=0.5)), "clear"),
    Case("reward-stagnation", "30 points", lambda: rewards(np.full(30, 1.0)), "warning", says="rollout/ep_rew_mean is 1 at every point"),
    Case("reward-stagnation", "29 points", lambda: rewards(np.full(29, 1.0)), "insufficient-data",
         says="reward needs at least 30 points, has 29"),
    Case("reward-stagnation", "wanders without learning", lambda: run_of({REWARD: 200 + wandering(100, 1.0)}), "info"),
    Case("reward-stagnation", "the goal is never reached", lambda: run_of({REWARD: np.full(60, -200.0)}), "warning"),
    Case("reward-stagnation", "a rise within its noise from random actions", lambda: run_of({
        REWARD: 200 + wandering(100, 1.0), "rollout/exploration_rate": np.linspace(0.55, 0.05, 100)}), "warning"),
    Case("reward-stagnation", "a rise within its noise from mostly chosen actions", lambda: run_of({
        REWARD: 200 + wandering(100, 1.0), "rollout/exploration_rate": np.linspace(0.45, 0.05, 100)}), "info"),
    Case("reward-stagnation", "a rise within its noise, actions stay random", lambda: run_of({
        REWARD: 200 + wandering(100, 1.0)}, **{"rollout/exploration_rate": 1}), "warning"),
    Case("reward-stagnation", "a rise within its noise, another fraction of exploration", lambda: run_of({
        REWARD: 200 + wandering(100, 1.0)}, exploration_fraction=1), "info"),
    Case("reward-stagnation", "a rise within its noise, and an epsilon of percent", lambda: run_of({
        REWARD: 200 + wandering(100, 1.0), "charts/epsilon": np.linspace(100, 5, 100)}), "info"),
    Case("reward-stagnation", "learns", lambda: run_of({REWARD: learning()}), "clear"),
    Case("reward-stagnation", "learns, seen through single episodes", lambda: run_of({
        "charts/episodic_return": np.r_[np.zeros(600), np.ones(600)] + np.random.default_rng(0).normal(0, 1.0, 1200)}), "clear"),
    Case("reward-stagnation", "a rise that may be noise", lambda: run_of({REWARD: np.linspace(20, 40, 60) + wandering(60, 5.0)}), "insufficient-data"),
]  # fmt: skip
