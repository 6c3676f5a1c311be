"""A small neural network in plain numpy: layers, losses, optimizers, schedules, data and the training loop.

Nothing here draws a curve. A loop trains, and what a logger writes is what came out. All of it in float32, as
frameworks have it, so that what overflows there overflows here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

Floats: TypeAlias = NDArray[np.float32]
Ints: TypeAlias = NDArray[np.int64]
Labels: TypeAlias = NDArray[Any]  # class numbers, or float targets of a regression
Random: TypeAlias = np.random.Generator

ONE = np.float32(1)  # keeps types at float32 where Python's own 1.0 would hide them from a checker

ACTIVATIONS: dict[str, Callable[[Floats], Floats]] = {
    "relu": lambda z: np.maximum(z, np.float32(0)),
    "tanh": np.tanh,
    "sigmoid": lambda z: ONE / (ONE + np.exp(-z)),
}
SLOPES: dict[str, Callable[[Floats], Floats]] = {  # as functions of the activation's output
    "relu": lambda a: (a > 0).astype(np.float32),
    "tanh": lambda a: ONE - a * a,
    "sigmoid": lambda a: a * (ONE - a),
}
VARIANCE_GAIN = {"relu": 2.0, "tanh": 1.0, "sigmoid": 1.0}  # He for ReLU, LeCun otherwise


@dataclass
class Network:
    """A multilayer perceptron. `parameters` holds weight, bias, weight, bias, ... from the first layer on."""

    parameters: list[Floats]
    activation: str

    @classmethod
    def build(cls, sizes: tuple[int, ...], activation: str, random: Random) -> Network:
        parameters: list[Floats] = []
        for fan_in, fan_out in pairwise(sizes):
            scale = math.sqrt(VARIANCE_GAIN[activation] / fan_in)
            weight = random.normal(0.0, scale, (fan_in, fan_out)).astype(np.float32)
            parameters += [weight, np.zeros(fan_out, np.float32)]
        return cls(parameters, activation)

    def forward(self, inputs: Floats) -> list[Floats]:
        """The input of every layer, [batch, width] each, and at the end the output of the last one."""
        values = [inputs]
        last = len(self.parameters) - 2
        for i in range(0, len(self.parameters), 2):
            z = values[-1] @ self.parameters[i] + self.parameters[i + 1]
            values.append(z if i == last else ACTIVATIONS[self.activation](z))
        return values

    def backward(self, values: list[Floats], output_gradient: Floats) -> list[Floats]:
        """Gradients in the order of `parameters`."""
        gradients: list[Floats] = []
        gradient = output_gradient
        for layer in reversed(range(len(self.parameters) // 2)):
            gradients += [gradient.sum(axis=0), values[layer].T @ gradient]
            if layer:
                gradient = (gradient @ self.parameters[2 * layer].T) * SLOPES[self.activation](values[layer])
        return gradients[::-1]


class Judged(NamedTuple):
    """A loss, its gradient at the network's output, and the accuracy (NaN for a regression)."""

    loss: float
    gradient: Floats
    accuracy: float


def cross_entropy(outputs: Floats, labels: Labels) -> Judged:
    """Softmax cross entropy, with the largest output taken off before the exponential."""
    shifted = outputs - outputs.max(axis=1, keepdims=True)
    return _judged(np.exp(shifted), outputs, labels)


def half_precision_cross_entropy(outputs: Floats, labels: Labels) -> Judged:
    """The textbook formula, in float16: its exponential overflows once an output passes 11.09."""
    exponentials = np.exp(outputs.astype(np.float16)).astype(np.float32)
    return _judged(exponentials, outputs, labels)


def _judged(exponentials: Floats, outputs: Floats, labels: Labels) -> Judged:
    probabilities = exponentials / exponentials.sum(axis=1, keepdims=True)
    rows = np.arange(len(labels))
    loss = -float(np.mean(np.log(np.maximum(probabilities[rows, labels], 1e-30))))
    gradient = probabilities.copy()
    gradient[rows, labels] -= 1.0
    return Judged(loss, gradient / np.float32(len(labels)), float(np.mean(outputs.argmax(axis=1) == labels)))


def mean_squared_error(outputs: Floats, targets: Labels) -> Judged:
    error = outputs - targets
    return Judged(float(np.mean(error * error)), error * np.float32(2.0 / error.size), math.nan)


class Optimizer(Protocol):
    """Changes parameters in place."""

    def step(self, parameters: list[Floats], gradients: list[Floats], learning_rate: float) -> None: ...


