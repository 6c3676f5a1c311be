"""Runs that the generalization rules must find, and runs that look alike and are healthy."""

from __future__ import annotations

from . import (
    alternating_predictions,
    class_collapse,
    constant_metric,
    constant_score,
    generalization_gap,
    lucky_best,
    metric_loss_disagreement,
    missing_validation,
    overfitting,
    overtraining,
    suspicious_perfection,
    underfitting,
    validation_better_than_train,
    zero_score,
)

CASES = [
    *alternating_predictions.CASES,
    *class_collapse.CASES,
    *constant_metric.CASES,
    *constant_score.CASES,
    *generalization_gap.CASES,
    *lucky_best.CASES,
    *metric_loss_disagreement.CASES,
    *missing_validation.CASES,
    *overfitting.CASES,
    *overtraining.CASES,
    *suspicious_perfection.CASES,
    *underfitting.CASES,
    *validation_better_than_train.CASES,
    *zero_score.CASES,
]
