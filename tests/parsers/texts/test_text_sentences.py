"""Text logs that tell their numbers in sentences, titles, calls and tables of two lines; and logs that count nothing."""

import pytest

from trainlint.parsers.base import HEAD_BYTES, matches_any
from trainlint.parsers.formats.generic.plain_text import PARSER, why_not
from trainlint.parsers.meaning.resolve import resolve

N = 12
A = [round(2.4 - 0.17 * i, 3) for i in range(N)]
B = [round(0.31 + 0.041 * i, 4) for i in range(N)]


def parsed(tmp_path, text, name="session.log"):
    path = tmp_path / name
    path.write_bytes(text.encode())
    why = why_not(path, path.read_bytes()[:HEAD_BYTES])
    return why or list(PARSER.parse(path))


def read(tmp_path, text, name="session.log"):
    runs = parsed(tmp_path, text, name)
    assert not isinstance(runs, str), runs
    return runs


def lines(template, start=0, by=1):
    return "".join(template.format(i=start + by * i, e=start + by * i + by - 1, a=A[i], b=B[i]) for i in range(N))


def steps(start=0, by=1):
    return [start + by * i for i in range(N)]


# id, text, tag -> (steps, values)
KINDS = [
    ("a rate in parentheses behind the loss", lines("step {i}, loss = {a} ({b} examples/sec; 0.069 sec/batch)\n", 0, 10),
     {"train": {"loss": (steps(0, 10), A)}, "none": {"examples/sec": (steps(0, 10), B)}}),
    ("what is said of one position", lines("Epoch 0, Iteration {i}\nLoss: {a}\nTrain accuracy for a single minibatch: {b}\n"),
     {"train": {"Loss": (steps(), A), "train/accuracy for a single minibatch": (steps(), B)}}),
    ("a title for several names", lines("step {i}\nINFO [Saved] - Average loss since last save: zeta_a: {a}, zeta_b: {b}\n"),
     {"train": {"Average loss since last save/zeta_a": (steps(), A), "Average loss since last save/zeta_b": (steps(), B)}}),
    ("a number without a name below epochs", "".join(f"Epoch: {i}\n{2 * i}:\t{-A[i]}\n{2 * i + 1}:\t{-B[i]}\n" for i in range(N)),
     {"none": {"value_1": (list(range(2 * N)), [-x for pair in zip(A, B, strict=True) for x in pair])}}),
    ("steps in thousands", lines("| Epoch: {i}/90 | Loss: {a} | Step: {i}k |\n", 1), {"train": {"Loss": (steps(1000, 1000), A)}}),
    ("a counter with an index", lines("batch i:{i}, zeta_len:{i}7\nloss:{a},kl:{b}\n", 1),
     {"train": {"loss": (steps(1), A)}, "none": {"kl": (steps(1), B)}}),
    ("parts of a loss whose split is said once", lines("Epoch {i}: Training loss {a}  tz {a}   lr 0.0010\nEpoch {i}: Validation loss {b}  tz {b}\n"),
     {"train": {"training/loss": (steps(), A)}, "validation": {"validation/loss": (steps(), B), "validation/tz": (steps(), B)}, "none": {"tz": (steps(), A)}}),
    ("a position that is named after a measure", lines("Train loss for minibatch {i}: {a}\n"), {"train": {"train/loss": (steps(), A)}}),
    ("the name before the counter", lines("Training mean zeta at iteration {i}: {a}\n", 0, 20), {"train": {"training/mean zeta": (steps(0, 20), A)}}),
    ("the name of an evaluation before the counter", lines("Valid NDCG at step {i} = {b}\n", 5, 5), {"validation": {"valid/NDCG": (steps(5, 5), B)}}),
    ("a range of batches", lines("TRACE (pool-run:Tell():pool.cc:31) Mean objective of 'head' for batches {i}-{e} is {a} over 960 rows.\n", 0, 8),
     {"none": {"Mean objective of head": (steps(0, 8), A)}}),
    ("two brackets with the same names", lines("Epoch 1, batch {i}, now[loss={a}, kld={b}, over 9.5 frames.], ema[loss={b}, kld={a}, over 2.5 frames.]\n", 0, 10),
     {"none": {"loss": (steps(0, 10), A), "kld": (steps(0, 10), B), "ema/loss": (steps(0, 10), B), "ema/kld": (steps(0, 10), A)}}),
    ("a step in brackets behind a prefix", lines("I0912 12:30:41.062087 1397354 writer.py:52] [{i}] zeta={a}, kappa={b}\n", 50, 50),
     {"none": {"zeta": (steps(50, 50), A), "kappa": (steps(50, 50), B)}}),
    ("a mark of the split behind a clock", lines("[2024-05-06 07:08:09] [dev] Up. {i} : chrf-like : {b} : new best\n", 100, 100).replace("Up.", "Step"),
     {"validation": {"dev/chrf-like": (steps(100, 100), B)}}),
    ("a title with clock and split, values below it", lines("epoch {i} fitted in 2.5 s\n07 Jun 08:09    INFO  valid result: \nmrr@5 : {b}    zeta@7 : {a}\n"),
     {"validation": {"valid/mrr@5": (steps(), B), "valid/zeta@7": (steps(), A)}}),
    ("titles that count", lines('Train Round, epoch {i}\n  "Loss": {a},\nDev Round, epoch {i}\n  "Loss": {b},\n'),
     {"train": {"train/Loss": (steps(), A)}, "validation": {"dev/Loss": (steps(), B)}}),
    ("the iteration, not what it amounts to", lines("   Learning iteration {i}/900   \n\n  Total steps: {e}0 \n  Mean loss: {a}\n", 0, 3), {"none": {"Mean loss": (steps(0, 3), A)}}),
    ("values named by a split alone", lines("Epoch: {i}, Cost: {a}, Train: {b}%, Valid: {a}%\n"), {"train": {"train/value": (steps(), B)}, "validation": {"valid/value": (steps(), A)}}),
    ("lists in the cells of a table", "Round      Zeta                Kappa\n" + lines("{i:<10} [{a}, {b}]     [{b}]\n", 0, 100),
     {"none": {"Zeta/0": (steps(0, 100), A), "Zeta/1": (steps(0, 100), B), "Kappa": (steps(0, 100), B)}}),
    ("a header of two lines", "held-out   moving      example\nzeta       zeta        counter\n" + "".join(f"{A[i]}   {B[i]}   {3 * 2**i}\n" for i in range(N)),
     {"none": {"held-out zeta": ([3 * 2**i for i in range(N)], A), "moving zeta": ([3 * 2**i for i in range(N)], B)}}),
    ("a bordered header of two lines, cells left empty", "| Epoch |  Fit  | Check |\n|       |  Zeta |  Zeta |\n|=======================|\n"
     + "".join(f"| {i + 1} | {A[i]} | {B[i] if i % 2 == 0 else '      '} |\n" for i in range(N)),
     {"none": {"Fit Zeta": (steps(1), A), "Check Zeta": (steps(1)[::2], B[::2])}}),
    ("records that nothing counts", "".join(f"loss(u, w) = param({A[i]})\naccuracy(net, u, 0.0:9) = {B[i]}\n" for i in range(N)),
     {"none": {"loss": (steps(1), A), "accuracy": (steps(1), B)}}),
    ("a counter that is a share, one line overwritten", "\n" + "".join(f"\rDone: {8.3 * i:5.1f}%  lr: {B[i]:.4f} loss: {A[i]:.3f}" for i in range(N)) + "\n",
     {"none": {"loss": (steps(1), A), "lr": (steps(1), B)}}),
    ("a setting that is changed", lines("Epoch {i} loss {a}\nSetting learning rate to {b}\n"), {"none": {"loss": (steps(), A), "Setting learning rate": (steps(), B)}}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), [case[1:] for case in KINDS], ids=[case[0] for case in KINDS])
