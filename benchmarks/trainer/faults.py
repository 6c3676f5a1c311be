"""Trainings with one fault each, and what has to be found in their logs."""

from __future__ import annotations

from . import disturbances as do
from .healthy import CHAINS, SHAPES, STREAM, THROWS, TUMOURS, WAVES
from .plan import EVERY_STEP, Plan
from .recipe import GameRecipe, PolicyRecipe, Recipe, constant, cosine

# What a training that gets nowhere shows, whatever keeps it there.
STUCK = frozenset(
    "alternating-predictions class-collapse constant-metric constant-score dead-units frozen-weights "
    "learning-rate-too-low not-learning plateau saturated-activations slow-convergence stuck-at-chance underfitting "
    "undertrained update-ratio vanishing-gradients zero-gradient zero-score".split()
)
# What steps that are too large show.
WILD = STUCK | frozenset(
    "abnormal-initial-loss activation-drift divergence early-blow-up exploding-gradients gradient-bursts rate-bound-validation layer-gradient-imbalance "
    "learning-rate-too-high loss-spike zigzag-loss lucky-best "
    "metric-loss-disagreement non-finite oscillation overtraining generalization-gap overfitting "
    "validation-better-than-train".split()
)
MEMORISED = frozenset("generalization-gap overfitting overtraining metric-loss-disagreement undertrained".split())
TOO_LARGE = (
    "divergence", "oscillation", "learning-rate-too-high", "rate-bound-validation", "early-blow-up", "zigzag-loss", "not-learning", "stuck-at-chance", "loss-spike",
    "exploding-gradients", "gradient-bursts", "layer-gradient-imbalance", "underfitting", "non-finite",
)  # fmt: skip
TOO_SMALL = ("learning-rate-too-low", "slow-convergence", "underfitting", "undertrained", "not-learning")
WITH_EPOCHS = ("csv", "json", "text")  # without any, nothing can be told of what repeats from epoch to epoch
PERFECT = frozenset(("suspicious-perfection", "validation-better-than-train", "overtraining"))
Need = tuple[str, ...]


def _plan(
    name: str, task: str, settings: dict, need: Need, may: frozenset[str] = frozenset(),
    loggers: tuple[str, ...] = EVERY_STEP, **changes: object,
) -> Plan:  # fmt: skip
    return Plan(name=name, task=task, recipe=Recipe(**{**settings, **changes}), need=(need,), may=may, loggers=loggers)


RATES = (
    _plan("lr-high-shapes", "shapes", SHAPES, TOO_LARGE, WILD, optimizer="sgd", rate=8.0, is_normalised=False),
    _plan("lr-high-chains", "chains", CHAINS, TOO_LARGE, WILD, rate=0.3, schedule=constant),
    _plan("lr-low-throws", "throws", THROWS, TOO_SMALL, STUCK, rate=2e-6),
    _plan("lr-low-waves", "waves", WAVES, TOO_SMALL, STUCK, optimizer="sgd", rate=1e-4),
    _plan("lr-zero-waves", "waves", WAVES, ("zero-learning-rate",), STUCK, schedule=lambda _: 0.0),
    _plan("lr-ends-early-chains", "chains", CHAINS, ("schedule-mismatch", "zero-learning-rate"), STUCK,
          schedule=lambda progress: cosine(min(progress / 0.25, 1.0))),
    _plan("lr-jumps-stream", "stream", STREAM,
          ("resume-discontinuity", "learning-rate-jump", "schedule-mismatch", "loss-spike", "divergence"), WILD,
          schedule=lambda progress: cosine(progress) if progress < 0.6 else 40.0),
    _plan("clip-saturated-stream", "stream", STREAM, ("clipping-saturation", *TOO_SMALL), STUCK, optimizer="sgd", rate=0.02,
          clip=0.02, logs_clipped=True),
)  # fmt: skip

