"""The server for coding agents: it answers in brief, and reads nothing outside of its root."""

import os
import pickle
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from trainlint.analyzer.commands.agent_server import MAX_ANSWER, audit_answer, inspect_answer, limited
from trainlint.analyzer.reading.confinement import confined, inside

from ..command_line import OVERFIT, elsewhere, log  # noqa: F401  (a fixture)
from ..report.test_baseline import call, logs  # noqa: F401  (a fixture)

SECRET = "hunter2"


@pytest.fixture
def root(tmp_path):
    """A root with one ill run; beside it, outside, a secret and another run."""
    log(tmp_path / "root" / "ill", validation=OVERFIT)
    log(tmp_path / "outside", validation=OVERFIT)
    (tmp_path / "outside" / "hparams.yaml").write_text(f"token_name: {SECRET}\n")
    return tmp_path / "root"


def asked(root, *calls):
    """Answers of a server to calls of tools, by the client of the SDK: (is an error, text)."""
    anyio = pytest.importorskip("anyio")
    mcp = pytest.importorskip("mcp")
    pytest.importorskip("mcp.server.mcpserver", reason="mcp is older than 2.0")
    from trainlint.analyzer.commands.agent_server import server_of

    async def ask():
        async with mcp.Client(server_of(root)) as client:
            tools = {tool.name: tool for tool in (await client.list_tools()).tools}
            results = [await client.call_tool(name, arguments) for name, arguments in calls]
            return tools, [(bool(result.is_error), result.content[0].text) for result in results]

    return anyio.run(ask)


def test_the_tools_only_read(root):
    tools, _ = asked(root)
    assert sorted(tools) == ["audit", "compare", "explain", "inspect", "studies"]
    assert all(tool.annotations.read_only_hint and tool.description for tool in tools.values())


def test_the_tools_answer(root):
    _, answers = asked(
        root,
        ("audit", {}),
        ("audit", {"path": "ill", "select": ["numeric"]}),
        ("inspect", {"path": "ill"}),
        ("explain", {"rule": "overfitting"}),
        ("compare", {"reference": ["ill"], "new": ["ill"]}),
        ("studies", {}),
    )
    assert not any(is_error for is_error, _ in answers)
    whole, numeric, inspected, explained, compared, studies = (text for _, text in answers)
    assert "- overfitting (error" in whole
    assert "overfitting" not in numeric
    assert "`val_loss` loss:validation, 60 points" in inspected
    assert "When it is a false alarm" in explained
    assert "ill and ill are identical" in compared
    assert "There is no study" in studies


@pytest.mark.parametrize(
    ("tool", "arguments", "reason"),
    [
        ("audit", {"path": "../outside"}, "lies outside of the root"),
        ("compare", {"reference": ["ill"], "new": ["../outside"]}, "lies outside of the root"),
        ("compare", {"reference": [], "new": ["ill"]}, "name at least one reference"),
        ("audit", {"path": "/etc"}, "lies outside of the root"),
        ("inspect", {"path": "ill/../../outside/metrics.csv"}, "lies outside of the root"),
        ("inspect", {"path": "a\x00b"}, "lies outside of the root"),
        ("inspect", {"path": "x" * 5000}, "lies outside of the root"),
        ("audit", {"path": "gone"}, "does not exist"),
        ("audit", {"select": ["overfiting"]}, "did you mean 'overfitting'"),
        ("explain", {"rule": "overfiting"}, "did you mean 'overfitting'"),
    ],
)
def test_wrong_calls_are_told_why(root, tool, arguments, reason):
    _, [(is_error, text)] = asked(root, (tool, arguments))
    assert is_error
    assert reason in text
    assert "Traceback" not in text


@pytest.mark.parametrize("path", ["..", "../outside", "/", "link", "link/metrics.csv", "loop", "a\x00b", "~"])
def test_a_path_stays_inside(root, path):
    (root / "link").symlink_to(root.parent / "outside")
    (root / "loop").symlink_to(root / "loop")
    with pytest.raises((PermissionError, FileNotFoundError)):
        inside(root, path)


@pytest.mark.parametrize("path", [".", "ill", "ill/..", "./ill/metrics.csv", "within"])
def test_a_path_inside_is_found(root, path):
    (root / "within").symlink_to(root / "ill")
    assert inside(root, path).exists()


def test_links_out_of_the_root_are_not_read(root):
    outside = root.parent / "outside"
    (root / "ill" / "hparams.yaml").symlink_to(outside / "hparams.yaml")
    (root / "linked.csv").symlink_to(outside / "metrics.csv")
    (root / "folder").symlink_to(outside)
    with confined(root):
        audited, inspected = audit_answer(root, ".", None), inspect_answer(root, ".")
    assert SECRET not in audited + inspected
    assert "judged 1 of 1 run:" in audited
    assert "\n1 runs\n" in inspected
    assert "lies outside of the root" in audited


