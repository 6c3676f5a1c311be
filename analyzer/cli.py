"""The command line. Only click is imported here, so that `--version` and `--help` are fast."""

from __future__ import annotations

import io
import os
import sys
from contextlib import suppress
from pathlib import Path
from signal import SIGINT, Signals
from typing import Any

import click

from .. import __version__
from .commands.endings import EndedError, heed_signals, leave, open_standard_streams, signal_received, silence
from .commands.exit_codes import DONE, SIGNALLED, USAGE
from .commands.ordered_group import PROGRAM, OrderedGroup
from .commands.shared_options import (
    CONFIG_FILE,
    FORMATS,
    FROM_ENVIRONMENT,
    ISOLATED,
    OUTPUT,
    PATHS,
    complete_rules,
    reading_options,
)
from .config.choices import FAIL_ON
from .processes.import_path import leave_out
from .processes.one_thread import use_one_thread

COMPLETE = "_TRAINLINT_COMPLETE"


@click.group(cls=OrderedGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name=PROGRAM)
def cli() -> None:
    """Find out what went wrong in a neural-network training run, from its logs alone.

    Exit codes: 0 success; 1 findings at or above --fail-on; 2 usage error; 3 no run could be judged; 4 with --strict,
    input unreadable or not checked, or a rule failed; 129 ended by SIGHUP; 130 interrupted; 143 ended by SIGTERM.
    """


@cli.command(context_settings=FROM_ENVIRONMENT)
@PATHS
@click.option(
    "-r",
    "--report",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the HTML report.  [default: trainlint-report]",
)
@click.option("--no-report", is_flag=True, help="Write no HTML report.")
@click.option("--open", "open_report", is_flag=True, help="Open the report in a browser.")
@click.option(
    "-f",
    "--format",
    "output_format",
    type=click.Choice(["text", *FORMATS]),
    default="text",
    show_default=True,
    help="Output format; formats other than text write no HTML unless --report is given.",
)
@click.option("--brief", is_flag=True, help="Print short Markdown for coding agents.")
@OUTPUT
@click.option(
    "-s",
    "--select",
    multiple=True,
    metavar="RULE|FAMILY",
    shell_complete=complete_rules,
    help="Run only these rules or families.",
)
@click.option(
    "-i",
    "--ignore",
    multiple=True,
    metavar="RULE|FAMILY",
    shell_complete=complete_rules,
    help="Do not run these rules or families.",
)
@click.option("--min-confidence", type=click.FloatRange(0, 1), default=0.0, help="Hide findings below this confidence.")
@click.option(
    "--fail-on",
    type=click.Choice(FAIL_ON),
    default="never",
    show_default=True,
    help="Exit with 1 if there are findings at or above this severity.",
)
@click.option(
    "--baseline",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File of accepted findings, which are shown but do not count for --fail-on.",
)
@click.option(
    "--write-baseline",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write a baseline that accepts all findings.",
)
@click.option(
    "--group-by",
    multiple=True,
    metavar="SETTING",
    help="Runs with the same value of this setting are one study; 'folder' is the first folder.  [default: found from the logs]",
)
@reading_options
@click.option("-j", "--jobs", type=click.IntRange(min=1), help="Number of processes.  [default: number of CPUs]")
@click.option(
    "--strict",
    is_flag=True,
    help="Exit with 4 if any input was unreadable or not checked, or a parser or a rule failed.",
)
@click.option("--statistics", is_flag=True, help="Also print the number of findings by rule, in the text format.")
@click.option("--junit-skips", is_flag=True, help="List rules that could not judge as skipped, in the JUnit format.")
@click.option("-q", "--quiet", is_flag=True, help="Print only the summary.")
@click.option("-v", "--verbose", is_flag=True, help="Also list clear runs, notes on files, and skipped files.")
@click.option("--color/--no-color", default=None, help="Force colours on or off.  [default: by terminal and NO_COLOR]")
@click.pass_context
def audit(context: click.Context, /, **_: Any) -> None:
    """Find the runs under PATHs, judge them, print the findings and write the HTML report."""
    from .commands.audit import run_audit
    from .commands.options import options_of

    sys.exit(run_audit(**options_of(context)))


@cli.command()
@PATHS
@click.option(
    "--baseline",
    "references",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Known-good runs: a log, a folder, a report.json, or a file of --write-reference; every PATH is then new.",
)
@click.option(
    "--fail-on",
    "fail_on_verdict",
    type=click.Choice(["worse", "never"]),
    default="never",
    show_default=True,
    help="Exit with 1 if the new runs are worse beyond noise.",
)
@click.option("--exact", is_flag=True, help="The new runs must be equal to the baseline, bit for bit.")
@click.option(
    "--write-reference",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write the new runs (without --baseline: the first PATH) to a small file for later comparisons.",
)
@reading_options
@click.option(
    "-f",
    "--format",
    "output_format",
    type=click.Choice(["text", "json", "markdown", "html"]),
    default=None,
    help="Output format.  [default: html if the file of --output ends so, else text]",
)
@OUTPUT
@click.option("-j", "--jobs", type=click.IntRange(min=1), help="Number of processes.  [default: number of CPUs]")
@click.option("--strict", is_flag=True, help="Exit with 4 if it cannot be told, or an input was unreadable.")
@click.pass_context
def compare(context: click.Context, /, **_: Any) -> None:
    """Compare groups of runs: what differs, whether it is more than noise, where the curves part, and why.

    Each PATH is a log, a folder whose runs are replicates, or a report.json. The first one is what the others are compared
    with, unless --baseline names known-good runs.

    Exit codes: 0 success; 1 worse, with --fail-on worse; 2 usage error; 3 one side has no run that could be judged; 4 with
    --strict, it cannot be told or an input was unreadable; 130 interrupted.
    """
    from .commands.compare import run_compare
    from .commands.options import options_of

    sys.exit(run_compare(**options_of(context)))


