"""The main loss of each split, and what stands in for it in a run that logs no loss."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from ...parsers.meaning.terms import read_terms
from ...parsers.meaning.totals import is_total, sum_of_others
from ...parsers.meaning.vocabulary import SPLITS
from ...parsers.meaning.words import FILLERS, terms_of
from .weights import at_final_weight

if TYPE_CHECKING:
    from ...parsers.run import Split
    from .curve_view import CurvesOf, CurveView

JUDGED: tuple[Split, ...] = ("train", "validation", "test")
_BITS = frozenset("bpb bpc bpd bpt bits".split())
_LIKELIHOODS = frozenset("elbo loglikelihood loglik logprob".split())
_SQUARED = frozenset("mse rmse nmse nrmse msle rmsle vrmse rmselog crps deviance".split())
_ABSOLUTE = frozenset("mae nmae mape smape wmape medae mase absrel sqrel rmspe mre huber".split())
# They fall at the expense of one another, say how sure a model is, or add up over the run.
_NO_STAND_IN = frozenset("ece fpr fnr far frr eer hter dcf mindcf regret rejection".split())
_LAST_RANK = 5


def main_losses(curves: CurvesOf) -> dict[Split, CurveView]:
    """The loss of each split that rules judge: the total where parts are logged, else the one with the most points.

    A split without a loss has its perplexity in its place. Where no split has one, a quantity that must fall, or rise,
    stands in for it, the same in all splits: the one logged for training and validation, and of several the first of
    perplexity, bits per token, likelihood, squared error, absolute error, and any other error. Perplexities and bits are
    given in nats, likelihoods negated, and a sum whose logged weight was raised at its last weight; all are named so.
    """
    found: dict[Split, CurveView] = {}
    for split in JUDGED:
        usable = [c for c in curves("loss", split) if c.direction == "lower" and not c.layer]
        usable = usable or [in_nats(c) for c in curves("perplexity", split)]
        if usable:
            found[split] = at_final_weight(curves, _whole_of(usable))
    return found or _stand_ins(curves)


def in_nats(curve: CurveView) -> CurveView:
    """A perplexity as a cross entropy, which is its logarithm; a number of bits likewise."""
    if curve.role == "perplexity":
        return curve.converted(np.log(curve.all_values), f"ln({curve.name})", role="loss")
    if _BITS & _kinds_of(curve):
        return curve.converted(curve.all_values * math.log(2), f"{curve.name} in nats", role="loss")
    return curve


def is_error(curve: CurveView) -> bool:
    """Whether a curve holds a squared or an absolute error, by its name, rather than a cross entropy."""
    return bool((_SQUARED | _ABSOLUTE) & _kinds_of(curve))


def _whole_of(losses: list[CurveView]) -> CurveView:
    """The loss that is the whole one by its name, else by its values, else the one with the most points."""
    if not any(is_total(loss.tag) for loss in losses):
        whole = sum_of_others([loss.all_values for loss in losses])
        if whole is not None:
            return losses[whole]
    return max(losses, key=lambda loss: (is_total(loss.tag), len(loss.all_values)))


def _stand_ins(curves: CurvesOf) -> dict[Split, CurveView]:
    if curves("reward") or curves("loss"):  # losses that need not fall: their errors need not, either
        return {}
    quantities: dict[tuple[int, frozenset[str]], list[CurveView]] = {}
    for curve in curves("score"):
        rank = _rank_of(curve)
        if rank is not None and len(curve):
            quantities.setdefault((rank, _quantity_of(curve)), []).append(curve)
    placed = {key: _by_split(key[0], logged) for key, logged in quantities.items()}
    best = min(placed, key=lambda key: (-len(placed[key].keys() & {"train", "validation"}), key[0]), default=None)
    return {} if best is None else {split: _as_loss(curve) for split, curve in placed[best].items()}


def _rank_of(curve: CurveView) -> int | None:
    """How much like a loss a score is, 1 the most; None if it cannot stand in for one."""
    kinds = _kinds_of(curve)
    if curve.layer or kinds & _NO_STAND_IN:
        return None
    if curve.direction == "higher":
        return 2 if kinds & _LIKELIHOODS else None
    if curve.direction != "lower":
        return None
    ranked = (_BITS, frozenset[str](), _SQUARED, _ABSOLUTE)
    return next((rank for rank, words in enumerate(ranked, 1) if kinds & words), _LAST_RANK)


def _by_split(rank: int, curves: list[CurveView]) -> dict[Split, CurveView]:
    """One curve of a quantity in each split; without a split it is that of the training, unless it may be a result."""
    placed: dict[Split, CurveView] = {}
    for curve in sorted(curves, key=len):
        split = curve.split
        if split == "none" and rank < _LAST_RANK and not any(c.split == "train" for c in curves):
            split = "train"
        if split in JUDGED:
            placed[split] = curve
    if "validation" not in placed and "test" in placed:
        placed["validation"] = placed["test"]
    return placed


def _as_loss(curve: CurveView) -> CurveView:
    if curve.direction == "higher":
        return curve.converted(-curve.all_values, f"-{curve.name}", role="score")
    return in_nats(curve)


def _kinds_of(curve: CurveView) -> frozenset[str]:
    return read_terms(terms_of(curve.tag)).kinds


def _quantity_of(curve: CurveView) -> frozenset[str]:
    """The words of a tag without its split."""
    return frozenset(word for word in terms_of(curve.tag) if word not in SPLITS and word not in FILLERS)
