"""Runs that the optimization rules must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from .curves import Case, autoregressive, decay, flat, run_of, steep_layers, with_values

CASES = [
    Case("divergence", "climbs to ten times its best", lambda: run_of({"loss": np.r_[decay(60), np.geomspace(0.2, 2.0, 40)]}), "error"),
    Case("divergence", "explodes within the first points", lambda: run_of({"loss": np.r_[3.0, 1e7, 1e90, np.geomspace(1e154, 1e137, 97)]}), "error"),
    Case("divergence", "falls with noise", lambda: run_of({"loss": decay(100, noise=0.3)}), "clear"),
    Case("divergence", "one spike at the end", lambda: run_of({"loss": with_values(decay(100), 99, 5.0)}), "clear"),
    Case("divergence", "validation loss alone rises", lambda: run_of({"loss": decay(100), "val_loss": np.r_[decay(40), np.geomspace(0.2, 2, 60)]}), "clear"),
    Case("divergence", "validation loss falls meanwhile", lambda: run_of({"loss": np.r_[decay(60), np.geomspace(0.2, 0.6, 40)], "val_loss": decay(100, end=0.3)}), "clear"),
    Case("divergence", "actor-critic losses rise", lambda: run_of({"train/value_loss": np.geomspace(0.1, 10, 100), "rollout/ep_rew_mean": np.arange(100.0)}), "not-applicable"),
    Case("divergence", "stopped in the middle of a warm restart", lambda: run_of({
        "loss": np.r_[decay(80, noise=0.02), np.geomspace(0.12, 0.8, 20)],
        "lr": np.r_[0.5 * (1 + np.cos(np.linspace(0, np.pi, 80))), np.full(20, 0.99)]}), "insufficient-data"),

    Case("divergence", "slow noise in a short run", lambda: run_of({
        "loss": decay(40, end=0.5, noise=0) * np.exp(0.1 * autoregressive(40, 0.9, 28))}), "clear"),

    Case("exploding-gradients", "a hundredfold while the loss stays", lambda: run_of({
        "loss": flat(100, 2.0), "grad_norm": np.r_[flat(40, 1.0, noise=0.2), np.geomspace(1, 100, 60) * flat(60, 1, noise=0.2)]}), "warning"),
    Case("exploding-gradients", "a hundredfold while the loss climbs", lambda: run_of({
        "loss": np.r_[decay(40), np.geomspace(0.1, 3, 60)], "grad_norm": np.r_[flat(40, 1.0, noise=0.2), np.geomspace(1, 100, 60) * flat(60, 1, noise=0.2)]}), "error"),
    Case("exploding-gradients", "grows as the loss falls", lambda: run_of({
        "loss": decay(100), "grad_norm": np.geomspace(1, 30, 100) * flat(100, 1, noise=0.2)}), "clear"),
    Case("exploding-gradients", "bursts with the loss", lambda: run_of({
        "loss": with_values(decay(400), [150, 250, 350], 3.0), "grad_norm": with_values(flat(400, 1.0, noise=0.1), [150, 250, 350], 60.0)}), "warning"),
    Case("exploding-gradients", "bursts of the norm alone", lambda: run_of({
        "loss": decay(400), "grad_norm": with_values(flat(400, 1.0, noise=0.1), [150, 250, 350], 60.0)}), "clear"),
    Case("exploding-gradients", "from layer to layer", lambda: run_of({"loss": flat(60, 2.0), **steep_layers(10.0)}), "warning"),
    Case("exploding-gradients", "even layers", lambda: run_of({"loss": flat(60, 2.0), **steep_layers(1.2)}), "clear"),
    Case("exploding-gradients", "short", lambda: run_of({"loss": flat(10, 2.0), "grad_norm": flat(10, 1.0)}), "insufficient-data"),
]  # fmt: skip
