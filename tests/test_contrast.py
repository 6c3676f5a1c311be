"""Text can be read on every ground that it stands on, in light and in dark: WCAG 2.2, success criterion 1.4.3."""

import re
from pathlib import Path

import pytest

STYLE = (Path(__file__).parents[1] / "templates" / "style.css").read_text(encoding="utf-8")
PAIRS = dict(re.findall(r"--([a-z0-9-]+): light-dark\((.+)\);", STYLE))
TEXT = 4.5  # for text
GRAPHIC = 3.0  # for lines, icons and other graphics that carry meaning (1.4.11)

GROUNDS = ("ground", "card", "soft")
TEXTS = ("ink", "quiet", "link")
TONES = ("error", "warning", "info", "clear")
LINES = tuple(f"line-{i}" for i in range(6))
READ_AS_TEXT = [
    *((text, ground) for text in TEXTS for ground in GROUNDS),
    *((tone, ground) for tone in TONES for ground in (*GROUNDS, f"{tone}-soft")),
    ("card", "ink"),  # a pressed button
    *((text, f"{tone}-band") for text in ("ink", "quiet") for tone in ("error", "warning", "info")),
    *((tone, f"{tone}-band") for tone in ("error", "warning", "info")),  # labels of bands
]
SEEN_AS_GRAPHIC = [
    *((line, "card") for line in LINES),
    *((line, f"{tone}-band") for line in LINES for tone in ("error",)),
]


def colour(name, theme):
    """Channels of a variable, 0 to 1; what can be seen through lies on a card."""
    light, dark = re.split(r",\s*(?=#|rgb)", PAIRS[name])
    text = (light, dark)[theme]
    if text.startswith("rgb"):
        red, green, blue, alpha = map(float, re.findall(r"[\d.]+", text))
        under = colour("card", theme)
        return [
            alpha * channel / 255 + (1 - alpha) * below
            for channel, below in zip((red, green, blue), under, strict=True)
        ]
    digits = text.lstrip("#")
    digits = "".join(2 * d for d in digits) if len(digits) == 3 else digits
    return [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]


def luminance(channels):
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(front, back, theme):
    bright, dim = sorted((luminance(colour(front, theme)), luminance(colour(back, theme))), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def test_black_on_white_is_21():
    assert (1 + 0.05) / (luminance([0, 0, 0]) + 0.05) == pytest.approx(21)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "back"), READ_AS_TEXT)
def test_text_can_be_read(front, back, theme):
    assert contrast(front, back, theme) >= TEXT


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("front", "back"), SEEN_AS_GRAPHIC)
def test_lines_can_be_seen(front, back, theme):
    assert contrast(front, back, theme) >= GRAPHIC


def test_every_colour_of_a_text_is_tested():
    used = set(re.findall(r"(?<![a-z-])color: var\(--([a-z0-9-]+)", STYLE)) - {"tone"}
    assert used <= {front for front, _ in READ_AS_TEXT}
    tones = set(re.findall(r"--tone: var\(--([a-z0-9-]+)\)", STYLE))
    assert tones <= {front for front, _ in READ_AS_TEXT}
