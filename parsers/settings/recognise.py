"""Whether named values are settings of a training, or what was measured in one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..meaning.words import words_of
from .kinds import kind_of_name, setting_key

# Words of names of files, folders and sections that hold settings.
SETTING_WORDS = frozenset(
    "config configs configuration conf cfg cfgs param params parameter parameters hparam hparams hyperparameter hyperparameters "
    "hyperparams hyper hyp hp hps arg args argument arguments opt opts option options flag flags setting settings variant "
    "kwargs attrs overrides spec".split()
)
_RESULT_SECTIONS = frozenset("metric metrics result results score scores summary".split())
_KNOWN = frozenset({
    "learning rate", "batch size", "weight decay", "dropout", "epochs", "momentum", "optimizer", "warmup steps", "label smoothing",
    "gradient clip", "hidden size", "hidden", "layers", "gradient accumulation steps", "learning rate scheduler", "gamma", "loss",
    "max steps", "total steps", "steps",
})  # fmt: skip
_COUNTERS = frozenset(
    "epoch ep step steps iter iteration iterations loss".split()
)  # alone, they say where a value was measured
_RESULT_FIRST = frozenset("best final last min max val valid validation test train eval avg mean hparam metric".split())
_RESULT_WORDS = frozenset(
    "loss accuracy acc score scores reward f1 auc map miou iou bleu rouge perplexity ppl error psnr ssim return rmse mae mse "
    "wer cer ndcg recall".split()
)
_NO_RESULT = frozenset(
    "weight weights coef coefficient scale alpha lambda smoothing clip target ratio factor fn type function".split()
)


def is_result(name: str, value: object) -> bool:
    """Whether a number was measured, by its name: `best_val_loss`, `test_acc`."""
    words = words_of(name.rpartition(".")[2])
    if isinstance(value, bool) or not isinstance(value, int | float) or _NO_RESULT & set(words):
        return False
    is_last = bool(words) and words[-1] in _RESULT_WORDS
    return is_last or bool(_RESULT_WORDS & set(words) and _RESULT_FIRST & set(words))


def settings_within(loaded: Mapping[Any, Any]) -> dict[Any, Any]:
    """A mapping if it has settings only; of one that has results too, the sections that are named for settings."""
    results = [key for key, value in loaded.items() if _is_result_entry(str(key), value)]
    if not results:
        return dict(loaded)
    return {
        key: value
        for key, value in loaded.items()
        if key not in results and isinstance(value, Mapping) and SETTING_WORDS & set(words_of(str(key)))
    }


def _is_result_entry(name: str, value: Any) -> bool:
    if isinstance(value, Mapping):
        named = bool(_RESULT_SECTIONS & set(words_of(name)))
        return named or (bool(value) and all(is_result(str(key), number) for key, number in value.items()))
    if isinstance(value, list | tuple):  # a history
        return len(value) > 1 and all(is_result(name, number) for number in value)
    return is_result(name, value)


def is_known(name: str) -> bool:
    """Whether most trainings have a setting of this name, or it is a seed."""
    leaf = name.rpartition(".")[2].lower()
    return kind_of_name(name) == "seed" or (leaf not in _COUNTERS and setting_key(name) in _KNOWN)


def are_settings(flat: Mapping[str, Any]) -> bool:
    """Whether flat named values have a well-known setting."""
    return any(map(is_known, flat))
