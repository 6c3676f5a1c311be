"""The names of the files of each format, in order of precedence: special formats before general ones.

They stand here, not in the parsers, so that reading a folder imports only the parsers for its files.
"""

from __future__ import annotations

from .base import NO_SUFFIX

_DATABASE = ("*.db", "*.sqlite", "*.sqlite3", "*.db3")

# by module below `formats`: patterns as in `base.matches_any`
FORMATS: dict[str, tuple[str, ...]] = {
    "frameworks.tensorboard": ("*tfevents*",),
    "trackers.wandb_offline": ("*.wandb", "wandb-history.jsonl"),
    "trackers.mlflow_files": ("meta.yaml",),
    "trackers.mlflow_sqlite": _DATABASE,
    "trackers.trackio": _DATABASE,
    "trackers.optuna_sqlite": _DATABASE,
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
    "generic.json_lines": ("*.jsonl", "*.json", "*.jsonlines", "*.ndjson", "*.yaml", "*.yml", "*.txt", "*.log", NO_SUFFIX, "*.jsonl.gz", "*.json.gz", "*.ndjson.gz", "*.txt.gz", "*.log.gz"),
    "generic.json_table": ("*.json", "*.json.gz", "*.log", NO_SUFFIX),
    "generic.parquet_table": ("*.parquet", "*.parq", "*.pq"),
    "generic.csv_table": ("*.csv", "*.tsv", "*.txt", "*.log", "*.out", "*.dat", "*.csv.gz", "*.tsv.gz", "*.txt.gz", "*.log.gz", NO_SUFFIX),
    "generic.notebook": ("*.ipynb",),
    "generic.plain_text": ("*.log", "*.txt", "*.out", "*.err", "stdout*", "stderr*", "*.o[0-9]*", "*.e[0-9]*", "nohup*", "log*", "*.log.[0-9]*", "*.log.gz", "*.txt.gz", "*.out.gz", "*log", "*.logs", "*.stdout", "*.stderr", "*.console", "*.history", "*.rout", "*.info", "*.info.[0-9]*", "console*", "slurm-*", "typescript", "*.out.[0-9]*", "*.txt.[0-9]*", "*.err.[0-9]*", NO_SUFFIX),
}  # fmt: skip


def patterns_of(module: str) -> tuple[str, ...]:
    """The patterns of a parser by the `__name__` of its module."""
    return FORMATS[".".join(module.split(".")[-2:])]
