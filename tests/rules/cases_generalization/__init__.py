"""Runs that the generalization rules must find, and runs that look alike and are healthy."""

from __future__ import annotations

from . import (
    class_collapse,
    constant_metric,
    generalization_gap,
    lucky_best,
    metric_loss_disagreement,
    missing_validation,
    overfitting,
    overtraining,
    suspicious_perfection,
    underfitting,
    validation_better_than_train,
)

CASES = [
    *class_collapse.CASES,
    *constant_metric.CASES,
    *generalization_gap.CASES,
    *lucky_best.CASES,
    *metric_loss_disagreement.CASES,
    *missing_validation.CASES,
    *overfitting.CASES,
    *overtraining.CASES,
    *suspicious_perfection.CASES,
    *underfitting.CASES,
    *validation_better_than_train.CASES,
]
