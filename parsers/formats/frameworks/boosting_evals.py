"""The `evals_result` of XGBoost and LightGBM as JSON: boosted trees, not a neural network.

## Written by
Scripts that save `evals_result()`, `evals_result_` or the result of `record_evaluation` with `json.dump`.

## How it is recognised
{set: {metric: [values]}} with only metrics of these libraries.

## What is read
All values, by tree; the training set, and the direction of each metric if the library defines it.

## What is not read
The model and its parameters, which the file does not contain.

## Peculiarities
Only the names show which library wrote the file: LightGBM calls its sets `training` and `valid_0`, XGBoost
`validation_0` or as the script names them. There is one value per tree, without a step.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ...base import Parser
from ...file_names import patterns_of
from ...files.hyperparameters import is_config
from ...files.text import Notes, head_text
from ...meaning.resolve import meaning_of
from ...run import Meaning
from ...tables.json.rows import columns_in, load_json, loads, table_of_columns
from ...tables.table_runs import runs_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ...run import Role, Run

ID = "boosting-evals"
LIGHTGBM_METRICS = frozenset(
    {"binary_logloss", "multi_logloss", "binary_error", "multi_error", "l1", "l2", "huber", "fair", "quantile",
     "average_precision", "cross_entropy", "auc_mu", "kullback_leibler"}
)  # fmt: skip
XGBOOST_METRICS = frozenset(
    {"logloss", "mlogloss", "error", "merror", "rmsle", "mphe", "aucpr", "pre", "poisson-nloglik", "gamma-nloglik",
     "gamma-deviance", "cox-nloglik", "aft-nloglik"}
)  # fmt: skip
SHARED_METRICS = frozenset({"auc", "rmse", "mae", "mape", "ndcg", "map", "poisson", "gamma", "tweedie"})
HIGHER = frozenset({"auc", "aucpr", "auc_mu", "average_precision", "ndcg", "map", "pre"})

_LIGHTGBM_SET = re.compile(r"training|valid_\d+")
_BEFORE_AT = re.compile(r"[@:].*")  # of ndcg@10


def sniff(path: Path, head: bytes) -> bool:
    return not is_config(path) and _framework_of(loads(head_text(head))[0]) is not None


def parse(path: Path) -> Iterator[Run]:
    notes = Notes(path)
    document = load_json(path, notes)
    table = table_of_columns(columns_in(document), notes)
    for run in runs_of(path, table, notes, parser_id=ID, framework=_framework_of(document)):
        run.all_curves = [curve.with_meaning(_meaning(curve.tag)) for curve in run.all_curves]
        yield run


def _meaning(tag: str) -> Meaning:
    """The meaning of a metric that its words do not show: all but a few of these metrics are losses."""
    by_words = meaning_of(tag)
    if by_words.role != "unknown":
        return Meaning()
    is_higher = _BEFORE_AT.sub("", tag.rpartition("/")[2]) in HIGHER
    role: Role = "score" if is_higher else "loss"
    return Meaning(role, by_words.split, "", "higher" if is_higher else "lower", "a metric of XGBoost or LightGBM")


def _framework_of(document: Any) -> str | None:
    """The library that wrote this result; None if neither did."""
    if not isinstance(document, Mapping) or not document:
        return None
    metrics = set()
    for by_metric in document.values():
        if not isinstance(by_metric, Mapping) or not all(isinstance(values, list) for values in by_metric.values()):
            return None
        metrics |= {_BEFORE_AT.sub("", name) for name in by_metric}
    if not metrics or not metrics <= LIGHTGBM_METRICS | XGBOOST_METRICS | SHARED_METRICS:
        return None
    is_lightgbm = metrics & LIGHTGBM_METRICS or any(_LIGHTGBM_SET.fullmatch(name) for name in document)
    return "lightgbm" if is_lightgbm else "xgboost"


PARSER = Parser(
    id=ID,
    title="XGBoost or LightGBM evals_result",
    patterns=patterns_of(__name__),
    sniff=sniff,
    parse=parse,
    doc=__doc__,
)
