"""Several runs as rules see them: a digest of each, and any few of them once more in full."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ...parsers.meaning.totals import is_total

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ...parsers.run import Curve, Run

FIRST_POINTS = 32  # of the shortest prefix that is hashed; the others are twice as long each
HASH_BYTES = 8  # of 100,000 runs two have one hash by chance once in 4 billion batches; equal runs are compared in full
ROLES = ("loss", "perplexity", "score", "reward")
SPLITS = ("train", "validation", "test", "none")


@dataclass(frozen=True, slots=True)
class RunDigest:
    """What is kept of a run until all are read: a few hundred bytes.

    Attributes:
        name: of the run in the report.
        path: where it lies.
        points: logged rows of the curve that stands for the run, 0 if it has no loss, score or reward.
        prefixes: hashes of steps and values of its first 32, 64, 128, ... rows.
        whole: hash of all of them.

    """

    name: str
    path: str
    points: int
    prefixes: tuple[bytes, ...]
    whole: bytes

    @property
    def longest_prefix(self) -> tuple[int, bytes]:
        """Which of the prefixes is the last, and its hash."""
        return len(self.prefixes), self.prefixes[-1]


@dataclass(frozen=True, slots=True)
class Batch:
    """All runs of an audit.

    Attributes:
        digests: one a run, in the order of their names.
        read: reads a run once more; None if that cannot be done. It takes as long as the first time: for few runs.

    """

    digests: Sequence[RunDigest]
    read: Callable[[RunDigest], Run | None]


def digest_of(run: Run) -> RunDigest:
    """Sum up a run by its main curve, as it was written, restarts included."""
    curve = main_curve(run)
    points = len(curve) if curve is not None else 0
    lengths = prefix_lengths(points)
    hashes = prefix_hashes(curve, [*lengths, points]) if curve is not None else [b""]
    return RunDigest(run.name, run.path, points, tuple(hashes[:-1]), hashes[-1])


def main_curve(run: Run) -> Curve | None:
    """The curve that stands for a run, chosen by name and meaning alone, so that a copy of its beginning has the same."""
    usable = [c for c in run.all_curves if len(c) and c.role in ROLES and not c.layer and not c.statistic]
    return min(
        usable, key=lambda c: (ROLES.index(c.role), SPLITS.index(c.split), not is_total(c.tag), c.name), default=None
    )


def prefix_lengths(points: int) -> list[int]:
    """Lengths of the prefixes of so many rows that are hashed: 32, 64, 128, ..."""
    lengths: list[int] = []
    while (length := FIRST_POINTS << len(lengths)) <= points:
        lengths.append(length)
    return lengths


def prefix_hashes(curve: Curve, lengths: Sequence[int]) -> list[bytes]:
    """Hashes of the first so many rows of a curve, for lengths that rise."""
    steps, values = (hashlib.blake2b(digest_size=HASH_BYTES) for _ in range(2))
    hashes, done = [], 0
    for length in lengths:
        steps.update(curve.step[done:length].tobytes())
        values.update(curve.value[done:length].tobytes())
        done = length
        hashes.append(steps.digest() + values.digest())
    return hashes
