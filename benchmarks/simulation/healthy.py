"""Healthy trainings: what a logger writes when all is well, in families of noise, schedule and task.

The ranges of lengths, noise and learning rates are wide on purpose: they are those of small experiments and of long
ones, of curves logged at every step and of averages over many. They were chosen before any rule was measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from scipy.signal import lfilter

from .draft import Draft
from .noise import autoregressive, heavy_tailed, heteroscedastic, white
from .rewarded import group_rewards, preference_pairs
from .schedules import constant, cosine, linear, restarts, steps

if TYPE_CHECKING:
    from collections.abc import Callable

    from trainlint.parsers.run import Floats, Run

    from .noise import Noise

LAYERS = 5
SHORTEST, LONGEST = 40, 800  # training points
EVALUATIONS = (8, 60)
RATE_LAG_POINTS = 3  # how fast the noise floor of the loss follows the learning rate


@dataclass(frozen=True, slots=True)
class Family:
    """Healthy runs of one kind.

    Attributes:
        name: kebab-case.
        make: draws a run.
        may: ids of rules that are right to speak here: the family is made to show what they describe, harmlessly.

    """

    name: str
    make: Callable[[np.random.Generator], Draft]
    may: frozenset[str] = frozenset()

    def draft(self, seed: int) -> Draft:
        return self.make(generator(self.name, seed))

    def run(self, seed: int) -> Run:
        return self.draft(seed).finish(f"{self.name}/{seed}")


def generator(name: str, seed: int) -> np.random.Generator:
    """Random numbers that belong to a family or a fault and a seed."""
    return np.random.default_rng([seed, *name.encode()])


def relaxed(rates: Floats, floor_noise: float, rng: np.random.Generator) -> Floats:
    """Remaining share of the descent, 1 to about 0: a fast and a slow exponential in the distance that was travelled.

    The last `floor_noise` of it is reached only when the learning rate is annealed.
    """
    travelled = np.cumsum(rates) / max(float(rates.sum()), 1e-12)
    travelled = travelled - travelled[0]
    slow_share, fast, slow = rng.uniform(0.1, 0.4), rng.uniform(15, 50), rng.uniform(5, 8)
    falling = (1 - slow_share) * np.exp(-fast * travelled) + slow_share * np.exp(-slow * travelled)
    keep = np.exp(-1 / RATE_LAG_POINTS)
    followed = np.asarray(lfilter([1 - keep], [1, -keep], rates, zi=[keep * rates[0]])[0])
    floor = floor_noise * followed / max(float(rates.max()), 1e-12)
    return np.maximum(falling, floor * (1 - falling) + falling * (1 - floor_noise))


def classification(
    rng: np.random.Generator,
    *,
    noise: Noise = white,
    schedule: Callable[[Floats], Floats] | None = None,
    val_noise: tuple[float, float] = (0.003, 0.02),
    val_samples: tuple[float, float] = (500, 50_000),
    gap: tuple[float, float] = (1.0, 1.6),
    majority: float | None = None,
    evaluations: tuple[int, int] = EVALUATIONS,
) -> Draft:
    """A classifier with everything logged that rules ask for.

    `gap` is the validation loss over the training loss at the end, `majority` the share of the largest class.
    """
    n = int(np.exp(rng.uniform(np.log(SHORTEST), np.log(LONGEST))))
    every = n // int(min(rng.integers(*evaluations), n // 2))
    rows = np.arange(every - 1, n, every)
    interval = int(rng.choice([1, 10, 50, 100, 500]))
    draft = Draft(rng, np.arange(n) * interval, every, rows)
    schedule = schedule or (cosine, constant, linear)[rng.integers(3)]
    draft.rates = np.maximum(schedule(draft.progress), 0.0)
    classes = int(rng.choice([2, 5, 10, 100, 1000]))
    shares = (
        np.full(classes, 1 / classes)
        if majority is None
        else np.r_[majority, np.full(classes - 1, (1 - majority) / (classes - 1))]
    )
    chance = float(-(shares * np.log(shares)).sum())
    start = np.log(classes) * rng.uniform(0.98, 1.15)
    left_over = rng.uniform(0.03, 0.4)  # of the loss of guessing, and about as much of its errors
    floor = chance * left_over
    left = relaxed(draft.rates, rng.uniform(0, 0.15), rng)
    level = floor + (start - floor) * left
    draft.level, draft.sigma = level, float(np.exp(rng.uniform(np.log(0.01), np.log(0.2))))
    draft.loss = level * np.exp(draft.sigma * noise(rng, n))
    val_floor = floor * rng.uniform(*gap)
    val_level = draft.eval_level = val_floor + (start - val_floor) * left[rows]
    sigma = float(np.exp(rng.uniform(np.log(val_noise[0]), np.log(val_noise[1]))))
    draft.evals["val/loss"] = val_level * np.exp(sigma * noise(rng, len(rows)))
    best_error = left_over * float(rng.uniform(0.7, 1.5)) * (1 - float(shares.max()))
    error = best_error + (1 - float(shares.max()) - best_error) * left**0.8
    batch = int(rng.choice([32, 128, 512]) * 10)
    samples = int(np.exp(rng.uniform(*np.log(val_samples))))
    draft.train["train/accuracy"] = rng.binomial(batch, 1 - 0.8 * error) / batch
    draft.evals["val/accuracy"] = rng.binomial(samples, 1 - error[rows]) / samples
    draft.settings = {"num_classes": classes, "epochs": len(rows), "max_steps": int(draft.steps[-1]), "batch_size": 128}
    _add_optimizer(draft, noise)
    _add_layers(draft, noise)
    _add_machine(draft)
    return draft


def _add_optimizer(draft: Draft, noise: Noise) -> None:
    rng, n = draft.rng, draft.points
    peak = float(10 ** rng.uniform(-4, -0.5))
    draft.settings["lr"] = peak
    draft.train["lr"] = peak * draft.rates
    drift = np.geomspace(1, rng.uniform(0.3, 3), n)
    draft.train["grad_norm"] = 10 ** rng.uniform(-1, 1) * drift * np.exp(rng.uniform(0.05, 0.4) * noise(rng, n))
    doubled = np.cumsum(rng.random(n) < 0.03) - np.cumsum(rng.random(n) < 0.03)  # dynamic loss scaling
    draft.train["loss_scale"] = 2.0 ** (16 + np.clip(doubled, -4, 4))


def _add_layers(draft: Draft, noise: Noise) -> None:
    rng, n = draft.rng, draft.points
    for layer in range(LAYERS):
        size = 0.3 * rng.uniform(0.3, 1.5)
        draft.train[f"grads/layers.{layer}.weight"] = rng.uniform(0.3, 3) * np.exp(size * noise(rng, n))
        ratio = 10 ** rng.uniform(-3.5, -2.3) * np.exp(0.3 * noise(rng, n))
        draft.train[f"update_ratio/layers.{layer}.weight"] = ratio * np.maximum(draft.rates, 1e-3)
        sparsity = rng.uniform(0.3, 0.7) + 0.02 * rng.normal(size=n)
        draft.train[f"zero_fraction/layers.{layer}"] = np.clip(sparsity, 0, 1)
        grown = 1 + rng.uniform(0, 1.5) * (1 - np.exp(-8 * draft.progress))
        draft.train[f"act_std/layers.{layer}"] = grown * np.exp(0.05 * noise(rng, n))
    bounded = rng.uniform(0.4, 0.8) + 0.02 * rng.normal(size=n)
    for statistic, values in {"min": -1.0, "max": 1.0, "mean": 0.0}.items():
        draft.histograms["activations/tanh1", statistic] = np.full(n, values)
    draft.histograms["activations/tanh1", "std"] = bounded


def _add_machine(draft: Draft) -> None:
    rng, n = draft.rng, draft.points
    usual = float(10 ** rng.uniform(-1, 1.5))
    draft.seconds = usual * np.exp(rng.uniform(0.01, 0.15) * rng.normal(size=n))
    draft.seconds[0] *= rng.uniform(1, 20)  # compilation
    draft.seconds[np.minimum(draft.eval_rows + 1, n - 1)] += usual * rng.uniform(0.5, 5)  # evaluation
    draft.train["step_time"] = draft.seconds / max(draft.steps[1] - draft.steps[0], 1)
    draft.train["data_time"] = draft.train["step_time"] * rng.uniform(0.005, 0.12) * np.exp(0.3 * rng.normal(size=n))
    filled = 1 - np.exp(-draft.progress / 0.02)
    draft.train["gpu_mem"] = rng.uniform(4e3, 7e4) * (0.6 + 0.4 * filled) * np.exp(0.01 * rng.normal(size=n))
    busy = rng.uniform(85, 97) + 2 * rng.normal(size=n)
    draft.train["gpu_utilization"] = np.clip(np.where(rng.random(n) < 0.05, 40.0, busy), 0, 100)


def running_mean(rng: np.random.Generator) -> Draft:
    """The training loss is the mean since the beginning of the epoch, as progress bars show it."""
    draft = classification(rng)
    starts = np.arange(0, draft.points, draft.points_an_epoch)
    draft.loss = np.concatenate([np.cumsum(p) / np.arange(1, len(p) + 1) for p in np.split(draft.loss, starts[1:])])
    return draft


def dropout(rng: np.random.Generator) -> Draft:
    """Dropout and augmentation make the training loss the worse one."""
    draft = classification(rng, gap=(1.0, 1.1))
    worse = rng.uniform(1.1, 1.8)
    draft.loss = draft.loss * (1 + (worse - 1) * np.minimum(draft.progress / 0.2, 1))
    draft.train["train/accuracy"] = draft.train["train/accuracy"] * rng.uniform(0.8, 0.95)
    draft.settings |= {"dropout": 0.5, "augment": "randaugment"}
    return draft


def within_epochs(rng: np.random.Generator) -> Draft:
    """Three to six evaluations an epoch over seven epochs or more; the rate may cycle or fall with the epochs."""
    places, epochs = int(rng.integers(3, 7)), int(rng.integers(7, 13))

    def saw(progress: Floats) -> Floats:
        return 1 - 0.9 * (progress * epochs % 1)

    def stairs(progress: Floats) -> Floats:
        return np.asarray(0.8 ** np.floor(np.minimum(progress, 1 - 1e-9) * epochs))

    schedule = (cosine, constant, linear, steps, saw, stairs)[rng.integers(6)]
    noise = (white, autoregressive(0.6), autoregressive(0.9), heteroscedastic)[rng.integers(4)]
    draft = classification(rng, noise=noise, schedule=schedule, evaluations=(places * epochs, places * epochs + 1))
    draft.points_an_epoch *= places
    draft.settings["epochs"] = int(np.ceil(draft.points / draft.points_an_epoch))
    return draft


def resumed(rng: np.random.Generator) -> Draft:
    """Stopped and taken up again from a checkpoint, some points before where the first file ends; nothing is lost."""
    draft = classification(rng)
    row = draft.row(0.3, 0.9)
    draft.resume(row, rewind=int(rng.integers(0, max(2, row // 10))), pause_s=float(rng.uniform(60, 36_000)))
    return draft


def language_model(rng: np.random.Generator) -> Draft:
    """One pass over the text, no validation: a power law in the tokens seen."""
    n = int(np.exp(rng.uniform(np.log(100), np.log(LONGEST))))
    draft = Draft(rng, np.arange(n) * 10, 10 * n, np.empty(0, np.int64))
    draft.rates = cosine(draft.progress)
    start, end = np.log(50_257) * rng.uniform(1.0, 1.02), rng.uniform(2.8, 4.0)
    travelled = np.cumsum(draft.rates) - draft.rates[0]
    level = end + (start - end) * (1 + travelled * rng.uniform(0.2, 1)) ** -rng.uniform(0.6, 1.0)
    draft.sigma = float(rng.uniform(0.005, 0.03))
    noise = autoregressive(0.3)
    draft.loss = level * np.exp(draft.sigma * noise(rng, n))
    draft.train["train/perplexity"] = np.exp(draft.loss)
    draft.train["tokens_seen"] = draft.steps * 524_288.0
    draft.settings = {"vocab_size": 50_257, "block_size": 1024, "max_steps": int(draft.steps[-1])}
    _add_optimizer(draft, noise)
    draft.train["grad_norm"] = draft.train["grad_norm"] * (1 + 5 * np.exp(-20 * draft.progress))
    _add_layers(draft, noise)
    _add_machine(draft)
    return draft


def fine_tuning(rng: np.random.Generator) -> Draft:
    """A pretrained model for one to three epochs: a small descent under large noise."""
    n = int(rng.integers(40, 300))
    evaluations = int(rng.integers(3, 10))
    every = n // evaluations
    rows = np.arange(every - 1, n, every)
    draft = Draft(rng, np.arange(1, n + 1) * 10, int(np.ceil(n / rng.integers(1, 4))), rows)
    draft.rates = linear(draft.progress) * np.minimum(draft.progress / 0.03, 1)
    end = rng.uniform(0.6, 1.2)
    start = end * rng.uniform(1.3, 2.5)
    left = np.exp(-rng.uniform(8, 30) * draft.progress) * 0.7 + 0.3 * np.exp(-3 * draft.progress)
    draft.sigma = float(rng.uniform(0.03, 0.15))
    draft.loss = (end + (start - end) * left) * np.exp(draft.sigma * rng.normal(size=n))
    draft.evals["val/loss"] = (end * rng.uniform(1.0, 1.1) + (start - end) * left[rows]) * np.exp(
        0.003 * rng.normal(size=len(rows))
    )
    draft.settings = {
        "lora_r": 16,
        "num_train_epochs": int(np.ceil(n / draft.points_an_epoch)),
        "max_steps": int(draft.steps[-1]),
    }
    _add_optimizer(draft, white)
    draft.train["lr"] = rng.uniform(1e-5, 3e-4) * draft.rates
    _add_machine(draft)
    return draft


def regression(rng: np.random.Generator) -> Draft:
    """A squared error that falls by orders of magnitude, and no accuracy."""
    draft = classification(rng)
    for tag in ("train/accuracy", "val/accuracy"):
        draft.train.pop(tag, None)
        draft.evals.pop(tag, None)
    scale = 10 ** rng.uniform(-3, 4)
    draft.train["train/mse"] = draft.train.pop("train/loss") ** 2 * scale
    draft.evals["val/mse"] = draft.evals.pop("val/loss") ** 2 * scale
    del draft.settings["num_classes"]
    return draft


def reinforcement(rng: np.random.Generator) -> Draft:
    """An actor-critic agent that learns: the return rises, the entropy falls and stays, the value loss may rise."""
    n = int(np.exp(rng.uniform(np.log(60), np.log(LONGEST))))
    draft = Draft(rng, np.arange(1, n + 1) * 2048, n, np.empty(0, np.int64))
    draft.rates = linear(draft.progress)
    learned = 1 / (1 + np.exp(-10 * (draft.progress - rng.uniform(0.2, 0.5))))
    goal = rng.uniform(100, 500)
    smooth = autoregressive(0.9)
    draft.train = {
        "rollout/ep_rew_mean": goal * (0.05 + 0.95 * learned + 0.04 * smooth(rng, n)),
        "rollout/ep_len_mean": goal * (0.2 + 0.5 * learned + 0.02 * smooth(rng, n)),
        "train/entropy_loss": -rng.uniform(0.9, 1.4)
        * (0.35 + 0.65 * (1 - 0.7 * learned))
        * np.exp(0.03 * rng.normal(size=n)),
        "train/approx_kl": rng.uniform(0.004, 0.012) * np.exp(0.3 * rng.normal(size=n)),
        "train/clip_fraction": np.clip(rng.uniform(0.05, 0.15) + 0.02 * rng.normal(size=n), 0.001, 1),
        "train/explained_variance": np.clip(
            0.95 * (1 - np.exp(-10 * draft.progress)) + 0.03 * rng.normal(size=n), -1, 0.999
        ),
        "train/value_loss": goal * (0.3 + learned) * np.exp(0.4 * smooth(rng, n)),
        "train/policy_gradient_loss": -0.01 + 0.003 * rng.normal(size=n),
        "train/learning_rate": 3e-4 * draft.rates,
        "time/fps": rng.uniform(500, 3000) * np.exp(0.03 * rng.normal(size=n)),
    }
    draft.settings = {"gae_lambda": 0.95, "gamma": 0.99, "total_timesteps": int(draft.steps[-1])}
    draft.seconds = 2.0 * np.exp(0.05 * rng.normal(size=n))
    return draft


def adversarial(rng: np.random.Generator) -> Draft:
    """A generator and a discriminator in balance, the distance of Fréchet falling."""
    n = int(np.exp(rng.uniform(np.log(60), np.log(LONGEST))))
    rows = np.arange(4, n, 5)
    draft = Draft(rng, np.arange(n) * 100, max(n // 20, 1), rows)
    smooth = autoregressive(0.6)
    swing = 0.1 * smooth(rng, n)
    draft.train = {
        "Loss/D": 1.2 * np.exp(0.1 * smooth(rng, n) - swing),
        "Loss/G": 0.9 * np.exp(0.15 * smooth(rng, n) + swing) * (1 + 0.3 * draft.progress),
        "D/real": np.clip(0.62 + 0.04 * smooth(rng, n), 0, 1),
        "D/fake": np.clip(0.38 + 0.04 * smooth(rng, n), 0, 1),
    }
    draft.evals["fid"] = (10 + 200 * np.exp(-6 * draft.eval_progress)) * np.exp(0.03 * rng.normal(size=len(rows)))
    draft.settings = {"max_steps": int(draft.steps[-1])}
    draft.seconds = np.exp(0.05 * rng.normal(size=n))
    return draft


FAMILIES: tuple[Family, ...] = (
    Family("white-noise", classification),
    Family("ar-0.6", lambda rng: classification(rng, noise=autoregressive(0.6))),
    Family("ar-0.9", lambda rng: classification(rng, noise=autoregressive(0.9))),
    Family("heavy-tails", lambda rng: classification(rng, noise=heavy_tailed)),
    Family("heteroscedastic", lambda rng: classification(rng, noise=heteroscedastic)),
    Family("running-mean", running_mean, frozenset({"epoch-staircase"})),
    Family("step-decay", lambda rng: classification(rng, schedule=steps), frozenset({"plateau"})),
    Family("cosine-warm-up", lambda rng: classification(rng, schedule=cosine)),
    Family("warm-restarts", lambda rng: classification(rng, schedule=restarts), frozenset({"periodic-validation"})),
    Family("tiny-validation-set", lambda rng: classification(rng, val_noise=(0.02, 0.08), val_samples=(20, 100)), frozenset({"coarse-validation", "lucky-best"})),
    Family("resumed", resumed),
    Family("language-model", language_model, frozenset({"missing-validation", "undertrained"})),
    Family("fine-tuning", fine_tuning),
    Family("dropout", dropout, frozenset({"validation-better-than-train"})),
    Family("class-imbalance", lambda rng: classification(rng, majority=float(rng.uniform(0.6, 0.95)))),
    Family("regression", regression),
    Family("within-epochs", within_epochs),
    Family("reinforcement", reinforcement),
    Family("group-rewards", group_rewards),
    Family("preference-pairs", preference_pairs),
    Family("adversarial", adversarial),
)  # fmt: skip
