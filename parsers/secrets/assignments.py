"""Secrets in running text, recognised by the name before them: `token=X`, `"api_key": "X"`, `--password X`, `password is X`."""

from __future__ import annotations

import re

from ..late_pattern import late_pattern
from .keys import Suspicion, has_stem, suspicion_of
from .shapes import MASK
from .values import is_number, is_opaque, is_path, is_plain, is_random, is_special_token

_Q = r"(?:\"\"(?=[\s:=,\w])|\\{0,8}[\"'`]|&quot;|&#3[49];|%22|%27)"  # a quote, also escaped within other quotes
# A name and its separator from the value. Each name is matched completely and once, so that time is linear.
_NAMED = late_pattern(
    rf"(?<![\w.\-])(?P<dash>--?|/)?(?P<key>[\w.\-]++)(?P<close>\]?{_Q}?\)?)"
    rf"(?P<gap>[ \t]*(?::=|==|=>|->|[=:|]|%3[DdAa]|&#61;|\u2192)(?:[ \t]|\\n|\\\n|\n[ \t]+)*|\s*,\s*(?={_Q})|,(?=\S)|\t+|(?:[ \t]|\\\n)+(?!-)(?=\S))"
)
_OPEN = late_pattern(
    r"(?P<wrap>[\[({]?[ \t]*)(?P<prefix>[bruf]{0,2})(?P<quote>\\{0,8}(?:\"\"\"|'''|[\"'`])|&quot;|&#3[49];|%22|%27)|(?P<block>[|>]-?[ \t]*\n[ \t]*)"
)
# A value without quotes: punctuation that may end a list ends it only where the list could continue.
_BARE_PART = (
    r"(?:[^\s,;&\"'`<>()\[\]{}|\\]|[,;](?=[^\s,;])(?![\w.\-]{1,60}[=:])|&(?!amp;|[\w.\-%\[\]]{1,60}=|quot;)|[\"'`)\]}](?![\s,;:.)\]}\"'`|]|\Z)|[(\[{]|[<>](?![/A-Za-z!])"
    r"|\\(?![nrt\"'\n])|\|(?!\s))"
)
_PEEK = 256  # characters that decide whether a value is a secret; only then its end is searched, so that time is linear
_BARE, _BARE_TO_END = late_pattern(f"{_BARE_PART}{{1,{_PEEK}}}+"), late_pattern(f"{_BARE_PART}*+")
_IN_ADDRESS = late_pattern(rf"[^\s&;\"'<>#`]{{1,{_PEEK}}}+")
_IN_ADDRESS_TO_END = late_pattern(r"[^\s&;\"'<>#`]*+")
_CELL = late_pattern(rf"[^\s,;|\"]{{1,{_PEEK}}}+")
_CELL_TO_END = late_pattern(r"[^\s,;|\"]*+")
_BARE_PAIR, _IN_ADDRESS_PAIR, _CELL_PAIR = (
    (_BARE, _BARE_TO_END),
    (_IN_ADDRESS, _IN_ADDRESS_TO_END),
    (_CELL, _CELL_TO_END),
)
_WORD_BEHIND = late_pattern(r"\s+([^\s,;\"']++)")
_KEY_LINE = late_pattern(r"(?:-[ \t]+)?[\w.\-]+[ \t]*:(?:\s|\Z)")
_BRACKET = late_pattern(r"[\[\]{}]")
_REST = late_pattern(r"[^\n]*")
_BEFORE = late_pattern(r"(?:\A|[^A-Za-z0-9])([A-Za-z]{2,14})[ _-]\Z")
_NAME_BEFORE = late_pattern(
    rf"\b(?:name|key|variable|param){_Q}?[ \t]*[:=][ \t]*{_Q}?([\w.\-]+){_Q}?[ \t]*,?\s*(?:-[ \t]+)?{_Q}?\Z"
)
_SAYS = late_pattern(r"(?:is|was|are|of|given|used|provided|for|set to)[ \t]*(?:[:=][ \t]*)?(?=\S)", re.IGNORECASE)
MIN_SAID = 6  # characters of a password in prose: shorter ones are words about it
MAX_VALUE = 65536  # characters within quotes
# names that mean a secret only in the query of a URL
_IN_QUERY = frozenset({"sig", "signature", "sign", "x-amz-signature", "x-amz-credential", "x-amz-security-token",
    "x-goog-signature", "x-goog-credential", "awsaccesskeyid", "googleaccessid", "key-pair-id", "policy", "st", "code", "key",
    "token", "auth", "hmac", "hash", "sid", "ticket", "state", "secret", "x-oss-signature", "ossaccesskeyid", "hdnts", "t", "jwt", "id_token", "assertion", "sv"})  # fmt: skip
_QUERY_WHOLE = frozenset(
    name for name in _IN_QUERY if name not in ("code", "key", "hash", "state", "st", "t", "policy", "sv")
)

