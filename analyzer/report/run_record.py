"""What is kept of a run for later comparisons, as JSON types: in report.json, and with its curves in a reference file.

Files are input like logs: what has another type than expected is left out or refused, and nothing is executed.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ...parsers.files.open_log import open_log
from ...parsers.secrets import masked_hyperparameter, masked_path, masked_text
from ...parsers.settings.run_names import settings_of_name
from ...rules.view.study import Outcome, RunDigest, ThinCurve
from ..config.errors import UsageError
from .json_text import dumped, finite, scalar

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from ...parsers.run import Direction, Split
    from ...rules.view.study import Failure
    from .schema import OutcomeRecord, RunRecord

REFERENCE_SCHEMA = "trainlint-reference/1"
REPORT_SCHEMA = "trainlint-report/1"
SCHEMAS = (REFERENCE_SCHEMA, REPORT_SCHEMA)
HEAD = 4096  # bytes in which the schema of a file stands
MAX_BYTES = 500_000_000
MAX_CURVES = 8
MAX_POINTS = 1_000
_SPLITS = ("train", "validation", "test", "none")
_DIRECTIONS = ("lower", "higher", "unknown")
_AXES = ("step", "epoch", "row")
_FAILURES = ("", "diverged", "stuck", "collapsed", "crashed")


def run_record(digest: RunDigest) -> RunRecord:
    """Outcomes of a run, without its curves."""
    return {
        "outcomes": [_outcome_record(each) for each in digest.outcomes],
        "failure": digest.failure,
        "throughput": finite(digest.throughput),
        "memory": finite(digest.memory),
    }


def _outcome_record(outcome: Outcome) -> OutcomeRecord:
    return {
        "metric": outcome.metric,
        "split": outcome.split,
        "direction": outcome.direction,
        "axis": outcome.axis,
        "value": finite(outcome.value),
        "step": outcome.step,
        "noise": finite(outcome.noise),
        "first": finite(outcome.first),
        "last": finite(outcome.last),
        "last_step": outcome.last_step,
        "points": outcome.points,
    }


def reference_text(runs: Sequence[RunDigest], version: str) -> str:
    """A reference file: outcomes, settings, findings and thinned curves, some KB a run."""
    listed = [
        {
            "run": run.name,
            "hyperparameters": {name: scalar(value) for name, value in run.hyperparameters.items()},
            "findings": [list(pair) for pair in run.findings],
            "record": run_record(run),
            "curves": [_curve_record(curve) for curve in run.curves],
        }
        for run in runs
    ]
    return dumped({"schema": REFERENCE_SCHEMA, "version": version, "runs": listed}, indent=1) + "\n"


def _curve_record(curve: ThinCurve) -> dict[str, object]:
    return {
        "metric": curve.name,
        "role": curve.role,
        "split": curve.split,
        "direction": curve.direction,
        "axis": curve.axis,
        "points": curve.points,
        "hash": curve.whole.hex(),
        "resolution": finite(curve.resolution),
        "steps": base64.b64encode(curve.steps.astype("<i8").tobytes()).decode("ascii"),
        "values": base64.b64encode(curve.values.astype("<f8").tobytes()).decode("ascii"),
    }


def is_stored(path: Path) -> bool:
    """Whether a file is a reference file or a report.json, judging by its beginning."""
    if path.suffix.lower() != ".json" or not path.is_file():
        return False
    try:
        with open_log(path) as file:
            head = file.read(HEAD).decode("utf-8", "replace")
    except OSError:
        return False
    return any(f'"{schema}"' in head for schema in SCHEMAS)


def read_stored(path: Path) -> list[RunDigest]:
    """The runs of a reference file or a report.json.

    Raises:
        UsageError: the file cannot be read or has another form.

    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise UsageError(f"{path} is larger than {MAX_BYTES:,} bytes")
        with open_log(path) as file:
            content: Any = json.loads(file.read().decode())
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is neither a report nor a reference of trainlint: {error}") from error
    listed = content.get("runs") if isinstance(content, dict) and content.get("schema") in SCHEMAS else None
    if not isinstance(listed, list):
        raise UsageError(
            f"{path} is neither a report nor a reference of trainlint: its schema is none of {', '.join(SCHEMAS)}"
        )
    return [_digest(entry) for entry in listed if isinstance(entry, dict) and isinstance(entry.get("run"), str)]


