"""Runs that the adversarial rules must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from ..curves import Case, flat, run_of

POINTS = 100


def duel(d_first, d_end, g_first, g_end, *, points=POINTS, noise=0.0, share=0.7):
    """Losses of discriminator and generator that go from one level to another for the last share of the run."""
    last = round(share * points)

    def course(first, end, seed):
        return np.r_[np.full(points - last, first), np.full(last, end)] * flat(points, 1, noise=noise, seed=seed)

    return {"loss_D": course(d_first, d_end, 1), "loss_G": course(g_first, g_end, 2)}


def seen(real, fake, *, points=POINTS):
    """Outputs of the discriminator on real and on generated samples: from one half to these."""
    third = points // 3
    return {
        "D(x)": np.r_[np.linspace(0.5, real, third), np.full(points - third, real)],
        "D(G(z))": np.r_[np.linspace(0.5, fake, third), np.full(points - third, fake)],
    }


def fooled_for(points, *, real=0.52):
    """Outputs of the discriminator; generated samples pass for real from a fifth of the run on, for so many points."""
    fake = np.full(POINTS, 0.4)
    fake[20 : 20 + points] = 0.98
    return {"D(x)": np.full(POINTS, real), "D(G(z))": fake}


WASSERSTEIN = {"loss_D": -np.geomspace(10, 0.1, POINTS), "loss_G": np.linspace(-1, 5, POINTS)}
BALANCE = duel(1.4, 1.2, 0.7, 1.0)

CASES = [
    Case("discriminator-dominance", "its loss vanishes", lambda: run_of(duel(1.2, 1e-3, 0.7, 9.0)), "warning", findings=1,
         says="loss_D ends at 0.001, 0.00083 times its first value, while loss_G goes from 0.7 to 9 (medians of the last 30% of the run)",
         steps=(70, 99), metric="loss_D", confidence=0.85,
         remedy="lower the learning rate of the discriminator, or the number of its steps per step of the generator"),
    Case("discriminator-dominance", "least squares, where the other loss is bounded", lambda: run_of(duel(0.5, 1e-4, 0.95, 1.0, noise=0.2)), "warning"),
    Case("discriminator-dominance", "4.8% of its first loss", lambda: run_of(duel(1.0, 0.048, 0.7, 9.0)), "warning"),
    Case("discriminator-dominance", "5.2% of its first loss", lambda: run_of(duel(1.0, 0.052, 0.7, 9.0)), "clear"),
    Case("discriminator-dominance", "4.9% of the chance-level loss", lambda: run_of(duel(5.0, 0.068, 0.7, 9.0)), "warning"),
    Case("discriminator-dominance", "5.1% of the chance-level loss", lambda: run_of(duel(5.0, 0.071, 0.7, 9.0)), "clear"),
    Case("discriminator-dominance", "the generator keeps 91% of its loss", lambda: run_of(duel(1.2, 1e-3, 1.0, 0.91)), "warning"),
    Case("discriminator-dominance", "the generator keeps 89% of its loss", lambda: run_of(duel(1.2, 1e-3, 1.0, 0.89) | seen(0.99, 0.01)), "clear"),
    Case("discriminator-dominance", "outputs beside losses without a level", lambda: run_of(WASSERSTEIN | seen(0.97, 0.02)), "warning", findings=1,
         says="the discriminator gives real samples a probability of 97.0% of being real (D(x)) and generated ones 2.0% (D(G(z))) (medians of the last 30% of the run)",
         steps=(70, 99), metric="D(G(z))", confidence=0.85,
         remedy="lower the learning rate of the discriminator, or the number of its steps per step of the generator"),
    Case("discriminator-dominance", "outputs beside balanced losses", lambda: run_of(BALANCE | seen(0.97, 0.02)), "warning"),
    Case("discriminator-dominance", "95.5% of the real samples", lambda: run_of(BALANCE | seen(0.955, 0.01)), "warning"),
    Case("discriminator-dominance", "94.5% of the real samples", lambda: run_of(BALANCE | seen(0.945, 0.01)), "clear"),
    Case("discriminator-dominance", "4.8% of the generated samples", lambda: run_of(BALANCE | seen(0.99, 0.048)), "warning"),
    Case("discriminator-dominance", "5.2% of the generated samples", lambda: run_of(BALANCE | seen(0.99, 0.052)), "clear"),
    Case("discriminator-dominance", "exactly at both", lambda: run_of(BALANCE | seen(0.95, 0.05)), "warning"),
    Case("discriminator-dominance", "over the last 14%", lambda: run_of(duel(1.0, 1e-3, 0.7, 9.0, share=0.12)), "clear"),
    Case("discriminator-dominance", "over the last 18%", lambda: run_of(duel(1.0, 1e-3, 0.7, 9.0, share=0.17)), "warning"),
    Case("discriminator-dominance", "StyleGAN, by signs", lambda: run_of({
        "Loss/G/loss": flat(POINTS, 3.0), "Loss/D/loss": flat(POINTS, 0.5), "Loss/signs/real": flat(POINTS, 0.95, noise=0.01), "Loss/signs/fake": -flat(POINTS, 0.95, noise=0.01)}), "warning"),
    Case("discriminator-dominance", "StyleGAN, healthy", lambda: run_of({
        "Loss/G/loss": flat(POINTS, 1.5), "Loss/D/loss": flat(POINTS, 0.8), "Loss/signs/real": flat(POINTS, 0.5, noise=0.1), "Loss/signs/fake": -flat(POINTS, 0.5, noise=0.1)}), "clear"),
    Case("discriminator-dominance", "balance", lambda: run_of(duel(1.4, 1.2, 0.7, 1.0, noise=0.2) | seen(0.56, 0.43)), "clear"),
    Case("discriminator-dominance", "Wasserstein losses", lambda: run_of(WASSERSTEIN), "insufficient-data",
         says="needs at least 30 points of two losses that are never negative, or of two probabilities"),
    Case("discriminator-dominance", "30 points", lambda: run_of(duel(1.2, 1e-3, 0.7, 9.0, points=30)), "warning", says="loss_D ends at 0.001, 0.00083 times its first value, while loss_G goes from 0.7 to 9 (medians of the last 30% of the run)"),
    Case("discriminator-dominance", "29 points", lambda: run_of(duel(1.2, 1e-3, 0.7, 9.0, points=29)), "insufficient-data"),
    Case("discriminator-dominance", "a classifier", lambda: run_of({"loss": flat(POINTS, 1.0), "val_acc": flat(POINTS, 0.5)}), "not-applicable"),
    Case("discriminator-dominance", "one loss", lambda: run_of({"train/loss": flat(POINTS, 1.0)}), "not-applicable",
         says="the losses of a generator and a discriminator are not both logged"),

    Case("generator-dominance", "its loss vanishes", lambda: run_of(duel(1.4, 10.0, 0.7, 1e-3)), "warning", findings=1,
         says="loss_G ends at 0.001, 0.0014 times its first value, while loss_D grows from 1.4 to 10 (medians of the last 30% of the run)",
         steps=(70, 99), metric="loss_G", confidence=0.85,
         remedy="check that the discriminator is updated, and that the labels of real and generated samples are not swapped"),
    Case("generator-dominance", "4.8% of its first loss", lambda: run_of(duel(1.4, 10.0, 1.0, 0.048)), "warning"),
    Case("generator-dominance", "5.2% of its first loss", lambda: run_of(duel(1.4, 10.0, 1.0, 0.052)), "clear"),
    Case("generator-dominance", "a discriminator's loss of 1.6 times the first", lambda: run_of(duel(1.0, 1.6, 1.0, 1e-3)), "warning"),
    Case("generator-dominance", "a discriminator's loss of 1.4 times the first", lambda: run_of(duel(1.0, 1.4, 1.0, 1e-3)), "clear"),
    Case("generator-dominance", "all samples are classified as real", lambda: run_of(BALANCE | seen(0.5, 0.99)), "warning", findings=1,
         says="the discriminator gives generated samples a probability of 99.0% of being real (D(G(z))) and real ones 50.0% (D(x)) (medians of the last 30% of the run)",
         steps=(70, 99), metric="D(G(z))", confidence=0.85,
         remedy="check that the discriminator is updated, and that the labels of real and generated samples are not swapped"),
    Case("generator-dominance", "95.5% of the generated samples", lambda: run_of(BALANCE | seen(0.5, 0.955)), "warning"),
    Case("generator-dominance", "94.5% of the generated samples", lambda: run_of(BALANCE | seen(0.5, 0.945)), "clear"),
    Case("generator-dominance", "exactly 95% of the generated samples", lambda: run_of(BALANCE | seen(0.5, 0.95)), "warning"),
    Case("generator-dominance", "as many real samples", lambda: run_of(BALANCE | seen(0.99, 0.99)), "clear"),
    Case("generator-dominance", "all samples pass for real over 32% of the run", lambda: run_of(BALANCE | fooled_for(32)), "warning", findings=1,
         says="the discriminator gives generated samples a probability of 98.0% of being real (D(G(z))) and real ones 52.0% (D(x)) from step 20 to 51, 32% of the points",
         steps=(20, 51), metric="D(G(z))"),
    Case("generator-dominance", "all samples pass for real over 28% of the run", lambda: run_of(BALANCE | fooled_for(28)), "clear"),
    Case("generator-dominance", "all samples pass for real over 32% of the run, real ones even more", lambda: run_of(BALANCE | fooled_for(32, real=0.99)), "clear"),
    Case("generator-dominance", "over the last 14%", lambda: run_of(duel(1.4, 10.0, 1.0, 1e-3, share=0.12)), "clear"),
    Case("generator-dominance", "over the last 18%", lambda: run_of(duel(1.4, 10.0, 1.0, 1e-3, share=0.17)), "warning"),
    Case("generator-dominance", "guessing is the balance of theory", lambda: run_of(duel(1.2, 1.386, 0.7, 0.7) | seen(0.5, 0.5)), "clear"),
    Case("generator-dominance", "a content loss falls, the discriminator guesses", lambda: run_of(duel(1.4, 1.386, 100.0, 1.0)), "clear"),
    Case("generator-dominance", "a discriminator that is switched on late", lambda: run_of({
        "loss_D": np.r_[np.zeros(50), flat(50, 0.9)], "loss_G": np.geomspace(10, 0.01, POINTS)}), "clear"),
    Case("generator-dominance", "30 points", lambda: run_of(duel(1.4, 10.0, 1.0, 1e-3, points=30)), "warning"),
    Case("generator-dominance", "29 points", lambda: run_of(duel(1.4, 10.0, 1.0, 1e-3, points=29)), "insufficient-data",
         says="needs at least 30 points of two losses that are never negative, or of two probabilities"),
]  # fmt: skip
