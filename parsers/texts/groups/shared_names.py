"""Names that several kinds of lines share although they mean different quantities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..shapes.keys import SPLIT_OF_WORD

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ..shapes.same_lines import SameLines


def split_shared(groups: Sequence[SameLines]) -> None:
    """A name that lines of an evaluation share with other lines is another quantity there, whatever it is.

    So it is on lines of the training that tell again what lines without a split tell: they are means over an epoch.
    """
    counted = [group for group in groups if group.shape.is_row and group.shape.has_axis]
    owners: dict[str, set[str]] = {}
    unnamed = {value.tag for group in counted if not group.shape.split for value in group.shape.values}
    for group in counted:
        split = SPLIT_OF_WORD.get(group.shape.split, "train")
        for value in group.shape.values:
            owners.setdefault(value.tag, set()).add(split)
    for group in counted:
        is_training = SPLIT_OF_WORD.get(group.shape.split, "train") == "train"
        if is_training and not _tells_again(group, unnamed):
            continue
        for value in group.shape.values:
            is_shared = value.tag in unnamed if is_training else len(owners[value.tag]) > 1
            if not value.split and is_shared:
                value.split = group.shape.split
                value.tag = f"{value.split}/{value.tag}"


def _tells_again(group: SameLines, unnamed: Collection[str]) -> bool:
    """Whether a line names the training and tells of it what lines without a split tell, such as a loss."""
    split = group.shape.split
    return bool(split) and any(
        v.split == split and v.tag.removeprefix(f"{split}/") in unnamed for v in group.shape.values
    )
