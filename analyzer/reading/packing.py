"""Reading of small files of many groups together, if their parser supports it, to save the fixed cost per file."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from ...parsers.run import Run
    from .grouping import LogGroup

    Parsed: TypeAlias = Mapping[tuple[Path, ...], Run]

NOTHING_PARSED: Parsed = MappingProxyType({})
SMALL_BYTES = 1 << 20  # of the files of a group; the fixed cost of larger ones is negligible
MAX_GROUPS, MAX_BYTES = 64, 8 << 20  # per pack, as its runs are in memory together


def packs_of(groups: Sequence[LogGroup]) -> Iterator[list[LogGroup]]:
    """All groups in order, in lists; several in one list if they are small and their parser reads many runs together."""
    pack: list[LogGroup] = []
    room = MAX_BYTES
    for group in groups:
        size = _small_size(group)
        if size is None or size > room or len(pack) == MAX_GROUPS:
            if pack:
                yield pack
            pack, room = [], MAX_BYTES
        if size is None:
            yield [group]
            continue
        pack.append(group)
        room -= size
    if pack:
        yield pack


def parse_pack(pack: Sequence[LogGroup]) -> Parsed:
    """The runs of a pack by their files; empty if any file fails, so that each is read individually, with its own note."""
    parse_many = pack[0].files[0].parser.parse_many
    if len(pack) < 2 or parse_many is None:
        return NOTHING_PARSED
    files = [tuple(log.path for log in group.files) for group in pack]
    try:
        return dict(zip(files, parse_many(files), strict=True))
    except Exception:  # noqa: BLE001  (of a parser; reported when its file is read individually)
        return NOTHING_PARSED


def _small_size(group: LogGroup) -> int | None:
    """Size in bytes of a group of one run whose parser reads packs; None for other groups."""
    first = group.files[0]
    if first.parser.parse_many is None or any(
        log.parser is not first.parser or log.path.parent != first.path.parent or log.split != first.split
        for log in group.files
    ):
        return None
    try:
        size = sum(log.path.stat().st_size for log in group.files)
    except OSError:
        return None
    return size if size <= SMALL_BYTES else None
