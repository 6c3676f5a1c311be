"""Real logs of the installed frameworks and trackers: is each read into one run with the right epochs?

    python benchmarks/real_loggers.py          # whatever is installed; prints the table of docs/real-loggers.md
    python benchmarks/real_loggers.py keras    # only writers whose packages have this name

Each writer trains or logs the same thing through the public interface of its package, with all defaults, into a temporary
folder: a small classifier for 6 epochs (a policy for Stable-Baselines3, a text classifier for spaCy). Then the folder is
read. "Runs" has to be 1, and the last epoch 6, or 5 where the writer counts from 0; it is "-" where a log has no epochs.
"""

from __future__ import annotations

import importlib.util
import os
import sys
import tempfile
import traceback
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

import trainlint

if TYPE_CHECKING:
    from collections.abc import Callable

EPOCHS, SAMPLES, INPUTS = 6, 256, 4


class Writer(NamedTuple):
    """One way to write a log; all `packages` must be installed, the first one is named with its version."""

    title: str
    packages: tuple[str, ...]
    write: Callable[[Path], None]


def samples() -> tuple[Any, Any]:
    """Inputs, float32 [samples, inputs], and their classes, int64 [samples]."""
    rng = np.random.default_rng(0)
    inputs = rng.normal(size=(SAMPLES, INPUTS)).astype(np.float32)
    return inputs, (inputs[:, 0] + inputs[:, 1] > 0).astype(np.int64)


def losses() -> list[tuple[int, float, float]]:
    """(epoch, training loss, validation loss) for trackers, which log what they are given."""
    return [(epoch, 0.7 * 0.8**epoch, 0.75 * 0.85**epoch) for epoch in range(1, EPOCHS + 1)]


def torch_writer(folder: Path) -> None:
    """`SummaryWriter` with epochs as steps."""
    from torch.utils.tensorboard import SummaryWriter

    with SummaryWriter(str(folder)) as writer:
        for epoch, train, validation in losses():
            writer.add_scalar("loss/train", train, epoch)
            writer.add_scalar("loss/val", validation, epoch)
            writer.add_scalar("epoch", epoch, epoch)


def _lightning(folder: Path, logger: Any) -> None:
    import lightning
    import torch

    class Model(lightning.LightningModule):
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Linear(INPUTS, 2)

        def training_step(self, batch: Any, _: int) -> Any:
            loss = torch.nn.functional.cross_entropy(self.layer(batch[0]), batch[1])
            self.log("train_loss", loss, on_step=True, on_epoch=True)
            return loss

        def validation_step(self, batch: Any, _: int) -> None:
            self.log("val_loss", torch.nn.functional.cross_entropy(self.layer(batch[0]), batch[1]))

        def configure_optimizers(self) -> Any:
            return torch.optim.Adam(self.parameters(), 0.01)

    data = torch.utils.data.TensorDataset(*map(torch.from_numpy, samples()))
    loader = torch.utils.data.DataLoader(data, batch_size=16)
    trainer = lightning.Trainer(
        max_epochs=EPOCHS, logger=logger, log_every_n_steps=4, default_root_dir=folder, accelerator="cpu",
        enable_checkpointing=False, enable_progress_bar=False,
    )  # fmt: skip
    trainer.fit(Model(), loader, loader)


def lightning_csv(folder: Path) -> None:
    """Lightning with its `CSVLogger`."""
    from lightning.pytorch.loggers import CSVLogger

    _lightning(folder, CSVLogger(folder))


def lightning_tensorboard(folder: Path) -> None:
    """Lightning with its `TensorBoardLogger`."""
    from lightning.pytorch.loggers import TensorBoardLogger

    _lightning(folder, TensorBoardLogger(folder))


