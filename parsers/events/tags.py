"""Name and plugin of each tag.

A value may have metadata that names its plugin ("scalars", "histograms", "images", "pr_curves", ...).
Writers may name it with the first value of a tag only, so a tag belongs to the first plugin named for it, from that
record on. A plugin named with a value takes precedence.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .book import Book

if TYPE_CHECKING:
    from ..run import Bools, Ints
    from .framing.window import Tags, Window

# kinds of a plugin's tensors
NO_PLUGIN, SCALARS, HISTOGRAMS, CONFIGURATION, PASSED_OVER, UNREADABLE = range(6)

_KINDS = {
    "": NO_PLUGIN, "scalars": SCALARS, "histograms": HISTOGRAMS,
    "text": CONFIGURATION, "graph_keras_model": CONFIGURATION, "hparams": CONFIGURATION,
}  # fmt: skip
_DATA_CLASS = 0x20  # the only field that is a number
_MOST_METADATA = 4096  # distinct ones; a log with more is read by protobuf
_NEVER = int(np.iinfo(np.int64).max)


class TagBook:
    """Numbers for tags, with name and plugin of each."""

    def __init__(self) -> None:
        self._book = Book()
        self.names: list[str] = []  # "" for a tag that is not text
        self._plugins: list[str] = []
        self._named_at: list[int] = []
        self._broken: list[int] = []

    def seen(self, name: str) -> int:
        """The number of a tag."""
        tag = self._book.number(name.encode())
        self._catch_up()
        return tag

    def seen_many(self, window: Window, places: Ints, lengths: Ints) -> tuple[Tags, Bools]:
        """The numbers of tags in a window, int32 [n], and which of them are text."""
        tags = self._book.numbers(window, places, lengths)
        self._catch_up()
        is_text = np.ones(len(self.names), np.bool_)
        is_text[self._broken] = False
        return tags.astype(np.int32), is_text[tags]

    def name_plugin(self, tag: int, plugin: str, record: int) -> None:
        """Note that a value of a tag names its plugin."""
        if plugin and record < self._named_at[tag]:
            self._plugins[tag], self._named_at[tag] = plugin, record

    def is_unnamed(self, tags: Tags) -> Bools:
        """Which of some tags have no plugin yet."""
        is_unnamed: Bools = np.array(self._named_at or [_NEVER]) == _NEVER
        return is_unnamed[tags]

    def plugin(self, tag: int, record: int) -> str:
        """The plugin that a tag belongs to by then, "" if none was named."""
        return self._plugins[tag] if self._named_at[tag] <= record else ""

    def kinds(self, tags: Tags, records: Ints) -> Ints:
        """The same for many values, as kinds."""
        kind = np.array([_KINDS.get(plugin, PASSED_OVER) for plugin in self._plugins] or [0])
        return np.where(np.array(self._named_at or [_NEVER])[tags] <= records, kind[tags], NO_PLUGIN)

    def is_passed_over(self, name: bytes) -> bool:
        """Whether the tensors of a tag are known to be neither a curve nor configuration."""
        tag = self._book.find(name)
        return tag is not None and _KINDS.get(self._plugins[tag], PASSED_OVER) == PASSED_OVER

    def _catch_up(self) -> None:
        """Take in the tags that are new in the book."""
        for text in self._book.texts[len(self.names) :]:
            try:
                self.names.append(text.decode())
            except UnicodeDecodeError:
                self._broken.append(len(self.names))
                self.names.append("")
            self._plugins.append("")
            self._named_at.append(_NEVER)


class MetadataBook:
    """The metadata of values: nearly all are one of a few."""

    def __init__(self) -> None:
        self._book = Book()
        self.plugins: list[str | None] = []  # None for those left to protobuf

    def read_many(self, window: Window, places: Ints, lengths: Ints) -> tuple[Ints, Ints]:
        """Numbers for the metadata in a window, and the kinds of their plugins."""
        if len(self.plugins) > _MOST_METADATA:
            return np.zeros(len(places), np.int64), np.full(len(places), UNREADABLE)
        numbers = self._book.numbers(window, places, lengths)
        self.plugins += map(plugin_of, self._book.texts[len(self.plugins) :])
        kinds = [UNREADABLE if plugin is None else _KINDS.get(plugin, PASSED_OVER) for plugin in self.plugins]
        return numbers, np.array(kinds or [0])[numbers]


def plugin_of(metadata: bytes) -> str | None:
    """The plugin named by a SummaryMetadata message, None if it is left to protobuf.

    Read are messages of known fields, each once, with lengths below 128. Hyperparameters are in the metadata and so left.
    """
    fields = _fields(metadata, {0x0A, 0x12, 0x1A, _DATA_CLASS})
    if fields is None:
        return None
    data = _fields(fields.get(0x0A, b""), {0x0A, 0x12})
    if data is None:
        return None
    try:
        plugin, _, _ = (text.decode() for text in (data.get(0x0A, b""), fields.get(0x12, b""), fields.get(0x1A, b"")))
    except UnicodeDecodeError:
        return None
    return None if plugin == "hparams" else plugin


def _fields(message: bytes, keys: set[int]) -> dict[int, bytes] | None:
    """The fields of a message, None unless it consists of the given keys, each at most once, and of short values."""
    found: dict[int, bytes] = {}
    place = 0
    while place < len(message):
        key, size = message[place], message[place + 1] if place + 1 < len(message) else 128
        begin, end = (place + 1, place + 2) if key == _DATA_CLASS else (place + 2, place + 2 + size)
        if key not in keys or key in found or size > 127 or end > len(message):
            return None
        found[key] = message[begin:end]
        place = end
    return found
