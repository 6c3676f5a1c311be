"""Roles of curves whose names say nothing, by their values: named as such, and never against a name."""

import numpy as np
import pytest

from trainlint.parsers.meaning.resolve import resolve
from trainlint.parsers.meaning.silent import MAX_RATE, MIN_RISE
from trainlint.parsers.run import Curve

N = 40
NOISE = np.random.default_rng(3).normal(size=N)
COSINE = 0.5 * (1 + np.cos(np.pi * np.arange(N) / N))
LEARNED = 1 - np.exp(-np.arange(N) / 10)


def role(values, tag="quux", beside=()):
    curves = [Curve.build(name, range(len(v)), v) for name, v in ((tag, values), *beside)]
    meaning = resolve(curves)[0].meaning
    assert meaning.role == "unknown" or meaning.reason.startswith(("values", "words"))
    return meaning.role


def shares(samples, *, low=0.2, high=0.8, noise=0.05):
    return np.clip(np.rint((low + (high - low) * LEARNED + noise * NOISE) * samples), 0, samples) / samples


@pytest.mark.parametrize(
    ("values", "tag", "expected"),
    [
        pytest.param(shares(64), "quux", "score", id="a share of 64 samples"),
        pytest.param(np.round(shares(64), 4), "quux", "score", id="printed with four decimals"),
        pytest.param(np.round(shares(900), 2), "quux", "unknown", id="everything printed with two lies on a lattice"),
        pytest.param(0.2 + 0.6 * LEARNED + 0.05 * NOISE, "quux", "unknown", id="on no lattice"),
        pytest.param(shares(64, noise=0), "quux", "unknown", id="never falls: may be progress"),
        pytest.param(shares(64, high=0.2 + 3 * MIN_RISE), "quux", "score", id="rises enough"),
        pytest.param(shares(64, high=0.2 + MIN_RISE, noise=0.02), "quux", "unknown", id="hardly rises"),
        pytest.param(shares(64), "dropped_quux", "unknown", id="a share of something else"),
        pytest.param(shares(64), "mask_prob", "unknown", id="a probability"),
    ],
)
def test_a_share_of_samples(values, tag, expected):
    assert role(values, tag) == expected


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (np.log(10), 0.3, "loss"),
        (np.log(50_257), 4.0, "loss"),
        (1.019 * np.log(10), 0.3, "loss"),
        (1.03 * np.log(10), 0.3, "unknown"),
        (np.log(10), 0.79 * np.log(10), "loss"),
        (np.log(10), 0.81 * np.log(10), "unknown"),
        (np.log(10), -0.1, "unknown"),
    ],
)
def test_a_loss_from_chance(first, last, expected):
    values = first + (last - first) * LEARNED / LEARNED[-1]
    assert role(values) == expected
    assert role(values, beside=[("loss", values + 1)]) == "unknown"
    assert role(values, beside=[("other", values)]) == "unknown"


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param(MAX_RATE * COSINE, "learning-rate", id="cosine"),
        pytest.param(1.1 * MAX_RATE * COSINE, "unknown", id="not small"),
        pytest.param(1e-3 * np.linspace(1, 0, N), "learning-rate", id="linear"),
        pytest.param(1e-3 * 0.9 ** np.arange(N), "learning-rate", id="exponential"),
        pytest.param(1e-3 * np.minimum(np.arange(N) / 5, COSINE), "learning-rate", id="with a warm-up"),
        pytest.param(1e-3 * (COSINE + 0.02 * np.abs(NOISE)), "unknown", id="measured"),
        pytest.param(1e-3 * (0.51 + 0.49 * COSINE), "unknown", id="falls by less than half"),
        pytest.param(1e-3 * (0.49 + 0.51 * COSINE), "learning-rate", id="falls by half"),
    ],
)
def test_a_rate_on_a_schedule(values, expected):
    assert role(values) == expected
    assert role(values, beside=[("lr", values)]) == "unknown"
    assert role(values, tag="weight_decay") == "setting"