# Programs that take a password by a short option, or as an argument.
_COMMANDS = late_pattern(
    r"\b(?P<a>(?:sshpass|(?:docker|podman|registry|az|oc)[\s\"',]{1,4}login|mysql\w*|mariadb\w*|mongo\w*|influx|cqlsh|ldapsearch|smbclient)\b[^\n|;&]{0,200}?[\s\"']-(?:p|w)(?:[\"'],)?[ \t]*=?[\"']?)(?P<va>(?<=\")[^\"\n]+|(?<=')[^'\n]+|[^\s\"'-][^\s\"']*)"
    r"|(?P<g>\b(?:unzip|zip|7z\w?|rar|unrar)\b[^\n|;&]{0,200}?[\s\"']-[Pp](?:[\"'],)?[ \t]*[\"']?)(?P<vg>[^\s\"']+)"
    r"|(?P<h>-pass(?:in|out)?(?:[\"'],)?[ \t]+[\"']?pass:|\bnet[ \t]+use\b[^\n]{0,200}?/user:\S+[ \t]+)(?P<vh>[^\s\"']+)"
    r"|(?P<b>\bredis-cli\b[^\n|;&]{0,200}?[\s\"']-a(?:[\"'],)?[ \t]+[\"']?)(?P<vb>[^\s\"']+)"
    r"|(?P<c>[\s\"'](?:-u|--user|--proxy-user|-U)(?:[\"'],)?[ \t=]*[\"']?[^\s:%\"'/]{1,60}[:%])(?P<vc>[^\s\"'/][^\s\"']*)"
    r"|(?P<d>\b(?:wandb|swanlab|comet|neptune|huggingface-cli|hf|zenml|clearml)[\s\"',]{1,4}(?:auth\s+)?login\b(?:[ \t]+(?:--relogin|--cloud|--host[= ]\S+))*(?:[\"'],)?[ \t]+(?:-k[ \t]+)?[\"']?)(?P<vd>[A-Za-z0-9_-]{16,})"
    r"|(?P<e>\becho[ \t]+[\"']?)(?P<ve>[^\s\"'|]+)(?=[\"']?[ \t]*\|[^\n]{0,200}(?:stdin|login|passwd|sudo -S))"
    # calls and pairs of a name and a password: HTTPBasicAuth("bob", "X"), auth=(user, "X"), login("bob", "X")
    r"|(?P<f>(?:(?<![A-Za-z])(?<!last_)(?:auth(?:enticate)?|login|log_in|sign_?in|credentials?)|Auth(?:Handler|Provider|enticator)?|(?<!last)Login|SignIn|Credentials?)"
    r"(?:[\"']?[ \t]*[=:][ \t]*)?[(\[]{1,2}\s{0,40}(?:[bruf]{0,2}\\{0,4}[\"'][^\"'\n]{0,60}[\"']|[\w.]{1,60}(?:[(\[]\\{0,4}[\"'][^\"'\n]{1,60}[\"'][)\]])?)"
    r",\s{0,40}[bruf]{0,2}\\{0,4}[\"'])(?P<vf>(?<=\")[^\"\n]+|(?<=')[^'\n]+)"
)
_COMMAND_STEMS = ("echo", "uth", "ogin", "og_in", "ign_in", "ignin", "ignIn", "redential")  # "-" apart


def mask_assignments(text: str) -> str:
    """Mask the values of names that mean a secret."""
    if "-" in text or any(stem in text for stem in _COMMAND_STEMS):
        text = _COMMANDS.sub(_command, text)
    if not has_stem(text):
        return text
    parts: list[str] = []
    kept = position = 0
    while match := _NAMED.search(text, position):
        found = _secret_behind(text, match)
        if found is None:
            position = match.end("close")
            continue
        start, stop = found
        parts += [text[kept:start], MASK]
        kept = position = stop
    return "".join([*parts, text[kept:]])


def _command(match: re.Match[str]) -> str:
    kind = match.lastgroup or ""
    return match[0] if not kind or is_plain(match[kind]) else f"{match[kind[-1]]}{MASK}"