DATA = (
    _plan("labels-shuffled-chains", "chains", CHAINS,
          ("not-learning", "stuck-at-chance", "underfitting", "plateau", "overfitting", "generalization-gap"),
          STUCK | MEMORISED, prepare=do.shuffle_labels),
    _plan("no-shuffle-chains", "chains", CHAINS, ("epoch-periodic-loss",), WILD, prepare=do.sort_by_label, is_shuffled=False,
          log_every=1, loggers=WITH_EPOCHS),
    _plan("no-shuffle-tumours", "tumours", TUMOURS, ("epoch-periodic-loss",), WILD, prepare=do.sort_by_label,
          is_shuffled=False, log_every=1, batch=20, loggers=WITH_EPOCHS),
    _plan("leak-token-chains", "chains", CHAINS, ("suspicious-perfection",), PERFECT, prepare=do.leak_label_into_token),
    _plan("leak-column-tumours", "tumours", TUMOURS, ("suspicious-perfection",), PERFECT,
          prepare=do.leak_label_into_column),
    _plan("leak-shift-stream", "stream", STREAM, ("suspicious-perfection", "loss-floor"), PERFECT, prepare=do.forget_shift),
    _plan("leak-validation-tumours", "tumours", TUMOURS, ("suspicious-perfection", "validation-better-than-train"), PERFECT,
          prepare=do.validate_on_train, pretrained_epochs=40, weight_decay=0.0),
    _plan("imbalance-shapes", "shapes", SHAPES, ("class-collapse", "constant-metric", "metric-loss-disagreement"),
          STUCK | MEMORISED | {"lucky-best"}, optimizer="sgd", rate=2e-3, is_normalised=False, width=16),
    _plan("nan-throws", "throws", THROWS, ("non-finite",), WILD, disturb=do.nan_from(0.4)),
    _plan("spikes-waves", "waves", WAVES, ("loss-spike",), WILD, disturb=do.corrupt_some, log_every=1),
    _plan("unscaled-tumours", "tumours", TUMOURS,
          ("saturated-activations", "abnormal-initial-loss", "exploding-gradients", "gradient-bursts", "layer-gradient-imbalance", "oscillation", "slow-convergence",
           "underfitting", "plateau", "vanishing-gradients", "loss-spike"), WILD | MEMORISED, prepare=do.leave_unscaled,
          activation="tanh", is_normalised=False, depth=3, watch="histograms", loggers=("events",)),
)  # fmt: skip

MODELS = (
    _plan("dead-relu-waves", "waves", WAVES, ("dead-units",), STUCK, initialise=do.bias_below_zero, watch="layers",
          optimizer="sgd", rate=0.02),
    _plan("dead-relu-shapes", "shapes", SHAPES, ("dead-units",), STUCK, initialise=do.bias_below_zero, watch="histograms",
          is_normalised=False, loggers=("events",), rate=1e-3),
    _plan("vanish-sigmoid-throws", "throws", THROWS, ("vanishing-gradients",), STUCK, activation="sigmoid", depth=8,
          is_normalised=False, watch="layers", optimizer="sgd", rate=0.01),
    _plan("vanish-init-tumours", "tumours", TUMOURS, ("vanishing-gradients",), STUCK, initialise=do.scale_weights(0.05),
          activation="tanh", depth=5, is_normalised=False, watch="histograms", loggers=("events",), optimizer="sgd"),
    _plan("explode-init-throws", "throws", THROWS, ("exploding-gradients", "gradient-bursts", "layer-gradient-imbalance", "non-finite", "divergence", "abnormal-initial-loss"),
          WILD, initialise=do.scale_weights(6.0), depth=5, is_normalised=False, optimizer="sgd", rate=1e-3),
    _plan("frozen-trunk-shapes", "shapes", SHAPES, ("frozen-weights",), STUCK, frozen="trunk", watch="histograms",
          loggers=("events",)),
    _plan("frozen-trunk-chains", "chains", CHAINS, ("frozen-weights",), STUCK, frozen="trunk", watch="layers"),
    _plan("tiny-model-chains", "chains", CHAINS, ("underfitting", "plateau", "slow-convergence"), STUCK, width=4, dropout=0.0,
          schedule=constant),
    _plan("weight-decay-chains", "chains", CHAINS, ("underfitting", "plateau", "not-learning", "stuck-at-chance"), STUCK | {"overtraining"},
          weight_decay=0.5, schedule=constant),
    _plan("overfit-tumours", "tumours", TUMOURS, ("overfitting",), MEMORISED, prepare=do.mislabel(0.25), samples=150,
          width=256, weight_decay=0.0, epochs=40, batch=15),
    _plan("overfit-waves", "waves", WAVES, ("overfitting",), MEMORISED, prepare=do.blur_targets(1.0), samples=60, batch=10, width=128, epochs=80),
    _plan("overfit-throws", "throws", THROWS, ("overfitting",), MEMORISED, prepare=do.blur_targets(1.0), samples=80, batch=16, width=128, epochs=80),
)  # fmt: skip

