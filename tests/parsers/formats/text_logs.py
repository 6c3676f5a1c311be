"""Read text logs that are given as texts."""

from trainlint.parsers.base import HEAD_BYTES
from trainlint.parsers.formats.generic.plain_text import PARSER


def read(tmp_path, text, name="train.log", parser=PARSER):
    path = tmp_path / name
    path.write_bytes(text.encode())
    assert parser.matches(name)
    assert parser.sniff(path, path.read_bytes()[:HEAD_BYTES])
    return list(parser.parse(path))


def curves(run):
    return {curve.tag: (curve.step.tolist(), curve.value.tolist()) for curve in run.all_curves}


def lines(template, rows):
    return "".join(template.format(*row) for row in rows)
