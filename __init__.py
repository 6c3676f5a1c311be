"""trainlint: tells what went wrong in a neural-network training, from its logs alone.

    import trainlint
    frame = trainlint.read("runs/")            # tidy pandas frame of every logged point
    report = trainlint.audit("runs/")          # findings: a dict as in report.json, and more

Nothing heavy is imported before it is used.
"""

import sys

# `python -m trainlint` puts the current folder first on the path, and a `typing.py` among logs would be run. This comes
# before any other import, even `from __future__`; while Python looks for the module, its place among the arguments has "-m".
if sys.argv[:1] == ["-m"] and sys.orig_argv[-len(sys.argv)].endswith(__name__) and not sys.flags.safe_path:
    del sys.path[0]

from pathlib import Path
from typing import TYPE_CHECKING

from .analyzer.config.errors import ConfigError

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from .analyzer.report.compare_schema import ManyComparisons
    from .analyzer.result import AuditedRun, AuditResult
    from .parsers.run import Run, Task

__version__ = "0.1.0"
__all__ = [
    "AuditResult",
    "AuditedRun",
    "ConfigError",
    "__version__",
    "audit",
    "compare",
    "explain",
    "read",
    "read_runs",
]


def __getattr__(name: str) -> object:
    """The classes of results, which are only named in annotations and need not be loaded for anything else."""
    if name in ("AuditResult", "AuditedRun"):
        from .analyzer import result

        return getattr(result, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def read_runs(*paths: "str | os.PathLike[str]") -> "list[Run]":
    """Read every run under the given files and folders, in the order of their names.

    Raises:
        FileNotFoundError: a path does not exist.

    """
    from .analyzer.library import discover_logs
    from .analyzer.library import read_runs as read_found

    return list(read_found(discover_logs([Path(path) for path in paths])))


def read(*paths: "str | os.PathLike[str]") -> "pd.DataFrame":
    """Read every run under the given paths as one tidy frame, a row a logged point.

    Columns: run, tag, role, split, layer (text), step (int), epoch, wall_time (seconds since 1970), value (float).
    NaN in `value` was logged as NaN; a missing point has no row.
    """
    from .parsers.run import table

    return table(read_runs(*paths))


def audit(
    *paths: "str | os.PathLike[str]",
    select: "Sequence[str] | None" = None,
    ignore: "Sequence[str] | None" = None,
    min_confidence: float | None = None,
    include: "Sequence[str] | None" = None,
    exclude: "Sequence[str] | None" = None,
    metrics: "Mapping[str, str] | None" = None,
    task: "Task | None" = None,
    group_by: "Sequence[str] | None" = None,
    config: "str | os.PathLike[str] | None" = None,
    baseline: "str | os.PathLike[str] | None" = None,
    report: "str | os.PathLike[str] | None" = None,
    jobs: int = 1,
    max_memory: int | str | None = None,
    max_seconds: float | None = None,
    strict: bool = False,
) -> "AuditResult":
    """Judge every run under the given paths; returns what `trainlint audit --format json` prints, with views on it.

    More than one of `jobs` starts processes, which import neither the calling script nor anything from the current folder
    or the logs. No configuration file is looked for: `config` names one. What is left at None is taken
    from it.

    Args:
        paths: files and folders; the current folder if none is given.
        select: ids of rules, or families, to run; all if empty.
        ignore: ids of rules, or families, to leave out.
        min_confidence: findings less sure than this (0 to 1) are dropped.
        include: globs; only files whose path matches are read.
        exclude: globs; files whose path matches are left out.
        metrics: what a metric means, as {tag or glob: "role[:split]"}, e.g. {"my_objective": "loss:validation"}.
        task: what kind of training all of it is.
        group_by: names of settings, or "folder": runs with the same values of them are one study.
        config: a configuration file.
        baseline: file of accepted findings; they are marked as "suppressed".
        report: folder to write the HTML report and report.json to; none is written without it.
        jobs: processes.
        max_memory: bytes that reading and judging one run may take, or a text like "4G", which is the default; 0 is no
            limit. With one job it holds for this whole process, on top of what it has, while a run is read (Linux only).
        max_seconds: of processor time for reading a run, and once more for judging it; 600 by default, 0 is no limit.
        strict: raise what a parser or a rule raises, where otherwise it is noted and the rest goes on.

    Raises:
        FileNotFoundError: a path does not exist.
        ValueError: no rule, family, role or split has such a name, a limit is no size or time, or the baseline is none.
        ConfigError: the configuration file is wrong; it is a ValueError, too.
        OSError: the report cannot be written.

    """
    from .analyzer.library import run_audit

    given = {
        "select": select, "ignore": ignore, "min_confidence": min_confidence, "include": include, "exclude": exclude,
        "metrics": metrics, "task": task, "group_by": group_by, "baseline": baseline, "max_memory": max_memory,
        "max_seconds": max_seconds,
    }  # fmt: skip
    return run_audit(paths or (".",), given, config=config, report=report, jobs=jobs, strict=strict)


def compare(
    *paths: "str | os.PathLike[str]",
    baseline: "str | os.PathLike[str] | Sequence[str | os.PathLike[str]] | None" = None,
    exact: bool = False,
    write_reference: "str | os.PathLike[str] | None" = None,
    metrics: "Mapping[str, str] | None" = None,
    task: "Task | None" = None,
    config: "str | os.PathLike[str] | None" = None,
    jobs: int = 1,
) -> "ManyComparisons":
    """Compare groups of runs; returns what `trainlint compare --format json` prints.

    Args:
        paths: logs, folders whose runs are replicates, a report.json, or a reference file. Without `baseline` the first one is
            what the others are compared with.
        baseline: known-good runs; all `paths` are then new runs, and the result has the verdict of the "gate".
        exact: the new runs must be equal to the baseline, bit for bit.
        write_reference: a small file to write the new runs to (without `baseline`: those of the first path).
        metrics: as in `audit`.
        task: as in `audit`.
        config: as in `audit`.
        jobs: processes.

    Raises:
        FileNotFoundError: a path does not exist.
        ValueError: fewer than two paths, or no role or split has such a name.
        ConfigError: the configuration file is wrong; it is a ValueError, too.
        OSError: the reference cannot be written.

    """
    import os

    from .analyzer.comparing import run_compare

    listed = [baseline] if isinstance(baseline, str | os.PathLike) else list(baseline or ())
    given = {"metrics": metrics, "task": task}
    return run_compare(
        paths, given, references=listed, exact=exact, write_reference=write_reference, config=config, jobs=jobs
    )


def explain(rule: str) -> str:
    """The documentation of a rule as plain text: what it finds, why it matters, how, when it is wrong, what to do.

    Raises:
        ValueError: there is no such rule.

    """
    from .analyzer.explain_text import explain_text, rule_of

    return explain_text(rule_of(rule))
