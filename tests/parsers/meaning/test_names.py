"""Meaning of tags: the conventions of the frameworks, and the traps in them."""

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainlint.analyzer.config.selection import parse_metrics
from trainlint.parsers.meaning.conventions import CONVENTIONS
from trainlint.parsers.meaning.resolve import meaning_of, resolve, split_of_word
from trainlint.parsers.meaning.words import words_of
from trainlint.parsers.run import Curve, Meaning


def curve(tag, values=(0.5, 0.4), split="none", statistic=""):
    meaning = Meaning(split=split, reason="folder") if split != "none" else None
    return Curve.build(tag, range(len(values)), values, statistic=statistic, meaning=meaning)


def understood(text):
    """Meanings of the tags in a table of `tag -> role split direction layer`; `-` is none or unknown."""
    rows = [line.split("->") for line in text.strip().splitlines()]
    tags = [tag.strip() for tag, _ in rows]
    found = {c.tag: c.meaning for c in resolve([curve(tag) for tag in tags])}
    wanted, got = {}, {}
    for tag, (_, meaning) in zip(tags, rows, strict=True):
        role, split, direction, layer = (*meaning.split(), "-", "-", "-")[:4]
        none = {"-": None}
        wanted[tag] = (
            none.get(role, role) or "unknown", none.get(split, split) or "none",
            none.get(direction, direction) or "unknown", none.get(layer, layer) or "",
        )  # fmt: skip
        m = found[tag]
        got[tag] = (m.role, m.split, m.direction, m.layer)
    return wanted, got


def frameworks():
    """The tables of `tags/`, by the framework that writes such tags."""
    text = "\n".join(path.read_text("utf-8") for path in sorted((Path(__file__).parent / "tags").glob("*.txt")))
    sections = re.split(r"^\[(.+)\]$", re.sub(r"^#.*$", "", text, flags=re.MULTILINE), flags=re.MULTILINE)
    return dict(zip(sections[1::2], sections[2::2], strict=True))


FRAMEWORKS = frameworks()


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_tags_of_a_framework(framework):
    wanted, got = understood(FRAMEWORKS[framework])
    assert got == wanted


@pytest.mark.parametrize("framework", FRAMEWORKS)
def test_the_order_of_curves_does_not_matter(framework):
    tags = [line.split("->")[0].strip() for line in FRAMEWORKS[framework].strip().splitlines()]

    def meanings(order):
        return {c.tag: c.meaning for c in resolve([curve(tag) for tag in order])}

    assert meanings(tags) == meanings(tags[::-1]) == meanings(sorted(tags))


@pytest.mark.parametrize(
    ("tags", "split"),
    [
        (["loss", "val_loss"], "train"),
        (["loss"], "train"),
        (["loss", "train/loss"], "none"),
        (["loss", "train/acc"], "train"),
    ],
)
def test_an_unprefixed_loss_is_the_training_loss_unless_another_is(tags, split):
    assert resolve([curve(tag) for tag in tags])[0].split == split


@pytest.mark.parametrize("tag", ["te_loss", "v_loss"])
def test_what_may_be_held_out_is_not_taken_for_training(tag):
    assert resolve([curve(tag)])[0].split == "none"


def test_an_unprefixed_score_alone_is_of_no_split():
    assert resolve([curve("accuracy")])[0].split == "none"


def test_an_unprefixed_score_is_of_training_where_the_loss_is():
    found = resolve([curve("accuracy"), curve("loss")])
    assert [c.split for c in found] == ["train", "train"]


@pytest.mark.parametrize("split", ["train", "validation", "test"])
def test_the_split_of_a_folder_stands(split):
    (found,) = resolve([curve("epoch_loss", split=split)])
    assert (found.role, found.split, found.direction) == ("loss", split, "lower")
    assert "folder" in found.meaning.reason


