"""trainlint: tells what went wrong in a neural-network training, from its logs alone.

    import trainlint
    frame = trainlint.read("runs/")            # tidy pandas frame of every logged point
    report = trainlint.audit("runs/")          # findings, as in report.json

Nothing heavy is imported before it is used.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from .analyzer.errors import ConfigError

if TYPE_CHECKING:
    import os

    import pandas as pd

    from .parsers.run import Run

__version__ = "0.1.0"
__all__ = ["ConfigError", "__version__", "audit", "read", "read_runs"]


def read_runs(*paths: str | os.PathLike[str]) -> list[Run]:
    """Read every run under the given files and folders, in the order of their names.

    Raises:
        FileNotFoundError: a path does not exist.

    """
    from .analyzer.discover import discover
    from .analyzer.read import read_group

    found = discover([Path(path) for path in paths])
    return [run for group in found.groups for run in read_group(group, found.root)]


def read(*paths: str | os.PathLike[str]) -> pd.DataFrame:
    """Read every run under the given paths as one tidy frame, a row a logged point.

    Columns: run, tag, role, split, layer (text), step (int), epoch, wall_time (seconds since 1970), value (float).
    NaN in `value` was logged as NaN; a missing point has no row.
    """
    from .parsers.run import table

    return table(read_runs(*paths))


def audit(
    *paths: str | os.PathLike[str], jobs: int = 1, config: str | os.PathLike[str] | None = None
) -> dict[str, Any]:
    """Judge every run under the given paths with every rule; returns what `trainlint audit --format json` prints.

    More than one of `jobs` starts processes: a script that asks for them must keep its own work under
    `if __name__ == "__main__":`. No configuration file is looked for: `config` names one.

    Raises:
        FileNotFoundError: a path does not exist.
        ConfigError: the configuration file is wrong.

    """
    from .analyzer.batch import Audit, AuditOptions
    from .analyzer.configured import of_file
    from .analyzer.discover import discover
    from .analyzer.settings import Config

    found = discover([Path(path) for path in paths])
    options = AuditOptions(root=found.root, config=of_file(Path(config)) if config else Config(), version=__version__)
    under_way = Audit(found, options)
    for _ in under_way.run(jobs):
        pass
    return under_way.document()
