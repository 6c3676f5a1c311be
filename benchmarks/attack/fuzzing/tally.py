"""What was tried so far, kept in a file so that a run goes on where the last one ended, and the table of it."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
CODE = ("parsers", "rules", "analyzer")  # what is under test


class Tally:
    """Counts by parser and by commit; `path` is written after each batch."""

    def __init__(self, path: Path, seed: int) -> None:
        self.path, self.seed, self.commit = path, seed, _commit()
        self.parsers: dict[str, dict[str, float]] = {}
        self.commits: dict[str, dict[str, float]] = {}
        if path.exists():
            kept = json.loads(path.read_text())
            if kept["seed"] != seed:
                raise SystemExit(f"{path} was counted with seed {kept['seed']}: give another state file")
            self.parsers, self.commits = kept["parsers"], kept["commits"]

    @property
    def inputs(self) -> int:
        return int(sum(counts["done"] for counts in self.parsers.values()))

    def next_of(self, parser: str) -> int:
        """The first input of a parser that was not tried; what a killed process left of its batch is passed over."""
        return int(self.parsers.get(parser, {}).get("next", 0))

    def add(self, parser: str, counters: dict[str, float], following: int) -> None:
        sums = self.parsers.setdefault(parser, dict.fromkeys(counters, 0.0))
        for name in ("slowest", "grown"):
            if counters[name] > sums[name]:
                sums[name], sums[f"{name}_at"] = counters[name], counters[f"{name}_at"]
        for name in ("done", "recognised", "good", "whole", "seconds"):
            sums[name] += counters[name]
        sums["next"] = max(sums.get("next", 0), following)
        commit = self.commits.setdefault(self.commit, {"inputs": 0, "seconds": 0})
        commit["inputs"] += counters["done"]
        commit["seconds"] += counters["seconds"]
        self._write()

    def _write(self) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        beside = self.path.with_suffix(".new")
        beside.write_text(json.dumps({"seed": self.seed, "parsers": self.parsers, "commits": self.commits}, indent=1))
        beside.replace(self.path)

    def table(self, findings: Path) -> str:
        """One line a parser, then the problems by signature, then the commits."""
        problems = problems_of(findings)
        of_parser = Counter(problem["id"].partition(":")[0] for problem in problems)
        rows = [(f"{'parser':18}{'inputs':>10}{'found':>7}{'recognised':>12}{'kept good':>11}{'whole path':>12}"
                f"{'ms each':>9}{'slowest':>17}{'largest':>17}")]  # fmt: skip
        for parser, counts in self.parsers.items():
            done = max(1, counts["done"])
            rows.append(
                f"{parser:18}{counts['done']:10,.0f}{of_parser[parser]:7}{counts['recognised'] / done:12.0%}{counts['good'] / done:11.0%}"
                f"{counts['whole']:12,.0f}{1000 * counts['seconds'] / done:9.2f}"
                f"{counts['slowest']:7.2f} s #{counts['slowest_at']:<7.0f}{counts['grown'] / 1e6:6.0f} MB #{counts['grown_at']:<7.0f}"
            )
        rows += [
            "",
            f"{self.inputs:,} inputs, seed {self.seed}, {len(problems)} problems of {len({p['signature'] for p in problems})} kinds",
        ]
        for signature, count in Counter(problem["signature"] for problem in problems).most_common():
            first = next(problem for problem in problems if problem["signature"] == signature)
            rows.append(f"  {count:6} x {signature}: {first['message'][:150]} [{first['id']}]")
        for commit, counts in self.commits.items():
            rows.append(
                f"commit {commit}: {counts['inputs']:,.0f} inputs, {counts['seconds'] / 60:.1f} CPU minutes in them"
            )
        return "\n".join(rows)


def problems_of(findings: Path) -> list[dict[str, Any]]:
    path = findings / "problems.jsonl"
    return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []


def _commit() -> str:
    def git(*words: str) -> str:
        return subprocess.run(("git", *words), cwd=ROOT, capture_output=True, text=True, check=False).stdout.strip()

    changed = git("status", "--porcelain", "--", *CODE)
    return (git("rev-parse", "--short", "HEAD") or "unknown") + ("+changes" if changed else "")