@cli.command(context_settings=FROM_ENVIRONMENT)
@PATHS
@reading_options
@click.option("-f", "--format", "output_format", type=click.Choice(["text", "json"]), default="text", show_default=True)
@OUTPUT
@click.pass_context
def inspect(context: click.Context, /, **_: Any) -> None:
    """Show the logs under PATHs: runs, files, metrics with their roles and the reasons, and what to log to judge more.

    No rule reports findings.
    """
    from .commands.inspect import run_inspect
    from .commands.options import options_of

    sys.exit(run_inspect(**options_of(context)))


@cli.command(context_settings=FROM_ENVIRONMENT)
@PATHS
@reading_options
@click.option(
    "-f", "--format", "output_format", type=click.Choice(["csv", "jsonl", "parquet"]), default="csv", show_default=True
)
@OUTPUT
@click.pass_context
def export(context: click.Context, /, **_: Any) -> None:
    """Write all runs under PATHs as one table."""
    from .commands.export import run_export
    from .commands.options import options_of

    sys.exit(run_export(**options_of(context)))


@cli.group()
def config() -> None:
    """Show the configuration."""


@config.command(context_settings=FROM_ENVIRONMENT)
@CONFIG_FILE
@ISOLATED
def show(config_file: Path | None, *, isolated: bool) -> None:
    """Show every option of an audit started here, with its source."""
    from .commands.config_show import show_config

    sys.exit(show_config(audit, config_file, isolated=isolated))


@cli.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.pass_context
def demo(context: click.Context, /, folder: Path) -> None:
    """Write a few small training runs with planted faults to the empty or new folder DIR, and audit them."""
    from .commands.demo import write_demo

    write_demo(folder)
    context.invoke(audit, paths=(folder,), report=folder / "trainlint-report", verbose=True, isolated=True)


@cli.command()
def rules() -> None:
    """List the rules."""
    from .commands.explain import list_rules

    list_rules()


@cli.command()
@click.argument("rule", shell_complete=complete_rules)
def explain(rule: str) -> None:
    """Explain one rule: what it finds, why it matters, how it detects it, when it is a false alarm, and what to do."""
    from .commands.explain import explain_rule

    explain_rule(rule)


@cli.command()
@click.option(
    "--root", type=click.Path(path_type=Path, exists=True, file_okay=False), required=True,
    help="Folder to read from; files outside of it are never read.",
)  # fmt: skip
def mcp(root: Path) -> None:
    """Serve audit, inspect and explain to a coding agent via the Model Context Protocol on standard input and output."""
    from .commands.agent_server import serve

    serve(root)


@cli.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
def completion(shell: str) -> None:
    """Print the shell completion script for commands, options and rules.

    \b
    bash: trainlint completion bash >> ~/.bashrc
    zsh:  trainlint completion zsh >> ~/.zshrc
    fish: trainlint completion fish > ~/.config/fish/completions/trainlint.fish
    """  # noqa: D301  (click keeps the lines of a paragraph that begins with the character \\b)
    from click.shell_completion import get_completion_class

    known = get_completion_class(shell)
    if known is None:
        raise click.UsageError(f"there is no completion for {shell}")
    # `source` queries the version of bash, which fails on a machine without bash
    made = known(cli, {}, PROGRAM, COMPLETE)
    click.echo(made.source_template % made.source_vars())


def main() -> None:
    """Entry point of the command `trainlint`."""
    leave_out()
    use_one_thread(os.environ)
    open_standard_streams()
    heed_signals()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # names from logs must not fail to print on any terminal
    code = _exit_code()
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        silence(sys.stdout.fileno())
    except OSError as error:
        silence(sys.stdout.fileno())
        click.echo(f"Error: cannot write standard output: {error.strerror}", err=True)
        code = USAGE
    leave(code)


def _exit_code() -> int:
    """Run the command; a signal determines the exit code even if its exception was lost."""
    is_ended, code = False, DONE
    try:
        code = _run()
    except (click.Abort, KeyboardInterrupt, EndedError):
        is_ended = True
    except Exception:
        if signal_received() is None:
            raise
    number = signal_received() or (SIGINT if is_ended else None)
    if number is None:
        return code
    with suppress(OSError):  # the terminal was closed
        click.echo("interrupted" if number == SIGINT else f"ended by {Signals(number).name}", err=True)
    return SIGNALLED + number


def _run() -> int:
    try:
        cli(prog_name=PROGRAM, complete_var=COMPLETE, standalone_mode=False)
    except click.ClickException as error:
        from .commands.terminal import line_of

        shown = io.StringIO()
        error.show(file=shown)
        for line in shown.getvalue().splitlines():  # it may contain a path, a key of a file or a name from a log
            click.echo(line_of(line), err=True)
        return USAGE
    except SystemExit as done:
        return done.code if isinstance(done.code, int) else DONE
    return DONE
