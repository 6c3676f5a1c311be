"""Which hyperparameters are chosen for their effect, and one spelling of each: by kind of word and of value.

Two runs have the same configuration if they differ only in their seed and in what nobody chooses for its effect: paths,
names, hosts, ports, dates, device ids, intervals of logging. A name decides by its words, a value by its form, so that no
list of one framework's options is needed.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, TypeAlias

from ..meaning.words import words_of
from ..secrets import MASK

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..run import Hyperparameter

Kind: TypeAlias = Literal["chosen", "seed", "data", "incidental"]
Value: TypeAlias = float | str  # numbers as float, switches as "true" and "false", nothing as "none"

# Short forms of words; the key of a setting is made of the long ones.
SHORT_WORDS = {
    "lr": "learning rate", "learningrate": "learning rate", "lr0": "learning rate", "bs": "batch size",
    "bsz": "batch size", "batchsize": "batch size", "wd": "weight decay", "weightdecay": "weight decay",
    "mom": "momentum", "opt": "optimizer", "optim": "optimizer", "optimiser": "optimizer", "sched": "scheduler",
    "arch": "model", "net": "model", "network": "model", "architecture": "model", "ep": "epochs", "epoch": "epochs",
    "nepochs": "epochs", "drop": "dropout", "warm": "warmup", "hid": "hidden", "dim": "size", "ls": "label smoothing",
    "init": "initialization", "reg": "regularization", "aug": "augmentation", "act": "activation", "gclip": "gradient clip",
    "temp": "temperature", "ga": "gradient accumulation", "accum": "accumulation", "grad": "gradient",
}  # fmt: skip
# Words that add nothing to a setting of the same name without them: `init_lr`, `per_device_train_batch_size`.
_ADDED = frozenset(
    "per device train training base initial initialization init peak max num n value rate p prob probability".split()
)
_SAME = {
    ("learning",): "learning rate", ("learn",): "learning rate", ("batch", "size"): "batch size", ("batch",): "batch size", ("weight", "decay"): "weight decay",
    ("dropout",): "dropout", ("epochs",): "epochs", ("label", "smoothing"): "label smoothing", ("momentum",): "momentum",
    ("optimizer",): "optimizer", ("model",): "model", ("optimizer", "name"): "optimizer", ("optimizer", "type"): "optimizer",
    ("model", "name"): "model", ("model", "type"): "model", ("warmup", "steps"): "warmup steps", ("scheduler",): "scheduler",
    ("learning", "scheduler"): "scheduler", ("learning", "scheduler", "type"): "scheduler", ("scheduler", "name"): "scheduler",
    ("gradient", "norm"): "gradient clip", ("gradient", "clip"): "gradient clip", ("gradient", "clip", "val"): "gradient clip",
    ("gradient", "clip", "norm"): "gradient clip", ("clip", "gradient"): "gradient clip", ("clip", "norm"): "gradient clip",
}  # fmt: skip

SEED_WORDS = frozenset({"seed", "seeds", "srand", "replicate", "replica", "repeat", "repetition", "fold", "rng"})
_DATA_KEYS = frozenset(
    "dataset dataset_name data dataset_id data_name workload task task_name env env_id env_name train_dataset benchmark".split()
)
# The last word of a name that places, names or dates a run, or says where it ran.
_INCIDENTAL_LAST = frozenset(
    "dir dirs directory folder path paths file files filename root logdir outdir workdir host hostname node nodename port "
    "address addr ip url uri endpoint user username owner author email project entity team workspace tag tags note notes "
    "comment comments description desc group job jobid pid rank gpu gpus device devices cuda timestamp date datetime time "
    "created hash commit sha uuid guid id ids version versions verbose verbosity debug quiet "
    "progress tqdm bar workers memory prefetch command cmd argv cwd platform python os machine cluster partition queue "
    "license prefix suffix expname runname backup sweep trial run plot plots log logs to when started finished tmp temp".split()
)
_NAMED = frozenset(
    "run exp experiment job trial project sweep study group session task_run log output save file display".split()
)
_CHOSEN_NAMED = frozenset(
    "model optimizer dataset backbone encoder decoder tokenizer scheduler loss activation data env".split()
)
_BOOKKEEPING = frozenset(
    "log logs logging logger eval evaluate evaluation val valid validation save saving checkpoint checkpoints ckpt print report "
    "reporting plot image images sample summary display write flush sync snapshot dump record monitor metrics test wandb "
    "tensorboard tb mlflow visualize vis profile profiler progress bar refresh backup keep".split()
)
_INTERVALS = frozenset(
    "interval intervals every freq frequency period steps step epochs iters iterations n each total limit keep".split()
)
# Words that make bookkeeping of a name that starts with `log`, `eval` and the like; `log_std_init` is none.
_OF_BOOKKEEPING = frozenset(
    "level strategy best only model all last top gradients graph to on start batch folder format output".split()
)
_TRACKERS = frozenset(
    "wandb tensorboard tb mlflow comet neptune clearml swanlab logging logger tracking tracker progress profiler".split()
)
_WHOLE_PARTS = (_TRACKERS - {"progress"}) | {"resume", "resumed", "resuming", "git", "slurm"}
_PROCESSES = frozenset({"worker", "threads", "processes", "proc", "procs", "cpus"})
_COUNTED_SAMPLES = frozenset({"n", "sample"})
_PROCESS_RANKS = frozenset("rank local global node world process group distributed dist ddp data parallel mpi".split())
_OUTER = _TRACKERS | {"hydra", "paths", "launcher", "callbacks", "log", "logs", "io"}

_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_DATE = re.compile(
    r"(?:19|20)\d\d[-_/.]?[01]\d[-_/.]?[0-3]\d(?:\D|$)|^\d\d[-:]\d\d[-:]\d\d$|\b[0-3]?\d[-/.][01]?\d[-/.](?:19|20)\d\d\b"
    r"|\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.?[ -]+[0-3]?\d\b.*\b(?:19|20)\d\d\b",
    re.IGNORECASE,
)
_HEX = re.compile(r"(?=[0-9a-f-]*\d)(?=[0-9a-f-]*[a-f])[0-9a-f]{8,}(?:-[0-9a-f]{4,})*", re.IGNORECASE)
_HOST = re.compile(
    r"(?:\d{1,3}\.){3}\d{1,3}(?::\d+)?|[\w.-]+:\d{2,5}|(?:cuda|gpu|tpu|mps|cpu)(?::?\d+)?", re.IGNORECASE
)
_PLACE = re.compile(r"^(?:[/~\\]|\.{1,2}/|[A-Za-z]:[\\/])|.*/.*/|.*\\")
_FILE = re.compile(
    r"[\w./\\-]+\.(?:ya?ml|json|py|sh|txt|csv|ckpt|pth?|bin|safetensors|h5|log|toml|ini|pkl|npz|npy|parquet|tfrecord)",
    re.IGNORECASE,
)
_SECONDS = ((1.0e9, 2.2e9), (1.0e12, 2.2e12), (1.0e18, 2.2e18))  # times of 2001 to 2039 in s, ms and ns
MAX_TEXT = 200  # characters of a value; longer texts are descriptions


@lru_cache(maxsize=20_000)
def kind_of_name(name: str) -> Kind:
    """What a hyperparameter of this name is, as far as its words show."""
    parts = name.lower().replace("/", ".").split(".")
    words = words_of(parts[-1])
    if not words or words == ["experiment"] or any(part.startswith("_") for part in parts):
        return "incidental"
    if SEED_WORDS & set(words) or words in (["random", "state"], ["trial", "seed"]):
        return "seed"
    if parts[-1] in _DATA_KEYS or (len(parts) > 1 and parts[-1] == "name" and parts[-2] in _DATA_KEYS):
        return "data"
    return "incidental" if _is_incidental(parts, words) else "chosen"


def _is_incidental(parts: list[str], words: list[str]) -> bool:
    first, last, own = words[0], words[-1], set(words)
    if last in ("name", "names"):
        owner = words[-2] if len(words) > 1 else (words_of(parts[-2]) or [""])[-1] if len(parts) > 1 else ""
        return not _CHOSEN_NAMED & set(SHORT_WORDS.get(owner, owner).split())
    if last == "rank" and not own <= _PROCESS_RANKS:
        return False  # of a matrix
    is_count = bool(own & {"num", "n", "number"})
    if is_count and own & {"gpus", "devices", "nodes", "machines"}:
        return False  # they change the effective batch
    places = bool(own & _WHOLE_PARTS) or last in _INCIDENTAL_LAST or (is_count and bool(own & _PROCESSES))
    return places or _is_bookkeeping(first, own) or (len(parts) > 1 and bool(set(words_of(parts[0])) & _OUTER))


def _is_bookkeeping(first: str, own: set[str]) -> bool:
    """Whether a name is about when or what is logged, evaluated or saved."""
    if own & _BOOKKEEPING and own & _INTERVALS and not own <= _COUNTED_SAMPLES:
        return True
    rest = own - {first}
    if first not in _BOOKKEEPING or not rest or not rest <= _BOOKKEEPING | _OF_BOOKKEEPING | {"size"}:
        return False
    return "size" not in own or "batch" in own  # `test_size` is a share of the data


def typed(value: Hyperparameter) -> Value:
    """A value in one form: "0.1" and 0.1 are equal, True and "true", None and "null"."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        try:
            return float(value)
        except OverflowError:
            return hex(value) if isinstance(value, int) else "inf"  # Python refuses to print some thousand digits
    text = value.strip()
    try:
        number = float(text.replace("_", "") if text[:1].isdigit() else text)
    except ValueError:
        return {"null": "none", "": "none", "yes": "true", "no": "false", "on": "true", "off": "false"}.get(
            text.lower(), text.lower() if text.lower() in ("true", "false", "none") else text
        )
    return number if math.isfinite(number) else text.lower()


