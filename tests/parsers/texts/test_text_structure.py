"""Text logs that no dialect is written for: names, layouts, prefixes and fields that nothing in the parser lists."""

import numpy as np
import pytest

from trainlint.parsers.base import HEAD_BYTES
from trainlint.parsers.formats.generic.plain_text import PARSER, why_not
from trainlint.parsers.meaning.resolve import resolve

N = 6
A = [round(0.9 - 0.11 * i, 3) for i in range(N)]  # what is logged; no two values are equal
B = [round(1.5 + 0.07 * i * i, 3) for i in range(N)]


def read(tmp_path, text, name="session.txt"):
    path = tmp_path / name
    path.write_bytes(text.encode())
    assert why_not(path, path.read_bytes()[:HEAD_BYTES]) == ""
    return list(PARSER.parse(path))


def curves(run):
    return {curve.tag: (curve.step.tolist(), curve.value.tolist()) for curve in run.all_curves}


def lines(template, start=0, by=1, more=""):
    return "".join(template.format(i=start + by * i, a=A[i], b=B[i], j=i, more=more) for i in range(N))


def steps(start=0, by=1, count=N):
    return [start + by * i for i in range(count)]


# id, text, what must be read: tag -> (steps, values)
KINDS = [
    ("unknown names and an unknown counter", lines("sweep #{i}: Q_ab={a}; flux = {b}\n"), {"Q_ab": (steps(), A), "flux": (steps(), B)}),
    ("values before names", lines("{i}) {a} obj, {b} gap\n", 1), {"obj": (steps(1), A), "gap": (steps(1), B)}),
    ("a value before its own average", lines("{i}: {a}, {b} mean energy, 3.5 seconds\n", 1), {"energy": (steps(1), A), "mean energy": (steps(1), B)}),
    ("a full stop behind the step", lines("Update {i}. mean yield: {a}. spread of yield: {b}. Going on.\n", 500, 500),
     {"mean yield": (steps(500, 500), A), "spread of yield": (steps(500, 500), B)}),
    ("a bracket behind the step", lines("[Gen {i}] fit={a} div={b}\n"), {"fit": (steps(), A), "div": (steps(), B)}),
    ("name is value", lines("At round {i} the regret is {a} and the width is {b}\n"), {"regret": (steps(), A), "width": (steps(), B)}),
    ("tuples and dicts", lines("{i} ('zeta', {a}) {{'kappa': {b}}}\n"), {"zeta": (steps(), A), "kappa": (steps(), B)}),
    ("typographic quotes", lines("{{‘chi’: {a}, ‘loss’: {b}, ‘epoch’: {i}}}\n"), {"chi": (steps(), A), "loss": (steps(), B)}),
    ("NumPy scalars", lines("epoch {i} zeta=np.float32({a}) kappa=array({b}, dtype=float32)\n"), {"zeta": (steps(), A), "kappa": (steps(), B)}),
    ("tensors on a device", lines("it {i} | zeta: tensor({a}, device='cuda:1', grad_fn=<MeanBackward0>) | kappa: {b}\n"), {"zeta": (steps(), A), "kappa": (steps(), B)}),
    ("lists", lines("epoch {i} Pseudo dice [np.float32({a}), np.float32({b})]\n"), {"Pseudo dice/0": (steps(), A), "Pseudo dice/1": (steps(), B)}),
    ("ratios", lines("epoch {i} Accuracy(T1/T5)={a}/{b}\n"), {"Accuracy": (steps(), A), "Accuracy/2": (steps(), B)}),
    ("thousands and exponents", "".join(f"step {1000 * i:,}: zeta {A[i]:.3e} tokens_seen 1,{i}00,000\n" for i in range(1, N)),
     {"zeta": (steps(1000, 1000, N - 1), A[1:]), "tokens_seen": (steps(1000, 1000, N - 1), [1e6 + 1e5 * i for i in range(1, N)])}),
    ("absl", lines("I0912 12:30:4{j}.062087 1397354 model_lib.py:652] Step {i} per-step time {a}s zeta={b}\n", 100, 100),
     {"per-step time": (steps(100, 100), A), "zeta": (steps(100, 100), B)}),
    ("hydra", lines("[26/04/24 10:0{j}:00][a.b.progress][INFO] -  Epoch {i}: Tr_rho {a}   Val_rho {b}   Memory 11.2%\n"), {"Tr_rho": (steps(), A), "Val_rho": (steps(), B)}),
    ("loguru", lines("2024-01-01 10:00:0{j}.000 | INFO     | pkg.mod:main:12 - round {i} zeta={a} kappa={b}\n"), {"zeta": (steps(), A), "kappa": (steps(), B)}),
    ("colours", lines("\x1b[32mround\x1b[0m \x1b[1m{i}\x1b[0m zeta \x1b[31m{a}\x1b[0m kappa {b}\n"), {"zeta": (steps(), A), "kappa": (steps(), B)}),
    ("a table below a ruled header", "junk\n  it     zeta  kappa\n----  -------  -----\n" + lines("{i:>4}  {a:>7}  {b:>5}\n", 0, 50),
     {"zeta": (steps(0, 50), A), "kappa": (steps(0, 50), B)}),
    ("a table with two counters and no names for them", "E    #       LOSS AB...  F_X\n---  ------  ----------  ----\n" + lines("{j:>3}  {i:>6}  {a:>10}  {b:>4}\n", 0, 200),
     {"LOSS AB...": (steps(0, 200), A), "F_X": (steps(0, 200), B)}),
    ("a boxed table with a prologue", "Model: M\n┏━━━━━━━┳━━━━━━┳━━━━━━━┓\n┃ round ┃ zeta ┃ kappa ┃\n┡━━━━━━━╇━━━━━━╇━━━━━━━┩\n" + lines("│ {i:>5} │ {a:>4} │ {b:>5} │\n"),
     {"zeta": (steps(), A), "kappa": (steps(), B)}),
    ("a header in front of each row", lines("\n   Epoch   mem   zeta_loss   kappa_loss\n   {i}/9   2.63G   {a}   {b}: 100%|███| 63/63 [00:20<00:00, 3.1it/s]\n"),
     {"zeta_loss": (steps(), A), "kappa_loss": (steps(), B)}),
    ("a counter that numbers the batch", "".join(f"TRAIN Batch {e}/{b} zeta {A[3 * e + b // 10]} \n" for e in (0, 1) for b in (0, 10, 20)),
     {"zeta": ([0, 10, 20, 21, 31, 41], A)}),
    ("a global step behind one within the epoch", lines("STEP: {j}/100 -- GLOBAL_STEP: {i} zeta: {a}\n", 700, 100), {"zeta": (steps(700, 100), A)}),
    ("totals in brackets", "".join(f"Epoch[00{e}] Batch [00{b}9]/[0050] zeta={A[2 * e + b // 2]}\n" for e in range(3) for b in (1, 3)),
     {"zeta": ([19, 39, 69, 89, 119, 139], A)}),
    ("blocks of unknown names", lines(" --> ITERATION: {i}\n     | > zeta: {a}  ({a})\n     | > kappa_dur: {b}\n\n", 0, 10), {"zeta": (steps(0, 10), A), "kappa_dur": (steps(0, 10), B)}),
    ("parts of a record that are numbered", lines("Head 7 Avg IOU: {a}, Class: {b}\nHead 9 Avg IOU: {b}, Class: {a}\n {i}: 5{a}, {b} avg loss\n", 1),
     {"Head 7 Avg IOU": (steps(1), A), "Head 9 Avg IOU": (steps(1), B), "avg loss": (steps(1), B)}),
    ("two counters without names", "".join(f">> [{e}|{b}] rec={A[3 * e + b // 20]}\n" for e in (0, 1) for b in (0, 20, 40)), {"rec": ([0, 20, 40, 41, 61, 81], A)}),
    ("units before names", lines("{i} steps, {a} mean return, {b}k fps\n", 0, 100), {"mean return": (steps(0, 100), A), "fps": (steps(0, 100), [1000 * b for b in B])}),
    ("compound times", lines("tick {i}  kimg {b}  time {j}h 05m 00s  sec/tick {a}  aug {a}\n"), {"kimg": (steps(), B), "sec/tick": (steps(), A), "aug": (steps(), A)}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), [kind[1:] for kind in KINDS], ids=[kind[0] for kind in KINDS])
