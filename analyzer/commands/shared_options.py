"""Arguments and options of several commands, as click has them. Only click is imported here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from ..config.choices import DEFAULT_MEMORY, DEFAULT_SECONDS
from ..processes.import_path import leave_out

if TYPE_CHECKING:
    from collections.abc import Callable

F = TypeVar("F", bound="Callable[..., Any]")

FORMATS = ("json", "jsonl", "sarif", "junit", "github", "markdown", "brief", "csv")
TASKS = (
    "classification", "regression", "language-model", "fine-tuning", "detection", "segmentation", "reinforcement",
    "adversarial", "diffusion", "contrastive", "boosting", "unknown",
)  # fmt: skip


def _unimportable(_: click.Context, __: click.Parameter, paths: tuple[Path, ...]) -> tuple[Path, ...]:
    """Paths of logs: from now on nothing is imported from there, whatever PYTHONPATH contains."""
    leave_out(paths)
    return paths


PATHS = click.argument("paths", nargs=-1, type=click.Path(path_type=Path), callback=_unimportable)
INCLUDE = click.option("--include", multiple=True, metavar="GLOB", help="Read only files whose path matches the glob.")
EXCLUDE = click.option("--exclude", multiple=True, metavar="GLOB", help="Skip files whose path matches the glob.")
METRIC = click.option(
    "--metric", "metrics", multiple=True, metavar="TAG=ROLE[:SPLIT]",
    help="Set the role of a metric, e.g. 'my_obj=loss:validation'; TAG may be a glob.",
)  # fmt: skip
TASK = click.option(
    "--task", type=click.Choice(TASKS), metavar="TASK",
    help=f"Set the kind of training of all runs: {', '.join(TASKS)}.",
)  # fmt: skip
CONFIG_FILE = click.option(
    "--config", "config_file", type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="Configuration file.  [default: the nearest trainlint.toml, or pyproject.toml with [tool.trainlint], upward]",
)  # fmt: skip
ISOLATED = click.option("--isolated", is_flag=True, help="Use no configuration file.")
MAX_MEMORY = click.option(
    "--max-memory", metavar="SIZE", default=DEFAULT_MEMORY, show_default=True,
    help="Memory limit for reading and judging one run, such as 500M; 0 means no limit.",
)  # fmt: skip
MAX_SECONDS = click.option(
    "--max-seconds", type=click.FloatRange(min=0), default=DEFAULT_SECONDS, show_default=True,
    help="CPU time limit for reading one run, and again for judging it; 0 means no limit.",
)  # fmt: skip
# TRAINLINT_FAIL_ON sets --fail-on: precedence over the configuration file, below the command line.
FROM_ENVIRONMENT = {"auto_envvar_prefix": "TRAINLINT"}
OUTPUT = click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write to a file instead of standard output.",
)


def reading_options(command: F) -> F:
    """Options of all commands that read logs: which files, and their interpretation."""
    for option in (MAX_SECONDS, MAX_MEMORY, ISOLATED, CONFIG_FILE, TASK, METRIC, EXCLUDE, INCLUDE):
        command = option(command)
    return command


def complete_rules(_: click.Context, parameter: click.Parameter, incomplete: str) -> list[str]:
    """Shell completion of rule ids, and of families where these are allowed."""
    from ..config.plugins import all_rules

    names = {rule.id for rule in all_rules()}
    if parameter.name != "rule":
        names |= {rule.family for rule in all_rules()}
    return sorted(name for name in names if name.startswith(incomplete))
