"""Kill audits at random moments and see what they leave behind: processes, open pipes, broken or temporary files.

    python benchmarks/attack/kill_matrix.py                          # parent and child x INT, TERM, HUP, KILL x 20 moments
    python benchmarks/attack/kill_matrix.py --moments 2 --seed 7     # the short form

A child is a worker, or a process that starts or serves workers. When the parent is killed, nothing may be alive and no pipe
open after two seconds, and the report folder must hold whole files only; the next audit into it must give the report of an
undisturbed one and clean up. When a child is killed, the audit itself must end with that report. Linux only.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shlex
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

SIGNALS = ("INT", "TERM", "HUP", "KILL")
MARK = "TRAINLINT_KILL_MATRIX"  # in the environment of every process of one audit
ALLOWED_S = 2.0
RUNS, STEPS, REMARK = 30, 120, 1300  # 5 MB, for an audit to use processes, that are soon judged
END_S = 240.0
BAD = ("strays", "open pipes", "broken files", "other report", "left over", "left over after rerun")


def make_runs(folder: Path, rng: random.Random) -> None:
    for number in range(RUNS):
        (folder / f"run{number:02}").mkdir(parents=True)
        with (folder / f"run{number:02}" / "metrics.jsonl").open("w") as file:
            for step in range(STEPS):
                loss = float("nan") if number % 5 == 0 and step > 100 else 2 / (1 + step / 20) + rng.gauss(0, 0.01)
                row = {
                    "step": step,
                    "loss": loss,
                    "val_loss": 2 / (1 + step / 20) + rng.gauss(0.05, 0.01),
                    "lr": 1e-3,
                    "remark": "x" * REMARK,
                }
                file.write(json.dumps(row) + "\n")


def marked(mark: str) -> dict[int, int]:
    """Living processes of an audit and their parents."""
    found = {}
    for place in Path("/proc").iterdir():
        try:
            if f"{MARK}={mark}".encode() in (place / "environ").read_bytes().split(b"\0"):
                state, parent = (place / "stat").read_text().rpartition(")")[2].split()[:2]
                if state not in "ZX":
                    found[int(place.name)] = int(parent)
        except (OSError, ValueError):
            continue
    return found


def children_of(process: subprocess.Popen[bytes], mark: str) -> list[int]:
    return [child for child in marked(mark) if child != process.pid]


@dataclass
class Bench:
    """The command under test, its logs, and where it writes."""

    command: list[str]
    folder: Path
    seconds: float = 0.0
    wanted: dict[str, object] = field(default_factory=dict)

    @property
    def report(self) -> Path:
        return self.folder / "report"

    def begin(self, mark: str) -> subprocess.Popen[bytes]:
        (self.folder / "tmp").mkdir(exist_ok=True)
        command = [*self.command, "audit", "logs", "--isolated", "-j2", "-r", str(self.report)]
        environment = {**os.environ, MARK: mark, "TMPDIR": str(self.folder / "tmp")}
        return subprocess.Popen(
            command, cwd=self.folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
        )  # fmt: skip

    def whole(self) -> None:
        """An audit that nothing disturbs."""
        started = time.monotonic()
        process = self.begin("whole")
        _, errors = process.communicate(timeout=END_S)
        if process.returncode:
            raise SystemExit(f"the audit itself fails: {errors.decode()}")
        self.seconds = time.monotonic() - started

    def found(self) -> dict[str, object]:
        """What the report says, without how the audit went."""
        try:
            told = json.loads((self.report / "report.json").read_text())
        except (OSError, ValueError):
            return {}
        told["batch"].pop("notes", None)
        return told

    def broken(self) -> int:
        pages = [page for page in self.report.rglob("*.html") if not page.read_text().rstrip().endswith("</html>")]
        has_report = (self.report / "report.json").exists()
        return len(pages) + (has_report and not self.found())

    def left_over(self) -> int:
        files = [path for path in self.report.rglob("*") if path.name.endswith(".tmp")]
        return len(files) + len(list((self.folder / "tmp").glob("trainlint-*")))


def drained(process: subprocess.Popen[bytes]) -> list[threading.Thread]:
    """Threads that read standard output and error to their ends; a pipe is open as long as its thread lives."""
    threads = [
        threading.Thread(target=stream.read, daemon=True) for stream in (process.stdout, process.stderr) if stream
    ]
    for thread in threads:
        thread.start()
    return threads


def trial(bench: Bench, target: str, number: int, rng: random.Random, allowed: float = ALLOWED_S) -> Counter[str]:
    """One audit, one signal; what is there after `allowed` seconds counts."""
    mark, counts = uuid.uuid4().hex, Counter({"trials": 1})
    delay = rng.uniform(0.1, bench.seconds)
    process = bench.begin(mark)
    threads = drained(process)
    time.sleep(delay)
    children = children_of(process, mark)
    while target == "child" and not children and process.poll() is None:  # a busy machine takes its time to start them
        time.sleep(0.02)
        children = children_of(process, mark)
    victim = process.pid if target == "parent" else rng.choice(children) if children else None
    if victim is None or process.poll() is not None:
        counts["over before" if process.poll() is not None else "no child yet"] += 1
    else:
        os.kill(victim, number)
        counts["killed"] += 1
    if target == "parent":
        end = time.monotonic() + allowed
    else:
        process.wait(END_S)
        end = time.monotonic() + allowed
    while time.monotonic() < end and (marked(mark) or any(thread.is_alive() for thread in threads)):
        time.sleep(0.05)
    strays = marked(mark)
    counts["strays"] += len(strays)
    counts["open pipes"] += sum(thread.is_alive() for thread in threads)
    for stray in strays:
        os.kill(stray, signal.SIGKILL)
    code = process.wait(END_S)
    for thread in threads:
        thread.join(1)
    for stream in (process.stdout, process.stderr):
        if stream:
            stream.close()
    counts[f"exit {code}"] += 1
    counts["broken files"] += bench.broken()
    is_sudden = target == "parent" and number == signal.SIGKILL  # nothing can clean up but the next audit
    counts["left until rerun" if is_sudden else "left over"] += bench.left_over()
    if target == "child":
        counts["other report"] += bench.found() != bench.wanted
    return counts


def rerun(bench: Bench) -> Counter[str]:
    bench.whole()
    differs, left = bench.found() != bench.wanted, bench.left_over()
    return Counter(
        {"reruns": 1, "other report": int(differs), "left over after rerun": left, "broken files": bench.broken()}
    )


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--moments", type=int, default=20, help="of each kind")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--command", default=f"{sys.executable} -P -m trainlint", help="what is killed")
    parser.add_argument("--rerun-every", type=int, default=5, help="killed parents between reruns into the same report")
    options = parser.parse_args()
    rng, total = random.Random(options.seed), Counter[str]()
    with tempfile.TemporaryDirectory() as place:
        bench = Bench(shlex.split(options.command), Path(place))
        make_runs(bench.folder / "logs", rng)
        bench.whole()
        bench.wanted = bench.found()
        print(f"undisturbed: {bench.seconds:.1f} s, {len(bench.wanted['runs'])} runs")
        for target in ("parent", "child"):
            for name in SIGNALS:
                counts = Counter[str]()
                for moment in range(options.moments):
                    counts += trial(bench, target, getattr(signal, f"SIG{name}"), rng)
                    if target == "parent" and (moment + 1) % options.rerun_every == 0:
                        counts += rerun(bench)
                counts += rerun(bench)
                print(
                    f"{target:<7}{name:<5}",
                    ", ".join(f"{what} {count}" for what, count in sorted(counts.items())),
                    flush=True,
                )
                total += counts
    bad = {
        what: total[what] for what in ("strays", "open pipes", "broken files", "other report", "left over after rerun")
    }
    print("total:", f"{total['killed']} killed,", ", ".join(f"{what} {count}" for what, count in bad.items()))
    return int(any(bad.values()))


if __name__ == "__main__":
    sys.exit(main())
