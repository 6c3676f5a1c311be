"""Cache of compiled templates, beside the compiled modules of this package and under the same conditions.

Whoever can write there could also replace those modules. Anything else in place of a template (a damaged file, a link, a
template of another version) is ignored.

Compiling the templates of one page takes a tenth of a second, more than the rest of the work for the page of a small log.
"""

from __future__ import annotations

import sys
from contextlib import suppress
from importlib.util import cache_from_source
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import FileSystemBytecodeCache

from ... import __version__

if TYPE_CHECKING:
    from jinja2.bccache import Bucket


class TemplateCache(FileSystemBytecodeCache):
    """Compiled templates in the folder of compiled modules; each is valid only for its exact source text."""

    def load_bytecode(self, bucket: Bucket) -> None:
        """Load a template if the file is readable and valid."""
        with suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Store a template, unless bytecode is switched off or the folder is not writable."""
        if not sys.dont_write_bytecode:
            with suppress(OSError):
                super().dump_bytecode(bucket)


def template_cache() -> TemplateCache | None:
    """The cache beside the compiled modules of this folder; None if bytecode is not written."""
    folder = Path(cache_from_source(__file__)).parent
    # The settings of the environment are compiled in, and installing another version leaves the files of this one behind.
    return TemplateCache(str(folder), f"template-{__version__}-%s.cache") if folder.is_dir() else None
