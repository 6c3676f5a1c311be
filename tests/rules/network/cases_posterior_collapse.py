"""Runs that posterior-collapse must find, and runs that look alike and are healthy."""

from __future__ import annotations

import numpy as np

from ..curves import Case, run_of


def autoencoder(end=1e-4, *, peak=5.0, after=1.0, points=40, **others):
    """A KL that falls to a level in the middle, and a reconstruction loss that changes by a factor after that."""
    half = points // 2
    kl = np.r_[np.full(half, peak), np.full(points - half, end)]
    return run_of(
        {"recon_loss": np.r_[np.full(half + 1, 80.0), np.full(points - half - 1, 80.0 * after)], "kl": kl} | others
    )


def gone_from(row, *, first=5.0):
    """A KL that is gone from a row of 40 on, beside a reconstruction loss that falls to a third meanwhile."""
    return run_of({"recon_loss": np.linspace(90, 30, 40), "kl": np.r_[np.full(row, first), np.full(40 - row, 1e-4)]})


CASES = [
    Case("posterior-collapse", "the KL vanishes", autoencoder, "warning", findings=1,
         says="kl falls from 5 to 0.0001 for good at step 20, and recon_loss goes from 80 to 80 since: the latent code is not used",
         steps=(20, 39), metric="kl", confidence=0.9,
         remedy="anneal the weight of the KL from zero, or allow free bits, and log the KL of each latent dimension"),
    Case("posterior-collapse", "called a loss", lambda: autoencoder(kl_loss=np.r_[np.full(20, 5.0), np.zeros(20)]), "warning"),
    Case("posterior-collapse", "beside a longer loss", lambda: autoencoder(loss=np.ones(80)), "warning", metric="kl"),
    Case("posterior-collapse", "beside a longer reconstruction loss of evaluations", lambda: autoencoder(val_recon_loss=np.linspace(80, 1, 80)), "warning"),
    Case("posterior-collapse", "0.009 nats", lambda: autoencoder(0.009), "warning"),
    Case("posterior-collapse", "0.011 nats", lambda: autoencoder(0.011), "clear"),
    Case("posterior-collapse", "9% of the peak", lambda: autoencoder(0.009, peak=0.1), "warning"),
    Case("posterior-collapse", "11% of the peak", lambda: autoencoder(0.0099, peak=0.09), "clear"),
    Case("posterior-collapse", "the reconstruction falls by 18%", lambda: autoencoder(after=0.82), "warning"),
    Case("posterior-collapse", "the reconstruction falls by 22%", lambda: autoencoder(after=0.78), "info", confidence=0.7),
    Case("posterior-collapse", "gone for 77% of the run, while the decoder learns", lambda: gone_from(9), "warning", confidence=0.9),
    Case("posterior-collapse", "gone for 72% of the run, while the decoder learns", lambda: gone_from(11), "info"),
    Case("posterior-collapse", "gone after the first point", lambda: gone_from(1), "warning"),
    Case("posterior-collapse", "gone from the start", lambda: gone_from(1, first=5e-4), "clear"),
    Case("posterior-collapse", "10 points", lambda: autoencoder(points=10), "warning"),
    Case("posterior-collapse", "9 points", lambda: autoencoder(points=9), "insufficient-data"),
    Case("posterior-collapse", "a KL that is used", lambda: autoencoder(3.0), "clear"),
    Case("posterior-collapse", "a short reconstruction loss", lambda: run_of({"recon_loss": ([1], [2.0]), "kl": np.ones(40)}),
         "insufficient-data", says="KL and reconstruction loss need at least 10 points"),
    Case("posterior-collapse", "distillation", lambda: run_of({"loss": np.ones(40), "kl": np.r_[np.ones(20), np.zeros(20)]}), "not-applicable",
         says="no KL beside a reconstruction loss is logged"),
]  # fmt: skip
