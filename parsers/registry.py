"""The parsers, in the order in which a file is offered to them: special formats before general ones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .csv_table import PARSER as CSV_TABLE
from .hf_trainer_state import PARSER as HF_TRAINER_STATE
from .json_lines import PARSER as JSON_LINES
from .json_table import PARSER as JSON_TABLE
from .keras_csv import PARSER as KERAS_CSV
from .keras_history import PARSER as KERAS_HISTORY
from .lightning_csv import PARSER as LIGHTNING_CSV
from .tensorboard import PARSER as TENSORBOARD
from .ultralytics_csv import PARSER as ULTRALYTICS_CSV

if TYPE_CHECKING:
    from .base import Parser

PARSERS: tuple[Parser, ...] = (
    TENSORBOARD,
    HF_TRAINER_STATE,
    KERAS_HISTORY,
    ULTRALYTICS_CSV,
    LIGHTNING_CSV,
    KERAS_CSV,
    JSON_LINES,
    JSON_TABLE,
    CSV_TABLE,
)
