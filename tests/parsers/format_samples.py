"""One small log of every format, as its writer lays it out on disk, with what has to be found in it.

Every training has 12 rows: a training loss from 2.5 down by 1/8, a validation loss from 3 down by 1/8, and an accuracy
from 0 up by 1/16, as far as the format has room for them. Those in `samples/` were written by the tools themselves.
"""

from __future__ import annotations

import io
import json
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copytree

import numpy as np
from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

from .event_files import scalar, tensor
from .event_files import write as write_events
from .formats import test_optuna, test_trackio
from .formats.test_comet_offline import archive, metric, parameter
from .formats.test_neptune_offline import assign, series
from .formats.test_swanlab_offline import finish, start, swanlab
from .formats.test_swanlab_offline import scalar as swanlab_scalar
from .formats.test_visualdl import META, SETTINGS
from .formats.test_visualdl import scalar as visualdl_scalar
from .formats.test_wandb_offline import EXIT, framed, history, run_record

N = 12
LOSS = [2.5 - i / 8 for i in range(N)]
VAL = [3 - i / 8 for i in range(N)]
ACC = [i / 16 for i in range(N)]
TIME = 1_700_000_000
LR = {"lr": 0.25}
BESIDE_LOSS = "loss -> loss train 12 0:2.5 11:1.125"
BESIDE_VAL = "val_loss -> loss validation 12 0:3 11:1.625"


@dataclass(frozen=True)
class Sample:
    """A log of one format.

    Attributes:
        parser: id of the parser that has to read it.
        main: the file that is damaged in tests, below the folder of the sample.
        content: what it holds; "" if it is one of `samples/<parser>`.
        runs: for each run what has to be found: lines of `tag -> role split rows step:value step:value`, first and last.
        beside: the other files.
        hyperparameters: of the first run, some or all.
        is_text: whether another encoding leaves the same text.
        notes: how the notes of a whole log begin.

    """

    parser: str
    main: str
    content: str | bytes
    runs: dict[str, str]
    beside: dict[str, str | bytes] = field(default_factory=dict)
    hyperparameters: dict[str, object] = field(default_factory=dict)
    is_text: bool = True
    notes: tuple[str, ...] = ()

    def write(self, folder: Path) -> Path:
        """Write the files below a folder; the main one."""
        written = Path(__file__).parent / "samples" / self.parser
        if written.is_dir():
            copytree(written, folder, dirs_exist_ok=True)
        for name, content in {**self.beside, **({self.main: self.content} if self.content else {})}.items():
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return folder / self.main


def table(names, rows, separator=","):
    """Rows of text; numbers with as many digits as `%.6f` gives, so that a cell that is cut shows."""
    return "".join(separator.join(map(_cell, row)) + "\n" for row in (names, *rows))


def _cell(value):
    return f"{value:.6f}" if isinstance(value, float) else str(value)


