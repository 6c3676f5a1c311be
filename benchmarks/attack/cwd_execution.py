"""Audit a folder of logs, from within it, that also holds modules with the names of Python's own: none may be imported.

    python benchmarks/attack/cwd_execution.py                      # every entry, both ways to start workers
    python benchmarks/attack/cwd_execution.py --trainlint PATH     # another installation's command, for a comparison

Each module leaves a file that is named after it. Prints for each entry which were imported, and whether the logs were judged.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

MODULES = ("__future__", "json", "numpy", "pathlib", "random", "tensorboard", "typing")
LEAVE = "import os\nopen(os.path.join({folder!r}, 'EXECUTED-' + {name!r}), 'w').close()\nraise ImportError('taken from the logs')\n"
RUNS, STEPS = 6, 120
LIBRARY = """
import sys
{before}
import trainlint
if __name__ == "__main__":
    report = trainlint.audit(".", jobs=2)
    print(len(report["runs"]), "runs judged" if all(run["metrics"] for run in report["runs"]) else "not read")
"""
SPAWNED = "from trainlint.analyzer.processes import worker_start; worker_start.FORKS = False"
CALLS = (
    {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "attack", "version": "1"}}},
    {"jsonrpc": "2.0", "method": "notifications/initialized"},
    {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "audit", "arguments": {"path": "."}}},
)  # fmt: skip


def make(folder: Path) -> None:
    """Logs of more than 4 MB, so that processes are used, and modules beside them."""
    for number in range(RUNS):
        (folder / f"run{number}").mkdir(parents=True)
        rows = ({"step": step, "loss": 2 / (1 + step / 20), "remark": "x" * 6500} for step in range(STEPS))
        (folder / f"run{number}" / "metrics.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for name in MODULES:
        (folder / f"{name}.py").write_text(LEAVE.format(folder=str(folder), name=name))
    (folder / "trainlint").mkdir()
    (folder / "trainlint" / "__init__.py").write_text(LEAVE.format(folder=str(folder), name="trainlint"))


def executed(folder: Path) -> list[str]:
    """Which modules were imported since the last time."""
    found = sorted(folder.glob("EXECUTED-*"))
    for path in found:
        path.unlink()
    return [path.name.removeprefix("EXECUTED-") for path in found]


def entries(python: str, command: str, elsewhere: Path) -> dict[str, list[str]]:
    """Ways to have logs judged; scripts lie elsewhere, since Python itself puts the folder of a script on its path."""
    audit = ["audit", ".", "-j2", "--no-report", "-q"]
    for name, before in (("forked", ""), ("spawned", SPAWNED)):
        (elsewhere / f"{name}.py").write_text(LIBRARY.format(before=before))
    (elsewhere / "command.py").write_text(f"{SPAWNED}\nfrom trainlint.analyzer.cli import main\nmain()\n")
    return {
        "trainlint": [command, *audit],
        "trainlint, spawned": [python, str(elsewhere / "command.py"), *audit],
        "python -P -m trainlint": [python, "-P", "-m", "trainlint", *audit],
        "python -m trainlint": [python, "-m", "trainlint", *audit],
        "library": [python, str(elsewhere / "forked.py")],
        "library, spawned": [python, str(elsewhere / "spawned.py")],
        "mcp": [command, "mcp", "--root", "."],
    }


def run(name: str, line: list[str], folder: Path, variables: dict[str, str]) -> tuple[list[str], str]:
    """What was imported, and the last line that the entry printed."""
    own = folder / "trainlint"
    # Python looks for the package itself in the current folder: only -P prevents that
    moved = own.exists() and name == "python -m trainlint"
    if moved:
        own.rename(folder / "elsewhere")
    told = "".join(json.dumps(call) + "\n" for call in CALLS) if name == "mcp" else ""
    try:
        with subprocess.Popen(
            line, cwd=folder, env=os.environ | variables, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        ) as process:  # fmt: skip
            assert process.stdin
            assert process.stdout
            process.stdin.write(told)
            process.stdin.flush()
            # a server ends when its input does: not before it has answered
            lines = [process.stdout.readline() for _ in range(2)] if name == "mcp" else []
            process.stdin.close()
            lines += process.stdout.readlines()
    finally:
        if moved:
            (folder / "elsewhere").rename(own)
    return executed(folder), lines[-1].strip()[:160] if lines else ""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--trainlint", default=str(Path(sys.executable).with_name("trainlint")), help="the command")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as logs, tempfile.TemporaryDirectory() as scripts:
        make(Path(logs))
        count = 0
        for name, line in entries(sys.executable, options.trainlint, Path(scripts)).items():
            found, said = run(name, line, Path(logs), {})
            count += len(found)
            print(f"{name:<24} imported {', '.join(found) or 'nothing'}; {said}", flush=True)
    return int(bool(count))


if __name__ == "__main__":
    sys.exit(main())
