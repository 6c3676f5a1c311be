"""Hyperparameters in the names of runs and folders: `lr0.1_bs32_s3`, `lr=0.1,wd=1e-4`, `adam/seed-3`."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ..run import Hyperparameter

MAX_NAME = 1000  # characters of a name that are read
_NUMBER = r"[-+]?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][-+]?\d+)?"
_SUFFIX = re.compile(r"\.(?:csv|tsv|jsonl?|log|txt|out|err|parquet|db|sqlite3?|ya?ml|gz|zst|bz2|xz)$", re.IGNORECASE)
# `key=value`: the value ends at a separator, or at an underscore or dash before the next `key=`
_PAIR = re.compile(r"([A-Za-z+][\w.+-]*?)=((?:(?![_-][A-Za-z][\w.]*=)[^,;&\s])+)")
# The words of a key before "=": in `bs32_opt=adam` and `train_00003_lr=0.1` only the last one.
_KEY = re.compile(r"(?:(?<=[_-])|^)\+?[A-Za-z][A-Za-z.]*(?:[_-][A-Za-z.]+)*\d{0,2}(?:\.[A-Za-z][\w.]*)?$")
_ATTACHED = re.compile(r"(?:[_-][A-Za-z]+-?\d+(?:\.\d+)?(?:[eE]-?\d+)?)+$")  # `_s2` after a value
_TOKEN = re.compile(
    rf"(?<![A-Za-z0-9.])(?P<word>[A-Za-z]+)(?P<joined>[-_=:]?)(?P<number>{_NUMBER}|\d+p\d+)(?![A-Za-z0-9])"
)
_WORD = re.compile(r"[A-Za-z]+(?:\d+[A-Za-z]*)*")
# `optimizer-adam`: settings whose values are words, and are written out beside their names
_WORD_PAIR = re.compile(
    r"(?<![A-Za-z0-9])(optimizer|optim|opt|scheduler|sched|activation|act|arch|backbone|norm)[-_]([A-Za-z][A-Za-z0-9]*)(?![A-Za-z0-9]|=)",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"(?:19|20)\d\d[-_]?[01]\d[-_]?[0-3]\d(?:[-_T]?\d\d[-_:]?\d\d[-_:]?\d\d)?|\d\d[-:]\d\d[-:]\d\d(?!\d)"
    r"|(?<![A-Za-z0-9])(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[-_]?[0-3]\d(?:[-_]\d{4,6})?(?![A-Za-z0-9])"
    r"|(?<!\d)[0-3]\d[-_.]?(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)(?:[-_.]?(?:19|20)?\d\d)?(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_RANDOM = re.compile(r"(?=[a-z0-9]*\d[a-z]+\d|[a-z0-9]*\d{3,}[a-z]|[0-9]+[a-z]+[0-9]*)[a-z0-9]{6,}", re.IGNORECASE)
# Ids of trackers: hexadecimal digits, or letters and digits that alternate.
_HASH = re.compile(
    r"(?<![A-Za-z0-9.])(?![a-z]+\d+p\d+(?![a-z0-9]))(?:(?=[0-9a-f]*\d)(?=[0-9a-f]*[a-f])[0-9a-f]{8,}|(?=(?:[a-z]*\d+[a-z]+){2}|(?:\d*[a-z]+\d+){2})[a-z0-9]{8,})(?![A-Za-z0-9.])"
)
_MADE_UP = re.compile(r"([a-z]{3,})-([a-z]{3,})-\d+")
_COUNTED_WORDS = frozenset(
    "seed seeds rep fold size layers layer dim epochs epoch steps rank heads width depth drop dropout batch".split()
)
_SEED_WORDS = frozenset({"s", "seed", "seeds", "rep", "replicate", "repeat", "fold", "rs", "sd"})
# Numbers after these count runs; they are no settings.
_INDEX_WORDS = frozenset(
    "run runs trial exp experiment version v job task study id idx index try attempt no num nr session node worker part rank "
    "log logs checkpoint ckpt group sweep model train test val host gpu t".split()
)
_PLAIN_WORDS = frozenset(
    "run runs trial exp experiment experiments version job study id seed seeds s rep log logs output outputs results result train "
    "val valid validation test eval metrics metric history events tb tensorboard csv lightning wandb mlruns multirun files "
    "checkpoint checkpoints sweep sweeps trainer state progress data latest offline local group default".split()
)


@dataclass(frozen=True, slots=True)
class NamedSettings:
    """What the name of a run says.

    Attributes:
        pairs: settings by the name that is written there; numbers as float.
        seed: number of the replicate, or "".
        words: for each part of the path, its words that are no settings ("baseline", "no dropout").

    """

    pairs: dict[str, Hyperparameter] = field(default_factory=dict)
    seed: str = ""
    words: tuple[str, ...] = ()


def settings_of_name(name: str) -> NamedSettings:
    """Settings in the name of a run, a path whose parts are separated by "/"; the last mention of a setting counts."""
    pairs: dict[str, Hyperparameter] = {}
    words = []
    seed = ""
    for part in name[:MAX_NAME].split("/"):
        found, rest = ([], "") if _is_made_up(part) else _part(part)
        if len(found) == 1 and len(found[0][0]) == 1 and not rest and found[0][0].lower() not in _SEED_WORDS:
            found = []  # `r13` counts runs
        for key, value in found:
            if key.lower() in _SEED_WORDS or key.lower().endswith("seed"):
                seed = f"{value:g}" if isinstance(value, float) else str(value)
            elif key.lower() not in _INDEX_WORDS or isinstance(value, str):
                pairs[key] = value
        words.append(rest)
    return NamedSettings(pairs, seed, tuple(words))


def _is_made_up(text: str) -> bool:
    """Whether a tracker made up a name like `calm-river-12`."""
    match = _MADE_UP.fullmatch(text)
    return match is not None and match[2] not in _COUNTED_WORDS and f"{match[1]} {match[2]}" not in _TWO_WORDS


def _part(text: str) -> tuple[list[tuple[str, Hyperparameter]], str]:
    """Settings in one part of a path, and its other words."""
    text = _HASH.sub(" ", _DATE.sub(" ", _SUFFIX.sub("", text)))
    found: list[tuple[str, Hyperparameter]] = []

    def take_pair(match: re.Match[str]) -> str:
        key = _KEY.search(match[1])
        value = _ATTACHED.sub("", match[2])
        if key is None or not value.strip("_-"):
            return match[0]
        found.append((key[0].strip("+_-."), _value(value.strip("_-"))))
        return f"{match[1][: key.start()]} {match[2][len(value) :]} "

    def take_number(match: re.Match[str]) -> str:
        before = text[: match.start()]
        key = _whole_key(before, match["word"]) if match["joined"] else match["word"]
        number = match["number"]
        if re.fullmatch(r"0\d\d+", number):  # counts runs
            return " " * len(match[0])
        is_joined_minus = number.startswith("-") and not match["joined"]
        found.append((key, _value(number[1:] if is_joined_minus else number)))
        return " " * len(match[0])

    def take_words(match: re.Match[str]) -> str:
        if match[2].lower() in _TWO_WORD_ENDS:
            return match[0]
        found.append((match[1], match[2].lower()))
        return " "

    text = _PAIR.sub(take_pair, text)
    text = _WORD_PAIR.sub(take_words, text)
    text = _TOKEN.sub(take_number, text)
    keys = {word for key, _ in found for word in key.lower().split("_")}
    rest = [word.lower() for word in _WORD.findall(_RANDOM.sub(" ", text))]
    return found, " ".join(word for word in rest if word not in _PLAIN_WORDS and word not in keys)


def _whole_key(before: str, word: str) -> str:
    """The key of several words that ends with a word: `weight_decay` before `_0.1`; of other words, the last one alone."""
    match = re.search(r"([A-Za-z]+)_$", before)
    return f"{match[1]}_{word}" if match and f"{match[1]} {word}".lower() in _TWO_WORDS else word


_TWO_WORDS = frozenset(
    f"{first} {second}"
    for first, second in (pair.split() for pair in (
        "learning rate|weight decay|batch size|label smoothing|hidden size|hidden dim|warmup steps|warmup ratio|dropout rate|"
        "dropout prob|num layers|n layers|num heads|n heads|grad clip|clip norm|max steps|num epochs|base lr|init lr|embed dim|"
        "model dim|lora r|lora alpha|lora rank|ema decay|weight scale|data fraction|train size|grad accum|random seed|entropy coef"
    ).split("|"))
)  # fmt: skip

# Words after which a name goes on: `norm_type`, `opt_level`.
_TWO_WORD_ENDS = frozenset(
    "type level name sweep search ablation test study lr wd seed s state step steps clip eps comparison".split()
)


def _value(text: str) -> Hyperparameter:
    decimal = re.fullmatch(r"(\d+)p(\d+)", text)
    try:
        return float(f"{decimal[1]}.{decimal[2]}" if decimal else text)
    except ValueError:
        return text
