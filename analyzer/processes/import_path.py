# ruff: noqa: PTH117  (pathlib may not be imported from a path that is not clean yet)
"""What modules are imported from: never the current folder, which may be one of logs, nor any other folder of logs.

Python puts the current folder first on `sys.path` for `python -m` and `python -c`, and wherever PYTHONPATH has an empty or
relative entry: a file `random.py` among the logs would then be run instead of Python's own.
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
    """The entries of a path to import from that are neither the current folder, nor relative, nor in a folder of logs.

    A folder of logs may hold an environment (`.venv` in a project): what Python itself is installed in stays.
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
    """Take the current folder and those of logs off this program's own path. For commands only: a library may not."""
    sys.path[:] = trusted(sys.path, logs)


def environment() -> dict[str, str]:
    """The environment for a process of ours, in which Python puts no current folder on its path."""
    made = {**os.environ, "PYTHONSAFEPATH": "1"}
    use_one_thread(made)
    path = os.pathsep.join(trusted(made.pop(VARIABLE, "").split(os.pathsep)))
    return made | ({VARIABLE: path} if path else {})


def interpreter() -> list[str]:
    """The command that starts this Python, as isolated as this one and without the current folder on its path."""
    flags = {"-I": sys.flags.isolated, "-E": sys.flags.ignore_environment, "-s": sys.flags.no_user_site}
    return [sys.executable, "-P", *(flag for flag, is_set in flags.items() if is_set)]


def _inside(path: str, folder: str) -> bool:
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)


def _installed() -> list[str]:
    """Folders of Python's own modules and of installed packages. Nothing is imported to find them out."""
    packages = ("site-packages", "dist-packages")
    return [os.path.dirname(os.__file__), *(entry for entry in sys.path if entry.endswith(packages))]  # noqa: PTH120
