"""Classification of values: certainly not a secret, or random-looking."""

from __future__ import annotations

from ..late_pattern import late_pattern

MIN_RANDOM = 16  # characters: 16 of base 64 are 96 bits; tokens of services are longer, words of a language are shorter
MAX_LOOKED_AT = 4096  # characters of a value: a longer one is classified by its beginning
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
    """Whether a value is certainly not a secret: empty, a boolean, a reference to a variable, or already masked."""
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
    """Whether some part of a value looks random: long, alternating letters and digits, no words.

    Hexadecimal digits may as well be the hash of a commit or a file, and a UUID the id of a run: they only count with
    `hex_counts`.
    """
    text = value[:MAX_LOOKED_AT].strip()
    if len(text) < MIN_RANDOM:
        return False
    if _UUID.fullmatch(text) or _HEX.fullmatch(text):
        return hex_counts and not text.isdigit()
    return any(_is_drawn(run) for run in _RUN.findall(text) if len(run) >= MIN_RANDOM)


def _is_drawn(run: str) -> bool:
    """In random base 62 or 64, far fewer neighbouring characters have the same class than in words with numbers."""
    switches = len(_SWITCH.findall(run))
    if switches < max(4, len(run) // 6):
        return False
    # names like ResNet50V2-ImageNet1k have few and long pieces, random characters many and short ones
    if len(run) / max(1, len(_SEGMENT.findall(run))) < 4.5:
        return True
    return len(run) >= 20 and len(run) / len(_PIECE.findall(run)) <= 2.0


def is_opaque(value: str, least: int = 8) -> bool:
    """Whether a value could be an issued secret: letters with digits or signs, not a path or number."""
    text = value.strip()
    if len(text) < least or is_number(text) or is_path(text) or is_plain(text):
        return False
    has_letter = any(c.isalpha() for c in text[:200])
    has_other = any(not c.isalpha() for c in text[:200])
    return has_letter and has_other and (any(c.isdigit() for c in text[:200]) or any(c in "!@#$%^&*+=~?" for c in text))
