"""The encoding of text, and whether bytes are text at all."""

from __future__ import annotations

import codecs
import re

from ..base import HEAD_BYTES

MAX_CONTROL_SHARE = 0.05  # of the first characters; binary data has 10% and more, a damaged log a few bytes

# Of four bytes before of two: the mark of UTF-32 begins with that of UTF-16.
_WIDE_MARKS = (
    (b"\xff\xfe\0\0", "utf-32"), (b"\0\0\xfe\xff", "utf-32"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"),
)  # fmt: skip
WIDE_PROBE = 64  # bytes in which text of two bytes a character without a mark shows: every other byte is NUL
_WIDE_LEAST = 16  # characters of those, to tell without a mark
_MARK = "\ufeff"
_NEVER_WRITTEN = re.compile("\0{16,}")  # a block of the disk in a log that went on after a crash; binary data has fewer
_NOT_TEXT = str.maketrans("", "", "".join(map(chr, [*range(7), *range(14, 27), *range(28, 32), 127])))


def wide_encoding(data: bytes) -> str:
    """The encoding of text with two or four bytes a character, by its mark or its first bytes; "" if it is not such text."""
    for mark, encoding in _WIDE_MARKS:
        if data.startswith(mark):
            return encoding
    even, odd = data[:WIDE_PROBE:2], data[1:WIDE_PROBE:2]
    if len(odd) < _WIDE_LEAST:
        return ""
    if not odd.strip(b"\0") and even.isascii() and b"\0" not in even:
        return "utf-16-le"
    return "utf-16-be" if not even.strip(b"\0") and odd.isascii() and b"\0" not in odd else ""


def decoded(data: bytes) -> tuple[str, bool]:
    """Decode by byte-order mark, else as UTF-16 or UTF-8, else as Latin-1; and tell whether that is a guess."""
    wide = wide_encoding(data)
    if wide:
        return data.decode(wide, errors="replace").lstrip(_MARK), False
    try:
        # An incremental decoder forgives a last character that is cut. Tools that join files may leave several marks.
        return codecs.getincrementaldecoder("utf-8-sig")().decode(data).lstrip(_MARK), False
    except UnicodeDecodeError:
        return data.decode("latin-1"), True


def is_binary(text: str) -> bool:
    """Whether what was decoded is no text."""
    start = _NEVER_WRITTEN.sub("", text[:HEAD_BYTES])
    return len(start) - len(start.translate(_NOT_TEXT)) > MAX_CONTROL_SHARE * len(start)
