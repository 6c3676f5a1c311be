"""The rules, family by family: explicit, greppable, and the order in which reports list them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .adversarial.discriminator_dominance import RULE as DISCRIMINATOR_DOMINANCE
from .adversarial.generator_dominance import RULE as GENERATOR_DOMINANCE
from .adversarial.mode_collapse import RULE as MODE_COLLAPSE
from .comparison.best_at_search_edge import RULE as BEST_AT_SEARCH_EDGE
from .comparison.config_curve_mismatch import RULE as CONFIG_CURVE_MISMATCH
from .comparison.duplicate_runs import RULE as DUPLICATE_RUNS
from .comparison.outlier_run import RULE as OUTLIER_RUN
from .comparison.repeated_seed import RULE as REPEATED_SEED
from .comparison.seed_noise import RULE as SEED_NOISE
from .comparison.selection_bias import RULE as SELECTION_BIAS
from .comparison.uncontrolled_ablation import RULE as UNCONTROLLED_ABLATION
from .comparison.unwired_hyperparameter import RULE as UNWIRED_HYPERPARAMETER
from .comparison.worse_than_baseline import RULE as WORSE_THAN_BASELINE
from .crash.collective_timeout import RULE as COLLECTIVE_TIMEOUT
from .crash.out_of_memory import RULE as OUT_OF_MEMORY
from .crash.uncaught_exception import RULE as UNCAUGHT_EXCEPTION
from .crash.worker_killed import RULE as WORKER_KILLED
from .data.coarse_validation import RULE as COARSE_VALIDATION
from .data.epoch_periodic_loss import RULE as EPOCH_PERIODIC_LOSS
from .data.epoch_staircase import RULE as EPOCH_STAIRCASE
from .data.periodic_validation import RULE as PERIODIC_VALIDATION
from .generalization.alternating_predictions import RULE as ALTERNATING_PREDICTIONS
from .generalization.below_baseline import RULE as BELOW_BASELINE
from .generalization.class_collapse import RULE as CLASS_COLLAPSE
from .generalization.constant_metric import RULE as CONSTANT_METRIC
from .generalization.constant_score import RULE as CONSTANT_SCORE
from .generalization.generalization_gap import RULE as GENERALIZATION_GAP
from .generalization.lucky_best import RULE as LUCKY_BEST
from .generalization.metric_loss_disagreement import RULE as METRIC_LOSS_DISAGREEMENT
from .generalization.missing_validation import RULE as MISSING_VALIDATION
from .generalization.overfitting import RULE as OVERFITTING
from .generalization.overtraining import RULE as OVERTRAINING
from .generalization.score_decline import RULE as SCORE_DECLINE
from .generalization.suspicious_perfection import RULE as SUSPICIOUS_PERFECTION
from .generalization.underfitting import RULE as UNDERFITTING
from .generalization.validation_better_than_train import RULE as VALIDATION_BETTER_THAN_TRAIN
from .generalization.zero_score import RULE as ZERO_SCORE
from .language.perplexity_mismatch import RULE as PERPLEXITY_MISMATCH
from .learning_rate.early_blow_up import RULE as EARLY_BLOW_UP
from .learning_rate.endless_warm_up import RULE as ENDLESS_WARM_UP
from .learning_rate.learning_rate_jump import RULE as LEARNING_RATE_JUMP
from .learning_rate.learning_rate_too_high import RULE as LEARNING_RATE_TOO_HIGH
from .learning_rate.learning_rate_too_low import RULE as LEARNING_RATE_TOO_LOW
from .learning_rate.rate_bound_validation import RULE as RATE_BOUND_VALIDATION
from .learning_rate.schedule_mismatch import RULE as SCHEDULE_MISMATCH
from .learning_rate.zero_learning_rate import RULE as ZERO_LEARNING_RATE
from .learning_rate.zigzag_loss import RULE as ZIGZAG_LOSS
from .log_integrity.duplicate_steps import RULE as DUPLICATE_STEPS
from .log_integrity.interleaved_writers import RULE as INTERLEAVED_WRITERS
from .log_integrity.resume_discontinuity import RULE as RESUME_DISCONTINUITY
from .log_integrity.stale_copy import RULE as STALE_COPY
from .log_integrity.truncated_history import RULE as TRUNCATED_HISTORY
from .log_integrity.truncated_run import RULE as TRUNCATED_RUN
from .network.activation_drift import RULE as ACTIVATION_DRIFT
from .network.dead_units import RULE as DEAD_UNITS
from .network.frozen_weights import RULE as FROZEN_WEIGHTS
from .network.posterior_collapse import RULE as POSTERIOR_COLLAPSE
from .network.representation_collapse import RULE as REPRESENTATION_COLLAPSE
from .network.saturated_activations import RULE as SATURATED_ACTIVATIONS
from .network.update_ratio import RULE as UPDATE_RATIO
from .network.vanishing_gradients import RULE as VANISHING_GRADIENTS
from .numeric.loss_scale_collapse import RULE as LOSS_SCALE_COLLAPSE
from .numeric.masked_nan import RULE as MASKED_NAN
from .numeric.non_finite import RULE as NON_FINITE
from .numeric.out_of_range import RULE as OUT_OF_RANGE
from .numeric.reduction_mismatch import RULE as REDUCTION_MISMATCH
from .numeric.zero_gradient import RULE as ZERO_GRADIENT
from .numeric.zero_loss import RULE as ZERO_LOSS
from .optimization.abnormal_initial_loss import RULE as ABNORMAL_INITIAL_LOSS
from .optimization.clipping_saturation import RULE as CLIPPING_SATURATION
from .optimization.divergence import RULE as DIVERGENCE
from .optimization.exploding_gradients import RULE as EXPLODING_GRADIENTS
from .optimization.gradient_bursts import RULE as GRADIENT_BURSTS
from .optimization.layer_gradient_imbalance import RULE as LAYER_GRADIENT_IMBALANCE
from .optimization.loss_floor import RULE as LOSS_FLOOR
from .optimization.loss_spike import RULE as LOSS_SPIKE
from .optimization.not_learning import RULE as NOT_LEARNING
from .optimization.oscillation import RULE as OSCILLATION
from .optimization.plateau import RULE as PLATEAU
from .optimization.slow_convergence import RULE as SLOW_CONVERGENCE
from .optimization.stuck_at_chance import RULE as STUCK_AT_CHANCE
from .optimization.undertrained import RULE as UNDERTRAINED
from .post_training.frozen_policy import RULE as FROZEN_POLICY
from .post_training.kl_runaway import RULE as KL_RUNAWAY
from .post_training.length_runaway import RULE as LENGTH_RUNAWAY
from .post_training.likelihood_displacement import RULE as LIKELIHOOD_DISPLACEMENT
from .post_training.preference_at_chance import RULE as PREFERENCE_AT_CHANCE
from .post_training.preference_memorised import RULE as PREFERENCE_MEMORISED
from .post_training.reward_hacking import RULE as REWARD_HACKING
from .post_training.truncated_answers import RULE as TRUNCATED_ANSWERS
from .post_training.uniform_rewards import RULE as UNIFORM_REWARDS
from .reinforcement.entropy_collapse import RULE as ENTROPY_COLLAPSE
from .reinforcement.policy_divergence import RULE as POLICY_DIVERGENCE
from .reinforcement.reward_collapse import RULE as REWARD_COLLAPSE
from .reinforcement.reward_stagnation import RULE as REWARD_STAGNATION
from .reinforcement.value_failure import RULE as VALUE_FAILURE
from .system.data_bound import RULE as DATA_BOUND
from .system.low_utilization import RULE as LOW_UTILIZATION
from .system.memory_growth import RULE as MEMORY_GROWTH
from .system.slowdown import RULE as SLOWDOWN
from .system.stall import RULE as STALL
from .system.step_time_outliers import RULE as STEP_TIME_OUTLIERS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .base import BatchRule, Rule

RULES: tuple[Rule[Any], ...] = (
    NON_FINITE,
    MASKED_NAN,
    ZERO_LOSS,
    OUT_OF_RANGE,
    ZERO_GRADIENT,
    LOSS_SCALE_COLLAPSE,
    REDUCTION_MISMATCH,
    DIVERGENCE,
    NOT_LEARNING,
    STUCK_AT_CHANCE,
    LOSS_SPIKE,
    OSCILLATION,
    PLATEAU,
    SLOW_CONVERGENCE,
    UNDERTRAINED,
    ABNORMAL_INITIAL_LOSS,
    EXPLODING_GRADIENTS,
    GRADIENT_BURSTS,
    LAYER_GRADIENT_IMBALANCE,
    LOSS_FLOOR,
    CLIPPING_SATURATION,
    ZERO_LEARNING_RATE,
    LEARNING_RATE_JUMP,
    SCHEDULE_MISMATCH,
    ENDLESS_WARM_UP,
    LEARNING_RATE_TOO_HIGH,
    RATE_BOUND_VALIDATION,
    EARLY_BLOW_UP,
    ZIGZAG_LOSS,
    LEARNING_RATE_TOO_LOW,
    OVERFITTING,
    SCORE_DECLINE,
    BELOW_BASELINE,
    UNDERFITTING,
    GENERALIZATION_GAP,
    OVERTRAINING,
    VALIDATION_BETTER_THAN_TRAIN,
    SUSPICIOUS_PERFECTION,
    METRIC_LOSS_DISAGREEMENT,
    CONSTANT_METRIC,
    CLASS_COLLAPSE,
    ALTERNATING_PREDICTIONS,
    CONSTANT_SCORE,
    ZERO_SCORE,
    LUCKY_BEST,
    MISSING_VALIDATION,
    EPOCH_PERIODIC_LOSS,
    EPOCH_STAIRCASE,
    PERIODIC_VALIDATION,
    COARSE_VALIDATION,
    VANISHING_GRADIENTS,
    DEAD_UNITS,
    FROZEN_WEIGHTS,
    SATURATED_ACTIVATIONS,
    UPDATE_RATIO,
    ACTIVATION_DRIFT,
    POSTERIOR_COLLAPSE,
    REPRESENTATION_COLLAPSE,
    ENTROPY_COLLAPSE,
    POLICY_DIVERGENCE,
    VALUE_FAILURE,
    REWARD_COLLAPSE,
    REWARD_STAGNATION,
    DISCRIMINATOR_DOMINANCE,
    GENERATOR_DOMINANCE,
    MODE_COLLAPSE,
    PERPLEXITY_MISMATCH,
    FROZEN_POLICY,
    UNIFORM_REWARDS,
    TRUNCATED_ANSWERS,
    LENGTH_RUNAWAY,
    KL_RUNAWAY,
    REWARD_HACKING,
    PREFERENCE_AT_CHANCE,
    PREFERENCE_MEMORISED,
    LIKELIHOOD_DISPLACEMENT,
    OUT_OF_MEMORY,
    COLLECTIVE_TIMEOUT,
    WORKER_KILLED,
    UNCAUGHT_EXCEPTION,
    INTERLEAVED_WRITERS,
    DUPLICATE_STEPS,
    TRUNCATED_RUN,
    TRUNCATED_HISTORY,
    RESUME_DISCONTINUITY,
    STALL,
    SLOWDOWN,
    STEP_TIME_OUTLIERS,
    DATA_BOUND,
    MEMORY_GROWTH,
    LOW_UTILIZATION,
)

# Rules that compare runs, applied after all runs are judged.
BATCH_RULES: tuple[BatchRule[Any], ...] = (
    STALE_COPY,
    UNWIRED_HYPERPARAMETER,
    REPEATED_SEED,
    DUPLICATE_RUNS,
    CONFIG_CURVE_MISMATCH,
    SEED_NOISE,
    OUTLIER_RUN,
    WORSE_THAN_BASELINE,
    BEST_AT_SEARCH_EDGE,
    SELECTION_BIAS,
    UNCONTROLLED_ABLATION,
)


def by_family(rules: Iterable[Rule[Any] | BatchRule[Any]]) -> tuple[Rule[Any] | BatchRule[Any], ...]:
    """Rules with those of one family together, else in their order."""
    listed = tuple(rules)
    families = list(dict.fromkeys(rule.family for rule in listed))
    return tuple(sorted(listed, key=lambda rule: families.index(rule.family)))


ALL_RULES = by_family((*RULES, *BATCH_RULES))
