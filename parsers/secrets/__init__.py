"""Secrets in logs: recognised by their key and by their shape, and masked.

Logs contain passwords, tokens and keys in hyperparameters, command lines, tracebacks, file names and addresses. Reports
are shared, so none of these are kept: every run passes `conceal` before it is judged, and `flatten` of hyperparameters
calls the same functions while the original keys are known. All functions are pure and take time proportional to the
length of a text, whatever it contains.
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
