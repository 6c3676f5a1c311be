"""One input: written to a folder, read and judged as the command does it, with its CPU time and memory measured."""

from __future__ import annotations

import contextlib
import gc
import json
import os
import resource
import shutil
import signal
import sys
import time
import traceback
import warnings
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from trainlint.analyzer.config.options import Config, rules_of
from trainlint.analyzer.judging.engine import judge
from trainlint.analyzer.reading.discover import discover
from trainlint.analyzer.reading.read import read_group
from trainlint.analyzer.report.document import run_entry
from trainlint.parsers.base import HEAD_BYTES
from trainlint.parsers.registry import PARSERS

from .databases import WATCHED

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trainlint.parsers.run import Run

    from .seeds import Seed

MOST_SECONDS = 5.0  # of CPU for one input
MOST_BYTES = 300 * 1024**2  # that the process grows by, at its peak
BY_ID = {parser.id: parser for parser in PARSERS}
_RESET_PEAK = b"5"  # see proc(5), clear_refs


class TooSlowError(BaseException):
    """Raised inside a reader that takes more than its time; no handler of ours for `Exception` catches it."""


@dataclass(slots=True)
class Problem:
    """Something that must not happen: its kind, where it comes from, and the words for it."""

    kind: str
    place: str
    message: str

    @property
    def signature(self) -> str:
        return f"{self.kind} at {self.place}"


@dataclass(slots=True)
class Outcome:
    """What came of one input; `points` that were read, CPU `seconds`, `grown` bytes."""

    problems: list[Problem] = field(default_factory=list)
    points: int = 0
    is_recognised: bool = False
    is_judged: bool = False
    seconds: float = 0.0
    grown: int = 0


