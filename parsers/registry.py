"""The parsers, in order of precedence: special formats before general ones.

A parser is imported only when a file has a name of its format (`file_names`).
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, overload

from .base import matches_any
from .file_names import FORMATS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from .base import Parser


class _Parsers(Sequence["Parser"]):
    """All parsers as a sequence whose items are imported on demand."""

    def __len__(self) -> int:
        return len(FORMATS)

    @overload
    def __getitem__(self, index: int) -> Parser: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Parser]: ...
    def __getitem__(self, index: int | slice) -> Parser | Sequence[Parser]:
        names = list(FORMATS)[index]
        return _parser_of(names) if isinstance(names, str) else [_parser_of(name) for name in names]


PARSERS: Sequence[Parser] = _Parsers()


def parsers_for(name: str) -> Iterator[Parser]:
    """The parsers for files with this name, in order; each is imported only when it is requested."""
    return (_parser_of(module) for module, patterns in FORMATS.items() if matches_any(name, patterns))


@cache
def _parser_of(module: str) -> Parser:
    parser: Parser = import_module(f".formats.{module}", __package__).PARSER
    return parser
