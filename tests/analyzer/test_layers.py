"""Heat maps of layers and the spread of tensors: what they show, in which order, and that odd logs break nothing."""

import base64
import re

import numpy as np
import pytest

from trainlint.analyzer.judging.judgement import RuleFinding
from trainlint.analyzer.pages.drawing.layer_map import MAX_COLUMNS, MAX_LAYERS, in_network_order, layer_maps
from trainlint.analyzer.pages.drawing.ridges import MAX_RIDGES, ridge_groups
from trainlint.analyzer.pages.drawing.spread import spread_groups
from trainlint.analyzer.pages.render import render_run
from trainlint.parsers.run import BucketSeries, Curve
from trainlint.rules.base import Finding

from .judgements import HOSTILE, healthy, losses, meaning, rule, run


def norm(layer, values, role="gradient-norm", steps=None, **others):
    steps = range(len(values)) if steps is None else steps
    return Curve.build(f"{role}/{layer}", steps, values, meaning=meaning(role, "none", "unknown", layer), **others)


def only_map(curves, findings=()):
    (made,), (entry,) = layer_maps(curves, findings)
    values = np.frombuffer(base64.b64decode(entry["values"]), "<f8").reshape(len(entry["layers"]), -1)
    return made, entry, values


def test_cells_are_medians_of_their_steps():
    noise = np.random.default_rng(0).lognormal(size=600)
    made, entry, values = only_map([norm("a", noise), norm("b", noise * 1e-6)])
    assert values.shape == (2, MAX_COLUMNS)
    assert values[0, 0] == pytest.approx(np.median(noise[: entry["steps"][1]]))
    assert {shade.name for shade in made.shades if shade.path} >= {"0", "8"}


def test_rows_are_in_the_order_of_the_network():
    by_text = [norm(f"layers.{i}.weight", [1.0, 2.0]) for i in (0, 1, 10, 2)]
    assert [c.layer for c in in_network_order(by_text)] == [f"layers.{i}.weight" for i in (0, 1, 2, 10)]
    as_logged = [norm(name, [1.0]) for name in ("stem", "body", "head")]
    assert [c.layer for c in in_network_order(as_logged)] == ["stem", "body", "head"]


def test_zero_and_broken_values_have_colours_of_their_own():
    made, _, values = only_map([norm("a", [0.0, 0.0, 1.0]), norm("b", [np.nan, 1.0, 10.0])])
    assert {"zero", "broken"} <= {shade.name for shade in made.shades}
    assert made.table[1][1] == "not finite"
    assert np.isinf(values[1, 0])


def test_shares_are_shown_from_none_to_all():
    made, *_ = only_map([norm(layer, [0.2, 0.3], role="zero-fraction") for layer in "ab"])
    assert made.shades[-1].label == "0.89 to 1.0"
    made, *_ = only_map([norm(layer, [20.0, 30.0], role="zero-fraction") for layer in "ab"])
    assert made.shades[-1].label == "89 to 100"


def test_a_layer_with_a_finding_is_never_left_out():
    curves = [norm(f"layer{i}", [1.0, 2.0]) for i in range(200)]
    found = RuleFinding(rule(), Finding("x", 0.9, curves[77].name, (0, 1)))
    made, entry, _ = only_map(curves, [found])
    assert len(made.labels) <= MAX_LAYERS + 1
    assert made.layers_not_shown == 200 - len(made.labels)
    assert "layer77" in entry["layers"]
    assert [outline.severity for outline in made.outlines] == ["error"]


def test_one_layer_is_no_map():
    assert layer_maps([norm("a", [1.0, 2.0]), *losses()], []) == ([], [])


@pytest.mark.parametrize(
    "values",
    [[np.nan], [np.inf, -np.inf], [0.0], [-1.0, 2.0], [1e-300, 1e300], [5.0] * 3, list(range(500))],
    ids=["nan", "inf", "zero", "negative", "huge", "constant", "long"],
)
def test_odd_values_are_drawn(values):
    curves = [norm(HOSTILE, values), norm("b", values), norm("c", [])]
    page = render_run(healthy(judged=run(curves)), version="1", index_href=None).text()
    assert 'class="card padded layer-map"' in page
    assert "<img" not in page


def histogram(layer, points=30, scale=1.0):
    step = range(points)
    of = meaning("weight-norm", "none", "unknown", layer)
    return [
        Curve.build(f"weights/{layer}", step, np.full(points, value * scale), statistic=statistic, meaning=of)
        for statistic, value in (("min", -3), ("p01", -2), ("p50", 0), ("p99", 2), ("max", 3), ("mean", 0), ("std", 1))
    ]


def test_histograms_are_drawn_as_spread_and_not_again_as_curves():
    curves = [*losses(), *histogram("fc1"), *histogram("fc2")]
    groups, shown = spread_groups(curves)
    assert [(group.title, [s.tag for s in group.spreads]) for group in groups] == [("Weights", ["fc1", "fc2"])]
    assert len(shown) == 10
    assert all(len(spread.picture.areas) == 2 for spread in groups[0].spreads)
    page = render_run(healthy(judged=run(curves)), version="1", index_href=None).text()
    assert "weights/fc1:p99" not in page.partition('id="curves"')[2].partition('id="run"')[0]
    assert page.count('class="area"') == 4


