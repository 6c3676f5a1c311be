"""Whole histograms kept while reading: evenly, in bounded memory, as a later writer left them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trainlint.parsers.events import samples
from trainlint.parsers.events.histograms import Histograms
from trainlint.parsers.events.samples import MAX_STEPS, Samples


def batch(steps, tags, first_place=0, buckets=3):
    """Histograms whose buckets hold their step, so that a mix-up is seen."""
    count = len(steps)
    steps = np.asarray(steps, np.int64)
    rights = np.tile(np.arange(1.0, buckets + 1), count)
    bars = Histograms(
        rights, np.repeat(steps + 1.0, buckets), np.full(count, buckets), np.zeros(count), np.full(count, float(buckets)),
        np.full(count, 3.0), np.zeros(count), np.zeros(count),
    )  # fmt: skip
    return np.arange(first_place, first_place + count), np.asarray(tags, np.int64), steps, bars


def read(*batches, names=("a", "b", "c")):
    kept = Samples()
    place = 0
    for steps, tags in batches:
        kept.add(*batch(steps, tags, place))
        place += len(steps)
    found = kept.series(names)
    for series in found:
        assert series.counts.reshape(len(series.step), -1)[:, 0].tolist() == (series.step + 1).tolist()
    return {series.tag: series for series in found}


@settings(max_examples=30)
@given(st.integers(2, 700), st.integers(1, 90))
def test_steps_are_spread_over_the_whole_log(steps, size):
    batches = [
        (range(i, min(i + size, steps)), [0] * len(range(i, min(i + size, steps)))) for i in range(0, steps, size)
    ]
    step = read(*batches)["a"].step
    assert len(step) >= min(steps, MAX_STEPS) * 0.9
    assert len(step) <= MAX_STEPS
    assert step[0] == 0
    assert step[-1] >= steps * 0.95 - 1
    gaps = np.diff(step)
    assert gaps.min() > 0
    assert gaps.max() <= 2 * steps / len(step) + 1


def test_tags_have_strides_of_their_own():
    long = [(range(i, i + 50), [0] * 50) for i in range(0, 2_000, 50)]
    found = read(*long, ([0, 500, 1_000, 1_500], [1] * 4), ([7], [2]))
    assert len(found["a"].step) == MAX_STEPS
    assert found["b"].step.tolist() == [0, 500, 1_000, 1_500]
    assert "c" not in found  # one histogram has no course


def test_what_a_later_writer_overwrote_is_gone():
    found = read((range(10), [0] * 10), ([5, 6, 7], [0] * 3))
    assert found["a"].step.tolist() == [0, 1, 2, 3, 4, 5, 6, 7]
    assert read(([9, 0, 0, 0], [0] * 4)) == {}


def test_memory_is_bounded(monkeypatch):
    monkeypatch.setattr(samples, "MAX_BUCKETS", 600)
    kept = Samples()
    for i in range(200):
        kept.add(*batch([i] * 10, range(10), 10 * i))
        assert kept._buckets <= 600
    found = kept.series([f"t{i}" for i in range(10)])
    assert len(found) == 10
    assert all(len(series.step) >= 4 for series in found)


def test_more_tensors_than_there_is_room_for_are_none(monkeypatch):
    monkeypatch.setattr(samples, "MAX_BUCKETS", 100)
    kept = Samples()
    for i in range(3):
        kept.add(*batch([i] * 200, range(200), 200 * i))
    assert kept.series([f"t{i}" for i in range(200)]) == []


@pytest.mark.parametrize("value", [1e300, -1e300, np.inf, np.nan])
def test_numbers_beyond_float32_break_nothing(value):
    place, tag, step, bars = batch([0, 1], [0, 0])
    bars.rights[:] = value
    kept = Samples()
    kept.add(place, tag, step, bars)
    assert len(kept.series(["a"])) == 1
