"""Batches of inputs in processes of their own, watched from outside: what kills or blocks one is a finding as well."""

from __future__ import annotations

import json
import mmap
import os
import re
import resource
import select
import shutil
import signal
import struct
import sys
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from .mutate import made
from .trial import Bench, Outcome, Problem, prepare

if TYPE_CHECKING:
    from .seeds import Seed

WHOLE_EVERY = 16  # inputs: one that is also found, judged and told costs five times as much as one that is only parsed
SPARE_BYTES = (
    1536 * 1024**2
)  # of address space that a batch may take on top: more would harm the machine, not the fuzzer
HANGING_SECONDS = 20  # of CPU in one input: it does not heed the timer, so it is killed
WATCH_SECONDS = 2.0
KEPT_INPUTS = 3  # of one signature in one batch
COUNTERS = ("done", "recognised", "good", "whole", "seconds", "slowest", "slowest_at", "grown", "grown_at", "now")
_LAYOUT = struct.Struct(f"<{len(COUNTERS)}d")


@dataclass(frozen=True, slots=True)
class Plan:
    """What all batches share. `folder` is for files that come and go, `findings` for what is kept."""

    seeds: dict[str, list[Seed]]
    seed: int
    folder: Path
    findings: Path


@dataclass(slots=True)
class Batch:
    """A process that tries the inputs `first` to `first + count` of a parser."""

    parser: str
    first: int
    count: int
    pid: int = 0
    handle: int = -1
    shared: mmap.mmap = field(default_factory=lambda: mmap.mmap(-1, _LAYOUT.size))
    seen: tuple[float, float] = (-1.0, 0.0)  # the input at the last look, and the CPU seconds when it was first seen

    def counters(self) -> dict[str, float]:
        return dict(zip(COUNTERS, _LAYOUT.unpack(self.shared[:]), strict=True))

    def start(self, plan: Plan) -> None:
        self.pid = os.fork()
        if self.pid == 0:
            status = 1
            try:
                _work(self, plan)
                status = 0
            except BaseException:  # noqa: BLE001  (a fork must end here, whatever happens)
                traceback.print_exc()
            finally:
                sys.stderr.flush()
                os._exit(status)
        self.handle = os.pidfd_open(self.pid)

    def is_over(self) -> bool:
        return bool(select.select([self.handle], [], [], 0)[0])

    def kill_if_hanging(self) -> None:
        now, cpu = self.counters()["now"], _cpu_seconds(self.pid)
        if now != self.seen[0]:
            self.seen = (now, cpu)
        elif cpu - self.seen[1] > HANGING_SECONDS:
            os.kill(self.pid, signal.SIGKILL)

    def finish(self, plan: Plan) -> dict[str, float]:
        """Wait for the end; a process that did not end by itself leaves a finding, and its input counts as done."""
        _, status = os.waitpid(self.pid, 0)
        os.close(self.handle)
        counters = self.counters()
        if status:
            number = int(counters["now"])
            why = f"signal {os.WTERMSIG(status)}" if os.WIFSIGNALED(status) else f"exit code {os.WEXITSTATUS(status)}"
            _keep(plan, self.parser, number, Outcome([Problem("killed", self.parser, why)]), keep_input=True)
            counters["done"] = number + 1 - self.first
        self.shared.close()
        return counters


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _work(batch: Batch, plan: Plan) -> None:
    folder = plan.folder / f"{batch.parser}-{os.getpid()}"
    folder.mkdir(parents=True)
    os.chdir(folder)
    size = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (size + SPARE_BYTES,) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    prepare()
    bench, kept = Bench(folder), dict[str, int]()
    told = dict.fromkeys(COUNTERS, 0.0)
    for number in range(batch.first, batch.first + batch.count):
        told["now"] = number
        batch.shared[:] = _LAYOUT.pack(*told.values())
        base, files = made(plan.seeds[batch.parser], seed=plan.seed, parser=batch.parser, number=number)
        outcome = bench.run(base, files, is_whole=is_whole(number))
        _count(told, outcome, number)
        for problem in outcome.problems:
            kept[problem.signature] = kept.get(problem.signature, 0) + 1
        if outcome.problems:
            is_new = any(kept[problem.signature] <= KEPT_INPUTS for problem in outcome.problems)
            _keep(plan, batch.parser, number, outcome, keep_input=is_new)
    batch.shared[:] = _LAYOUT.pack(*told.values())
    os.chdir("/")
    shutil.rmtree(folder, ignore_errors=True)


def is_whole(number: int) -> bool:
    """Whether an input goes through discovery, joining, all rules and the report entry, too."""
    return number % WHOLE_EVERY == 0


def _count(told: dict[str, float], outcome: Outcome, number: int) -> None:
    told["done"] += 1
    told["recognised"] += outcome.is_recognised
    told["good"] += outcome.points > 0
    told["whole"] += is_whole(number)
    told["seconds"] += outcome.seconds
    if outcome.seconds > told["slowest"]:
        told["slowest"], told["slowest_at"] = outcome.seconds, number
    if outcome.grown > told["grown"]:
        told["grown"], told["grown_at"] = outcome.grown, number


def _keep(plan: Plan, parser: str, number: int, outcome: Outcome, *, keep_input: bool) -> None:
    """Write down the problems of an input, and the input itself, if it is one of the first of its kind."""
    plan.findings.mkdir(parents=True, exist_ok=True)
    with (plan.findings / "problems.jsonl").open("a") as file:
        for problem in outcome.problems:
            entry = {"id": f"{parser}:{number}", "signature": problem.signature, "message": problem.message}
            file.write(json.dumps(entry) + "\n")
    if keep_input:
        slug = re.sub(r"[^A-Za-z0-9.]+", "-", outcome.problems[0].signature)[:80]
        _, files = made(plan.seeds[parser], seed=plan.seed, parser=parser, number=number)
        write(files, plan.findings / f"{slug}-{parser}-{number}")


def write(files: dict[str, bytes], folder: Path) -> None:
    """Write an input below a folder of its own."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
