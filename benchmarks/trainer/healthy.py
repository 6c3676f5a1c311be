"""Sound trainings: whatever the rules say of them as a warning or an error is a false alarm."""

from __future__ import annotations

from .plan import EVERY_STEP, Plan
from .recipe import (
    GameRecipe,
    PolicyRecipe,
    Recipe,
    cosine,
    inverse_root,
    one_cycle,
    step_decay,
    warm_restarts,
)

EPOCHS = ("csv", "events", "json", "history", "text")  # formats for means of an epoch
UNVALIDATED = frozenset({"missing-validation"})
EARLY_EASY = frozenset({"validation-better-than-train"})  # with dropout, true and harmless
THROWS = {"epochs": 14, "batch": 40, "rate": 2e-3}
TUMOURS = {
    "epochs": 20,
    "batch": 32,
    "rate": 1e-3,
    "width": 32,
    "weight_decay": 0.02,
    "optimizer": "adamw",
    "log_every": 2,
}
CHAINS = {
    "epochs": 13,
    "evaluations": 13,
    "batch": 50,
    "depth": 1,
    "rate": 4e-3,
    "log_every": 3,
    "schedule": cosine,
    "dropout": 0.1,
}
WAVES = {"epochs": 22, "batch": 50, "rate": 3e-3}
SHAPES = {"epochs": 14, "batch": 12, "rate": 1e-2, "depth": 1, "log_every": 3}
STREAM = {"epochs": 1, "batch": 64, "rate": 3e-3, "log_every": 5, "evaluations": 15}


def _plan(name: str, task: str, settings: dict, may: frozenset[str] = frozenset(), **changes: object) -> Plan:
    recipe = Recipe(**{**settings, **changes})
    loggers = EVERY_STEP if recipe.log_every else EPOCHS
    return Plan(name=f"ok-{name}", task=task, recipe=recipe, may=may, loggers=loggers)


HEALTHY: tuple[Plan, ...] = (
    _plan("throws-adam-cosine", "throws", THROWS, schedule=cosine),
    _plan("throws-sgd-steps-epochs", "throws", THROWS, optimizer="sgd", rate=0.02, schedule=step_decay, log_every=0),
    _plan("throws-restarts", "throws", THROWS, schedule=warm_restarts, rate=3e-3),
    _plan("throws-small-validation", "throws", THROWS, validation_samples=30, schedule=cosine),
    _plan("throws-system", "throws", THROWS, schedule=cosine, logs_system=True, logs_rate=False),
    _plan("throws-tuned-on", "throws", THROWS, pretrained_epochs=10, rate=3e-4, schedule=cosine, epochs=8),
    _plan("throws-deep-layers", "throws", THROWS, depth=5, schedule=cosine, watch="layers"),
    _plan("tumours-dropout", "tumours", TUMOURS, EARLY_EASY, dropout=0.4, schedule=cosine),
    _plan("tumours-epochs", "tumours", TUMOURS, log_every=0, epochs=15, schedule=cosine),
    _plan("chains-adam", "chains", CHAINS),
    _plan("chains-dropout", "chains", CHAINS, EARLY_EASY, dropout=0.3, epochs=15),
    _plan("chains-small-validation", "chains", CHAINS, validation_samples=60),
    _plan("chains-sgd-epochs", "chains", CHAINS, optimizer="sgd", rate=0.05, log_every=0, epochs=15),
    _plan("waves-adam", "waves", WAVES, schedule=cosine),
    _plan("waves-sgd-cycle", "waves", WAVES, optimizer="sgd", rate=0.3, schedule=one_cycle),
    _plan("waves-steps", "waves", WAVES, schedule=step_decay, watch="layers"),
    _plan("waves-epochs", "waves", WAVES, schedule=cosine, log_every=0),
    _plan("waves-loss-only", "waves", WAVES, UNVALIDATED, schedule=cosine, evaluations=0, watch="", logs_rate=False),
    _plan("waves-tuned-on", "waves", WAVES, pretrained_epochs=15, rate=5e-4, schedule=cosine, epochs=10),
    _plan("stream-single-epoch", "stream", STREAM, schedule=cosine),
    _plan("stream-unvalidated", "stream", STREAM, UNVALIDATED, schedule=inverse_root, evaluations=0, rate=4e-3),
    _plan("stream-noisy", "stream", STREAM, batch=16, samples=8000, schedule=inverse_root, clip=1.0),
    _plan("stream-dropout", "stream", STREAM, EARLY_EASY, dropout=0.1, schedule=cosine),
    _plan("shapes-adam", "shapes", SHAPES, schedule=cosine),
    _plan("shapes-cycle", "shapes", SHAPES, schedule=one_cycle, rate=2e-2, clip=5.0),
    _plan("shapes-weighted", "shapes", SHAPES, schedule=cosine, is_weighted=True),
    _plan("shapes-epochs", "shapes", SHAPES, schedule=cosine, log_every=0, watch="layers"),
    Plan(name="ok-ring", task="ring", recipe=GameRecipe()),
    Plan(name="ok-ring-two-rates", task="ring", recipe=GameRecipe(rate=5e-4, discriminator_rate=1e-3, label_smoothing=0.1)),
    Plan(name="ok-grid", task="grid", recipe=PolicyRecipe()),
    Plan(name="ok-grid-decay", task="grid", recipe=PolicyRecipe(schedule=lambda progress: 1 - 0.95 * progress, entropy_weight=0.01)),
)  # fmt: skip
