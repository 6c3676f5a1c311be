"""A small generative adversarial training: eight points on a ring, in the plane."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch import nn

if TYPE_CHECKING:
    from .loggers import Log
    from .recipe import GameRecipe

MODES, SPREAD, LATENT = 8, 0.1, 8


def network(inputs: int, width: int, outputs: int) -> nn.Sequential:
    """Two hidden layers."""
    return nn.Sequential(
        nn.Linear(inputs, width), nn.LeakyReLU(0.2), nn.Linear(width, width), nn.LeakyReLU(0.2), nn.Linear(width, outputs)
    )  # fmt: skip


def real(count: int) -> torch.Tensor:
    """Points around eight places of the unit circle."""
    angle = 2 * math.pi * torch.randint(MODES, (count,)) / MODES
    return torch.stack([angle.cos(), angle.sin()], 1) + SPREAD * torch.randn(count, 2)


def train(recipe: GameRecipe, log: Log, seed: int) -> None:
    """Train and log both players with the non-saturating loss (Goodfellow et al., 2014)."""
    torch.manual_seed(seed)
    log.settings = {**log.settings, "steps": recipe.steps}
    generator = network(LATENT, recipe.width, 2)
    judge = network(2, recipe.discriminator_width, 1)
    betas = (0.5, 0.999)
    makes = torch.optim.Adam(generator.parameters(), recipe.rate, betas)
    judges = torch.optim.Adam(judge.parameters(), recipe.discriminator_rate, betas)
    guess = nn.functional.binary_cross_entropy_with_logits

    def seen(points: torch.Tensor) -> torch.Tensor:
        return judge(points + recipe.noise * torch.randn_like(points))

    for step in range(recipe.steps):
        fake = generator(torch.randn(recipe.batch, LATENT))
        on_real, on_fake = seen(real(recipe.batch)), seen(fake.detach())
        loss = guess(on_real, torch.full_like(on_real, 1 - recipe.label_smoothing))
        loss = loss + guess(on_fake, torch.zeros_like(on_fake))
        judges.zero_grad()
        loss.backward()
        judges.step()
        answer = seen(fake)
        generator_loss = guess(answer, torch.ones_like(answer))
        makes.zero_grad()
        generator_loss.backward()
        makes.step()
        if step % recipe.log_every == 0:
            values = {
                "discriminator_loss": loss, "generator_loss": generator_loss,
                "d_real": on_real.sigmoid().mean(), "d_fake": on_fake.sigmoid().mean(),
            }  # fmt: skip
            log.write(step, 0, {("train", name): value.item() for name, value in values.items()})
