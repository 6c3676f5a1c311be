"""Secrets recognised by their shape alone: tokens of services, PEM keys, URLs with passwords."""

from __future__ import annotations

import re
from base64 import b64decode

from ..late_pattern import late_pattern

MASK = "***"

# Services mark their tokens with a prefix: the prefix, and the characters after it. Lengths are the minimum that is issued,
# so that a word with the same beginning is not masked.
_ISSUED = (
    r"hf_[A-Za-z0-9]{16,}", r"api_org_[A-Za-z0-9]{16,}",
    r"sk-(?:[a-z]{2,12}[0-9]{0,2}-)*[A-Za-z0-9_-]{16,}", r"[srp]k_(?:live|test|prod)_[A-Za-z0-9]{8,}",
    r"gh[pousr]_[A-Za-z0-9]{16,}", r"github_pat_[A-Za-z0-9_]{16,}",
    r"gl(?:pat|dt|rt|cbt|ptt|ft|soat|agent|imt|ffct)-[A-Za-z0-9_.-]{12,}", r"GR1348941[A-Za-z0-9_-]{16,}",
    r"xox[a-z](?:\.xox[a-z])?-[A-Za-z0-9-]{8,}", r"xapp-[A-Za-z0-9-]{8,}",
    r"(?:AKIA|ASIA|ABIA|ACCA|AROA|AIDA)[A-Z0-9]{12,}", r"AIza[A-Za-z0-9_-]{20,}", r"ya29\.[A-Za-z0-9_-]{8,}",
    r"GOCSPX-[A-Za-z0-9_-]{12,}", r"1//0[A-Za-z0-9_-]{20,}",
    r"npm_[A-Za-z0-9]{16,}", r"pypi-[A-Za-z0-9_-]{16,}", r"do[opr]_v1_[a-f0-9]{16,}", r"rubygems_[a-f0-9]{16,}",
    r"SG\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}", r"whsec_[A-Za-z0-9+/=_-]{12,}", r"r8_[A-Za-z0-9]{16,}",
    r"nvapi-[A-Za-z0-9_-]{16,}", r"gsk_[A-Za-z0-9]{16,}", r"xai-[A-Za-z0-9]{16,}", r"pplx-[A-Za-z0-9]{16,}",
    r"tgp_v1_[A-Za-z0-9_-]{16,}", r"lsv2_[a-z]{2}_[A-Za-z0-9_]{16,}", r"ls__[A-Za-z0-9]{16,}", r"fw_[A-Za-z0-9]{20,}",
    r"esecret_[A-Za-z0-9]{16,}", r"jina_[A-Za-z0-9]{20,}", r"pcsk_[A-Za-z0-9_]{16,}", r"rpa_[A-Z0-9]{20,}", r"csk-[a-z0-9]{20,}",
    r"wandb_v1_[A-Za-z0-9_]{16,}", r"local-[a-f0-9]{40}", r"key-[a-f0-9]{32}", r"SK[a-f0-9]{32}",
    r"sq0[a-z]{3}-[A-Za-z0-9_-]{16,}", r"shp(?:at|ss|ca|pa)_[a-fA-F0-9]{16,}", r"dapi[a-f0-9]{32}(?:-\d)?", r"dose[a-f0-9]{32}",
    r"hv[sbr]\.[A-Za-z0-9_-]{16,}", r"AT[AC]TT3[A-Za-z0-9_=-]{16,}", r"lin_api_[A-Za-z0-9]{16,}", r"ntn_[A-Za-z0-9]{16,}",
    r"secret_[A-Za-z0-9]{32,}", r"PMAK-[A-Za-z0-9-]{16,}", r"figd_[A-Za-z0-9_-]{16,}", r"gl(?:sa|c)_[A-Za-z0-9_=+/-]{16,}",
    r"sb[ap]_[A-Za-z0-9_]{16,}", r"sb_secret_[A-Za-z0-9_-]{8,}", r"pscale_[a-z]+_[A-Za-z0-9_.=-]{16,}", r"dckr_[a-z]{3}_[A-Za-z0-9_-]{16,}",
    r"tskey-[A-Za-z0-9-]{12,}", r"fo1_[A-Za-z0-9_-]{16,}", r"FlyV1 [A-Za-z0-9_=,/+-]{16,}", r"AGE-SECRET-KEY-1[A-Z0-9]{20,}",
    r"NRAK-[A-Z0-9]{16,}", r"NRJS-[a-f0-9]{16,}", r"phx_[A-Za-z0-9]{16,}", r"sntry[su]_[A-Za-z0-9_=+/]{16,}", r"dp\.[a-z]{2,5}\.[A-Za-z0-9.]{16,}",
    r"LTAI[A-Za-z0-9]{12,}", r"AKID[A-Za-z0-9]{12,}", r"EAAC[A-Za-z0-9]{20,}", r"amzn\.mws\.[a-f0-9-]{20,}", r"HRKU-[A-Za-z0-9_-]{20,}",
    r"[0-9]{8,10}:AA[A-Za-z0-9_-]{30,}", r"[MNO][A-Za-z0-9_-]{23,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,}",
    r"[a-f0-9]{32}-us[0-9]{1,2}", r"[A-Za-z0-9_~.-]{3}[0-9]Q~[A-Za-z0-9_~.-]{31,34}", r"ops_eyJ[A-Za-z0-9_=+/-]{16,}",
    r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*)?", r"eyJ[A-Za-z0-9_+/=-]{24,}",
    r"cfut_[A-Za-z0-9]{16,}", r"v1\.0-[a-f0-9]{24}-[a-f0-9]{64,}", r"CFPAT-[A-Za-z0-9_-]{16,}", r"oy2[a-z0-9]{43}", r"cio[A-Za-z0-9]{32}",
)  # fmt: skip
# Substrings of which each must contain one; otherwise the long pattern is not tried.
ISSUED_MARKS = late_pattern(
    r"hf_|api_org_|sk-|[srp]k_|gh[pousr]_|github_pat|gl[a-z]{2,6}-|GR134|xox|xapp-|AKI|ASIA|ABIA|ACCA|AROA|AIDA|AIza|ya29|GOCSPX|1//0|npm_|pypi-"
    r"|_v1_|rubygems_|SG\.|whsec_|r8_|nvapi-|gsk_|xai-|pplx-|lsv2_|ls__|fw_|esecret_|jina_|pcsk_|rpa_|csk-|local-|key-|SK[a-f0-9]|sq0|shp[a-z]"
    r"|dapi|dose|hv[sbr]\.|TT3|lin_api|ntn_|secret_|PMAK|figd_|gl(?:sa|c)_|sb[ap]?_|pscale|dckr_|tskey-|fo1_|FlyV1|AGE-|NR[AJ]|phx_|sntry|dp\.|LTAI"
    r"|EAAC|amzn|HRKU|:AA|[MNO][A-Za-z0-9_-]{23}|-us\d|Q~|eyJ|cfut_|v1\.0-|CFPAT|oy2|cio"
)
# An issued secret may be part of a longer word (`runs_hf_...`), but not of a long random one.
_ISSUED_PATTERN = late_pattern(rf"(?<![A-Za-z0-9])(?:{'|'.join(_ISSUED)})")

