"""The parsers, in the order in which a file is offered to them: special formats before general ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .formats.frameworks.allennlp_metrics import PARSER as ALLENNLP_METRICS
from .formats.frameworks.boosting_evals import PARSER as BOOSTING_EVALS
from .formats.frameworks.catboost import PARSER as CATBOOST
from .formats.frameworks.hf_trainer_state import PARSER as HF_TRAINER_STATE
from .formats.frameworks.keras_csv import PARSER as KERAS_CSV
from .formats.frameworks.keras_history import PARSER as KERAS_HISTORY
from .formats.frameworks.lightning_csv import PARSER as LIGHTNING_CSV
from .formats.frameworks.sb3_evaluations import PARSER as SB3_EVALUATIONS
from .formats.frameworks.sb3_monitor import PARSER as SB3_MONITOR
from .formats.frameworks.tensorboard import PARSER as TENSORBOARD
from .formats.frameworks.tensorboard_csv import PARSER as TENSORBOARD_CSV
from .formats.frameworks.ultralytics_csv import PARSER as ULTRALYTICS_CSV
from .formats.frameworks.ultralytics_txt import PARSER as ULTRALYTICS_TXT
from .formats.generic.csv_table import PARSER as CSV_TABLE
from .formats.generic.json_lines import PARSER as JSON_LINES
from .formats.generic.json_table import PARSER as JSON_TABLE
from .formats.generic.plain_text import PARSER as PLAIN_TEXT
from .formats.trackers.clearml_offline import PARSER as CLEARML_OFFLINE
from .formats.trackers.comet_offline import PARSER as COMET_OFFLINE
from .formats.trackers.dvclive import PARSER as DVCLIVE
from .formats.trackers.mlflow_files import PARSER as MLFLOW_FILES
from .formats.trackers.mlflow_sqlite import PARSER as MLFLOW_SQLITE
from .formats.trackers.neptune_offline import PARSER as NEPTUNE_OFFLINE
from .formats.trackers.optuna_journal import PARSER as OPTUNA_JOURNAL
from .formats.trackers.optuna_sqlite import PARSER as OPTUNA_SQLITE
from .formats.trackers.sacred import PARSER as SACRED
from .formats.trackers.trackio import PARSER as TRACKIO
from .formats.trackers.unsupported import PARSER as REFUSED
from .formats.trackers.visualdl import PARSER as VISUALDL
from .formats.trackers.wandb_export import PARSER as WANDB_EXPORT
from .formats.trackers.wandb_offline import PARSER as WANDB_OFFLINE

if TYPE_CHECKING:
    from .base import Parser

PARSERS: tuple[Parser, ...] = (
    TENSORBOARD,
    WANDB_OFFLINE,
    MLFLOW_FILES,
    MLFLOW_SQLITE,
    TRACKIO,
    OPTUNA_SQLITE,
    REFUSED,
    VISUALDL,
    NEPTUNE_OFFLINE,
    CLEARML_OFFLINE,
    COMET_OFFLINE,
    OPTUNA_JOURNAL,
    SACRED,
    DVCLIVE,
    WANDB_EXPORT,
    SB3_MONITOR,
    SB3_EVALUATIONS,
    ALLENNLP_METRICS,
    TENSORBOARD_CSV,
    CATBOOST,
    HF_TRAINER_STATE,
    BOOSTING_EVALS,
    KERAS_HISTORY,
    ULTRALYTICS_CSV,
    ULTRALYTICS_TXT,
    LIGHTNING_CSV,
    KERAS_CSV,
    JSON_LINES,
    JSON_TABLE,
    CSV_TABLE,
    PLAIN_TEXT,
)
