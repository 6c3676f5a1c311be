"""Records of text logs at the limits of what is read: lines between them, numbers without names, names that are splits."""

import numpy as np
import pytest

from trainlint.parsers.base import HEAD_BYTES
from trainlint.parsers.formats.generic.plain_text import PARSER, why_not
from trainlint.parsers.texts.groups.counter import MIN_NAMELESS

N = 12
A = [round(2.0 * 0.8**i, 4) for i in range(N)]
B = [round(0.5 + 0.03 * (i * 7 % 5), 3) for i in range(N)]


def read(tmp_path, text):
    path = tmp_path / "session.txt"
    path.write_bytes(text.encode())
    assert why_not(path, path.read_bytes()[:HEAD_BYTES]) == ""
    (run,) = PARSER.parse(path)
    return {curve.tag: curve for curve in run.all_curves}


def is_refused(tmp_path, text):
    path = tmp_path / "session.txt"
    path.write_bytes(text.encode())
    return why_not(path, path.read_bytes()[:HEAD_BYTES]) != ""


def test_a_counter_that_touches_its_name_and_splits_as_names(tmp_path):
    text = "".join(
        f"[77:Main](2024-01-01 10:00:{i:02d},000) INFO - a.b - [c.py:9] - Epoch{i}:\n"
        f"[77:Main](2024-01-01 10:00:{i:02d},500) INFO - a.b - [c.py:12] - train {A[i]}, valid {B[i]}\n"
        for i in range(N)
    )
    found = read(tmp_path, text)
    assert found["train/value"].value.tolist() == A
    assert found["valid/value"].value.tolist() == B
    assert found["train/value"].epoch.tolist() == list(range(N))


@pytest.mark.parametrize("text", ["saved runs/epoch{}\n", "wrote step{}.bin\n", "kept best-epoch{}\n"])
def test_a_number_in_a_path_counts_nothing(tmp_path, text):
    log = "".join(f"step {i} qloss {A[i]}\n" + text.format(99 - i) for i in range(N))
    assert read(tmp_path, log)["qloss"].step.tolist() == list(range(N))


@pytest.mark.parametrize("every", [1, 3])
def test_lines_that_end_epochs_are_of_the_record_before(tmp_path, every):
    text = "".join(
        f"epoch: {i // every + 1} step: {i % every + 1}, qloss is {A[i]}\n"
        + (f"Duration of all: {800.5 + B[i]} ms\n" if i % every == every - 1 else "")
        for i in range(N)
    )
    assert len(read(tmp_path, text)["Duration of all"]) == N // every


def test_lines_that_come_now_and_then_are_no_records(tmp_path):
    text = "".join(
        f"step: {i}, qloss is {A[i]}\n" + (f"Duration of all: {800.5 + B[i]} ms\n" if i in (1, 2, 7) else "")
        for i in range(N)
    )
    assert "Duration of all" not in read(tmp_path, text)


@pytest.mark.parametrize(("left_out", "is_read"), [((), True), ((3, 5), False)])
def test_whole_numbers_need_nearly_every_record(tmp_path, left_out, is_read):
    text = "".join(
        f"[step={i}]\n    part/qloss={A[i]}\n" + ("" if i in left_out else f"    part/widgets={1000 + i * i}\n")
        for i in range(N)
    )
    assert ("part/widgets" in read(tmp_path, text)) == is_read


def test_speeds_behind_evaluations_are_of_the_training(tmp_path):
    text = "".join(
        f"step {i} qloss {A[i % N]}\n" + (f"Test (step {i}): qloss = {B[i % N]}\n" if i == 15 else "") + f"widgets/sec: {3 + B[i % N]}\n"
        for i in range(30)
    )  # fmt: skip
    assert len(read(tmp_path, text)["widgets/sec"]) == 30


@pytest.mark.parametrize("count", [MIN_NAMELESS, MIN_NAMELESS - 1])
def test_nameless_columns_need_lines(tmp_path, count):
    text = "starts\n" + "".join(f"{i}  {2 * 0.7**i:.4f}  {B[i]}\n" for i in range(count))
    assert is_refused(tmp_path, text) == (count < MIN_NAMELESS)


