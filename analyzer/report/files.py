"""Names of report pages, and atomic writing."""

from __future__ import annotations

import hashlib
import re
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING

from ...parsers.files.leftovers import open_unfinished

if TYPE_CHECKING:
    from collections.abc import Iterator

INDEX, REPORT = "index.html", "report.json"
MAX_NAME = 80  # a file name may have 255 bytes; this leaves room for the digest


def page_name(run_name: str) -> str:
    """File name of a run's page without suffix: readable, safe on any file system, different for different runs."""
    readable = re.sub(r"[^A-Za-z0-9.=-]+", "-", run_name).strip("-.")[:MAX_NAME]
    digest = hashlib.blake2b(run_name.encode("utf-8", "surrogatepass"), digest_size=4).hexdigest()
    return f"{readable}-{digest}" if readable else digest


def write_page(path: Path, text: str) -> None:
    """Write a file of a report.

    Raises:
        OSError: the folder cannot be created or written.

    """
    with whole_file(path) as file:
        file.write(text)


@contextmanager
def whole_file(path: Path) -> Iterator[IO[str]]:
    """Open a file that appears under its name once it is written completely, and not at all on failure.

    A link is kept and its target replaced; a device or a pipe is written directly.

    Raises:
        OSError: the folder cannot be created or written.

    """
    path = path.resolve()
    if path.exists() and not path.is_file():
        with path.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as file:
            yield file
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = open_unfinished(path)
    temporary = Path(unfinished.name)
    try:
        with unfinished:
            yield unfinished
        temporary.replace(path)
    except BaseException as error:
        if isinstance(error, OSError) and error.filename is None and not isinstance(error, BrokenPipeError):
            error.filename = str(path)  # the error of a full disk does not name the file
        with suppress(OSError):
            temporary.unlink()
        raise
