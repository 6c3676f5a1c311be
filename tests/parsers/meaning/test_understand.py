"""What counts before what when a tag gets its meaning, and what parts of one log share."""

import pytest

from trainlint.parsers.meaning.resolve import OWN
from trainlint.parsers.meaning.understand import Hints, splits_of_siblings, understand
from trainlint.parsers.run import Curve, Meaning

USERS = Meaning("score", "test", direction="higher", reason=OWN)
GIVEN = Meaning("loss", "none", direction="lower", reason="the format says so")


def curve(tag, meaning=None):
    return Curve.build(tag, [0, 1], [1.0, 0.5], meaning=meaning)


def meaning_of(tag, hints, meaning=None):
    ((found, _, _),) = understand([([curve(tag, meaning)], hints)])
    return found[0].meaning


def test_the_user_counts_before_everything():
    hints = Hints(overrides=[("val_*", USERS)], split="train", split_reason="name of train/a.csv")
    assert meaning_of("val_loss", hints, GIVEN) == USERS


def test_the_format_counts_before_the_words_and_the_folder_gives_the_split_it_lacks():
    hints = Hints(split="validation", split_reason="name of val/a.csv")
    found = meaning_of("accuracy", hints, GIVEN)
    assert (found.role, found.split, found.reason) == ("loss", "validation", "the format says so")


def test_the_folder_counts_before_the_words():
    found = meaning_of("loss", Hints(split="validation", split_reason="name of val/a.csv"))
    assert (found.role, found.split) == ("loss", "validation")
    assert found.reason.endswith("split: name of val/a.csv")


@pytest.mark.parametrize(
    ("tag", "is_whole_run", "split"),
    [
        ("val_loss", True, "validation"),
        ("test_loss", False, "test"),
        ("evaluation_loss_vs_iterations", False, "test"),
    ],
)
def test_tags_that_name_another_split_refuse_that_of_the_folder(tag, is_whole_run, split):
    ((curves, is_whole, _),) = understand([([curve(tag)], Hints(split="test", split_reason="name of test/a"))])
    assert is_whole == is_whole_run
    assert curves[0].split == split


@pytest.mark.parametrize(
    ("is_shared", "is_apart", "tags", "split"),
    [
        (True, False, ("val_loss", "metric"), "validation"),
        (False, False, ("epoch_loss", "other"), "train"),
    ],
)
def test_parts_keep_their_curves_in_their_order(is_shared, is_apart, tags, split):
    hints = [
        Hints(split=split, split_reason="name", is_shared=is_shared, is_apart=is_apart),
        Hints(is_shared=is_shared),
    ]
    found = understand([([curve(tag) for tag in tags], hints[0]), ([curve("loss")], hints[1])])
    assert [[c.tag for c in part.curves] for part in found] == [list(tags), ["loss"]]


def test_what_a_tag_means_depends_on_the_parts_that_share_with_it():
    parts = [
        ([curve("accuracy")], Hints(split="validation", is_shared=True)),
        ([curve("accuracy")], Hints(is_shared=True)),
    ]
    assert understand(parts)[1].curves[0].split == "train"
    alone = [parts[0], ([curve("accuracy")], Hints())]
    assert understand(alone)[1].curves[0].split == "none"


def test_a_part_that_is_a_run_of_its_own_shares_nothing():
    whole = ([curve("val_loss"), curve("accuracy")], Hints(split="train", is_shared=True, is_apart=True))
    other = ([curve("val_accuracy")], Hints(is_shared=True))
    found = understand([whole, other])
    assert found[0].is_whole_run
    assert found[0].curves[1].split == "none"
    near = (whole[0], Hints(split="train", is_shared=True))
    assert understand([near, other])[0].curves[1].split == "train"


@pytest.mark.parametrize(
    ("names", "splits"),
    [
        ([("csv", "train"), ("csv", "val")], ["train", "validation"]),
        ([("csv", "run-a-train"), ("csv", "run-a-test"), ("csv", "run-b-test")], ["train", "test", "none"]),
        ([("csv", "train"), ("json", "val")], ["none", "none"]),
        ([("csv", "train_val"), ("csv", "val")], ["none", "none"]),
        ([("csv", "test")], ["none"]),
        ([], []),
    ],
)
def test_names_of_files_state_a_split_beside_one_that_differs_in_nothing_else(names, splits):
    assert splits_of_siblings(names) == splits