@pytest.mark.parametrize(("end", "is_read"), [(0.45, True), (0.55, False)])
def test_nameless_columns_have_to_fall_by_half(tmp_path, end, is_read):
    text = "starts\n" + "".join(f"{i}  {value:.4f}\n" for i, value in enumerate(np.linspace(1.1, 1.1 * end, N)))
    text = text.replace("\n", "  7\n")
    assert is_refused(tmp_path, text) != is_read


@pytest.mark.parametrize(("rises", "is_read"), [(2, True), (5, False)])
def test_nameless_columns_have_to_fall_nearly_always(tmp_path, rises, is_read):
    value = np.linspace(8.1, 2.1, N)
    value[2 : 2 + 2 * rises : 2] += 2.0  # each rises, and falls again
    value = value[:N]
    share = np.mean(np.diff(value) < 0)
    assert (share > 0.7) == is_read
    text = "starts\n" + "".join(f"{i}  {each:.4f}  7\n" for i, each in enumerate(value))
    assert is_refused(tmp_path, text) != is_read


@pytest.mark.parametrize(("error", "is_read"), [(0.001, True), (0.1, False)])
def test_a_nameless_column_may_be_the_change_of_another(tmp_path, error, is_read):
    value = -900.5 + 80 * (1 - 0.5 ** np.arange(N))
    change = np.diff(value, prepend=np.nan) * (1 + error)
    text = "starts\n" + "".join(
        f"{i + 1}  {a:.4f}  {b:+.4f}\n" for i, (a, b) in enumerate(zip(value, change, strict=True))
    )
    assert is_refused(tmp_path, text) != is_read


def test_functions_are_names(tmp_path):
    found = read(
        tmp_path, "".join(f"step {i}\tQ(x): {A[i]}\tQ(H(z)): {B[i]} / {A[i]}\tspan (s): 3.{i}\n" for i in range(N))
    )
    assert set(found) == {"Q(x)", "Q(H(z))", "Q(H(z))/2", "span"}


def test_a_rate_beside_the_step_in_brackets(tmp_path):
    found = read(
        tmp_path, "".join(f"[ {10 * i},  0.000{i + 10}]   {A[i]},  {B[i]}\nDev Boats EPE: {A[i]}\n" for i in range(N))
    )
    assert found["Dev/Boats EPE" if "Dev/Boats EPE" in found else "dev/Boats EPE"].step.tolist() == [
        10 * i for i in range(N)
    ]


def test_a_time_taken_for_an_epoch(tmp_path):
    text = "".join(f"Time spent for epoch {i} is {8 + B[i]} sec\nTrain qloss: {A[i]}\n" for i in range(N))
    found = read(tmp_path, text)
    assert found["Time spent"].epoch.tolist() == list(range(N))


def test_a_server_is_no_training(tmp_path):
    line = "INFO Engine 0: Avg widget throughput: {:.1f} widgets/s, Waiting: 3 reqs, Page cache hit rate: {}%\n"
    assert is_refused(tmp_path, "".join(line.format(10 * A[i], 50 + B[i]) for i in range(N)))


def test_tabs_that_syslog_escaped(tmp_path):
    found = read(tmp_path, "".join(f"Epoch {i}#011Speed: {9 + B[i]} widgets/sec#011qloss={A[i]}\n" for i in range(N)))
    assert found["qloss"].value.tolist() == A
    assert found["Speed"].epoch.tolist() == list(range(N))


def test_a_cell_names_the_split(tmp_path):
    line = "Epoch {} | {} | Used: 0:00:1{} | Loss: {}\n"
    text = "".join(
        line.format(i, "Training", i % 10, A[i]) + line.format(i, "Validation", i % 10, B[i]) for i in range(N)
    )
    found = read(tmp_path, text)
    assert found["training/Loss"].value.tolist() == A
    assert found["validation/Loss"].value.tolist() == B


DAMAGED = {
    "marks of our own": "".join(f"in <module>\n\x01   maI\nepoch {i} | loss {2 - i / 9:.3f}\n" for i in range(6)).encode("utf-16-be"),
    "a share of infinity": "".join(f"epoch {i} loss {2 - i / 9:.3f} acc {'1' * 400}/{'1' * 400}\n" for i in range(6)).encode(),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGED)
def test_what_damage_leaves_is_read(tmp_path, name):
    path = tmp_path / "train.out"
    path.write_bytes(DAMAGED[name])
    with np.errstate(over="ignore"):
        (run,) = PARSER.parse(path)
    assert any("loss" in curve.tag and len(curve) == 6 for curve in run.all_curves)