def _digest(entry: Mapping[str, Any]) -> RunDigest:
    record = entry.get("record")
    record = record if isinstance(record, dict) else {}
    name = masked_path(entry["run"])
    outcomes = [each for item in _list(record.get("outcomes")) if (each := _outcome(item)) is not None]
    if not outcomes and isinstance(entry.get("headline"), dict):
        outcomes = [each for each in [_headline(entry["headline"])] if each is not None]
    settings = entry.get("hyperparameters")
    failure = record.get("failure")
    return RunDigest(
        name, name, max((each.points for each in outcomes), default=0), (), b"", outcomes=tuple(outcomes),
        failure=cast("Failure", failure if failure in _FAILURES else ""),
        hyperparameters={
            masked_text(key): masked_hyperparameter(key, value)
            for key, value in (settings.items() if isinstance(settings, dict) else ())
            if isinstance(value, str | int | float | None)
        },
        named=settings_of_name(name), findings=tuple(_findings(entry.get("findings"))),
        metrics=frozenset((each.metric, each.split) for each in outcomes),
        curves=tuple(
            curve for item in _list(entry.get("curves"))[:MAX_CURVES] if (curve := _curve(item)) is not None
        ),
        throughput=_number(record.get("throughput")), memory=_number(record.get("memory")),
    )  # fmt: skip


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _number(value: object) -> float:
    """A number, also as the text of one that JSON lacks; NaN if it is none."""
    if isinstance(value, str) and value in ("nan", "inf", "-inf"):
        return float(value)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.nan


def _whole(value: object) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**62 else 0


def _findings(listed: object) -> list[tuple[str, str]]:
    """Pairs of rule and severity, from a reference file or from the findings of a report."""
    pairs = []
    for item in _list(listed):
        pair = (item.get("rule"), item.get("severity")) if isinstance(item, dict) else tuple(_list(item))
        if len(pair) == 2 and all(isinstance(part, str) for part in pair):
            pairs.append((masked_text(pair[0]), masked_text(pair[1])))
    return pairs


def _outcome(item: object) -> Outcome | None:
    if not isinstance(item, dict) or not isinstance(item.get("metric"), str):
        return None
    if item.get("split") not in _SPLITS or item.get("direction") not in _DIRECTIONS or item.get("axis") not in _AXES:
        return None
    return Outcome(
        masked_text(item["metric"]), item["split"], item["direction"], item["axis"], _number(item.get("value")),
        _whole(item.get("step")), _number(item.get("noise")), _number(item.get("first")), _number(item.get("last")),
        _whole(item.get("last_step")), max(0, _whole(item.get("points"))),
    )  # fmt: skip


def _headline(item: Mapping[str, Any]) -> Outcome | None:
    """The outcome of a report of an older version, whose noise is not known."""
    renamed = {"value": item.get("best"), "step": item.get("best_step"), "last": item.get("final")}
    return _outcome({**item, **renamed})


def _curve(item: object) -> ThinCurve | None:
    if not isinstance(item, dict) or not all(isinstance(item.get(key), str) for key in ("metric", "role", "hash")):
        return None
    if item.get("split") not in _SPLITS or item.get("direction") not in _DIRECTIONS or item.get("axis") not in _AXES:
        return None
    try:
        steps = np.frombuffer(base64.b64decode(item.get("steps", "")), "<i8").astype(np.int64)
        values = np.frombuffer(base64.b64decode(item.get("values", "")), "<f8").astype(np.float64)
        whole = bytes.fromhex(item["hash"])
    except (ValueError, TypeError, binascii.Error):
        return None
    if not 0 < len(steps) == len(values) <= MAX_POINTS:
        return None
    return ThinCurve(
        masked_text(item["metric"]), item["role"], cast("Split", item["split"]), cast("Direction", item["direction"]), item["axis"],
        steps, values, np.full(len(steps), np.nan), max(0, _whole(item.get("points"))), whole, _number(item.get("resolution")),
    )  # fmt: skip
