"""Words that are written with typing errors, run together, or shortened."""

import pytest

from trainlint.parsers.meaning.resolve import meaning_of, resolve
from trainlint.parsers.meaning.words import terms_of
from trainlint.parsers.run import Curve


@pytest.mark.parametrize(
    ("tag", "role"),
    [
        ("perplexty", "perplexity"), ("perpelxity", "perplexity"), ("val_accurracy", "score"), ("acuracy", "score"), ("precison", "score"),
        ("complexity", "unknown"), ("elevation", "unknown"), ("agility", "unknown"),
        ("evalrewmean", "reward"), ("epretmean", "reward"), ("eprewstd", "statistic"), ("reprewind", "unknown"),
        ("itertime", "step-time"), ("dev/misclass", "score"), ("speed (images/gpu/second)", "throughput"),
        ("rate (tokens/gpu/second)", "throughput"), ("t(s)/Loss", "counter"),
    ],
)  # fmt: skip
def test_roles(tag, role):
    assert meaning_of(tag).role == role


def test_a_long_word_with_one_letter_wrong_is_that_word():
    assert terms_of("vaildation_loss") == ["validation", "loss"]
    assert meaning_of("valdation loss").split == "validation"


def curve(tag, values):
    return Curve.build(tag, range(len(values)), values)


@pytest.mark.parametrize(
    ("tag", "values", "role"),
    [
        ("S", [2.1, 1.9, 2.0, 1.7, 1.8, 1.5, 1.6, 1.4, 1.5, 1.2], "counter"),
        ("s", [2.1, 1.9, 2.0, 1.7, 1.8, 1.5, 1.6, 1.4, 1.5, 1.2], "step-time"),
        ("time/batch", range(20), "unknown"),
        ("time/batch", [0.5, 0.7, 0.6, 0.5, 0.8, 0.5, 0.7, 0.6, 0.6, 0.5], "step-time"),
    ],
)
def test_what_is_named_like_a_time(tag, values, role):
    assert resolve([curve(tag, values)])[0].role == role


def test_words_far_from_it_stay_as_they_are():
    assert terms_of("valuation") == ["valuation"]
    assert terms_of("evolution") == ["evolution"]
