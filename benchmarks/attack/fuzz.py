"""Damages logs of every format and reads them as the command does: nothing may escape, take long, or take much.

    python benchmarks/attack/fuzz.py [--inputs 1000000] [--minutes 60] [--jobs 1] [--seed 0] [--parser ID]...
    python benchmarks/attack/fuzz.py --only csv-table:1234        # one input again, and as small as it gets
    python benchmarks/attack/fuzz.py --table                      # what was found so far

Input N of a parser is the same for the same seed on the same code. Every input is read by its parser; one of sixteen also
goes through discovery, the joining of files, all rules and the entry of the report. A finding is an exception or a warning
that escapes, a rule that fails, more than 5 s of CPU, more than 300 MB, a file that is written or deleted beside the log,
or a process that dies. Findings are kept in a folder, with their inputs, and counts in a state file, so that a run goes on
where the last one ended. Needs the test dependencies.
"""

from __future__ import annotations

import argparse
import os
import select
import shutil
import signal
import sys
import tempfile
import time
from itertools import cycle
from pathlib import Path

from fuzzing.minimize import minimized
from fuzzing.mutate import made
from fuzzing.seeds import all_seeds
from fuzzing.tally import Tally, problems_of
from fuzzing.trial import Bench, prepare
from fuzzing.workers import WATCH_SECONDS, Batch, Plan, is_whole, write

BATCH_INPUTS = 500  # in one process: what it leaves in memory does not pile up, and starting it costs some milliseconds
PROGRESS_SECONDS = 30


def main() -> None:
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    seeds = all_seeds()
    if unknown := set(options.parser) - set(seeds):
        raise SystemExit(f"no such parser: {', '.join(sorted(unknown))}")
    in_memory = Path("/dev/shm")
    home = in_memory if os.access(in_memory, os.W_OK) else None
    with tempfile.TemporaryDirectory(prefix="trainlint-fuzz-", dir=home) as folder:
        plan = Plan(seeds, options.seed, Path(folder), options.findings.absolute())
        if options.only:
            sys.exit(_again(plan, options.only))
        tally = Tally(options.state.absolute(), options.seed)
        if not options.table:
            _warmed_up(plan)
            _fuzz(plan, tally, options)
        print(tally.table(plan.findings))
        sys.exit(bool(problems_of(plan.findings)))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--inputs", type=int, default=1_000_000, help="in all, with those of runs before")
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--parser", action="append", default=[], help="only this format; may be given more than once")
    parser.add_argument(
        "--batch", type=int, default=BATCH_INPUTS, help="inputs of one parser before the next has its turn"
    )
    parser.add_argument("--only", metavar="PARSER:NUMBER", help="try one input again, and minimize it")
    parser.add_argument("--table", action="store_true", help="only show what was found so far")
    parser.add_argument("--state", type=Path, default=Path("fuzz-state.json"))
    parser.add_argument("--findings", type=Path, default=Path("fuzz-findings"))
    return parser.parse_args()


def _fuzz(plan: Plan, tally: Tally, options: argparse.Namespace) -> None:
    """Batches of the parsers in turn, several at a time, until the inputs or the minutes are used up."""
    names = cycle(options.parser or list(plan.seeds))
    begun, before, told_at = time.monotonic(), tally.inputs, time.monotonic()
    following: dict[str, int] = {}
    running: list[Batch] = []
    wanted = options.inputs - before
    try:
        while running or wanted > 0:
            wanted = 0 if time.monotonic() - begun > 60 * options.minutes else wanted
            while wanted > 0 and len(running) < options.jobs:
                parser = next(names)
                first = following.get(parser, tally.next_of(parser))
                batch = Batch(parser, first, min(options.batch, wanted))
                following[parser] = first + batch.count
                wanted -= batch.count
                batch.start(plan)
                running.append(batch)
            wanted += _finished(running, plan, tally)
            if time.monotonic() - told_at > PROGRESS_SECONDS:
                told_at = time.monotonic()
                print(
                    f"{tally.inputs:,} inputs, {(tally.inputs - before) / (told_at - begun):.0f} a second", flush=True
                )
    finally:
        for batch in running:  # after an interruption
            os.kill(batch.pid, signal.SIGKILL)


def _finished(running: list[Batch], plan: Plan, tally: Tally) -> int:
    """Take in the batches that are over; the number of their inputs that were not tried."""
    select.select([batch.handle for batch in running], [], [], WATCH_SECONDS)
    left = 0
    for batch in list(running):
        if not batch.is_over():
            batch.kill_if_hanging()
            continue
        running.remove(batch)
        counters = batch.finish(plan)
        left += batch.count - int(counters["done"])
        tally.add(batch.parser, counters, batch.first + batch.count)
    for folder in plan.folder.iterdir():  # of processes that were killed
        if not any(folder.name.endswith(f"-{batch.pid}") for batch in running):
            shutil.rmtree(folder, ignore_errors=True)
    return left


def _bench(plan: Plan, name: str) -> Bench:
    folder = plan.folder / name
    folder.mkdir()
    os.chdir(folder)
    prepare()
    return Bench(folder)


def _warmed_up(plan: Plan) -> None:
    """Read the seeds as they are: what is imported and compiled on the way, the batches need not do again."""
    bench = _bench(plan, "warm-up")
    for seeds in plan.seeds.values():
        for seed in seeds:
            outcome = bench.run(seed, seed.files, is_whole=True)
            if not outcome.is_recognised or outcome.problems:
                print(f"a seed of {seed.parser} is not read rightly: {outcome.problems or seed.given}", file=sys.stderr)
    os.chdir("/")


def _again(plan: Plan, name: str) -> int:
    """Try one input and minimize it for each of its problems; whether there are any."""
    parser, _, number = name.partition(":")
    bench = _bench(plan, "again")
    seed, files = made(plan.seeds[parser], seed=plan.seed, parser=parser, number=int(number))
    whole = is_whole(int(number))
    outcome = bench.run(seed, files, is_whole=whole)
    print(f"{name}: {outcome.seconds:.2f} s of CPU, {outcome.grown / 1e6:.0f} MB, {outcome.points} points, {seed.main}")
    for count, problem in enumerate(outcome.problems, 1):
        small = minimized(bench, seed, files, problem.signature, is_whole=whole)
        target = plan.findings / f"minimal-{parser}-{number}-{count}"
        write(small, target)
        sizes = ", ".join(f"{name} of {len(content)} bytes" for name, content in small.items())
        print(f"  {problem.signature}: {problem.message}\n    {target}: {sizes}")
    return bool(outcome.problems)


if __name__ == "__main__":
    main()
