"""The parsers, in order of precedence: special formats before general ones.

Each format is listed with the file patterns of its parser, so that reading a folder imports only the parsers for its
files.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, overload

from .base import NO_SUFFIX, matches_any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .base import Parser

FORMATS: dict[str, tuple[str, ...]] = {
    "frameworks.tensorboard": ("*tfevents*",),
    "trackers.wandb_offline": ("*.wandb", "wandb-history.jsonl"),
    "trackers.mlflow_files": ("meta.yaml",),
    "trackers.mlflow_sqlite": ("*.db", "*.sqlite", "*.sqlite3", "*.db3"),
    "trackers.trackio": ("*.db", "*.sqlite", "*.sqlite3", "*.db3"),
    "trackers.optuna_sqlite": ("*.db", "*.sqlite", "*.sqlite3", "*.db3"),
    "trackers.swanlab_offline": ("*.swanlab",),
    "trackers.unsupported": ("run_metadata.sqlite", "*.swanlab"),
    "trackers.visualdl": ("vdlrecords.*.log", "vdlrecords.*.log.*"),
    "trackers.neptune_offline": ("data-*.log",),
    "trackers.clearml_offline": ("metrics.jsonl", "task.json", "offline-*.zip"),
    "trackers.comet_offline": ("*.zip",),
    "trackers.optuna_journal": ("*.log", "*.journal", "*.jsonl", "*.json", "*.txt", NO_SUFFIX),
    "trackers.sacred": ("metrics.json",),
    "trackers.dvclive": ("*.tsv",),
    "trackers.wandb_export": ("*.csv", "*.csv.gz"),
    "frameworks.sb3_monitor": ("*monitor.csv", "*monitor.csv.gz"),
    "frameworks.sb3_evaluations": ("*.npz",),
    "frameworks.allennlp_metrics": ("metrics_epoch_*.json",),
    "frameworks.tensorboard_csv": ("*.csv",),
    "frameworks.catboost": ("catboost_training.json", "learn_error.tsv", "test_error.tsv", "time_left.tsv"),
    "frameworks.hf_trainer_state": ("*trainer_state*.json", "*trainer_state*.json.gz"),
    "frameworks.boosting_evals": ("*.json", "*.json.gz"),
    "frameworks.keras_history": ("*.json", "*.json.gz"),
    "frameworks.ultralytics_csv": ("results*.csv",),
    "frameworks.ultralytics_txt": ("results*.txt",),
    "frameworks.lightning_csv": ("metrics.csv", "metrics.csv.gz"),
    "frameworks.keras_csv": ("*.csv", "*.log", "*.txt", "*.tsv", "*.csv.gz", "*.log.gz", NO_SUFFIX),
    "generic.json_lines": ("*.jsonl", "*.json", "*.jsonlines", "*.ndjson", "*.txt", "*.log", NO_SUFFIX, "*.jsonl.gz", "*.json.gz", "*.ndjson.gz", "*.txt.gz", "*.log.gz"),
    "generic.json_table": ("*.json", "*.json.gz", NO_SUFFIX),
    "generic.parquet_table": ("*.parquet", "*.parq", "*.pq"),
    "generic.csv_table": ("*.csv", "*.tsv", "*.txt", "*.log", "*.out", "*.dat", "*.csv.gz", "*.tsv.gz", "*.txt.gz", "*.log.gz", NO_SUFFIX),
    "generic.notebook": ("*.ipynb",),
    "generic.plain_text": ("*.log", "*.txt", "*.out", "*.err", "stdout*", "stderr*", "*.o[0-9]*", "*.e[0-9]*", "nohup*", "log*", "*.log.[0-9]*", "*.log.gz", "*.txt.gz", "*.out.gz", "*log", "*.logs", "*.stdout", "*.stderr", "*.console", "*.history", "*.rout", "*.info", "*.info.[0-9]*", "console*", "slurm-*", "typescript", "*.out.[0-9]*", "*.txt.[0-9]*", "*.err.[0-9]*", NO_SUFFIX),
}  # fmt: skip


class _Parsers(Sequence["Parser"]):
    """All parsers as a sequence whose items are imported on demand."""

    def __len__(self) -> int:
        return len(FORMATS)

    @overload
    def __getitem__(self, index: int) -> Parser: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Parser]: ...
    def __getitem__(self, index: int | slice) -> Parser | Sequence[Parser]:
        names = list(FORMATS)[index]
        return _parser_of(names) if isinstance(names, str) else [_parser_of(name) for name in names]


PARSERS: Sequence[Parser] = _Parsers()


def parsers_for(name: str) -> Iterator[Parser]:
    """The parsers for files with this name, in order; each is imported only when it is requested."""
    return (_parser_of(module) for module, patterns in FORMATS.items() if matches_any(name, patterns))


@cache
def _parser_of(module: str) -> Parser:
    parser: Parser = import_module(f".formats.{module}", __package__).PARSER
    return parser
