"""Shapes of lines that unknown programs print: names and layouts here are of no program."""

import json
from time import process_time

import pytest

from trainlint.parsers.formats.generic.plain_text import PARSER, why_not
from trainlint.parsers.texts.progress_bars import with_states_as_lines


def lines(form, count=12, **values):
    """`count` lines of a form; `i` counts from 1, `x` falls."""
    return "\n".join(form.format(i=i, x=round(4.0 / i + 0.123, 4), **values) for i in range(1, count + 1)) + "\n"


FIRST, LAST = 4.123, round(4.0 / 12 + 0.123, 4)

SHAPES = [
    # exponents of other languages
    ("a.log", lines("iter {i}: loss = {x}f0"), {"loss": (12, FIRST, LAST, 12)}),
    ("b.log", lines("At round {i}   loss= {x}D+01"), {"loss": (12, 10 * FIRST, 10 * LAST, 12)}),
    # a speed behind a number is its unit, and its name where it has no other
    (
        "c.log",
        lines("step {i} Rate: 3{i}.5 frames/sec 77{i}.5 bits/sec blurb={x}"),
        {"blurb": (12, FIRST, LAST, 12), "bits/sec": (12, 771.5, 7712.5, 12), "Rate": (12, 31.5, 312.5, 12)},
    ),
    ("d.log", lines("ball. step: {i}. spent: 3.5 s. mean loss: {x}."), {"mean loss": (12, FIRST, LAST, 12)}),
    # the first of two numbers behind a name counts
    ("e.log", lines("fitting loss {i} {x} width 0.5"), {"fitting loss": (12, FIRST, LAST, 12)}),
    # a title counts, the lines below are measured
    ("f.log", lines("*** stage {i} opens ***\nmean drift: {x} of all\n"), {"mean drift": (12, FIRST, LAST, 12)}),
    # numbers alone
    ("g.log", "everything is ready now\n" + lines("{i} 3.25 {x}"), {"value_1": (12, FIRST, LAST, 12)}),
    # a record told again
    ("h.log", lines("[{i}]\tdrift:{x}") + "best was\n[3]\tdrift:1.4563\n", {"drift": (12, FIRST, LAST, 12)}),
    # logs that begin with # and nothing but the name of a split
    ("i.log", lines("#Iter={i}\tTrain={x}\tTest=1{x}"), {"train/value": (12, FIRST, LAST, 12)}),
    # prefixes
    ("j.log", lines("[n07:0/4] 2024-01-01 10:00:{i:02d},000 (loop:12) INFO: {i}epoch:train:1-9batch: loss={x}"), {}),
    ("k.log", lines("LOG (fit-net[5.5]:Tell():fit.cc:304) step {i} objective {x}"), {"objective": (12, FIRST, LAST, 12)}),
    # tables
    (
        "l.log",
        "Start of the descent of it.\n  iter     BOUND   bound_delta   notes\n" + lines("   {i}     {x}     0.25{i}   KEEP AN EYE"),
        {"BOUND": (12, FIRST, LAST, 12)},
    ),
    (
        "m.log",
        "[----]  Epoch     Train gap     Time cost (sec)\n" + lines("[ {i}%  ]  {i}     {x}     7.5{i}"),
        {"Train gap": (12, FIRST, LAST, 12)},
    ),
    (
        "n.log",
        "Step (% Done)     Eval psnr (img)     Iter (time)\n" + lines("{i} (4.5%)     {x}     25.{i} ms"),
        {"Eval psnr (img)": (12, FIRST, LAST, 12), "Iter (time)": (12, 0.0251, 0.02512, 12)},
    ),
    # objects printed over several lines
    (
        "o.log",
        "go\n" + "\n".join(json.dumps({"epoch": i, "fit": {"loss": 1.5 / i}, "val": {"loss": 2.5 / i}}, indent=3) for i in range(1, 9)),
        {"fit.loss": (8, 1.5, 0.1875, 8), "val.loss": (8, 2.5, 0.3125, 8)},
    ),
    # what is evaluated, not that it is
    (
        "p.log",
        lines("[ITER {i}] Evaluating test: psnr {x}\n[ITER {i}] Evaluating train: psnr 1{x}"),
        {"test/psnr": (12, FIRST, LAST, 12), "train/psnr": (12, 10 + FIRST, 10 + LAST, 12)},
    ),
    ("q.log", lines("step {i}, mean undiscounted return of each training game: {x}"), {}),
    ("r.log", lines("epoch {i} f1 (micro avg)  {x}"), {"f1 (micro avg)": (12, FIRST, LAST, 12)}),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "expected"), SHAPES, ids=[name for name, _, _ in SHAPES])