@dataclass
class Sgd:
    """Stochastic gradient descent with momentum."""

    momentum: float = 0.9
    velocity: list[Floats] = field(default_factory=list)

    def step(self, parameters: list[Floats], gradients: list[Floats], learning_rate: float) -> None:
        self.velocity = self.velocity or [np.zeros_like(p) for p in parameters]
        for parameter, gradient, velocity in zip(parameters, gradients, self.velocity, strict=True):
            velocity[:] = self.momentum * velocity + gradient
            parameter[:] -= learning_rate * velocity


@dataclass
class Adam:
    """Adam (Kingma and Ba 2015), with decoupled weight decay (Loshchilov and Hutter 2019)."""

    weight_decay: float = 0.0
    beta1: float = 0.9
    beta2: float = 0.999
    count: int = 0
    moments: list[tuple[Floats, Floats]] = field(default_factory=list)

    def step(self, parameters: list[Floats], gradients: list[Floats], learning_rate: float) -> None:
        self.moments = self.moments or [(np.zeros_like(p), np.zeros_like(p)) for p in parameters]
        self.count += 1
        for parameter, gradient, (first, second) in zip(parameters, gradients, self.moments, strict=True):
            first[:] += (1 - self.beta1) * (gradient - first)
            second[:] += (1 - self.beta2) * (gradient * gradient - second)
            spread = np.sqrt(second / (1 - self.beta2**self.count)) + 1e-8
            update = first / (1 - self.beta1**self.count) / spread
            parameter[:] -= learning_rate * (update + self.weight_decay * parameter)


@dataclass
class OfAnotherModel:
    """An optimizer that was built before the model was replaced: it moves parameters that nobody uses."""

    inner: Optimizer
    stale: list[Floats]

    def step(self, parameters: list[Floats], gradients: list[Floats], learning_rate: float) -> None:  # noqa: ARG002
        self.inner.step(self.stale, gradients, learning_rate)


def constant(peak: float) -> Callable[[int], float]:
    return lambda _step: peak


def cosine(peak: float, total: int, warmup: int = 0) -> Callable[[int], float]:
    """Linear warm-up, then half a cosine down to zero at `total` steps, and zero from there on."""

    def rate(step: int) -> float:
        if step < warmup:
            return peak * (step + 1) / warmup
        progress = min((step - warmup) / max(total - warmup, 1), 1.0)
        return peak * 0.5 * (1.0 + math.cos(math.pi * progress))

    return rate


def linear(peak: float, total: int, warmup: int = 0) -> Callable[[int], float]:
    """Linear warm-up, then linear decay to zero at `total` steps, and zero from there on."""

    def rate(step: int) -> float:
        if step < warmup:
            return peak * step / warmup
        return peak * max(0.0, (total - step) / max(total - warmup, 1))

    return rate


