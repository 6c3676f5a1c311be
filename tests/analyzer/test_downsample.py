import base64

import numpy as np
import pytest

from trainlint.analyzer.pages.drawing.downsample import encoded, m4, pieces_of, rows_at, varints
from trainlint.parsers.restarts import Segment
from trainlint.parsers.run import Curve


def noisy(points, seed=0):
    return np.random.default_rng(seed).normal(size=points)


def decoded_steps(data):
    """The steps of an encoded piece, read as the page reads them."""
    steps, gap, unit = [data["a"]], 0, 1
    for byte in base64.b64decode(data["x"]):
        gap += (byte & 127) * unit
        unit *= 128
        if byte < 128:
            steps.append(steps[-1] + gap)
            gap, unit = 0, 1
    return steps


def decoded_values(data):
    return np.frombuffer(base64.b64decode(data["y"]), "<f8" if data.get("w") else "<f4")


def test_a_short_curve_is_kept_whole():
    assert m4(np.arange(10), noisy(10), cap=10).tolist() == list(range(10))


def test_the_cap_holds_and_ends_stay():
    rows = m4(np.arange(100_000), noisy(100_000), cap=1_000)
    assert len(rows) <= 1_000
    assert rows[0] == 0
    assert rows[-1] == 99_999
    assert np.all(np.diff(rows) > 0)


def test_single_point_spikes_survive():
    value = noisy(1_000_000) * 0.01
    spikes = np.arange(50) * 20_000 + 7
    value[spikes] += 5.0
    assert set(spikes) <= set(m4(np.arange(1_000_000), value, cap=2_000))


@pytest.mark.parametrize("extreme", [-9.0, 9.0])
def test_lowest_and_highest_survive(extreme):
    value = noisy(5_000)
    value[1_234] = extreme
    assert 1_234 in m4(np.arange(5_000), value, cap=100)


def test_cited_steps_are_forced_in():
    cited = [17, 4_321, 70_001]
    rows = m4(np.arange(100_000), noisy(100_000), cap=64, cited=cited)
    assert set(cited) <= set(rows)


def test_every_point_of_a_cited_step_is_forced_in():
    step = np.repeat(np.arange(1_000), 3)
    assert rows_at(step, [10, 5_000]).tolist() == [30, 31, 32]
    assert {30, 31, 32} <= set(m4(step, noisy(3_000), cap=50, cited=[10]))


def test_nan_and_infinities_keep_their_places():
    value = noisy(50_000)
    value[[100, 200, 300]] = np.nan, np.inf, -np.inf
    rows = m4(np.arange(50_000), value, cap=200)
    assert {100, 200, 300} <= set(rows)


def test_many_nan_leave_room_for_the_rest():
    value = noisy(50_000)
    value[10_000:40_000] = np.nan
    rows = m4(np.arange(50_000), value, cap=400)
    assert len(rows) <= 400
    assert {10_000, 39_999} <= set(rows)
    assert np.isfinite(value[rows]).sum() >= 100


@pytest.mark.parametrize("value", [np.full(5_000, np.nan), np.zeros(5_000), np.full(5_000, np.inf)])
def test_curves_without_shape_are_thinned_too(value):
    assert 0 < len(m4(np.arange(5_000), value, cap=100)) <= 100


def test_all_points_on_one_step():
    assert 0 < len(m4(np.zeros(5_000, dtype=np.int64), noisy(5_000), cap=100)) <= 100


def test_an_empty_curve_has_no_pieces():
    assert pieces_of(Curve.build("loss", [], []), 100) == []


def test_what_a_restart_overwrote_is_a_piece_of_its_own():
    curve = Curve.build("loss", [*range(100), *range(50, 150)], noisy(200))
    current, overwritten = pieces_of(curve, 1_000)
    assert current.step.tolist() == list(range(150))
    assert current.value[60] == curve.value[110]
    assert overwritten.step.tolist() == list(range(50, 100))
    assert not overwritten.is_current


def test_a_gap_between_segments_voids_nothing():
    curve = Curve.build("loss", range(20), noisy(20), segments=[Segment(0, 0), Segment(10, 10)])
    assert [len(piece.step) for piece in pieces_of(curve, 100)] == [20]


def test_shuffled_rows_come_out_sorted():
    step = np.random.default_rng(1).permutation(300)
    for piece in pieces_of(Curve.build("loss", step, noisy(300)), 100):
        assert np.all(np.diff(piece.step) >= 0)


def test_varints_are_leb128():
    numbers = np.array([0, 1, 127, 128, 300, 2**63], dtype=np.uint64)
    assert varints(numbers).hex() == "00017f8001ac0280808080808080808001"


@pytest.mark.parametrize("step", [[5], [0, 0, 7, 300, 10**12], [-5, 2, 3], [-(2**62), 0, 2**62]])
def test_steps_come_back(step):
    (piece,) = pieces_of(Curve.build("loss", step, np.zeros(len(step))), 100)
    assert decoded_steps(encoded(piece)) == step


def test_nan_is_not_infinity():
    (piece,) = pieces_of(Curve.build("loss", range(4), [1.5, np.nan, np.inf, -np.inf]), 100)
    data = encoded(piece)
    assert "w" not in data
    np.testing.assert_array_equal(decoded_values(data), np.float32([1.5, np.nan, np.inf, -np.inf]))


@pytest.mark.parametrize("value", [[1e300, 1.0], [1e-60, 1.0], [1e9, 1e9 + 1]])
def test_what_float32_would_change_is_float64(value):
    (piece,) = pieces_of(Curve.build("loss", [0, 1], value), 100)
    assert decoded_values(encoded(piece)).tolist() == value


def test_a_page_of_points_is_small():
    (piece,) = pieces_of(Curve.build("loss", range(100_000), noisy(100_000)), 1_000)
    data = encoded(piece)
    assert len(data["x"]) + len(data["y"]) < 9 * len(piece.step)
