"""Small logs that ask for far more memory or time than their size says, by name: each writes its files into a folder."""

from __future__ import annotations

import gzip
import io
import json
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    Bomb = Callable[[Path], object]
    Text = Callable[[], str]  # made when it is asked for: together they are some hundred MB

ROWS = "".join(json.dumps({"step": step, "loss": 2 - step * 0.02}) + "\n" for step in range(60))
CSV = "epoch,step,train_loss,val_loss\n" + "".join(f"{s},{s},{2 - s * 0.02},{2 - s * 0.01}\n" for s in range(60))
MEBIBYTE = 1 << 20

# Beside a good log; some are legal, some are not.
YAMLS = {
    "lists of aliases": lambda: (
        "a0: &a0 [x,x,x,x,x,x,x,x,x,x]\n"
        + "".join(f"a{k}: &a{k} [{','.join([f'*a{k - 1}'] * 10)}]\n" for k in range(1, 9))
    ),
    "mappings of aliases": lambda: (
        "a0: &a0 {x: 1, y: 2}\n"
        + "".join(f"a{k}: &a{k} {{{', '.join(f'k{j}: *a{k - 1}' for j in range(10))}}}\n" for k in range(1, 9))
    ),
    "merges of aliases": lambda: (
        "a0: &a0 {x0: 1, y0: 2}\n"
        + "".join(f"a{k}: &a{k}\n  <<: [{', '.join([f'*a{k - 1}'] * 10)}]\n  x{k}: 1\n" for k in range(1, 9))
    ),
    "alias of itself": lambda: "a: &a\n  b: *a\n",
    "brackets": lambda: "a: " + "[" * 50_000,
    "braces": lambda: "a: " + "{b: " * 5_000,
    "closed brackets": lambda: "a: " + "[" * 900 + "]" * 900,
    "long text": lambda: '"' + "a" * 90_000,
    "question marks": lambda: "? " * 20_000,
    "hyphens": lambda: "- " * 30_000,
    "underscores": lambda: "x: 0" + "_" * 60_000 + "\n",
    "sexagesimal": lambda: "x: " + "1:" * 3_000 + "1\n",
    "digits": lambda: "x: " + "9" * 90_000 + "\n",
    "exponent": lambda: "x: 1e" + "9" * 5_000,
    "blanks": lambda: "a: |\n" + " " * 90_000 + "x\n",
    "many keys": lambda: "{" + ",".join(f"k{i}: {i}" for i in range(9_000)) + "}",
    "long anchor": lambda: "&" + "a" * 50_000 + " b",
}
CONFIGS = {
    "nested objects": lambda: '{"a":' * 100_000,
    "brackets": lambda: "[" * 2_000_000,
    "digits": lambda: '{"a": ' + "9" * 300_000 + "}",
    "exponent": lambda: '{"a": 1e' + "9" * 200_000 + "}",
    "surrogates": lambda: '"' + "\\ud800" * 100_000 + '"',
    "many keys": lambda: "{" + ",".join(f'"k{i}":{{"z":1}}' for i in range(100_000)) + "}",
    "long value": lambda: '{"a":{"a":{"a":"' + "x" * 3_000_000 + '"}}}',
}
LINES = {
    "digits": lambda: '{"step":' + "9" * 200_000 + ',"loss":1}\n',
    "brackets": lambda: '{"step":1,"loss":' + "[" * 100_000 + "]" * 100_000 + "}\n",
    "nested objects": lambda: '{"a":' * 100_000 + "1" + "}" * 100_000 + "\n",
    "long key": lambda: '{"step":1,"' + "k" * 5_000_000 + '":1}\n',
    "many keys": lambda: "{" + ",".join(f'"k{j}":1' for j in range(200_000)) + "}\n",
    "NUL bytes": lambda: "\0" * 5_000 + "\n",
    "objects in one line": lambda: '{"step":1,"loss":1}{"step":2,"loss":2}\n' * 1_000,
    "200,000 rows": lambda: '{"loss":1}\n' * 200_000,
    "new long keys": lambda: "".join(f'{{"step":{i},"{"k" * 5_000}{i}":1}}\n' for i in range(19_000)),
}
DOCUMENTS = {
    "brackets": lambda: '{"loss":[' + "[" * 200_000,
    "3,000,000 numbers": lambda: '{"loss":[' + ",".join(["1.5"] * 3_000_000) + "]}",
    "300,000 keys": lambda: '{"loss":[1,2,3],' + ",".join(f'"k{j}":[1,2,3]' for j in range(300_000)) + "}",
    "rows of new keys": lambda: "[" + ",".join(f'{{"epoch":{j},"loss":1,"k{j}":1}}' for j in range(300_000)) + "]",
    "empty objects": lambda: '{"loss":[1,2,3],"a":[' + ",".join(["{}"] * 20_000_000) + "]}",
}