def exponential(start: float, factor: float, every: int) -> Callable[[int], float]:
    """Multiply by `factor` every so many steps."""
    return lambda step: start * factor ** (step // every)


@dataclass
class Data:
    """Training and validation data. `classes` is 0 for a regression."""

    train_x: Floats
    train_y: Labels
    validation_x: Floats
    validation_y: Labels
    classes: int = 0

    @classmethod
    def cut(cls, x: NDArray[np.float64], y: Labels, train: int, classes: int = 0) -> Data:
        """The first `train` rows for training, the others for validation."""
        inputs = x.astype(np.float32)
        labels = y if classes else y.astype(np.float32)
        return cls(inputs[:train], labels[:train], inputs[train:], labels[train:], classes)


def spiral(random: Random, train: int, validation: int, *, classes: int = 4, noise: float = 0.2) -> Data:
    """Interleaved spiral arms in the plane, one a class."""
    n = train + validation
    labels = random.integers(0, classes, n)
    radius = random.uniform(0.05, 1.0, n)
    angle = 2 * math.pi * labels / classes + 4.0 * radius + random.normal(0.0, noise, n)
    return Data.cut(2.0 * np.column_stack((radius * np.cos(angle), radius * np.sin(angle))), labels, train, classes)


def blobs(
    random: Random, train: int, validation: int, *, classes: int = 10, width: int = 16, spread: float = 1.0
) -> Data:
    """Gaussian clouds around random centres, one a class."""
    centres = random.normal(0.0, 1.0, (classes, width))
    labels = random.integers(0, classes, train + validation)
    x = centres[labels] + random.normal(0.0, spread, (train + validation, width))
    return Data.cut(x, labels, train, classes)


def teacher(
    random: Random, train: int, validation: int, *, classes: int = 5, width: int = 20, wrong: float = 0.0
) -> Data:
    """Labels that another network gives, a share of them wrong."""
    n = train + validation
    x = random.normal(0.0, 1.0, (n, width))
    labels = Network.build((width, 24, classes), "tanh", random).forward(x.astype(np.float32))[-1].argmax(axis=1)
    is_wrong = random.random(n) < wrong
    labels[is_wrong] = random.integers(0, classes, int(is_wrong.sum()))
    return Data.cut(x, labels, train, classes)


def waves(random: Random, train: int, validation: int, *, width: int = 8, noise: float = 0.1) -> Data:
    """A regression: a sum of sines of random directions, with noise."""
    n = train + validation
    x = random.normal(0.0, 1.0, (n, width))
    directions = random.normal(0.0, 0.5, (width, 4))
    y = np.sin(x @ directions).sum(axis=1, keepdims=True) + random.normal(0.0, noise, (n, 1))
    return Data.cut(x, y, train)


def characters(random: Random, train: int, validation: int, *, context: int = 3, words: int = 60) -> Data:
    """The next letter after the last few ones, of a text over invented words; letters as one-hot rows."""
    letters = 27  # the last one is the blank
    weights = random.dirichlet(np.full(letters - 1, 0.4))
    lexicon = [random.choice(letters - 1, random.integers(2, 8), p=weights) for _ in range(words)]
    frequency = 1.0 / np.arange(1, words + 1)
    chosen = random.choice(words, (train + validation) // 2, p=frequency / frequency.sum())
    text = np.concatenate([np.append(lexicon[w], letters - 1) for w in chosen])[: train + validation + context]
    windows = np.lib.stride_tricks.sliding_window_view(text, context + 1)
    one_hot = np.eye(letters)[windows[:, :context]].reshape(len(windows), -1)
    return Data.cut(one_hot, windows[:, context], train, letters)


class Step(NamedTuple):
    """What a training step leaves for a logger: values of before the update, as frameworks log them.

    `gradient_norms` is [parameters], in the order of the network's parameters.
    """

    number: int
    epoch: int
    ends_epoch: bool
    loss: float
    accuracy: float
    learning_rate: float
    gradient_norms: Floats

    @property
    def gradient_norm(self) -> float:
        """Norm of the whole gradient."""
        return float(np.sqrt(np.sum(self.gradient_norms**2)))


@dataclass
class Training:
    """A training that is ready to go.

    Attributes:
        spoil: what befalls a batch (inputs, labels) of a step before the network sees it.
        stop_after: the step after which the process is killed; None trains to the end.

    """

    data: Data
    network: Network
    optimizer: Optimizer
    schedule: Callable[[int], float]
    epochs: int
    batch: int
    random: Random
    loss: Callable[[Floats, Labels], Judged] = cross_entropy
    spoil: Callable[[int, Floats, Labels], tuple[Floats, Labels]] | None = None
    stop_after: int | None = None

    @property
    def steps_per_epoch(self) -> int:
        return max(1, len(self.data.train_x) // self.batch)

    @property
    def total_steps(self) -> int:
        return self.epochs * self.steps_per_epoch

    def steps(self) -> Iterator[Step]:
        """Train, one update at a time; steps count from 0."""
        number = 0
        for epoch in range(self.epochs):
            order = self.random.permutation(len(self.data.train_x))
            for i in range(self.steps_per_epoch):
                rows = order[i * self.batch : (i + 1) * self.batch]
                yield self._update(number, epoch, rows, ends_epoch=i == self.steps_per_epoch - 1)
                if number == self.stop_after:
                    return
                number += 1

    def _update(self, number: int, epoch: int, rows: Ints, *, ends_epoch: bool) -> Step:
        x, y = self.data.train_x[rows], self.data.train_y[rows]
        if self.spoil is not None:
            x, y = self.spoil(number, x, y)
        rate = self.schedule(number)
        with np.errstate(all="ignore"):  # overflow is what some of the samples are about
            values = self.network.forward(x)
            judged = self.loss(values[-1], y)
            gradients = self.network.backward(values, judged.gradient)
            norms = np.array([np.linalg.norm(gradient) for gradient in gradients])
            self.optimizer.step(self.network.parameters, gradients, rate)
        return Step(number, epoch, ends_epoch, judged.loss, judged.accuracy, rate, norms)

    def evaluate(self) -> tuple[float, float]:
        """Loss and accuracy on the validation data."""
        with np.errstate(all="ignore"):
            outputs = self.network.forward(self.data.validation_x)[-1]
            judged = self.loss(outputs, self.data.validation_y)
        return judged.loss, judged.accuracy
