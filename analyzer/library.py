"""The audit as a Python function: all that the command line can do, with Python's errors."""

from __future__ import annotations

import time
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from .. import __version__
from .batch import Audit, AuditOptions
from .commands.audit import write_report
from .config.config_file import load
from .config.plugins import PluginError
from .config.resolve import config_of
from .reading.discover import discover
from .report.baseline import read_baseline
from .report_folder import new_report
from .result import AuditResult

if TYPE_CHECKING:
    import os
    from collections.abc import Mapping, Sequence

JUDGING = (
    "select",
    "ignore",
    "min_confidence",
    "metrics",
    "task",
    "max_memory",
    "max_seconds",
)  # what `config_of` is told


def audited(
    paths: Sequence[str | os.PathLike[str]],
    given: Mapping[str, Any],
    *,
    config: str | os.PathLike[str] | None,
    report: str | os.PathLike[str] | None,
    jobs: int,
    strict: bool,
) -> AuditResult:
    """See `trainlint.audit`; `given` are those of its options that a file can settle, None where it may.

    Raises:
        ValueError: an option or the file is wrong.
        OSError: a path does not exist, or the report cannot be written.

    """
    started = time.monotonic()
    file = load(Path(config)) if config is not None else None
    chosen = {**(file.options if file else {}), **{name: value for name, value in given.items() if value is not None}}
    from_file = frozenset(name for name in (file.options if file else ()) if given.get(name) is None)
    chosen |= {name: tuple(chosen[name]) for name in ("select", "ignore") if name in chosen}
    try:
        settled = config_of(
            **{name: chosen[name] for name in JUDGING if name in chosen}, file=file, from_file=from_file
        )
        accepted = read_baseline(Path(chosen["baseline"])) if "baseline" in chosen else None
        found = discover(
            [Path(path) for path in paths], include=chosen.get("include", ()), exclude=chosen.get("exclude", ())
        )
    except click.UsageError as error:
        raise ValueError(error.message) from error
    except PluginError as error:
        raise ValueError(str(error)) from error
    with new_report(Path(report), is_chosen=True) if report is not None else nullcontext() as new:
        options = AuditOptions(
            root=found.root, config=settled, report=new.staging if new else None, version=__version__, strict=strict,
            baseline=accepted,
        )  # fmt: skip
        under_way = Audit(found, options)
        for _ in under_way.run(jobs):
            pass
        whole = AuditResult(under_way.document())
        if new:
            write_report(new, whole.report, under_way, time.monotonic() - started)
    return whole
