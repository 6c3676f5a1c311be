"""Runs that were interrupted, and did not continue as they should (BAD) or did (GOOD)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from trainlint.parsers.meaning.resolve import resolve
from trainlint.parsers.run import Meaning, Run

from ..curves import Case, decay, flat, run_of, timed, with_values, written

WHOLE = decay(100)
FALLING = np.geomspace(1.0, 0.5, 100)


def resumed(before: np.ndarray, after: np.ndarray, *, rewind: int = 0, hole: int = 0, pause: float = 100.0) -> Run:
    """A training that continued in a second file, some points back or ahead of where the first one ends."""
    start = len(before) - rewind + hole
    first = (10 * np.arange(len(before)), before, np.arange(len(before)))
    return written(first, (10 * (start + np.arange(len(after))), after, len(before) + pause + np.arange(len(after))))


def raised(rise: float, *, before: int = 60, after: int = 40, noise: float = 0.0, seed: int = 0) -> Run:
    """A level loss that is higher by a share after a restart."""
    levels = flat(before + after, 1.0, noise=noise, seed=seed) * np.r_[np.ones(before), np.full(after, 1 + rise)]
    return resumed(levels[:before], levels[before:])


def with_rates(run: Run, before: np.ndarray, after: np.ndarray) -> Run:
    """The same with a learning rate beside the loss."""
    (loss,) = run.all_curves
    rate = replace(loss, tag="lr", value=np.concatenate((before, after)), meaning=Meaning())
    return replace(run, all_curves=resolve([replace(loss, meaning=Meaning()), rate]))


def trained_twice(ratio: float) -> Run:
    """Ten steps that are trained again after a restart, with a learning rate that differs."""
    return with_rates(resumed(FALLING[:60], FALLING[50:], rewind=10), np.full(60, 1e-3), np.full(50, 1e-3 * ratio))


def rates(*ratios: tuple[int, float]) -> Run:
    """A learning rate that falls, is multiplied at some points, and a restart at point 60."""
    rate = np.geomspace(1e-2, 1e-3, 100)
    for row, ratio in ratios:
        rate[row:] *= ratio
    return with_rates(resumed(FALLING[:60], FALLING[60:]), rate[:60], rate[60:])


def timed_with_rates(durations: np.ndarray, values: np.ndarray) -> Run:
    """A training loss and a learning rate, and how many seconds each step took."""
    (loss,) = timed(durations).all_curves
    return replace(
        Run("run", "run", "test"), all_curves=resolve([loss, replace(loss, tag="lr", value=values, meaning=Meaning())])
    )


def interrupted(*pauses: float, usual: float = 1.0) -> Run:
    """Pauses in a log, and a learning rate that doubles at the first of them."""
    durations = with_values(np.full(100, usual), [60, 70, 83][: len(pauses)], list(pauses))
    return timed_with_rates(durations, np.r_[np.geomspace(1e-3, 5e-4, 60), np.full(40, 1e-3)])


def restarted(kept: float, *, descent: float = 4.0, points: int = 50, sessions: int = 2) -> Run:
    """Steps that start again, each time with a loss that kept a share of its descent."""
    level = np.geomspace(descent, 1.0, points)
    level[:4], level[-8:] = descent, 1.0
    new = np.full(points, descent ** (1 - kept))
    steps = 10 * np.arange(points)
    return written(*((steps, new if i else level, i * (points + 100.0) + np.arange(points)) for i in range(sessions)))


RESTORE = "save and restore the optimizer, the schedule and the step counter along with the model"


def shifted(rise=3.0, *, by=2, shifts=1, interval=8, gaps=0) -> Run:
    """A level loss, logged every few steps, that is so many times as high where the grid of steps is another.

    So many points before that, each between two others, are not logged.
    """
    steps = interval * np.arange(120)
    for i in range(shifts):
        steps[60 + 10 * i :] += by
    loss = np.r_[np.full(60, 1.0), np.full(60, rise)] * flat(120, 1.0, noise=0.02)
    lost = 2 + 4 * np.arange(gaps)
    return run_of({"loss": (np.delete(steps, lost), np.delete(loss, lost))})


CASES = [
    Case("resume-discontinuity", "the loss is higher by a half", lambda: raised(0.5), "warning", findings=1,
         says="at the restart at step 600, loss rises from 1 to 1.5 (+50%, medians of up to 10 points)", steps=(600, 600), metric="loss", confidence=0.85, remedy=RESTORE),
    Case("resume-discontinuity", "by 4.4%", lambda: raised(0.044), "clear"),
    Case("resume-discontinuity", "by 5.6%", lambda: raised(0.056), "warning"),
    Case("resume-discontinuity", "by 5.1 standard errors", lambda: raised(0.2, noise=0.05, seed=9), "clear"),
    Case("resume-discontinuity", "by 6.9 standard errors", lambda: raised(0.3, noise=0.05, seed=8), "warning"),
    Case("resume-discontinuity", "8 points before", lambda: raised(0.5, before=8), "warning"),
    Case("resume-discontinuity", "7 points before", lambda: raised(0.5, before=7), "clear"),
    Case("resume-discontinuity", "4 points after", lambda: raised(0.5, after=4), "warning"),
    Case("resume-discontinuity", "3 points after", lambda: raised(0.5, after=3), "clear"),
    Case("resume-discontinuity", "it rose as much before", lambda: resumed(np.r_[FALLING[:30], 1.2 * FALLING[30:60]], 1.4 * FALLING[60:]), "clear"),
    Case("resume-discontinuity", "it rose less before", lambda: resumed(np.r_[FALLING[:30], 1.1 * FALLING[30:60]], 1.5 * FALLING[60:]), "warning"),
    Case("resume-discontinuity", "a loss of both signs", lambda: resumed(FALLING[:60] - 0.8, FALLING[60:] + 0.5), "clear"),
    Case("resume-discontinuity", "a validation loss alone", lambda: replace(raised(0.5), all_curves=resolve(
        [replace(raised(0.5).all_curves[0], tag="val_loss", meaning=Meaning())])), "clear"),
    Case("resume-discontinuity", "state of the optimizer lost", lambda: resumed(decay(100), np.r_[decay(30, start=0.6, end=0.12), flat(50, 0.1)]), "warning"),
    Case("resume-discontinuity", "two restarts, the second worse", lambda: written(
        (np.arange(60), np.ones(60), np.arange(60)), (np.arange(60, 120), np.full(60, 1.2), np.arange(200, 260)),
        (np.arange(120, 180), np.full(60, 2.0), np.arange(400, 460))), "warning",
         says="at the restart at step 60, loss rises from 1 to 1.2 (+20%, medians of up to 10 points); 2 restarts are discontinuous"),

    Case("resume-discontinuity", "a learning rate 12% higher for the same steps", lambda: trained_twice(1.12), "warning", confidence=0.9,
         says="at the restart at step 500, lr changes from 0.001 to 0.00112 for the same step"),
    Case("resume-discontinuity", "a learning rate 8% higher for the same steps", lambda: trained_twice(1.08), "clear"),
    Case("resume-discontinuity", "a learning rate a third lower for the same steps", lambda: trained_twice(0.67), "warning"),
    Case("resume-discontinuity", "a learning rate that was zero for the same steps", lambda: with_rates(
        resumed(FALLING[:60], FALLING[50:], rewind=10), np.zeros(60), np.full(50, 1e-3)), "clear"),
    Case("resume-discontinuity", "another rate for the same steps, on a schedule", lambda: with_rates(
        resumed(WHOLE[:60], WHOLE[50:], rewind=10), np.linspace(1e-3, 4e-4, 60), np.linspace(1e-3, 5e-4, 50)), "warning"),
    Case("resume-discontinuity", "the learning rate doubles", lambda: rates((60, 2.0)), "warning", confidence=0.9,
         says="at the restart at step 600, lr changes from 0.00254 to 0.00495"),
    Case("resume-discontinuity", "the learning rate rises by 12%", lambda: rates((60, 1.12 * 10 ** (1 / 99))), "warning"),
    Case("resume-discontinuity", "the learning rate rises by 8%", lambda: rates((60, 1.08 * 10 ** (1 / 99))), "clear"),
    Case("resume-discontinuity", "it rises by 44% of that elsewhere", lambda: rates((60, 2.0), (30, 2.0**0.44)), "warning"),
    Case("resume-discontinuity", "it rises by 56% of that elsewhere", lambda: rates((60, 2.0), (30, 2.0**0.58)), "clear"),
    Case("resume-discontinuity", "the learning rate is lowered", lambda: rates((60, 0.1)), "clear"),
    Case("resume-discontinuity", "the learning rate and the loss", lambda: with_rates(raised(0.5), np.full(60, 1e-3), np.full(40, 2e-3)), "warning",
         says="at the restart at step 600, lr changes from 0.001 to 0.002, and loss rises from 1 to 1.5 (+50%, medians of up to 10 points)", findings=1),

    Case("resume-discontinuity", "6 intervals without steps", lambda: resumed(FALLING[:50], FALLING[50:], hole=5), "warning", confidence=0.8,
         says="at the restart at step 550, the steps between 490 and 550 are missing"),
    Case("resume-discontinuity", "4 intervals without steps", lambda: resumed(FALLING[:50], FALLING[50:], hole=3), "clear"),
    Case("resume-discontinuity", "6 steps without a point, each logged", lambda: written(
        (np.arange(50), FALLING[:50], np.arange(50)), (np.arange(55, 105), FALLING[50:], np.arange(200, 250))), "warning"),

    Case("resume-discontinuity", "a pause of 23 times the usual", lambda: interrupted(230.0, usual=10.0), "warning",
         says="after a pause of 230 s at step 60, lr changes from 0.0005 to 0.001"),
    Case("resume-discontinuity", "a pause of 18 times the usual", lambda: interrupted(180.0, usual=10.0), "not-applicable", says="the log shows no restart"),
    Case("resume-discontinuity", "a pause of 33 s", lambda: interrupted(33.0), "warning"),
    Case("resume-discontinuity", "a pause of 27 s", lambda: interrupted(27.0), "not-applicable"),
    Case("resume-discontinuity", "two pauses", lambda: interrupted(100.0, 100.0), "warning"),
    Case("resume-discontinuity", "three pauses", lambda: interrupted(100.0, 100.0, 100.0), "not-applicable"),
    Case("resume-discontinuity", "a pause over many steps", lambda: timed(
        with_values(np.ones(100), 60, 5000.0), with_values(np.ones(100, dtype=int), 60, 20).astype(int)), "clear"),
    Case("resume-discontinuity", "a pause at the end of a cycle of the rate", lambda: timed_with_rates(
        with_values(np.ones(100), 50, 5000.0), np.tile(np.geomspace(1e-3, 1e-4, 25), 4)), "clear"),

    Case("resume-discontinuity", "steps start again, 56% of the descent kept", lambda: restarted(0.56), "warning", confidence=0.8,
         says="at the restart at step 0, the step counter starts again, but loss continues at 1.84 (at 1 before the restart, at 4 in the new model)"),
    Case("resume-discontinuity", "steps start again, 44% of the descent kept", lambda: restarted(0.44), "clear"),
    Case("resume-discontinuity", "a descent to 1 from 1.35", lambda: restarted(1.0, descent=1.35), "warning"),
    Case("resume-discontinuity", "a descent to 1 from 1.1", lambda: restarted(1.0, descent=1.1), "clear"),
    Case("resume-discontinuity", "17 points each time", lambda: restarted(1.0, points=17), "warning"),
    Case("resume-discontinuity", "14 points each time", lambda: restarted(1.0, points=14), "clear"),
    Case("resume-discontinuity", "steps start again 2 times", lambda: restarted(1.0, sessions=3), "warning"),
    Case("resume-discontinuity", "steps start again 3 times", lambda: restarted(1.0, sessions=4), "info"),
    Case("resume-discontinuity", "an accuracy by steps that start again", lambda: replace(restarted(1.0), all_curves=resolve(
        [replace(restarted(1.0).all_curves[0], tag="acc", meaning=Meaning())])), "clear"),
    Case("resume-discontinuity", "a loss with a zero, by steps that start again", lambda: resumed(
        with_values(WHOLE[:60], 30, 0.0), WHOLE[60:], rewind=60), "clear"),
    Case("resume-discontinuity", "steps counted in each epoch", lambda: run_of({"loss": (np.tile(np.arange(50), 6), decay(300))}), "info"),

    Case("resume-discontinuity", "continues", lambda: with_rates(
        resumed(WHOLE[:60], WHOLE[50:], rewind=10), np.linspace(1e-3, 4e-4, 60), np.linspace(5e-4, 1e-5, 50)), "clear"),
    Case("resume-discontinuity", "trained again from the start", lambda: resumed(decay(100), decay(100, seed=1), rewind=100), "clear"),
    Case("resume-discontinuity", "a single spike after the restart", lambda: resumed(WHOLE[:60], with_values(WHOLE[60:], 1, 3.0)), "clear"),
    Case("resume-discontinuity", "no restart", lambda: run_of({"loss": decay(100)}), "not-applicable"),
    Case("resume-discontinuity", "epochs that start again", lambda: run_of({"loss": (np.tile(np.arange(50), 6), decay(300))}, axis="epoch"), "not-applicable"),
    Case("resume-discontinuity", "an accuracy with more points", lambda: replace(raised(0.5), all_curves=[
        *run_of({"train_acc": np.linspace(0, 1, 200)}).all_curves, *raised(0.5).all_curves]), "warning", metric="loss"),
    Case("resume-discontinuity", "no steps", lambda: run_of({"loss": decay(100)}, axis="epoch"), "not-applicable"),
    Case("resume-discontinuity", "logging starts anew elsewhere", shifted, "warning",
         says="where logging starts anew, at step 482, loss rises from 1 to 3 (+199%, medians of up to 10 points)"),
    Case("resume-discontinuity", "steps are missing", lambda: shifted(by=8), "not-applicable"),
    Case("resume-discontinuity", "2 new grids", lambda: shifted(shifts=2), "warning"),
    Case("resume-discontinuity", "3 new grids", lambda: shifted(shifts=3), "not-applicable"),
    Case("resume-discontinuity", "the loss goes on", lambda: shifted(1.0), "clear"),
    Case("resume-discontinuity", "91% of the distances are alike", lambda: shifted(gaps=9), "warning"),
    Case("resume-discontinuity", "89% of the distances are alike", lambda: shifted(gaps=11), "not-applicable"),
]  # fmt: skip
