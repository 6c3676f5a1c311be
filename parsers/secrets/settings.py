"""Secrets among hyperparameters: by key, by value, and by the item before a value in a list."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from .keys import Suspicion, is_counted, suspicion_of, words_of_key
from .masking import masked_text
from .shapes import MASK
from .values import is_number, is_opaque, is_path, is_plain, is_random, is_special_token

if TYPE_CHECKING:
    from collections.abc import Sequence

PAIR = 2  # a name and a password
# `{"name": "api_key", "value": "X"}`: the key is itself a value
_NAMES = ("name", "key", "param", "parameter", "variable", "header", "field", "option")
_VALUES = frozenset({"value", "val", "default", "content", "data", "string", "string_value", "text"})


def masked_hyperparameter(key: str, value: Any) -> Any:
    """The value of a hyperparameter, or MASK if the key or the value marks it as a secret."""
    if value is None or isinstance(value, bool) or value == MASK:
        return value
    return MASK if hides_whole(key, value) else masked_item(value)


def masked_item(value: Any) -> Any:
    """A value, or a list of values, with secrets in texts masked; lists may be command lines."""
    if isinstance(value, str):
        return masked_text(value)
    return masked_list(value) if isinstance(value, list | tuple) else value


def masked_list(items: Sequence[Any]) -> list[Any]:
    """A list in which an item after a flag (`--token`) is masked as its value, and a split secret as a whole."""
    masked: list[Any] = []
    flag = ""
    for item in items:
        if flag and isinstance(item, str) and not item.startswith("--"):
            masked.append(masked_hyperparameter(flag, item))
        else:
            masked.append(masked_item(item))
        flag = item.lstrip("-") if isinstance(item, str) and item.startswith("-") and "=" not in item else ""
    return masked


def hides_whole(key: str, value: Any) -> bool:
    """Whether a value must be hidden completely because of its key."""
    suspicion = suspicion_of(key)
    if suspicion is Suspicion.NONE or value is None or isinstance(value, bool):
        return False
    if isinstance(value, Mapping):
        return suspicion is Suspicion.WHOLE
    if isinstance(value, list | tuple):
        texts = [item for item in value if isinstance(item, str)]
        if len(value) == len(texts) == PAIR and words_of_key(key)[-1] == "auth":
            return True
        return bool(texts) and any(hides_whole(key, item) for item in texts)
    if isinstance(value, int | float):
        return suspicion is Suspicion.WHOLE and not is_counted(key)
    return _is_secret_text(key, str(value), suspicion)


def _is_secret_text(key: str, text: str, suspicion: Suspicion) -> bool:
    if is_plain(text):
        return False
    if suspicion is Suspicion.WHOLE:
        is_file = (is_path(text) and text.startswith(("/", "~", "."))) or text.startswith(("sqlite:///", "file:"))
        return not is_file and not (is_counted(key) and is_number(text))
    if suspicion is Suspicion.TEXT:
        return not (is_number(text) or is_special_token(text) or is_path(text))
    return is_random(text) or (suspicion is Suspicion.OPAQUE and is_opaque(text))


def sibling_key(mapping: Mapping[Any, Any], key: str) -> str | None:
    """The name in a mapping of name and value; None if it is not such a mapping."""
    if key.lower() not in _VALUES:
        return None
    return next((name for each in _NAMES if isinstance(name := mapping.get(each), str)), None)
