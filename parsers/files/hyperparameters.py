"""Hyperparameters from configuration files beside a log."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from functools import lru_cache
from itertools import islice
from typing import TYPE_CHECKING, Any

from ..run import Note, Source
from ..secrets import MASK, hides_whole, masked_item, sibling_key
from .listings import listing_of
from .model_configs import keras_facts, without_tables
from .open_log import open_log
from .python_config import assignments

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import yaml

    from ..run import Hyperparameter

MODEL_OF_KERAS = "model.json"  # also of other tools, whose models are not hyperparameters
# If two files have the same key, the first one counts.
CONFIG_NAMES = (
    "hparams.yaml", "hparams.yml", "hparams.json", "args.yaml", "args.yml", "args.json", "params.json",
    "params.yaml", "training_args.json", "trainer_args.json", "train_args.json", "training_args.yaml", "train_config.json",
    "train_config.yaml", "training_config.json", "training_config.yaml", "trainer_config.json", "config.json", "config.yaml",
    "config.yml", "config.toml", "hparams.toml", "args.toml", "train.toml", "opt.yaml", "hyp.yaml", "model_config.json",
    "adapter_config.json", MODEL_OF_KERAS,
)  # fmt: skip
HYDRA_NAMES = (".hydra/config.yaml", ".hydra/overrides.yaml")
# Beside `run.csv`, of that log alone.
STEM_SUFFIXES = (".yaml", ".yml", ".toml", ".json", ".config.json", "_config.json", "_config.yaml", "_args.json", "_args.yaml", "_hparams.json",
                 "_hparams.yaml", "_params.json", ".args.json", ".hparams.yaml")  # fmt: skip
MAX_YAML_BYTES = 100 * 1024  # PyYAML reads 0.1 MB a second
MAX_PYTHON_BYTES = 100 * 1024
MAX_ENTRIES = 1000  # of a folder, among which a Python file is looked for
MAX_JSON_BYTES = 4 * 1024 * 1024
MAX_KEYS = 2000  # of one mapping, also against multiplying YAML aliases
MAX_YAML_KEYS = 50_000  # more do not fit `MAX_YAML_BYTES`, unless they are merged
MAX_VISITS = 10 * MAX_KEYS  # of keys and mappings: YAML aliases can multiply them, even without values
MAX_DEPTH = 12
MAX_TEXT = 500  # characters of a value
MAX_ITEMS = 32  # of a list kept as text
# Settings of most trainings: a file `run.json` beside `run.csv` is a configuration if it has one of them, and no results.
_WELL_KNOWN = frozenset(
    "lr learning_rate base_lr batch_size per_device_train_batch_size epochs num_epochs max_epochs num_train_epochs max_steps seed "
    "optimizer weight_decay momentum dropout warmup_steps hidden_size".split()
)
_ORDERED = "collections.OrderedDict"  # end of a YAML tag, as RL Baselines Zoo writes it
_EXPONENT = re.compile(r"[-+]?\d+(?:\.\d*)?[eE][-+]?\d+")  # YAML 1.1 reads 1e-4 as text


def is_config(path: Path) -> bool:
    """Whether a file with this name is a configuration file, not a log."""
    return path.name.lower() in CONFIG_NAMES


def read_beside(path: Path) -> tuple[dict[str, Hyperparameter], list[Source], list[Note]]:
    """Read the configuration files in the folder of a log: flat keys, the files read, and notes."""
    values: dict[str, Hyperparameter] = {}
    sources: list[Source] = []
    notes: list[Note] = []
    stem = path.name.partition(".")[0]
    own_names = [f"{stem}{suffix}" for suffix in STEM_SUFFIXES] if stem else []
    for name in _there(path.parent, (*own_names, *CONFIG_NAMES, *HYDRA_NAMES)):
        config = path.parent / name
        try:
            if config == path or not config.is_file():
                continue
            loaded = _load(config)
            if name in own_names and config.suffix in (".json", ".toml") and not _is_settings(loaded):
                continue
        except OSError as error:
            notes.append(Note(str(config), "", f"cannot be read: {error.strerror}"))
            continue
        except ValueError as error:
            if name in (MODEL_OF_KERAS, f"{stem}.json"):
                continue
            notes.append(Note(str(config), "", f"hyperparameters not read: {error}"))
            continue
        if name == HYDRA_NAMES[1]:
            loaded = _overrides(loaded)
        facts = keras_facts(loaded) if isinstance(loaded, Mapping) else None
        if isinstance(loaded, Mapping) and (facts is not None or name != MODEL_OF_KERAS):
            values = {**flatten(without_tables(loaded) if facts is None else facts), **values}
            sources.append(Source(str(config), config.suffix[1:].lower(), config.stat().st_size, "hyperparameters"))
    if not sources:
        values, sources = _read_python(path)
    return values, sources, notes


def _there(folder: Path, names: Sequence[str]) -> list[str]:
    """Those of the names that a folder may hold."""
    listed = listing_of(folder)
    return [name for name in names if listed is None or name.partition("/")[0].lower() in listed.names]


def _is_settings(loaded: Any) -> bool:
    """Whether a file that is named like the log has settings, and is no second log or summary."""
    if not isinstance(loaded, Mapping):
        return False
    flat = flatten(loaded)
    return any(name.rpartition(".")[2].lower() in _WELL_KNOWN for name in flat)


def _read_python(log: Path) -> tuple[dict[str, Hyperparameter], list[Source]]:
    """Settings of the only Python file beside a log, if it is nothing but assignments, as tools of OpenMMLab write them."""
    try:
        found = _python_beside(log.parent, log.parent.stat().st_mtime_ns)
        if found is None:
            return {}, []
        with open_log(found) as file:
            data = file.read(MAX_PYTHON_BYTES + 1)
        values = assignments(data.decode("utf-8-sig", errors="replace")) if len(data) <= MAX_PYTHON_BYTES else {}
        sources = [Source(str(found), "py", found.stat().st_size, "hyperparameters")] if values else []
    except OSError:
        return {}, []
    return flatten(values), sources


@lru_cache(maxsize=64)  # of one folder with many logs
def _python_beside(folder: Path, _changed: int) -> Path | None:
    """The only Python file of a folder, None if there is none or several; found again once the folder has changed."""
    found = [each for each in islice(folder.iterdir(), MAX_ENTRIES) if each.suffix == ".py"]
    return found[0] if len(found) == 1 and found[0].is_file() else None


def _overrides(loaded: Any) -> dict[str, str]:
    """Overrides of Hydra, a list of `key=value`, as a mapping."""
    pairs = (
        (item.lstrip("+~").split("=", 1) for item in loaded if isinstance(item, str))
        if isinstance(loaded, list)
        else ()
    )
    return {pair[0]: pair[1] for pair in pairs if len(pair) == 2}


def flatten(mapping: Mapping[Any, Any]) -> dict[str, Hyperparameter]:
    """Flatten nested hyperparameters to dotted keys; secrets become "***".

    Lists of plain values are kept as text, longer or deeper ones are dropped.
    """
    flat: dict[str, Hyperparameter] = {}
    _flatten_into(flat, mapping, "", 0, iter(range(MAX_VISITS)))
    return flat


def _flatten_into(
    flat: dict[str, Hyperparameter], mapping: Mapping[Any, Any], prefix: str, depth: int, visits: Iterator[int]
) -> None:
    for key, value in mapping.items():
        if len(flat) >= MAX_KEYS or depth > MAX_DEPTH or next(visits, None) is None:
            return
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and set(value) <= {"desc", "value"} and "value" in value:
            value = value["value"]  # noqa: PLW2901 Weights & Biases wraps every setting
        if hides_whole(sibling_key(mapping, str(key)) or name, value):
            flat[name] = MASK
        elif isinstance(value, Mapping):
            if not str(key).startswith("_"):  # internal to the writer
                _flatten_into(flat, value, f"{name}.", depth + 1, visits)
        elif isinstance(value, list | tuple):
            if len(value) <= MAX_ITEMS and not any(isinstance(item, list | tuple | set | Mapping) for item in value):
                flat[name] = masked_item(str(masked_item(list(value))))[:MAX_TEXT]
        elif value is None or isinstance(value, bool | int | float):
            flat[name] = value
        else:
            text = masked_item(str(value))[:MAX_TEXT]
            flat[name] = float(text) if _EXPONENT.fullmatch(text) else text


def _load(path: Path) -> Any:
    """Load JSON, TOML or YAML; raises `ValueError` with a reason if it is too large or damaged."""
    is_json = path.suffix.lower() == ".json"
    limit = MAX_JSON_BYTES if is_json else MAX_YAML_BYTES
    with open_log(path) as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise ValueError("too large for a configuration file")
    text = data.decode("utf-8-sig", errors="replace")
    try:
        if path.suffix.lower() == ".toml":
            return load_toml(text)
        return json.loads(text) if is_json else load_yaml(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def load_toml(text: str) -> Any:
    """Load TOML; raises `ValueError` if it is damaged."""
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise ValueError("damaged TOML") from None


def load_yaml(text: str) -> Any:
    """Load YAML, building no objects; raises `ValueError` with the place if it is damaged."""
    import yaml

    try:
        return yaml.load(text, Loader=_loader())  # noqa: S506 a SafeLoader that also builds no object of a tag
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise ValueError(f"damaged YAML{f' at line {mark.line + 1}' if mark else ''}") from None
    except (TypeError, LookupError, AttributeError, OverflowError):  # exceptions of PyYAML for odd scalars
        raise ValueError("damaged YAML") from None


def _of_pairs(items: list[Any]) -> Any:
    """The mapping that an ordered one of Python is written for: its only argument, a list of pairs."""
    pairs = items[0] if len(items) == 1 and isinstance(items[0], list) else []
    are_pairs = all(isinstance(pair, list) and len(pair) == 2 and isinstance(pair[0], str) for pair in pairs)
    return dict(pairs) if pairs and are_pairs else items


def _loader() -> type[yaml.SafeLoader]:
    import yaml

    class PlainLoader(yaml.SafeLoader):
        """Reads nodes with a tag like `!!python/object` as plain data."""

        def flatten_mapping(self, node: yaml.MappingNode) -> None:
            super().flatten_mapping(node)
            if len(node.value) > MAX_YAML_KEYS:  # PyYAML before 6.0.4 multiplies aliases of aliases below `<<`
                raise yaml.constructor.ConstructorError(None, None, "too many keys", node.start_mark)

    def plain(loader: yaml.SafeLoader, node: yaml.Node) -> Any:
        if isinstance(node, yaml.MappingNode):
            return loader.construct_mapping(node, deep=True)
        if isinstance(node, yaml.SequenceNode):
            items = loader.construct_sequence(node, deep=True)
            return _of_pairs(items) if node.tag.endswith(_ORDERED) else items
        return str(node.value)

    PlainLoader.add_constructor(None, plain)
    return PlainLoader
