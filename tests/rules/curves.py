"""Small runs for rule tests, made of labelled curves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from trainlint.parsers.meaning.resolve import resolve
from trainlint.parsers.meaning.tasks import task_of
from trainlint.parsers.restarts import Segment
from trainlint.parsers.run import Curve, Run

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import ArrayLike


class Case(NamedTuple):
    """A small run, and what one rule must say of it.

    What is said is checked where it is given: of a rule's cases at least one for each form of its message does.
    """

    rule: str
    name: str
    make: Callable[[], Run]
    expected: str  # a severity, or an outcome that is not "fired"
    says: str = ""  # the whole message of the first finding; of another outcome than "fired" its reason
    steps: tuple[int, int] | None = None
    metric: str = ""
    confidence: float | None = None  # to the second digit
    remedy: str = ""  # the whole first remedy
    findings: int | None = None  # how many there are


def run_of(
    curves: Mapping[str, ArrayLike | tuple[ArrayLike, ArrayLike]],
    *,
    axis: str = "step",
    is_cut: bool = False,
    **settings: object,
) -> Run:
    """A run from {tag: values} or {tag: (steps, values)}; tags get their meaning as in a real log."""
    built = []
    for tag, data in curves.items():
        steps, values = data if isinstance(data, tuple) else (np.arange(len(np.asarray(data))), data)
        built.append(Curve.build(tag, steps, values, axis=axis))
    run = Run("run", "run", "test", all_curves=resolve(built), hyperparameters=dict(settings), is_cut_short=is_cut)
    run.task, run.task_evidence = task_of(run)
    return run


def with_curve(run: Run, tag: str, values: ArrayLike, *, axis: str = "epoch") -> Run:
    """The run with one more curve, by another axis."""
    return replace(run, all_curves=[*run.all_curves, *run_of({tag: values}, axis=axis).all_curves])


def without_direction(run: Run, tag: str) -> Run:
    """The same run; whether more or less of one of its metrics is better is unknown."""
    curves = [
        replace(c, meaning=replace(c.meaning, direction="unknown")) if c.tag == tag else c for c in run.all_curves
    ]
    return replace(run, all_curves=curves)


def decay(points: int, start: float = 2.3, end: float = 0.1, *, noise: float = 0.05, seed: int = 0) -> np.ndarray:
    """An exponential fall with multiplicative noise, as training losses have it."""
    falling = end + (start - end) * np.exp(-5 * np.linspace(0, 1, points))
    return falling * np.exp(noise * np.random.default_rng(seed).normal(size=points))


def flat(points: int, level: float, *, noise: float = 0.01, seed: int = 0) -> np.ndarray:
    return level * np.exp(noise * np.random.default_rng(seed).normal(size=points))


def autoregressive(points: int, phi: float, seed: int) -> np.ndarray:
    """AR(1) noise of unit variance."""
    rng = np.random.default_rng(seed)
    shocks = rng.normal(size=points) * np.sqrt(1 - phi * phi)
    shocks[0] = rng.normal()
    out = np.empty(points)
    level = 0.0
    for i, shock in enumerate(shocks):
        level = phi * level + shock
        out[i] = level
    return out


def running_means(values: np.ndarray, batches: int) -> np.ndarray:
    """Means of all batches since the epoch began."""
    parts = values.reshape(-1, batches)
    return (np.cumsum(parts, axis=1) / np.arange(1, batches + 1)).ravel()


def with_values(values: np.ndarray, at: ArrayLike | slice, value: float | np.ndarray) -> np.ndarray:
    changed = np.array(values, dtype=float)
    changed[at] = value
    return changed


def steep_layers(ratio: float, layers: int = 8) -> dict[str, np.ndarray]:
    return {f"grads/layers.{i}.weight": flat(20, ratio ** (layers - 1 - i), noise=0.1, seed=i) for i in range(layers)}


def epochs_of(pattern: np.ndarray, epochs: int = 8) -> Run:
    """A training loss over whole epochs with a pattern added to each."""
    points = len(pattern)
    values = decay(points * epochs) * np.exp(0.3 * np.tile(pattern, epochs))
    epoch = np.repeat(np.arange(epochs), points).astype(float)
    curve = Curve.build("loss", np.arange(len(values)), values, epoch=epoch)
    return Run("run", "run", "test", all_curves=resolve([curve]))


def stairs_of(drop: float, *, rate: bool = False, is_mean: bool = False, validation: ArrayLike = ()) -> Run:
    """Four epochs of 40 points whose loss is level within each and lower by a share in the next."""
    number = np.repeat(np.arange(4), 40)
    steps = np.arange(len(number))
    values = 2.0 * np.exp(-drop * number) * flat(len(steps), 1, noise=0.05)
    if is_mean:
        counts = np.tile(np.arange(1, 41), 4)
        values = np.concatenate([np.cumsum(part) for part in values.reshape(4, 40)]) / counts
    curves = [Curve.build("loss", steps, values, epoch=steps / 40)]
    if rate:
        curves.append(Curve.build("lr", steps, 0.1 * 0.5**number))
    if len(np.asarray(validation)):
        curves.append(Curve.build("val_loss", np.linspace(0, 159, len(np.asarray(validation))), validation))
    return Run("run", "run", "test", all_curves=resolve(curves))


def evaluated(pattern: np.ndarray, epochs: int = 10, *, is_rate_cyclic: bool = False) -> Run:
    """A validation loss over whole epochs with a pattern added to each, and a learning rate."""
    points = len(pattern) * epochs
    epoch = np.arange(points) / len(pattern)
    steps = 10 * np.arange(points)
    loss = Curve.build("val_loss", steps, decay(points, noise=0.01) * np.exp(np.tile(pattern, epochs)), epoch=epoch)
    rates = np.tile(np.linspace(1, 0.1, len(pattern)), epochs) if is_rate_cyclic else np.linspace(1, 0.1, points)
    return Run("run", "run", "test", all_curves=resolve([loss, Curve.build("lr", steps, rates, epoch=epoch)]))


def timed(durations: np.ndarray, spans: ArrayLike = 1, *, evaluated: ArrayLike = ()) -> Run:
    """A training loss of which each interval took so many seconds and steps, and evaluations at some of the steps."""
    steps = np.cumsum(np.broadcast_to(spans, len(durations))) - 1
    curves = [Curve.build("loss", steps, decay(len(durations)), wall_time=1e9 + np.cumsum(durations))]
    if len(np.asarray(evaluated)):
        curves.append(Curve.build("val_loss", evaluated, decay(len(np.asarray(evaluated)))))
    return Run("run", "run", "test", all_curves=resolve(curves))


def histogram_run(tag: str, *, low: float, high: float, mean: float, std: ArrayLike, points: int = 40) -> Run:
    """A histogram logged at every step, of which these statistics are known."""
    statistics = {"min": low, "max": high, "mean": mean, "std": std}
    steps = np.arange(points)
    curves = [
        Curve.build(tag, steps, np.broadcast_to(np.asarray(value, float), points), statistic=name)
        for name, value in statistics.items()
    ]
    return Run("run", "run", "test", all_curves=resolve(curves))


def written(*stretches: tuple[ArrayLike, ArrayLike, ArrayLike], tag: str = "loss") -> Run:
    """A run whose curve several files hold, each (steps, values, seconds)."""
    step, value, seconds = (np.concatenate(part) for part in zip(*stretches, strict=True))
    starts = np.cumsum([0, *(len(stretch[0]) for stretch in stretches[:-1])])
    segments = [Segment(int(start), int(step[start])) for start in starts]
    curve = Curve.build(tag, step, value, wall_time=1e9 + seconds, segments=segments)
    return Run("run", "run", "test", all_curves=resolve([curve]))