@pytest.mark.parametrize(
    ("tag", "values"),
    [
        ("lr", [-0.1, 0.1]),
        ("learning_rate", [5e4, 1.0]),
        ("grad_norm", [1.0, -1.0]),
        ("param_norm", [-1.0, 1.0]),
        ("dead_units/fc1", [0.0, 101.0]),
        ("ppl", [-1.0, 5.0]),
        ("throughput", [-1.0, 5.0]),
    ],
)
def test_values_take_a_role_back(tag, values):
    (found,) = resolve([curve(tag, values)])
    assert found.role == "unknown"
    assert "named like" in found.meaning.reason


@pytest.mark.parametrize("values", [[], [np.nan, np.nan], [np.inf, -np.inf]])
def test_no_finite_value_is_no_contradiction(values):
    assert resolve([curve("lr", values)])[0].role == "learning-rate"


@pytest.mark.parametrize(
    ("tag", "statistic", "role", "layer"),
    [
        ("weights/0.weight", "norm", "weight-norm", "0.weight"),
        ("weights/0.weight", "p50", "statistic", "0.weight"),
        ("grads/0.weight", "norm", "gradient-norm", "0.weight"),
        ("sequential/h1/kernel/histogram", "norm", "weight-norm", "sequential/h1/kernel"),
        ("activations/tanh1", "std", "activation", "tanh1"),
        ("activations/relu_1", "zero_fraction", "zero-fraction", "relu_1"),
        ("whatever", "norm", "statistic", "whatever"),
        ("loss", "mean", "statistic", "loss"),
    ],
)
def test_statistics_of_histograms(tag, statistic, role, layer):
    (found,) = resolve([curve(tag, statistic=statistic)])
    assert (found.role, found.layer) == (role, layer)


@pytest.mark.parametrize(
    ("text", "tag", "expected"),
    [
        ("objective=loss:validation", "objective", ("loss", "validation", "lower")),
        ("objective=score:higher", "objective", ("score", "none", "higher")),
        ("val_loss=unknown", "val_loss", ("unknown", "none", "unknown")),
    ],
)
def test_what_the_user_says_stands(text, tag, expected):
    ((_, meaning),) = parse_metrics([text])
    (found,) = resolve([curve(tag).with_meaning(meaning)])
    assert (found.role, found.split, found.direction) == expected


@pytest.mark.parametrize(
    ("word", "split"),
    [
        ("Train", "train"),
        ("VALID", "validation"),
        ("dev", "validation"),
        ("holdout", "test"),
        ("device", None),
        ("", None),
    ],
)
def test_words_that_name_a_split(word, split):
    assert split_of_word(word) == split


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("val/meanAveragePrecision", ["val", "mean", "average", "precision"]),
        ("mAP50(B)", ["map50", "b"]),
        ("GaussianMLPPolicy/LossBefore", ["gaussianmlp", "policy", "loss", "before"]),
        ("LRs", ["lrs"]),
        ("training/batchloss", ["training", "batch", "loss"]),
        ("", []),
        ("///", []),
    ],
)
def test_words(tag, words):
    assert words_of(tag) == words


@given(st.lists(st.text(max_size=30), max_size=6), st.booleans())
def test_any_tag_has_a_meaning(tags, is_histogram):
    found = resolve([curve(tag, statistic="norm" if is_histogram else "") for tag in tags])
    assert [c.tag for c in found] == tags
    assert all(c.meaning.reason for c in found)


@given(st.text(alphabet="abdegilnorstv_/. ", max_size=40))
def test_tags_near_real_ones_have_a_meaning(tag):
    assert meaning_of(tag).reason


def test_long_hostile_tags_cost_little():
    resolve([curve(("a/" * 50_000) + "weight"), curve("grad" * 50_000), curve("_" * 100_000)])


def test_every_convention_is_reachable():
    for convention in CONVENTIONS:
        assert 1 <= convention.needed <= len(convention.markers), convention.name
        assert all(pattern == pattern.lower() for marker in convention.markers for pattern in marker.split("|"))
        assert all(pattern == pattern.lower() for pattern, _ in convention.meanings)
