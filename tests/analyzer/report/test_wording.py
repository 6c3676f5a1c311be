from dataclasses import replace

import pytest

from trainlint.analyzer.judging.judgement import Answer, RuleFinding, Verdict
from trainlint.analyzer.report import not_checked
from trainlint.analyzer.report import verdict_text as wording
from trainlint.analyzer.report.document import run_entry
from trainlint.parsers.run import Curve, Note
from trainlint.rules.base import Severity

from ..judgements import finding, healthy, judgement, meaning, rule, run


def sentence(*found, **others):
    return wording.verdict_sentence(judgement(findings=[RuleFinding(*pair) for pair in found], **others))


def test_a_fault_says_where_it_begins():
    assert sentence((rule(), finding(steps=(3_000, 9_990)))) == "Overfits from step 3,000 on"


@pytest.mark.parametrize(
    ("steps", "words"),
    [((7_000, 7_000), "at step 7,000"), ((2_000, 4_000), "in steps 2,000–4,000"), ((0, 9_990), "")],
)
def test_places(steps, words):
    judged = judgement()
    assert wording.place(RuleFinding(rule(), finding(steps=steps)), judged) == words


def test_places_count_what_the_curve_counts():
    curve = Curve.build("val/loss", range(10), range(10), axis="epoch", meaning=meaning())
    assert sentence((rule(), finding(steps=(3, 3))), judged=run([curve])) == "Overfits at epoch 3"


def test_a_second_fault_is_named_and_others_are_counted():
    spike = rule("loss-spike", "Loss spikes", Severity.WARNING)
    nan = rule("non-finite", "NaN or infinite values")
    found = [(rule(), finding()), (nan, finding()), (spike, finding())]
    assert sentence(*found) == "Overfits from step 3,000 on, and NaN or infinite values (+1 more)"
    assert sentence((rule(), finding()), (spike, finding())) == "Overfits from step 3,000 on, and loss spikes"


def test_findings_of_one_rule_count_once():
    assert "more" not in sentence(*[(rule(), finding())] * 5)


def test_clear_has_its_denominator():
    assert wording.verdict_sentence(healthy()) == "No fault found: 2 of 3 rules could judge this run"


def test_remarks_are_no_faults():
    remark = RuleFinding(rule(severity=Severity.INFO), finding())
    text = wording.verdict_sentence(judgement(findings=[remark], status="info"))
    assert text == "No fault found, 1 remark: 2 of 3 rules could judge this run"


def test_silence_is_never_a_pass():
    reason = Verdict("not-applicable", "no train loss is logged")
    silent = judgement(findings=[], verdicts={"a": reason, "b": reason}, status="not-checked")
    assert not_checked.of_judgement(silent).reason == "no selected rule judges the training"
    open_ = Answer("learning", "open", "no train loss is logged"), Answer("stability", "clear")
    told = not_checked.of_judgement(replace(silent, answers=open_))
    assert told.reason == "learning: no train loss is logged; stability: clear"
    assert told.next_step.startswith("log more of the training; trainlint inspect")


def test_clear_covers_the_selected_rules():
    told = wording.verdict_sentence(replace(healthy(), deselected=70))
    assert told == "No fault found: 2 of 3 selected rules could judge this run"


FOO = Curve.build("foo", [1], [1])
ROW = Curve.build("loss", range(3), range(3), axis="row", meaning=meaning())


@pytest.mark.parametrize(
    ("judged", "reason", "next_step"),
    [
        (run([]), "no metric could be read", "log a loss"),
        (run([], hyperparameters={"lr": 1}), "the log has hyperparameters but no curve", "log a loss"),
        (run([FOO]), "none of 1 metric was recognised", "assign roles, for example --metric foo=loss:train"),
        (
            run([FOO], task="boosting", task_evidence=("a column",)),
            "boosted trees, not a neural network (a column)",
            "comp",
        ),
        (run([ROW]), "the rows have no step or epoch, so they may be results", "log the loss of one training"),
    ],
)
def test_why_nothing_was_checked(judged, reason, next_step):
    told = not_checked.of_judgement(judgement(judged, [], {}, "not-checked"))
    assert told == not_checked.of_entry(run_entry(judgement(judged, [], {}, "not-checked")))
    assert told.reason.startswith(reason)
    assert told.next_step.startswith(next_step)


def test_a_failed_rule_is_why():
    told = not_checked.of_judgement(judgement(findings=[], verdicts={"a": Verdict("failed", "x")}))
    assert told.reason == "1 rule failed, so nothing was found: a"


def test_unreadable_says_what_was_met():
    broken = run([], notes=[Note("a.csv", "byte 3", "binary data")])
    assert sentence(judged=broken, status="unreadable") == "Unreadable: binary data"
    assert sentence(judged=run([]), status="unreadable").startswith("Unreadable: no curve")


def test_the_first_action_is_the_first_remedy():
    assert wording.first_action(judgement()) == "Stop earlier."
    assert wording.first_action(healthy()) == ""


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.33912, "0.339"), (0.0, "0"), (21_500.0, "21,500"), (1_234.5, "1,234"), (12.345, "12.3"), (-0.5, "−0.500"),
        (1e-9, "1e−9"), (3.24e12, "3.24e12"), (float("nan"), "NaN"), (float("inf"), "∞"), (float("-inf"), "−∞"),
    ],
)  # fmt: skip
def test_numbers(value, text):
    assert wording.number(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [(21_500, "21.5k"), (999, "999"), (2_000_000, "2M"), (0, "0"), (-1_500, "−1.5k")]
)
def test_short_steps(value, text):
    assert wording.short_step(value) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(3.1, "3.1 s"), (90, "2 min"), (7_380, "2 h 03 min"), (200_000, "2 d 8 h"), (float("nan"), "–")],
)
def test_durations(seconds, text):
    assert wording.duration(seconds) == text


def test_shares_and_sizes():
    assert wording.percent(0.8) == "80%"
    assert wording.percent(0.0312) == "3.1%"
    assert wording.file_size(4_123_456) == "4.12 MB"
    assert wording.plural(1, "run") == "1 run"
    assert wording.plural(1_200, "run") == "1,200 runs"


def test_long_names_are_cut_in_the_middle():
    cut = wording.clipped("a" * 5_000 + "end", 50)
    assert len(cut) == 50
    assert cut.endswith("end")
    assert wording.clipped("short", 50) == "short"


def test_what_cannot_be_seen_is_written_out():
    assert wording.visible("loss\u202etxt\x1b[31m\udcff\n") == r"loss\u202etxt\x1b[31m\udcff\n"
    assert wording.visible("précision 损失") == "précision 损失"