def test_shapes_are_read(tmp_path, name, text, expected):
    path = tmp_path / name
    path.write_text(text)
    assert why_not(path, text.encode()) == ""
    (run,) = PARSER.parse(path)
    found = {
        c.tag: (len(c), c.value[0], c.value[-1], (c.step if c.step is not None else c.epoch)[-1])
        for c in run.all_curves
    }
    for tag, values in expected.items():
        assert tag in found, (tag, list(found))
        assert found[tag] == pytest.approx(values), tag
    assert run.all_curves


def test_states_of_a_bar_over_the_whole_training_are_records(tmp_path):
    def bar(first, last):
        return "\r".join(f"fit: {i}%| {i}/40 [00:01<00:02, loss={4 / i:.4f}]" for i in range(first, last))

    path = tmp_path / "bar.log"
    path.write_text(
        f"{bar(1, 21)}\n[ITER 20] Evaluating test: psnr 20.5\n{bar(21, 41)}\n[ITER 40] Evaluating test: psnr 21.5\n"
    )
    (run,) = PARSER.parse(path)
    gap = next(c for c in run.all_curves if c.tag == "loss")
    assert gap.step.tolist() == list(range(1, 41))


def test_a_bar_of_each_epoch_counts_by_its_last_state(tmp_path):
    def bar(epoch):
        return "\r".join(f"epoch {epoch}: {i}/9 - loss: {4 / (9 * epoch + i):.4f}" for i in range(1, 10))

    path = tmp_path / "bar.log"
    path.write_text("\n".join(map(bar, range(1, 8))) + "\n")
    (run,) = PARSER.parse(path)
    assert len(next(c for c in run.all_curves if c.tag == "loss")) == 7


def test_batches_count_before_steps_that_are_said_now_and_then(tmp_path):
    text = ""
    for epoch in range(4):
        text += "".join(f"Epoch[{epoch}] Batch[{b}] blurb={9 - epoch - b / 10:.2f}\n" for b in range(1, 6))
        text += f"Saved, Updates={5 * (epoch + 1)} Epoch={epoch}\n"
    path = tmp_path / "a.log"
    path.write_text(text)
    (run,) = PARSER.parse(path)
    assert next(c for c in run.all_curves if c.tag == "blurb").step.tolist() == list(range(1, 21))


def test_an_epoch_that_is_named_behind_its_batches(tmp_path):
    text = ""
    for epoch in range(1, 6):
        text += "".join(f" Minibatch[{b}]: loss = {9 - epoch - b / 10:.2f}\n" for b in range(1, 4))
        text += f"Finished Epoch[{epoch} of 5]: loss = {9 - epoch:.2f}\n"
    path = tmp_path / "a.log"
    path.write_text(text)
    (run,) = PARSER.parse(path)
    assert next(c for c in run.all_curves if c.tag == "loss").step.tolist() == list(range(1, 16))


@pytest.mark.parametrize(
    "text",
    ["".join(f"{i} 0.5{i} 7.25\n" for i in range(1, 30)), "".join(f"{i} {4 / i:.4f} 7.25\n" for i in range(1, 30)), "everything is ready now\n" + "".join(f"{7 * i} {4 / i:.4f} 7.5\n" for i in range(2, 30))],
    ids=["nothing falls", "nothing but numbers", "does not count from the start"],
)  # fmt: skip
def test_numbers_alone_are_data(tmp_path, text):
    path = tmp_path / "data.log"
    path.write_text(text)
    assert why_not(path, text.encode())


def test_long_lines_beside_one_that_overwrites_itself_take_time_in_proportion():
    text = ("loss: 0.5 " * 20_000 + "\n") * 4 + "1/9 loss 0.5\r2/9 loss 0.4\n"
    start = process_time()
    assert with_states_as_lines(text) == text
    assert process_time() - start < 1  # looked at from every place of a line it took a minute
