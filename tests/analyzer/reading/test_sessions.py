"""Several sessions in one log: resumes, continuations, repetitions, and unrelated trainings."""

import json

import numpy as np
import pytest

from trainlint.analyzer.reading.discover import discover
from trainlint.analyzer.reading.read import read_group
from trainlint.analyzer.reading.sessions import resolve_sessions
from trainlint.parsers.run import Curve, Meaning, Run

from . import loggers

LOSS = Meaning("loss", "train")


def run(*curves):
    return Run("r", "/runs/r", "csv-table", all_curves=list(curves))


@pytest.mark.parametrize(
    ("steps", "said"),
    [
        ([*range(30)], None),
        ([*range(30), *range(30)], "contains 2 sessions, each from the first step: session 2 with 30 points"),
        (
            [*range(30), *range(10)],
            "session 1 with 30 points of loss is judged, 10 points of the other sessions are not",
        ),
        ([*range(5), *range(8), *range(9)], "contains 3 sessions"),
        ([0, *range(30)], None),  # broken off at once
        ([*range(30), *range(20, 40)], "resumes at step 20: 10 points of loss that were logged before from there on"),
        ([*range(30), *range(30, 40)], None),
    ],
)
def test_sessions_are_noted(steps, said):
    one = run(Curve.build("loss", steps, np.ones(len(steps)), meaning=LOSS))
    assert resolve_sessions(one) == [one]
    assert [said in note.message for note in one.notes] == ([True] if said else [])


def test_a_note_says_where():
    one = run(Curve.build("loss", [*range(30), *range(30), *range(30)], np.ones(90), meaning=LOSS))
    resolve_sessions(one)
    assert [note.where for note in one.notes] == ["loss, point 31, 61"]


def falling(first, last, points, seed):
    """A loss with a noise of 1 %, float64 [points]."""
    noise = np.random.default_rng(seed).normal(1, 0.01, points)
    return (last + (first - last) * np.exp(-np.arange(points) / (points / 3))) * noise


WHOLE = falling(2.3, 0.3, 60, 1)
# by kind: the first step and the loss of each session, and the first and last step of each run that it becomes
KINDS = {
    "repetition": ([(0, falling(2.3, 0.5, 30, 1)), (0, falling(2.3, 0.5, 30, 2))], [(0, 29)]),
    "continuation": ([(0, WHOLE[:30]), (0, WHOLE[30:])], [(0, 59)]),
    "resume": ([(0, WHOLE[:35]), (30, WHOLE[30:])], [(0, 59)]),
    "unrelated": ([(0, falling(2.3, 0.5, 30, 1)), (0, falling(80, 35, 40, 2))], [(0, 29), (0, 39)]),
    "three": ([(0, falling(2.3, 0.5, 30, 1)), (0, falling(80, 35, 40, 2)), (0, falling(2.3, 0.5, 20, 3))],
              [(0, 29), (0, 39), (0, 19)]),
}  # fmt: skip


def rows_of(sessions):
    for first, loss in sessions:
        for i, value in enumerate(loss):
            yield first + i, round(float(value), 5), round(1.1 * float(value), 5)


def csv(folder, sessions):
    rows = "".join(f"{step},{loss},{val}\n" for step, loss, val in rows_of(sessions))
    (folder / "log.csv").write_text(f"epoch,loss,val_loss\n{rows}")


def csv_with_headers(folder, sessions):
    csv(folder, sessions[:1])
    text = (folder / "log.csv").read_text()
    for session in sessions[1:]:
        csv(folder, [session])
        text += (folder / "log.csv").read_text()
    (folder / "log.csv").write_text(text)


def json_lines(folder, sessions):
    rows = (json.dumps({"epoch": step, "loss": loss, "val_loss": val}) for step, loss, val in rows_of(sessions))
    (folder / "log.jsonl").write_text("\n".join(rows) + "\n")


def console(folder, sessions):
    rows = (f"epoch {step}: loss {loss:.4f} val_loss {val:.4f}\n" for step, loss, val in rows_of(sessions))
    (folder / "train.log").write_text("".join(rows))


