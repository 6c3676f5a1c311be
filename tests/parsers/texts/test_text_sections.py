"""Text logs of which a line says what the next ones are about, that name several numbers at once, or write them otherwise."""

import pytest

from trainlint.parsers.base import HEAD_BYTES
from trainlint.parsers.formats.generic.plain_text import PARSER, why_not
from trainlint.parsers.meaning.resolve import resolve
from trainlint.parsers.texts.log_text import MIN_COMMAS, has_decimal_comma
from trainlint.parsers.texts.mining.lines import pieces_of
from trainlint.parsers.texts.shapes.line_shapes import shape_of

N = 12
A = [round(2.4 - 0.17 * i, 3) for i in range(N)]
B = [round(0.31 + 0.041 * i, 4) for i in range(N)]
BARE = "[TEST]\n{{'recall': array([{b}]), 'ndcg': array([{a}])}}\n"
TABLE = "[ INFO : 2025-06-14 04:05:47,255 ] - "


def read(tmp_path, text):
    path = tmp_path / "session.log"
    path.write_text(text, encoding="utf-8")
    assert not (why := why_not(path, path.read_bytes()[:HEAD_BYTES])), why
    return list(PARSER.parse(path))


def lines(template, start=0, by=1):
    return "".join(template.format(i=start + by * i, a=A[i], b=B[i]) for i in range(N))


def steps(start=0, by=1):
    return [start + by * i for i in range(N)]


