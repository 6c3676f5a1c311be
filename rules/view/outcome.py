"""The outcome of a run: its deciding metric at a step chosen without peeking, and whether it failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ...parsers.meaning.words import words_of
from ..statistics.noise import noise_of
from ..statistics.windows import moving_mean, window_points
from .study import Failure, Outcome

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ...parsers.run import Curve, Direction, Hyperparameter, Role, Split
    from .curve_view import CurveView
    from .run_view import RunView

MAX_FURTHER = 8
# Validation decides, then what is logged of the whole run; a test metric only where nothing else is logged.
ORDER: tuple[tuple[Role, Split], ...] = (
    ("loss", "validation"), ("score", "validation"), ("perplexity", "validation"), ("reward", "validation"),
    ("reward", "none"), ("reward", "train"), ("loss", "train"), ("loss", "none"), ("score", "none"), ("score", "train"),
    ("perplexity", "train"), ("perplexity", "none"), ("loss", "test"), ("score", "test"), ("perplexity", "test"),
    ("reward", "test"),
)  # fmt: skip
# The settings in which authors name the metric that decides, and its direction.
_METRIC_KEYS = frozenset({"metric_for_best_model", "monitor", "monitor_metric", "best_metric", "early_stopping_metric",
                          "checkpoint_metric", "save_best_metric", "goal_metric", "key_metric", "save_best",
                          "eval_metric"})  # fmt: skip
# Measures by which benchmarks of dense prediction and detection rank, where an overall accuracy is logged beside.
_RANKED_BY = frozenset({"miou", "iou", "map", "dice", "dsc"})
_HIGHER_KEYS = frozenset({"greater_is_better", "maximize"})
_MODE_KEYS = frozenset({"monitor_mode", "early_stopping_mode", "metric_mode", "goal"})
_FAILURES: dict[str, Failure] = {
    "non-finite": "diverged", "masked-nan": "diverged", "divergence": "diverged", "early-blow-up": "diverged",
    "policy-divergence": "diverged", "not-learning": "stuck", "stuck-at-chance": "stuck", "class-collapse": "collapsed",
    "alternating-predictions": "collapsed", "reward-collapse": "collapsed", "mode-collapse": "collapsed",
    "posterior-collapse": "collapsed", "representation-collapse": "collapsed", "out-of-memory": "crashed",
    "collective-timeout": "crashed", "worker-killed": "crashed", "uncaught-exception": "crashed",
}  # fmt: skip
_GRAVEST: tuple[Failure, ...] = ("diverged", "collapsed", "stuck")
_BLOWN_UP = 10.0  # a loss that ends at so many times its first value has diverged, whichever rules are selected


def outcomes_of(view: RunView) -> tuple[Outcome, ...]:
    """Outcomes of a run, the deciding one first."""
    curves = _candidates(view)
    return tuple(outcome_of(curve, view.hyperparameters) for curve in curves[: 1 + MAX_FURTHER])


def _candidates(view: RunView) -> list[CurveView]:
    """Curves with a direction, the deciding one first: the author's own choice, else by role and split."""
    settings = view.hyperparameters
    usable = [
        c for c in view.all_curves if not c.layer and not c.curve.statistic and c.role in _ROLES and len(c.all_values)
    ]
    places = {pair: place for place, pair in enumerate(ORDER)}
    main = [view.loss(split) for split in ("validation", "train", "test")]
    wanted = _wanted_words(settings)

    def rank(curve: CurveView) -> tuple[object, ...]:
        is_wanted = bool(wanted) and wanted in (_metric_words(curve.tag), _metric_words(f"{curve.split} {curve.tag}"))
        is_main = any(each is not None and each.curve.tag == curve.curve.tag for each in main)
        is_ranked = bool(_RANKED_BY & {curve.tag.rpartition("/")[2].lower(), *words_of(curve.tag)})
        return (
            not is_wanted,
            places[curve.role, curve.split],
            not is_main,
            not is_ranked,
            not _is_mean(curve.tag),
            curve.name,
        )

    return sorted(
        (c for c in usable if _direction(c.curve, settings) != "unknown" and (c.role, c.split) in places), key=rank
    )


