"""Train the sample runs and write their logs: `python sample_logs/make.py [FOLDER]`.

Every ill sample has a cause that was put into its training, never into its numbers. README.md says which.
"""

from __future__ import annotations

import os

os.environ["OPENBLAS_NUM_THREADS"] = (
    "1"  # before numpy is loaded: threads would change the order of sums, and so the logs
)

import shutil
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import loggers
import numpy as np
from network import (
    Adam,
    Data,
    Network,
    OfAnotherModel,
    Sgd,
    Training,
    blobs,
    characters,
    constant,
    cosine,
    exponential,
    half_precision_cross_entropy,
    linear,
    mean_squared_error,
    spiral,
    teacher,
    waves,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from network import Floats, Labels, Random


def _train(
    seed: int,
    make_data: Callable[[Random], Data],
    hidden: tuple[int, ...],
    schedule: Callable[[int], float],
    *,
    activation: str = "relu",
    optimizer: Adam | Sgd | None = None,
    epochs: int,
    batch: int,
    **options: Any,
) -> Training:
    random = np.random.default_rng(seed)
    data = make_data(random)
    sizes = (data.train_x.shape[1], *hidden, data.classes or 1)
    network = Network.build(sizes, activation, random)
    return Training(data, network, optimizer or Adam(), schedule, epochs, batch, random, **options)


def healthy_keras_csv(folder: Path) -> None:
    data = partial(spiral, train=2000, validation=1000)
    loggers.keras_csv(_train(1, data, (48, 48), constant(2e-3), epochs=40, batch=50), folder)


def healthy_keras_tensorboard(folder: Path) -> None:
    data = partial(spiral, train=2400, validation=1000, classes=3)
    training = _train(2, data, (32, 32), cosine(4e-3, total=40 * 40), epochs=40, batch=60)
    loggers.keras_tensorboard(training, folder)


def healthy_lightning(folder: Path) -> None:
    data = partial(blobs, train=6000, validation=1500, spread=1.3)
    schedule = cosine(0.02, total=20 * 60, warmup=100)
    training = _train(3, data, (48,), schedule, optimizer=Sgd(), epochs=20, batch=100)
    loggers.lightning_csv(training, folder, 20, {"lr": 0.02, "batch_size": 100, "max_epochs": 20, "num_classes": 10})


def healthy_huggingface(folder: Path) -> None:
    data = partial(characters, train=8000, validation=2000)
    schedule = linear(3e-3, total=12 * 125, warmup=100)
    loggers.trainer_state(_train(4, data, (96,), schedule, epochs=12, batch=64), folder, 20)


def healthy_pytorch(folder: Path) -> None:
    data = partial(teacher, train=6000, validation=1500)
    schedule = cosine(2e-3, total=20 * 100, warmup=100)
    training = _train(5, data, (32, 32, 32), schedule, epochs=20, batch=60)
    loggers.summary_writer(training, folder, 40, histogram_epochs=5)


def healthy_regression(folder: Path) -> None:
    data = partial(waves, train=4000, validation=1000)
    schedule = cosine(3e-3, total=30 * 80, warmup=80)
    training = _train(6, data, (64, 64), schedule, epochs=30, batch=50, loss=mean_squared_error)
    loggers.json_lines(training, folder, 20, {"lr": 3e-3, "batch_size": 50, "epochs": 30})


def non_finite(folder: Path) -> None:
    """A regression with plain SGD at a learning rate a hundred times what it bears."""
    data = partial(waves, train=2000, validation=500)
    training = _train(7, data, (64, 64), constant(0.5), optimizer=Sgd(), epochs=10, batch=50, loss=mean_squared_error)
    loggers.json_lines(training, folder, 2, {"lr": 0.5, "batch_size": 50, "epochs": 10})


def masked_nan(folder: Path) -> None:
    """A softmax in float16 that overflows once the network is sure; Hugging Face's filter hides the NaN."""
    data = partial(spiral, train=3200, validation=800)
    schedule = linear(2e-3, total=20 * 100, warmup=50)
    training = _train(8, data, (64, 64), schedule, epochs=20, batch=32, loss=half_precision_cross_entropy)
    loggers.trainer_state(training, folder, 20)


def divergence(folder: Path) -> None:
    """A learning-rate decay written as 1.15 per epoch where 0.85 was meant."""
    data = partial(teacher, train=4000, validation=1000)
    schedule = exponential(0.02, 1.15, every=80)
    training = _train(9, data, (64, 64), schedule, activation="tanh", optimizer=Sgd(), epochs=35, batch=50)
    loggers.lightning_csv(training, folder, 20, {"lr": 0.02, "gamma": 1.15, "max_epochs": 35, "num_classes": 5})


def not_learning(folder: Path) -> None:
    """An optimizer that was built before the model was replaced by another."""
    data = partial(spiral, train=3000, validation=1000)
    training = _train(10, data, (48, 48), constant(0.02), epochs=20, batch=50)
    stale = [parameter.copy() for parameter in training.network.parameters]
    settings = {"lr": 0.02, "batch_size": 50, "max_epochs": 20, "num_classes": 4}
    loggers.lightning_csv(replace(training, optimizer=OfAnotherModel(Sgd(), stale)), folder, 20, settings)


def stuck_at_chance(folder: Path) -> None:
    """A loader that shuffles the labels apart from the inputs, anew for every batch."""
    shuffler = np.random.default_rng(0)

    def shuffled(_step: int, x: Floats, y: Labels) -> tuple[Floats, Labels]:
        return x, shuffler.permutation(y)

    data = partial(blobs, train=4000, validation=1000)
    training = _train(11, data, (32,), constant(3e-3), epochs=40, batch=100, spoil=shuffled)
    loggers.keras_history(training, folder)


def overfitting(folder: Path) -> None:
    """Four hundred examples, a third of them mislabelled, and a network that can learn them by heart."""
    data = partial(teacher, train=400, validation=1000, wrong=0.3)
    loggers.keras_csv(_train(12, data, (128, 128), constant(1e-3), epochs=60, batch=40), folder)


def overtraining(folder: Path) -> None:
    """Sixty epochs where fifteen are enough; weight decay keeps the rest from doing more than a little harm."""
    data = partial(blobs, train=6000, validation=2000, classes=5, spread=1.6)
    schedule = cosine(4e-3, total=60 * 120)
    training = _train(13, data, (16,), schedule, optimizer=Adam(weight_decay=0.05), epochs=60, batch=50)
    loggers.keras_csv(training, folder)


def loss_spike(folder: Path) -> None:
    """Three corrupt files in the data: batches of pixels from 0 to 255 among inputs scaled to 1."""

    def unscaled(step: int, x: Floats, y: Labels) -> tuple[Floats, Labels]:
        return (x * 255.0 if step in (700, 1300, 1301) else x), y

    data = partial(teacher, train=5000, validation=1000)
    training = _train(14, data, (48, 48), constant(1e-3), epochs=20, batch=50, spoil=unscaled)
    loggers.json_lines(training, folder, 4, {"lr": 1e-3, "batch_size": 50, "epochs": 20})


def plateau(folder: Path) -> None:
    """A model without a hidden layer: no straight line parts the arms of a spiral, however long it trains."""
    data = partial(spiral, train=3000, validation=1000)
    training = _train(15, data, (), constant(5e-3), activation="tanh", epochs=60, batch=50)
    loggers.keras_tensorboard(training, folder)


def zero_learning_rate(folder: Path) -> None:
    """A linear decay told the number of steps of one process, on a run of two."""
    data = partial(characters, train=8000, validation=2000)
    schedule = linear(3e-3, total=6 * 125, warmup=50)
    loggers.trainer_state(_train(16, data, (96,), schedule, epochs=12, batch=64), folder, 20)


def vanishing_gradients(folder: Path) -> None:
    """Ten sigmoid layers, one upon the other, without normalisation or shortcuts."""
    data = partial(spiral, train=3000, validation=1000)
    training = _train(17, data, (32,) * 9, constant(0.05), activation="sigmoid", optimizer=Sgd(), epochs=10, batch=50)
    loggers.summary_writer(training, folder, 25)


def truncated_event_file(folder: Path) -> None:
    """A process killed at step 1,270: the event file ends with the last full write buffer."""
    data = partial(teacher, train=6000, validation=1500)
    training = _train(18, data, (32, 32), cosine(2e-3, total=2000), epochs=20, batch=60, stop_after=1270)
    loggers.summary_writer(training, folder, 25)


def truncated_run(folder: Path) -> None:
    """A job killed by its time limit at step 1,130 of 1,500: the checkpoint of step 1,000 is what is left."""
    data = partial(characters, train=8000, validation=2000)
    schedule = linear(3e-3, total=12 * 125, warmup=100)
    training = _train(19, data, (96,), schedule, epochs=12, batch=64, stop_after=1130)
    loggers.trainer_state(training, folder, 20, save_steps=500)


def study(folder: Path) -> None:
    """A controlled ablation over three seeds, a setting that nothing reads, and a release with a bug in its loader.

    The data are the same in all runs; the seed decides the first weights and the order of the batches.
    """
    changes: dict[str, dict[str, float]] = {
        "baseline": {},
        "no-weight-decay": {"weight_decay": 0.0},
        "low-learning-rate": {"lr": 3e-4},
        "label-smoothing": {"label_smoothing": 0.1},  # given on the command line, and forgotten in the loss
        "release-2": {"release": 2},  # its loader mixes up the labels of every fourth example
    }
    for name, change in changes.items():
        for seed in (0,) if name == "label-smoothing" else (0, 1, 2):
            run = folder / name / f"seed{seed}"
            run.mkdir(parents=True)
            settings = {"lr": 3e-3, "weight_decay": 0.02, "label_smoothing": 0.0, "release": 1, **change, "seed": seed}
            _of_study(run, settings, seed)


def _of_study(folder: Path, settings: dict[str, float], seed: int) -> None:
    data = teacher(np.random.default_rng(100), train=2000, validation=2000, wrong=0.1)
    random = np.random.default_rng(seed)
    network = Network.build((data.train_x.shape[1], 48, data.classes or 1), "relu", random)
    shuffler = np.random.default_rng(seed)

    def mixed_up(_step: int, x: Floats, y: Labels) -> tuple[Floats, Labels]:
        wrong = y.copy()
        wrong[::4] = shuffler.permutation(y[::4])
        return x, wrong

    training = Training(
        data, network, Adam(weight_decay=settings["weight_decay"]), cosine(settings["lr"], total=25 * 40, warmup=40), 25, 50, random,
        spoil=mixed_up if settings["release"] == 2 else None,
    )  # fmt: skip
    loggers.json_lines(training, folder, 25, settings)


SAMPLES: tuple[Callable[[Path], None], ...] = (
    healthy_huggingface,
    healthy_keras_csv,
    healthy_keras_tensorboard,
    healthy_lightning,
    healthy_pytorch,
    healthy_regression,
    non_finite,
    masked_nan,
    divergence,
    not_learning,
    stuck_at_chance,
    loss_spike,
    plateau,
    zero_learning_rate,
    overfitting,
    overtraining,
    vanishing_gradients,
    truncated_event_file,
    truncated_run,
    study,
)


def main() -> None:
    """Write every sample anew into a folder, by default the one of this script."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    for sample in SAMPLES:
        folder = target / sample.__name__.replace("_", "-")
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        sample(folder)
        print(folder)


if __name__ == "__main__":
    main()
