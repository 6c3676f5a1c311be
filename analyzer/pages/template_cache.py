"""Compiled templates, kept where Python keeps the compiled modules of this package, and under the same conditions.

Whoever can write there could as well replace those modules. What else is found in place of a template (damage, a link, the
template of another version) is not used.

Compiling the templates of one page takes a tenth of a second, more than all else that is done for the page of a small log.
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
    """Compiled templates in the folder of compiled modules; each is used only for the very text it was made from."""

    def load_bytecode(self, bucket: Bucket) -> None:
        """Use what was kept, if it is that and can be read."""
        with suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep a template, unless that is switched off or the folder cannot be written."""
        if not sys.dont_write_bytecode:
            with suppress(OSError):
                super().dump_bytecode(bucket)


def template_cache() -> TemplateCache | None:
    """The cache beside the compiled modules of this folder; None where they are not kept."""
    folder = Path(cache_from_source(__file__)).parent
    # The settings of the environment are compiled in, and installing another version leaves the files of this one behind.
    return TemplateCache(str(folder), f"template-{__version__}-%s.cache") if folder.is_dir() else None