# PEM private keys, over several lines or with escaped line ends, up to their end or that of the text.
_ARMOUR = late_pattern(
    r"-----BEGIN[ +][A-Z0-9 +]{0,40}PRIVATE[ +]KEY(?:[ +]BLOCK)?-----.*?(?:-----END[ +][A-Z0-9 +]{0,40}PRIVATE[ +]KEY(?:[ +]BLOCK)?-----|\Z)",
    re.DOTALL,
)
_ARMOUR_END = late_pattern(r"\A(?:[^-]|-(?!----))*+-----END[ +][A-Z0-9 +]{0,40}PRIVATE[ +]KEY(?:[ +]BLOCK)?-----")
_PUTTY = late_pattern(r"PuTTY-User-Key-File-\d.*", re.DOTALL)
# A line from inside of one, whose first line is missing.
_INSIDE = late_pattern(
    r"^[ \t>|]{0,40}+(?=[^\n]{0,80}[a-z])(?=[^\n]{0,80}[A-Z])(?=[^\n]{0,80}[0-9+/])[A-Za-z0-9+/]{60,76}={0,2}[ \t\r]{0,8}$",
    re.MULTILINE,
)

_AT = late_pattern(r"(?<=:/)(/?)([^\s/?#\"'<>@]*)([^\s/?#\"'<>]*)@(?=[\w\[*.-])")
_AT_SLASHED = late_pattern(r"(?<=://)([^\s:/@]{0,100}:)(?!\d{1,5}(?:/|\s))([^\s@\"'<>]{1,300})@(?=[\w\[*-]+[.:/\w-])")
_AT_BARE = late_pattern(
    r"(?<![\w/@.+:-])(?!(?:mailto|sip|xmpp|acct|sha256|ssh|git):)([A-Za-z][\w.+-]{0,60}):([^\s:@/\"'<>]{4,100})@(?=[\w-]+\.[\w.-]+)"
)
_HOOKS = late_pattern(
    r"(hooks\.slack\.com/(?:services|workflows|triggers)/|discord(?:app)?\.com/api/(?:v\d+/)?webhooks/"
    r"|[\w-]{1,60}\.webhook\.office\.com/\w+/|outlook\.office(?:365)?\.com/webhook/|api\.telegram\.org/bot|hooks\.zapier\.com/hooks/catch/"
    r"|chat\.googleapis\.com/v1/spaces/|open\.(?:feishu\.cn|larksuite\.com)/open-apis/bot/v2/hook/|maker\.ifttt\.com/trigger/[\w-]+/with/key/"
    r"|hc-ping\.com/|hooks\.chime\.aws/incomingwebhooks/|events\.pagerduty\.com/integration/)[^\s\"'<>)\]},]+"
)
_SCHEME = late_pattern(
    r"\b(Bearer|Basic|Digest|Negotiate|Token|ApiKey|SSWS|GenieKey|Splunk)((?:\s|%20|\+|\\n|\\)+[\"']?)([A-Za-z0-9._~+/=:%$!-]{6,})",
    re.IGNORECASE,
)