def test_kinds(tmp_path, text, expected):
    (run,) = read(tmp_path, text)
    found = curves(run)
    for tag, (step, value) in expected.items():
        assert tag in found
        assert found[tag] == (step, pytest.approx(value, rel=1e-12))


NAMES = ("session.log", "session.txt", "session.out", "stdout", "session.err", "session.o123")


@pytest.mark.parametrize("name", NAMES)
def test_the_name_of_the_file_does_not_decide(tmp_path, name):
    (run,) = read(tmp_path, KINDS[0][1], name)
    assert curves(run)["Q_ab"] == (steps(), A)


def test_every_line_twice(tmp_path):
    (run,) = read(tmp_path, lines("2024-01-01 10:00:0{j} - INFO - epoch {i} loss {a}\n" * 2))
    assert curves(run)["loss"] == (steps(), A)
    assert "6 lines repeat the record before them" in str(run.notes[0])


def test_two_handlers_of_which_one_writes_the_time(tmp_path):
    (run,) = read(tmp_path, lines("2024-01-01 10:00:0{j} - INFO - epoch {i} loss {a}\nepoch {i} loss {a}\n"))
    assert curves(run)["loss"] == (steps(), A)


@pytest.mark.parametrize("prefix", ["{r}: ", "[default{r}]: ", "[rank{r}]: [INFO] "])
def test_processes_that_log_the_same_steps(tmp_path, prefix):
    text = "".join(f"{prefix.format(r=r)}step {i} loss {A[i] + r} lr 0.25\n" for i in range(N) for r in range(4))
    (run,) = read(tmp_path, text)
    found = curves(run)
    assert found["loss"] == (steps(), pytest.approx([a + 1.5 for a in A]))
    assert found["lr"] == (steps(), [0.25] * N)
    assert "4 processes log the same steps" in str(run.notes[0])


