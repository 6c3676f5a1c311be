"""Runs that the system rules about the time of steps must find, and runs that look alike and are healthy."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..curves import Case, decay, flat, run_of, timed, with_values

if TYPE_CHECKING:
    from trainlint.parsers.run import Run

EVALUATED = np.random.default_rng(0).choice(np.arange(10, 290), 40, replace=False)
EVALUATED.sort()
SLOWER = np.interp(np.linspace(0, 3, 200), [0, 1, 2, 3], [1, 1, 2, 2])
ALTERNATE = np.arange(3, 69, 2)  # steps of evaluations in nearly every other interval


def paused(*pauses: float, points: int = 200, usual: float = 1.0) -> Run:
    """Intervals of one duration, and pauses at irregular steps."""
    return timed(with_values(np.full(points, usual), [37, 102, 150][: len(pauses)], list(pauses)))


def evaluated(duration: float, last: float) -> Run:
    """Intervals of 1 s, longer ones at each evaluation, the last of which takes longer still."""
    return timed(with_values(with_values(np.ones(300), EVALUATED, duration), EVALUATED[-1], last), evaluated=EVALUATED)


def slower(ratio: float, *, points: int = 200) -> Run:
    """Steps that take so many times as long in the last third as in the first, and something between in the second."""
    return timed(np.interp(np.linspace(0, 3, points), [0, 1, 2, 3], [1, 1, ratio, ratio]))


def jumping(ratio: float, *, points: int) -> Run:
    """Steps that take so many times as long from the middle of the run on."""
    return timed(np.where(np.arange(points) < (points + 1) // 2, 1.0, ratio))


def slower_between_evaluations(plain: int, evaluations: int) -> Run:
    """Steps that take up to three times as long, and evaluations that get shorter, in turn as long as both last."""
    is_evaluation = np.r_[False, np.tile([False, True], evaluations), np.zeros(plain - evaluations, dtype=bool)]
    ramp = np.linspace(1, 3, len(is_evaluation))
    return timed(np.where(is_evaluation, 9 / ramp, ramp), evaluated=np.flatnonzero(is_evaluation))


def simulated(run: Run) -> Run:
    """The same run as that of an agent."""
    run.task, run.task_evidence = "reinforcement", ("it is said so",)
    return run


def slow_steps(count: int, duration: float, *, points: int = 301, usual: float = 1.0) -> Run:
    """So many intervals at random steps that take longer than usual."""
    rows = np.random.default_rng(0).choice(np.arange(1, points), count, replace=False)
    return timed(usual * with_values(np.ones(points), rows, duration))


def regular_pauses(usual: float, other: float, *, noise: float = 1.0, count: int = 8) -> Run:
    """A pause every tenth step, some of another duration at random, among intervals some of which take a bit longer."""
    rng = np.random.default_rng(1)
    durations = np.where(rng.random(301) < 0.1, noise, 1.0)
    durations[10::10] = usual
    durations[10 * rng.choice(np.arange(1, 31), count, replace=False)] = other
    return timed(durations)


def growing_batches(kept: float) -> Run:
    """Steps that take twice as long at the end, beside a throughput that keeps so much of what it was."""
    return run_of({"step_time": SLOWER, "tokens_per_second": 900 * np.interp(SLOWER, [1, 2], [1, kept])})


def logged_times(
    count: int, ratio: float, *, usual: float = 1.0, points: int = 300, evaluated: np.ndarray | None = None
) -> Run:
    """Logged step times, some at regular distances a multiple of the others."""
    times = np.full(points, usual)
    times[9 :: points // count][:count] = ratio * usual
    evaluations = {} if evaluated is None else {"val_loss": (evaluated, decay(len(evaluated)))}
    return run_of({"loss": decay(points), "step_time": times, **evaluations})


CASES = [
    Case("stall", "three pauses", lambda: paused(100.0, 130.0, 110.0), "warning",
         says="3 pauses, the longest of 130 s before step 102 (the median interval takes 1 s); 337 s lost, 63% of the time",
         steps=(37, 150), metric="loss", confidence=0.9, remedy="check other jobs on the machine and its storage before step 102"),
    Case("stall", "one pause", lambda: paused(40.0, points=2000), "info",
         says="1 pause of 40 s before step 37 (the median interval takes 1 s); 39 s lost, 2% of the time"),
    Case("stall", "20 intervals", lambda: timed(with_values(np.ones(21), 9, 40.0)), "warning"),
    Case("stall", "19 intervals", lambda: timed(with_values(np.ones(20), 9, 40.0)), "insufficient-data",
         says="needs at least 20 intervals with wall times, has 19"),
    Case("stall", "no wall times", lambda: run_of({"loss": decay(100)}), "insufficient-data",
         says="needs at least 20 intervals with wall times, has 0"),
    Case("stall", "18 times as long", lambda: paused(180.0, usual=10.0), "clear"),
    Case("stall", "23 times as long", lambda: paused(230.0, usual=10.0), "warning"),
    Case("stall", "27 seconds", lambda: paused(27.0), "clear"),
    Case("stall", "33 seconds", lambda: paused(33.0), "warning"),
    Case("stall", "4.2% of the time", lambda: paused(40.0, points=890), "info"),
    Case("stall", "5.8% of the time", lambda: paused(40.0, points=632), "warning"),
    Case("stall", "500 s", lambda: paused(510.0, points=2000, usual=10.0), "info"),
    Case("stall", "700 s", lambda: paused(710.0, points=2000, usual=10.0), "warning"),
    Case("stall", "0.85% of a long time", lambda: paused(910.0, points=2400, usual=45.0), "info"),
    Case("stall", "1.15% of a long time", lambda: paused(910.0, points=1680, usual=45.0), "warning"),
    Case("stall", "checkpoints at regular steps", lambda: timed(with_values(np.full(200, 1.0), slice(19, None, 20), 60.0)), "clear"),
    Case("stall", "evaluations at irregular steps", lambda: evaluated(130.0, 130.0), "clear"),
    Case("stall", "an evaluation 18 times as long as others", lambda: evaluated(2.0, 36.0), "clear"),
    Case("stall", "an evaluation 23 times as long as others", lambda: evaluated(2.0, 46.0), "warning"),
    Case("stall", "even", lambda: timed(np.full(200, 1.0)), "clear"),
    Case("stall", "long episodes beside short ones", lambda: timed(np.tile([1.0, 1.0, 1.0, 30.0], 40), np.tile([50, 50, 50, 1500], 40)), "clear"),

    Case("slowdown", "twice as long in the last third", lambda: slower(2.0), "warning",
         says="a step takes 2 s in the last part of the run and 1 s in the first (+100%), slower from about step 90 on",
         steps=(90, 199), metric="loss", confidence=0.88, remedy="look for tensors that are kept: log loss.item(), detach tensors that go into lists"),
    Case("slowdown", "60 intervals, 40% longer", lambda: slower(1.4, points=61), "warning"),
    Case("slowdown", "59 intervals, 40% longer", lambda: slower(1.4, points=60), "insufficient-data",
         says="no steep rise in 59 intervals; that there is none takes 60"),
    Case("slowdown", "15 epochs, twice as long from the middle on", lambda: jumping(2.2, points=16), "warning",
         says="a step takes 2.2 s in the last part of the run and 1 s in the first (+120%), slower from about step 8 on"),
    Case("slowdown", "14 epochs, twice as long from the middle on", lambda: jumping(2.2, points=15), "insufficient-data",
         says="needs at least 15 intervals of equal length with wall times, or as many logged step times, has 14"),
    Case("slowdown", "20 epochs, 55% longer", lambda: jumping(1.55, points=21), "warning"),
    Case("slowdown", "20 epochs, 45% longer", lambda: jumping(1.45, points=21), "insufficient-data"),
    Case("slowdown", "20 epochs, one of the last as fast as before", lambda: timed(with_values(np.repeat([1.0, 2.0], [10, 11]), 18, 1.0)), "insufficient-data"),
    Case("slowdown", "a logged step time grows", lambda: run_of({"loss": decay(60), "step_time": np.linspace(31, 1400, 60)}), "warning",
         says="step_time goes from 226 in the first part of the run to 1,272 in the last: a step takes 5.64 times as long, slower from about step 21 on"),
    Case("slowdown", "the throughput falls", lambda: run_of({"loss": decay(60), "tokens_per_sec": np.linspace(9000, 4500, 60)}), "warning"),
    Case("slowdown", "the throughput rises", lambda: run_of({"loss": decay(60), "tokens_per_sec": np.linspace(4500, 9000, 60)}), "clear"),
    Case("slowdown", "a logged MFU falls", lambda: run_of({"loss": decay(200), "mfu": 0.4 / SLOWER}), "warning", metric="mfu"),
    Case("slowdown", "seconds of equal intervals", lambda: run_of({"loss": decay(200), "time(s)": np.tile([1.0, 1.05], 100) * SLOWER}), "warning"),
    Case("slowdown", "a clock that runs on", lambda: run_of({"loss": decay(200), "time(s)": np.cumsum(SLOWER)}), "insufficient-data"),
    Case("slowdown", "the throughput falls by 8%, as batches grow", lambda: growing_batches(0.92), "clear"),
    Case("slowdown", "the throughput falls by 12%, as batches grow", lambda: growing_batches(0.88), "warning"),
    Case("slowdown", "17% longer", lambda: slower(1.17), "clear"),
    Case("slowdown", "23% longer", lambda: slower(1.23), "warning"),
    Case("slowdown", "44 intervals without an evaluation", lambda: slower_between_evaluations(44, 33), "warning"),
    Case("slowdown", "36 intervals without an evaluation", lambda: slower_between_evaluations(36, 33), "clear"),
    Case("slowdown", "gradually", lambda: timed(np.linspace(1.0, 2.0, 200) * flat(200, 1.0, noise=0.1)), "warning"),
    Case("slowdown", "80% longer in a simulator", lambda: simulated(slower(1.8)), "info"),
    Case("slowdown", "120% longer in a simulator", lambda: simulated(slower(2.2)), "warning"),
    Case("slowdown", "even", lambda: timed(flat(200, 1.0, noise=0.1)), "clear"),
    Case("slowdown", "compilation at the start", lambda: timed(with_values(flat(200, 1.0, noise=0.1), slice(0, 4), 50.0)), "clear"),

    Case("step-time-outliers", "ten times 8 s", lambda: slow_steps(10, 8.0), "warning",
         says="10 of 300 intervals take more than 3 times as long as the median and cost 70 s, 19% of the time; the slowest ends at step 5",
         steps=(5, 248), metric="loss", confidence=0.85, remedy="profile a few hundred steps: compare the time waiting for data with the compute time"),
    Case("step-time-outliers", "50 intervals", lambda: slow_steps(5, 8.0, points=51), "warning"),
    Case("step-time-outliers", "49 intervals", lambda: slow_steps(5, 8.0, points=50), "insufficient-data",
         says="needs at least 50 intervals of equal length with wall times, has 49"),
    Case("step-time-outliers", "2.7 times as long", lambda: slow_steps(30, 2.7), "clear"),
    Case("step-time-outliers", "3.4 times as long", lambda: slow_steps(30, 3.4), "warning"),
    Case("step-time-outliers", "4.7% of the time", lambda: slow_steps(7, 8.0, points=1001), "clear"),
    Case("step-time-outliers", "5.3% of the time", lambda: slow_steps(8, 8.0, points=1001), "warning"),
    Case("step-time-outliers", "8 s", lambda: slow_steps(10, 9.0, usual=0.1), "clear"),
    Case("step-time-outliers", "11 s", lambda: slow_steps(14, 9.0, usual=0.1), "warning"),
    Case("step-time-outliers", "at random, of which some are far longer", lambda: timed(np.where(np.random.default_rng(0).random(300) < 0.1, 8.0, 1.0)), "warning"),
    Case("step-time-outliers", "every tenth in turn", lambda: timed(with_values(np.full(300, 1.0), slice(9, None, 10), 8.0)), "clear"),
    Case("step-time-outliers", "every tenth, some 1.7 times as long as usual", lambda: regular_pauses(3.3, 1.7, count=15), "clear"),
    Case("step-time-outliers", "every tenth, beside intervals of 1.3 s", lambda: regular_pauses(3.3, 1.7, noise=1.3, count=15), "clear"),
    Case("step-time-outliers", "every tenth, some 1.8 times as long as the others", lambda: regular_pauses(5.0, 9.0), "clear"),
    Case("step-time-outliers", "every tenth, some 2.3 times as long as the others", lambda: regular_pauses(5.0, 11.5), "warning"),
    Case("step-time-outliers", "long pauses in turn among short ones", lambda: timed(
        with_values(np.where(np.random.default_rng(0).random(400) < 0.1, 2.0, 1.0), slice(24, None, 25), 7.0)), "clear"),
    Case("step-time-outliers", "after each evaluation", lambda: timed(with_values(np.full(300, 1.0), EVALUATED + 1, 8.0), evaluated=EVALUATED), "clear"),
    Case("step-time-outliers", "before each evaluation", lambda: timed(with_values(np.full(300, 1.0), EVALUATED, 8.0), evaluated=EVALUATED), "clear"),
    Case("step-time-outliers", "logged steps, every tenth slow", lambda: logged_times(30, 8.0), "warning", findings=1, metric="step_time",
         says="30 of 300 logged steps take more than 3 times as long as the median and cost 210 s, 41% of the time; the slowest ends at step 9"),
    Case("step-time-outliers", "logged steps with an evaluation", lambda: logged_times(30, 8.0, evaluated=np.arange(9, 300, 10)), "clear"),
    Case("step-time-outliers", "logged steps of 2.7 times", lambda: logged_times(30, 2.7), "clear"),
    Case("step-time-outliers", "logged steps, 4.8% of the time", lambda: logged_times(2, 8.6), "clear"),
    Case("step-time-outliers", "logged steps, 5.3% of the time", lambda: logged_times(2, 9.4), "warning"),
    Case("step-time-outliers", "logged steps, 9 s", lambda: logged_times(30, 4.0, usual=0.1), "clear"),
    Case("step-time-outliers", "logged steps, 11 s", lambda: logged_times(30, 4.7, usual=0.1), "warning"),
    Case("step-time-outliers", "50 logged steps", lambda: logged_times(5, 8.0, points=50), "warning"),
    Case("step-time-outliers", "49 logged steps", lambda: logged_times(4, 8.0, points=49), "insufficient-data"),
    Case("step-time-outliers", "logged steps of the validation", lambda: run_of({"loss": decay(300), "val/step_time": np.resize(np.r_[np.ones(9), 8.0], 300)}), "insufficient-data"),
    Case("step-time-outliers", "three long pauses", lambda: paused(100.0, 130.0, 110.0), "warning"),
]  # fmt: skip
