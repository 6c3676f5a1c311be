"""Joining of files that log the same training run, recognised by content, not by name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from ...parsers.meaning.resolve import split_of_word
from ...parsers.meaning.words import words_of
from .discover import EVENTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...parsers.run import Curve, Floats, Role, Run, Source, Split

MIN_TWIN_POINTS = 3  # of two curves with similar names; one or two numbers may be equal by chance
LOGGED = (1e-6, 0.0)  # relative, absolute: float32 keeps 7 digits, in an event file as in a CSV
PRINTED = (6e-3, 5e-4)  # console logs have three or four digits
PRINTED_FORMATS = frozenset(("plain-text",))
COMPARED_ROLES: frozenset[Role] = frozenset(
    (
        "loss",
        "score",
        "perplexity",
        "learning-rate",
        "gradient-norm",
        "reward",
        "entropy",
        "negative-entropy",
        "kl",
        "approx-kl",
    )
)


class _Known:
    """The curves of a run by name and split, otherwise by the words of the name: `eval/loss` matches `eval_loss`."""

    def __init__(self, curves: Sequence[Curve]) -> None:
        self.by_name = {(c.name, c.split): i for i, c in enumerate(curves)}
        self.by_words: dict[tuple[object, ...], list[tuple[int, Split]]] = {}
        self.by_last_word: dict[str, list[int]] = {}
        self.curves = curves
        for i, curve in enumerate(curves):
            self.by_words.setdefault(_words(curve), []).append((i, curve.split))
            self.by_last_word.setdefault(_last_word(curve), []).append(i)

    def row(self, curve: Curve) -> int | None:
        """Index of the same quantity; None if there is none or it is ambiguous."""
        exact = self.by_name.get((curve.name, curve.split))
        if exact is not None:
            return exact
        alike = [
            (i, split)
            for i, split in self.by_words.get(_words(curve), [])
            if "none" in (split, curve.split) or split == curve.split
        ]
        if len(alike) > 1:  # without a split it belongs to the training
            alike = [(i, split) for i, split in alike if split == "train"]
        return alike[0][0] if len(alike) == 1 else None

    def twin(self, curve: Curve, tolerance: tuple[float, float]) -> int | None:
        """Index of the curve with the same numbers under a longer name, such as `ray/tune/reward` for `reward`."""
        for i in self.by_last_word.get(_last_word(curve), []):
            own = self.curves[i]
            one, other = words_of(own.tag), words_of(curve.tag)
            common = min(len(one), len(other))
            is_alike = common > 0 and len(one) != len(other) and one[-common:] == other[-common:]
            is_of_split = own.split == curve.split or "none" in (own.split, curve.split)
            is_same_kind = is_alike and is_of_split and own.statistic == curve.statistic
            if is_same_kind and _agree(own, curve, tolerance, MIN_TWIN_POINTS):
                return i
        return None


def _last_word(curve: Curve) -> str:
    return next(reversed(words_of(curve.tag)), "")


def _words(curve: Curve) -> tuple[object, ...]:
    return tuple(word for word in words_of(curve.tag) if not split_of_word(word)), curve.statistic, curve.role


def belongs(part: Run, host: Run) -> bool:
    """Whether a part belongs to the same training run: no common curve differs."""
    if host.name or (part.path == host.path and part.format == host.format):
        return False
    if part.format == host.format == EVENTS and (not part.all_curves or _is_trial_summary(part)):
        return True
    if not part.all_curves or not host.all_curves:
        return part.format == host.format == EVENTS or bool(part.incidents and not part.all_curves)
    ours = [c for c in host.all_curves if len(c)]
    known = _Known(ours)
    rows = [(known.row(c), c) for c in part.all_curves if len(c)]
    shared = [(ours[row], c) for row, c in rows if row is not None]
    telling = [pair for pair in shared if pair[0].role in COMPARED_ROLES]
    tolerance = _tolerance(part, host)
    return all(_agree(one, other, tolerance) for one, other in telling or shared)


def _tolerance(part: Run, host: Run) -> tuple[float, float]:
    return PRINTED if PRINTED_FORMATS & {part.format, host.format} else LOGGED


def _is_trial_summary(part: Run) -> bool:
    """Whether event files have the content of `add_hparams`: hyperparameters and final metrics, all at step 0."""
    return bool(part.hyperparameters) and all(len(curve) <= 1 for curve in part.all_curves)


def _agree(one: Curve, other: Curve, tolerance: tuple[float, float], min_points: int = 1) -> bool:
    """Whether two curves have the same values at their common steps, at least `min_points`.

    If their axes differ, such as rows and steps, one has to be a prefix of the other.
    """
    a, b = one.effective(), other.effective()
    if a.axis == b.axis:
        _, rows_a, rows_b = np.intersect1d(a.step, b.step, return_indices=True)
        first, second = a.value[rows_a], b.value[rows_b]
    else:
        common = min(len(a), len(b))
        first, second = a.value[:common], b.value[:common]
    if len(first) < min_points:
        return False
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.allclose(first, second, rtol=tolerance[0], atol=tolerance[1], equal_nan=True))


def join(host: Run, part: Run) -> None:
    """Add missing data from another file of a run: curves, longer curves, epochs, and times."""
    known = _Known(list(host.all_curves))
    added = 0
    for curve in part.all_curves:
        at = known.row(curve)
        if at is None:
            at = known.twin(curve, _tolerance(part, host))
        if at is None:
            host.all_curves.append(curve)
            added += 1
            continue
        own = host.all_curves[at]
        is_longer = len(curve) > len(own)
        host.all_curves[at] = _completed(curve, own) if is_longer else _completed(own, curve)
        added += host.all_curves[at] is not own
    host.sources += part.sources if added or not part.all_curves else [_as_copy(source) for source in part.sources]
    host.notes += part.notes
    host.hyperparameters = part.hyperparameters | host.hyperparameters
    host.framework = host.framework or part.framework
    host.incidents += part.incidents
    host.histograms += part.histograms
    host.is_cut_short |= part.is_cut_short


def _completed(curve: Curve, twin: Curve) -> Curve:
    """Add missing epochs or times to a curve, from its twin at the same steps.

    For a step that was logged twice the time is ambiguous, the epoch is not.
    """
    is_same = np.array_equal(curve.step, twin.step)
    if curve.axis != twin.axis or not len(twin) or not (is_same or _is_rising(twin)):
        return curve
    row = np.arange(len(twin)) if is_same else np.minimum(np.searchsorted(twin.step, curve.step), len(twin) - 1)
    is_shared = twin.step[row] == curve.step
    if _is_unknown(curve.epoch) and not _is_unknown(twin.epoch):
        curve = replace(curve, epoch=np.where(is_shared, twin.epoch[row], np.nan))
    if _is_unknown(curve.wall_time) and not _is_unknown(twin.wall_time) and (is_same or _is_rising(curve)):
        curve = replace(curve, wall_time=np.where(is_shared, twin.wall_time[row], np.nan))
    return curve


def _is_rising(curve: Curve) -> bool:
    return bool((np.diff(curve.step) > 0).all())


def _is_unknown(column: Floats) -> bool:
    return bool(np.isnan(column).all())


def _as_copy(source: Source) -> Source:
    return replace(source, use="copy") if source.use == "data" else source
