"""What a value itself says: that it is surely no secret, or that it looks drawn at random."""

from __future__ import annotations

from ..late_pattern import late_pattern

MIN_RANDOM = (
    16  # characters: 16 of base 64 are 96 bits, and what services draw is longer; words of a language are shorter
)
MAX_LOOKED_AT = 4096  # characters of a value: a longer one is judged by its beginning
_PLAIN = frozenset(
    "none null nil true false yes no on off required optional default undefined unset empty missing anonymous redacted masked hidden "
    "n/a na str string int float bool bytes any".split()
)
_REFERENCE = late_pattern(
    r"\$\{?[A-Za-z_][\w.:-]{0,80}\}?|\$\(.{0,80}\)|%[A-Za-z_]\w{0,80}%|\{\{.{0,80}\}\}|<[\w/ |.-]{0,60}>|\[[A-Za-z_ ]{1,40}\]"
    r"|(?:os\.)?(?:environ|getenv)[\[(.].{0,80}|env:\w+|(?:vault|ssm|arn|secretref|keyring):.{0,200}|[*•xX.#-]{3,}"
)
_NUMBER = late_pattern(r"[-+]?[\d.,_]+(?:[eE][-+]?\d+)?(?:[kKMBTG]|[kMGT]?i?B|ms|s|%|/s|it/s)?")
_PATH = late_pattern(r"(?:~|\.{1,2})?/[\w.@+ -]+(?:/[\w.@+ -]*)*|[A-Za-z]:\\.*|(?:~|\.{1,2})/\S*")
_UUID = late_pattern(r"[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}")
_HEX = late_pattern(r"(?:0x|sha\d{1,3}[:-]|md5[:-])?[0-9a-fA-F]+")
_RUN = late_pattern(r"[A-Za-z0-9+/_=-]+")
_SWITCH = late_pattern(r"[A-Za-z](?=\d)|\d(?=[A-Za-z])|[a-z](?=[A-Z])|[A-Z](?=[a-z])")
_PIECE = late_pattern(r"[A-Z]?[a-z]+|[A-Z]+|\d+|[^A-Za-z0-9]+")
_SEGMENT = late_pattern(r"[A-Za-z]+\d*|\d+[a-z]{0,3}")


def is_plain(value: str) -> bool:
    """Whether a value is surely no secret: empty, a switch, a reference to a variable, or masked already."""
    text = value.strip().strip("\"'")
    return not text or text.lower() in _PLAIN or _REFERENCE.fullmatch(text[:300]) is not None


def is_number(value: str) -> bool:
    """Whether a text is a number or a quantity ("512", "1.4T", "3e-4")."""
    return _NUMBER.fullmatch(value[:60].strip()) is not None


def is_path(value: str) -> bool:
    """Whether a text is the path of a file or a folder."""
    return _PATH.fullmatch(value[:300].strip()) is not None


def is_special_token(value: str) -> bool:
    """Whether a text is a token of a vocabulary, like "</s>", "[PAD]" or "Ġthe"."""
    text = value.strip()
    return len(text) <= 1 or (text[:1] in "<[{|▁Ġ" and len(text) < 40)


def is_random(value: str, *, hex_counts: bool = False) -> bool:
    """Whether some part of a value looks drawn at random: long, of letters and digits in turn, and no words.

    Hexadecimal digits alone are as likely a hash of a commit or of a file, and a UUID names a run: they count only where
    `hex_counts`.
    """
    text = value[:MAX_LOOKED_AT].strip()
    if len(text) < MIN_RANDOM:
        return False
    if _UUID.fullmatch(text) or _HEX.fullmatch(text):
        return hex_counts and not text.isdigit()
    return any(_is_drawn(run) for run in _RUN.findall(text) if len(run) >= MIN_RANDOM)


def _is_drawn(run: str) -> bool:
    """A tenth of the places of random base 62 or 64 keep their class by far less than words with numbers do."""
    switches = len(_SWITCH.findall(run))
    if switches < max(4, len(run) // 6):
        return False
    # names like ResNet50V2-ImageNet1k have few and long pieces, drawn characters many and short ones
    if len(run) / max(1, len(_SEGMENT.findall(run))) < 4.5:
        return True
    return len(run) >= 20 and len(run) / len(_PIECE.findall(run)) <= 2.0


def is_opaque(value: str, least: int = 8) -> bool:
    """Whether a value could be a secret that somebody was given: letters with digits or signs, and no path or number."""
    text = value.strip()
    if len(text) < least or is_number(text) or is_path(text) or is_plain(text):
        return False
    has_letter = any(c.isalpha() for c in text[:200])
    has_other = any(not c.isalpha() for c in text[:200])
    return has_letter and has_other and (any(c.isdigit() for c in text[:200]) or any(c in "!@#$%^&*+=~?" for c in text))
