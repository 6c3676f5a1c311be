"""Mask the secrets in a text or a path, also percent-encoded ones."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import unquote

from ..late_pattern import late_pattern
from .assignments import mask_assignments
from .shapes import mask_shapes

if TYPE_CHECKING:
    import re

MIN_SHAPED = 12  # characters: secrets recognised by shape alone are not shorter
MAX_CACHED = 512  # characters of a cached text: tags and names repeat in many runs
MAX_CODED = 3  # levels of percent-encoding
_MARK = late_pattern(r"[=:@|?&,%\s]")
_CODED = late_pattern(r"[^\s\"'<>]*%[0-9A-Fa-f]{2}[^\s\"'<>]*")
_SUFFIX = late_pattern(r"(?:\.(?:[A-Za-z][A-Za-z0-9]{0,9}|7z))+\Z")


def masked_text(text: str) -> str:
    """A text with "***" in place of each secret; the identical object if there is none."""
    if len(text) < MIN_SHAPED and not _MARK.search(text):
        return text
    return _remembered(text) if len(text) <= MAX_CACHED else _masked(text)


def masked_path(path: str) -> str:
    """A path with the secrets of its parts masked; the suffix of a file is kept, since it shows its format."""
    if not _MARK.search(path):  # then only a part of it can be a secret; parts repeat in many paths
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
    """A percent-encoded word, decoded and masked if it contains a secret, otherwise unchanged."""
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
