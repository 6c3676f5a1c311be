"""What stands before a number in a line of text: its key, if it has one."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from ...meaning.metric_names import is_metric_name
from ...meaning.vocabulary import SPLITS

if TYPE_CHECKING:
    from ...run import Split

MAX_KEY = 80  # characters before a number that are looked at
MAX_WORDS = 5  # longer ones are prose
MAX_MEASURED_WORDS = 8  # with a separator behind, and a known word within

SPLIT_OF_WORD: dict[str, Split] = {**SPLITS, "held-out": SPLITS["heldout"]}
_DOING = frozenset(word for word in SPLIT_OF_WORD if word.startswith("eval"))
_SPLIT_WORD = re.compile(
    rf"(?<![A-Za-z0-9_./])({'|'.join(SPLIT_OF_WORD)})(?![A-Za-z0-9_=']|\s*=|[./-]\w|[ -]rate)\.?", re.IGNORECASE
)
_SPLIT_NAMED = re.compile(rf"[A-Za-z] *[:=] *({'|'.join(SPLIT_OF_WORD)})(?=\s*[,;|])", re.IGNORECASE)
_AXIS = re.compile(
    r"(?:^|[\s(])(?:(?P<epoch>epochs?|ep|epoca|época|epoche|époque|эпоха|エポック|轮次?)|(?P<step>(?:global[ _]?)?steps?|(?:global[ _]?)?iter(?:ation)?s?|itr|updates?"
    r"|(?:\w+_)?num_updates|num_steps|(?:(?:time|misc)/)?(?:total[ _]?)?(?:env[ _]?)?(?:time)?steps(?:_total)?|n_iter|training_iteration|step_num"
    r"|num_timesteps|schritt|paso|passo|étape|шаг|итерация|iteraci[oó]n|iterazione|iteração|ステップ|步数?|迭代(?:次数)?)"
    r"|(?P<batch>batch(?:es)?|mini-?batch(?:es)?|episode))$",
    re.IGNORECASE,
)
_INDEX = re.compile(r"(?<=[A-Za-z]) (?:i|idx|index)$")  # behind an axis: `batch i:3`
_NO_AXIS = frozenset(
    "per max warmup best time ms fps every last log save eval_every num number accumulation ago took for-each patience of".split()
)
_BOUND = re.compile(
    r"[,;|\t{}\[\]<>\"“”‘’│┃]|\s[-–—]+\s|\s{2,}|[:=]|\)\s|\s['(]|^['(]|\s\*|\*\s|^\.\s|[a-z]{4}\.\s+(?=[A-Z])|[a-z]{5}\.\s"
)
_UNIT = re.compile(r"\s*\(([\w%/.-]+(?: [\w%/.-]+)?)\)$")
_FUNCTION = re.compile(r"(?:^|[\s,;|])[A-Z]\([\w()]+\)$")  # `D(x)` and `D(G(z))` are names, `D (x)` has a unit
_IS = re.compile(r"\s+((?:is|was)(?: (?:now )?set (?:as|to))?|equals|of|to)$", re.IGNORECASE)
_PAIR = re.compile(r"[(\[]['\"]([\w /.@-]{1,60})['\"],$")  # of a tuple: ('loss', 0.5)
_ARTICLES = re.compile(r"^(?:(?:and|with|the|an?|its)\s+|[轮步]\s+)+(?=\w)", re.IGNORECASE)
_PREPOSITION = re.compile(r"(?<=\w) (?:on|in|of|for)(?: the)?$", re.IGNORECASE)
_CALL = re.compile(r"([^\W\d_][\w.]*)\((?:[^\W\d_]\w*(?:, *|(?=\))))+\)$")  # what was computed: loss(x, y)
_FILE = re.compile(r"\.(?:py|cpp|cc|cu|h|hpp|go|js|so|txt|log|json|ya?ml|pth?|ckpt|h5|zip|gz)$", re.IGNORECASE)
_NAME = re.compile(r"[^\W\d_](?:[\w@./%'+^&#$ -]|\((?:[\w@:.%/ -]|\(\w*\))*\))*")
_OPTION = re.compile(r"(?:^|\s)--?[A-Za-z][\w-]*$")  # of a command line that the log repeats
_MEASURED = re.compile(
    r"^(?:trl|tel|g?norm|l[12])$|(?:^|[/_ ])(?:rew|ret|cost|objective|objf|ce|bce|ndcg|mrr|hits?)(?:$|[_ @])|eprew|epret",
    re.IGNORECASE,
)
_WRAPPER = re.compile(
    r"(?:[Tt]ensor|(?:\w+\.)?(?:D(?:evice)?Array|[Aa]rray)|(?:np|numpy|jnp)\.(?:float|int)[0-9]+|mean|param)\([\[(]*$"
)
# Keys that say where and when, or number something that is no time axis.
_IGNORED = frozenset(
    "eta cuda cuda: gpu gpus gpu_id rank world_size node local_rank line pid port device v v_num version py seed worker "
    "thread process job id layer fold at in on over to from and or is the a an with time_left remaining completed "
    "elapsed_eta x".split()
)
_OF_ONE = re.compile(r" (?:for|of|on|over|in) (?:an?|one|this|each|every) (?:single |random )?$", re.IGNORECASE)
_TIME_FOR = re.compile(r"time\b.*\b(?:for|of|in)", re.IGNORECASE)
_PROSE = frozenset(
    "from to at for in did not improved improving was were be is than by saved saving loaded loading".split()
)


class Key(NamedTuple):
    """A key before a number.

    Attributes:
        name: as in the log, without a separate word that names the split; "" if there is none.
        axis: "epoch", "step" or "batch" if that is what it counts, else "".
        split: separate word within the key that names a split.
        rest: what stands before the key, back to the number before.
        is_set: a separator stands between key and number.
        unit: written in parentheses behind the key.

    """

    name: str
    axis: str
    split: str
    rest: str
    is_set: bool
    unit: str


NO_KEY = Key("", "", "", "", is_set=False, unit="")


def key_of(before: str) -> Key:
    """Read the key at the end of the text before a number."""
    text = _WRAPPER.sub("", before[-MAX_KEY:]).rstrip()
    text = text.rstrip("'\"`‘’“”[($~≈ \t")
    is_set = text.endswith((":", "=", "->", "→"))
    text = _WRAPPER.sub("", text).rstrip("'\"`‘’“”:=>→- \t") if is_set else text
    if found := _PAIR.search(text):
        return _with_axis(found[1], text[: found.start()], "", is_set=True)
    if found := _IS.search(text):  # "the loss is 0.5", "a reward of 3", "set learning rate to 1e-4"
        is_known = found[1].lower() not in ("of", "to") or is_measured(" ".join(text[: found.start()].split()[-2:]))
        text = text[: found.start()] if is_known else text
        is_set = is_set or is_known
    unit = ""
    if is_set and (found := _CALL.search(text)) and "," in found[0]:
        text = text[: found.start()] + found[1]
    if (found := _UNIT.search(text)) and not _FUNCTION.search(text):
        unit = found[1]
        text = text[: found.start()]
    cuts = [match.end() for match in _BOUND.finditer(text)]
    start = max((cut for cut in cuts if cut < len(text)), default=0)
    if _OPTION.search(text, start):
        return Key("", "", "", "", is_set, unit)
    rest, name = text[:start], _ARTICLES.sub("", text[start:].strip(" .'\"`*#>~-_\t"))
    if unit.lower() in SPLIT_OF_WORD:  # "Epoch(train)"
        rest, unit = f"{rest} {unit} ", ""
    if " " in unit:  # "f1 (micro avg)" is a name, "time (ms)" has a unit
        name, unit = f"{name} ({unit})" if name else "", ""
    return _with_axis(name, rest, unit, is_set=is_set)


def _with_axis(name: str, rest: str, unit: str, *, is_set: bool) -> Key:
    words = name.lower().split()
    found = _AXIS.search(_INDEX.sub("", name) if is_set else name)
    if found and not (is_set and _is_said_of(name[: found.start()])):
        before = name[: found.start()]
        is_of_time = not is_set and _TIME_FOR.fullmatch(before.strip()) is not None  # "time taken for epoch 3 is 8 s"
        if (is_of_time or not _NO_AXIS.intersection(before.lower().split())) and not unit:
            return Key(found[0].strip(" ("), str(found.lastgroup), "", rest + before + " ", is_set, unit)
    is_long = len(words) > (MAX_MEASURED_WORDS if is_set and is_measured(name) else MAX_WORDS)
    is_odd = not _NAME.fullmatch(name) or is_long
    if is_odd or name.lower() in _IGNORED or name.lower() in SPLIT_OF_WORD or _FILE.search(name):
        return Key("", "", "", f"{rest} {name} ", is_set, unit)
    split = ""
    if (found := _SPLIT_WORD.search(name)) and found[0] != name:
        split = found[1].lower()
        name = " ".join((name[: found.start()] + name[found.end() :]).split()).strip(" -./")
        name = _PREPOSITION.sub("", name)  # "Score on dev"
    if words[-1] in _PROSE or (not is_set and len(words) > 1 and _PROSE.intersection(words)):
        return Key("", "", "", f"{rest}{split} {name} ", is_set, unit)
    return Key(name, "", split, rest, is_set, unit)


def _is_said_of(before: str) -> bool:
    """Whether the words before an axis name what is measured of one of its positions: `accuracy for a single` minibatch."""
    return _OF_ONE.search(f"{before.rstrip()} ") is not None and is_measured(before)


def split_in(text: str) -> str:
    """The word of a text that names a split; "" if there is none, or if several splits are named."""
    words = [match[1].lower() for match in _SPLIT_WORD.finditer(text)]
    words = [
        word for word in words if word not in _DOING
    ] or words  # "Evaluating train: 0.5" is about the training data
    if len({SPLIT_OF_WORD[word] for word in words}) > 1:  # "Phase: Training, Dataset: Validation"
        named = _SPLIT_NAMED.findall(text)
        words = [named[-1].lower()] if named else []
    return words[0] if words else ""


@lru_cache(maxsize=8192)  # a key comes again in line after line
def is_measured(name: str) -> bool:
    """Whether a key names a quantity of a training."""
    return is_metric_name(name) or _MEASURED.search(name) is not None


def is_place(word: str) -> bool:
    """Whether a word before a number names a device, a process or a remaining time."""
    return word.lower().strip(" .'\"`*#>~-_()[]") in _IGNORED
