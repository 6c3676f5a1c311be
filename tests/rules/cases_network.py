"""Runs that the network rules must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from .curves import Case, decay, flat, histogram_run, run_of, steep_layers

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

    Case("saturated-activations", "tanh at both ends", lambda: histogram_run("activations/tanh1", low=-1, high=1, mean=0, std=0.98), "warning"),
    Case("saturated-activations", "sigmoid at one end", lambda: histogram_run("activations/sigmoid1", low=0, high=1, mean=0.99, std=0.05), "warning"),
    Case("saturated-activations", "bounded by its values", lambda: histogram_run("activations/layers.0", low=-1, high=1, mean=0.1, std=0.96), "warning"),
    Case("saturated-activations", "share that is logged", lambda: run_of({"saturation/fc1": flat(20, 0.8), "saturation/fc2": flat(20, 0.1)}), "warning"),
    Case("saturated-activations", "tanh in use", lambda: histogram_run("activations/tanh1", low=-1, high=1, mean=0, std=0.6), "clear"),
    Case("saturated-activations", "sigmoid around a half", lambda: histogram_run("activations/sigmoid1", low=0, high=1, mean=0.5, std=0.3), "clear"),
    Case("saturated-activations", "saturated and recovered", lambda: run_of({"saturation/fc1": np.r_[flat(8, 0.8), flat(12, 0.2)]}), "clear"),
    Case("saturated-activations", "unbounded", lambda: histogram_run("activations/layers.0", low=-7, high=9, mean=0, std=2), "not-applicable"),
    Case("saturated-activations", "sure at the output", lambda: histogram_run("activations/output_sigmoid", low=0, high=1, mean=0.5, std=0.49), "not-applicable"),

    Case("update-ratio", "a third at every step", lambda: run_of({"update_ratio/a.weight": flat(50, 0.3, noise=0.3), "update_ratio/b.weight": flat(50, 0.2, noise=0.3)}), "warning"),
    Case("update-ratio", "a millionth", lambda: run_of({"update_ratio/a.weight": flat(50, 1e-6, noise=0.3)}), "warning"),
    Case("update-ratio", "a millionth, as a logarithm", lambda: run_of({"update_ratio/a.weight": np.log10(flat(50, 1e-6, noise=0.3))}), "warning"),
    Case("update-ratio", "usual", lambda: run_of({"update_ratio/a.weight": flat(50, 1e-3, noise=0.5)}), "clear"),
    Case("update-ratio", "a small model under Adam", lambda: run_of({"update_ratio/a.weight": np.geomspace(8e-2, 1e-4, 50)}), "clear"),
    Case("update-ratio", "annealed to zero", lambda: run_of({"update_ratio/a.weight": np.linspace(1e-3, 0, 50)}), "clear"),
    Case("update-ratio", "weights that start from zero", lambda: run_of({"update_ratio/a.weight": 1 / (1 + np.arange(100.0) ** 1.5)}), "clear"),
    Case("update-ratio", "one layer of three", lambda: run_of({
        "update_ratio/a.weight": flat(50, 0.3), "update_ratio/b.weight": flat(50, 1e-3), "update_ratio/c.weight": flat(50, 1e-3)}), "clear"),

    Case("activation-drift", "a hundredfold", lambda: run_of({"act_std/fc1": np.geomspace(1, 100, 60) * flat(60, 1, noise=0.1), "act_std/fc2": flat(60, 1.0)}), "warning"),
    Case("activation-drift", "down to nothing, in histograms", lambda: histogram_run("activations/layers.0", low=-3, high=3, mean=0, std=np.geomspace(1, 1e-3, 40)), "warning"),
    Case("activation-drift", "finds its scale at the start", lambda: run_of({"act_std/fc1": np.r_[np.geomspace(0.01, 1, 6), flat(54, 1.0)]}), "clear"),
    Case("activation-drift", "three times as large", lambda: run_of({"act_rms/block3": np.geomspace(1, 3, 60) * flat(60, 1, noise=0.1)}), "clear"),
    Case("activation-drift", "noisy, but level", lambda: run_of({"act_std/fc1": flat(60, 1.0, noise=1.5)}), "clear"),
    Case("activation-drift", "logits grow", lambda: run_of({"act_std/head": np.geomspace(1, 100, 60)}), "not-applicable"),
]  # fmt: skip
