"""The group of all commands, as click has it. Only click is imported here."""

from __future__ import annotations

import os
import shlex
import sys
from typing import Any

import click

from .endings import silence
from .exit_codes import DONE

PROGRAM = "trainlint"


class OrderedGroup(click.Group):
    """Commands in a fixed order, with a suggestion for mistyped names."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            raise click.UsageError(f"there is no command {args[0]!r}{self._suggestion(args)}", ctx)
        return super().resolve_command(ctx, args)

    def _suggestion(self, args: list[str]) -> str:
        """The command that was meant: a similar name, or an audit of a path that exists."""
        from ..config.selection import did_you_mean

        similar = did_you_mean(args[0], self.commands)
        if not similar and os.path.exists(args[0]):  # noqa: PTH110  (an odd name must not raise)
            return f"; did you mean `{PROGRAM} audit {shlex.join(args)}`?"
        return similar

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # the reader closed the pipe (`| head`)
            silence(sys.stdout.fileno())
            sys.exit(DONE)