def lines(rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


def events(folder: Path) -> bytes:
    data = HParamsPluginData()
    data.session_start_info.hparams["lr"].number_value = 0.25
    settings = tensor("_hparams_/session_start_info", plugin="hparams")
    settings.summary.value[0].metadata.plugin_data.content = data.SerializeToString()
    points = [
        scalar(tag, v, i, TIME + i) for i in range(N) for tag, v in (("train/loss", LOSS[i]), ("val/loss", VAL[i]))
    ]
    return write_events(folder, settings, *points).read_bytes()


def arrays(**columns) -> bytes:
    file = io.BytesIO()
    np.savez(file, **columns)
    return file.getvalue()


def database(path: Path, schema: str, inserts) -> bytes:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(f"PRAGMA page_size = 512; {schema}")
        for table_name, rows in inserts.items():
            connection.executemany(f"INSERT INTO {table_name} VALUES ({', '.join('?' * len(rows[0]))})", rows)
        connection.commit()
    return path.read_bytes()


MLFLOW_SCHEMA = """
CREATE TABLE experiments (experiment_id INTEGER, name VARCHAR, lifecycle_stage VARCHAR);
CREATE TABLE runs (run_uuid VARCHAR, name VARCHAR, status VARCHAR, start_time BIGINT, lifecycle_stage VARCHAR,
  experiment_id INTEGER);
CREATE TABLE metrics (key VARCHAR, value FLOAT, timestamp BIGINT, run_uuid VARCHAR, step BIGINT, is_nan BOOLEAN);
CREATE TABLE params (key VARCHAR, value VARCHAR, run_uuid VARCHAR);
CREATE TABLE tags (key VARCHAR, value VARCHAR, run_uuid VARCHAR);
"""


def built(folder: Path) -> list[Sample]:
    """All samples; `folder` is empty, and for the making of binary ones only."""
    folder.mkdir(exist_ok=True)
    both = (("train/loss", LOSS), ("val/loss", VAL))
    both_found = "train/loss -> loss train 12 0:2.5 11:1.125\nval/loss -> loss validation 12 0:3 11:1.625"
    trials = "intermediate_value -> score none 12 0:2.5 11:1.125"
    optuna = [(1, i, LOSS[i], "FINITE") for i in range(N)]
    return [
        Sample(
            "tensorboard", "events.out.tfevents.1700000000.host.1.0", events(folder), {"exp": both_found},
            hyperparameters=LR, is_text=False,
        ),
        Sample(
            "wandb-offline", "wandb/offline-run-1/run-abc.wandb",
            framed([run_record(LR), *(history(i, {"train/loss": LOSS[i], "val/loss": VAL[i], "_step": i}) for i in range(N)),
                    EXIT]),
            {"wandb/offline-run-1/run-abc.wandb/warm-moon-3": both_found}, hyperparameters=LR, is_text=False,
        ),
        Sample(
            "mlflow-files", "mlruns/1/0d82/metrics/train/loss", "", {"mlruns/1/0d82/calm-finch-1": both_found},
            hyperparameters=LR, is_text=False,
        ),
        Sample(
            "mlflow-sqlite", "mlflow.db",
            database(folder / "mlflow.db", MLFLOW_SCHEMA, {
                "experiments": [(1, "digits", "active")], "runs": [("a", "first", "FINISHED", 10, "active", 1)],
                "params": [("lr", "0.25", "a")],
                "metrics": [(tag, v, 1000 * (TIME + i), "a", i, 0) for tag, values in both for i, v in enumerate(values)],
            }),
            {"first": both_found}, hyperparameters=LR, is_text=False,
        ),
        Sample(
            "trackio", "project.db",
            database(folder / "trackio.db", test_trackio.SCHEMA, {
                "metrics": [(i, "a", test_trackio.TIME, "brave-owl", i, json.dumps({"train/loss": LOSS[i], "val/loss": VAL[i]}))
                            for i in range(N)],
                "configs": [(1, "a", "brave-owl", json.dumps(LR), "")],
            }),
            {"project.db/brave-owl": both_found}, hyperparameters=LR, is_text=False,
        ),
        Sample(
            "optuna-sqlite", "study.db",
            database(folder / "study.db", test_optuna.SCHEMA.partition("INSERT")[0], {
                "studies": [(1, "one")], "trials": [(1, 0, 1, "COMPLETE")], "study_directions": [(1, "MINIMIZE", 1, 0)],
                "trial_params": [(1, 1, "lr", 0.25, test_optuna.FLOAT)],
                "trial_intermediate_values": [(i + 1, *row) for i, row in enumerate(optuna)],
            }),
            {"study.db/one/trial-0": trials}, hyperparameters=LR, is_text=False,
        ),
        Sample(
            "swanlab-offline", "run-1/run-ab.swanlab",
            swanlab(start("warm-moon-3"), *(swanlab_scalar(tag, i, v) for tag, values in both for i, v in enumerate(values)), finish()),
            {"run-1/run-ab.swanlab/warm-moon-3": both_found}, beside={"run-1/files/config.yaml": "lr:\n  desc: null\n  value: 0.25\n"},
            hyperparameters=LR, is_text=False,
        ),
        Sample("unsupported", "run-1.swanlab", b"\0\1" * 99, {"run-1.swanlab": ""}, is_text=False, notes=("SwanLab: export it first",)),
        Sample(
            "visualdl", "vdlrecords.1700000000.log",
            META + SETTINGS + b"".join(visualdl_scalar(tag, i, v) for tag, values in both for i, v in enumerate(values)),
            {"exp": both_found}, hyperparameters={"lr": 0.1, "opt": "sgd", "batch": 32}, is_text=False,
        ),
        Sample(
            "neptune-offline", ".neptune/offline/run__1/data-1.log",
            lines([assign(["params", "lr"], 0.25), *(series(tag.split("/"), (v, i)) for tag, values in both
                                                     for i, v in enumerate(values))]),
            {".neptune/offline/run__1": both_found}, hyperparameters=LR,
        ),
        Sample(
            "clearml-offline", "offline-a1/metrics.jsonl",
            lines([{"timestamp": 1000 * TIME, "type": "training_stats_scalar", "iter": i, "metric": "loss", "variant": split,
                    "value": values[i]}] for i in range(N) for split, values in (("train", LOSS), ("val", VAL))),
            {"offline-a1": both_found.replace("train/loss", "loss/train").replace("val/loss", "loss/val")},
            beside={"offline-a1/task.json": json.dumps({"hyperparams": {"General": {"lr": {"value": "0.25"}}}})},
            hyperparameters=LR,
        ),
        Sample(
            "comet-offline", "3f1c.zip",
            archive([parameter("lr", 0.25), *(metric(tag, v, i) for tag, values in both for i, v in enumerate(values))],
                    zipfile.ZIP_STORED),
            {"3f1c.zip": both_found}, hyperparameters=LR, is_text=False,
        ),
        Sample("optuna-journal", "journal.log", "", {"journal.log/study/trial-0": trials, "journal.log/study/trial-1": trials},
               hyperparameters={"lr": 0.25, "opt": "sgd"}),
        Sample(
            "sacred", "1/metrics.json", "", {"1": both_found.replace("/", ".")}, hyperparameters=LR,
            beside={"1/run.json": '{"status": "COMPLETED"}'},
        ),
        Sample(
            "dvclive", "dvclive/plots/metrics/train/loss.tsv", table(("step", "loss"), enumerate(LOSS), "\t"),
            {"dvclive": both_found}, hyperparameters=LR,
            beside={"dvclive/plots/metrics/val/loss.tsv": table(("step", "loss"), enumerate(VAL), "\t"),
                    "dvclive/params.yaml": "lr: 0.25\n"},
        ),
        Sample(
            "wandb-export", "chart.csv",
            table(("Step", *(f'"{run} - loss{band}"' for run in "ab" for band in ("", "__MIN", "__MAX"))),
                  [(i, *[LOSS[i]] * 3, *[VAL[i]] * 3) for i in range(N)]),
            {"chart.csv/a": BESIDE_LOSS, "chart.csv/b": BESIDE_LOSS.replace("2.5 11:1.125", "3 11:1.625")},
        ),
        Sample(
            "sb3-monitor", "monitor.csv", '#{"t_start": 1700000000.5, "env_id": "CartPole-v1"}\n'
            + table(("r", "l", "t"), [(10 + i, 20, i) for i in range(N)]).replace("\n", "\r\n"),
            {"exp": "r -> reward none 12 20:10 240:21\nl -> statistic none 12 20:20 240:20"},
            hyperparameters={"env_id": "CartPole-v1"},
        ),
        Sample(
            "sb3-evaluations", "evaluations.npz",
            arrays(timesteps=np.arange(N) * 500, results=np.array([[10 + i, 12 + i] for i in range(N)]), ep_lengths=np.full((N, 2), 20)),
            {"exp": "eval/mean_reward -> reward validation 12 0:11 5500:22\n"
                    "eval/mean_ep_length -> unknown validation 12 0:20 5500:20"},
            is_text=False,
        ),
        Sample(
            "allennlp-metrics", "metrics_epoch_11.json",
            json.dumps({"epoch": 11, "training_loss": LOSS[11], "validation_loss": VAL[11], "best_validation_loss": 1}),
            {"exp": "training_loss -> loss train 12 0:2.5 11:1.125\nvalidation_loss -> loss validation 12 0:3 11:1.625"},
            beside={f"metrics_epoch_{i}.json": json.dumps({"epoch": i, "training_loss": LOSS[i], "validation_loss": VAL[i]})
                    for i in range(N - 1)} | {"config.json": json.dumps(LR)},
            hyperparameters=LR,
        ),
        Sample(
            "tensorboard-csv", "run-a-tag-train_loss.csv",
            table(("Wall time", "Step", "Value"), [(TIME + i, i, v) for i, v in enumerate(LOSS)]),
            {"exp": both_found.replace("/", "_")},
            beside={"run-a-tag-val_loss.csv": table(("Wall time", "Step", "Value"), [(TIME + i, i, v) for i, v in enumerate(VAL)])},
        ),
        Sample(
            "catboost", "catboost_info/catboost_training.json",
            json.dumps({"meta": {"learn_metrics": [{"best_value": "Min", "name": "RMSE"}],
                                 "test_metrics": [{"best_value": "Min", "name": "RMSE"}]},
                        "iterations": [{"learn": [LOSS[i]], "iteration": i, "test": [VAL[i]]} for i in range(N)]}, indent=1),
            {"catboost_info": "learn/RMSE -> loss train 12 0:2.5 11:1.125\ntest/RMSE -> loss validation 12 0:3 11:1.625"},
        ),
        Sample(
            "hf-trainer-state", "trainer_state.json",
            json.dumps({"epoch": 1.0, "max_steps": 24, "train_batch_size": 8, "log_history": [
                {"step": i, "epoch": i / N, name: values[i]}
                for i in range(N) for name, values in (("loss", LOSS), ("eval_loss", VAL))]}, indent=2),
            {"exp": BESIDE_LOSS + "\n" + BESIDE_VAL.replace("val", "eval", 1)},
            hyperparameters={"max_steps": 24, "train_batch_size": 8},
        ),
        Sample(
            "boosting-evals", "evals_result.json", json.dumps({"training": {"l2": LOSS}, "valid_0": {"l2": VAL}}),
            {"exp": "training/l2 -> loss train 12 0:2.5 11:1.125\nvalid_0/l2 -> loss validation 12 0:3 11:1.625"},
        ),
        Sample(
            "keras-history", "history.json", json.dumps({"loss": LOSS, "accuracy": ACC, "val_loss": VAL}),
            {"exp": f"{BESIDE_LOSS}\n{BESIDE_VAL}\naccuracy -> score train 12 0:0 11:0.6875"},
        ),
        Sample(
            "ultralytics-csv", "results.csv",
            table([f"{n:>24}" for n in ("epoch", "train/box_loss", "metrics/mAP_0.5", "val/box_loss")],
                  [[f"{v:>24}" for v in (i, LOSS[i], ACC[i], VAL[i])] for i in range(N)]),
            {"exp": "train/box_loss -> loss train 12 0:2.5 11:1.125\nval/box_loss -> loss validation 12 0:3 11:1.625\n"
                    "metrics/mAP_0.5 -> score validation 12 0:0 11:0.6875"},
            beside={"opt.yaml": "lr: 0.25\n"}, hyperparameters=LR,
        ),
        Sample(
            "ultralytics-txt", "results.txt",
            "".join(f"{i:>6}/11     4.69G " + " ".join(f"{v:>9.4g}" for v in (LOSS[i], 0.5, 0.25, 3, 40, 640, 0.5, 0.5, ACC[i],
                    0.25, VAL[i], 0.5, 0.25)) + "\n" for i in range(N)),
            {"exp": "train/box_loss -> loss train 12 0:2.5 11:1.125\nval/box_loss -> loss validation 12 0:3 11:1.625\n"
                    "metrics/mAP_0.5 -> score validation 12 0:0 11:0.6875\n" + "\n".join(
                        f"{tag} -> {meaning} 12 0:{v} 11:{v}" for tag, meaning, v in (
                            ("train/obj_loss", "loss train", 0.5), ("train/cls_loss", "loss train", 0.25),
                            ("train/total_loss", "loss train", 3), ("metrics/precision", "score validation", 0.5),
                            ("metrics/recall", "score validation", 0.5), ("metrics/mAP_0.5:0.95", "score validation", 0.25),
                            ("val/obj_loss", "loss validation", 0.5), ("val/cls_loss", "loss validation", 0.25)))},
            hyperparameters={"epochs": 12},
        ),
        Sample(
            "lightning-csv", "version_0/metrics.csv",
            table(("epoch", "step", "train_loss_step", "val_loss"),
                  [row for i in range(N) for row in ((i, i, LOSS[i], ""), (i, i, "", VAL[i]))]),
            {"version_0": f"train_loss_step{BESIDE_LOSS[4:]}\n{BESIDE_VAL}"},
            beside={"version_0/hparams.yaml": "lr: 0.25\n"}, hyperparameters=LR,
        ),
        Sample(
            "keras-csv", "training.log",
            table(("epoch", "accuracy", "loss", "val_loss"), [(i, ACC[i], LOSS[i], VAL[i]) for i in range(N)]),
            {"exp": f"{BESIDE_LOSS}\n{BESIDE_VAL}\naccuracy -> score train 12 0:0 11:0.6875"},
        ),
        Sample(
            "json-lines", "log.jsonl",
            lines([{"config": LR}, *({"step": i, "loss": LOSS[i], "val_loss": VAL[i]} for i in range(N))]),
            {"exp": f"{BESIDE_LOSS}\n{BESIDE_VAL}"}, hyperparameters=LR,
        ),
        Sample(
            "json-table", "log",
            json.dumps([{"iteration": i, "main/loss": LOSS[i], "validation/main/loss": VAL[i]} for i in range(N)], indent=1),
            {"exp": "main/loss -> loss train 12 0:2.5 11:1.125\nvalidation/main/loss -> loss validation 12 0:3 11:1.625"},
        ),
        Sample("parquet-table", "history.parquet", "", {"exp": both_found}, is_text=False),
        Sample(
            "csv-table", "progress.csv",
            table(("step", "train loss", "val loss"), [(i, LOSS[i], VAL[i]) for i in range(N)], ";"),
            {"exp": both_found.replace("/", " ")},
        ),
        Sample(
            "notebook", "train.ipynb",
            json.dumps({"cells": [
                {"cell_type": "code", "execution_count": 3, "source": ["fit()"], "outputs": [
                    {"name": "stdout", "output_type": "stream",
                     "text": [f"epoch {i} train loss {LOSS[i]:.4f} val loss {VAL[i]:.4f}\n" for i in range(N)]}]},
            ], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}, indent=1),
            {"cell 1": both_found}, notes=("printed by cell 1, execution 3",),
        ),
        Sample(
            "plain-text", "train.out",
            "Namespace(lr=0.25)\n" + "".join(f"epoch {i} train loss {LOSS[i]:.4f} val loss {VAL[i]:.4f}\n" for i in range(N)),
            {"exp": both_found}, hyperparameters=LR,
        ),
    ]  # fmt: skip
