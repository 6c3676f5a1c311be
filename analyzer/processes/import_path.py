# ruff: noqa: PTH117  (pathlib must not be imported before the path is cleaned)
"""The import path: without the current folder, which may contain logs, and without any other folder of logs.

Python puts the current folder first on `sys.path` for `python -m` and `python -c`, and for empty or relative
entries of PYTHONPATH: a file `random.py` among the logs would then run instead of Python's own.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from .one_thread import use_one_thread

if TYPE_CHECKING:
    from collections.abc import Iterable

VARIABLE = "PYTHONPATH"


def trusted(entries: Iterable[str], logs: Iterable[str | os.PathLike[str]] = ()) -> list[str]:
    """The entries of an import path that are neither the current folder, nor relative, nor in a folder of logs.

    A folder of logs may contain an environment (`.venv` in a project): the folders of the Python installation are kept.
    """
    here = os.path.realpath(os.curdir)
    relative = {
        os.path.realpath(entry) for entry in os.environ.get(VARIABLE, "").split(os.pathsep) if not os.path.isabs(entry)
    }
    folders = [os.path.realpath(log) for log in logs]
    own = [os.path.realpath(place) for place in _installed()]

    def holds(entry: str) -> bool:
        if not os.path.isabs(entry):
            return False
        real = os.path.realpath(entry)
        if real == here or real in relative:
            return False
        return any(_inside(real, place) for place in own) or not any(_inside(real, folder) for folder in folders)

    return [entry for entry in entries if holds(entry)]


def leave_out(logs: Iterable[str | os.PathLike[str]] = ()) -> None:
    """Remove the current folder and those of logs from the import path of this process. For commands only, not the library."""
    sys.path[:] = trusted(sys.path, logs)


def environment() -> dict[str, str]:
    """The environment for a child process in which Python does not add the current folder to its path."""
    made = {**os.environ, "PYTHONSAFEPATH": "1"}
    use_one_thread(made)
    path = os.pathsep.join(trusted(made.pop(VARIABLE, "").split(os.pathsep)))
    return made | ({VARIABLE: path} if path else {})


def interpreter() -> list[str]:
    """The command that starts this Python with the same isolation and without the current folder on its path."""
    flags = {"-I": sys.flags.isolated, "-E": sys.flags.ignore_environment, "-s": sys.flags.no_user_site}
    return [sys.executable, "-P", *(flag for flag, is_set in flags.items() if is_set)]


def _inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _installed() -> list[str]:
    """Folders of the standard library and of installed packages, determined without imports."""
    packages = ("site-packages", "dist-packages")
    return [os.path.dirname(os.__file__), *(entry for entry in sys.path if entry.endswith(packages))]  # noqa: PTH120
