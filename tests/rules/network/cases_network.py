"""Runs that the network rules must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from ..curves import Case, decay, flat, histogram_run, run_of, steep_layers, with_values


def stack(*norms, points=20, small=None, **others):
    """Layers with these gradient norms; if `small` is given, only at so many first points, then all have a norm of 1."""
    row = np.arange(points) < (points if small is None else small)
    return run_of({f"grads/layers.{i}.weight": np.where(row, norm, 1.0) for i, norm in enumerate(norms)} | others)


def fallen(share, *, points=20):
    """A loss that falls by a share of itself in the middle of the run."""
    return np.r_[np.ones(points // 2), np.full(points - points // 2, 1 - share)]


def some(value, count, *, points=100, usual):
    """A value at the last so many points, and another before."""
    return np.r_[np.full(points - count, usual), np.full(count, value)]


def norms_of(gradient, *, change=0.0, points=20, **others):
    """A layer whose weight norm alternates by a relative change, its gradient norm, and a layer that is trained."""
    norm = 2.0 * (1 + change * (np.arange(points) % 2))
    curves = {"weight_norm/a.weight": norm, "weight_norm/b.weight": np.linspace(1, 2, points)}
    return run_of(curves | ({} if gradient is None else {"grads/a.weight": np.full(points, gradient)}) | others)


def updated(*ratios, points=100, usual=1e-3, **options):
    """Layers whose ratio of update to weight is as given at each of (value, last points), and usual before."""
    curves = {
        f"update_ratio/{'abcdef'[i]}.weight": some(v, n, points=points, usual=usual) for i, (v, n) in enumerate(ratios)
    }
    return run_of(curves, **options)


def ordered(order, *, factor=20.0):
    """The spread of a layer whose 9 blocks after the first grow by a factor, in this order."""
    return run_of({"act_std/fc1": np.r_[1.0, np.geomspace(1, factor, 9)[list(order)]]})


TANH = "activations/tanh1"
SIGMOID = "activations/sigmoid1"

CASES = [
    Case("vanishing-gradients", "a decade a layer, no progress", lambda: run_of(steep_layers(0.1) | {"loss": flat(20, 2.3)}), "error", findings=1,
         confidence=0.97, remedy="replace sigmoid and tanh by ReLU or GELU, with He initialisation"),
    Case("vanishing-gradients", "a decade a layer, but it learns", lambda: run_of(steep_layers(0.1) | {"loss": decay(20)}), "warning", confidence=0.8),
    Case("vanishing-gradients", "at half of the steps", lambda: stack(1e-6, 1e-5, 1e-3, 1e-2, 0.1, 1.0, points=21, small=11), "warning",
         says="at 52% of the logged steps, the gradient norm falls from 1 in layers.5.weight to 1e-06 in layers.0.weight (medians), by 1.2 orders of magnitude per layer",
         steps=(0, 10), metric="grads/layers.0.weight", confidence=0.8, remedy="replace sigmoid and tanh by ReLU or GELU, with He initialisation"),
    Case("vanishing-gradients", "3 layers, just below 0.001", lambda: stack(0.9e-3, 0.03, 1.0), "warning"),
    Case("vanishing-gradients", "3 layers, just above 0.001", lambda: stack(1.1e-3, 0.03, 1.0), "clear"),
    Case("vanishing-gradients", "2 layers", lambda: stack(1e-5, 1.0), "not-applicable",
         says="no gradient norm of 3 or more layers is logged"),
    Case("vanishing-gradients", "2 layers with a gradient", lambda: stack(0.0, 1e-5, 1.0), "not-applicable",
         says="fewer than 3 layers of a series have a gradient norm above zero"),
    Case("vanishing-gradients", "3 steps", lambda: stack(1e-5, 0.03, 1.0, points=3), "warning"),
    Case("vanishing-gradients", "2 steps", lambda: stack(1e-5, 0.03, 1.0, points=2), "insufficient-data",
         says="gradient norm of 3 or more layers needs at least 3 points, has 2"),
    Case("vanishing-gradients", "2 steps that are shared", lambda: run_of({
        f"grads/layers.{i}.weight": (np.arange(10) * (i + 1), np.full(10, 0.01**i)) for i in range(5)}), "insufficient-data",
         says="needs at least 3 steps at which every layer is logged, has 1"),
    Case("vanishing-gradients", "at 22% of the steps", lambda: stack(1e-5, 0.03, 1.0, points=100, small=22), "warning"),
    Case("vanishing-gradients", "at 18% of the steps", lambda: stack(1e-5, 0.03, 1.0, points=100, small=18), "clear"),
    Case("vanishing-gradients", "falls in 1 of 10 pairs", lambda: stack(1e-5, 1e-3, 1e-4, 0.1, 1.0), "warning"),
    Case("vanishing-gradients", "falls in 4 of 36 pairs", lambda: stack(1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 3e-7, 0.1, 1.0), "clear"),
    Case("vanishing-gradients", "falls by 1.8 in a third of the pairs", lambda: stack(3.6e-4, 2e-4, 1.0), "warning"),
    Case("vanishing-gradients", "falls by 2.2 in a third of the pairs", lambda: stack(4.4e-4, 2e-4, 1.0), "clear"),
    Case("vanishing-gradients", "the loss falls by 9%", lambda: stack(1e-5, 0.03, 1.0, loss=fallen(0.09)), "error"),
    Case("vanishing-gradients", "the loss falls by 11%", lambda: stack(1e-5, 0.03, 1.0, loss=fallen(0.11)), "warning"),
    Case("vanishing-gradients", "healthy stack", lambda: run_of(steep_layers(0.8) | {"loss": decay(20)}), "clear"),
    Case("vanishing-gradients", "frozen layers have none", lambda: run_of(steep_layers(0.8) | {"grads/layers.0.weight": np.zeros(20), "loss": decay(20)}), "clear"),
    Case("vanishing-gradients", "exploding is not vanishing", lambda: run_of(steep_layers(10.0)), "clear"),

    Case("dead-units", "all zero, late", lambda: run_of({"zero_fraction/relu1": flat(20, 0.5), "zero_fraction/relu2": np.r_[flat(5, 0.6), np.ones(15)]}), "error", findings=1,
         says="100% of the activations of relu2 are zero from step 5 on; 1 dead layer: relu2", steps=(5, 19), metric="zero_fraction/relu2",
         confidence=0.95, remedy="lower the learning rate, or clip gradients, before step 5"),
    Case("dead-units", "all zero, early, in percent", lambda: run_of({f"zero_fraction/relu{i}": np.full(20, 99.2 + i / 10) for i in range(5)}), "warning", findings=1,
         says="99.6% of the activations of relu4 are zero from the first point on (step 0); 5 dead layers: relu0, relu1, relu2 and 2 more",
         steps=(0, 19), metric="zero_fraction/relu4", confidence=0.8, remedy="check the initial biases and the scale of the inputs"),
    Case("dead-units", "three layers", lambda: run_of({f"zero_fraction/relu{i}": np.full(20, 0.995) for i in range(3)}), "warning",
         says="99.5% of the activations of relu0 are zero from the first point on (step 0); 3 dead layers: relu0, relu1, relu2"),
    Case("dead-units", "dead units, now and then", lambda: run_of({"dead_frac_relu2": np.r_[0.95, 0.5, 0.95, 0.95]}), "warning",
         says="95.0% of the units of relu2 are dead at 75% of the points from the first point on (step 0); 1 dead layer: relu2"),
    Case("dead-units", "99.1% of activations", lambda: run_of({"zero_fraction/relu1": np.full(20, 0.991)}), "warning"),
    Case("dead-units", "98.9% of activations", lambda: run_of({"zero_fraction/relu1": np.full(20, 0.989)}), "info",
         says="98.9% of the activations of relu1 are zero from the first point on (step 0); 1 sparse layer: relu1"),
    Case("dead-units", "96% of activations", lambda: run_of({"zero_fraction/relu1": np.full(20, 0.96)}), "info"),
    Case("dead-units", "94% of activations", lambda: run_of({"zero_fraction/relu1": np.full(20, 0.94)}), "clear"),
    Case("dead-units", "52% of units", lambda: run_of({"dead_frac_relu2": np.full(20, 0.52)}), "info"),
    Case("dead-units", "48% of units", lambda: run_of({"dead_frac_relu2": np.full(20, 0.48)}), "clear"),
    Case("dead-units", "69% of units", lambda: run_of({"dead_frac_relu2": np.full(20, 0.69)}), "warning"),
    Case("dead-units", "64% of units", lambda: run_of({"dead_frac_relu2": np.full(20, 0.64)}), "info"),
    Case("dead-units", "70% of units at 91% of the points", lambda: run_of({"dead_frac_relu2": with_values(np.full(100, 0.7), np.arange(1, 90, 10), 0.3)}), "warning"),
    Case("dead-units", "70% of units at 89% of the points", lambda: run_of({"dead_frac_relu2": with_values(np.full(100, 0.7), np.arange(1, 90, 8), 0.3)}), "info"),
    Case("dead-units", "91% of units", lambda: run_of({"dead_frac_relu2": np.full(20, 0.91)}), "warning"),
    Case("dead-units", "89% of units", lambda: run_of({"dead_frac_relu2": np.full(20, 0.89)}), "warning", says="89.0% of the units of relu2 are dead from the first point on (step 0); 1 sparse layer: relu2"),
    Case("dead-units", "99.91%", lambda: run_of({"zero_fraction/relu1": np.full(20, 0.9991)}), "error"),
    Case("dead-units", "99.89%", lambda: run_of({"zero_fraction/relu1": np.full(20, 0.9989)}), "warning"),
    Case("dead-units", "22% of the points", lambda: run_of({"zero_fraction/relu1": some(1.0, 22, usual=0.5)}), "error"),
    Case("dead-units", "20% of the points", lambda: run_of({"zero_fraction/relu1": some(1.0, 20, usual=0.5)}), "clear"),
    Case("dead-units", "3 points", lambda: run_of({"zero_fraction/relu1": np.ones(3)}), "error"),
    Case("dead-units", "2 points", lambda: run_of({"zero_fraction/relu1": np.ones(2)}), "insufficient-data",
         says="zero fraction per layer needs at least 3 points, has 2"),
    Case("dead-units", "2 points of one layer", lambda: run_of({"zero_fraction/relu1": np.ones(2), "zero_fraction/relu2": np.full(20, 0.5)}), "clear"),
    Case("dead-units", "alive at the end", lambda: run_of({"zero_fraction/relu1": np.r_[np.ones(19), 0.9]}), "clear"),
    Case("dead-units", "ordinary sparsity", lambda: run_of({"zero_fraction/relu1": flat(20, 0.55)}), "clear"),

    Case("frozen-weights", "no update in spite of a gradient", lambda: run_of({
        "update_ratio/a.weight": np.zeros(20), "update_ratio/b.weight": flat(20, 1e-3), "grads/a.weight": flat(20, 1.0), "lr": flat(20, 0.1)}), "warning", findings=1,
         says="1 of 2 logged layers never changes: a.weight", steps=(0, 19), metric="update_ratio/a.weight", confidence=0.9,
         remedy="check that the optimizer has the parameters of a.weight and that they have requires_grad=True"),
    Case("frozen-weights", "five layers, no gradients logged", lambda: run_of({f"update_ratio/{layer}.weight": np.zeros(20) for layer in "edcba"}), "warning",
         says="5 of 5 logged layers never change: a.weight, b.weight, c.weight and 2 more", metric="update_ratio/a.weight", confidence=0.75),
    Case("frozen-weights", "three layers", lambda: run_of({f"update_ratio/{layer}.weight": np.zeros(20) for layer in "abc"}), "warning",
         says="3 of 3 logged layers never change: a.weight, b.weight, c.weight"),
    Case("frozen-weights", "an update now and then", lambda: run_of({"update_ratio/a.weight": with_values(np.zeros(20), 9, 1e-9)}), "clear"),
    Case("frozen-weights", "updates of the same size", lambda: run_of({"update_ratio/a.weight": np.full(20, 1e-3)}), "clear"),
    Case("frozen-weights", "updates of zero, a norm that moves", lambda: run_of({
        "update_ratio/a.weight": np.zeros(20), "weight_norm/a.weight": np.linspace(1, 2, 20)}), "warning", metric="update_ratio/a.weight"),
    Case("frozen-weights", "a norm that stands still", lambda: norms_of(1.0), "warning", metric="weight_norm/a.weight",
         says="1 of 2 logged layers never changes: a.weight"),
    Case("frozen-weights", "a norm that moves by 0.9e-7", lambda: norms_of(1.0, change=0.9e-7), "warning"),
    Case("frozen-weights", "a norm that moves by 1.1e-7", lambda: norms_of(1.0, change=1.1e-7), "clear"),
    Case("frozen-weights", "3 points", lambda: norms_of(1.0, points=3), "warning"),
    Case("frozen-weights", "2 points", lambda: norms_of(1.0, points=2), "insufficient-data",
         says="weight norm per layer needs at least 3 points, has 2"),
    Case("frozen-weights", "2 points of one layer", lambda: run_of({"update_ratio/a.weight": np.zeros(2), "update_ratio/b.weight": flat(20, 1e-3)}), "clear"),
    Case("frozen-weights", "a gradient of 1.1e-10", lambda: norms_of(1.1e-10), "warning"),
    Case("frozen-weights", "a gradient of 0.9e-10", lambda: norms_of(0.9e-10), "not-applicable",
         says="no gradient reaches the layers that never change: a.weight"),
    Case("frozen-weights", "the gradient by a shorter name", lambda: run_of({"update_ratio/a.weight": np.zeros(20), "grads/a": np.zeros(20)}), "not-applicable"),
    Case("frozen-weights", "no gradient reaches one of two layers", lambda: run_of({
        f"update_ratio/{layer}.weight": np.zeros(20) for layer in "ab"} | {"grads/a.weight": np.zeros(20), "grads/b.weight": flat(20, 1.0)}), "warning",
         says="1 of 2 logged layers never changes: b.weight"),
    Case("frozen-weights", "a rate of zero", lambda: norms_of(1.0, lr=np.zeros(20)), "not-applicable", says="the learning rate is zero at all points"),
    Case("frozen-weights", "a rate of zero at first", lambda: norms_of(1.0, lr=np.r_[np.zeros(19), 0.1]), "warning"),
    Case("frozen-weights", "a position table", lambda: run_of({"weight_norm/position_ids": np.ones(20)}), "not-applicable",
         says="only buffers, which are not trained, have enough points"),
    Case("frozen-weights", "frozen on purpose", lambda: run_of({"update_ratio/a.weight": np.zeros(20)}, freeze_encoder=True), "not-applicable",
         says="layers may be frozen on purpose: freeze_encoder = True"),
    Case("frozen-weights", "freezing switched off", lambda: run_of({"update_ratio/a.weight": np.zeros(20)}, freeze_encoder=False), "warning"),

    Case("saturated-activations", "tanh at both ends", lambda: histogram_run(TANH, low=-1, high=1, mean=0, std=0.98), "warning", findings=1,
         says="about 79% of the activations of tanh1 are at the ends of their range from the first point on (step 0); 1 of 1 layers saturated: tanh1",
         steps=(0, 39), metric="activations/tanh1:std", confidence=0.85, remedy="normalise the inputs, and use a smaller initialisation (Xavier)"),
    Case("saturated-activations", "late, most of five layers", lambda: run_of(
        {f"saturation/fc{i}": np.r_[flat(4, 0.1), np.full(6, 0.8 + i / 100), 0.4, np.full(9, 0.8 + i / 100)] for i in range(4)} | {"saturation/fc4": flat(20, 0.1)}), "warning",
         says="about 83% of the activations of fc3 are at the ends of their range at 94% of the points from step 4 on; 4 of 5 layers saturated: fc3, fc2, fc1 and 1 more",
         steps=(4, 19), metric="saturation/fc3", remedy="lower the learning rate, or clip gradients, before step 4"),
    Case("saturated-activations", "three layers, in percent", lambda: run_of({f"saturation/fc{i}": np.full(20, 80.0 + i) for i in range(3)}), "warning",
         says="about 82% of the activations of fc2 are at the ends of their range from the first point on (step 0); 3 of 3 layers saturated: fc2, fc1, fc0"),
    Case("saturated-activations", "sigmoid at one end", lambda: histogram_run(SIGMOID, low=0, high=1, mean=0.99, std=0.05), "warning"),
    Case("saturated-activations", "a mean at one end counts", lambda: histogram_run(TANH, low=-1, high=1, mean=0.95, std=0.1), "warning"),
    Case("saturated-activations", "bounded by its values", lambda: histogram_run("activations/layers.0", low=-1, high=1, mean=0.1, std=0.96), "warning"),
    Case("saturated-activations", "nearly reaches both ends", lambda: histogram_run("activations/layers.0", low=-1, high=0.9915, mean=0.1, std=0.96), "warning"),
    Case("saturated-activations", "does not reach the upper end", lambda: histogram_run("activations/layers.0", low=-1, high=0.9885, mean=0.1, std=0.96), "not-applicable",
         says="no activations of a hidden tanh or sigmoid layer are logged"),
    Case("saturated-activations", "does not reach the lower end", lambda: histogram_run("activations/layers.0", low=-0.5, high=1, mean=0.9, std=0.3), "not-applicable"),
    Case("saturated-activations", "tanh, below by rounding", lambda: histogram_run(TANH, low=-1.0009, high=1, mean=0, std=0.98), "warning"),
    Case("saturated-activations", "tanh, below by more", lambda: histogram_run(TANH, low=-1.0011, high=1, mean=0, std=0.98), "not-applicable"),
    Case("saturated-activations", "tanh, above by rounding", lambda: histogram_run(TANH, low=-1, high=1.0009, mean=0, std=0.98), "warning"),
    Case("saturated-activations", "tanh, above by more", lambda: histogram_run(TANH, low=-1, high=1.0011, mean=0, std=0.98), "not-applicable"),
    Case("saturated-activations", "sigmoid, outside by rounding", lambda: histogram_run(SIGMOID, low=-0.0009, high=1.0009, mean=0.95, std=0.2), "warning"),
    Case("saturated-activations", "a sigmoid below zero", lambda: histogram_run(SIGMOID, low=-0.0011, high=0.9, mean=0.95, std=0.2), "not-applicable"),
    Case("saturated-activations", "a sigmoid above one", lambda: histogram_run(SIGMOID, low=0, high=1.0011, mean=0.95, std=0.2), "not-applicable"),
    Case("saturated-activations", "an estimate of 69%", lambda: histogram_run(TANH, low=-1, high=1, mean=0, std=0.8882), "warning",
         says="about 52% of the activations of tanh1 are at the ends of their range from the first point on (step 0); 1 of 1 layers saturated: tanh1"),
    Case("saturated-activations", "an estimate of 64%", lambda: histogram_run(TANH, low=-1, high=1, mean=0, std=0.8691), "clear"),
    Case("saturated-activations", "55% logged", lambda: run_of({"saturation/fc1": np.full(20, 0.55)}), "warning"),
    Case("saturated-activations", "45% logged", lambda: run_of({"saturation/fc1": np.full(20, 0.45)}), "clear"),
    Case("saturated-activations", "22% of the points", lambda: run_of({"saturation/fc1": some(0.8, 22, usual=0.1)}), "warning"),
    Case("saturated-activations", "20% of the points", lambda: run_of({"saturation/fc1": some(0.8, 20, usual=0.1)}), "clear"),
    Case("saturated-activations", "3 points", lambda: run_of({"saturation/fc1": np.full(3, 0.8)}), "warning"),
    Case("saturated-activations", "2 points", lambda: run_of({"saturation/fc1": np.full(2, 0.8)}), "insufficient-data",
         says="activations of a layer need at least 3 points, have 2"),
    Case("saturated-activations", "2 points of one layer", lambda: run_of({"saturation/fc1": np.full(2, 0.8), "saturation/fc2": flat(20, 0.1)}), "clear"),
    Case("saturated-activations", "tanh in use", lambda: histogram_run(TANH, low=-1, high=1, mean=0, std=0.6), "clear"),
    Case("saturated-activations", "sigmoid around a half", lambda: histogram_run(SIGMOID, low=0, high=1, mean=0.5, std=0.3), "clear"),
    Case("saturated-activations", "saturated and recovered", lambda: run_of({"saturation/fc1": np.r_[flat(8, 0.8), flat(12, 0.2)]}), "clear"),
    Case("saturated-activations", "unbounded", lambda: histogram_run("activations/layers.0", low=-7, high=9, mean=0, std=2), "not-applicable"),
    Case("saturated-activations", "a maximum that is never finite", lambda: histogram_run(TANH, low=-1, high=np.nan, mean=0, std=0.98), "not-applicable"),
    Case("saturated-activations", "a spread alone", lambda: run_of({"act_std/tanh1": flat(20, 0.98)}), "not-applicable"),
    Case("saturated-activations", "sure at the output", lambda: histogram_run("activations/output_sigmoid", low=0, high=1, mean=0.5, std=0.49), "not-applicable"),

    Case("update-ratio", "a third at every step", lambda: updated((0.2, 50), (0.3, 100)), "warning", findings=1,
         says="the ratio of update to weight is above 0.1 at more than 20% of the points in 2 of 2 layers, with a median of 0.25 at these points (usual: 0.001)",
         steps=(0, 99), metric="update_ratio/b.weight", confidence=0.8, remedy="lower the learning rate, by up to a factor of 2.5e+02"),
    Case("update-ratio", "a millionth", lambda: updated((1e-6, 100), (2e-6, 100)), "warning",
         says="the ratio of update to weight is below 1e-05 at 90% of the points or more in 2 of 2 layers, with a median of 1.5e-06 at these points (usual: 0.001)",
         steps=(0, 99), metric="update_ratio/a.weight", confidence=0.7, remedy="raise the learning rate, by up to a factor of 6.7e+02"),
    Case("update-ratio", "a millionth in fine-tuning", lambda: updated((1e-6, 100), lora=True), "info"),
    Case("update-ratio", "a third in fine-tuning", lambda: updated((0.3, 100), lora=True), "warning"),
    Case("update-ratio", "a millionth, as a logarithm", lambda: run_of({"update_ratio/a.weight": np.log10(flat(50, 1e-6, noise=0.3))}), "warning"),
    Case("update-ratio", "0.11", lambda: updated((0.11, 100)), "warning"),
    Case("update-ratio", "0.09", lambda: updated((0.09, 100)), "clear"),
    Case("update-ratio", "0.000009", lambda: updated((0.9e-5, 100)), "warning"),
    Case("update-ratio", "0.000011", lambda: updated((1.1e-5, 100)), "clear"),
    Case("update-ratio", "above at 22% of the points", lambda: updated((0.3, 20)), "warning"),
    Case("update-ratio", "above at 20% of the points", lambda: updated((0.3, 18)), "clear"),
    Case("update-ratio", "below at 91% of the points", lambda: updated((1e-6, 82)), "warning"),
    Case("update-ratio", "below at 89% of the points", lambda: updated((1e-6, 80)), "clear"),
    Case("update-ratio", "the start does not count", lambda: run_of({"update_ratio/a.weight": with_values(np.full(40, 1e-3), [3, *range(33, 40)], 0.3)}), "clear"),
    Case("update-ratio", "the fifth of 40 points counts", lambda: run_of({"update_ratio/a.weight": with_values(np.full(40, 1e-3), [4, *range(33, 40)], 0.3)}), "warning"),
    Case("update-ratio", "10 points", lambda: updated((0.3, 10), points=10), "warning"),
    Case("update-ratio", "9 points", lambda: updated((0.3, 9), points=9), "insufficient-data", says="update ratio needs at least 10 points, has 9"),
    Case("update-ratio", "9 points of a matrix", lambda: run_of({"update_ratio/a.weight": np.full(9, 0.3), "update_ratio/a.bias": np.full(50, 0.3)}), "insufficient-data",
         says="update ratio of a weight matrix needs at least 10 points, has 9"),
    Case("update-ratio", "9 points of one layer", lambda: run_of({"update_ratio/a.weight": np.full(9, 0.3), "update_ratio/b.weight": np.full(50, 1e-3)}), "clear"),
    Case("update-ratio", "3 of 5 layers", lambda: updated(*[(0.3, 100)] * 3, *[(1e-3, 100)] * 2), "warning"),
    Case("update-ratio", "2 of 5 layers", lambda: updated(*[(0.3, 100)] * 2, *[(1e-3, 100)] * 3), "clear"),
    Case("update-ratio", "2 of 5 layers slow", lambda: updated(*[(1e-6, 100)] * 2, *[(1e-3, 100)] * 3), "clear"),
    Case("update-ratio", "of a bias", lambda: run_of({"update_ratio/a.bias": flat(50, 0.3)}), "not-applicable",
         says="no update ratio above zero of a weight matrix is logged"),
    Case("update-ratio", "never changes", lambda: run_of({"update_ratio/a.weight": np.zeros(50)}), "not-applicable"),
    Case("update-ratio", "usual", lambda: run_of({"update_ratio/a.weight": flat(50, 1e-3, noise=0.5)}), "clear"),
    Case("update-ratio", "a small model under Adam", lambda: run_of({"update_ratio/a.weight": np.geomspace(8e-2, 1e-4, 50)}), "clear"),
    Case("update-ratio", "annealed to zero", lambda: run_of({"update_ratio/a.weight": np.linspace(1e-3, 0, 50)}), "clear"),
    Case("update-ratio", "weights that start from zero", lambda: run_of({"update_ratio/a.weight": 1 / (1 + np.arange(100.0) ** 1.5)}), "clear"),

    Case("activation-drift", "a hundredfold, in one of two layers", lambda: run_of({"act_std/fc1": np.geomspace(1, 100, 64), "act_std/fc2": flat(60, 1.0)}), "warning", findings=1,
         says="the activations of fc1 grow by a factor of 40.1 from step 7 to 63 (block means); 1 of 2 layers drift: fc1", steps=(7, 63), metric="act_std/fc1",
         confidence=0.85, remedy="add a normalisation layer before fc1, or weight decay on its weights"),
    Case("activation-drift", "down, in four layers", lambda: run_of({f"act_rms/fc{i}": np.geomspace(1, 10.0 ** (-2 - i), 60) for i in range(4)}), "warning",
         says="the activations of fc3 shrink by a factor of 1.17e+04 from step 6 to 59 (block means); 4 of 4 layers drift: fc3, fc2, fc1 and 1 more", metric="act_rms/fc3"),
    Case("activation-drift", "three layers", lambda: run_of({f"act_rms/fc{i}": np.geomspace(1, 10.0 ** (2 + i), 10) for i in range(3)}), "warning",
         says="the activations of fc2 grow by a factor of 3.59e+03 from step 1 to 9 (block means); 3 of 3 layers drift: fc2, fc1, fc0"),
    Case("activation-drift", "down to nothing, in histograms", lambda: histogram_run("activations/layers.0", low=-3, high=3, mean=0, std=np.geomspace(1, 1e-3, 40)), "warning"),
    Case("activation-drift", "by a factor of 11", lambda: ordered(range(9), factor=11), "warning"),
    Case("activation-drift", "by a factor of 9", lambda: ordered(range(9), factor=9), "clear"),
    Case("activation-drift", "down by a factor of 11", lambda: ordered(range(9), factor=1 / 11), "warning"),
    Case("activation-drift", "5 of 36 pairs in disorder", lambda: ordered([0, 3, 2, 1, 5, 4, 7, 6, 8]), "warning"),
    Case("activation-drift", "6 of 36 pairs in disorder", lambda: ordered([0, 4, 3, 2, 1, 5, 6, 7, 8]), "clear"),
    Case("activation-drift", "9 points", lambda: run_of({"act_std/fc1": np.geomspace(1, 100, 9)}), "insufficient-data",
         says="spread of a layer needs at least 10 points, has 9"),
    Case("activation-drift", "9 points of one layer", lambda: run_of({"act_std/fc1": np.geomspace(1, 100, 9), "act_std/fc2": flat(60, 1.0)}), "clear"),
    Case("activation-drift", "a spread of zero", lambda: run_of({"act_std/fc1": np.r_[0, np.geomspace(1, 100, 20)]}), "insufficient-data",
         says="every spread has values of zero or below, so relative change is undefined"),
    Case("activation-drift", "a spread of zero in one layer", lambda: run_of({"act_std/fc1": np.r_[0, np.geomspace(1, 100, 20)], "act_std/fc2": flat(60, 1.0)}), "clear"),
    Case("activation-drift", "finds its scale at the start", lambda: run_of({"act_std/fc1": np.r_[np.geomspace(0.01, 1, 6), flat(54, 1.0)]}), "clear"),
    Case("activation-drift", "noisy, but level", lambda: run_of({"act_std/fc1": flat(60, 1.0, noise=1.5)}), "clear"),
    Case("activation-drift", "a mean that grows", lambda: run_of({"act_mean/fc1": np.geomspace(1, 100, 60)}), "not-applicable",
         says="no spread of the activations of a hidden layer is logged"),
    Case("activation-drift", "a maximum that grows, in histograms", lambda: histogram_run("activations/layers.0", low=-3, high=3, mean=0, std=1.0), "clear"),
    Case("activation-drift", "logits grow", lambda: run_of({"act_std/head": np.geomspace(1, 100, 60)}), "not-applicable"),
]  # fmt: skip
