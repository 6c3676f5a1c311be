"""Runs that the log integrity rules must find, and runs that look alike and are healthy.

Those about restarts are in cases_resume.py.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from trainlint.parsers.meaning.resolve import resolve
from trainlint.parsers.run import Curve, Incident

from ..curves import Case, decay, run_of, written

if TYPE_CHECKING:
    from trainlint.parsers.run import Run

STEPS = np.arange(100) * 10
ONE, OTHER = decay(100, seed=1), decay(100, seed=2)
ROWS = np.arange(100)
RAMP = np.linspace(2, 1, 100)


def repeated(rows: int, steps: int, *, difference: float = 0.1, tag: str = "loss") -> dict[str, tuple]:
    """A curve by steps, the last of which are logged twice."""
    step = np.sort(np.r_[np.arange(steps), np.arange(steps - rows, steps)])
    is_again = np.r_[False, step[1:] == step[:-1]]
    return {tag: (step, (2 - step / steps) * np.where(is_again, 1 + difference, 1.0))}


def appended(rows: int, steps: int, *, difference: float = 0.1, format: str = "csv-table") -> Run:  # noqa: A002
    """A table to which a second attempt appended the last steps again, with other values."""
    first = 2 - np.arange(steps) / steps
    curve = Curve.build("loss", np.r_[np.arange(steps), np.arange(steps - rows, steps)],
                        np.r_[first, first[steps - rows:] * (1 + difference)])  # fmt: skip
    return replace(run_of({}), all_curves=resolve([curve]), format=format)


def alternating(points: int, *, shift: float = 0.0) -> Run:
    """Two event files with points at the same time, the second ahead by a share of the steps."""
    steps, rows = 10 * np.arange(points), np.arange(points)
    second = steps + int(shift * 10 * (points - 1))
    return written((steps, ONE[:points], rows), (second, OTHER[:points], rows + 0.5))


def visited(points: int) -> Run:
    """A file to which now and then, the last time after its end, another one writes a point."""
    times = np.r_[np.linspace(10, 90, points - 1) + 0.5, 120]
    return written((STEPS, ONE, ROWS), (np.linspace(50, 900, points).astype(int), OTHER[:points], times))


def ranks(*lags: int) -> Run:
    """Steps of several processes that append to one file in turn, each some steps ahead."""
    steps = np.stack([STEPS + 10 * lag for lag in lags], axis=1).ravel()
    return run_of({"loss": (steps, decay(len(steps)))})


def two_spacings(spacing: int) -> Run:
    """A dense and a sparse part, the latter of which a second process writes again, three points later."""
    dense = 10 * np.arange(60)
    sparse = 600 + spacing * np.arange(50)
    steps = np.r_[dense, sparse[:3], np.stack((sparse[3:], sparse[:-3]), axis=1).ravel(), sparse[-3:]]
    return run_of({"loss": (steps, decay(len(steps)))})


def in_turns(*, lag: int = 0) -> np.ndarray:
    """Steps of two processes that append to one file in turn, the second some steps behind."""
    return np.stack((STEPS + 10 * lag, STEPS), axis=1).ravel()


def stopped(since_best: int, **settings: object) -> Run:
    """A validation loss that is best so many evaluations before its end."""
    validation = np.r_[np.linspace(2, 1, 20 - since_best), np.full(since_best, 1.1)]
    return run_of({"loss": np.linspace(2, 1, 20), "val_loss": validation}, axis="epoch", **settings)


def late(first: int, *, interval: int = 10, points: int = 100, **settings: object) -> Run:
    """A log that begins at a step."""
    return run_of({"loss": (first + interval * np.arange(points), np.linspace(2, 1, points))}, **settings)


def uneven(share: float, gap: int) -> Run:
    """A log that begins late, a share of whose distances are longer than the usual 100 steps."""
    gaps = np.full(100, 100)
    gaps[: round(share * 100)] = gap
    return run_of({"loss": (5000 + np.cumsum(gaps), RAMP)})


def sampled(points: int, *, tag: str = "loss") -> Run:
    """What TensorBoard keeps of 5,000 points, as its download button writes it."""
    steps = 10 * np.sort(np.random.default_rng(0).choice(5000, points, replace=False))
    return replace(run_of({tag: (steps, decay(points))}), format="tensorboard-csv")


FIND = "find the cause in the output of the job: time limit, out of memory, an exception"
TOGETHER = "put the log of the first part into the same folder: both are then read as one run"
SEPARATE = "use a separate folder for each run; in distributed training, let only rank 0 write"
COUNT = "increment the step once per optimizer update, and pass it to every log call"


def announced():
    """A run that ends at half of its steps, because its time was over, as it says."""
    run = run_of({"loss": (STEPS, RAMP)}, max_steps=2000)
    run.incidents = [Incident("announced-stop", "train.log", 101, ("Time limit reached",), 990)]
    return run


def beside(distance=1.0, *, steps=40, swapped=0.4, missing=0, writers=2, noise=0.05, seed=0) -> Run:
    """Writers that each log every epoch, levels a distance apart, in another order in a share of the epochs."""
    rng = np.random.default_rng(seed)
    levels = 2.0 + distance * np.arange(writers) + noise * rng.normal(size=(steps, writers))
    levels[rng.permutation(steps)[: round(swapped * steps)]] = levels[
        rng.permutation(steps)[: round(swapped * steps)], ::-1
    ]
    step, values = np.repeat(np.arange(steps), writers), levels.ravel()
    kept = np.ones(len(step), bool)
    kept[1 : 1 + 2 * missing : 2] = False
    return run_of({"loss": (step[kept], values[kept])}, axis="epoch")


def halted(*, evaluations=9, tail=0, is_cut=False) -> Run:
    """A run of half its plan whose validation loss last improved 4 evaluations ago, and so many steps after the last one."""
    last = 100 * (evaluations - 1) + tail
    steps = np.arange(0, last + 1)
    validation = np.r_[np.linspace(2, 1, evaluations - 4), np.full(4, 1.2)]
    return run_of(
        {"loss": (steps, np.linspace(2, 1, len(steps))), "val_loss": (100 * np.arange(evaluations), validation)},
        is_cut=is_cut, max_steps=2 * last,
    )  # fmt: skip


CASES = [
    Case("truncated-run", "half of the steps", lambda: run_of({"loss": (STEPS, RAMP)}, max_steps=2000), "warning",
         says="the log ends at step 990 of 2,000 planned (50%)", steps=(990, 990), metric="loss", confidence=0.85, remedy=FIND),
    Case("truncated-run", "94.4% of the steps", lambda: run_of({"loss": (STEPS, RAMP)}, max_steps=1049), "warning"),
    Case("truncated-run", "95.6% of the steps", lambda: run_of({"loss": (STEPS, RAMP)}, max_steps=1036), "clear"),
    Case("truncated-run", "1.3 intervals missing", lambda: run_of({"loss": (STEPS[:11], RAMP[:11])}, max_steps=113), "clear"),
    Case("truncated-run", "1.7 intervals missing", lambda: run_of({"loss": (STEPS[:11], RAMP[:11])}, max_steps=117), "warning"),
    Case("truncated-run", "last logging interval missing", lambda: run_of({"loss": (STEPS, RAMP)}, max_steps=1000), "clear"),
    Case("truncated-run", "epochs from zero", lambda: run_of({"loss": decay(20)}, axis="epoch", epochs=20), "clear"),
    Case("truncated-run", "epochs from zero, two missing", lambda: run_of({"loss": decay(18)}, axis="epoch", epochs=20), "warning",
         says="the log ends at epoch 18 of 20 planned (90%)"),
    Case("truncated-run", "epochs from one", lambda: run_of({"loss": (np.arange(1, 19), decay(18))}, axis="epoch", epochs=20), "warning",
         says="the log ends at epoch 18 of 20 planned (90%)"),
    Case("truncated-run", "a plan of steps for a log by epochs", lambda: run_of({"loss": decay(20)}, axis="epoch", max_steps=1000, epochs=40), "warning",
         says="the log ends at epoch 20 of 40 planned (50%)"),
    Case("truncated-run", "a plan of no steps", lambda: run_of({"loss": (STEPS, RAMP)}, max_steps=0), "not-applicable"),
    Case("truncated-run", "a plan of no epochs", lambda: run_of({"loss": RAMP}, axis="epoch", epochs=-1), "not-applicable"),
    Case("truncated-run", "a plan of epochs for a log by steps", lambda: run_of({"loss": (STEPS, RAMP)}, epochs=10), "not-applicable",
         says="the planned number of steps or epochs is not logged"),
    Case("truncated-run", "no improvement in the last evaluation", lambda: stopped(1, epochs=40), "warning"),
    Case("truncated-run", "no improvement in the last 2 evaluations", lambda: stopped(2, epochs=40), "info", confidence=0.6,
         says="the log ends at epoch 20 of 40 planned (50%); early stopping is likely: val_loss did not improve in its last 2 evaluations"),
    Case("truncated-run", "two evaluations", lambda: run_of({"loss": (STEPS, RAMP), "val_loss": ([0, 500], [1.0, 2.0])}, max_steps=2000), "warning"),
    Case("truncated-run", "a loss that broke", lambda: run_of({"loss": (STEPS, np.r_[RAMP[1:], np.nan])}, max_steps=2000), "info",
         says="the log ends at step 990 of 2,000 planned (50%); its loss is not finite at the end"),
    Case("truncated-run", "a stop that the log announces", announced, "clear"),
    Case("truncated-run", "cut record", lambda: run_of({"loss": decay(20)}, is_cut=True), "warning",
         says="the log is cut off after step 19: the run was killed, failed or is still in progress"),
    Case("truncated-run", "a cut record after the planned end", lambda: run_of({"loss": (STEPS, RAMP)}, is_cut=True, max_steps=1000), "clear"),
    Case("truncated-run", "a cut record is no early stopping", lambda: stopped(5), "not-applicable"),
    Case("truncated-run", "a cut record after no improvement", lambda: replace(stopped(5), is_cut_short=True), "warning", confidence=0.85),
    Case("truncated-run", "the learning rate is logged further", lambda: run_of({"loss": (STEPS[:50], RAMP[:50]), "lr": (STEPS, RAMP)}, max_steps=2000), "warning",
         metric="lr", steps=(990, 990)),
    Case("truncated-run", "no plan", lambda: run_of({"loss": decay(20)}), "not-applicable"),
    Case("truncated-run", "a curve that is no part of the training", lambda: run_of({"zzz": (STEPS, RAMP)}, max_steps=2000), "not-applicable",
         says="no loss or score or perplexity or learning rate or reward is logged"),

    Case("interleaved-writers", "two event files at one time", lambda: alternating(100), "error",
         says="2 writers alternate in loss: 199 changes from one to another between steps 0 and 990; 1 of 1 curves are affected",
         steps=(0, 990), metric="loss", confidence=0.97, remedy=SEPARATE),
    Case("interleaved-writers", "three event files at one time", lambda: written(
        (STEPS, ONE, ROWS), (STEPS, OTHER, ROWS + 0.3), (STEPS, decay(100, seed=3), ROWS + 0.6)), "error",
         says="3 writers alternate in loss: 299 changes from one to another between steps 0 and 990; 1 of 1 curves are affected"),
    Case("interleaved-writers", "20 points", lambda: alternating(10), "error"),
    Case("interleaved-writers", "18 points", lambda: alternating(9), "insufficient-data", says="a curve needs at least 20 points, has 18"),
    Case("interleaved-writers", "9 changes", lambda: visited(5), "clear"),
    Case("interleaved-writers", "11 changes", lambda: visited(6), "error"),
    Case("interleaved-writers", "an overlap of 44%", lambda: alternating(100, shift=0.56), "clear"),
    Case("interleaved-writers", "an overlap of 56%", lambda: alternating(100, shift=0.44), "error"),
    Case("interleaved-writers", "4 shared steps", lambda: ranks(96, 0), "clear"),
    Case("interleaved-writers", "5 shared steps", lambda: ranks(95, 0), "error"),
    Case("interleaved-writers", "a spacing 1.8 times as large", lambda: two_spacings(18), "error"),
    Case("interleaved-writers", "a spacing 2.2 times as large", lambda: two_spacings(22), "clear"),
    Case("interleaved-writers", "7 ranks", lambda: ranks(*range(7)[::-1]), "error"),
    Case("interleaved-writers", "9 ranks", lambda: ranks(*range(9)[::-1]), "clear"),
    Case("interleaved-writers", "a third of the steps shared", lambda: run_of({
        "loss": (np.stack((STEPS + 90, STEPS + 5 * (ROWS % 3 > 0)), axis=1).ravel(), decay(200))}), "clear"),
    Case("interleaved-writers", "the second one joins later", lambda: written((STEPS, ONE, ROWS), (STEPS[:60], OTHER[:60], ROWS[:60] + 40.5)), "error"),
    Case("interleaved-writers", "two processes append to one file", lambda: run_of({"loss": (in_turns(lag=7), np.stack((ONE, OTHER), axis=1).ravel())}), "error",
         says="2 writers alternate in loss: 199 changes from one to another between steps 70 and 990; 1 of 1 curves are affected"),
    Case("interleaved-writers", "steps that go back too often for an axis", lambda: run_of({
        "step": in_turns(lag=7), "loss": np.stack((ONE, OTHER), axis=1).ravel()}, axis="row"), "error", metric="step",
         says="2 writers alternate in step: 199 changes from one to another between rows 0 and 199; 1 of 2 curves are affected"),
    Case("interleaved-writers", "a counter that is not finite", lambda: run_of({"step": np.r_[np.inf, in_turns(lag=7)[1:]], "loss": np.ones(200)}, axis="row"), "clear"),
    Case("interleaved-writers", "another counter that goes back", lambda: run_of({"epoch": in_turns(lag=7), "loss": np.ones(200)}, axis="row"), "clear"),
    Case("interleaved-writers", "four ranks, some steps apart", lambda: ranks(0, 9, 4, 6), "error"),
    Case("interleaved-writers", "a restart", lambda: written((STEPS, ONE, ROWS), (STEPS[50:], OTHER[50:], ROWS[50:] + 60)), "clear"),
    Case("interleaved-writers", "a restart after the clock was set back", lambda: written((STEPS[:60], ONE[:60], ROWS[:60]), (STEPS[50:], OTHER[50:], ROWS[50:] - 40)), "clear"),
    Case("interleaved-writers", "trained again from the start", lambda: written((STEPS, ONE, ROWS), (STEPS, OTHER, ROWS + 200)), "clear"),
    Case("interleaved-writers", "a copy of the log", lambda: written((STEPS, ONE, ROWS), (STEPS, ONE, ROWS)), "clear"),
    Case("interleaved-writers", "two copies in one file", lambda: run_of({"loss": (in_turns(lag=7), np.stack((np.roll(RAMP, -7), RAMP), axis=1).ravel())}), "clear"),
    Case("interleaved-writers", "one step only, in two files", lambda: written((np.full(50, 10), ONE[:50], ROWS[:50]), (np.full(50, 10), OTHER[:50], ROWS[:50] + 0.5)), "clear"),
    Case("interleaved-writers", "batches counted in each epoch", lambda: run_of({"loss": (np.tile(np.arange(25), 20), decay(500))}), "clear"),
    Case("interleaved-writers", "two counters of one process", lambda: run_of({
        "loss": (np.stack((STEPS + 50, ROWS), axis=1).ravel(), np.stack((ONE, OTHER), axis=1).ravel())}), "clear"),
    Case("interleaved-writers", "records out of order", lambda: run_of({"loss": (10 * (np.arange(100) ^ 1), ONE)}), "clear"),

    Case("duplicate-steps", "every step twice", lambda: run_of(repeated(100, 100)), "warning",
         says="100 steps (100%) of loss have more than one value (2 on average), the first at step 0; 1 of 1 curves are affected",
         steps=(0, 99), metric="loss", confidence=0.85, remedy=COUNT),
    Case("duplicate-steps", "10 points", lambda: run_of(repeated(5, 5)), "warning"),
    Case("duplicate-steps", "9 points", lambda: run_of({"loss": (np.repeat(np.arange(3), 3), RAMP[:9])}), "insufficient-data",
         says="a curve logged by step needs at least 10 points, has 9"),
    Case("duplicate-steps", "4 rows", lambda: run_of(repeated(4, 30)), "clear"),
    Case("duplicate-steps", "5 rows", lambda: run_of(repeated(5, 30)), "warning"),
    Case("duplicate-steps", "8.3% of the steps", lambda: run_of(repeated(5, 60)), "clear"),
    Case("duplicate-steps", "11% of the steps", lambda: run_of(repeated(5, 45)), "warning",
         says="5 steps (11%) of loss have more than one value (2 on average), the first at step 40; 1 of 1 curves are affected"),
    Case("duplicate-steps", "a difference of float32", lambda: run_of(repeated(100, 100, difference=0.9e-6)), "clear"),
    Case("duplicate-steps", "a difference of 1.15e-6", lambda: run_of(repeated(100, 100, difference=1.15e-6)), "warning"),
    Case("duplicate-steps", "two curves", lambda: run_of(repeated(50, 100, tag="acc") | repeated(60, 100, tag="lr") | repeated(0, 100)), "warning",
         says="60 steps (60%) of lr have more than one value (2 on average), the first at step 40; 2 of 3 curves are affected", metric="lr"),
    Case("duplicate-steps", "the loss as well", lambda: run_of(repeated(60, 100, tag="acc") | repeated(60, 100)), "warning", metric="loss", findings=1),
    Case("duplicate-steps", "by epochs", lambda: run_of(repeated(100, 100), axis="epoch"), "not-applicable", says="no training curve is logged by step"),
    Case("duplicate-steps", "short by steps", lambda: replace(run_of({}), all_curves=[
        *run_of(repeated(100, 100), axis="epoch").all_curves, *run_of({"lr": RAMP[:7]}).all_curves]), "insufficient-data",
         says="a curve logged by step needs at least 10 points, has 7"),
    Case("duplicate-steps", "the step is not counted on", lambda: run_of({"loss": (np.repeat(np.arange(5), 20), ONE)}), "warning",
         says="5 steps (100%) of loss have more than one value (20 on average), the first at step 0; 1 of 1 curves are affected"),
    Case("duplicate-steps", "the same values twice", lambda: run_of({"loss": (np.repeat(STEPS, 2), np.repeat(ONE, 2))}), "clear"),
    Case("duplicate-steps", "evaluated once more at the end", lambda: run_of({"eval_loss": (np.r_[STEPS[:20], STEPS[19]], decay(21))}), "clear"),
    Case("duplicate-steps", "appended to a table, 5 rows", lambda: appended(5, 50), "warning", findings=1, steps=(45, 49), metric="loss",
         says="5 steps (10%) of loss, 45 to 49, are in the table twice with different values: the run was started again and appended "
         "to the same file; 1 of 1 curves are affected", confidence=0.85,
         remedy="delete the rows of the first attempt from step 45 on, or give each start a file of its own"),
    Case("duplicate-steps", "appended to a table, 4 rows", lambda: appended(4, 30), "clear"),
    Case("duplicate-steps", "appended to a table, 5 of 51 steps", lambda: appended(5, 51), "clear"),
    Case("duplicate-steps", "appended to a table, the same values", lambda: appended(50, 50, difference=0.9e-6), "clear"),
    Case("duplicate-steps", "a second run in a table", lambda: appended(50, 50), "warning", steps=(0, 49)),
    Case("duplicate-steps", "a second run in a console log", lambda: appended(50, 50, format="plain-text"), "clear"),
    Case("duplicate-steps", "trained again after a restart", lambda: written((STEPS, ONE, ROWS), (STEPS[50:], OTHER[50:], ROWS[50:] + 60)), "clear"),

    Case("truncated-history", "begins in the middle", lambda: late(500), "warning",
         says="the log begins at step 500, 50 logging intervals after the beginning: the first 34% of the run is missing",
         steps=(500, 500), metric="loss", confidence=0.8, remedy=TOGETHER),
    Case("truncated-history", "10 points", lambda: late(500, points=10), "warning"),
    Case("truncated-history", "9 points", lambda: late(500, points=9), "insufficient-data", says="a curve needs at least 10 points, has 9"),
    Case("truncated-history", "8.5 intervals", lambda: late(170, interval=20), "clear"),
    Case("truncated-history", "11.5 intervals", lambda: late(230, interval=20), "warning"),
    Case("truncated-history", "1.75% of the steps", lambda: late(110, points=619), "clear"),
    Case("truncated-history", "2.25% of the steps", lambda: late(110, points=479), "warning"),
    Case("truncated-history", "78% of the distances equal", lambda: uneven(0.22, 200), "clear"),
    Case("truncated-history", "82% of the distances equal", lambda: uneven(0.18, 200), "warning"),
    Case("truncated-history", "distances 44% longer", lambda: uneven(0.3, 144), "warning"),
    Case("truncated-history", "distances 56% longer", lambda: uneven(0.3, 156), "clear"),
    Case("truncated-history", "each curve keeps its last points", lambda: run_of({
        "loss": (STEPS + 9000, decay(100)), "val_loss": (STEPS * 5 + 5000, decay(100))}), "warning", confidence=0.95,
         says="the log begins at step 5,000, 500 logging intervals after the beginning: the first 50% of the run is missing; each curve has only its last 100 points"),
    Case("truncated-history", "each curve keeps its last points, but for a short one", lambda: run_of({
        "loss": (STEPS + 9000, RAMP), "val_loss": (STEPS * 5 + 5000, RAMP), "lr": (STEPS[:5] + 9000, RAMP[:5])}), "warning", confidence=0.95),
    Case("truncated-history", "last epochs only", lambda: run_of({"loss": (np.arange(40, 60), decay(20))}, axis="epoch"), "warning",
         says="the log begins at epoch 40, 40 logging intervals after the beginning: the first 68% of the run is missing"),
    Case("truncated-history", "continues from a checkpoint", lambda: late(500, resume_from="last.ckpt"), "info",
         says="the log begins at step 500, 50 logging intervals after the beginning: the first 34% of the run is missing; "
         "the hyperparameters name a checkpoint from which it continues"),
    Case("truncated-history", "continues from no checkpoint", lambda: late(500, resume_from=None), "warning"),
    Case("truncated-history", "last points, and a checkpoint", lambda: run_of({
        "loss": (STEPS + 9000, decay(100)), "val_loss": (STEPS * 5 + 5000, decay(100))}, resume_from="last.ckpt"), "warning"),
    Case("truncated-history", "a sample that TensorBoard exported", lambda: sampled(1000), "info", confidence=0.9, steps=(10, 49990),
         says="loss has exactly 1,000 points at uneven distances: TensorBoard exported a random sample, in which spikes may be missing",
         remedy="audit the event files instead, or start TensorBoard with --samples_per_plugin scalars=0"),
    Case("truncated-history", "an export of all points", lambda: replace(late(0, points=100), format="tensorboard-csv"), "clear"),
    Case("truncated-history", "an uneven log of other length", lambda: sampled(973), "clear"),
    Case("truncated-history", "an uneven log of another format", lambda: replace(sampled(1000), format="csv-table"), "clear"),
    Case("truncated-history", "first point after one interval", lambda: late(10), "clear"),
    Case("truncated-history", "logged sparsely from the start", lambda: late(500, interval=500), "clear"),
    Case("truncated-history", "one curve starts late", lambda: run_of({"loss": (STEPS, decay(100)), "val_loss": (STEPS + 500, decay(100))}), "clear"),
    Case("truncated-history", "a table without steps", lambda: run_of({"loss": RAMP}, axis="row"), "not-applicable", says="no curve is logged by step or epoch"),
    Case("interleaved-writers", "two write every epoch", beside, "error",
         says="2 writers alternate in loss: 20 changes from one to another between epochs 0 and 39; 1 of 1 curves are affected"),
    Case("interleaved-writers", "three write every epoch", lambda: beside(writers=3), "error"),
    Case("interleaved-writers", "always in the same order", lambda: beside(swapped=0.0), "clear"),
    Case("interleaved-writers", "two values of one noisy curve", lambda: beside(0.0), "clear"),
    Case("interleaved-writers", "one misses 8% of the epochs", lambda: beside(missing=3), "error"),
    Case("interleaved-writers", "one misses 13% of the epochs", lambda: beside(missing=5), "clear"),
    Case("interleaved-writers", "one misses 9% of the epochs", lambda: beside(steps=100, missing=9), "error"),
    Case("interleaved-writers", "one misses 11% of the epochs", lambda: beside(steps=100, missing=11), "clear"),
    Case("interleaved-writers", "2.7 times as far apart as they move", lambda: beside(0.125, steps=100), "clear"),
    Case("interleaved-writers", "3.3 times as far apart as they move", lambda: beside(0.15, steps=100), "error"),
    Case("interleaved-writers", "in another order at 9% of the epochs", lambda: beside(steps=100, swapped=0.09), "clear"),
    Case("interleaved-writers", "in another order at 11% of the epochs", lambda: beside(steps=100, swapped=0.11), "error"),
    Case("truncated-run", "early stopping is likely", halted, "info"),
    Case("truncated-run", "stopped early, 8 steps later", lambda: halted(tail=8), "info"),
    Case("truncated-run", "12 steps into the next epoch", lambda: halted(tail=12), "warning"),
    Case("truncated-run", "cut in the middle of a record", lambda: halted(is_cut=True), "warning"),
]  # fmt: skip