def _is_mean(tag: str) -> bool:
    """Whether a measure is a mean over classes, not that of one class."""
    return bool({"m", "mean", "miou", "map"} & {tag.rpartition("/")[2].lower(), *words_of(tag)})


_ROLES = frozenset(role for role, _ in ORDER)


def _setting(settings: Mapping[str, Hyperparameter], keys: Collection[str]) -> Hyperparameter:
    return next((value for name, value in settings.items() if name.rpartition(".")[2].lower() in keys), None)


def _wanted_words(settings: Mapping[str, Hyperparameter]) -> frozenset[str]:
    named = _setting(settings, _METRIC_KEYS) or settings.get("evaluation.metric")
    return _metric_words(named) if isinstance(named, str) else frozenset()


def _metric_words(text: str) -> frozenset[str]:
    """Words of a metric, with one word for validation: `eval_loss` and `val/loss` are equal."""
    same = {
        "eval": "validation",
        "val": "validation",
        "valid": "validation",
        "evaluation": "validation",
        "acc": "accuracy",
    }
    return frozenset(same.get(word, word) for word in words_of(text)) - {"epoch", "step", "metrics", "best"}


def _direction(curve: Curve, settings: Mapping[str, Hyperparameter]) -> Direction:
    if curve.direction != "unknown":
        return curve.direction
    if not _wanted_words(settings) & _metric_words(curve.tag):
        return "unknown"
    higher, mode = _setting(settings, _HIGHER_KEYS), _setting(settings, _MODE_KEYS)
    if isinstance(higher, bool):
        return "higher" if higher else "lower"
    return {"max": "higher", "maximize": "higher", "min": "lower", "minimize": "lower"}.get(
        str(mode).lower(), "unknown"
    )  # type: ignore[return-value]


def outcome_of(curve: CurveView, settings: Mapping[str, Hyperparameter]) -> Outcome:
    """The best window of a curve: a twentieth of it, at least 3 evaluations; fewer are one window."""
    direction = _direction(curve.curve, settings)
    values, steps = curve.values, curve.steps
    last_step = int(curve.all_steps[-1])
    if len(values) == 0:
        return Outcome(
            curve.name,
            curve.split,
            direction,
            curve.curve.axis,
            np.nan,
            last_step,
            np.nan,
            np.nan,
            np.nan,
            last_step,
            0,
        )
    window = min(window_points(len(values)), len(values))
    with np.errstate(over="ignore", invalid="ignore"):
        smooth = moving_mean(values, window)
        place = (
            int(np.nanargmax(smooth) if direction == "higher" else np.nanargmin(smooth))
            if np.isfinite(smooth).any()
            else 0
        )
        noise = noise_of(values).of_mean(window)
    return Outcome(
        curve.name, curve.split, direction, curve.curve.axis, float(smooth[place]), int(steps[place + window // 2]), float(noise),
        float(values[0]), float(smooth[-1]), last_step, len(values),
    )  # fmt: skip


def failure_of(view: RunView, found: Collection[tuple[str, str]]) -> Failure:
    """How a run failed: by its errors, given as pairs of rule and severity, or by a loss that ends far above its start."""
    kinds = [_FAILURES[rule] for rule, severity in found if severity == "error" and rule in _FAILURES]
    if kinds:
        return next((kind for kind in _GRAVEST if kind in kinds), "crashed")
    for split in ("validation", "train"):
        loss = view.loss(split)
        if loss is None or len(loss.all_values) < 3:  # of so few points the last may be an accident
            continue
        end = loss.all_values[-max(1, len(loss.all_values) // 20) :]
        if not np.isfinite(end).any() or (
            len(loss.values) and loss.is_positive and loss.values[-1] > _BLOWN_UP * loss.values[0]
        ):
            return "diverged"
    return ""