def test_extremes_far_out_are_named_instead_of_flattening_the_rest():
    curves = histogram("fc1")
    curves[4] = Curve.build("weights/fc1", range(30), np.full(30, 500.0), statistic="max", meaning=curves[4].meaning)
    (group,), _ = spread_groups(curves)
    assert group.spreads[0].note == "Extremes range from −3.00 to 500."


def test_a_histogram_that_is_not_finite_is_drawn_empty():
    curves = [
        Curve.build("w", range(3), np.full(3, np.nan), statistic=statistic, meaning=meaning("statistic", "none"))
        for statistic in ("min", "p01", "p50", "p99", "max")
    ]
    (group,), _ = spread_groups(curves)
    assert group.spreads[0].picture.areas == ["", ""]


def test_many_layers_stay_below_two_megabytes():
    value = np.random.default_rng(0).lognormal(sigma=9, size=(300, 400))
    roles = ("gradient-norm", "update-ratio", "weight-norm", "activation", "saturation")
    curves = [norm(f"block{i}.{'deep' * 10}", value[i], role=role) for role in roles for i in range(300)]
    curves += [curve for i in range(300) for curve in histogram(f"h{i}", 400)]
    series = [bucket_series(f"weights/h{i}", 24) for i in range(300)]
    page = render_run(healthy(judged=run(curves, histograms=series)), version="1", index_href=None).text()
    assert len(page.encode()) < 2_000_000


def bucket_series(tag="weights/fc1", steps=10, values=None, smallest=None, **others):
    """Histograms of a normal sample that grows wider."""
    rng = np.random.default_rng(0)
    edges, counts = [], []
    for i in range(steps):
        sample = rng.normal(scale=1 + i, size=2_000) if values is None else np.asarray(values, np.float64)
        count, edge = np.histogram(sample, 30)
        edges.append(edge)
        counts.append(count)
    low = np.array([edge[0] for edge in edges]) if smallest is None else np.full(steps, smallest)
    return BucketSeries(
        tag, np.arange(steps) * 100, np.full(steps, 30), low, np.array([edge[-1] for edge in edges]),
        np.concatenate([edge[1:] for edge in edges]).astype(np.float32), np.concatenate(counts).astype(np.float32),
    )  # fmt: skip


def test_ridges_show_the_shape_of_each_step():
    (group,) = ridge_groups([bucket_series()], histogram("fc1"), [])
    (ridges,) = group.ridges
    assert (group.title, ridges.tag, len(ridges.paths)) == ("Weights", "fc1", 10)
    rises = [[-float(part.split()[1]) for part in path[1:-1].split("l")[1:]] for path in ridges.paths]
    assert all(abs(sum(row)) < 0.5 for row in rises)  # every outline comes back to its base
    peaks = [max(np.cumsum(row)) for row in rises]
    assert peaks == sorted(peaks, reverse=True)  # wider is lower
    assert ridges.table[0][0] == "0"
    assert ridges.heads == ["step", "Smallest", "p01", "p25", "p50", "p75", "p99", "Largest"]
    assert float(ridges.table[0][4].replace("−", "-")) == pytest.approx(0, abs=0.2)


def test_histograms_of_findings_come_first_and_are_open():
    curves = [curve for i in range(60) for curve in histogram(f"h{i}")]
    series = [bucket_series(f"weights/h{i}", 3) for i in range(60)]
    found = RuleFinding(rule(), Finding("x", 0.9, "weights/h33:std", (0, 1)))
    (group,) = ridge_groups(series, curves, [found])
    assert len(group.ridges) == MAX_RIDGES
    assert group.not_shown == 60 - MAX_RIDGES
    assert "h33" in [ridges.tag for ridges in group.ridges]
    assert group.is_open
    (unasked,) = ridge_groups(series, curves, [])
    assert not unasked.is_open
    assert [unasked.ridges[i].tag for i in (0, -1)] == ["h0", "h59"]


@pytest.mark.parametrize(
    "series",
    [
        bucket_series(values=[0.0] * 9),
        bucket_series(values=[5.0]),
        bucket_series(values=[-1e30, 1e30]),
        bucket_series(smallest=np.nan),
        bucket_series(smallest=np.inf),
        bucket_series(steps=1),
    ],
    ids=["zeros", "constant", "huge", "nan", "inverted", "one"],
)
def test_odd_histograms_make_a_page(series):
    page = render_run(
        healthy(judged=run([*losses(), *histogram("fc1")], histograms=[series])), version="1", index_href=None
    ).text()
    assert "nan" not in "".join(re.findall(r'class="ridge" d="([^"]*)"', page)).lower()


def test_the_page_has_ridges_with_words_numbers_and_a_link():
    series = bucket_series(f"weights/{HOSTILE}", 4)
    page = render_run(
        healthy(judged=run([*losses(), *histogram(HOSTILE)], histograms=[series])), version="1", index_href=None
    ).text()
    assert page.count('class="ridge"') == 4
    assert "<img" not in page
    assert "steps 0 to 300: median" in page
    assert 'href="#histogram-weights-script-img-src-x-onerror-alert-1"' in page
