"""Says of the skeletons of a text log what their numbers are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .line_shapes import shape_of
from .same_lines import SameLines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from .dialects import Dialect
    from .mining.skeletons import Skeleton


def interpreted(skeletons: Iterable[Skeleton], dialect: Dialect) -> list[SameLines]:
    """The lines that tell something, with their shapes."""
    groups = []
    for skeleton in skeletons:
        shape = dialect.adapt(shape_of(list(skeleton.texts), list(skeleton.numbers)))
        if shape.is_row or shape.has_axis or (shape.is_header and shape.split):
            groups.append(SameLines.of(skeleton, shape))
    return groups
