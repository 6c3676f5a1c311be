"""Errors that a user can fix. Commands show them as usage errors, with exit code 2."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class UsageError(ValueError):
    """A request that cannot be fulfilled; the text names the error and its place."""


class ConfigError(UsageError):
    """A configuration file that cannot be used; the text names the file, the place and the reason."""


class PluginError(UsageError):
    """An installed package adds a rule or a parser that cannot be used; the text names both and the reason."""


class MissingPathError(FileNotFoundError, UsageError):
    """A path that does not exist."""

    def __init__(self, path: Path) -> None:
        super().__init__(errno.ENOENT, os.strerror(errno.ENOENT), str(path))

    def __str__(self) -> str:
        return f"path does not exist: {self.filename}"
