"""By how much the evidence of a finding exceeds the limits of its rule.

A rule fires at its limits; a value far beyond them is better evidence than one just past. `MARGINS` names for each rule the
evidence that a limit applies to. A rule that is absent recognises its fault by more than a degree: a NaN, an exception, a
level that is the one of guessing.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from .base import Finding, Rule

MAX_STRENGTH = 3.0  # log of a factor of 20: evidence beyond it proves no more
_LEAST, _MOST = 1e-300, 1e300


class Margin(NamedTuple):
    """One limit and the evidence for it.

    Attributes:
        evidence: name of the value.
        limit: name of the threshold, or the limit itself.
        of: name of the evidence by which the value is divided; "" if it is not.
        is_upper: whether the rule fires below the limit instead of above it.

    """

    evidence: str
    limit: str | float
    of: str = ""
    is_upper: bool = False


def strength_of(rule: Rule[Any], finding: Finding) -> float | None:
    """Logarithm of the factor by which the weakest evidence exceeds its limit, 0 to `MAX_STRENGTH`; None without a degree."""
    known = [
        margin
        for margin in MARGINS.get(rule.id, ())
        if {margin.evidence, margin.of or margin.evidence} <= finding.evidence.keys()
    ]
    factors = [_factor(margin, rule.limits, finding.evidence) for margin in known]
    return min(factors, default=None)


def _log(size: float) -> float:
    return math.log(min(max(size, _LEAST), _MOST))


def _factor(margin: Margin, limits: Any, evidence: dict[str, float]) -> float:
    limit = getattr(limits, margin.limit) if isinstance(margin.limit, str) else margin.limit
    value = abs(float(evidence[margin.evidence]))
    unit = abs(float(evidence[margin.of])) if margin.of else 1.0
    if math.isnan(value) or math.isnan(unit):
        return 0.0
    logarithm = _log(value) - _log(unit) - _log(limit)
    return min(max(-logarithm if margin.is_upper else logarithm, 0.0), MAX_STRENGTH)


MARGINS: dict[str, tuple[Margin, ...]] = {
    "zero-gradient": (Margin("zero_share", "min_share"), Margin("zero_points", "min_zeros")),
    "zero-loss": (Margin("point_count", "min_points"),),
    "masked-nan": (Margin("zero_points", "min_zeros"),),
    "reduction-mismatch": (Margin("fall_of_training_loss", "min_fall"),),
    "loss-scale-collapse": (Margin("highest", "min_fall", of="end"),),
    "divergence": (Margin("z", "limit_z"), Margin("lost_descent_share", "min_share_lost")),
    "loss-spike": (Margin("largest_sigmas", "backed_sigmas"), Margin("largest_ratio", 1.0)),
    "oscillation": (Margin("noise", "limit_noise"),),
    "slow-convergence": (Margin("fall", "max_fall", is_upper=True),),
    "abnormal-initial-loss": (Margin("ratio", "limit_ratio"),),
    "exploding-gradients": (Margin("z", "growth_z"), Margin("end", "min_ratio", of="lowest")),
    "gradient-bursts": (Margin("largest", "min_ratio", of="median"),),
    "layer-gradient-imbalance": (Margin("layer_count", "min_layers"),),
    "clipping-saturation": (Margin("clipped_share", "usually_clipped"),),
    "zero-learning-rate": (Margin("zero_share", "min_share"),),
    "learning-rate-jump": (Margin("ratio", "min_ratio"),),
    "endless-warm-up": (Margin("peak", "min_rise", of="first"),),
    "rate-bound-validation": (Margin("z", "joint_z"), Margin("validation_rise", "validation_rise")),
    "early-blow-up": (Margin("highest", "min_ratio", of="first"),),
    "zigzag-loss": (Margin("z", "min_z"),),
    "learning-rate-too-low": (Margin("fall_first_third", "max_fall", is_upper=True),),
    "overfitting": (Margin("z", "limit_z"), Margin("rise_share", "min_rise")),
    "score-decline": (Margin("z", "limit_z"), Margin("decline_share", "min_decline")),
    "below-baseline": (Margin("z", "min_z"),),
    "underfitting": (Margin("remaining_share", "min_remaining"),),
    "generalization-gap": (Margin("ratio", "min_ratio"), Margin("z", "growth_z")),
    "overtraining": (Margin("after_best_share", "best_before"),),
    "validation-better-than-train": (Margin("ratio", "min_ratio", is_upper=True), Margin("z", "min_z")),
    "suspicious-perfection": (Margin("evaluation_count", "min_evaluations"),),
    "metric-loss-disagreement": (Margin("z", "min_z"),),
    "constant-metric": (Margin("evaluation_count", "min_evaluations"),),
    "class-collapse": (Margin("evaluation_share", "min_share"), Margin("evaluation_count", "min_evaluations")),
    "zero-score": (Margin("evaluation_share", "min_share"),),
    "lucky-best": (Margin("z", "min_z"),),
    "missing-validation": (Margin("training_point_count", "min_points"),),
    "epoch-periodic-loss": (Margin("correlation", "min_correlation"), Margin("p", "max_p", is_upper=True)),
    "epoch-staircase": (Margin("z", "min_z"), Margin("mean_drop", "min_drop")),
    "periodic-validation": (Margin("correlation", "min_correlation"), Margin("p", "max_p", is_upper=True)),
    "coarse-validation": (Margin("sample_count", "max_samples", is_upper=True),),
    "vanishing-gradients": (Margin("step_share", "min_share_of_steps"),),
    "dead-units": (Margin("point_share", "min_share_of_points"),),
    "frozen-weights": (Margin("logged_points", "min_points"),),
    "saturated-activations": (Margin("saturated_share", "max_saturated_share"),),
    "activation-drift": (Margin("factor", "min_factor"), Margin("z", "min_z")),
    "entropy-collapse": (Margin("end", "max_share", of="first", is_upper=True),),
    "policy-divergence": (Margin("level", 1.0, of="limit"),),
    "value-failure": (Margin("growth", "min_growth"), Margin("z", "min_z")),
    "reward-collapse": (Margin("lost_gain_share", "min_lost_share"),),
    "discriminator-dominance": (
        Margin("discriminator_loss", "max_loss_share", of="discriminator_first_loss", is_upper=True),
    ),
    "perplexity-mismatch": (Margin("z", "min_z"), Margin("median_shift_nats", "min_shift")),
    "frozen-policy": (Margin("points", "min_points"),),
    "truncated-answers": (Margin("truncated_share", "max_truncated"),),
    "length-runaway": (Margin("z", "min_z"), Margin("growth", "info_growth")),
    "kl-runaway": (Margin("z", "min_z"), Margin("end", "min_growth", of="middle")),
    "reward-hacking": (Margin("z", "min_fall_z"), Margin("fall_share", "min_fall")),
    "preference-at-chance": (Margin("standard_error", "max_error", is_upper=True),),
    "interleaved-writers": (Margin("switch_count", "min_switches"),),
    "duplicate-steps": (Margin("repeated_share", "min_share"), Margin("repeated_row_count", "min_rows")),
    "truncated-run": (Margin("reached_share", "complete_share", is_upper=True),),
    "truncated-history": (Margin("missing_share", "min_share"),),
    "resume-discontinuity": (Margin("z", "limit_z"),),
    "stall": (Margin("longest_s", "min_ratio", of="usual_s"), Margin("longest_s", "min_pause")),
    "slowdown": (Margin("ratio", 1.2),),
    "step-time-outliers": (Margin("time_share", "min_share"), Margin("lost_s", "min_lost")),
    "data-bound": (Margin("waiting_share", "min_share"),),
    "memory-growth": (Margin("rise_share", "min_rise"),),
}
