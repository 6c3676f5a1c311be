"""Runs that the log integrity rules must find, and runs that look alike and are healthy."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from trainlint.parsers.meaning.resolve import resolve
from trainlint.parsers.run import Meaning, Run

from .curves import Case, decay, flat, run_of, timed, with_values, written

STEPS = np.arange(100) * 10
ONE, OTHER = decay(100, seed=1), decay(100, seed=2)
ROWS = np.arange(100)
WHOLE = decay(100)


def resumed(before: np.ndarray, after: np.ndarray, *, rewind: int = 0, hole: int = 0, pause: float = 100.0) -> Run:
    """A training that went on in a second file, some points back or ahead of where the first one ends."""
    start = len(before) - rewind + hole
    first = (10 * np.arange(len(before)), before, np.arange(len(before)))
    return written(first, (10 * (start + np.arange(len(after))), after, len(before) + pause + np.arange(len(after))))


def with_rates(run: Run, before: np.ndarray, after: np.ndarray) -> Run:
    """The same with a learning rate beside the loss."""
    (loss,) = run.all_curves
    rate = replace(loss, tag="lr", value=np.concatenate((before, after)), meaning=Meaning())
    return replace(run, all_curves=resolve([replace(loss, meaning=Meaning()), rate]))


def sampled(points: int) -> Run:
    """What TensorBoard keeps of 5,000 points, as its download button writes it."""
    steps = 10 * np.sort(np.random.default_rng(0).choice(5000, points, replace=False))
    return replace(run_of({"loss": (steps, decay(points))}), format="tensorboard-csv")


def timed_with_rates(durations: np.ndarray, rates: np.ndarray) -> Run:
    """A training loss and a learning rate of which each step took so many seconds."""
    (loss,) = timed(durations).all_curves
    return replace(
        Run("run", "run", "test"), all_curves=resolve([loss, replace(loss, tag="lr", value=rates, meaning=Meaning())])
    )


def in_turns(*, lag: int = 0) -> np.ndarray:
    """Steps of two processes that append to one file in turn, the second some steps behind."""
    return np.stack((STEPS + 10 * lag, STEPS), axis=1).ravel()


CASES = [
    Case("truncated-run", "half of the steps", lambda: run_of({"loss": (STEPS, decay(100))}, max_steps=2000), "warning"),
    Case("truncated-run", "last logging interval missing", lambda: run_of({"loss": (STEPS, decay(100))}, max_steps=1000), "clear"),
    Case("truncated-run", "epochs from zero", lambda: run_of({"loss": decay(20)}, axis="epoch", epochs=20), "clear"),
    Case("truncated-run", "early stopping", lambda: run_of({"loss": decay(20), "val_loss": np.r_[decay(15), flat(5, 0.5)]}, axis="epoch", epochs=100), "info"),
    Case("truncated-run", "cut record", lambda: run_of({"loss": decay(20)}, is_cut=True), "warning"),
    Case("truncated-run", "a cut record is no early stopping", lambda: run_of({"loss": decay(20), "val_loss": np.r_[decay(15), flat(5, 0.5)]}, is_cut=True), "warning"),
    Case("truncated-run", "no plan", lambda: run_of({"loss": decay(20)}), "not-applicable"),

    Case("interleaved-writers", "two event files at one time", lambda: written((STEPS, ONE, ROWS), (STEPS, OTHER, ROWS + 0.5)), "error"),
    Case("interleaved-writers", "the second one joins later", lambda: written((STEPS, ONE, ROWS), (STEPS[:60], OTHER[:60], ROWS[:60] + 40.5)), "error"),
    Case("interleaved-writers", "two processes append to one file", lambda: run_of({"loss": (in_turns(lag=7), np.stack((ONE, OTHER), axis=1).ravel())}), "error"),
    Case("interleaved-writers", "steps that go back too often for an axis", lambda: run_of({
        "step": in_turns(lag=7), "loss": np.stack((ONE, OTHER), axis=1).ravel()}, axis="row"), "error"),
    Case("interleaved-writers", "four ranks, some steps apart", lambda: run_of({
        "loss": (np.stack([STEPS + 10 * lag for lag in (0, 9, 4, 6)], axis=1).ravel(), decay(400))}), "error"),
    Case("interleaved-writers", "a restart", lambda: written((STEPS, ONE, ROWS), (STEPS[50:], OTHER[50:], ROWS[50:] + 60)), "clear"),
    Case("interleaved-writers", "a restart after the clock was set back", lambda: written((STEPS[:60], ONE[:60], ROWS[:60]), (STEPS[50:], OTHER[50:], ROWS[50:] - 40)), "clear"),
    Case("interleaved-writers", "trained again from the start", lambda: written((STEPS, ONE, ROWS), (STEPS, OTHER, ROWS + 200)), "clear"),
    Case("interleaved-writers", "a copy of the log", lambda: written((STEPS, ONE, ROWS), (STEPS, ONE, ROWS)), "clear"),
    Case("interleaved-writers", "batches counted in each epoch", lambda: run_of({"loss": (np.tile(np.arange(25), 20), decay(500))}), "clear"),
    Case("interleaved-writers", "two counters of one process", lambda: run_of({
        "loss": (np.stack((STEPS + 50, ROWS), axis=1).ravel(), np.stack((ONE, OTHER), axis=1).ravel())}), "clear"),
    Case("interleaved-writers", "records out of order", lambda: run_of({"loss": (10 * (np.arange(100) ^ 1), ONE)}), "clear"),

    Case("duplicate-steps", "every rank logs", lambda: run_of({"loss": (np.repeat(STEPS, 2), np.stack((ONE, OTHER), axis=1).ravel())}), "warning"),
    Case("duplicate-steps", "the step is not counted on", lambda: run_of({"loss": (np.repeat(np.arange(5), 20), ONE)}), "warning"),
    Case("duplicate-steps", "the same values twice", lambda: run_of({"loss": (np.repeat(STEPS, 2), np.repeat(ONE, 2))}), "clear"),
    Case("duplicate-steps", "evaluated once more at the end", lambda: run_of({"eval_loss": (np.r_[STEPS[:20], STEPS[19]], decay(21))}), "clear"),
    Case("duplicate-steps", "trained again after a restart", lambda: written((STEPS, ONE, ROWS), (STEPS[50:], OTHER[50:], ROWS[50:] + 60)), "clear"),

    Case("truncated-history", "begins in the middle", lambda: run_of({"loss": (STEPS + 500, decay(100))}), "warning"),
    Case("truncated-history", "each curve keeps its last points", lambda: run_of({
        "loss": (STEPS + 9000, decay(100)), "val_loss": (STEPS * 5 + 5000, decay(100))}), "warning"),
    Case("truncated-history", "last epochs only", lambda: run_of({"loss": (np.arange(40, 60), decay(20))}, axis="epoch"), "warning"),
    Case("truncated-history", "goes on from a checkpoint", lambda: run_of({"loss": (STEPS + 500, decay(100))}, resume_from="last.ckpt"), "info"),
    Case("truncated-history", "a sample that TensorBoard exported", lambda: sampled(1000), "info"),
    Case("truncated-history", "an uneven log of other length", lambda: sampled(973), "clear"),
    Case("truncated-history", "first point after one interval", lambda: run_of({"loss": (STEPS + 10, decay(100))}), "clear"),
    Case("truncated-history", "logged sparsely from the start", lambda: run_of({"loss": (STEPS * 50 + 500, decay(100))}), "clear"),
    Case("truncated-history", "one curve starts late", lambda: run_of({"loss": (STEPS, decay(100)), "val_loss": (STEPS + 500, decay(100))}), "clear"),

    Case("resume-discontinuity", "state of the optimizer lost", lambda: resumed(decay(100), np.r_[decay(30, start=0.6, end=0.12), flat(50, 0.1)]), "warning"),
    Case("resume-discontinuity", "another rate for the same steps", lambda: with_rates(
        resumed(WHOLE[:60], WHOLE[50:], rewind=10), np.linspace(1e-3, 4e-4, 60), np.linspace(1e-3, 5e-4, 50)), "warning"),
    Case("resume-discontinuity", "the warm-up starts anew after a pause", lambda: timed_with_rates(
        with_values(np.ones(100), 60, 5000.0), np.r_[np.geomspace(1e-3, 5e-4, 60), np.full(40, 1e-3)]), "warning"),
    Case("resume-discontinuity", "steps are missing", lambda: resumed(WHOLE[:50], WHOLE[50:], hole=20), "warning"),
    Case("resume-discontinuity", "steps counted from the beginning", lambda: resumed(WHOLE[:60], WHOLE[60:], rewind=60), "warning"),
    Case("resume-discontinuity", "steps counted in each epoch", lambda: run_of({"loss": (np.tile(np.arange(50), 6), decay(300))}), "info"),
    Case("resume-discontinuity", "goes on", lambda: with_rates(
        resumed(WHOLE[:60], WHOLE[50:], rewind=10), np.linspace(1e-3, 4e-4, 60), np.linspace(5e-4, 1e-5, 50)), "clear"),
    Case("resume-discontinuity", "trained again from the start", lambda: resumed(decay(100), decay(100, seed=1), rewind=100), "clear"),
    Case("resume-discontinuity", "a single spike behind the restart", lambda: resumed(WHOLE[:60], with_values(WHOLE[60:], 1, 3.0)), "clear"),
    Case("resume-discontinuity", "a pause at the end of a cycle of the rate", lambda: timed_with_rates(
        with_values(np.ones(100), 50, 5000.0), np.tile(np.geomspace(1e-3, 1e-4, 25), 4)), "clear"),
    Case("resume-discontinuity", "no restart", lambda: run_of({"loss": decay(100)}), "not-applicable"),
]  # fmt: skip
