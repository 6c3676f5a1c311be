"""DVCLive: many tables of one training, read as one run."""

import random

import pytest

from trainlint.parsers.formats.trackers.dvclive import PARSER

FILES = {
    "plots/metrics/train/loss.tsv": "step\tloss\n0\t2.5\n1\tnan\n2\t1.5\n",
    "plots/metrics/val/top.1.tsv": "timestamp\tstep\ttop.1\n1700000000000\t1\t0.5\n1700000001000\t2\t0.25\n",
    "params.yaml": "lr: 0.1\nmodel:\n  h: 2\n",
}


def write(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return sorted(path for path in folder.rglob("*.tsv"))


def test_run(tmp_path):
    paths = write(tmp_path, FILES)
    for path in paths:
        assert PARSER.matches(path.name)
        assert PARSER.sniff(path, path.read_bytes())
        assert PARSER.home(path) == tmp_path
    (run,) = PARSER.parse_files(paths)
    curves = {curve.tag: (curve.step.tolist(), str(curve.value.tolist())) for curve in run.all_curves}
    assert curves == {"train/loss": ([0, 1, 2], "[2.5, nan, 1.5]"), "val/top.1": ([1, 2], "[0.5, 0.25]")}
    assert run.all_curves[1].wall_time.tolist() == [1.7e9, 1.7e9 + 1]
    assert run.hyperparameters == {"lr": 0.1, "model.h": 2}
    assert (run.name, run.path, run.notes) == ("", str(tmp_path), [])
    assert [source.use for source in run.sources] == ["data", "data", "hyperparameters"]


def test_first_version(tmp_path):
    (path,) = write(tmp_path / "live", {"scalars/eval/acc.tsv": "timestamp\tstep\teval/acc\n1700000000000\t0\t0.5\n"})
    assert PARSER.sniff(path, path.read_bytes())
    assert PARSER.home(path) == tmp_path / "live"
    (run,) = PARSER.parse(path)
    assert [curve.tag for curve in run.all_curves] == ["eval/acc"]


@pytest.mark.parametrize(("name", "head"), [
    ("loss.tsv", b"step\tloss\n0\t1\n"), ("metrics/loss.tsv", b"step\tloss\n0\t1\n"),
    ("plots/metrics/loss.tsv", b"id\tloss\n0\t1\n"), ("plots/metrics/loss.tsv", b""),
])  # fmt: skip
def test_others(tmp_path, name, head):
    assert not PARSER.sniff(tmp_path / name, head)
    assert PARSER.home(tmp_path / "loss.tsv") == tmp_path


@pytest.mark.parametrize("part", range(20))
def test_damage(tmp_path, part):
    values = [float(f"{9 - i / 64:.6f}") for i in range(60)]
    text = ("step\tloss\n" + "".join(f"{i}\t{value:.6f}\n" for i, value in enumerate(values))).encode()
    position = len(text) * part // 20
    whole = max(text[:position].count(b"\n") - 1, 0)
    for data in (text[:position], text[:position] + random.Random(part).randbytes(9) + text[position:]):
        (run,) = PARSER.parse_files(write(tmp_path, {"plots/metrics/loss.tsv": data, "plots/metrics/z.tsv": text}))
        curves = {curve.tag: curve.value.tolist() for curve in run.all_curves}
        assert curves.get("loss", [])[:whole] == values[:whole]
        assert curves["z"] == values