def transformers_trainer(folder: Path) -> None:
    """The `Trainer`, which saves `trainer_state.json`."""
    import torch
    from transformers import Trainer, TrainingArguments

    class Model(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = torch.nn.Linear(INPUTS, 2)

        def forward(self, inputs: Any, labels: Any) -> Any:
            logits = self.layer(inputs)
            return {"loss": torch.nn.functional.cross_entropy(logits, labels), "logits": logits}

    inputs, classes = samples()
    rows = [{"inputs": row, "labels": int(label)} for row, label in zip(inputs, classes, strict=True)]
    arguments = TrainingArguments(
        output_dir=str(folder),
        num_train_epochs=EPOCHS,
        logging_steps=8,
        eval_strategy="epoch",
        report_to=[],
        use_cpu=True,
    )
    trainer = Trainer(model=Model(), args=arguments, train_dataset=rows, eval_dataset=rows)  # type: ignore[arg-type]
    trainer.train()
    trainer.save_state()


def trl_fine_tuning(folder: Path) -> None:
    """`SFTTrainer` of TRL on a transformer of random weights, with a vocabulary of its own; saves `trainer_state.json`."""
    from datasets import Dataset
    from tokenizers import Tokenizer, models, pre_tokenizers
    from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedTokenizerFast
    from trl import SFTConfig, SFTTrainer

    words = ["<pad>", "<eos>", "<unk>", *(f"w{number}" for number in range(16))]
    tokenizer = Tokenizer(models.WordLevel({word: number for number, word in enumerate(words)}, unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    model = GPT2LMHeadModel(GPT2Config(vocab_size=len(words), n_positions=64, n_embd=32, n_layer=1, n_head=2))
    texts = Dataset.from_dict({"text": [f"w{n % 16} w{(n + 1) % 16} w{(n + 2) % 16}" for n in range(64)]})
    trainer = SFTTrainer(
        model=model,
        args=SFTConfig(
            output_dir=str(folder), num_train_epochs=EPOCHS, logging_steps=1, eval_strategy="epoch", report_to="none",
            use_cpu=True, bf16=False, gradient_checkpointing=False, save_strategy="no",
        ),
        train_dataset=texts,
        eval_dataset=texts.select(range(16)),
        processing_class=PreTrainedTokenizerFast(
            tokenizer_object=tokenizer, pad_token="<pad>", eos_token="<eos>", unk_token="<unk>"
        ),
    )  # fmt: skip
    trainer.train()
    trainer.save_state()


def keras_csv(folder: Path) -> None:
    """Keras with its `CSVLogger`."""
    os.environ.setdefault("KERAS_BACKEND", "torch")
    import keras

    model = keras.Sequential([keras.layers.Dense(2, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    logger = keras.callbacks.CSVLogger(str(folder / "training.csv"))
    model.fit(*samples(), epochs=EPOCHS, validation_split=0.25, callbacks=[logger], verbose=0)


def keras_terminal(folder: Path) -> None:
    """The lines that Keras prints."""
    os.environ.setdefault("KERAS_BACKEND", "torch")
    import keras

    model = keras.Sequential([keras.layers.Dense(2, activation="softmax")])
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    with (folder / "train.log").open("w", encoding="utf-8") as file, redirect_stdout(file):
        model.fit(*samples(), epochs=EPOCHS, validation_split=0.25, verbose=2)


def skorch_history(folder: Path) -> None:
    """`History` of skorch as JSON."""
    import torch
    from skorch import NeuralNetClassifier

    net = NeuralNetClassifier(
        torch.nn.Linear(INPUTS, 2), criterion=torch.nn.CrossEntropyLoss, max_epochs=EPOCHS, verbose=0
    )
    net.fit(*samples())
    net.save_params(f_history=str(folder / "history.json"))


def stable_baselines(folder: Path) -> None:
    """PPO of Stable-Baselines3 with its CSV and event files."""
    from stable_baselines3 import PPO
    from stable_baselines3.common.logger import configure

    model = PPO("MlpPolicy", "CartPole-v1", n_steps=128, device="cpu")
    model.set_logger(configure(str(folder), ["csv", "tensorboard"]))
    model.learn(128 * 8)


def spacy_console(folder: Path) -> None:
    """The table that spaCy prints: `spacy.ConsoleLogger.v2` with its JSON lines beside it."""
    import spacy
    from spacy.training import Example
    from spacy.training.initialize import init_nlp
    from spacy.training.loop import train
    from spacy.util import registry

    texts = [(f"good film {n}", 1.0) for n in range(40)] + [(f"bad film {n}", 0.0) for n in range(40)]

    @registry.readers("trainlint.films.v1")
    def films() -> Callable[[Any], list[Example]]:
        def read(nlp: Any) -> list[Example]:
            return [
                Example.from_dict(nlp.make_doc(text), {"cats": {"GOOD": good, "BAD": 1 - good}}) for text, good in texts
            ]

        return read

    nlp = spacy.blank("en")
    nlp.add_pipe("textcat")
    config = nlp.config.copy()
    config["corpora"] = {name: {"@readers": "trainlint.films.v1"} for name in ("train", "dev")}
    config["training"] |= {
        "max_epochs": EPOCHS, "eval_frequency": 1, "train_corpus": "corpora.train", "dev_corpus": "corpora.dev",
        "logger": {"@loggers": "spacy.ConsoleLogger.v3", "output_file": str(folder / "training.jsonl")},
        "score_weights": {"cats_score": 1.0},
    }  # fmt: skip
    with (folder / "train.log").open("w", encoding="utf-8") as file:
        train(init_nlp(config), folder, stdout=file)


def wandb_offline(folder: Path) -> None:
    """A run of Weights & Biases in offline mode."""
    import wandb

    os.environ["WANDB_SILENT"] = "true"
    with wandb.init(project="test", mode="offline", dir=str(folder), config={"lr": 0.01}) as run:
        for epoch, train, validation in losses():
            run.log({"train/loss": train, "val/loss": validation, "epoch": epoch})


def mlflow_store(folder: Path) -> None:
    """The default local store of MLflow."""
    import mlflow

    before = Path.cwd()
    os.chdir(folder)
    try:
        with mlflow.start_run():
            mlflow.log_param("lr", 0.01)
            for epoch, train, validation in losses():
                mlflow.log_metrics({"train_loss": train, "val_loss": validation, "epoch": epoch}, step=epoch)
    finally:
        os.chdir(before)


def ray_tune(folder: Path) -> None:
    """One trial of Ray Tune: `result.json`, `progress.csv` and an event file."""
    from ray import tune

    def trial(_: dict[str, Any]) -> None:
        for epoch, train, validation in losses():
            tune.report({"train_loss": train, "val_loss": validation, "epoch": epoch})

    tune.Tuner(trial, run_config=tune.RunConfig(storage_path=str(folder), name="test", verbose=0)).fit()


WRITERS = (
    Writer("PyTorch `SummaryWriter`", ("torch", "tensorboard"), torch_writer),
    Writer("Lightning `CSVLogger`", ("lightning",), lightning_csv),
    Writer("Lightning `TensorBoardLogger`", ("lightning", "tensorboard"), lightning_tensorboard),
    Writer("Hugging Face `Trainer`", ("transformers", "accelerate", "torch"), transformers_trainer),
    Writer("TRL `SFTTrainer`", ("trl", "transformers", "datasets", "torch"), trl_fine_tuning),
    Writer("Keras `CSVLogger`", ("keras", "torch"), keras_csv),
    Writer("Keras on the terminal", ("keras", "torch"), keras_terminal),
    Writer("skorch `History`", ("skorch", "torch"), skorch_history),
    Writer("Stable-Baselines3 PPO", ("stable-baselines3", "tensorboard"), stable_baselines),
    Writer("spaCy text classifier", ("spacy",), spacy_console),
    Writer("Weights & Biases, offline", ("wandb",), wandb_offline),
    Writer("MLflow local store", ("mlflow",), mlflow_store),
    Writer("Ray Tune", ("ray", "pandas", "pyarrow"), ray_tune),
)


def is_installed(package: str) -> bool:
    """Whether a package can be imported."""
    return importlib.util.find_spec(package.replace("-", "_")) is not None


def row_of(writer: Writer) -> tuple[str, ...]:
    """One row of the table: the writer, its version, and what was read of its log."""
    title = f"{writer.title} {version(writer.packages[0])}"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            with Path(os.devnull).open("w", encoding="utf-8") as null, redirect_stderr(null), redirect_stdout(null):
                writer.write(folder)
        except Exception as error:  # noqa: BLE001 - any failure of a foreign package is a row
            traceback.print_exc()
            return title, f"did not write: {type(error).__name__}", "", "", "", ""
        runs = trainlint.read_runs(folder)
    curves = [curve for run in runs for curve in run.all_curves]
    roles = sorted(
        {f"{c.split} {c.role}".replace("none ", "") for c in curves if c.role in ("loss", "score", "reward")}
    )
    return (
        title,
        str(len(runs)),
        ", ".join(sorted({run.format for run in runs})),
        str(len(curves)),
        epochs_of(curves),
        ", ".join(roles),
    )


def epochs_of(curves: list[Any]) -> str:
    """Highest epoch of any curve, by its axis or the epochs beside its points."""
    ends = [float(c.step.max()) for c in curves if len(c) and c.axis == "epoch"]
    ends += [float(np.nanmax(c.epoch)) for c in curves if np.isfinite(c.epoch).any()]
    return f"{max(ends):g}" if ends else "-"


def main() -> None:
    """Print the table of what is installed, and name what is not."""
    asked = [writer for writer in WRITERS if set(sys.argv[1:]) <= set(writer.packages)]
    missing = [writer.title for writer in asked if not all(map(is_installed, writer.packages))]
    heads = ("Writer", "Runs", "Format", "Curves", "Last epoch", "Roles")
    print(f"Python {sys.version.split()[0]}, trainlint {trainlint.__version__}, {datetime.now(UTC):%Y-%m-%d}\n")
    for line in (heads, ("---",) * len(heads)):
        print(f"| {' | '.join(line)} |")
    for writer in asked:
        if writer.title not in missing:
            print(f"| {' | '.join(row_of(writer))} |", flush=True)
    if missing:
        print(f"\nNot installed: {', '.join(missing)}.")


if __name__ == "__main__":
    main()