def events(folder, sessions):
    for number, (first, loss) in enumerate(sessions):
        steps = range(first, first + len(loss))
        loggers._events(
            folder, {"loss": (steps, loss), "val_loss": (steps, 1.1 * loss)}, f"events.out.tfevents.{number}.h"
        )


def read(root):
    found = discover([root])
    return [one for group in found.groups for one in read_group(group, found.root, strict=True)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "write", [csv, csv_with_headers, json_lines, console, events], ids=lambda write: write.__name__
)
def test_no_session_is_dropped_silently(tmp_path, write, kind):
    sessions, expected = KINDS[kind]
    folder = tmp_path / "root" / "r"
    folder.mkdir(parents=True)
    write(folder, sessions)
    runs = read(tmp_path / "root")
    points = [curve.step for one in runs for curve in one.curves("loss", "train")]
    assert sum(map(len, points)) == sum(len(loss) for _, loss in sessions)
    if write is console and kind == "repetition":  # complete trainings in a text are runs of their own
        assert len(runs) == 2
        return
    if write is not console or kind != "continuation":
        assert [(int(step.min()), int(step.max())) for step in points] == expected
        assert [one.name for one in runs] == ["r", *(f"r/session-{i + 2}" for i in range(len(runs) - 1))]
        assert all(any(note.where.startswith("loss, point 3") for note in one.notes) for one in runs)


@pytest.mark.parametrize(
    ("before", "start", "runs"),
    [
        pytest.param((2.3, 0.5), 2.3, 1, id="as the first"),
        pytest.param((2.3, 0.5), 4.3, 1, id="less than twice its highest"),
        pytest.param((2.3, 0.5), 5.0, 2, id="beyond twice its highest, farther than its range"),
        pytest.param((9.0, 0.5), 19.0, 2, id="beyond its range, though not in ratio"),
        pytest.param((9.0, 0.5), 17.0, 1, id="within its range above it"),
        pytest.param((2.3, 0.5), 0.2, 1, id="below it by less than the ratio of its range"),
        pytest.param((2.3, 0.5), 0.05, 2, id="below it by more"),
        pytest.param((2.3, 2.2), 3.3, 1, id="far from one that hardly changes, but of its level"),
    ],
)
def test_how_far_is_unrelated(before, start, runs):
    values = [*falling(*before, 30, 1), *falling(start, 0.9 * start, 30, 2)]
    both = run(Curve.build("loss", [*range(30), *range(30)], values, meaning=LOSS))
    assert len(resolve_sessions(both)) == runs


@pytest.mark.parametrize(
    ("first", "is_one"),
    [pytest.param(0.32, True, id="at the end"), pytest.param(1.3, False, id="between start and end")],
)
def test_what_is_a_continuation(first, is_one):
    values = [*falling(2.3, 0.2, 30, 1), *falling(first, 0.1, 30, 2)]
    both = run(Curve.build("loss", [*range(30), *range(30)], values, meaning=LOSS))
    (one,) = resolve_sessions(both)
    assert (one.all_curves[0].step.max() == 59) == is_one


def test_curves_that_start_anew_later_and_that_have_no_second_session():
    """Validation each tenth epoch moves with the training; a curve of one session stays where time says it was."""
    steps = np.array([*range(30), *range(30)])
    times = 1e9 + np.arange(60.0)
    rows = np.arange(9, 60, 10)
    late = np.arange(45, 60)
    one = run(
        Curve.build("loss", steps, WHOLE, wall_time=times, meaning=LOSS),
        Curve.build("val_loss", steps[rows], WHOLE[rows], wall_time=times[rows], meaning=Meaning("loss", "validation")),
        Curve.build("memory", steps[late], WHOLE[late], wall_time=times[late], meaning=Meaning("memory")),
    )
    resolve_sessions(one)
    assert [curve.step.tolist() for curve in one.all_curves] == [[*range(60)], rows.tolist(), late.tolist()]
