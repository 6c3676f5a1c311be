"""The thresholds of a rule: a frozen dataclass whose fields carry unit, reason and source.

    @thresholds
    class Limits:
        min_rise: float = limit(0.05, "a smaller rise is not worth another training", unit="%")

`check(run, limits)` is given an instance; the same rule with other thresholds is `replace(rule, limits=...)`. Users write
`min-rise`. A threshold whose unit is "%" is a share in the code (0.05) and a percentage for people ("5%").
"""

from __future__ import annotations

import math
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar, dataclass_transform

from .base import BatchRule, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from .base import Severity

AnyRule = TypeVar("AnyRule", Rule[Any], BatchRule[Any])

# "standard errors" and "sigma" (of the noise of single points) are multiples; "ratio" is one quantity over another;
# "points", "epochs" and similar are counts; "" is a plain number, explained by its reason.
Unit: TypeAlias = Literal[
    "%", "standard errors", "sigma", "ratio", "correlation", "p-value", "nats", "seconds",
    "points", "evaluations", "epochs", "layers", "classes", "intervals", "blocks", "steps", "values", "runs", "",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class Threshold:
    """A threshold of a rule.

    Attributes:
        name: as in configuration files, kebab-case.
        value: the default, as used in the code.
        unit: its unit.
        reason: the justification of the value.
        source: publication, documentation or measurement that supports it, or "".
        is_count: whether it is an integer.

    """

    name: str
    value: float
    unit: Unit
    reason: str
    source: str
    is_count: bool

    def shown(self, value: float | None = None) -> str:
        """The default, or another value, formatted for users: "5%", "4 standard errors", "0.001"."""
        number = self.value if value is None else value
        if self.unit == "%":
            return f"{100 * number:.6g}%"
        return f"{number:g}"

    @property
    def described(self) -> str:
        """The default with its unit, reason and source, for `explain` and the documentation."""
        unit = f" {self.unit}" if self.unit not in ("%", "") else ""
        why = "; ".join(filter(None, (self.reason, f"source: {self.source}" if self.source else "")))
        return f"{self.shown()}{unit}" + (f"  ({why})" if why else "")

    def parsed(self, value: Any) -> float:
        """A value from a configuration file: a number, or for a percentage a text such as "5%".

        Raises:
            ValueError: it is not a finite number, a fraction instead of a whole number, or a percentage above 1 without
                "%"; the text gives the reason.

        """
        number: Any = value
        is_percentage = isinstance(value, str) and value.strip().endswith("%")
        if is_percentage and self.unit == "%":
            try:
                number = float(value.strip()[:-1]) / 100
            except ValueError:
                number = None
        if isinstance(number, bool) or not isinstance(number, int | float) or not math.isfinite(number):
            raise ValueError('must be a percentage, such as "5%"' if self.unit == "%" else "must be a number")
        if self.unit == "%" and not is_percentage and abs(number) > 1:
            raise ValueError(f'must be a percentage: write "{number:g}%" or "{100 * number:g}%", or a fraction up to 1')
        if self.is_count and number != int(number):
            raise ValueError("must be an integer")
        return int(number) if self.is_count else float(number)


Made = TypeVar("Made")


def limit(
    default: float,
    reason: str,
    *,
    unit: Unit = "",
    source: str = "",
    init: Literal[False] = False,  # noqa: ARG001  (for type checkers: values are given by `with_thresholds` alone)
) -> Any:
    """A field of a `Limits` class."""
    return field(default=default, metadata={"reason": reason, "unit": unit, "source": source})


@dataclass_transform(frozen_default=True, kw_only_default=True, field_specifiers=(limit,))
def thresholds(cls: type[Made]) -> type[Made]:
    """Make a class of `limit` fields a frozen dataclass, all of whose fields have a default.

    `dataclass` alone would compile five methods for each of some eighty rules whenever the program starts, a tenth of the
    time of auditing one small log; these are the same for all.
    """
    made: Any = dataclass(init=False, repr=False, eq=False)(cls)
    made.__init__, made.__repr__, made.__eq__, made.__hash__ = _init, _repr, _eq, _hash
    made.__setattr__ = made.__delattr__ = _refuse
    return made  # type: ignore[no-any-return]


def _init(self: Any, **values: float) -> None:
    for name, value in values.items():
        if name not in type(self).__dataclass_fields__:
            raise TypeError(f"{type(self).__qualname__} has no threshold {name!r}")
        object.__setattr__(self, name, value)  # one that is not given is an attribute of the class


def _values(self: Any) -> dict[str, float]:
    return {name: getattr(self, name) for name in type(self).__dataclass_fields__}


def _repr(self: Any) -> str:
    return f"{type(self).__qualname__}({', '.join(f'{name}={value!r}' for name, value in _values(self).items())})"


def _eq(self: Any, other: object) -> bool:
    return type(self) is type(other) and _values(self) == _values(other)


def _hash(self: Any) -> int:
    return hash((type(self), *_values(self).values()))


def _refuse(_: Any, name: str, *_value: object) -> None:
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


@thresholds
class NoLimits:
    """For a rule without thresholds."""


def thresholds_of(rule: Rule[Any] | BatchRule[Any]) -> dict[str, Threshold]:
    """The thresholds of a rule by their configuration names, in the order of its `Limits`."""
    found = {}
    for each in fields(rule.limits):
        default = getattr(type(rule.limits)(), each.name)
        name = each.name.replace("_", "-")
        found[name] = Threshold(name, default, **each.metadata, is_count=isinstance(default, int))
    return found


def with_thresholds(rule: AnyRule, values: Mapping[str, float]) -> AnyRule:
    """The same rule with other values of some thresholds, by their configuration names; others are unchanged.

    Raises:
        KeyError: it has no such threshold.
        ValueError: a value is invalid for its threshold.

    """
    if not values:
        return rule
    known = thresholds_of(rule)
    changed = {name.replace("-", "_"): _suited(known[name], value) for name, value in values.items()}
    return replace(rule, limits=replace(rule.limits, **changed))


def _suited(threshold: Threshold, value: float) -> float:
    if threshold.is_count and value != int(value):
        raise ValueError(f"{threshold.name} must be an integer, not {value!r}")
    return int(value) if threshold.is_count else float(value)


def with_severity(rule: AnyRule, severity: Severity) -> AnyRule:
    """The same rule with this severity for all its findings."""

    def check(judged: Any, limits: Any) -> Iterator[Any]:
        return (replace(finding, severity=None) for finding in rule.check(judged, limits))

    return replace(rule, severity=severity, check=check)
