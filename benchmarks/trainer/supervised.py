"""The training loop of all tasks with inputs and targets, and what it logs."""

from __future__ import annotations

import math
import os
import resource
import time
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from .recipe import Data, Moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .loggers import Key, Log
    from .recipe import Recipe

ACTIVATIONS: dict[str, type[nn.Module]] = {"relu": nn.ReLU, "tanh": nn.Tanh, "sigmoid": nn.Sigmoid, "gelu": nn.GELU}
OPTIMIZERS: dict[str, Callable[..., torch.optim.Optimizer]] = {
    "adam": partial(torch.optim.Adam, fused=True),
    "adamw": partial(torch.optim.AdamW, fused=True),
    "sgd": partial(torch.optim.SGD, momentum=0.9, fused=True),
}
EVALUATION_BATCH = 256
WATCHES = 60  # of layers, over a run


@dataclass(frozen=True)
class Task:
    """What is learned.

    Attributes:
        data: of a recipe; random numbers are torch's own.
        model: of a recipe; its layers are named `trunk.N` and `head`.
        classes: number of classes, 0 for a regression.
        score: name and value of a score, of outputs and targets.

    """

    data: Callable[[Recipe], Data]
    model: Callable[[Recipe], nn.Module]
    classes: int
    score_name: str
    score: Callable[[torch.Tensor, torch.Tensor], float]

    def train(self, recipe: Recipe, log: Log, seed: int) -> None:
        """Train and log one model."""
        torch.manual_seed(seed)
        data = self.data(recipe)
        recipe.prepare(data)
        model = self.model(recipe)
        recipe.initialise(model)
        for name, parameter in model.named_parameters():
            parameter.requires_grad_(not (recipe.frozen and name.startswith(recipe.frozen)))
        Training(self, recipe, log, data, model).run()


