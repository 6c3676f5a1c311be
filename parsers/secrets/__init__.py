"""Secrets in what a log says: recognised by the key that they stand under and by their shape, and masked.

Logs hold passwords, tokens and keys in settings, command lines, tracebacks, names of files and addresses. Reports are
passed on, so nothing of that is kept: `conceal` is the one door through which every run goes before it is judged, and
`flatten` of the settings calls the same functions while the keys still are what they were. Everything here is pure and
takes time in proportion to the length of a text, whatever stands in it.
"""

from __future__ import annotations

from .door import conceal, conceal_paths, concealed_note
from .masking import masked_path, masked_text
from .settings import hides_whole, masked_hyperparameter, masked_item, sibling_key
from .shapes import MASK

__all__ = [
    "MASK",
    "conceal",
    "conceal_paths",
    "concealed_note",
    "hides_whole",
    "masked_hyperparameter",
    "masked_item",
    "masked_path",
    "masked_text",
    "sibling_key",
]  # fmt: skip
