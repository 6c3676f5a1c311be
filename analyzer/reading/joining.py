"""Joining of two parts of a run: each quantity has one curve, the most precise one, on one axis and one clock."""

from __future__ import annotations

from dataclasses import replace
from pathlib import PurePath
from typing import TYPE_CHECKING

import numpy as np

from ...parsers.run import Note
from ...parsers.secrets import masked_path
from .comparing import is_continuation
from .mapping import Counting, clock_offset, countings_of, on_clock

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from ...parsers.run import Axis, Curve, Floats, Source
    from .comparing import Comparison, Part


def join(host: Part, part: Part, found: Comparison) -> None:
    """Add missing data from another part of a run: curves, longer or more precise curves, epochs, times, hyperparameters."""
    run, other = host.run, part.run
    agreeing = [(pair.host, pair.part, pair.match) for pair in found.pairs if pair.match.agrees]
    moved, countings = countings_of(agreeing)
    offset = clock_offset(agreeing)
    twins = {id(pair.part.curve): pair for pair in found.pairs}
    places = {id(curve): at for at, curve in enumerate(run.all_curves)}
    names = {(curve.name, curve.split) for curve in run.all_curves}
    run.all_curves = [_placed(curve, moved) for curve in run.all_curves]
    is_next = is_continuation(other, run)
    added, unequal = 0, []
    for curve in other.all_curves:
        pair = twins.get(id(curve))
        placed = on_clock(_placed(curve, countings), offset)
        if pair is None and not len(curve) and (curve.name, curve.split) in names:
            continue
        if pair is None:
            run.all_curves.append(placed)
            added += 1
            continue
        at = places[id(pair.host.curve)]
        own = run.all_curves[at]
        if is_next:
            run.all_curves[at] = _continued(own, placed)
        elif pair.match.agrees or not len(pair.match.first):
            is_finer = (len(curve), pair.part.fineness) > (len(own), pair.host.fineness)
            run.all_curves[at] = _completed(_known(placed, own), own) if is_finer else _completed(own, placed)
        else:
            unequal.append(curve.name)
            run.all_curves[at] = _completed(own, placed)
        added += run.all_curves[at] is not own
    run.sources += other.sources if added or not other.all_curves else [_as_copy(source) for source in other.sources]
    is_copy = other.format == run.format and not added and bool(other.all_curves)
    run.notes += other.notes
    if is_copy:
        twin = masked_path(PurePath(run.path).name)
        run.notes.append(Note(other.path, "", f"all its curves are also in {twin}: read as one run"))
    run.notes += [
        Note(other.path, "", text)
        for text in _notes([*moved.values(), *countings.values()], offset, unequal, is_next=is_next)
    ]
    run.hyperparameters = other.hyperparameters | run.hyperparameters
    run.framework = run.framework or other.framework
    run.title = run.title or other.title
    run.incidents += other.incidents
    run.histograms += other.histograms
    run.is_cut_short |= other.is_cut_short
    host.paths = [*host.paths, *part.paths]
    host.companions = [*host.companions, *part.companions] if host.home == part.home else host.companions
    host.measure()


def _notes(countings: Iterable[Counting], offset: float, unequal: Sequence[str], *, is_next: bool) -> Iterator[str]:
    """Notes on the decisions made when a part was joined."""
    if is_next:
        yield "continues where the other file of the run ends: read as one run"
    yield from (counting.note for counting in countings if counting.note)
    if offset:
        yield f"its clock differs from that of the other files of the run: its times were moved by {offset:,.0f} s"
    if unequal:
        names = ", ".join(unequal[:3]) + (f" and {len(unequal) - 3} more" if len(unequal) > 3 else "")
        yield f"values of {names} differ from those in the other files of the run, which are used"


def _placed(curve: Curve, countings: Mapping[Axis, Counting]) -> Curve:
    counting = countings.get(curve.axis)
    return counting.placed(curve) if counting else curve


def _continued(curve: Curve, rest: Curve) -> Curve:
    """One curve of two, the second of which continues the first."""
    return replace(
        curve,
        step=np.concatenate([curve.step, rest.step]),
        value=np.concatenate([curve.value, rest.value]),
        wall_time=np.concatenate([curve.wall_time, rest.wall_time]),
        epoch=np.concatenate([curve.epoch, rest.epoch]),
        segments=(*curve.segments, *(s._replace(start=s.start + len(curve)) for s in rest.segments)),
    )


def _known(curve: Curve, own: Curve) -> Curve:
    """A curve that replaces its twin, with the split of either."""
    if curve.split != "none" or own.split == "none":
        return curve
    return curve.with_meaning(replace(curve.meaning, split=own.split, reason=own.meaning.reason))


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
