"""Classification of keys: whether the value may be a secret, or is one."""

from __future__ import annotations

from enum import IntEnum
from functools import lru_cache
from itertools import pairwise

from ..late_pattern import late_pattern


class Suspicion(IntEnum):
    """Class of a key with regard to its value.

    `NONE`: not a secret; `RANDOM`: a secret if it looks random (`session`, `key`); `OPAQUE`: if it is not a word, path or
    number (`secret_of_bob`); `TEXT`: if it is a text other than a number and a vocabulary token (`token`); `WHOLE`: any
    value (`password`).
    """

    NONE = 0
    RANDOM = 1
    OPAQUE = 2
    TEXT = 3
    WHOLE = 4


_WORD = late_pattern(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+|[^\W\d_a-zA-Z]+")
MAX_KEY = 200  # characters examined of a key, from its end: the last words decide

# Cheap pre-check: a text without any of these contains none of the words below.
_STEMS = tuple(
    "pass pwd pw secret cred token key auth cookie sess jwt bearer sas sig dsn hook conn salt otp mnemonic phrase seed pem kennwort senha sid login code nonce url uri pin hmac пароль 密码".split()
)

_WHOLE = frozenset(
    "password passwords passwd passwds passphrase passphrases passcode passcodes pwd pwds secret secrets credential "
    "credentials cred creds apikey apikeys privatekey accesskey secretkey authkey accountkey sshkey cookie cookies "
    "authorization connectionstring connstr webhook webhooks dsn mnemonic kennwort passwort senha sshpass htpasswd netrc "
    "pgpass пароль 密码 passkey keytab".split()
)
_WHOLE_ENDS = (
    "password", "passwd", "passphrase", "passcode", "secret", "secrets", "apikey", "apikeys", "secretkey", "privatekey",
    "accesskey", "accountkey", "authkey", "credentials", "credential", "clientkey", "signingkey", "encryptionkey",
    "connectionstring", "webhookurl", "webhook", "setcookie", "masterkey", "licensekey", "authorization",
)  # fmt: skip
_TEXT_ENDS = ("token", "pwd", "pword", "jwt")
_TEXT = frozenset("token bearer jwt pw otp totp mfa sas pem".split())
_RANDOM = frozenset(
    "session sess sessionid phpsessid jsessionid sid signature sig salt key keys tokens auth authentication nonce hmac hash digest "
    "login code state".split()
)
# Words that make "key" a cryptographic key.
_LOCKS = frozenset(
    "api access private secret account auth authentication authorization encryption encrypt decryption signing sign "
    "signature master service storage shared ssh gpg pgp rsa ed25519 tls ssl subscription license licence deploy "
    "deployment admin root client session server app application consumer cloud aws s3 gcp gcs azure openai anthropic hf "
    "huggingface wandb comet neptune clearml mlflow stripe sendgrid twilio mailgun datadog github gitlab google cohere "
    "groq mistral together replicate pinecone weaviate qdrant slack discord telegram bot swanlab trackio aim kaggle roboflow "
    "labelbox serpapi tavily langsmith langchain deepseek gemini fireworks perplexity nvidia ngc runpod vast lambda modal "
    "fernet hmac jwt webhook integration write wrapping kms host instrumentation publish bearer crypto vault sas".split()
)
# Tokens of a vocabulary, and counts of them.
_OF_VOCABULARY = frozenset(
    "eos bos pad unk cls sep mask special start end stop begin image img prompt vision audio video boundary extra additional "
    "class input output max min num n total decoder encoder prefix suffix separator placeholder text word sub "
    "character char prediction target source forced forcing first last next prev previous time per new line newline "
    "global local register query patch latent motion object space unknown padding eot eod bop eop think thinking tool "
    "user assistant system role answer label loss sample context empty blank sot no non any all every best top hidden "
    "distill distillation summary control trigger instance style rare concept modifier validation initializer".split()
)
# A name, a measure or a place of a secret is not a secret.
_ABOUT = frozenset(
    "length len size count counts num dim dims file files filename path paths dir directory folder env envvar name names type types "
    "enabled disabled required optional policy ttl expiry expires expiration expire expired timeout min max algorithm algo "
    "method methods provider providers format rotation strategy mode id ids index idx url uri endpoint host "
    "port error errors exception warning message status store backend manager helper class module function usage "
    "scope scopes version rate ratio limit limits budget per field column columns col prefix suffix pattern regex "
    "strength complexity attempts retries hint prompt placeholder ref reference arn location vocab vocabulary embedding "
    "embeddings ids type loss accuracy acc classification mixing dropout level parallel set sets present found missing "
    "available configured use used dataset datasets data model models task corpus study config project experiment split benchmark detector detection valid invalid verified created updated interval age events event enable".split()
)
_ABOUT_SECRET_URLS = frozenset({"webhook", "webhooks", "sas", "presigned", "signed", "hook", "callback"})
# Trailing words that do not change the meaning.
_SAME = frozenset(
    "value val values str string text raw b64 base64 base hex encoded enc encrypted plain plaintext cleartext old new prev previous "
    "current default prod production dev development test staging live backup primary secondary part parts piece half chunk "
    "fragment first second third a b c x y write read ro rw main tmp temp hash hashed digest header personal cookie".split()
)
_COUNTED = frozenset("num n no max min total count has is use with needs require requires allow enable".split())
_PASS_OF = frozenset(
    "db database user usr smtp imap mysql mariadb postgres postgresql pg ftp sftp root admin redis mongo mongodb http https proxy mail email "
    "login auth wifi sudo my neo4j rabbitmq amqp ldap ssh svc service account minio keystore truststore key cert rpc bot "
    "store key keys es elastic elasticsearch clickhouse kafka vault docker registry nexus artifactory jenkins git".split()
)


def has_stem(text: str) -> bool:
    """Whether a text may contain a suspicious key; plain searches, many times faster than one pattern."""
    low = text.lower()
    return any(stem in low for stem in _STEMS)


def words_of_key(key: str) -> list[str]:
    """Lower-case words of a key, cut at punctuation, digits and camelCase."""
    return [word.lower() for word in _WORD.findall(key[-MAX_KEY:])]


@lru_cache(maxsize=8192)
def suspicion_of(key: str) -> Suspicion:
    """The class of a key; dotted, nested, camelCase, kebab-case, concatenated or like a variable."""
    if not has_stem(key):
        return Suspicion.NONE
    words = words_of_key(key)
    while len(words) > 1 and (words[-1] in _SAME or words[-1].isdigit()):
        words.pop()
    if not words:
        return Suspicion.NONE
    last, before = words[-1], words[-2] if len(words) > 1 else ""
    if last in ("id", "ids") and words[-3:-1] == ["access", "key"]:
        return Suspicion.WHOLE  # of Amazon: one half of a key pair, treated as secret
    if last in _ABOUT:
        is_address = last in ("url", "uri", "endpoint") and not _ABOUT_SECRET_URLS.isdisjoint(words)
        return Suspicion.WHOLE if is_address else Suspicion.NONE
    found = max(_of_whole(words), _of_key(words), _of_token(words), _of_last(last, before))
    if last in ("string", "str") or before in ("connection", "conn"):
        found = max(found, Suspicion.WHOLE if "conn" in key.lower() else Suspicion.NONE)
    if words[-2:] in (["seed", "phrase"], ["recovery", "phrase"], ["recovery", "code"], ["backup", "code"]):
        found = Suspicion.WHOLE
    return found


def is_counted(key: str) -> bool:
    """Whether a key counts or switches things (`num_passwords`, `has_secret`): its value is not a secret."""
    words = words_of_key(key)
    return bool(words) and words[0] in _COUNTED


def _of_whole(words: list[str]) -> Suspicion:
    named = [word in _WHOLE or word.endswith(_WHOLE_ENDS) for word in words]
    if named[-1]:
        return Suspicion.WHOLE
    return Suspicion.OPAQUE if any(named) else Suspicion.NONE  # secret_of_bob, but also secret_sharer_model


def _of_key(words: list[str]) -> Suspicion:
    """`api_key`, also with more behind (`api_key_of_bob`)."""
    found = [second in ("key", "keys") and first in _LOCKS for first, second in pairwise(words)]
    if found and found[-1]:
        return Suspicion.WHOLE
    return Suspicion.OPAQUE if any(found) else Suspicion.NONE


def _of_last(last: str, before: str) -> Suspicion:
    is_pass = (last == "pass" and (not before or before in _PASS_OF)) or last.removesuffix("pass") in _PASS_OF - {last}
    if is_pass or (last in _TEXT and last != "token"):
        return Suspicion.TEXT
    if last == "auth":
        return Suspicion.OPAQUE
    return Suspicion.RANDOM if last in _RANDOM else Suspicion.NONE


def _of_token(words: list[str]) -> Suspicion:
    last = words[-1]
    if last == "token":
        return Suspicion.RANDOM if _OF_VOCABULARY & set(words[:-1]) else Suspicion.TEXT
    if last.endswith(_TEXT_ENDS) and len(last) > len("token"):
        return Suspicion.RANDOM if last.removesuffix("token") in _OF_VOCABULARY else Suspicion.TEXT
    return Suspicion.RANDOM if "token" in words else Suspicion.NONE