def test_reads_kind(tmp_path, text, expected):
    (run,) = read(tmp_path, text)
    found = {curve.tag: curve for curve in resolve(run.all_curves)}
    for split, curves in expected.items():
        for tag, (step, value) in curves.items():
            assert tag in found, sorted(found)
            assert found[tag].step.tolist() == step
            assert found[tag].value.tolist() == pytest.approx(value)
            if split != "none":
                assert found[tag].meaning.split == split


@pytest.mark.parametrize(("count", "is_read"), [(9, False), (10, True)])
def test_few_records_that_nothing_counts_are_a_report(tmp_path, count, is_read):
    text = "".join(f"accuracy = {0.5 + i / 100}\n" for i in range(count))
    assert isinstance(parsed(tmp_path, text), list) is is_read


def test_numbers_without_a_name_beside_a_measure_are_no_records(tmp_path):
    text = "".join(f"Epoch: {i}\nloss: {A[i]}\n{2 * i}:\t{B[i]}\n{2 * i + 1}:\t{B[i]}\n" for i in range(N))
    (run,) = read(tmp_path, text)
    assert {curve.tag for curve in run.all_curves} == {"loss"}


def test_what_was_best_is_no_point(tmp_path):
    (run,) = read(tmp_path, lines("epoch {i} mrr@5 : {b}\n") + "best valid : {'mrr@5': 0.99}\n")
    (curve,) = [curve for curve in run.all_curves if curve.tag.endswith("mrr@5")]
    assert curve.value.tolist() == B


def test_printed_settings_are_no_row(tmp_path):
    text = "Namespace(epochs=90, eval_step=7, dropout=0.25, lr=0.1)\n" + lines("Epoch: {i}, loss: {a}\n")
    (run,) = read(tmp_path, text)
    assert {curve.tag for curve in run.all_curves} == {"loss"}
    assert run.hyperparameters["dropout"] == 0.25


def test_names_of_values_in_lines_of_an_evaluation(tmp_path):
    text = lines("Fit Summary | Epoch {i} | zq={a}\nValid Summary | Epoch {i} | zq={b} | loss={a}\n")
    (run,) = read(tmp_path, text)
    found = {curve.tag: curve.value.tolist() for curve in run.all_curves}
    assert found["zq"] == A
    assert found["valid/zq"] == B


def test_reads_the_transcript_of_another_interpreter(tmp_path):
    assert read(tmp_path, lines("Epoch {i}, loss: {a}\n"), "train.Rout")
    assert matches_any("train.Rout", PARSER.patterns)
