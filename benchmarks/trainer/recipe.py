"""What a training does, as data: every default is that of a sound training, and a fault changes one thing or two."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable

Watch = Literal["", "norms", "layers", "histograms"]


def nothing(_: Any) -> None:
    """Leave everything as it is."""


def constant(_: float) -> float:
    """Factor of the learning rate: always one."""
    return 1.0


def cosine(progress: float) -> float:
    """Warm-up over a twentieth of the run, then half a cosine to zero (Loshchilov and Hutter, 2017)."""
    warm = 0.05
    if progress < warm:
        return (progress + 1e-3) / warm
    return 0.5 * (1 + math.cos(math.pi * min((progress - warm) / (1 - warm), 1)))


def step_decay(progress: float) -> float:
    """A tenth after 60% of the run, a hundredth after 85%."""
    return 1.0 if progress < 0.6 else 0.1 if progress < 0.85 else 0.01


def warm_restarts(progress: float) -> float:
    """Three cycles of half a cosine."""
    return 0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * (3 * progress % 1)))


def one_cycle(progress: float) -> float:
    """Linearly up for 30% of the run, linearly down to a thousandth (Smith, 2018)."""
    return 0.04 + 0.96 * progress / 0.3 if progress < 0.3 else max(1 - (progress - 0.3) / 0.7, 1e-3)


def inverse_root(progress: float) -> float:
    """Warm-up over a tenth of the run, then the inverse square root (Vaswani et al., 2017)."""
    return min((progress + 1e-3) / 0.1, math.sqrt(0.1 / max(progress, 1e-9)))


@dataclass(kw_only=True)
class Data:
    """Tensors of a task, samples first."""

    train_inputs: Any
    train_targets: Any
    validation_inputs: Any
    validation_targets: Any


@dataclass(kw_only=True)
class Moment:
    """A training at one step, given to what disturbs it."""

    step: int
    total: int
    inputs: Any
    targets: Any
    model: Any
    optimizer: Any
    memory: list[Any] = field(default_factory=list)  # what outlives the step
    loss: Any = None  # of the step before


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """A supervised training.

    Attributes:
        schedule: factor of the rate by progress from 0 to 1.
        log_every: steps between two entries of the training loss; 0 for means of an epoch.
        evaluations: of the validation set, evenly over the run; 0 for none.
        watch: what is logged of gradients, weights and activations.
        pretrained_epochs: trained before the log begins, with ten times the rate.
        prepare: changes the data; initialise: changes the new model; disturb: changes a step before it is done.
        report: changes a value before it is logged, by split and quantity.

    """

    epochs: int = 20
    batch: int = 32
    optimizer: Literal["adam", "adamw", "sgd"] = "adam"
    rate: float = 2e-3
    schedule: Callable[[float], float] = constant
    weight_decay: float = 0.0
    clip: float = math.inf
    logs_clipped: bool = False  # the gradient norm after clipping, not before
    dropout: float = 0.0
    width: int = 64
    depth: int = 2
    activation: Literal["relu", "tanh", "sigmoid", "gelu"] = "relu"
    is_normalised: bool = True
    samples: int = 0  # 0: as many as the task has
    validation_samples: int = 0
    is_weighted: bool = False  # the loss, by the inverse frequency of the classes
    log_every: int = 5
    evaluations: int = 20
    watch: Watch = "norms"
    logs_rate: bool = True
    logs_system: bool = False
    pretrained_epochs: int = 0
    is_shuffled: bool = True
    is_softmaxed: bool = False
    zeroes_gradients: bool = True
    evaluates_in_train_mode: bool = False
    score_part: int = 0  # samples of a part, if a score is the mean over parts
    frozen: str = ""  # first part of the names of parameters that get no gradient
    prepare: Callable[[Data], None] = nothing
    initialise: Callable[[Any], None] = nothing
    disturb: Callable[[Moment], None] = nothing
    report: Callable[[str, str, float], float] = lambda _split, _quantity, value: value


@dataclass(frozen=True, kw_only=True)
class GameRecipe:
    """An adversarial training of two networks."""

    steps: int = 640
    batch: int = 64
    rate: float = 1e-3  # of the generator
    discriminator_rate: float = 1e-3
    width: int = 64
    discriminator_width: int = 64
    noise: float = 0.3  # standard deviation of what is added to all that the discriminator sees
    label_smoothing: float = 0.0
    log_every: int = 10


@dataclass(frozen=True, kw_only=True)
class PolicyRecipe:
    """An actor and a critic that learn to find the exit of a grid.

    Attributes:
        rollout: steps between two updates, in each of the environments.
        rate_factor: factor of the rate by progress from 0 to 1.
        reward_scale: of the rewards that the learner sees; those that are logged are as they are.

    """

    updates: int = 200
    environments: int = 16
    rollout: int = 12
    rate: float = 3e-3
    schedule: Callable[[float], float] = constant
    optimizer: Literal["adam", "sgd"] = "adam"
    entropy_weight: float = 0.02
    value_weight: float = 0.5
    discount: float = 0.95
    clip: float = 0.5
    reward_scale: float = 1.0
    critic_sees: bool = True  # the state; otherwise nothing but a constant
    log_every: int = 2
