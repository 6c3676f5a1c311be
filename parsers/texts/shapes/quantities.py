"""Which columns of a text log are worth being read for: a quantity of a training, or any that is measured."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from .counting import is_measured_like, varies
from .keys import is_measured
from .naming import NAMELESS
from .units import is_unit

if TYPE_CHECKING:
    from ...run import Floats

# What any program prints of its progress, be it a training, a download or a test.
_OF_THE_PROGRAM = re.compile(
    r"(?:^|[^a-z])(?:wall|clock|time|times|elapsed|took|eta|secs?|seconds|minutes|duration|speed|bitrate|throughput|latency|rate|fps|ips"
    r"|mem|memory|size|bytes|cpu|gpu|disk|progress|percent|done|ttl|version|ping|temp|temperature|port|pid|id|[kmgt]i?b"
    r"|download\w*|upload\w*|transfer\w*|eta|uptime|load)(?:$|[^a-z])|_ms$|_s$|time$|/s(?:ec)?$|%",
    re.IGNORECASE,
)


def is_quantity(tag: str, value: Floats) -> bool:
    """Whether a column is evidence that a text is the log of a training."""
    name = tag.rpartition("/")[2]
    if is_measured(tag):
        return True
    if name.startswith(NAMELESS.format("")) or is_unit(name) or _OF_THE_PROGRAM.search(name):
        return False
    return is_measured_like(value) and varies(value)
