"""The group of all commands, as click has it. Only click is imported here."""

from __future__ import annotations

import sys
from typing import Any

import click

from .endings import silence
from .exit_codes import DONE


class OrderedGroup(click.Group):
    """Commands in a fixed order, with a suggestion for mistyped names."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return list(self.commands)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in self.commands and not args[0].startswith("-"):
            from ..config.selection import did_you_mean

            raise click.UsageError(f"there is no command {args[0]!r}{did_you_mean(args[0], self.commands)}", ctx)
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:  # the reader closed the pipe (`| head`)
            silence(sys.stdout.fileno())
            sys.exit(DONE)