def _secret_behind(text: str, match: re.Match[str]) -> tuple[int, int] | None:
    """Start and end of the secret after a name; None if there is none."""
    key = match["key"].strip(".-")
    in_query = match.start() > 0 and text[match.start() - 1] in "?&;" and match["gap"] == "="
    suspicion = suspicion_of(key)
    if in_query:
        suspicion = max(suspicion, _suspicion_in_query(key))
    if suspicion <= Suspicion.RANDOM:
        suspicion = max(suspicion, _suspicion_with_word_before(text, match, key))
    if suspicion is Suspicion.NONE and key.lower() in ("value", "val", "default"):
        named = _NAME_BEFORE.search(text[max(0, match.start() - 120) : match.start()])
        suspicion = suspicion_of(named[1]) if named else suspicion
    if suspicion is Suspicion.NONE:
        return None
    gap = match["gap"]
    start = match.end()
    is_cell = gap.strip() == ","
    is_said = is_cell or not gap.strip()
    if is_said and not is_cell:
        said = _SAYS.match(text, start)
        start = said.end() if said else start
    if suspicion is Suspicion.WHOLE and not is_said and (nested := _nested_end(text, match)):
        return start, nested
    bare = _IN_ADDRESS_PAIR if in_query else _CELL_PAIR if is_cell else _BARE_PAIR
    inner, stop, is_quoted = _value_at(text, start, bare[0], doubled=match["close"] == '""')
    value = text[inner:stop]
    if not value or value.startswith(MASK):
        return None
    is_flag = bool(match["dash"]) and (not is_said or (match["dash"] == "--" and (is_quoted or not is_cell)))
    certain = "=" in gap or is_flag or is_quoted or in_query
    if not _is_secret(value, suspicion, certain=certain, is_said=is_said and not is_flag, is_quoted=is_quoted):
        return None
    if not is_quoted and len(value) >= _PEEK - 8 and (more := bare[1].match(text, stop)):
        stop = more.end()
    return inner, stop


def _suspicion_in_query(key: str) -> Suspicion:
    low = key.lower().removeprefix("amp;")
    if low in _QUERY_WHOLE:
        return Suspicion.TEXT
    return Suspicion.RANDOM if low in _IN_QUERY else Suspicion.NONE


def _suspicion_with_word_before(text: str, match: re.Match[str], key: str) -> Suspicion:
    """`API key: X` and `access token is X` in prose."""
    before = _BEFORE.search(text[max(0, match.start() - 16) : match.start()])
    return suspicion_of(f"{before[1]}_{key}") if before else Suspicion.NONE


def _nested_end(text: str, match: re.Match[str]) -> int | None:
    """The end of a mapping or list after a name, all of which is secret then; None if there is none."""
    start = match.end()
    if "\n" in match["gap"]:
        return _block_end(text, start) if _KEY_LINE.match(text, start) else None
    if text[start : start + 1] not in ("{", "["):
        return None
    depth = 0
    for bracket in _BRACKET.finditer(text, start, start + MAX_VALUE):
        depth += 1 if bracket[0] in "{[" else -1
        if depth == 0:
            return bracket.end()
    return min(len(text), start + MAX_VALUE)


def _value_at(text: str, start: int, pattern: re.Pattern[str], *, doubled: bool) -> tuple[int, int, bool]:
    """Start and end of the value at a place, without its quotes, and whether it has any; a value without quotes may continue."""
    opened = _OPEN.match(text, start)
    if opened and opened["block"]:
        return opened.end(), _block_end(text, opened.end()), True
    if opened:
        inner = opened.end()
        if doubled and text.startswith('"', inner):
            inner += 1
            end = text.find('""', inner, inner + MAX_VALUE)
            return inner, end if end >= 0 else inner, True
        end = text.find(opened["quote"], inner, inner + MAX_VALUE)
        while end > inner and opened["quote"][0] != "\\" and text[end - 1] == "\\" and text[end - 2] != "\\":
            end = text.find(opened["quote"], end + 1, inner + MAX_VALUE)
        if end < 0:
            rest = _REST.match(text, inner)
            end = rest.end() if rest else len(text)
        return inner, end, True
    bare = pattern.match(text, start)
    stop = bare.end() if bare else start
    while stop > start and text[stop - 1] in ".,;:":
        stop -= 1
    scheme = text[start:stop].lower()
    if scheme in ("bearer", "basic", "token", "digest", "apikey", "bot"):
        second = _WORD_BEHIND.match(text, stop)
        if second:
            return second.start(1), second.end(), True
    return start, stop, False


def _block_end(text: str, start: int) -> int:
    """The end of a YAML block of text: a line with less indentation, or a blank one."""
    end = text.find("\n", start)
    while end >= 0 and text[end + 1 : end + 2] in (" ", "\t"):
        end = text.find("\n", end + 1)
    return len(text) if end < 0 else end


def _is_secret(value: str, suspicion: Suspicion, *, certain: bool, is_said: bool, is_quoted: bool) -> bool:
    if is_plain(value):
        return False
    if suspicion is Suspicion.WHOLE:
        return _is_password(value, is_said=is_said, is_quoted=is_quoted)
    if suspicion is Suspicion.TEXT:
        if is_number(value) or is_special_token(value) or is_path(value):
            return False
        return (certain and not is_said) or is_opaque(value)
    return is_random(value) or (suspicion is Suspicion.OPAQUE and is_opaque(value))


def _is_password(value: str, *, is_said: bool, is_quoted: bool) -> bool:
    """Whether the text after "password" is one: in prose it may be an ordinary word, elsewhere the path of its file."""
    if is_said and is_quoted:
        return len(value) >= MIN_SAID and not any(c.isspace() for c in value) and not is_path(value)
    if is_said:
        return is_opaque(value, MIN_SAID)
    return not is_path(value) or not value.startswith(("/", "~", "."))
