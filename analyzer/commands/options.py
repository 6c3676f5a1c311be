"""Options of a click command, resolved against the configuration file; conversion of errors to those of click."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal

import click
from click.core import ParameterSource

from ..config.errors import UsageError
from ..config.resolve import chosen_file, resolve_options

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from ..config.config_file import ConfigFile

Source = Literal["command line", "environment", "file", "default"]
_SOURCES: dict[ParameterSource | None, Source] = {
    ParameterSource.COMMANDLINE: "command line",
    ParameterSource.ENVIRONMENT: "environment",
}


@contextmanager
def usage_errors() -> Iterator[None]:
    """A block whose usage errors end the command with exit code 2.

    Raises:
        click.UsageError: for a `UsageError`.

    """
    try:
        yield
    except UsageError as error:
        raise click.UsageError(str(error)) from error


def options_of(context: click.Context) -> dict[str, Any]:
    """The options of a command; `config` holds those of reading and judging as a `Config`.

    Raises:
        click.UsageError: a value from any source is invalid.

    """
    options = dict(context.params)
    with usage_errors():
        file = chosen_file(options.pop("config_file"), isolated=options.pop("isolated"))
        given = [name for name in options if source_of(context, name, None) != "default"]
        resolved = resolve_options(options, given, file)
    return {name: value for name, value in resolved.items() if name in context.params or name == "config"}


def source_of(context: click.Context, name: str, file: ConfigFile | None) -> Source:
    """The source of the value of an option."""
    given = _SOURCES.get(context.get_parameter_source(name))
    return given or ("file" if file and name in file.options else "default")


def cannot_write(error: OSError, output: Path | None) -> click.ClickException:
    """The error of a failed write, with the name of the file."""
    return click.ClickException(
        f"cannot write {error.filename or output or 'standard output'}: {error.strerror or error}"
    )
