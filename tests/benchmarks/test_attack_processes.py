"""Short forms of the attacks on processes: modules among the logs, and kills at random moments."""

from __future__ import annotations

import random
import signal
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks" / "attack"))
import cwd_execution
import kill_matrix

WAYS = (
    "trainlint", "trainlint, spawned", "python -P -m trainlint", "python -m trainlint", "library", "library, spawned", "mcp",
)  # fmt: skip
COMMAND = [sys.executable, "-c", "from trainlint.analyzer.cli import main; main()"]
BUSY_S = 30.0  # until all is gone while other tests run; the bench allows 2 s
# What Python and its start scripts import themselves, before the first line of trainlint
EARLY = ("__future__", "json", "pathlib", "typing")


@pytest.fixture
def line(tmp_path):
    """A function that gives the command of an entry; without an installed script, a program that does the same."""
    (tmp_path / "scripts").mkdir()
    (tmp_path / "scripts" / "trainlint").write_text("from trainlint.analyzer.cli import main; main()\n")

    def command(name):
        entry = cwd_execution.entries(sys.executable, str(tmp_path / "scripts" / "trainlint"), tmp_path / "scripts")[
            name
        ]
        return entry if entry[0] == sys.executable else [sys.executable, *entry]

    return command


@pytest.mark.parametrize("name", WAYS)
def test_modules_among_the_logs_are_not_imported(tmp_path, line, name):
    if name == "mcp":
        pytest.importorskip("mcp")
    cwd_execution.make(tmp_path / "logs")
    found, said = cwd_execution.run(name, line(name), tmp_path / "logs", {})
    assert found == [], said
    assert "6" in said
    assert "judged" in said


@pytest.mark.parametrize("path", [":", ".", "..:logs"])
@pytest.mark.parametrize("name", ["trainlint", "python -P -m trainlint"])
def test_the_variable_does_not_lead_to_logs(tmp_path, line, name, path):
    folder = tmp_path / "logs"
    cwd_execution.make(folder)
    (folder / "trainlint" / "__init__.py").unlink()
    (folder / "trainlint").rmdir()
    for module in EARLY:
        (folder / f"{module}.py").unlink()
    found, said = cwd_execution.run(name, line(name), folder, {"PYTHONPATH": path})
    assert found == [], said
    assert "judged 6 of 6" in said


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc")
@pytest.mark.slow
@pytest.mark.parametrize("target", ["parent", "child"])
@pytest.mark.parametrize("name", kill_matrix.SIGNALS)
def test_a_kill_leaves_nothing_behind(tmp_path, target, name):
    rng = random.Random(f"{target} {name}")
    bench = kill_matrix.Bench(COMMAND, tmp_path)
    kill_matrix.make_runs(bench.folder / "logs", rng)
    bench.whole()
    bench.wanted = bench.found()
    counts = kill_matrix.trial(bench, target, getattr(signal, f"SIG{name}"), rng, BUSY_S) + kill_matrix.rerun(bench)
    assert {what: counts[what] for what in kill_matrix.BAD} == dict.fromkeys(kill_matrix.BAD, 0)
