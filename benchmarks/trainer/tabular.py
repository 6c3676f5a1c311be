"""Rows of numbers: the range of a throw in the wind (simulated), and cells of tumours (real, bundled with scikit-learn)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

from .recipe import Data
from .supervised import ACTIVATIONS, Task, accuracy, r2

if TYPE_CHECKING:
    from .recipe import Recipe

GRAVITY = 9.81
NOISE = 0.2  # of a standard deviation of the target


class Perceptron(nn.Module):
    """Layers of the same width, with layer normalisation where the recipe says so."""

    def __init__(self, inputs: int, outputs: int, recipe: Recipe) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for _ in range(recipe.depth):
            layers.append(nn.Linear(inputs, recipe.width))
            if recipe.is_normalised:
                layers.append(nn.LayerNorm(recipe.width))
            layers += [ACTIVATIONS[recipe.activation](), nn.Dropout(recipe.dropout)]
            inputs = recipe.width
        self.trunk = nn.Sequential(*layers)
        self.head = nn.Linear(inputs, outputs)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return self.head(self.trunk(inputs))


def throws(recipe: Recipe) -> Data:
    """Speed, angle, wind, height and four columns that mean nothing; the target has noise and unit variance."""
    samples, validation = recipe.samples or 1200, recipe.validation_samples or 400
    columns = torch.rand(samples + validation, 8) * 2 - 1
    speed, angle, wind, height = 12 + 6 * columns[:, 0], 0.8 + 0.5 * columns[:, 1], 4 * columns[:, 2], 2 + columns[:, 3]
    rise = speed * angle.sin()
    flight = (rise + (rise.square() + 2 * GRAVITY * height).sqrt()) / GRAVITY
    reach = flight * (speed * angle.cos() + wind)
    target = (reach - reach.mean()) / reach.std()
    target = ((target + NOISE * torch.randn_like(target)) / (1 + NOISE**2) ** 0.5)[:, None]
    return _parted(columns, target, samples)


def tumours(recipe: Recipe) -> Data:
    """569 samples of 30 measurements, benign or malignant; split at random."""
    from sklearn.datasets import load_breast_cancer

    inputs, targets = load_breast_cancer(return_X_y=True)
    inputs = (inputs - inputs.mean(0)) / inputs.std(0)
    order = torch.randperm(len(targets))
    samples = recipe.samples or 400
    chosen = order[: samples + (recipe.validation_samples or len(order) - samples)]
    return _parted(torch.tensor(inputs, dtype=torch.float32)[chosen], torch.tensor(targets)[chosen], samples)


def _parted(inputs: torch.Tensor, targets: torch.Tensor, samples: int) -> Data:
    return Data(
        train_inputs=inputs[:samples], train_targets=targets[:samples],
        validation_inputs=inputs[samples:], validation_targets=targets[samples:],
    )  # fmt: skip


TASKS = {
    "throws": Task(throws, lambda recipe: Perceptron(8, 1, recipe), 0, "r2", r2),
    "tumours": Task(tumours, lambda recipe: Perceptron(30, 2, recipe), 2, "accuracy", accuracy),
}