class Training:
    """One supervised training under way."""

    def __init__(self, task: Task, recipe: Recipe, log: Log, data: Data, model: nn.Module) -> None:
        self.task, self.recipe, self.log, self.data, self.model = task, recipe, log, data, model
        self.optimizer = OPTIMIZERS[recipe.optimizer](
            model.parameters(), lr=recipe.rate, weight_decay=recipe.weight_decay
        )
        self.steps_an_epoch = math.ceil(len(data.train_inputs) / recipe.batch)
        self.total = self.steps_an_epoch * recipe.epochs
        log.settings = {**log.settings, "steps": self.total}
        self.weights = None
        if recipe.is_weighted:
            counts = torch.bincount(data.train_targets.flatten(), minlength=task.classes).float()
            self.weights = counts.sum() / (task.classes * counts.clamp(min=1))
        self.outputs: dict[str, torch.Tensor] = {}
        for name, module in model.named_modules():
            if isinstance(module, tuple(ACTIVATIONS.values())):
                module.register_forward_hook(self._keeper(name))

    def _keeper(self, name: str) -> Callable[..., None]:
        def keep(_module: nn.Module, _inputs: Any, output: torch.Tensor) -> None:
            self.outputs[name] = output.detach()

        return keep

    def loss(self, inputs: torch.Tensor, targets: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Loss and outputs of a batch."""
        outputs = self.model(inputs)
        if not self.task.classes:
            return nn.functional.mse_loss(outputs, targets), outputs
        logits = outputs.softmax(1) if self.recipe.is_softmaxed else outputs
        return nn.functional.cross_entropy(logits, targets, self.weights), outputs

    def batches(self) -> Iterator[tuple[torch.Tensor, torch.Tensor]]:
        """One epoch of batches."""
        count = len(self.data.train_inputs)
        order = torch.randperm(count) if self.recipe.is_shuffled else torch.arange(count)
        for chosen in order.split(self.recipe.batch):
            yield self.data.train_inputs[chosen].clone(), self.data.train_targets[chosen]

    def run(self) -> None:
        """Train to the end; what is logged is that of the recipe."""
        self._pretrain()
        moment = Moment(step=0, total=self.total, inputs=None, targets=None, model=self.model, optimizer=self.optimizer)
        due = self._evaluation_steps()
        means: list[dict[Key, float]] = []
        for epoch in range(self.recipe.epochs):
            left = time.process_time()
            for moment.inputs, moment.targets in self.batches():
                for group in self.optimizer.param_groups:
                    group["lr"] = self.recipe.rate * self.recipe.schedule(moment.step / self.total)
                self.recipe.disturb(moment)
                ready = time.process_time()
                values = self._step(moment)
                done = time.process_time()
                if self.recipe.logs_system:
                    values |= {
                        ("", "data_time"): ready - left,
                        ("", "step_time"): done - left,
                        ("", "rss_mb"): rss_mb(),
                    }
                means.append(values)
                if self.recipe.log_every and moment.step % self.recipe.log_every == 0:
                    self._write(moment.step, epoch, values)
                if self.recipe.watch in ("layers", "histograms") and moment.step % -(-self.total // WATCHES) == 0:
                    self._write_layers(moment.step, epoch)
                moment.step += 1
                if moment.step in due:
                    if not self.recipe.log_every:
                        self._write(moment.step, epoch, mean_of(means))
                        means = []
                    self._write(moment.step, epoch, self.evaluate())
                left = time.process_time()
            if not self.recipe.log_every and means:
                self._write(moment.step, epoch, mean_of(means))
            means = []

    def _pretrain(self) -> None:
        for group in self.optimizer.param_groups:
            group["lr"] = 10 * self.recipe.rate
        for inputs, targets in chain.from_iterable(self.batches() for _ in range(self.recipe.pretrained_epochs)):
            self.optimizer.zero_grad()
            self.loss(inputs, targets)[0].backward()
            self.optimizer.step()

    def _evaluation_steps(self) -> set[int]:
        count = self.recipe.evaluations
        return {max(round(self.total * i / count), 1) for i in range(1, count + 1)} if count else set()

    def _step(self, moment: Moment) -> dict[Key, float]:
        """One step of the optimizer; what can be said of it."""
        self.model.train()
        if self.recipe.zeroes_gradients:
            self.optimizer.zero_grad()
        moment.loss, outputs = self.loss(moment.inputs, moment.targets)
        moment.loss.backward()
        limit = self.recipe.clip if self.recipe.clip < math.inf else 1e30
        norm = nn.utils.clip_grad_norm_(self.model.parameters(), limit)
        self.optimizer.step()
        values: dict[Key, float] = {
            ("train", "loss"): moment.loss.item(),
        }
        if not self.recipe.log_every or moment.step % self.recipe.log_every == 0:  # scores cost as much as small steps
            values["train", self.task.score_name] = self._score(outputs.detach(), moment.targets)
        if self.recipe.watch:
            values["", "grad_norm"] = min(float(norm), limit) if self.recipe.logs_clipped else float(norm)
        if self.recipe.logs_rate:
            values["", "lr"] = self.optimizer.param_groups[0]["lr"]
        return values

    @torch.no_grad()
    def evaluate(self) -> dict[Key, float]:
        """Loss and score of the validation set."""
        self.model.train(self.recipe.evaluates_in_train_mode)
        inputs = self.data.validation_inputs.split(EVALUATION_BATCH)
        targets = self.data.validation_targets.split(EVALUATION_BATCH)
        results = [(*self.loss(x, y), y) for x, y in zip(inputs, targets, strict=True)]
        loss = sum(float(part) * len(y) for part, _, y in results) / sum(len(y) for _, _, y in results)
        score = self._score(torch.cat([out for _, out, _ in results]), torch.cat([y for _, _, y in results]))
        return {("validation", "loss"): loss, ("validation", self.task.score_name): score}

    def _score(self, outputs: torch.Tensor, targets: torch.Tensor) -> float:
        part = self.recipe.score_part or len(targets)
        scores = [self.task.score(*each) for each in zip(outputs.split(part), targets.split(part), strict=True)]
        return sum(scores) / len(scores)

    def _write(self, step: int, epoch: int, values: dict[Key, float]) -> None:
        self.log.write(step, epoch, {key: self.recipe.report(*key, value) for key, value in values.items()})

    def _write_layers(self, step: int, epoch: int) -> None:
        """Gradients, weights and activations of each layer: histograms, or norms and shares."""
        weights = {name: p for name, p in self.model.named_parameters() if name.endswith("weight") and p.dim() > 1}
        if self.recipe.watch == "histograms":
            for name, weight in weights.items():
                self.log.histogram(step, f"weights/{name}", weight.detach())
                if weight.grad is not None:
                    self.log.histogram(step, f"gradients/{name}", weight.grad)
            for name, output in self.outputs.items():
                self.log.histogram(step, f"activations/{name}", output)
            return
        values: dict[Key, float] = {}
        for name, weight in weights.items():
            if weight.grad is not None:
                values["", f"grad_norm/{name}"] = float(weight.grad.norm())
            values["", f"weight_norm/{name}"] = float(weight.detach().norm())
        for name, output in self.outputs.items():
            values["", f"zero_fraction/{name}"] = float((output == 0).float().mean())
        self.log.write(step, epoch, values)


def mean_of(entries: list[dict[Key, float]]) -> dict[Key, float]:
    """Means over entries of the same quantities, as an epoch's logger takes them."""
    return {key: sum(each[key] for each in entries) / len(entries) for key in entries[0]}


def rss_mb() -> float:
    """Memory of this process in megabytes; its peak where the system does not tell what is in use."""
    try:
        with open("/proc/self/statm", encoding="ascii") as file:  # noqa: PTH123  (read at every step)
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3


def accuracy(outputs: torch.Tensor, targets: torch.Tensor) -> float:
    """Share of targets that the largest output names."""
    return float((outputs.argmax(1) == targets).float().mean())


def r2(outputs: torch.Tensor, targets: torch.Tensor) -> float:
    """Share of the variance that is explained."""
    return float(1 - (outputs - targets).square().mean() / targets.var(unbiased=False).clamp(min=1e-12))
