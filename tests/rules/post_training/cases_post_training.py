"""Runs that the post-training rules must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from ..curves import Case, decay, flat, run_of

NOISE = np.random.default_rng(1).normal(size=60)
BALANCED = np.tile([1.0, -1.0], 30)  # noise without mean, of unit standard deviation


def answers(points=60, **curves):
    """A log of training on the rewards of answers, with one more curve."""
    logged = {
        "reward": flat(points, 0.5, noise=0.1),
        "reward_std": flat(points, 0.2),
        "completions/mean_length": flat(points, 200.0),
    }
    return run_of(logged | {tag.replace("__", "/"): values for tag, values in curves.items()})  # fmt: skip


def late(before, after, points=60, share=0.3):
    """A level over the first part of a run, and another over the last."""
    last = round(share * points)
    return np.r_[np.full(points - last, before), np.full(last, after)]


def diverging(growth, *, points=60, noise=0.1):
    """A divergence from the reference that is level from a third of the run on, and grows over the last sixth."""
    sixth = points // 6
    level = np.r_[
        np.linspace(0.01, 0.05, 2 * sixth),
        np.full(points - 3 * sixth - 3, 0.05),
        np.geomspace(0.05, 0.05 * growth, sixth),
    ]
    return np.r_[level, np.full(points - len(level), 0.05 * growth)] * flat(points, 1, noise=noise)  # fmt: skip


def pairs(accuracies, *, chosen=None, held_out=None, accuracy=None):
    """A log of preference optimisation: shares of correctly ranked pairs, the reward of chosen answers, another score."""
    points = len(accuracies)
    logged = {
        "train/loss": decay(points, 0.69, 0.3),
        "train/rewards/accuracies": accuracies,
        "train/rewards/margins": np.linspace(0, 3, points),
        "train/rewards/chosen": np.linspace(0, 1, points) if chosen is None else chosen,
    }
    others = {"eval/rewards/accuracies": held_out, "train/accuracy": accuracy}
    return run_of(logged | {tag: values for tag, values in others.items() if values is not None})


def risen(rise):
    """A reward that rises in the middle of the run, with noise."""
    return 0.5 + rise * np.repeat([0, 1], 30) + 0.05 * NOISE


def scattered(share):
    """A reward that has risen, and jumps up and down at the end, by a multiple of a share of its level."""
    late_noise = np.random.default_rng(7).permutation(np.sqrt(2) * np.sin(np.linspace(0, 10 * np.pi, 20)))
    return np.r_[np.linspace(0.2, 0.8, 40), 0.8 * (1 + share * late_noise / np.std(late_noise))]


LANGUAGE_MODEL = {"loss": decay(60, 6.0, 3.0), "ppl": np.exp(decay(60, 6.0, 3.0))}
RISING = np.linspace(0.1, 0.97, 60) + 0.005 * NOISE


def leaving(end=30.0, *, middle=1.9, left=0.05):
    """A divergence that grows steadily to so many nats, so many times its level in the middle, and an entropy of which a share is left."""
    kl = np.r_[
        np.linspace(0.1, end / middle, 20),
        np.full(20, end / middle),
        np.linspace(end / middle, end, 15),
        np.full(5, end),
    ]
    return answers(kl=kl * flat(60, 1, noise=0.01), entropy=np.geomspace(60, 60 * left, 60) * 1.0)


CASES = [
    Case("uniform-rewards", "95% of the prompts at the end", lambda: answers(frac_reward_zero_std=late(0.5, 0.95)), "warning", findings=1,
         says="all answers to a prompt get the same reward for 95% of the prompts (frac_reward_zero_std, median of the last 30% of the run), which give no gradient",
         steps=(42, 59), metric="frac_reward_zero_std", confidence=0.8,
         remedy="remove prompts that are always or never solved, or sample until each prompt has answers of both kinds"),
    Case("uniform-rewards", "the reward has risen", lambda: answers(frac_reward_zero_std=late(0.5, 0.95), reward=RISING), "info", says="all answers to a prompt get the same reward for 95% of the prompts (frac_reward_zero_std, median of the last 30% of the run), which give no gradient; the reward has risen, so the prompts have become too easy"),
    Case("uniform-rewards", "a rise of 4.2 standard errors", lambda: answers(frac_reward_zero_std=late(0.5, 0.95), reward=4.5 + risen(0.14)), "info"),
    Case("uniform-rewards", "a risen reward that scatters by 4.6%", lambda: answers(frac_reward_zero_std=late(0.5, 0.95), reward=scattered(0.028)), "info"),
    Case("uniform-rewards", "a risen reward that scatters by 5.5%", lambda: answers(frac_reward_zero_std=late(0.5, 0.95), reward=scattered(0.034)), "warning"),
    Case("uniform-rewards", "a rise of 3.5 standard errors", lambda: answers(frac_reward_zero_std=late(0.5, 0.95), reward=4.5 + risen(0.12)), "warning"),
    Case("uniform-rewards", "too few rewards to see a rise", lambda: answers(frac_reward_zero_std=late(0.5, 0.95), reward=RISING[:19]), "warning"),
    Case("uniform-rewards", "no reward", lambda: run_of({"frac_reward_zero_std": late(0.5, 0.95), "completions/mean_length": flat(60, 200.0)}), "warning"),
    Case("uniform-rewards", "82% of the prompts", lambda: answers(frac_reward_zero_std=late(0.5, 0.82)), "warning"),
    Case("uniform-rewards", "78% of the prompts", lambda: answers(frac_reward_zero_std=late(0.5, 0.78)), "clear"),
    Case("uniform-rewards", "exactly 80% of the prompts", lambda: answers(frac_reward_zero_std=late(0.5, 0.8)), "clear"),
    Case("uniform-rewards", "percentages", lambda: answers(frac_reward_zero_std=late(40, 60)), "clear"),
    Case("uniform-rewards", "over the last 14%", lambda: answers(frac_reward_zero_std=late(0.5, 0.95, share=0.14)), "clear"),
    Case("uniform-rewards", "over the last 17%", lambda: answers(frac_reward_zero_std=late(0.5, 0.95, share=0.17)), "warning"),
    Case("uniform-rewards", "20 points", lambda: answers(20, frac_reward_zero_std=late(0.5, 0.95, 20)), "warning"),
    Case("uniform-rewards", "19 points", lambda: answers(19, frac_reward_zero_std=late(0.5, 0.95, 19)), "insufficient-data",
         says="uniform reward fraction needs at least 20 points, has 19"),
    Case("uniform-rewards", "a language model", lambda: run_of(LANGUAGE_MODEL), "not-applicable"),

    Case("uniform-rewards", "a spread of 0.9% of the reward", lambda: answers(reward=np.full(60, 0.5), reward_std=late(0.2, 0.0045)), "warning", findings=1,
         says="the rewards of answers to a prompt have a spread of 0.0045 (reward_std, median of the last 30% of the run) around 0.5, which gives no gradient",
         steps=(42, 59), metric="reward_std", confidence=0.8,
         remedy="check that the reward function or the reward model tells answers apart, and that its output is not clipped"),
    Case("uniform-rewards", "a spread of 1.1% of the reward", lambda: answers(reward=np.full(60, 0.5), reward_std=late(0.2, 0.0055)), "clear"),
    Case("uniform-rewards", "the last rewards are the same", lambda: run_of({"reward": late(0.5, 1.0) + np.r_[0.1 * NOISE[:42], np.zeros(18)], "response_length": flat(60, 200.0)}), "warning",
         says="reward is 1 at each of the last 18 points: all answers get the same reward, which gives no gradient"),
    Case("uniform-rewards", "the last scores of a reward model are the same, their penalty is not", lambda: run_of({
        "objective/scores": late(0.5, 5.0) + np.r_[0.1 * NOISE[:42], np.zeros(18)], "objective/rlhf_reward": 3 + 0.1 * NOISE,
        "objective/kl": flat(60, 5.0), "val/ratio": flat(60, 1.0)}), "warning"),
    Case("uniform-rewards", "the last rewards are nearly the same", lambda: run_of({"reward": late(0.5, 1.0) + 0.001 * NOISE, "response_length": flat(60, 200.0)}), "clear"),

    Case("truncated-answers", "80% of the answers at the end", lambda: answers(completions__clipped_ratio=late(0.2, 0.8)), "warning", findings=1,
         says="80% of the answers are truncated at the length limit (completions/clipped_ratio, median of the last 30% of the run): only their beginning is rewarded",
         steps=(42, 59), metric="completions/clipped_ratio", confidence=0.8,
         remedy="raise the length limit, or penalise length"),
    Case("truncated-answers", "52% of the answers", lambda: answers(completions__clipped_ratio=late(0.2, 0.52)), "warning"),
    Case("truncated-answers", "48% of the answers", lambda: answers(completions__clipped_ratio=late(0.2, 0.48)), "clear"),
    Case("truncated-answers", "half of the answers", lambda: answers(completions__clipped_ratio=late(0.2, 0.5)), "clear"),
    Case("truncated-answers", "percentages", lambda: answers(completions__clipped_ratio=late(20, 45)), "clear"),
    Case("truncated-answers", "over the last 14%", lambda: answers(completions__clipped_ratio=late(0.2, 0.8, share=0.14)), "clear"),
    Case("truncated-answers", "over the last 17%", lambda: answers(completions__clipped_ratio=late(0.2, 0.8, share=0.17)), "warning"),
    Case("truncated-answers", "20 points", lambda: answers(20, completions__clipped_ratio=late(0.2, 0.8, 20)), "warning"),
    Case("truncated-answers", "19 points", lambda: answers(19, completions__clipped_ratio=late(0.2, 0.8, 19)), "insufficient-data",
         says="truncated fraction needs at least 20 points, has 19"),
    Case("truncated-answers", "a language model", lambda: run_of(LANGUAGE_MODEL), "not-applicable"),

    Case("kl-runaway", "grows 400 times late", lambda: answers(kl=diverging(400)), "error", findings=1,
         says="kl, the divergence from the reference model, ends at 18.7, 375 times its median in the middle third of the run",
         steps=(40, 59), metric="kl", confidence=0.8,
         remedy="raise the KL penalty, or lower the learning rate"),
    Case("kl-runaway", "grows 105 times late", lambda: answers(kl=diverging(105, noise=0)), "error"),
    Case("kl-runaway", "grows 95 times late", lambda: answers(kl=diverging(95, noise=0)), "warning"),
    Case("kl-runaway", "grows 11 times late", lambda: answers(kl=diverging(11, noise=0)), "warning"),
    Case("kl-runaway", "grows 9 times late", lambda: answers(kl=diverging(9, noise=0)), "clear"),
    Case("kl-runaway", "6.4 standard errors", lambda: answers(kl=diverging(15, noise=0.35)), "warning"),
    Case("kl-runaway", "5.4 standard errors", lambda: answers(kl=diverging(15, noise=0.45)), "clear"),
    Case("kl-runaway", "grows steadily", lambda: answers(kl=np.linspace(0.01, 0.3, 60)), "clear"),
    Case("kl-runaway", "falls below zero", lambda: answers(kl=np.r_[-0.01, diverging(400)[1:]]), "clear"),
    Case("kl-runaway", "20 points", lambda: answers(20, kl=diverging(400, points=20)), "error"),
    Case("kl-runaway", "19 points", lambda: answers(19, kl=diverging(400, points=19)), "insufficient-data",
         says="kl needs at least 20 points, has 19"),
    Case("kl-runaway", "a divergence of something else", lambda: run_of({"loss": decay(60), "kl": diverging(400)}), "not-applicable"),

    Case("preference-at-chance", "half of the pairs", lambda: pairs(0.5 + 0.05 * BALANCED), "warning", findings=1,
         says="train/rewards/accuracies is 50.0% on average over the second half of the run: preference pairs are ranked at chance level",
         steps=(30, 59), metric="train/rewards/accuracies", confidence=0.8,
         remedy="check that chosen and rejected answers are not swapped, and that prompts are masked"),
    Case("preference-at-chance", "54.5% of the pairs", lambda: pairs(np.full(60, 0.545)), "warning"),
    Case("preference-at-chance", "55.5% of the pairs", lambda: pairs(np.full(60, 0.555)), "clear"),
    Case("preference-at-chance", "45.5% of the pairs", lambda: pairs(np.full(60, 0.455)), "warning"),
    Case("preference-at-chance", "44.5% of the pairs", lambda: pairs(np.full(60, 0.445)), "clear"),
    Case("preference-at-chance", "a standard error of 1.8 points", lambda: pairs(0.5 + 0.018 * np.sqrt(30) * BALANCED), "warning"),
    Case("preference-at-chance", "a standard error of 2.2 points", lambda: pairs(0.5 + 0.022 * np.sqrt(30) * BALANCED), "clear"),
    Case("preference-at-chance", "a gain of 1.8 standard errors", lambda: pairs(late(0.482, 0.5, share=0.5) + 0.01 * np.sqrt(30) * BALANCED), "warning"),
    Case("preference-at-chance", "a gain of 2.2 standard errors", lambda: pairs(late(0.478, 0.5, share=0.5) + 0.01 * np.sqrt(30) * BALANCED), "clear"),
    Case("preference-at-chance", "percentages", lambda: pairs(50 + 5 * BALANCED), "warning"),
    Case("preference-at-chance", "preferences are learned", lambda: pairs(np.linspace(0.5, 0.8, 60) + 0.02 * NOISE), "clear"),
    Case("preference-at-chance", "20 points", lambda: pairs(np.full(20, 0.5)), "warning"),
    Case("preference-at-chance", "19 points", lambda: pairs(np.full(19, 0.5)), "insufficient-data",
         says="train score needs at least 20 points, has 19"),
    Case("preference-at-chance", "19 points beside another score", lambda: pairs(np.full(19, 0.5), accuracy=flat(60, 0.5)), "insufficient-data", says="train/rewards/accuracies needs at least 20 points, has 19"),
    Case("preference-at-chance", "a classifier", lambda: run_of({"train/accuracy": np.full(60, 0.5)}), "not-applicable", says="no share of correctly ranked training pairs (rewards/accuracies) is logged"),

    Case("preference-memorised", "60% of the held-out pairs", lambda: pairs(late(0.8, 1.0), held_out=flat(60, 0.6)), "warning", findings=1,
         says="train/rewards/accuracies is 100% on average over the last 30% of the run, but only 59.6% on held-out pairs at the last evaluation",
         steps=(42, 59), metric="train/rewards/accuracies", confidence=0.8,
         remedy="stop earlier: one pass over the pairs is usual"),
    Case("preference-memorised", "chosen answers become less likely", lambda: pairs(late(0.8, 1.0), chosen=np.linspace(-0.5, -4, 60)), "info", says="train/rewards/accuracies is 100% on average over the last 30% of the run, and train/rewards/chosen falls from -0.5 to -3.5: the chosen answers become less likely"),
    Case("preference-memorised", "chosen answers as likely as at first", lambda: pairs(late(0.8, 1.0), chosen=np.full(60, -1.0)), "clear"),
    Case("preference-memorised", "chosen answers less likely, above zero", lambda: pairs(late(0.8, 1.0), chosen=np.linspace(4, 1, 60)), "clear"),
    Case("preference-memorised", "too few rewards of chosen answers", lambda: pairs(late(0.8, 1.0), chosen=np.linspace(0, -4, 19)), "clear"),
    Case("preference-memorised", "20 rewards of chosen answers", lambda: pairs(late(0.8, 1.0), chosen=np.linspace(0, -4, 20)), "info"),
    Case("preference-memorised", "no reward of chosen answers", lambda: run_of({
        "train/rewards/accuracies": np.ones(60), "train/rewards/margins": np.ones(60), "train/rewards/rejected": np.ones(60)}), "clear"),
    Case("preference-memorised", "held-out pairs agree", lambda: pairs(late(0.8, 1.0), held_out=np.full(60, 0.95), chosen=np.linspace(0, -4, 60)), "clear"),
    Case("preference-memorised", "a gap of 11 points", lambda: pairs(late(0.8, 1.0), held_out=np.full(60, 0.89)), "warning"),
    Case("preference-memorised", "a gap of 9 points", lambda: pairs(late(0.8, 1.0), held_out=np.full(60, 0.91)), "clear"),
    Case("preference-memorised", "99.1% of the training pairs", lambda: pairs(late(0.8, 0.991), held_out=flat(60, 0.6)), "warning"),
    Case("preference-memorised", "98.9% of the training pairs", lambda: pairs(late(0.8, 0.989), held_out=flat(60, 0.6)), "clear"),
    Case("preference-memorised", "percentages", lambda: pairs(late(80, 100), held_out=flat(60, 60)), "warning"),
    Case("preference-memorised", "over the last 25%", lambda: pairs(late(0.8, 1.0, share=0.25), held_out=flat(60, 0.6)), "clear"),
    Case("preference-memorised", "20 points", lambda: pairs(np.ones(20), held_out=flat(20, 0.6)), "warning"),
    Case("preference-memorised", "19 points", lambda: pairs(np.ones(19), held_out=flat(19, 0.6)), "insufficient-data",
         says="train score needs at least 20 points, has 19"),
    Case("preference-memorised", "19 points beside another score", lambda: pairs(np.ones(19), accuracy=flat(60, 0.5)), "insufficient-data", says="train/rewards/accuracies needs at least 20 points, has 19"),
    Case("preference-memorised", "a classifier", lambda: run_of({"train/accuracy": np.ones(60)}), "not-applicable", says="no share of correctly ranked training pairs (rewards/accuracies) is logged"),
    Case("kl-runaway", "grows steadily to 30 nats, no entropy is left", leaving, "warning"),
    Case("kl-runaway", "grows steadily to 21 nats", lambda: leaving(21.0), "warning"),
    Case("kl-runaway", "grows steadily to 19 nats", lambda: leaving(19.0), "clear"),
    Case("kl-runaway", "1.6 times its middle", lambda: leaving(middle=1.6), "warning"),
    Case("kl-runaway", "1.4 times its middle", lambda: leaving(middle=1.4), "clear"),
    Case("kl-runaway", "9% of the entropy are left", lambda: leaving(left=0.07), "warning"),
    Case("kl-runaway", "11% of the entropy are left", lambda: leaving(left=0.102), "clear"),
    Case("kl-runaway", "13% of the entropy are left", lambda: leaving(left=0.13), "clear"),
]  # fmt: skip
