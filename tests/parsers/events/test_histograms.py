import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainlint.parsers.events.histograms import STATISTICS, Histograms, from_triples, joined, summarise


def histogram(values, edges):
    values = np.asarray(values, np.float64)
    counts, edges = np.histogram(values, edges)
    columns = (values.min(), values.max(), len(values), values.sum(), (values**2).sum())
    return Histograms(
        edges[1:], counts.astype(np.float64), np.array([len(counts)]), *(np.array([float(c)]) for c in columns)
    )


def statistics(bars):
    return dict(zip(STATISTICS, summarise(bars)[0].tolist(), strict=True))


TORCH_POSITIVE = 1e-12 * 1.1 ** np.arange(774)
TORCH_EDGES = np.concatenate([-TORCH_POSITIVE[::-1], [0.0], TORCH_POSITIVE])


@pytest.mark.parametrize(
    ("values", "edges", "zero_fraction"),
    [
        ([0.0] * 30 + [1.0] * 70, TORCH_EDGES, 0.3),
        ([0.0] * 10, TORCH_EDGES, 1.0),
        ([1.0, 2.0], TORCH_EDGES, 0.0),
        ([-1.0, -2.0, 0.0, 1.0], TORCH_EDGES, 0.25),
        ([-1.0, -0.5], TORCH_EDGES, 0.0),
        ([0.0] * 30 + [1.0] * 70, 30, None),  # the first bucket holds zeros and much more
        ([0.5, 1.0, 1.5], 30, 0.0),  # nothing reaches down to zero
        ([0.0] * 5, 30, 1.0),  # drawn in to the extremes every bucket is zero
        ([-1.0, 0.0], 4, None),  # zero is the right edge of the last bucket, which is closed
    ],
)
def test_zero_fraction_or_nothing(values, edges, zero_fraction):
    found = statistics(histogram(values, edges))["zero_fraction"]
    assert np.isnan(found) if zero_fraction is None else found == pytest.approx(zero_fraction)


def test_moments_and_percentiles_of_a_normal_sample():
    values = np.random.default_rng(1).normal(2.0, 3.0, 10_000)
    found = statistics(histogram(values, 300))
    assert found["norm"] == pytest.approx(np.linalg.norm(values))
    assert found["mean"] == pytest.approx(values.mean())
    assert found["std"] == pytest.approx(values.std())
    assert (found["min"], found["max"]) == (values.min(), values.max())
    width = np.ptp(values) / 300
    for name, share in (("p01", 0.01), ("p50", 0.5), ("p99", 0.99)):
        assert found[name] == pytest.approx(np.quantile(values, share), abs=width)


def test_triples_take_their_moments_from_mid_points():
    rows = np.array([[0.0, 1.0, 0.0], [1.0, 2.0, 3.0], [2.0, 3.0, 1.0], [3.0, 4.0, 0.0]])
    found = statistics(from_triples(rows, np.array([4])))
    assert found["mean"] == pytest.approx((3 * 1.5 + 2.5) / 4)
    assert found["norm"] == pytest.approx(np.sqrt(3 * 1.5**2 + 2.5**2))
    assert (found["min"], found["max"]) == (1.0, 3.0)


def test_an_empty_histogram_has_no_statistics():
    empty = Histograms(*(np.empty(0),) * 2, np.array([0]), *(np.array([0.0]),) * 5)
    assert np.isnan(summarise(empty)).all()


def test_a_histogram_without_buckets_keeps_its_moments():
    found = statistics(
        Histograms(np.empty(0), np.empty(0), np.array([0]), *(np.array([x]) for x in (1.0, 3.0, 2.0, 4.0, 10.0)))
    )
    assert found["mean"] == 2.0
    assert np.isnan(found["p50"])


def test_one_broken_histogram_does_not_reach_its_neighbours():
    good = histogram([1.0, 2.0, 3.0], 4)
    broken = Histograms(good.rights, np.full(4, np.nan), *(getattr(good, slot) for slot in Histograms.__slots__[2:]))
    table = summarise(joined([good, broken, good]))
    np.testing.assert_array_equal(table[0], table[2])
    assert np.isnan(table[1][6:]).all()


def plain_quantile(edges, counts, low, high, share):
    """The definition, bucket by bucket."""
    wanted, below, left = share * sum(counts), 0.0, low
    for right, count in zip(edges, counts, strict=True):
        if count and below + count >= wanted:
            a, b = min(max(left, low), high), min(max(right, low), high)
            return a + (b - a) * (wanted - below) / count
        below, left = below + count, right
    raise AssertionError


@given(
    st.lists(
        st.lists(st.floats(-1e3, 1e3).map(lambda x: round(x, 3)), min_size=1, max_size=40), min_size=1, max_size=6
    ),
    st.integers(1, 20),
)
def test_percentiles_follow_the_definition_in_any_batch(samples, bins):
    parts = [histogram(sample, bins) for sample in samples]
    table = summarise(joined(parts))
    for row, part in zip(table, parts, strict=True):
        for column, share in ((6, 0.01), (7, 0.5), (8, 0.99)):
            wanted = plain_quantile(part.rights, part.counts, part.smallest[0], part.largest[0], share)
            assert row[column] == pytest.approx(wanted, rel=1e-9, abs=1e-9)
