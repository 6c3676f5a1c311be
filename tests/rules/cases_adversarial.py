"""Runs that the adversarial rules must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from .curves import Case, flat, run_of

POINTS = 100


def duel(d_first: float, d_end: float, g_first: float, g_end: float) -> dict[str, np.ndarray]:
    """Losses of discriminator and generator that go from one level to another within the first third."""

    def course(first: float, end: float, seed: int) -> np.ndarray:
        return np.r_[np.geomspace(first, end, 30), np.full(POINTS - 30, end)] * flat(POINTS, 1, noise=0.2, seed=seed)

    return {"loss_D": course(d_first, d_end, 1), "loss_G": course(g_first, g_end, 2)}


def seen(real: float, fake: float) -> dict[str, np.ndarray]:
    """What the discriminator says of real and generated samples: from one half to these."""
    return {
        "D(x)": np.r_[np.linspace(0.5, real, 30), np.full(70, real)],
        "D(G(z))": np.r_[np.linspace(0.5, fake, 30), np.full(70, fake)],
    }


CASES = [
    Case("discriminator-dominance", "its loss vanishes", lambda: run_of(duel(1.4, 1e-3, 0.7, 9.0)), "warning"),
    Case("discriminator-dominance", "least squares, where the other loss is bounded", lambda: run_of(duel(0.5, 1e-4, 0.95, 1.0)), "warning"),
    Case("discriminator-dominance", "StyleGAN, by signs", lambda: run_of({
        "Loss/G/loss": flat(POINTS, 3.0), "Loss/D/loss": flat(POINTS, 0.5), "Loss/signs/real": flat(POINTS, 0.95, noise=0.01), "Loss/signs/fake": -flat(POINTS, 0.95, noise=0.01)}), "warning"),
    Case("discriminator-dominance", "balance", lambda: run_of(duel(1.4, 1.2, 0.7, 1.0) | seen(0.56, 0.43)), "clear"),
    Case("discriminator-dominance", "ahead, and both learn", lambda: run_of(duel(1.4, 0.4, 0.7, 3.0) | seen(0.85, 0.1)), "clear"),
    Case("discriminator-dominance", "StyleGAN, healthy", lambda: run_of({
        "Loss/G/loss": flat(POINTS, 1.5), "Loss/D/loss": flat(POINTS, 0.8), "Loss/signs/real": flat(POINTS, 0.5, noise=0.1), "Loss/signs/fake": -flat(POINTS, 0.5, noise=0.1)}), "clear"),
    Case("discriminator-dominance", "the content loss of the generator falls too", lambda: run_of(duel(1.4, 0.01, 100.0, 20.0)), "clear"),
    Case("discriminator-dominance", "Wasserstein losses", lambda: run_of({"d_loss": -np.geomspace(10, 0.1, POINTS), "g_loss": np.linspace(-1, 5, POINTS)}), "insufficient-data"),
    Case("discriminator-dominance", "short", lambda: run_of({"d_loss": [1.4, 0.1, 0.01], "g_loss": [0.7, 3.0, 9.0]}), "insufficient-data"),
    Case("discriminator-dominance", "a classifier", lambda: run_of({"loss": flat(POINTS, 1.0), "val_acc": flat(POINTS, 0.5)}), "not-applicable"),

    Case("generator-dominance", "its loss vanishes", lambda: run_of(duel(1.4, 10.0, 0.7, 1e-3)), "warning"),
    Case("generator-dominance", "everything is taken for real", lambda: run_of(duel(1.4, 1.4, 0.7, 0.7) | seen(0.5, 0.99)), "warning"),
    Case("generator-dominance", "guessing is the balance of theory", lambda: run_of(duel(1.2, 1.386, 0.7, 0.7) | seen(0.5, 0.5)), "clear"),
    Case("generator-dominance", "a content loss falls, the discriminator guesses", lambda: run_of(duel(1.4, 1.386, 100.0, 1.0)), "clear"),
    Case("generator-dominance", "a discriminator that is switched on late", lambda: run_of({
        "loss_D": np.r_[np.zeros(50), flat(50, 0.9)], "loss_G": np.geomspace(10, 0.3, POINTS)}), "clear"),
]  # fmt: skip
