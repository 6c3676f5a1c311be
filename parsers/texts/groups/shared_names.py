"""Tags that several kinds of lines share for different quantities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..shapes.keys import SPLIT_OF_WORD

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from ..shapes.same_lines import SameLines
    from ..shapes.shape import Shape


def split_shared(groups: Sequence[SameLines]) -> None:
    """A tag that evaluation lines share with other lines gets the split as prefix.

    The same holds for training lines that repeat tags of lines without a split: they are epoch means.
    """
    counted = [group for group in groups if group.shape.is_row and group.shape.has_axis]
    owners: dict[str, set[str]] = {}
    unnamed = {value.tag for group in counted if not group.shape.split for value in group.shape.values}
    for group in counted:
        owner = SPLIT_OF_WORD.get(_split_of(group.shape), "train")
        for value in group.shape.values:
            owners.setdefault(value.tag, set()).add(owner)
    for group in counted:
        split = _split_of(group.shape)
        is_training = SPLIT_OF_WORD.get(split, "train") == "train"
        if is_training and not _tells_again(group, unnamed):
            continue
        for value in group.shape.values:
            is_shared = value.tag in unnamed if is_training else len(owners[value.tag]) > 1
            if not value.split and is_shared:
                value.split = split
                value.tag = f"{split}/{value.tag}"


def _split_of(shape: Shape) -> str:
    """The split that a line names, or its first value where no other value has another: `Validation loss 1.0  tr 0.7`."""
    named = {value.split for value in shape.values if value.split}
    return shape.split or (shape.values[0].split if len(named) == 1 else "")


def _tells_again(group: SameLines, unnamed: Collection[str]) -> bool:
    """Whether a line of the training split repeats a tag of lines without a split."""
    split = group.shape.split
    return bool(split) and any(
        v.split == split and v.tag.removeprefix(f"{split}/") in unnamed for v in group.shape.values
    )