def bombs() -> dict[str, Bomb]:
    """Every bomb by its name."""
    found: dict[str, Bomb] = {}
    for name, text in YAMLS.items():
        found[f"yaml: {name}"] = _beside("metrics.csv", CSV, "hparams.yaml", text)
    for name, text in CONFIGS.items():
        found[f"config.json: {name}"] = _beside("metrics.jsonl", ROWS, "config.json", text)
    for name, text in LINES.items():
        found[f"jsonl: {name}"] = _file("metrics.jsonl", text, around=ROWS)
    for name, text in DOCUMENTS.items():
        found[f"json: {name}"] = _file("history.json", text)
    found["json: trainer_state"] = _file(
        "trainer_state.json", lambda: '{"log_history":[{"step":1,"loss":' + '{"a":' * 100_000
    )
    found["csv: 200,000 columns"] = _file("metrics.csv", lambda: _wide(200_000, 60))
    found["csv: 19,999 columns"] = _file("metrics.csv", lambda: _wide(19_999, 1_500))
    found["csv: one line of 300 MB"] = lambda folder: _pieces(
        folder / "metrics.csv", [CSV.encode(), *[b"9" * MEBIBYTE] * 300]
    )
    found["txt: one line of 300 MB"] = lambda folder: _pieces(
        folder / "train.log", [b"step 1 loss 2.0\nstep 2 loss 1.5\nstep 3 loss 1.2\n", *[b"loss 1.5 " * 116_508] * 300]
    )
    found["jsonl: one line of 300 MB"] = lambda folder: _pieces(
        folder / "metrics.jsonl", [ROWS.encode(), b'{"step":61,"a":"', *[b"x" * MEBIBYTE] * 300, b'"}\n']
    )
    found["gz: 200 million rows"] = lambda folder: _gzip(
        folder / "metrics.csv.gz", b"step,loss\n", [b"1,1.5\n" * 10_000] * 20_000
    )
    found["gz: one number of 2 GB"] = lambda folder: _gzip(
        folder / "metrics.csv.gz", b"step,loss\n1,1\n2,2\n3,", [b"9" * MEBIBYTE] * 2_000
    )
    found["gz: JSON lines of 3.6 GB"] = lambda folder: _gzip(
        folder / "metrics.jsonl.gz", ROWS.encode(), [b'{"step":61,"loss":1.5}\n' * 10_000] * 16_000
    )
    found["gz: text of 3.6 GB"] = lambda folder: _gzip(
        folder / "train.log.gz", b"", [b"step 61 loss 1.5\n" * 10_000] * 21_000
    )
    found["gz: six times"] = _nested_gzip
    found["npz: 8 million steps"] = _npz("(8000000,)", "<f8", 64_000_000)
    found["npz: objects"] = _npz("(2,)", "|O", 40)
    found["npz: more than its header says"] = _npz("(1,)", "<f8", 300_000_000)
    found["npz: 8 million switches"] = _npz("(8000000,)", "|b1", 8_000_000)
    found["npz: 60 million small integers"] = _npz("(60000000,)", "|i1", 60_000_000)
    found["npz: brackets"] = lambda folder: _write_npz(folder / "evaluations.npz", b"(" * 9_000 + b"\n", b"")
    found["npz: long header"] = lambda folder: _write_npz(
        folder / "evaluations.npz", b"[" + b"1," * 200_000_000 + b"]\n", b""
    )
    found["wandb: values of 5 MB"] = _wandb(lambda: [_message(2, _item(b"loss", b"[" * 5_000_000))] * 5)
    found["wandb: 300,000 keys"] = _wandb(
        lambda: [_message(2, b"".join(_item(b"k%d" % j, b"1.5") for j in range(300_000)))]
    )
    found["wandb: nested keys"] = _wandb(
        lambda: [
            _message(2, b"".join(_message(1, _message(2, b"a") * 20_000 + _message(16, b"1.5")) for _ in range(5)))
        ]
    )
    found["wandb: long step"] = _wandb(
        lambda: [_message(2, _item(b"_step", b"9" * 100_000) + _item(b"loss", b"1"))] * 3
    )
    return found


