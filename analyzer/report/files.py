"""Names and writing of report pages: a page is there whole or not at all."""

from __future__ import annotations

import hashlib
import html
import re
from contextlib import contextmanager, suppress
from typing import IO, TYPE_CHECKING

import click

from ..processes.leftovers import unfinished_name

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MAX_NAME = 80  # a file name may have 255 bytes; this leaves room and stays readable


def page_name(run_name: str) -> str:
    """File name of a run's page without suffix: readable, safe on any file system, different for different runs."""
    readable = re.sub(r"[^A-Za-z0-9.=-]+", "-", run_name).strip("-.")[:MAX_NAME]
    digest = hashlib.blake2b(run_name.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
    return f"{readable}-{digest}" if readable else digest


def write_page(path: Path, text: str) -> None:
    """Write a file of a report.

    Raises:
        OSError: the folder cannot be made or written.

    """
    with whole_file(path) as file:
        file.write(text)


def note_chance(path: Path, notes: dict[int, str]) -> None:
    """Write into the page of a run what only the whole batch tells about its findings.

    `notes` is by the number of the finding; one that has no card on the page has no place and is left out.

    Raises:
        OSError: the page cannot be read or written.

    """
    page = path.read_text(encoding="utf-8")
    for number, text in notes.items():
        place = f"<!-- batch:{number} -->"  # never from a log: what comes from one is escaped
        page = page.replace(place, f'<p class="chance">{html.escape(text)}</p>')
    write_page(path, page)


@contextmanager
def whole_file(path: Path) -> Iterator[IO[str]]:
    """Open a file that appears under its name when all is written, and not at all if that fails.

    A link keeps pointing where it does; a device or a pipe is written to as it is.

    Raises:
        OSError: the folder cannot be made or written.

    """
    path = path.resolve()
    if path.exists() and not path.is_file():
        with path.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            yield file
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(unfinished_name(path.name))
    try:
        with temporary.open("x", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            yield file
        temporary.replace(path)
    except BaseException as error:
        if isinstance(error, OSError) and error.filename is None and not isinstance(error, BrokenPipeError):
            error.filename = str(path)  # a full disk is told without the name of the file
        with suppress(OSError):
            temporary.unlink()
        raise


def cannot_write(error: OSError, output: Path | None) -> click.ClickException:
    """What is said of an error in writing, with the name of the file."""
    return click.ClickException(
        f"cannot write {error.filename or output or 'standard output'}: {error.strerror or error}"
    )
