"""Hyperparameters of a run from configuration files beside its logs, whatever the format of these."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..files.hyperparameters import HYDRA_NAMES, read_beside
from ..secrets.door import concealed_hyperparameters
from .around import CONTENT, settings_around

if TYPE_CHECKING:
    from collections.abc import Iterator

    from ..run import Run

MAX_FOLDERS = 8  # of one run
MAX_UP = 3  # folders above a log: `run/tb/train/events...` with `run/.hydra/config.yaml`


def add_settings_beside(run: Run, root: Path) -> None:
    """Add hyperparameters from files in the folders of the logs of a run; what the logs say takes precedence.

    Above these folders, settings are read where the folders below only say what is in them (`logs`, `checkpoint-100`), else
    only those that Hydra wrote for the run; nothing outside of `root`. Files with other names are told by their structure.
    """
    known = {Path(source.path).parent for source in run.sources if source.use == "hyperparameters"}
    for log in _logs(run, root):
        if log.parent in known or log.parent.parent in known:  # `.hydra` belongs to the folder above
            continue
        known.add(log.parent)
        values, sources, notes = read_beside(log)
        run.hyperparameters = concealed_hyperparameters(values) | run.hyperparameters
        run.sources += sources
        run.notes += notes
    values, sources = settings_around(run, root)
    run.hyperparameters = concealed_hyperparameters(values) | run.hyperparameters
    run.sources += sources


def _logs(run: Run, root: Path) -> Iterator[Path]:
    """The logs of a run, one a folder, then places above them with settings of Hydra."""
    logs: dict[Path, Path] = {}
    for source in run.sources:
        if source.use == "data":
            log = Path(source.path)
            logs.setdefault(log.parent, log)
    yield from list(logs.values())[:MAX_FOLDERS]
    top = root if root.is_dir() else root.parent
    for folder in list(logs)[:MAX_FOLDERS]:
        is_content = CONTENT.fullmatch(folder.name) is not None
        for above in list(folder.parents)[:MAX_UP]:
            if not above.is_relative_to(top):
                break
            if is_content and above.is_dir():
                yield above / ".log"
            is_content = is_content and CONTENT.fullmatch(above.name) is not None
            if (above / HYDRA_NAMES[0]).is_file():
                yield above / ".hydra.log"  # a name without files of its own
                break
