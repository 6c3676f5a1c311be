"""Direct preference optimisation, healthy and with eleven faults."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from .signals import Fault, Method, Signals

if TYPE_CHECKING:
    from .signals import Floats


def healthy(seed: int) -> Signals:
    """From ranking by chance to 62 to 92% ranked rightly; the likelihood of both answers falls a little, as it commonly does."""
    run = Signals.of_random_length(seed)
    rng = run.rng
    learned = 1 - np.exp(-rng.uniform(4, 14) * run.progress)
    ranked = 0.5 + (rng.uniform(0.62, 0.92) - 0.5) * learned
    margin = rng.uniform(0.4, 2.5) * learned
    pairs, held_out = int(rng.choice([64, 160, 320])), int(rng.integers(200, 2000))
    run.train = {
        "accuracy": rng.binomial(pairs, ranked) / pairs,
        "loss": run.around(np.log(2) * (1 - rng.uniform(0.1, 0.5) * learned), 0.04),
        "grad_norm": run.around(np.full(run.points, rng.uniform(1, 20)), 0.25),
        "rate": run.warm_cosine(10 ** rng.uniform(-6.5, -5.3)),
    }
    _reward(run, rng.uniform(-0.8, 0.4) * learned, margin, likelihood=rng.uniform(-350, -120), beta=0.1)
    kept = rng.uniform(0.75, 0.95)
    unseen = 0.5 + kept * (ranked[run.eval_rows] - 0.5)
    level = np.log(2) - kept * (np.log(2) - run.train["loss"].mean()) * learned[run.eval_rows]
    run.evals = {
        "accuracy": rng.binomial(held_out, unseen) / held_out,
        "loss": level * np.exp(0.005 * rng.normal(size=len(level))),
        "margin": kept * run.train["margin"][run.eval_rows],
    }
    return run


def _reward(run: Signals, chosen: Floats, margin: Floats, *, likelihood: float = -250.0, beta: float = 0.1) -> None:
    """Implicit rewards (log-likelihood ratios times beta) and the log-likelihoods that they are of."""
    run.train["chosen"] = chosen + 0.04 * run.noise()
    run.train["rejected"] = chosen - margin + 0.04 * run.noise()
    run.train["margin"] = run.train["chosen"] - run.train["rejected"]
    for name in ("chosen", "rejected"):
        run.train[f"{name}_likelihood"] = likelihood + run.train[name] / beta + 4 * run.noise()


def _memorised(run: Signals) -> None:
    """The pairs are known by heart: perfect in training, worse and worse on held-out pairs."""
    known = run.ramp(0.05, 0.6)
    run.train["accuracy"] = np.clip(run.train["accuracy"] * (1 - known) + known, 0, 1)
    run.train["loss"] = run.train["loss"] * np.exp(-7 * known)
    _reward(run, -2 * known, 14 * known)
    late = run.eval_ramp(0.2, 1)
    run.evals["loss"] = run.evals["loss"][0] * (0.85 + 1.2 * late)
    run.evals["accuracy"] = np.clip(run.evals["accuracy"].max() - 0.09 * late, 0, 1)


def _at_chance(run: Signals) -> None:
    """Nothing is learnt of the pairs: ln 2, half of them ranked rightly, no margin."""
    run.train["accuracy"] = run.rng.binomial(160, 0.5, run.points) / 160
    run.train["loss"] = np.log(2) * np.exp(0.004 * run.noise())
    _reward(run, 0.01 * run.noise(), np.zeros(run.points))
    m = len(run.eval_rows)
    run.evals["accuracy"] = run.rng.binomial(500, 0.5, m) / 500
    run.evals["loss"] = np.log(2) * np.exp(0.001 * run.rng.normal(size=m))


def _displaced(run: Signals) -> None:
    """The chosen answers lose likelihood as the rejected ones do: the margin grows, and neither answer is given any more."""
    lost = run.ramp(0.05, 0.9)
    _reward(run, -14 * lost, 4 * lost)


def _no_rate(run: Signals) -> None:
    """The learning rate is zero."""
    _at_chance(run)
    run.train["rate"] = np.zeros(run.points)
    _reward(run, np.zeros(run.points), np.zeros(run.points))


def _blown_up(run: Signals) -> None:
    """The learning rate is far too high: the loss jumps to several times ln 2 and stays there, ranking falls to chance."""
    gone = run.ramp(0.03, 0.1)
    run.train["loss"] = run.train["loss"] + gone * run.around(np.full(run.points, 4.0), 0.5)
    run.train["accuracy"] = run.rng.binomial(160, 0.5, run.points) / 160
    run.train["grad_norm"] *= np.exp(4 * gone)
    _reward(run, -60 * gone + 10 * run.noise(), 6 * run.noise() * gone)
    run.train["rate"] = 3000 * run.train["rate"]
    run.evals["loss"] = 4 * np.exp(0.1 * run.rng.normal(size=len(run.eval_rows)))
    run.evals["accuracy"] = run.rng.binomial(500, 0.5, len(run.eval_rows)) / 500


def _not_a_number(run: Signals) -> None:
    """All turns NaN at 30% of the run."""
    gone = run.progress > 0.3
    for name in ("loss", "grad_norm", "chosen", "rejected", "margin", "chosen_likelihood", "rejected_likelihood"):
        run.train[name][gone] = np.nan
    run.train["accuracy"][gone] = 0.0
    run.evals["loss"][run.eval_progress > 0.3] = np.nan
    run.evals["accuracy"][run.eval_progress > 0.3] = 0.0


def _swapped(run: Signals) -> None:
    """Chosen and rejected are swapped in the training pairs: held-out pairs are ranked the wrong way round."""
    learned = (run.evals["accuracy"] - 0.5).clip(0)
    run.evals["accuracy"] = 0.5 - learned
    run.evals["loss"] = np.log(2) * (1 + 1.5 * learned)
    run.evals["margin"] = -run.evals["margin"]


def _perfect(run: Signals) -> None:
    """Perfect within a tenth of the run, with margins in the tens: a mark tells the answers apart. Held-out pairs gain little."""
    known = run.ramp(0.02, 0.1)
    run.train["accuracy"] = np.where(known >= 1, 1.0, run.train["accuracy"])
    run.train["loss"] = run.train["loss"] * np.exp(-12 * known)
    _reward(run, 8 * known, 30 * known)
    run.evals["accuracy"] = 0.6 + 0.01 * run.rng.normal(size=len(run.eval_rows))
    run.evals["loss"] = 1.5 * np.exp(0.01 * run.rng.normal(size=len(run.eval_rows)))


def _own_reference(run: Signals) -> None:
    """The reference model is the policy itself: rewards and margins are exactly zero, the loss exactly ln 2."""
    n, m = run.points, len(run.eval_rows)
    for name in ("chosen", "rejected", "margin", "accuracy"):
        run.train[name] = np.zeros(n)
    run.train["loss"] = np.full(n, 0.6931)
    run.evals = {"accuracy": np.zeros(m), "loss": np.full(m, 0.6931), "margin": np.zeros(m)}


def _bursts(run: Signals) -> None:
    """Gradients grow thousandfold, and the loss with them."""
    grown = run.ramp(0.4, 0.9)
    run.train["grad_norm"] = run.train["grad_norm"] * np.exp(7 * grown)
    run.train["loss"] = run.train["loss"] * np.exp(1.6 * grown + 0.3 * grown * run.noise())
    run.train["accuracy"] = np.clip(run.train["accuracy"] * (1 - grown) + 0.5 * grown, 0, 1)
    run.evals["loss"] = run.evals["loss"] * np.exp(1.4 * run.eval_ramp(0.4, 0.9))


def _forgotten(run: Signals) -> None:
    """What was learnt is lost at once at 60% of the run: back to ln 2 and chance."""
    gone = (run.progress > 0.6).astype(float)
    run.train["loss"] = run.train["loss"] * (1 - gone) + np.log(2) * (1 + 0.01 * run.noise()) * gone
    run.train["accuracy"] = np.where(gone > 0, run.rng.binomial(160, 0.5, run.points) / 160, run.train["accuracy"])
    _reward(run, run.train["chosen"] * (1 - gone), run.train["margin"] * (1 - gone))
    late = run.eval_progress > 0.6
    run.evals["accuracy"][late] = run.rng.binomial(500, 0.5, late.sum()) / 500
    run.evals["loss"][late] = np.log(2) * (1 + 0.002 * run.rng.normal(size=late.sum()))


DPO = Method(
    healthy,
    {
        "pairs memorised": Fault(_memorised, ("preference-memorised", "overfitting")),
        "ranking by chance": Fault(_at_chance, ("preference-at-chance", "not-learning", "stuck-at-chance")),
        "chosen answers lose likelihood": Fault(_displaced, ("likelihood-displacement",)),
        "learning rate zero": Fault(_no_rate, ("zero-learning-rate", "frozen-policy")),
        "learning rate too high": Fault(
            _blown_up, ("divergence", "early-blow-up", "learning-rate-too-high", "preference-at-chance")
        ),
        "not a number": Fault(_not_a_number, ("non-finite", "masked-nan")),
        "pairs swapped": Fault(
            _swapped, ("preference-at-chance", "preference-reversed", "overfitting", "score-decline")
        ),
        "perfect at once": Fault(_perfect, ("preference-memorised", "suspicious-perfection", "zero-loss")),
        "reference is the policy": Fault(_own_reference, ("preference-at-chance", "frozen-policy", "stuck-at-chance")),
        "gradients grow": Fault(_bursts, ("divergence", "exploding-gradients", "gradient-bursts")),
        "ranking lost": Fault(_forgotten, ("divergence", "loss-spike", "score-decline", "preference-at-chance")),
    },
    ("trl", "openrlhf"),
)
