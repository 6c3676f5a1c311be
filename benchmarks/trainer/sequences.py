"""Sequences of symbols: which of five Markov chains wrote them (a small transformer), and which symbol comes next."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import torch
from torch import nn

from .recipe import Data
from .supervised import ACTIVATIONS, Task, accuracy

if TYPE_CHECKING:
    from .recipe import Recipe

SYMBOLS, LENGTH, CHAINS = 10, 16, 5
CONTEXT = 3  # symbols that the language model sees; the source needs two
FIXED_SEED = 5  # of the sources: the same in every training


class Reader(nn.Module):
    """A small transformer with the mean of its last layer as what it knows of the sequence."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        self.embedding = nn.Embedding(SYMBOLS + CHAINS, recipe.width // 2)
        self.position = nn.Parameter(0.1 * torch.randn(LENGTH, recipe.width // 2))
        block = nn.TransformerEncoderLayer(
            recipe.width // 2, 2, recipe.width, recipe.dropout, ACTIVATIONS[recipe.activation](),
            batch_first=True, norm_first=recipe.is_normalised,
        )  # fmt: skip
        self.trunk = nn.TransformerEncoder(block, recipe.depth, enable_nested_tensor=False)
        self.head = nn.Linear(recipe.width // 2, CHAINS)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return self.head(self.trunk(self.embedding(inputs) + self.position).mean(1))


class Guesser(nn.Module):
    """The next symbol from the embeddings of the last few (Bengio et al., 2003)."""

    def __init__(self, recipe: Recipe) -> None:
        super().__init__()
        self.embedding = nn.Embedding(SYMBOLS, 16)
        layers: list[nn.Module] = []
        width = 16 * CONTEXT
        for _ in range(recipe.depth):
            layers += [nn.Linear(width, recipe.width), ACTIVATIONS[recipe.activation](), nn.Dropout(recipe.dropout)]
            width = recipe.width
        self.trunk = nn.Sequential(*layers)
        self.head = nn.Linear(width, SYMBOLS)

    def forward(self, inputs: torch.Tensor) -> torch.Tensor:
        return self.head(self.trunk(self.embedding(inputs).flatten(1)))


def _chances(*shape: int) -> torch.Tensor:
    """Fixed probabilities of the next symbol, uneven enough to be learned."""
    with torch.random.fork_rng():
        torch.manual_seed(FIXED_SEED)
        return torch.distributions.Dirichlet(torch.full((SYMBOLS,), 0.4)).sample(shape)


def chains(recipe: Recipe) -> Data:
    """Sequences of five sources that differ in which symbol follows which."""
    samples, validation = recipe.samples or 900, recipe.validation_samples or 200
    chances = _chances(CHAINS, SYMBOLS)
    targets = torch.randint(CHAINS, (samples + validation,))
    inputs = torch.randint(SYMBOLS, (samples + validation, LENGTH))
    for place in range(1, LENGTH):
        inputs[:, place] = torch.multinomial(chances[targets, inputs[:, place - 1]], 1)[:, 0]
    return Data(
        train_inputs=inputs[:samples], train_targets=targets[:samples],
        validation_inputs=inputs[samples:], validation_targets=targets[samples:],
    )  # fmt: skip


def stream(recipe: Recipe) -> Data:
    """Windows of one long text of a source of order two; its entropy is the lowest loss there is (see `entropy`)."""
    samples, validation = recipe.samples or 32_000, recipe.validation_samples or 3000
    chances, writers = _chances(SYMBOLS, SYMBOLS), 1000  # many texts written side by side
    text = torch.randint(SYMBOLS, (writers, (samples + validation) // writers + CONTEXT + 1))
    for place in range(2, text.shape[1]):
        text[:, place] = torch.multinomial(chances[text[:, place - 2], text[:, place - 1]], 1)[:, 0]
    windows = text.unfold(1, CONTEXT + 1, 1).reshape(-1, CONTEXT + 1)
    windows = windows[torch.randperm(len(windows))][: samples + validation]
    inputs, targets = windows[:, :-1], windows[:, -1]
    return Data(
        train_inputs=inputs[:samples], train_targets=targets[:samples],
        validation_inputs=inputs[samples:], validation_targets=targets[samples:],
    )  # fmt: skip


def entropy() -> float:
    """Mean entropy of the next symbol of the source in nats, over all pairs before it."""
    chances = _chances(SYMBOLS, SYMBOLS).clamp(min=1e-30)
    return float(-(chances * chances.log()).sum(-1).mean())


def perplexity(outputs: torch.Tensor, targets: torch.Tensor) -> float:
    """Exponential of the mean negative log likelihood."""
    return math.exp(min(float(nn.functional.cross_entropy(outputs, targets)), 700.0))


TASKS = {
    "chains": Task(chains, Reader, CHAINS, "accuracy", accuracy),
    "stream": Task(stream, Guesser, SYMBOLS, "perplexity", perplexity),
}