def unified(values: Iterable[Value]) -> list[Value]:
    """Values of one setting in several runs; 1 and 0 are switches where other runs have "true" or "false"."""
    column = list(values)
    if not {"true", "false"} & set(column) or not all(value in ("true", "false", "none", 0.0, 1.0) for value in column):
        return column
    return [{0.0: "false", 1.0: "true"}.get(value, value) if isinstance(value, float) else value for value in column]


def is_incidental_value(value: Value) -> bool:
    """Whether the form of a value shows that it places, names or dates a run: a path, an address, a date, a hash."""
    if isinstance(value, float):
        return any(low <= value <= high for low, high in _SECONDS)
    return (
        value == MASK
        or len(value) > MAX_TEXT
        or bool(_URL.match(value) or _DATE.search(value) or _PLACE.match(value))
        or any(pattern.fullmatch(value) for pattern in (_HEX, _HOST, _FILE))
    )


@lru_cache(maxsize=20_000)
def setting_key(name: str) -> str:
    """One key for the spellings of a setting: `lr`, `optimizer.lr` and `args.learning_rate` are "learning rate".

    The part before the last dot is dropped: which names of a study then collide is for its builder to see.
    """
    parts = name.lower().replace("/", ".").split(".")
    leaf = parts[-1]
    words = [part for word in words_of(leaf) for part in SHORT_WORDS.get(word, word).split()]
    if leaf in ("name", "type", "_target_", "class") and len(parts) > 1:
        words = [part for word in words_of(parts[-2]) for part in SHORT_WORDS.get(word, word).split()]
    plain = tuple(word for word in words if word not in _ADDED)
    return _SAME.get(plain) or (" ".join(words) if words else leaf)
