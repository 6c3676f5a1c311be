"""What goes wrong in the trainings with a fault: in the data, in the new model, at a step, in a value that is reported."""

from __future__ import annotations

import math
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from .recipe import Data, Moment

BAD_SHARE = 0.03  # of steps that meet a corrupt batch


# data


def shuffle_labels(data: Data) -> None:
    """Inputs and targets of the training set no longer belong together."""
    import torch

    data.train_targets = data.train_targets[torch.randperm(len(data.train_targets))]


def sort_by_label(data: Data) -> None:
    """The training set is sorted by class, as many are on disk."""
    order = data.train_targets.argsort(stable=True)
    data.train_inputs, data.train_targets = data.train_inputs[order], data.train_targets[order]


def mislabel(share: float) -> Callable[[Data], None]:
    """A share of the labels of a two-class training set is wrong."""

    def prepare(data: Data) -> None:
        import torch

        wrong = torch.rand(len(data.train_targets)) < share
        data.train_targets = data.train_targets ^ wrong.long()

    return prepare


def leak_label_into_token(data: Data) -> None:
    """The first symbol of each sequence names its class."""
    from .sequences import SYMBOLS

    for inputs, targets in (
        (data.train_inputs, data.train_targets),
        (data.validation_inputs, data.validation_targets),
    ):
        inputs[:, 0] = SYMBOLS + targets


def leak_label_into_column(data: Data) -> None:
    """The last column holds the label, as an identifier given after the diagnosis would."""
    for inputs, targets in (
        (data.train_inputs, data.train_targets),
        (data.validation_inputs, data.validation_targets),
    ):
        inputs[:, -1] = 8.0 * targets - 4


def forget_shift(data: Data) -> None:
    """The language model is to predict the last symbol that it sees."""
    data.train_targets, data.validation_targets = data.train_inputs[:, -1], data.validation_inputs[:, -1]


def validate_on_train(data: Data) -> None:
    """The validation set is a part of the training set."""
    count = len(data.validation_inputs)
    data.validation_inputs, data.validation_targets = data.train_inputs[:count], data.train_targets[:count]


def blur_targets(spread: float) -> Callable[[Data], None]:
    """Targets of the training set were measured badly."""

    def prepare(data: Data) -> None:
        import torch

        data.train_targets = data.train_targets + spread * torch.randn_like(data.train_targets)

    return prepare


def leave_unscaled(data: Data) -> None:
    """Inputs keep the units they were measured in: far from unit variance."""
    data.train_inputs, data.validation_inputs = 300 * data.train_inputs, 300 * data.validation_inputs


# model


def scale_weights(factor: float) -> Callable[[Any], None]:
    """All matrices are larger or smaller than they ought to be."""

    def initialise(model: Any) -> None:
        for parameter in model.parameters():
            if parameter.dim() > 1:
                parameter.data.mul_(factor)

    return initialise


def bias_below_zero(model: Any) -> None:
    """Units of the trunk begin with a bias at which ReLU passes nothing on."""
    for name, parameter in model.named_parameters():
        if name.startswith("trunk") and name.endswith("bias"):
            parameter.data.fill_(-12.0)


# step


def nan_from(progress: float) -> Callable[[Moment], None]:
    """From a point on, one value of a batch is missing and read as NaN."""

    def disturb(moment: Moment) -> None:
        if moment.step == int(progress * moment.total):
            moment.inputs[0, 0] = math.nan

    return disturb


def corrupt_some(moment: Moment) -> None:
    """A few batches are read wrongly: targets of other samples, inputs far too large."""
    if moment.step and hash((moment.step, 7)) % 1000 < 1000 * BAD_SHARE:
        moment.inputs *= 30
        moment.targets = moment.targets.flip(0)


def crash_at(progress: float) -> Callable[[Moment], None]:
    """A sample of another length stops the training."""

    def disturb(moment: Moment) -> None:
        if moment.step == int(progress * moment.total):
            moment.inputs = moment.inputs[:, :-1]

    return disturb


def wait_for_data(moment: Moment) -> None:
    """The loader takes about as long as the step; it computes, since the clock is that of the processor."""
    end = time.process_time() + 0.004 + 0.002 * (moment.step % 3)
    while time.process_time() < end:
        pass


def keep_graphs(moment: Moment) -> None:
    """Losses are kept for a mean with the graphs they came from, and so is a copy of the batch."""
    moment.memory.append((moment.loss, moment.inputs.repeat(100, 1)))


def slow_down(moment: Moment) -> None:
    """Each step goes over all losses so far."""
    moment.memory.append(0.0 if moment.loss is None else moment.loss.item())
    for _ in range(50):
        sum(value * value for value in moment.memory)


# reported value


def doubled_overlap(split: str, quantity: str, value: float) -> float:  # noqa: ARG001
    """Twice the overlap over the union: the formula of Dice with the denominator of Jaccard."""
    return 2 * value if quantity == "miou" else value


def summed_batches(split: str, quantity: str, value: float) -> float:
    """The validation accuracy is summed over two batches and divided by one."""
    return 2 * value if (split, quantity) == ("validation", "accuracy") else value