def test_processes_named_behind_the_values_and_not_in_order(tmp_path):
    text = "".join(f"step {i} loss {A[i] + r} rank {r}\n" for i in range(N) for r in (2, 0, 1))
    (run,) = read(tmp_path, text)
    assert curves(run)["loss"] == (steps(), pytest.approx([a + 1 for a in A]))


EVALUATIONS = [
    ("[valid] on the same line", lines("{i}epoch results: [train] loss={a}, time=3.5, [valid] loss={b}, [plot] time=0.3\n", 1), "valid/loss", "validation", B),
    ("a line between epochs", lines("Epoch {i} ; Iter 50/60 ; PPL 9.5 ;\nEpoch {i} ; Iter 60/60 ; PPL {b} ;\nValidation perplexity: {a}\n", 1), "validation/perplexity", "validation", A),
    ("CV", lines("TRAIN Batch {i}/0 loss 3.5\nTRAIN Batch {i}/9 loss 2.5\nCV Batch {i}/9 loss {a}\n"), "cv/loss", "validation", A),
    ("current and best", lines("step: {i}, acc: 0.5\nstep: {i}9, acc: 0.5\ncur metric, acc: {a}, fps: 12.5\nbest metric, acc: {b}\n", 1), "cur metric/acc", "validation", A),
    ("a summary in brackets", lines("step {i}0 loss 3.5\nstep {i}5 loss 2.5\n Average Precision  (AP) @[ IoU=0.50:0.95 | area=   all ] = {a}\n Average Precision  (AP) @[ IoU=0.75      | area=   all ] = {b}\n", 1),
     "Average Precision (AP) [ IoU=0.5:0.95 | area= all ]", "validation", A),
    ("a ranking measure without a split", lines("iter {i}0 loss 3.5\niter {i}5 loss 2.5\nNDCG@10: {a} HR@10: {b}\n", 1), "NDCG@10", "validation", A),
    ("below a header", lines("step {i}0 loss 3.5\nstep {i}5 loss 2.5\n--> EVAL PERFORMANCE\n   | > avg_zeta: {a} (+0.01)\n   | > avg_loss: {b} (+0.01)\n", 1), "eval/avg_loss", "validation", B),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "tag", "split", "value"), [kind[1:] for kind in EVALUATIONS], ids=[kind[0] for kind in EVALUATIONS]
)
def test_evaluations(tmp_path, text, tag, split, value):
    (run,) = read(tmp_path, text)
    found = {curve.tag: curve for curve in resolve(run.all_curves)}
    assert tag in found
    assert (found[tag].split, found[tag].value.tolist()) == (split, value)


