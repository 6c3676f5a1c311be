"""The rules, family by family: explicit, greppable, and the order in which reports list them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .generalization.overfitting import RULE as OVERFITTING
from .generalization.overtraining import RULE as OVERTRAINING
from .learning_rate.zero_learning_rate import RULE as ZERO_LEARNING_RATE
from .log_integrity.truncated_run import RULE as TRUNCATED_RUN
from .network.vanishing_gradients import RULE as VANISHING_GRADIENTS
from .numeric.masked_nan import RULE as MASKED_NAN
from .numeric.non_finite import RULE as NON_FINITE
from .optimization.divergence import RULE as DIVERGENCE
from .optimization.loss_spike import RULE as LOSS_SPIKE
from .optimization.not_learning import RULE as NOT_LEARNING
from .optimization.plateau import RULE as PLATEAU
from .optimization.stuck_at_chance import RULE as STUCK_AT_CHANCE

if TYPE_CHECKING:
    from .base import Rule

RULES: tuple[Rule, ...] = (
    NON_FINITE,
    MASKED_NAN,
    DIVERGENCE,
    NOT_LEARNING,
    STUCK_AT_CHANCE,
    LOSS_SPIKE,
    PLATEAU,
    ZERO_LEARNING_RATE,
    OVERFITTING,
    OVERTRAINING,
    VANISHING_GRADIENTS,
    TRUNCATED_RUN,
)
