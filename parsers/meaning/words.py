"""Words of a tag or a file name."""

from __future__ import annotations

import re

_WORD = re.compile(r"[^\W_]+")
# also "MLPPolicy", but not "LRs"; "batchloss" and "LossV"
_CAMEL = re.compile(
    r"(?<=[a-z0-9])(?=[A-Z][a-z])|(?<=[A-Z])(?=[A-Z][a-z]{2})|(?<=[a-z])(?=(?:[Ll]oss|[Aa]ccuracy|[A-Z])$)"
)

# Words for the aggregation of a value, not for the quantity.
FILLERS = frozenset(
    "step epoch batch iter mean avg average total global running smoothed current cur metrics metric stats per final "
    "last main overall model optim optimizer".split()
)


def words_of(tag: str) -> list[str]:
    """Lower-case words of a tag, cut at punctuation and camelCase; IoU is one word."""
    return [word.lower() for chunk in _WORD.findall(tag.replace("IoU", "iou")) for word in _CAMEL.split(chunk)]
