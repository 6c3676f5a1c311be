"""Signals and pictures: a denoising auto-encoder of waves, and shapes that are to be found pixel by pixel."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

import torch
from torch import nn

from .recipe import Data
from .supervised import ACTIVATIONS, Task

if TYPE_CHECKING:
    from .recipe import Recipe

LENGTH, CODE, WAVE_NOISE = 64, 12, 0.5
SIDE, KINDS = 16, 4  # background, disc, square, cross


class AutoEncoder(nn.Module):
    """Two layers down to a code and two up again."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        widths = (LENGTH, recipe.width, CODE, recipe.width)
        layers: list[nn.Module] = []
        for before, after in pairwise(widths):
            layers += [nn.Linear(before, after), ACTIVATIONS[recipe.activation](), nn.Dropout(recipe.dropout)]
        self.trunk = nn.Sequential(*layers)
        self.head = nn.Linear(recipe.width, LENGTH)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return self.head(self.trunk(inputs))


class Painter(nn.Module):
    """Three convolutions of the same width and a linear map for each pixel."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = 1
        for _ in range(recipe.depth + 1):
            layers.append(nn.Conv2d(channels, recipe.width // 4, 3, padding=1))
            if recipe.is_normalised:
                layers.append(nn.BatchNorm2d(recipe.width // 4))
            layers += [ACTIVATIONS[recipe.activation](), nn.Dropout2d(recipe.dropout)]
            channels = recipe.width // 4
        self.trunk = nn.Sequential(*layers)
        self.head = nn.Conv2d(channels, KINDS, 1)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return self.head(self.trunk(inputs))


def waves(recipe: Recipe) -> Data:
    """Sums of two sine waves of random pitch and phase, with white noise in the inputs."""
    samples, validation = recipe.samples or 1000, recipe.validation_samples or 300
    place = torch.linspace(0, 1, LENGTH)
    pitch, phase = 1 + 5 * torch.rand(samples + validation, 2, 1), 2 * math.pi * torch.rand(samples + validation, 2, 1)
    clean = (2 * math.pi * pitch * place + phase).sin().sum(1)
    noisy = clean + WAVE_NOISE * torch.randn_like(clean)
    return Data(
        train_inputs=noisy[:samples], train_targets=clean[:samples],
        validation_inputs=noisy[samples:], validation_targets=clean[samples:],
    )  # fmt: skip


def shapes(recipe: Recipe) -> Data:
    """One disc, square or cross on a noisy ground; the target is the kind of each pixel."""
    samples, validation = recipe.samples or 240, recipe.validation_samples or 80
    count = samples + validation
    kinds = torch.randint(1, KINDS, (count, 1, 1))
    middle, size = 5 + 6 * torch.rand(count, 2, 1, 1), 2.5 + 2 * torch.rand(count, 1, 1)
    rows, columns = torch.meshgrid(torch.arange(SIDE), torch.arange(SIDE), indexing="ij")
    down, right = (rows - middle[:, 0]).abs(), (columns - middle[:, 1]).abs()
    disc = (down.square() + right.square()).sqrt() <= size
    square = torch.maximum(down, right) <= size * 0.9
    cross = (torch.minimum(down, right) <= 0.8) & (torch.maximum(down, right) <= size)
    inside = torch.where(kinds == 1, disc, torch.where(kinds == 2, square, cross))
    pictures = (inside.float() + 0.4 * torch.randn(count, SIDE, SIDE))[:, None]
    targets = torch.where(inside, kinds, 0)
    return Data(
        train_inputs=pictures[:samples], train_targets=targets[:samples],
        validation_inputs=pictures[samples:], validation_targets=targets[samples:],
    )  # fmt: skip


def psnr(outputs: torch.Tensor, targets: torch.Tensor) -> float:
    """Peak signal-to-noise ratio in decibels; the peak of two waves is 2."""
    return float(10 * (4 / (outputs - targets).square().mean().clamp(min=1e-12)).log10())


def mean_iou(outputs: torch.Tensor, targets: torch.Tensor) -> float:
    """Mean over the kinds of intersection over union; a kind that is nowhere does not count."""
    found = outputs.argmax(1)
    shares = []
    for kind in range(KINDS):
        both, either = ((found == kind) & (targets == kind)).sum(), ((found == kind) | (targets == kind)).sum()
        if either:
            shares.append(float(both / either))
    return sum(shares) / len(shares)


TASKS = {
    "waves": Task(waves, AutoEncoder, 0, "psnr", psnr),
    "shapes": Task(shapes, Painter, KINDS, "miou", mean_iou),
}
