"""Counters beside counters, bars and tables: whole logs, and the curves that are in them."""

import pytest

from trainlint.parsers.formats.generic.plain_text import PARSER


def curves_of(tmp_path, lines):
    path = tmp_path / "console.txt"
    path.write_text("\n".join(lines) + "\n")
    (run,) = PARSER.parse(path)
    return {curve.tag: (curve.step.tolist(), curve.value.tolist()) for curve in run.all_curves}


def values(count, first=4.0):
    return [round(first * 0.9**i, 4) for i in range(count)]


def test_an_epoch_in_brackets_before_the_step_is_no_number_of_a_process(tmp_path):
    lines = [f"[{i // 5:3}]  {20 * i:6} || P: {v} | Q: {v / 2:.4f} || lap: 0.25" for i, v in enumerate(values(20))]
    assert curves_of(tmp_path, lines)["P"] == (list(range(0, 400, 20)), values(20))


def test_a_step_in_brackets_before_a_size_stays_the_step(tmp_path):
    lines = [f"[{i}]  128 || P: {v} || loss: {v}" for i, v in enumerate(values(12))]
    assert curves_of(tmp_path, lines)["loss"] == (list(range(12)), values(12))


def test_a_name_behind_a_speed_is_read(tmp_path):
    lines = [f"step {i} loss: {v} pace: 0.5, 88.{i}1/s LR: {v / 100:.6f}" for i, v in enumerate(values(8))]
    assert curves_of(tmp_path, lines)["LR"][1] == [round(v / 100, 6) for v in values(8)]


def test_progress_of_an_evaluation_does_not_move_the_training_on(tmp_path):
    lines = []
    for i, v in enumerate(values(12)):
        lines += [f"[batch={i + 1}/12]:", f"\t Fit loss: {v}"]
        if i % 4 == 3:
            lines += ["[Eval batch=1/6] on held back data", "[Eval batch=6/6] on held back data", f"\t Eval loss: {v}"]
    found = curves_of(tmp_path, lines)
    assert next(step for tag, (step, _) in found.items() if tag.endswith("Fit loss"))[-1] == 12


def test_a_table_whose_lines_have_a_colon_before_them(tmp_path):
    row = "         : {:>8} | {:>12} {:>12} {:>10} {:>11}".format
    lines = [
        "Tool     : start",
        row("Epoch", "Train Err.", "Val. Err.", "ms/epoch", "Stale steps"),
        "         : " + "-" * 40,
    ]
    lines += ["         :   Begin ..."]
    lines += [row(i + 1, f"{v:.5f}", f"{v / 2:.5f}", f"{40.5 + i}", i % 4) for i, v in enumerate(values(9))]
    assert curves_of(tmp_path, lines)["Train Err."] == (list(range(1, 10)), pytest.approx(values(9)))


def test_what_is_measured_before_the_first_step_stands_at_zero(tmp_path):
    lines = ["val loss 9.5"]
    for i, v in enumerate(values(12), start=1):
        lines += [f"step {i}/12 | loss {v}", *([f"val loss {v + 0.5:.4f}"] if i % 4 == 0 else [])]
    assert curves_of(tmp_path, lines)["val/loss"][0] == [0, 4, 8, 12]


def test_of_a_training_that_is_resumed_nothing_stands_at_zero(tmp_path):
    lines = ["val loss 9.5"]
    for i, v in enumerate(values(12), start=801):
        lines += [f"step {i}/900 | loss {v}", *([f"val loss {v + 0.5:.4f}"] if i % 4 == 0 else [])]
    assert 0 not in curves_of(tmp_path, lines)["val/loss"][0]


@pytest.mark.parametrize(
    ("rates", "is_read"), [([1180, 1213, 1190, 1207, 1188, 1240], True), ([1, 2, 3, 4, 5, 6], False)]
)
def test_a_whole_number_behind_every_fifth_record_is_read_unless_it_counts(tmp_path, rates, is_read):
    lines = []
    for i, v in enumerate(values(30)):
        lines += [f"step={7 * i}, episodic_return={v}", *([f"QPS: {rates[i // 5]}"] if i % 5 == 4 else [])]
    assert ("QPS" in curves_of(tmp_path, lines)) == is_read


def test_a_time_in_parentheses_is_no_unit_of_size(tmp_path):
    lines = [f"step {i} loss: {v} Wait (t): {v / 10:.4f} end" for i, v in enumerate(values(8))]
    assert curves_of(tmp_path, lines)["Wait"][1] == [round(v / 10, 4) for v in values(8)]
