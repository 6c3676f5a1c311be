"""The parsers, in the order in which a file is offered to them: special formats before general ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .allennlp_metrics import PARSER as ALLENNLP_METRICS
from .boosting_evals import PARSER as BOOSTING_EVALS
from .catboost import PARSER as CATBOOST
from .clearml_offline import PARSER as CLEARML_OFFLINE
from .comet_offline import PARSER as COMET_OFFLINE
from .csv_table import PARSER as CSV_TABLE
from .dvclive import PARSER as DVCLIVE
from .hf_trainer_state import PARSER as HF_TRAINER_STATE
from .json_lines import PARSER as JSON_LINES
from .json_table import PARSER as JSON_TABLE
from .keras_csv import PARSER as KERAS_CSV
from .keras_history import PARSER as KERAS_HISTORY
from .lightning_csv import PARSER as LIGHTNING_CSV
from .mlflow_files import PARSER as MLFLOW_FILES
from .mlflow_sqlite import PARSER as MLFLOW_SQLITE
from .neptune_offline import PARSER as NEPTUNE_OFFLINE
from .optuna_journal import PARSER as OPTUNA_JOURNAL
from .optuna_sqlite import PARSER as OPTUNA_SQLITE
from .plain_text import PARSER as PLAIN_TEXT
from .refused import PARSER as REFUSED
from .sacred import PARSER as SACRED
from .sb3_evaluations import PARSER as SB3_EVALUATIONS
from .sb3_monitor import PARSER as SB3_MONITOR
from .tensorboard import PARSER as TENSORBOARD
from .tensorboard_csv import PARSER as TENSORBOARD_CSV
from .trackio import PARSER as TRACKIO
from .ultralytics_csv import PARSER as ULTRALYTICS_CSV
from .ultralytics_txt import PARSER as ULTRALYTICS_TXT
from .visualdl import PARSER as VISUALDL
from .wandb_export import PARSER as WANDB_EXPORT
from .wandb_offline import PARSER as WANDB_OFFLINE

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