def test_progress_of_an_evaluation_is_no_step(tmp_path):
    text = lines(
        "Epoch[{i}] Batch [49]/[420] loss={a}\nEpoch[{i}] Batch [99]/[420] loss={b}\nBatch [19]/[50]: evaluated\nBatch [39]/[50]: evaluated\n[Epoch {i}] validation: acc=0.5 loss={a}\n"
    )
    (run,) = read(tmp_path, text)
    found = curves(run)
    assert found["loss"][0] == [s + 420 * e for e in range(N) for s in (49, 99)]
    assert found["validation/loss"] == ([99 + 420 * e for e in range(N)], A)


def test_a_printed_configuration_is_no_metric(tmp_path):
    net = "".join(f'layer {{\n  name: "c{k}"\n  lr_mult: {1 + k % 2}\n}}\n' for k in range(9))
    (run,) = read(tmp_path, net + lines("step {i} loss {a}\n") + net + lines("step 1{i} loss {b}\n"))
    assert set(curves(run)) == {"loss"}


def test_trainings_one_after_the_other_are_told(tmp_path):
    (run,) = read(tmp_path, lines("epoch {i} loss {a}\n", 1) + "".join(f"epoch {i} loss {i}.5\n" for i in range(1, 9)))
    assert "2 trainings follow one another: the counter starts again at 1" in str(run.notes[0])


def test_what_counts_is_said(tmp_path):
    (run,) = read(tmp_path, KINDS[0][1])
    assert "steps are counted by 'sweep': whole numbers that rise by 1" in str(run.notes[0])


NO_LOGS = [
    ("vectors.txt", "".join(f"word{i} {a} {b} 0.5\n" for i, (a, b) in enumerate(zip(A, B, strict=True))), "no line recurs"),
    ("columns.txt", "".join(f"{i} {a} {b}\n" for i, (a, b) in enumerate(zip(A, B, strict=True))), "no line recurs"),
    ("apt.log", "".join(f"Get:{i} http://deb.example.org/debian stable/main amd64 lib all 1.2 [{i}2.3 kB]\n" for i in range(9)), ""),
    ("ping.txt", "".join(f"64 bytes from 10.0.0.1: icmp_seq={i} ttl=56 time=12.{i} ms\n" for i in range(9)), "no quantity"),
    ("dmesg.log", "".join(f"[    {i}.234567] usb 1-{i}: new high-speed USB device number {i} using xhci_hcd\n" for i in range(9)), ""),
    ("pytest.txt", "".join(f"0.1{i}s call     tests/test_x.py::test_{i}\n" for i in range(9)), ""),
    ("access.log", "".join(f'10.0.0.1 - - [01/Jan/2024:10:00:0{i} +0000] "GET /p/{i} HTTP/1.1" 200 51{i}\n' for i in range(9)), ""),
    ("wget.log", "".join(f"  {i}50K .......... .......... {i}% 1.{i}M 0s\n" for i in range(9)), ""),
    ("build.log", "".join(f"[{i}/300] Building CXX object src/a{i}.o\n" for i in range(9)), ""),
    ("prose.txt", "It was 3 o'clock.\nThen 4 of the 12 came.\nBy 5.5 all had gone.\n" * 3, ""),
    ("freeze.txt", "".join(f"package-{i}==1.{i}.0\n" for i in range(9)), ""),
]  # fmt: skip


@pytest.mark.parametrize(("name", "text", "why"), NO_LOGS, ids=[name for name, _, _ in NO_LOGS])
def test_what_is_no_log_and_why(tmp_path, name, text, why):
    path = tmp_path / name
    path.write_bytes(text.encode())
    reason = why_not(path, text.encode()[:HEAD_BYTES])
    assert reason
    assert why in reason


def test_a_log_between_printed_settings_is_found(tmp_path):
    settings = "".join(f"   'key_{i}': {{'args': ['v_{i}'], 'type': 'K'}},\n" for i in range(3000))
    text = settings + "".join(f"step {i} zeta {3 - i / 4096:.5f}\n" for i in range(5000)) + settings
    (run,) = read(tmp_path, text)
    assert len(curves(run)["zeta"][0]) == 5000
    assert np.all(np.diff(run.all_curves[0].step) == 1)