# id, text, split -> tag -> (steps, values)
KINDS = [
    ("evaluations below a header, also before the first epoch", BARE.format(i=0, a=0.1, b=0.2) + lines("EPOCH[{i}/90] loss{b}0-|Zeta:{a}|\n" + BARE, 1),
     {"test": {"test/recall": ([0, *steps(1)], [0.2, *B]), "test/ndcg": ([0, *steps(1)], [0.1, *A])}, "none": {"loss": (steps(1), B)}}),
    ("headers of both splits, the counter below them", lines("Stage.TRAIN\nEpoch:{i}\nloss: {a}\n\nStage.EVAL\nEpoch:{i}\nloss: {b}\n\n"),
     {"none": {"loss": (steps(), A)}, "validation": {"eval/loss": (steps(), B)}}),
    ("headers that name a data set", lines("--- Summary epoch {i} / 30\nTraining on ['set_a']\nLoss = {a} | zeta = 0.5\n---\nValidating on set_b\nLoss = {b} | zeta = 0.6\n"),
     {"none": {"Loss": (steps(), A)}, "validation": {"validating/Loss": (steps(), B)}}),
    ("a header with asides", lines("[Epoch {i}][Iteration 7] Loss is {a}. \n[Wall 12.5 s] Validate model...\nacc is acc(correct: 7, count: 9, acc: {b})\n"),
     {"validation": {"validate/acc": (steps(), B)}}),
    ("a header behind a logger with a path", lines("2021-02-22 00:59:21,511 - log\\fit.log - INFO - iteration:{i} loss: {a}\n2021-02-22 00:59:22,511 - log\\fit.log - INFO - evaluate:dev\nzeta: {b}%; kappa: {a}\n"),
     {"none": {"dev/zeta": (steps(), B)}}),
    ("lines above their counter", lines("timer: {b} s\niter {i} || Loss: {a} ||\n", 0, 10), {"none": {"timer": (steps(0, 10), B), "Loss": (steps(0, 10), A)}}),
    ("a comment sign before the counter", lines("#{i:08d}: loss={a} zeta={b}\n PRED: 'abc'\n", 0, 10), {"none": {"loss": (steps(0, 10), A), "zeta": (steps(0, 10), B)}}),
    ("a call with numbers", lines("Epoch {i} loss {a}\nmAP(0.50, 11point) = {b}%\n"), {"none": {"mAP(0.5, 11point)": (steps(), B)}}),
    ("a unit before the next name", lines("val: epoch {i}: 1758.4 (1582.7) Hz loss: {a} zeta: {b}\n"), {"validation": {"val/loss": (steps(), A)}}),
    ("a mark of the split before unknown names", lines("epoch:{i}, Test:  ACC= {a}, KAPPA= {b}\n"), {"test": {"test/ACC": (steps(), A), "test/KAPPA": (steps(), B)}}),
    ("a decimal comma", lines("Phase: Training, Set: Train, Epoch: {i}, Accuracy: {b:.4f}\nPhase: Training, Set: Validation, Epoch: {i}, Accuracy: {a:.4f}\n").replace(".", ","),
     {"validation": {"validation/Accuracy": (steps(), A)}}),
    ("two splits of one name", lines("=== EPOCH {i}/30 ===\nloss train: {a}  eval: {b}\n"), {"train": {"train/loss": (steps(), A)}, "validation": {"eval/loss": (steps(), B)}}),
    ("a mean over many", lines("Training epoch: {i}\n  Mean training loss: {b}.\nEval epoch: {i}\n  Mean test loss of 258 batches: {a}.\n"), {"test": {"test/Mean loss": (steps(), A)}}),
    ("a speed in parentheses", lines("step {i} - loss = {a}, ({b} sec/step)\n"), {"none": {"loss": (steps(), A), "sec/step": (steps(), B)}}),
    ("columns of the same name", "    |   Population   |        Best        |\n---- --------------- --------------------\n Gen   Length    Cost   Length    Cost\n"
     + lines("{i:4d} {a:8} {b:8} {b:8} {a:8}\n"), {"none": {"Population Cost": (steps(), B), "Best Cost": (steps(), A)}}),
    ("a table behind a logger", f"{TABLE}+---+\n{TABLE}|     Epoch|     Batch|      Zeta|      Loss|\n{TABLE}+---+\n" + lines(TABLE + "|         1|{i:10d}|{b:10}|{a:10}|\n", 100, 100),
     {"none": {"Zeta": (steps(100, 100), B), "Loss": (steps(100, 100), A)}}),
    ("names before values", lines("10:00:00 - run.py - main - L133 ::: val, round, loss, zeta ===> {i:03d}, {a}, {b},\n"), {"validation": {"val/loss": (steps(), A)}}),
    ("a share and what it is", lines("Step: {i}; loss: {a}; acc: 364159.0/388505.0={b}\n"), {"none": {"acc": (steps(), B)}}),
    ("parts of a record with the names of the whole", lines("epoch {i} \t F1: {a} \t P: {b}\nrelation \t F1: {b} \t P: {a} \t \n"), {"none": {"F1": (steps(), A), "relation/F1": (steps(), B)}}),
    ("what was best so far", lines("Epoch {i} done\ntrain: 937 loss: {a}\ndev acc: {b}%, zeta: {a}%\nbest dev  acc: 98.03%, zeta: 82.51% (epoch: 5)\n"), {"validation": {"dev/acc": (steps(), B)}}),
    ("numbers that touch their names", lines("Epoch {i} err{b:.4f} zeta{a:.3f}\n"), {"none": {"err": (steps(), B), "zeta": (steps(), A)}}),
    ("deviations", lines("Epoch {i}: loss {a}±0.02, acc {b} +/- 0.3\n"), {"none": {"loss": (steps(), A), "acc": (steps(), B)}}),
    ("deviations that touch", lines("[{i}]Accuracy: {b}+-0.00704\n"), {"none": {"Accuracy": (steps(), B)}}),
    ("counters of another language", lines("Эпоха {i}: loss {a}, точность {b}\n"), {"none": {"loss": (steps(), A), "точность": (steps(), B)}}),
    ("a counter between signs", lines("第{i}轮 loss: {a} 准确率: {b}\n", 1), {"none": {"loss": (steps(1), A), "准确率": (steps(1), B)}}),
    ("unknown names on a line of an evaluation", lines("Epoch: [{i}] Loss {a}\nTesting Results: Zeta@1 {b} Loss {a}\n"), {"test": {"testing/Loss": (steps(), A), "testing/Zeta@1": (steps(), B)}}),
    ("a split of two words", lines("[ fit: Epoch = {i} | loss = {a} ]\n[ dev valid official: Epoch = {i} | KM = {b} | F1 = {a} ]\n"), {"validation": {"dev/KM": (steps(), B), "dev/F1": (steps(), A)}}),
    ("episodes are steps", lines("Episode {i}\tLast zeta: {b}\tAverage kappa: {a}\n", 0, 10), {"none": {"Last zeta": (steps(0, 10), B), "Average kappa": (steps(0, 10), A)}}),
    ("a number of a name", lines("Epoch: {i} Loss: {a} Top-5 Accuracy: {b}\n"), {"none": {"Top-5 Accuracy": (steps(), B)}}),
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


@pytest.mark.parametrize("template", ["Iter: {i:03d}, loss: {a}", "Instance: {i}; loss: {a}"])
@pytest.mark.parametrize("is_named_first", [False, True])
def test_a_counter_that_starts_again_with_each_epoch_is_no_new_training(tmp_path, template, is_named_first):
    text = ""
    for epoch in range(4):
        name = f"Epoch: {epoch}, done\nrate: {0.5 / (epoch + 1)}\n"
        inner = "".join(template.format(i=200 * (i + 1), a=A[i]) + "\n" for i in range(5))
        text += name + inner if is_named_first else inner + name
    (run,) = read(tmp_path, text)
    (loss,) = [curve for curve in run.all_curves if curve.tag == "loss"]
    assert len(loss) == 20
    assert (loss.step[1:] > loss.step[:-1]).all()


def test_numbers_behind_a_split_alone(tmp_path):
    text = ""
    for epoch in range(4):
        text += f"epoch {epoch} lr {0.5 / (epoch + 1)}\n"
        text += "".join(f"train {50 * i:03d} {A[i + epoch]:e} {B[i + epoch]}\n" for i in range(5))
        text += f"train_acc {B[epoch]}\nvalid 000 0.5 0.7\nvalid 050 0.25 0.75\nvalid_acc {A[epoch]}\n"
    (run,) = read(tmp_path, text)
    found = {curve.tag: curve for curve in run.all_curves}
    assert found["value_1"].value.tolist() == pytest.approx([A[i + epoch] for epoch in range(4) for i in range(5)])
    assert found["value_1"].step.tolist() == sorted(set(found["value_1"].step.tolist()))
    assert found["valid_acc"].value.tolist() == A[:4]


@pytest.mark.parametrize(("count", "is_comma"), [(MIN_COMMAS - 1, False), (MIN_COMMAS, True)])
def test_few_decimal_commas_are_lists(count, is_comma):
    assert has_decimal_comma("loss: 0,4812 " * count) is is_comma
    assert not has_decimal_comma("loss: 0.4812, acc: 0,51 " * count)


@pytest.mark.parametrize(
    "line",
    ["Epoch 3 done", "Saving model to a.pt...", "loss: 0.5", "Validation loss: 0.5", "Evaluating took 3.5 s: loss=0.2"],
)
def test_what_is_no_header(line):
    shape = shape_of(*pieces_of(line))
    assert not (shape.is_header and shape.split)