class Bench:
    """A folder of its own, below which inputs are written, and the way they go."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.watched = folder / WATCHED
        self.watched.write_bytes(b"watched\n")
        self._homes: dict[int, tuple[Path, dict[str, bytes]]] = {}  # by seed: the folder, and what lies there
        self._rules = rules_of(Config().at(folder))
        try:
            self._peak = os.open("/proc/self/clear_refs", os.O_WRONLY)
        except OSError:  # then only what grows beyond all before it is seen
            self._peak = -1

    def run(self, seed: Seed, files: dict[str, bytes], *, is_whole: bool) -> Outcome:
        """Read an input with its parser; `is_whole`: also find, read, judge and tell it as an audit does."""
        logs = self._write(seed, files)
        outcome = Outcome()
        before = self._reset_peak()
        started = time.process_time()
        signal.setitimer(signal.ITIMER_PROF, MOST_SECONDS)
        try:
            self._parse(seed, logs, files, outcome)
            if is_whole:
                self._audit(logs, outcome)
        except TooSlowError as error:
            outcome.problems.append(_problem("slow", error))
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
        outcome.seconds = time.process_time() - started
        outcome.grown = _peak_bytes() - before
        if outcome.seconds > MOST_SECONDS and not any(problem.kind == "slow" for problem in outcome.problems):
            outcome.problems.append(Problem("slow", seed.parser, f"{outcome.seconds:.1f} s of CPU"))
        if outcome.grown > MOST_BYTES:
            outcome.problems.append(Problem("large", seed.parser, f"{outcome.grown / 1e6:.0f} MB"))
        if is_whole or outcome.problems or not self.watched.exists():
            self._look_for_traces(seed, logs, outcome)
        outcome.problems += UNRAISABLE
        UNRAISABLE.clear()
        return outcome

    def _write(self, seed: Seed, files: dict[str, bytes]) -> Path:
        """The folder of a seed, with these files; only those that differ from what lies there are written."""
        logs, there = self._homes.setdefault(id(seed), (self.folder / f"logs-{len(self._homes)}", {}))
        for name, content in files.items():
            if there.get(name) is not content:
                path = logs / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
                there[name] = content
        for name in there.keys() - files.keys():
            (logs / name).unlink()
            del there[name]
        return logs

    def _reset_peak(self) -> int:
        if self._peak >= 0:
            os.write(self._peak, _RESET_PEAK)
        return _peak_bytes()

    def _parse(self, seed: Seed, logs: Path, files: dict[str, bytes], outcome: Outcome) -> None:
        """Read the given file alone, or with the others that its parser reads together with it."""
        parser = BY_ID[seed.parser]
        with _told(outcome, "sniff"), np.errstate(over="ignore"):
            outcome.is_recognised = bool(parser.sniff(logs / seed.given, files[seed.given][:HEAD_BYTES]))
        # OSError is the one error that a parser may raise; numbers overflow silently, as where the command reads.
        with _told(outcome, "parse"), contextlib.suppress(OSError), np.errstate(over="ignore"):
            if parser.parse_files:
                paths = [logs / name for name in sorted(files) if parser.matches(Path(name).name)]
                runs: Iterator[Run] = parser.parse_files(paths)
            else:
                runs = parser.parse(logs / seed.given)
            for run in runs:
                outcome.points += sum(len(curve) for curve in run.all_curves)

    def _audit(self, logs: Path, outcome: Outcome) -> None:
        with _told(outcome, "discovery"):
            found = discover([logs])
            for note in found.skipped:
                if "failed to look at it" in note.message:
                    outcome.problems.append(Problem("sniff", note.path, note.message))
            for group in found.groups:
                with _told(outcome, "reading"):
                    for run in read_group(group, found.root, strict=True):
                        outcome.is_judged = True
                        self._judge(run, outcome)

    def _judge(self, run: Run, outcome: Outcome) -> None:
        with _told(outcome, "judging"):
            judgement = judge(run, self._rules)
            for rule, verdict in judgement.verdicts.items():
                if verdict.outcome == "failed":
                    outcome.problems.append(Problem("rule", rule, str(verdict.reason)))
            json.dumps(run_entry(judgement), allow_nan=False)

    def _look_for_traces(self, seed: Seed, logs: Path, outcome: Outcome) -> None:
        """Nothing is written, changed or deleted beside a log, nor anywhere that a journal names."""
        if not self.watched.exists():
            outcome.problems.append(Problem("deleted", WATCHED, "a file beside the log is gone"))
            self.watched.write_bytes(b"watched\n")
        _, meant = self._homes[id(seed)]
        there = {path.relative_to(logs).as_posix(): path for path in logs.rglob("*") if path.is_file()}
        wrong = set(there) ^ set(meant)
        wrong |= {name for name in set(there) & set(meant) if there[name].read_bytes() != meant[name]}
        if wrong:
            outcome.problems.append(Problem("written", "the folder of the log", ", ".join(sorted(wrong))))
            shutil.rmtree(logs)
            meant.clear()


@contextlib.contextmanager
def _told(outcome: Outcome, kind: str) -> Iterator[None]:
    """Whatever is raised becomes a problem of this kind."""
    try:
        yield
    except Exception as error:  # noqa: BLE001  (that is what is looked for)
        outcome.problems.append(_problem("warning" if isinstance(error, Warning) else kind, error))


def _problem(kind: str, error: BaseException) -> Problem:
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if not _is_foreign(frame.filename)]
    last = (own or list(frames))[-1]
    place = f"{Path(last.filename).parent.name}/{Path(last.filename).name} {last.name}"
    return Problem(f"{kind} {type(error).__name__}", place, f"{str(error)[:200]} (line {last.lineno})")


def _is_foreign(filename: str) -> bool:
    return (
        "site-packages" in filename or "/lib/python3" in filename or "/fuzzing/" in filename or filename.startswith("<")
    )


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def prepare() -> None:
    """Make a process ready for inputs: warnings are errors, an input that takes too long is interrupted."""

    def interrupt(*_: Any) -> None:
        raise TooSlowError

    signal.signal(signal.SIGPROF, interrupt)
    warnings.simplefilter("error")
    sys.unraisablehook = _keep_unraisable
    gc.freeze()


UNRAISABLE: list[Problem] = []


def _keep_unraisable(event: Any) -> None:
    """A file or database that was left open, or an error in a destructor."""
    UNRAISABLE.append(
        Problem("unraisable", type(event.exc_value).__name__, f"{event.exc_value} {event.object!r}"[:200])
    )
