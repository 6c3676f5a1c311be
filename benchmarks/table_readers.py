"""One reading of a table by one reader, in a process of its own: `python table_readers.py trainlint-csv file` prints figures."""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

Facts = tuple[int, int]  # rows, columns


def trainlint_csv(path: Path) -> Callable[[], Facts]:
    from trainlint.parsers.formats.generic.csv_table import parse

    return lambda: _facts_of_run(next(iter(parse(path))))


def trainlint_jsonl(path: Path) -> Callable[[], Facts]:
    from trainlint.parsers.formats.generic.json_lines import parse

    return lambda: _facts_of_run(next(iter(parse(path))))


def pandas_csv(path: Path) -> Callable[[], Facts]:
    import pandas as pd

    return lambda: pd.read_csv(path).shape


def pandas_jsonl(path: Path) -> Callable[[], Facts]:
    import pandas as pd

    return lambda: pd.read_json(path, lines=True).shape


def trainlint_small(path: Path) -> Callable[[], Facts]:
    from trainlint.parsers.formats.generic.csv_table import parse

    return lambda: _facts_of_runs(run for file in sorted(path.iterdir()) for run in parse(file))


def pandas_small(path: Path) -> Callable[[], Facts]:
    import pandas as pd

    def read() -> Facts:
        shapes = [pd.read_csv(file).shape for file in sorted(path.iterdir())]
        return sum(rows for rows, _ in shapes), sum(columns for _, columns in shapes)

    return read


def pyarrow_csv(path: Path) -> Callable[[], Facts]:
    import pyarrow.csv

    return lambda: pyarrow.csv.read_csv(path).shape


def pyarrow_jsonl(path: Path) -> Callable[[], Facts]:
    import pyarrow.json

    return lambda: pyarrow.json.read_json(path).shape


def polars_csv(path: Path) -> Callable[[], Facts]:
    import polars as pl

    return lambda: pl.read_csv(path, infer_schema_length=10_000).shape


def polars_jsonl(path: Path) -> Callable[[], Facts]:
    import polars as pl

    return lambda: pl.read_ndjson(path).shape


def orjson_jsonl(path: Path) -> Callable[[], Facts]:
    """Lists of dicts, no columns; lines with a bare NaN, which orjson refuses, by the standard library."""
    import orjson

    def read() -> Facts:
        rows: list[dict[str, Any]] = []
        with path.open("rb") as file:
            for line in file:
                try:
                    rows.append(orjson.loads(line))
                except orjson.JSONDecodeError:
                    rows.append(json.loads(line))
        return len(rows), len(rows[0])

    return read


def json_jsonl(path: Path) -> Callable[[], Facts]:
    def read() -> Facts:
        with path.open("rb") as file:
            rows = [json.loads(line) for line in file]
        return len(rows), len(rows[0])

    return read


READERS: dict[str, dict[str, Callable[[Path], Callable[[], Facts]]]] = {  # by kind of data
    "csv": {"trainlint": trainlint_csv, "pandas": pandas_csv, "pyarrow": pyarrow_csv, "polars": polars_csv},
    "jsonl": {
        "trainlint": trainlint_jsonl, "pandas": pandas_jsonl, "pyarrow": pyarrow_jsonl, "polars": polars_jsonl,
        "orjson": orjson_jsonl, "json": json_jsonl,
    },
    "small": {"trainlint": trainlint_small, "pandas": pandas_small},
}  # fmt: skip


def _facts_of_runs(runs: Iterable[Any]) -> Facts:
    facts = [_facts_of_run(run) for run in runs]
    return sum(rows for rows, _ in facts), sum(columns for _, columns in facts)


def _facts_of_run(run: Any) -> Facts:
    return max(len(curve) for curve in run.all_curves), len(run.all_curves)


READERS["finite"] = READERS["jsonl"]


def main() -> None:
    kind, name, path = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    read = READERS[kind][name](path)  # imports are part of the process, not of the reading
    cpu, wall = time.process_time(), time.perf_counter()
    facts = read()
    cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if sys.platform != "darwin" else 1024**2)
    print(json.dumps({"cpu": cpu, "wall": wall, "process_cpu": time.process_time(), "peak_mb": peak, "facts": facts}))


if __name__ == "__main__":
    main()