def mask_shapes(text: str) -> str:
    """Mask secrets recognised by their shape alone."""
    if "-----" in text or "PuTTY" in text:
        text = _PUTTY.sub(MASK, _ARMOUR_END.sub(MASK, _ARMOUR.sub(MASK, text)))
    if len(text) >= 60:
        text = _INSIDE.sub(MASK, text)
    if ISSUED_MARKS.search(text):
        text = _ISSUED_PATTERN.sub(_issued, text)
    if "@" in text:
        text = _AT.sub(_userinfo, text)
        text = _AT_BARE.sub(rf"\1:{MASK}@", _AT_SLASHED.sub(rf"\1{MASK}@", text))
    if "." in text and "/" in text:
        text = _HOOKS.sub(rf"\1{MASK}", text)
    return _SCHEME.sub(_scheme, text)


def _issued(match: re.Match[str]) -> str:
    found = match[0]
    # sk-learn-pipeline-version-two, pypi-package-name: words, not random characters
    is_loose = found.startswith(("sk-", "pypi-", "local-", "tskey-", "secret_", "xai-", "xapp-", "fw_", "dp."))
    return found if is_loose and not any(c.isdigit() for c in found) else MASK


def _userinfo(match: re.Match[str]) -> str:
    slash, whole = match[1], match[2] + match[3]
    user, colon, password = whole.partition(":")
    if not colon:
        user, colon, password = whole.partition("%3A")
    if colon:
        return f"{slash}{user}{colon}{MASK}@" if password else match[0]
    is_long = len(user) >= 16 and any(c.isdigit() for c in user)
    return f"{slash}{MASK}@" if is_long else match[0]


def _scheme(match: re.Match[str]) -> str:
    scheme, gap, value = match[1].lower(), match[2], match[3]
    if scheme == "basic":
        is_secret = _is_pair(value)
    elif scheme in ("token", "digest"):
        is_secret = len(value) >= 16 and any(c.isdigit() for c in value) and any(c.isalpha() for c in value)
    else:
        is_secret = any(c.isdigit() for c in value) or len(value) >= 20
    return f"{match[1]}{gap}{MASK}" if is_secret else match[0]


def _is_pair(value: str) -> bool:
    """Whether a text is "user:password" in base 64."""
    try:
        decoded = b64decode(value[:400] + "=" * (-len(value[:400]) % 4), validate=True)
    except ValueError:
        return False
    return b":" in decoded and all(32 <= byte < 127 or byte >= 0xC2 for byte in decoded)