def test_what_is_confined_and_what_is_not(root):
    outside = root.parent / "outside" / "metrics.csv"
    database = root.parent / "outside" / "a b.db"
    sqlite3.connect(database).close()
    with confined(root):
        (root / "ill" / "metrics.csv").read_bytes()
        for refused in (
            outside.read_bytes,
            lambda: (root / "new").write_text(""),
            lambda: (root / "ill" / "metrics.csv").open("a"),
            lambda: list(root.parent.iterdir()),
            lambda: list(os.scandir(root.parent)),
            lambda: os.open(outside, os.O_RDONLY),
            lambda: sqlite3.connect(f"{database.as_uri()}?mode=ro", uri=True),
        ):
            with pytest.raises(PermissionError):
                refused()
        thread = threading.Thread(target=outside.read_bytes)
        thread.start()  # another thread goes on as it did
        thread.join()
    assert outside.read_bytes()


def test_nothing_is_changed_or_started(root):
    victim, folder = root / "ill" / "metrics.csv", os.open(root, os.O_RDONLY)
    with confined(root):
        for refused in (
            victim.unlink,
            victim.touch,
            lambda: victim.chmod(0o777),
            lambda: victim.rename(root / "new"),
            lambda: os.link(victim, root / "new"),
            lambda: (root / "new").symlink_to(victim),
            (root / "new").mkdir,
            (root / "ill").rmdir,
            lambda: os.truncate(victim, 0),
            lambda: os.unlink("metrics.csv", dir_fd=folder),
            lambda: shutil.rmtree(root / "ill"),
            lambda: os.chdir(root.parent),
            lambda: subprocess.run(["true"], check=False),
            lambda: os.system("true"),
            lambda: os.execv("/bin/true", ["true"]),
            lambda: os.posix_spawn("/bin/true", ["true"], {}),
            lambda: os.kill(os.getpid(), 0),
            lambda: socket.create_connection(("127.0.0.1", 9)),
            lambda: socket.getaddrinfo("localhost", 80),
            lambda: pickle.loads(pickle.dumps(Path)),
        ):
            with pytest.raises(PermissionError):
                refused()
    os.close(folder)
    assert victim.read_text().startswith("step")
    assert [path.name for path in root.iterdir()] == ["ill"]


def test_a_database_that_takes_a_copy_is_read(root):
    """SQLite finishes a write-ahead log in a copy, in the folder for temporary files."""
    from trainlint.parsers.stores.sqlite_file import opened

    path = root / "live.db"
    writer = sqlite3.connect(path)
    writer.execute("PRAGMA journal_mode=WAL")
    writer.execute("CREATE TABLE t (x)")
    writer.commit()
    for suffix in ("", "-wal"):
        shutil.copy(f"{path}{suffix}", root / f"killed.db{suffix}")
    writer.close()
    with confined(root), opened(root / "killed.db") as database:
        assert database.execute("SELECT name FROM sqlite_master").fetchall()


def test_a_long_answer_is_cut_and_says_so():
    answer = limited("\n".join(f"line {i}" for i in range(10_000)))
    assert len(answer) < MAX_ANSWER + 100
    assert re.search(r"\nline \d+\n\(cut: [\d,]+ more characters; ask for one folder\)$", answer)
    assert limited("short") == "short"
    assert len(limited("x" * 100_000)) < MAX_ANSWER + 100


def test_many_runs_and_metrics_are_counted(root):
    wide = ",".join(["step", *(f"loss{i}" for i in range(60))])
    for i in range(8):
        (root / f"run{i}").mkdir()
        rows = "\n".join(",".join(map(str, [step, *range(60)])) for step in range(5))
        (root / f"run{i}" / "metrics.csv").write_text(f"{wide}\n{rows}\n")
    answer = inspect_answer(root, ".")
    assert "and 20 more metrics" in answer
    assert "and 4 more runs" in answer


def test_without_the_extra_the_command_says_what_is_missing(root, monkeypatch):
    monkeypatch.setitem(sys.modules, "mcp.server", None)
    process = call("mcp", "--root", root)
    assert process.exit_code != 0
    assert "pip install 'trainlint[mcp]'" in process.output


def test_the_root_has_to_be_a_folder(root):
    assert call("mcp").exit_code == 2
    assert call("mcp", "--root", root / "ill" / "metrics.csv").exit_code == 2
    assert call("mcp", "--root", Path("gone")).exit_code == 2
