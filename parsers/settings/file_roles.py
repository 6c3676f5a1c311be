"""What the name of a file says of its role, and which run it names."""

from __future__ import annotations

import re
from functools import lru_cache

from ..meaning.resolve import split_of_word
from .recognise import SETTING_WORDS

# Words in names of files that do not distinguish runs.
LOG_WORDS = frozenset((
    "log", "logs", "logger", "logging", "history", "hist", "metric", "metrics", "progress", "result", "results", "output",
    "out", "stdout", "stderr", "console", "monitor", "evaluations", "evals", "events", "scalars", "scalar", "trainer",
    "state", "stats", "losses", "loss", "run", "trainlog", "nohup", "meta", "wandb", "mlflow", "keras", "tensorboard", "csv",
    "lightning", "validations", "catboost", "error", "learn", "data", "summary", "measurements", "curve", "curves", "experiment", "task",
))  # fmt: skip
_OF_SETTINGS = SETTING_WORDS | {"model", "training", "command", "script", "env", "info", "metadata", "job", "the"}
_SUFFIXES = re.compile(r"(?:\.[A-Za-z][A-Za-z0-9]{0,9}){1,2}$")
_PARTS = re.compile(r"[-_ ]+|\.(?!\d)")


@lru_cache(maxsize=20_000)
def run_named_by(name: str) -> str:
    """What the name of a file or folder says beside its role: "7" of `params_7.json`, "" of `train_config.yaml`."""
    parts = [part for part in _PARTS.split(_SUFFIXES.sub("", name).lower()) if part]
    return "-".join(part for part in parts if not is_role(part))


@lru_cache(maxsize=20_000)
def is_role(word: str) -> bool:
    """Whether a word in the name of a file says what is in it."""
    return word in LOG_WORDS or word in _OF_SETTINGS or split_of_word(word) is not None


def is_named_for_settings(name: str) -> bool:
    """Whether the name of a file or folder says that settings are in it."""
    return any(part in SETTING_WORDS for part in _PARTS.split(name.lower()))
