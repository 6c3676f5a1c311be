"""Small files of many groups, read together where their parser can: what each file costs however small it is, is spared."""

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
SMALL_BYTES = 1 << 20  # of the files of a group; with more there is nothing to spare
MAX_GROUPS, MAX_BYTES = 64, 8 << 20  # of a pack, whose runs are in memory together


def packs_of(groups: Sequence[LogGroup]) -> Iterator[list[LogGroup]]:
    """All groups in their order; several together if they are small and of one parser that reads many runs at once."""
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
    """The runs of a pack by their files; none if something is wrong with any: then each is read alone, and says what."""
    parse_many = pack[0].files[0].parser.parse_many
    if len(pack) < 2 or parse_many is None:
        return NOTHING_PARSED
    files = [tuple(log.path for log in group.files) for group in pack]
    try:
        return dict(zip(files, parse_many(files), strict=True))
    except Exception:  # noqa: BLE001  (of a parser; it is told with the file that it is about)
        return NOTHING_PARSED


def _small_size(group: LogGroup) -> int | None:
    """The bytes of a group that is one run of one format read in packs; None for any other."""
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
