"""Findings on the page of a run: what caused what, how early it could be seen, and what the batch says about it."""

import json
import re
from html.parser import HTMLParser

import pytest

from trainlint.analyzer.across.multiplicity import chance_notes
from trainlint.analyzer.judging.judgement import RuleFinding
from trainlint.analyzer.judging.onset import Onset
from trainlint.analyzer.pages.render import render_run
from trainlint.analyzer.pages.rendered import waiting_page
from trainlint.parsers.run import Run
from trainlint.rules.base import Severity

from .judgements import HOSTILE, finding, judgement, losses, rule, run

DEAD, STUCK, FLAT = (rule(name, name.capitalize()) for name in ("dead-units", "stuck-at-chance", "plateau"))
SEEN = Onset(4_000, 5_990, 0.6, 2_995.0)


def page_of(*found, judged=None, notes=None):
    return render_run(judgement(judged or run(), found), version="0.1.0", index_href=None).text(notes)


def data_of(page):
    return json.loads(re.search(r'id="data">(.*?)</script>', page, re.DOTALL)[1])


def story():
    return [
        RuleFinding(DEAD, finding(), detectable_from=SEEN),
        RuleFinding(STUCK, finding(), caused_by="dead-units"),
        RuleFinding(FLAT, finding(metric="train/loss"), caused_by="stuck-at-chance"),
        RuleFinding(rule(), finding()),
    ]


class Nesting(HTMLParser):
    """In how many groups of consequences each card stands."""

    def __init__(self):
        super().__init__()
        self.open, self.depth = [], {}

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if tag == "article":
            self.depth[attributes["id"]] = self.open.count("consequences")
        if tag == "div":
            self.open.append(attributes.get("class"))

    def handle_endtag(self, tag):
        if tag == "div":
            self.open.pop()


def test_consequences_stand_below_their_cause():
    page = page_of(*story())
    nesting = Nesting()
    nesting.feed(page)
    assert nesting.depth == {"dead-units": 0, "stuck-at-chance": 1, "plateau": 2, "overfitting": 0}
    assert 'follows from <a href="#stuck-at-chance">stuck-at-chance</a>' in page


def test_a_cause_that_is_not_on_the_page_hides_nothing():
    page = page_of(RuleFinding(FLAT, finding(), caused_by="absent"))
    assert 'id="plateau"' in page
    assert "follows from <a" not in page


def test_the_main_chart_shades_first_causes_only():
    hero = data_of(page_of(*story()))["charts"][0]
    assert [label for *_, label in hero["bands"]] == ["dead-units", "overfitting"]


def test_how_early_it_could_be_found_is_said_and_marked():
    page = page_of(*story())
    sentence = "Detectable from step 4,000 on, 5,990 steps (50 min, 60% of the run) before the end."
    assert page.count(f"{sentence}</p>") == 2  # with the verdict and on the card
    data = data_of(page)
    assert [4_000, "detectable"] in data["charts"][1]["marks"]
    assert sentence in data["markdown"]["dead-units"]
    assert "Follows from `dead-units`." in data["markdown"]["stuck-at-chance"]
    assert page.count('<rect class="seen"') == 1


@pytest.mark.parametrize(
    ("onset", "sentence"),
    [
        (Onset(9_990, 0, 0.0, 0.0), "Detectable only at the end, at step 9,990."),
        (Onset(9_000, 1, 0.09, None), "Detectable from step 9,000 on, 1 step (9.0% of the run) before the end."),
        (None, None),
    ],
)
def test_sentences_of_onsets(onset, sentence):
    page = page_of(RuleFinding(DEAD, finding(), detectable_from=onset))
    assert sentence in page if sentence else "Could" not in page.partition("<main")[2].partition("<script")[0]


def test_steps_among_the_numbers_are_marked_once():
    found = RuleFinding(DEAD, finding(evidence={"best_step": 3_000.0, "odd_step": 7.5, "far_step": 1e300}))
    marks = data_of(page_of(found))["charts"][1]["marks"]
    assert [label for at, label in marks if at == 3_000] == ["best"]
    assert len(marks) == 2  # and the lowest value of the curve


@pytest.mark.parametrize(
    ("task", "evidence", "words"),
    [
        (
            "language-model",
            ("there is a metric ppl", HOSTILE),
            "Taken for language model: there is a metric ppl; &lt;/script",
        ),
        ("regression", (), "Taken for regression."),
        ("unknown", (), "Task not known from the log"),
    ],
)
def test_the_task_is_named_with_its_evidence(task, evidence, words):
    judged = Run("r", "r", "csv", all_curves=losses(), task=task, task_evidence=evidence)
    assert words in page_of(RuleFinding(DEAD, finding()), judged=judged)


def test_what_the_batch_says_is_written_into_the_page(tmp_path):
    notes = chance_notes({"findings": [{"q_value": 0.001}, {"q_value": 0.4}, {}]})
    assert list(notes) == [1]
    found = (*story(), RuleFinding(rule("<!-- batch:1 -->"), finding()))
    page = page_of(*found, notes=notes | {77: "no card has this number"})
    card = page[page.index('id="stuck-at-chance"') : page.index('id="plateau"')]
    assert "40% are expected to be false" in card
    assert page.count('class="chance"') == 1
    assert "<!-- batch" not in page
    waiting = render_run(judgement(run(), found), version="0.1.0", index_href=None)
    waiting.wait(tmp_path, "a/b")
    assert waiting_page(tmp_path, "a/b") == waiting


def test_severity_is_told_apart_from_cause():
    found = [RuleFinding(rule("a", "A", Severity.WARNING), finding()), RuleFinding(DEAD, finding(), caused_by="a")]
    assert 'class="pill is-warning"' in page_of(*found)
