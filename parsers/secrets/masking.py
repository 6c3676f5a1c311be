"""Mask the secrets in a text, in a path, and in what stands percent-encoded in either."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import unquote

from ..late_pattern import late_pattern
from .assignments import mask_assignments
from .shapes import mask_shapes

if TYPE_CHECKING:
    import re

MIN_SHAPED = 12  # characters: no secret that is known by its shape alone is shorter
MAX_CACHED = 512  # characters of a text that is remembered: tags and names come again in run after run
MAX_CODED = 3  # times that something is percent-encoded
_MARK = late_pattern(r"[=:@|?&,%\s]")
_CODED = late_pattern(r"[^\s\"'<>]*%[0-9A-Fa-f]{2}[^\s\"'<>]*")
_SUFFIX = late_pattern(r"(?:\.(?:[A-Za-z][A-Za-z0-9]{0,9}|7z))+\Z")


def masked_text(text: str) -> str:
    """A text with "***" in place of each secret; the very same text if there is none."""
    if len(text) < MIN_SHAPED and not _MARK.search(text):
        return text
    return _remembered(text) if len(text) <= MAX_CACHED else _masked(text)


def masked_path(path: str) -> str:
    """A path with the secrets of its parts masked; the suffix of a file stays, as it says what was read."""
    if not _MARK.search(path):  # then only a part of it can be a secret; parts come again in path after path
        return path if all(masked_text(part) == part for part in path.split("/")) else masked_text(path)
    if masked_text(path) == path and "=" not in path:
        return path
    parts = [_masked_part(part) for part in path.split("/")]
    return masked_text("/".join(parts))


def _masked_part(part: str) -> str:
    suffix = _SUFFIX.search(part)
    kept = suffix[0] if suffix and len(suffix[0]) <= 12 else ""
    stem = part[: len(part) - len(kept)]
    masked = masked_text(stem)
    return masked + kept if masked != stem else masked_text(part)


@lru_cache(maxsize=8192)
def _remembered(text: str) -> str:
    return _masked(text)


def _masked(text: str) -> str:
    masked = mask_assignments(mask_shapes(text))
    return _CODED.sub(_decoded, masked) if "%" in masked else masked


def _decoded(match: re.Match[str]) -> str:
    """A word that is percent-encoded, decoded and masked if there is a secret in it, else as it is."""
    plain = match[0]
    for _ in range(MAX_CODED):
        once = unquote(plain)
        if once == plain:
            return match[0]
        plain = once
        masked = mask_assignments(mask_shapes(plain))
        if masked != plain:
            return masked
    return match[0]
