"""The log is an old copy of another run's log: its curves are exact prefixes of the other's.

## What it finds
A run whose curves all exist in another run as well, with the same steps, values and times from the first point, and
end earlier there than in the other run.

## Why it matters
A backup, a checkpoint folder or a download from the middle of a run counts as a separate run: it is judged as if
training had ended there, its values count twice in every mean over runs, and its last value is mistaken for a final
result.

## How it is detected
While runs are read, the first 32, 64, 128, ... points of the main loss (or score, or reward) of each are hashed. If
the hash of the longest such prefix of the shorter run matches, both runs are read again and compared in full: the
steps, the values and, if both have them, the times of every curve. Nothing may differ, and the copy may not have
additional data; the main curve must have at least 10 different values. Two logs without times can also come from a
deterministic run that was started twice; the message then mentions this.

## When it is a false alarm
A run that was started twice with the same seed writes the same values at other times: it is not a copy, and is
reported only if the logs have no times. A run in its own folder that continues from a checkpoint of another run
shares the beginning and then differs, or lacks the beginning: neither is reported. Copies of equal length are not
stale. A copy converted to another format with fewer digits is not recognised. If more than 1,000 runs would have to
be read again, only the longest 1,000 are.

## What to do
Exclude the copy from the audit (`--exclude`), or delete it, after checking that it contains no checkpoint that you
need.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from ..base import BatchRule, Comparison, Severity
from ..statistics.distinct import distinct
from ..thresholds import limit, thresholds
from ..view.run_digest import main_curve, prefix_hashes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from ...parsers.run import Curve, Run
    from ..view.study import Batch, RunDigest


@thresholds
class Limits:
    """Thresholds of this rule."""

    min_values: int = limit(
        10, "distinct values in the main curve: constants and counters are equal in unrelated runs", unit="values"
    )
    max_read: int = limit(
        1000, "limit for the runs that are read again and compared, which takes some seconds", unit="runs"
    )


def check(batch: Batch, limits: Limits) -> Iterator[Comparison]:
    """Yield one finding for each stale copy, with the longest run that has it as a prefix."""
    ends: dict[tuple[int, bytes], dict[int, list[RunDigest]]] = defaultdict(lambda: defaultdict(list))
    for digest in batch.digests:
        if digest.prefixes:
            ends[digest.longest_prefix][digest.points].append(digest)
    copies: set[str] = set()
    reads = 0
    for whole in sorted(batch.digests, key=lambda digest: (-digest.points, digest.name)):
        alike = [ends[key] for key in enumerate(whole.prefixes, start=1) if key in ends]
        shorter = {length: by_length[length] for by_length in alike for length in by_length if length < whole.points}
        if not shorter or whole.name in copies:
            continue
        if reads >= limits.max_read:
            return
        reads += 1
        for copy, comparison in _copies_of(whole, shorter, batch, limits):
            if copy.name not in copies:
                copies.add(copy.name)
                yield comparison


def _copies_of(
    whole: RunDigest, shorter: Mapping[int, Sequence[RunDigest]], batch: Batch, limits: Limits
) -> Iterator[tuple[RunDigest, Comparison]]:
    """The shorter runs that are a prefix of one, by their length."""
    run = batch.read(whole)
    curve = main_curve(run) if run is not None else None
    if run is None or curve is None:
        return
    lengths = sorted(shorter)
    for length, beginning in zip(lengths, prefix_hashes(curve, lengths), strict=True):
        for digest in shorter[length]:
            copy = batch.read(digest) if digest.whole == beginning else None
            comparison = _compare(copy, run, limits) if copy is not None else None
            if comparison is not None:
                yield digest, comparison


def _compare(copy: Run, whole: Run, limits: Limits) -> Comparison | None:
    """A finding if every curve of one run is a prefix of the same curve of the other."""
    known = {(curve.name, curve.split): curve for curve in whole.all_curves}
    pairs = [(curve, known.get((curve.name, curve.split))) for curve in copy.all_curves if len(curve)]
    short, full = main_curve(copy), main_curve(whole)
    if short is None or full is None or len(distinct(short.value)) < limits.min_values:
        return None
    if not all(other is not None and _begins(curve, other) for curve, other in pairs):
        return None
    is_timed = any(np.isfinite(curve.wall_time).any() for curve, _ in pairs) and any(
        np.isfinite(curve.wall_time).any() for curve in whole.all_curves
    )
    last, end = int(short.step[-1]), int(full.step[-1])
    doubt = "" if is_timed else "; the logs have no times, so it may also be the same run started twice"
    return Comparison(
        message=f"{copy.name} is an old copy of {whole.name}: all of its {len(pairs)} curves are prefixes of the same curves "
        f"there, up to {short.axis} {last:,} of {end:,}{doubt}",
        confidence=0.98 if is_timed else 0.8,
        runs=(copy.name, whole.name),
        evidence={
            "curve_count": float(len(pairs)),
            "point_count": float(len(short)),
            "point_count_of_whole": float(len(full)),
            "last_step": float(last),
            "last_step_of_whole": float(end),
        },
        remedies=(
            f"exclude {copy.name} from the audit with --exclude, or delete it",
            "exclude logs from backups and checkpoints, or keep backups outside the folder of runs",
        ),
    )


def _begins(curve: Curve, other: Curve) -> bool:
    """Whether a curve is a prefix of another, including the times if both have them."""
    n = len(curve)
    if n > len(other) or curve.axis != other.axis or not np.array_equal(curve.step, other.step[:n]):
        return False
    times, others = curve.wall_time, other.wall_time[:n]
    is_timed = np.isfinite(times) & np.isfinite(others)
    return np.array_equal(curve.value, other.value[:n], equal_nan=True) and np.array_equal(
        times[is_timed], others[is_timed]
    )


RULE = BatchRule(
    id="stale-copy",
    family="log-integrity",
    severity=Severity.INFO,
    since="0.1.0",
    title="No log is an old copy of another",
    failure_title="Stale copy",
    doc=__doc__ or "",
    check=check,
    limits=Limits(),
)
