"""Numbers in sentences: no more than three significant digits, except for whole ones."""

from __future__ import annotations

WHOLE_FROM = 0.9995  # one decimal more would be a fourth digit
WHOLE_AMOUNT = 100


def percent(share: float, sign: str = "") -> str:
    """A share or a change as a percentage; `sign` "+" shows that of a rise."""
    return f"{share:{sign}.0%}" if abs(share) >= WHOLE_FROM else f"{share:{sign}.1%}"


def amount(value: float) -> str:
    """How much there is of something that is counted or measured in units: whole above 100."""
    return f"{value:,.0f}" if WHOLE_AMOUNT <= abs(value) < 1e15 else f"{value:.3g}"
