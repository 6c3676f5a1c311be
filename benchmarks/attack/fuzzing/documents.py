"""Changes of JSON and YAML documents: types exchanged, nesting, doubled keys, numbers that no type holds."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from . import texts

if TYPE_CHECKING:
    from random import Random

_RAW = "@raw@"  # a text that begins so is written without quotes: for what json.dumps cannot say
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 0.0, -0.0, 1e308, -1e308, 5e-324, float("nan"), float("inf"), float("-inf"), 10**400, 2**53 + 1,
    2**63 - 1, 2**63, -(2**63) - 1, 2**64, "", " ", "nan", "Infinity", "1e400", "1e5", "0x10", "٣", "x" * 5000, "\ud800",
    "\0", "\x1b[31m", "<script>", [], {}, [[]], [{}], {"": 1}, {"a": {}}, {"a": {"a": {"a": 1}}}, [None] * 50, [1] * 300,
    [[1, 2], [3]], [1, "2", None, [3]], {"step": 1}, {"value": 1}, {"loss": 1, "epoch": "x"}, ["nan", 1], {"_type": "histogram"},
    _RAW + "1e400", _RAW + "-1e400", _RAW + "9" * 5000, _RAW + "1E-400", _RAW + "[" * 200 + "]" * 200, _RAW + '{"a":' * 200 + "1" + "}" * 200,
    _RAW + "[" * 5000, _RAW + '{"a": 1, "a": 2}', _RAW + "01", _RAW + "'a'", _RAW + "undefined", _RAW + "1.", _RAW + "-", _RAW + "",
    _RAW + "-0", _RAW + "1" + "0" * 400, _RAW + "0." + "1" * 400,
)  # fmt: skip
KEYS = ("", " ", "epoch", "step", "_step", "iteration", "loss", "val_loss", "nan", "0", "a" * 500, "\ud800", "\0", "lr", "_timestamp",
        "timestamp", "log_history", "value", "type", "name", "desc", "__proto__", "train/loss", "steps", "values", "payload", "password")  # fmt: skip


def _place(document: Any, chance: Random) -> tuple[Any, Any]:
    """A container of a document that is not empty, and a key of it: any depth is as likely as to go on twice in three."""
    holder = document
    while True:
        key = chance.choice(list(holder)) if isinstance(holder, dict) else chance.randrange(len(holder))
        inner = holder[key]
        if not isinstance(inner, dict | list) or not inner or chance.random() < 0.33:
            return holder, key
        holder = inner


def json_document(data: bytes, chance: Random) -> bytes:
    """A whole JSON text with one to five changes inside; text that is no JSON is changed as text."""
    try:
        document = json.loads(data)
    except (ValueError, RecursionError):
        return texts.changed(data, chance)
    if not isinstance(document, dict | list):
        return _dumped(chance.choice(VALUES))
    for _ in range(chance.choice((1, 1, 1, 2, 5))):
        if document:
            _change(*_place(document, chance), chance)
    return _dumped(document, indent=1 if b"\n " in data[:50] else None)


def _change(holder: Any, key: Any, chance: Random) -> None:
    kind = chance.random()
    if kind < 0.6:
        holder[key] = chance.choice(VALUES)
    elif kind < 0.7:
        del holder[key]
    elif kind < 0.8 and isinstance(holder, dict):
        holder[chance.choice(KEYS)] = holder.pop(key)
    elif kind < 0.85:
        holder[key] = [holder[key]] if chance.random() < 0.5 else {chance.choice(KEYS): holder[key]}
    elif isinstance(holder, list):
        holder[key:key] = (
            [holder[key]] * chance.choice((1, 2, 40)) if chance.random() < 0.5 else [chance.choice(VALUES)]
        )
    else:
        holder[chance.choice(KEYS)] = chance.choice(VALUES)


def _dumped(document: Any, indent: int | None = None) -> bytes:
    text = json.dumps(document, indent=indent)
    if _RAW in text:
        for value in VALUES:
            if isinstance(value, str) and value.startswith(_RAW):
                text = text.replace(json.dumps(value), value[len(_RAW) :])
    return text.encode()


def json_lines(data: bytes, chance: Random) -> bytes:
    rows = data.split(b"\n")
    for _ in range(chance.choice((1, 1, 2, 5, 20))):
        place = chance.randrange(len(rows))
        rows[place] = json_document(rows[place], chance)
    return b"\n".join(rows)


def doubled_keys(data: bytes, chance: Random) -> bytes:
    """A key of a text with quotes stands there again, with another value."""
    place = data.find(b'"', chance.randrange(len(data) + 1))
    end = data.find(b",", place)
    return data if place < 0 or end < 0 else data[: end + 1] + data[place : end + 1] + data[end + 1 :]


YAML_PIECES = tuple(
    piece.encode()
    for piece in (
        "\nz: &z\n  q: *z\n", "\n<<: {a: 1}\n<<: [*x]\n", "\n<<: 1\n", "\n? [1,2]\n: 3\n? {a: b}\n: 4\n", "\nt: 2001-99-99\nu: 2001-01-01T99:99:99Z\n",
        '\nv: !!int "x"\nw: !!float "y"\nb: !!binary "===="\nt: !!timestamp z\n', "\ns: !!set {a,b}\no: !!omap [1]\np: !!pairs [a]\n", "\nn: !!null x\nb: !!bool x\n",
        "\nx: 1:99:99\ny: 0b2\nz: 0o9\nw: 0x\n", "\na: [" + "[" * 1000, "\na: " + "{a: " * 300, "\n" + "- " * 500 + "a", "\ns: !!python/object/apply:os.system [id]\n",
        "\n!!python/name:os.system : 1\n", "\na: !<tag:yaml.org,2002:int> 1_\n", "\n%YAML 9.9\n---\n", "\n---\na: 1\n---\nb: 2\n", "\nk: |\n  a\n b\n", "\n\t- a\n", "\na: 1e400\nb: .inf\nc: .nan\nd: -.inf\n",
        "\n" + ": ".join("abcdefgh") + "\n", "\n? " * 50, "\n&a a: *a\n", "\n*b : 1\n", '\na: "\\ud800"\n', '\na: "\\x"\n', "\na: 'b\n", "\nd: 9" + "9" * 5000 + "\n", "\nf: 1_0_0.5_\n", "\n= : =\n",
        "\na: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d]\n",
        "\na: &a {x: 1}\nb: &b {<<: *a, y: *a}\nc: &c {<<: [*a, *b], z: *b}\nd: {<<: *c, w: *c}\n",
    )
)  # fmt: skip


def yaml_document(data: bytes, chance: Random) -> bytes:
    if chance.random() < 0.5:
        return texts.changed(data, chance)
    piece = chance.choice(YAML_PIECES)
    return chance.choice((data + piece, piece + data, piece))