PROGRAMS = (
    _plan("softmax-twice-chains", "chains", CHAINS, ("loss-floor", "metric-loss-disagreement"), STUCK, is_softmaxed=True),
    _plan("no-zero-grad-chains", "chains", CHAINS, TOO_LARGE, WILD, zeroes_gradients=False, schedule=constant),
    _plan("no-zero-grad-throws", "throws", THROWS, TOO_LARGE, WILD, zeroes_gradients=False, optimizer="sgd", rate=0.02),
    _plan("overlap-over-one-shapes", "shapes", SHAPES, ("out-of-range",), report=do.doubled_overlap, schedule=cosine),
    _plan("accuracy-over-one-chains", "chains", CHAINS, ("out-of-range",), report=do.summed_batches),
    _plan("perplexity-of-parts-stream", "stream", STREAM, ("perplexity-mismatch",), score_part=8),
    _plan("crash-throws", "throws", THROWS, ("uncaught-exception", "truncated-run"), disturb=do.crash_at(0.55),
          loggers=("text",)),
    _plan("crash-waves", "waves", WAVES, ("uncaught-exception", "truncated-run"), disturb=do.crash_at(0.3),
          loggers=("text",), schedule=cosine),
    _plan("waits-for-data-throws", "throws", THROWS, ("data-bound",), disturb=do.wait_for_data, logs_system=True, epochs=8),
    _plan("memory-grows-waves", "waves", WAVES, ("memory-growth",), disturb=do.keep_graphs, logs_system=True, schedule=cosine),
    _plan("slows-down-throws", "throws", THROWS, ("slowdown", "step-time-outliers", "data-bound"), frozenset(("data-bound",)),
          disturb=do.slow_down, logs_system=True, loggers=("events", "json"), schedule=cosine),
    Plan(name="train-mode-evaluation-shapes", task="shapes", recipe=Recipe(**SHAPES, dropout=0.3, evaluates_in_train_mode=True),
         may=frozenset(("lucky-best", "oscillation", "underfitting", "plateau"))),
)  # fmt: skip

PLAYERS = (
    Plan(name="discriminator-wins-ring", task="ring", need=(("discriminator-dominance",),),
         recipe=GameRecipe(rate=1e-5, discriminator_rate=5e-3, noise=0.0, discriminator_width=128)),
    Plan(name="generator-wins-ring", task="ring", need=(("generator-dominance",),),
         recipe=GameRecipe(rate=2e-3, discriminator_rate=1e-7)),
    Plan(name="entropy-collapses-grid", task="grid", need=(("entropy-collapse", "policy-divergence", "reward-stagnation"),),
         may=frozenset(("reward-stagnation", "policy-divergence", "value-failure", "zero-gradient", "reward-collapse")),
         recipe=PolicyRecipe(rate=0.3, entropy_weight=0.0, clip=100.0)),
    Plan(name="critic-blind-grid", task="grid", need=(("value-failure",),),
         may=frozenset(("reward-stagnation", "policy-divergence")), recipe=PolicyRecipe(critic_sees=False)),
    Plan(name="policy-breaks-grid", task="grid",
         need=(("reward-collapse", "policy-divergence", "entropy-collapse", "learning-rate-jump"),),
         may=frozenset(("reward-stagnation", "value-failure", "learning-rate-jump", "policy-divergence", "reward-collapse",
                        "schedule-mismatch", "entropy-collapse", "exploding-gradients", "gradient-bursts", "loss-spike", "resume-discontinuity")),
         recipe=PolicyRecipe(schedule=lambda progress: 1.0 if progress < 0.6 else 100.0, clip=100.0)),
)  # fmt: skip

FAULTS: tuple[Plan, ...] = RATES + DATA + MODELS + PROGRAMS + PLAYERS
