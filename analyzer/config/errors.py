"""Errors that a user can mend: what was asked for cannot be done. Commands show them as wrong usage, with exit code 2."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class UsageError(ValueError):
    """What the user asked for cannot be done; the text says what is wrong, and where."""


class ConfigError(UsageError):
    """A configuration file that cannot be used; the text says which, where and why."""


class PluginError(UsageError):
    """An installed package adds a rule or a parser that cannot be used; the text says which and why."""


class MissingPathError(FileNotFoundError, UsageError):
    """A path that does not exist."""

    def __init__(self, path: Path) -> None:
        super().__init__(errno.ENOENT, os.strerror(errno.ENOENT), str(path))

    def __str__(self) -> str:
        return f"path does not exist: {self.filename}"