SHORT = (
    "yaml: mappings of aliases", "yaml: merges of aliases", "yaml: brackets", "config.json: many keys", "jsonl: many keys",
    "json: 300,000 keys", "csv: 200,000 columns", "gz: one number of 2 GB", "gz: six times", "npz: 60 million small integers",
    "npz: brackets", "npz: more than its header says", "wandb: values of 5 MB", "wandb: 300,000 keys", "yaml: sexagesimal",
    "json: 3,000,000 numbers",
)  # fmt: skip


def _file(name: str, text: Text, around: str = "") -> Bomb:
    return lambda folder: (folder / name).write_text(around + text() + around, encoding="utf-8")


def _beside(log: str, rows: str, name: str, text: Text) -> Bomb:
    return lambda folder: ((folder / log).write_text(rows), (folder / name).write_text(text()))


def _pieces(path: Path, pieces: Iterable[bytes]) -> None:
    with path.open("wb") as file:
        file.writelines(pieces)


def _wide(columns: int, rows: int) -> str:
    header = ",".join(["step", *(f"loss_{i}" for i in range(columns))])
    return header + "\n" + "".join(f"{row}" + ",1.5" * columns + "\n" for row in range(rows))


def _gzip(path: Path, head: bytes, pieces: Iterable[bytes]) -> None:
    with gzip.open(path, "wb", compresslevel=9) as file:
        file.write(head)
        file.writelines(pieces)


def _nested_gzip(folder: Path) -> None:
    data = CSV.encode()
    for _ in range(6):
        data = gzip.compress(data)
    (folder / "metrics.csv.gz").write_bytes(data)


def _npz(shape: str, descr: str, size: int) -> Bomb:
    header = f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}".ljust(117) + "\n"
    return lambda folder: _write_npz(folder / "evaluations.npz", header.encode(), bytes(size))


def _write_npz(path: Path, header: bytes, body: bytes) -> None:
    is_long = len(header) > 0xFFFF
    start = b"\x93NUMPY" + (
        b"\2\0" + struct.pack("<I", len(header)) if is_long else b"\1\0" + struct.pack("<H", len(header))
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("timesteps.npy", "results.npy"):
            with archive.open(name, "w", force_zip64=True) as member:
                member.write(start)
                member.write(header)
                member.write(body)


def _wandb(messages: Callable[[], list[bytes]]) -> Bomb:
    return lambda folder: (folder / "run-a.wandb").write_bytes(_framed(messages()))


def _framed(messages: list[bytes]) -> bytes:
    """The framing of LevelDB's log: pieces in blocks of 32 KiB."""
    out = io.BytesIO()
    out.write(b":W&B" + struct.pack("<HB", 0xBEE1, 0))
    for message in messages:
        view, is_first = memoryview(message), True
        while True:
            left = 32_768 - out.tell() % 32_768
            if left < 7:
                out.write(bytes(left))
                left = 32_768
            part, view = bytes(view[: left - 7]), view[left - 7 :]
            kind = (1 if not len(view) else 2) if is_first else (4 if not len(view) else 3)
            out.write(struct.pack("<IHB", zlib.crc32(bytes([kind]) + part), len(part), kind) + part)
            is_first = False
            if not len(view):
                break
    return out.getvalue()


def _item(key: bytes, value: bytes) -> bytes:
    return _message(1, _message(1, key) + _message(16, value))


def _message(number: int, content: bytes) -> bytes:
    return varint(number << 3 | 2) + varint(len(content)) + content


def varint(number: int) -> bytes:
    out = b""
    while number >= 128:
        out += bytes([number & 127 | 128])
        number >>= 7
    return out + bytes([number])
