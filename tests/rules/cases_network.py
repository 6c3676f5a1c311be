"""Runs that the network rules must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from .curves import Case, decay, flat, run_of, steep_layers

CASES = [
    Case("vanishing-gradients", "a decade a layer, no progress", lambda: run_of(steep_layers(0.1) | {"loss": flat(20, 2.3)}), "error"),
    Case("vanishing-gradients", "a decade a layer, but it learns", lambda: run_of(steep_layers(0.1) | {"loss": decay(20)}), "warning"),
    Case("vanishing-gradients", "healthy stack", lambda: run_of(steep_layers(0.8) | {"loss": decay(20)}), "clear"),
    Case("vanishing-gradients", "frozen layers have none", lambda: run_of(steep_layers(0.8) | {"grads/layers.0.weight": np.zeros(20), "loss": decay(20)}), "clear"),
    Case("vanishing-gradients", "exploding is not vanishing", lambda: run_of(steep_layers(10.0)), "clear"),
    Case("vanishing-gradients", "two layers", lambda: run_of(steep_layers(0.1, layers=2)), "not-applicable"),

    Case("dead-units", "all zero", lambda: run_of({"zero_fraction/relu1": flat(20, 0.5), "zero_fraction/relu2": np.r_[flat(5, 0.6), np.ones(15)]}), "error"),
    Case("dead-units", "nearly all", lambda: run_of({"dead_frac_relu2": flat(20, 0.95, noise=0.001)}), "warning"),
    Case("dead-units", "ordinary sparsity", lambda: run_of({"zero_fraction/relu1": flat(20, 0.55)}), "clear"),

    Case("frozen-weights", "no update in spite of a gradient", lambda: run_of({
        "update_ratio/a.weight": np.zeros(20), "update_ratio/b.weight": flat(20, 1e-3), "grads/a.weight": flat(20, 1.0), "lr": flat(20, 0.1)}), "warning"),
    Case("frozen-weights", "no gradient to follow", lambda: run_of({
        "update_ratio/a.weight": np.zeros(20), "update_ratio/b.weight": flat(20, 1e-3), "grads/a.weight": np.zeros(20)}), "clear"),
    Case("frozen-weights", "frozen on purpose", lambda: run_of({"update_ratio/a.weight": np.zeros(20)}, freeze_encoder=True), "not-applicable"),
]  # fmt: skip
