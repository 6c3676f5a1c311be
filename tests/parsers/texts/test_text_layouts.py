"""Random records in random layouts of a text log: the same numbers are read back."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from trainlint.parsers.base import HEAD_BYTES
from trainlint.parsers.formats.generic.plain_text import PARSER, why_not
from trainlint.parsers.texts.shapes.keys import SPLIT_OF_WORD, is_measured, is_place, key_of
from trainlint.parsers.texts.shapes.quantities import is_quantity
from trainlint.parsers.texts.shapes.units import is_unit

VALUES = np.array([0.5, 0.25])


def is_plain(name):
    """Whether a name is nothing but a name: no counter, split, place, unit, word of prose, or average."""
    key = key_of(f"{name}: ")
    return (
        key.name == name
        and not key.axis
        and not is_place(name)
        and not is_unit(name)
        and name not in SPLIT_OF_WORD
        and is_quantity(name, VALUES)
        and key_of(f"{name} ").name == name
    )


def is_evidence(values):
    """Whether values of an unknown name tell of a training: whole numbers and constants do not."""
    return len(set(values)) > 1 and bool((np.array(values) % 1).any())


unknown_names = st.from_regex(r"[a-zA-Z][a-z]{2,6}(?:_[a-z]{1,4})?", fullmatch=True).filter(is_plain)
known_names = st.sampled_from(["loss", "accuracy", "grad_norm", "perplexity", "mean_reward", "f1"])
names = st.lists(st.one_of(unknown_names, known_names), min_size=1, max_size=5, unique_by=str.lower)
formats = st.sampled_from(["{:.4f}", "{:.3e}", "{:.6g}", "{!r}"])
numbers = st.floats(-1e6, 1e6).filter(lambda x: x == 0 or abs(x) > 1e-6)

PREFIXES = [
    "", "2024-01-01 10:00:{t:02d},000 - INFO - trainer - ", "[2024-01-01 10:00:{t:02d}] ", "INFO:pkg.train:", "[26/04/24 10:00:{t:02d}][a.b][INFO] - ",
    "I0912 12:30:{t:02d}.062087 1397 loop.py:652] ", "2024-01-01 10:00:{t:02d}.000 | INFO     | a.b:run:12 - ", "(Worker pid=123, ip=10.0.0.1) ", "[rank0]: ",
]  # fmt: skip
STEPS = [
    "step {s}",
    "Step: {s}",
    "[iter {s}]",
    "iteration={s}",
    "global_step: {s}",
    "Iter {s}/90000",
    "sweep #{s}",
    "({s})",
    "gen={s}",
]
NESTED = [
    "epoch {e} step {b}", "Epoch: [{e}][{b}/{n}]", "epoch={e}, batch={b}/{n}", "[{e}/9][{b}/{n}]", "Epoch {e} iter {b}", "Epoch[{e}] Batch [{b}]/[{n}]"
]  # fmt: skip
ASSIGN = [": ", "=", " = ", " "]
BETWEEN = [", ", " | ", "; ", "\t", "  "]


@st.composite
def logs(draw):
    """Text of a log, and what is in it: tag -> steps and values, both lists."""
    prefix, assign, between = (
        draw(st.sampled_from(PREFIXES)),
        draw(st.sampled_from(ASSIGN)),
        draw(st.sampled_from(BETWEEN)),
    )
    tags, form = draw(names), draw(formats)
    count = draw(st.integers(6, 30))
    is_nested = draw(st.booleans())
    place = draw(st.sampled_from(NESTED if is_nested else STEPS))
    by, batches = draw(st.sampled_from([1, 10, 250])), draw(st.integers(2, 5))
    values = draw(st.lists(st.lists(numbers, min_size=len(tags), max_size=len(tags)), min_size=count, max_size=count))
    every = draw(st.sampled_from([0, 3, 5]))
    length = by * batches
    found = {tag: ([], []) for tag in tags}
    validation = ([], [])
    text = []
    for i, row in enumerate(values):
        epoch, batch = divmod(i, batches)
        at = place.format(s=i * by, e=epoch + 1, b=(batch + 1) * by, n=length)
        step = epoch * length + (batch + 1) * by if is_nested else i * by
        written = [form.format(value) for value in row]
        items = between.join(f"{tag}{assign}{number}" for tag, number in zip(tags, written, strict=True))
        text.append(f"{prefix.format(t=i % 60)}{at}{between}{items}")
        for tag, number in zip(tags, written, strict=True):
            found[tag][0].append(step)
            found[tag][1].append(float(number))
        if every and i % every == every - 1:
            text.append(f"{prefix.format(t=i % 60)}validation loss: {form.format(abs(row[0]))}")
            validation[0].append(step)
            validation[1].append(float(form.format(abs(row[0]))))
    if every:
        found["validation/loss"] = validation
    return "\n".join(text) + "\n", found


def doubled(line):
    return [line, line]


def by_processes(line):
    return [f"{rank}: {line}" for rank in range(3)]


def by_named_processes(line):
    return [f"[default{rank}]: {line}" for rank in (1, 0)]


@settings(max_examples=40)
@given(logs(), st.sampled_from([doubled, by_processes, by_named_processes]))
def test_records_written_several_times_count_once(tmp_path, log, written):
    text, expected = log
    if not any((is_measured(tag) and len(value) >= 3) or is_evidence(value) for tag, (_, value) in expected.items()):
        return
    path = tmp_path / "session.txt"
    path.write_text("\n".join(copy for line in text.splitlines() for copy in written(line)))
    (run,) = PARSER.parse(path)
    found = {curve.tag: (curve.step.tolist(), curve.value.tolist()) for curve in run.all_curves}
    for tag, (step, value) in expected.items():
        if len(set(value)) > 1 and len(value) >= 3:
            assert found.get(tag) == (step, value), (tag, path.read_text())


@settings(max_examples=80)
@given(logs())
def test_the_same_numbers_are_read_back(tmp_path, log):
    text, expected = log
    path = tmp_path / "session.txt"
    path.write_text(text)
    if not any((is_measured(tag) and len(value) >= 3) or is_evidence(value) for tag, (_, value) in expected.items()):
        return
    assert why_not(path, path.read_bytes()[:HEAD_BYTES]) == ""
    (run,) = PARSER.parse(path)
    found = {curve.tag: (curve.step.tolist(), curve.value.tolist()) for curve in run.all_curves}
    for tag, (step, value) in expected.items():
        if len(set(value)) > 1 or is_measured(tag):
            assert found.get(tag) == (step, value), (tag, text)
