"""Lines of text: what remains visible of them, and where the numbers in them are."""

from __future__ import annotations

import re

MAX_LINE = 20_000  # characters; longer lines are data
MAX_HOLES = 500
_DATE = r"[0-9]{4}[-/][0-9]{2}[-/][0-9]{2}"
_CLOCK = r"[0-9]{2}:[0-9]{2}:[0-9]{2}(?:[.,][0-9]+)?"
TIME_FORM = (
    rf"{_DATE}(?:[ T]+{_CLOCK}(?:Z|[+-][0-9]{{2}}:?[0-9]{{2}})?)?"
    rf"|[0-9]{{2}}/[0-9]{{2}}/[0-9]{{2,4}}[ ,]+{_CLOCK}"  # with the year behind, or before, in two digits
    rf"|[0-9]{{2}}[-/][0-9]{{2}} {_CLOCK}"  # without a year: detectron2
    r"|(?:[0-9]+d )?[0-9]+h [0-9]+m(?: [0-9]+s)?|[0-9]+m [0-9]+s"
    r"|[0-9]{1,3}:[0-9]{2}(?::[0-9]{2})?(?:[.,][0-9]+)?(?![0-9:])"
)
_EXPONENT = r"(?:[eE][-+]?[0-9]+|[dD][-+][0-9]+|f-?[0-9]{1,2})?"  # also of Fortran (1.5D+02) and Julia (0.5f0)
_DIGITS = rf"[-+]?(?:[0-9]+(?:,[0-9]{{3}}(?![0-9]))*(?:\.[0-9]+|\.(?![ \t]|$))?|\.[0-9]+){_EXPONENT}"
_WORDS = r"(?:[nN]a[nN]|NAN|[iI]nf(?:inity)?|INF)"
_UNIT_BEHIND = r"(?=$|[^\w]|[_轮步]|(?:[mu]?s|secs?|seconds?|[kKMGTB](?:i?B)?|k?Hz|dB|hrs?|h|min|m|x|it|[A-Za-z]{1,6}/(?:s|sec|it|iter|step|batch)|(?:epoch|step|iter|batch)(?:s|es)?)(?![A-Za-z0-9]))"
_ASSIGNED = rf"(?<==)[-+]?{_WORDS}(?![A-Za-z0-9_])"  # whatever follows: it is no prose
_WORD_NUMBER = (
    rf"[-+]?{_WORDS}(?:(?=ms)|(?![A-Za-z0-9_]| (?:iter|loss|value|grad|step|skip|check|detect|encounter|found|batch)))"
)
# A counter may touch its name, as in `Epoch3:`; in a path, or in the name of a file, it counts nothing.
_TOUCHED = "".join(
    rf"|(?<=(?<![\w./\\-]){name})(?=[0-9]+(?:[\s:,;|\])]|$))" for name in ("[Ee]poch", "EPOCH", "[Ss]tep", "[Ii]ter")
)
# A measured number may touch any name, as in `loss0.531`: it is below one, or has many decimals.
_TOUCHED += r"|(?<=[A-Za-z][a-z])(?=(?:0\.[0-9]+|[0-9]+\.[0-9]{3,})(?:[\s,;|)\]-]|$))|(?<=第)(?=[0-9]+[轮步])"
NUMBER = re.compile(
    rf"(?=[-+.0-9nNiI])(?:(?<![\w.@])(?<![Tt]op-)(?<![Rr]ank-){_TOUCHED})({TIME_FORM}|{_DIGITS}{_UNIT_BEHIND}|{_ASSIGNED}|{_WORD_NUMBER})"
)
NUMBER_FORM = (  # any number at a place where there is known to be one
    rf"[-+]?(?:(?:[0-9][0-9,]*(?:\.[0-9]*)?|\.[0-9]+){_EXPONENT}|{_WORDS})"
)

_OTHER_EXPONENTS = str.maketrans("dDf", "eee")
_ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]")
_OVERWRITING = re.compile(r"[\r\x08]+")


def without_escapes(text: str) -> str:
    """A text with the tabs that syslog wrote as their octal code, `#011`."""
    return text.replace("#011", "\t")


def visible(line: str) -> str:
    """What a terminal would still show of a line: colours dropped, overwritten parts of progress bars gone."""
    line = without_colours(line)
    if "\r" in line or "\b" in line:
        parts = [part for part in _OVERWRITING.split(line) if part and not part.isspace()]
        line = parts[-1] if parts else ""
    return line


def without_colours(text: str) -> str:
    return _ANSI.sub("", text) if "\x1b" in text else text


def pieces_of(line: str) -> tuple[list[str], list[str]]:
    """Cut a line at its numbers: n + 1 texts around n numbers."""
    pieces = NUMBER.split(line, MAX_HOLES)
    return pieces[::2], pieces[1::2]


def as_float(text: str) -> float | None:
    """A number as written in a log; None for a time or anything else."""
    try:
        return float(text)
    except ValueError:
        pass
    try:
        return float(text.replace(",", "").translate(_OTHER_EXPONENTS)) if ":" not in text else None
    except ValueError:
        return None


def is_time(number: str) -> bool:
    """Whether a number is a time or a date; "1.9e-05" is none."""
    return ":" in number or number[-1:] in ("m", "s") or (number[4:5] in ("-", "/") and number[:4].isdigit())


def has_year(number: str) -> bool:
    """Whether a time is a date with its year."""
    is_first = number[:4].isdigit() and len(number) > len("2020-01-01")
    return is_time(number) and (is_first or (number[2:3] == "/" and number[5:6] == "/"))
