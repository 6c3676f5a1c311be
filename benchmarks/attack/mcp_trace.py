"""Trace the file system calls of a whole session of the MCP server over hostile contents: `mcp_trace.py`; needs strace.

The root holds what leads out of it: links to files, folders and databases, names with `..` in archives and settings, a
journal that names a file outside, pipes, a socket. All three tools are called, with paths that lead out as well. Then the
trace is read: every path that was opened, made, changed or deleted outside of the root, the scratch folder and the
installation is printed. What the interpreter itself reads before it serves is listed by folder.
"""

from __future__ import annotations

import os
import re
import shutil
import site
import socket
import sqlite3
import sys
import tempfile
import zipfile
from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from tracker_databases import METRICS, make, with_super_journal

SECRET = "LEAKED"
CALLS = "%file,bind,connect,fork,vfork"
# system calls that look at a name and give at most its kind, size or target
LOOKS = {
    "stat",
    "lstat",
    "newfstatat",
    "statx",
    "access",
    "faccessat",
    "faccessat2",
    "readlink",
    "readlinkat",
    "getcwd",
}
LINE = re.compile(r"^(?:\[pid +\d+\] |\d+ +)?(\d+\.\d+) (\w+)\((.*)\) = (-?\d+|\?)")
PATH = re.compile(r'"((?:[^"\\]|\\.)*)"')
# Libraries of the system, zones of time, and the number of processors, which libraries of numpy ask for when they load
SYSTEM = (
    "/lib/", "/usr/lib/", "/etc/ld.so.cache", "/etc/localtime", "/usr/share/zoneinfo/", "/dev/null", "/dev/urandom",
    "/sys/devices/system/cpu/",
)  # fmt: skip
TABLE = "step,loss,val_loss\n" + "".join(f"{step},{2 - step / 50},{1 + step / 50}\n" for step in range(60))


class Call(NamedTuple):
    time: float
    name: str
    paths: tuple[str, ...]
    result: int
    arguments: str


def furnish(folder: Path) -> Path:
    """A root with hostile contents, and secrets beside it."""
    root, outside = folder / "root", folder / "outside"
    for place in (root / "good", root / "linked", outside):
        place.mkdir(parents=True)
        (place / "metrics.csv").write_text(TABLE)
    (outside / "hparams.yaml").write_text(f"note: {SECRET}\n")
    (outside / "run.log").write_text("".join(f"step {step} loss {2 - step / 50} {SECRET}\n" for step in range(60)))
    make(outside / "mlflow.db", METRICS, points=60)
    for link, target in {
        "linked/hparams.yaml": outside / "hparams.yaml", "linked/training.log": outside / "run.log", "folder": outside,
        "linked/mlflow.db": outside / "mlflow.db", "linked/passwd.log": Path("/etc/passwd"), "loop": root / "loop",
        "linked/environ.log": Path("/proc/self/environ"), "linked/config.json": Path("/etc/shadow"), "proc": Path("/proc"),
    }.items():  # fmt: skip
        (root / link).symlink_to(target)
    with_super_journal(root / "journal" / "mlflow.db", outside / "victim.txt")
    (outside / "victim.txt").write_text("dear to its owner\n")
    make(root / "ahead" / "mlflow.db", METRICS, points=60)
    for ending in ("-wal", "-shm"):
        (root / "ahead" / f"mlflow.db{ending}").symlink_to(outside / "victim.txt")
    with closing(sqlite3.connect(make(root / "killed" / "mlflow.db", METRICS, points=9))) as writer:
        writer.execute("PRAGMA journal_mode=WAL")
        writer.execute("INSERT INTO params VALUES ('lr', '0.1', 'a')")
        writer.commit()
        shutil.copytree(root / "killed", root / "copied")
    (root / "good" / "trainlint.toml").write_text(
        f'report = "../../outside/report"\nbaseline = "{outside}/hparams.yaml"\n'
    )
    (root / "trainlint.toml").write_text('report = "/tmp/trainlint-mcp-trace-report"\n')
    with zipfile.ZipFile(root / "comet.zip", "w") as archive:
        archive.writestr("experiment.json", "{}")
        archive.writestr("../../outside/made.txt", SECRET)
        archive.writestr("messages.json", "{}\n")
    store = root / "mlruns" / "0" / "run"
    (store / "metrics").mkdir(parents=True)
    (store / "meta.yaml").write_text(f"run_id: ../../../outside\nartifact_uri: file://{outside}\nstatus: 3\n")
    (store / "metrics" / "loss").symlink_to(outside / "metrics.csv")
    (store / "params").symlink_to(outside)
    for pipe in ("pipe.csv", "good/args.yaml", "journal/mlflow.db-wal", "good/metrics.csv.gz"):
        os.mkfifo(root / pipe)
    with closing(socket.socket(socket.AF_UNIX)) as server:
        server.bind(os.path.relpath(root / "socket.log"))
    return root


def paths_to_ask(root: Path) -> list[str]:
    """Paths inside and outside, by all detours."""
    outside = root.parent / "outside"
    return [
        ".", "good", "linked", "folder", "folder/run.log", "../outside", str(outside), "/etc/passwd", "/proc/self/environ",
        "linked/training.log", "linked/passwd.log", "linked/mlflow.db", "journal", "journal/mlflow.db", "ahead", "copied",
        "killed", "comet.zip", "mlruns", "pipe.csv", "socket.log", "loop", "proc", "proc/self/root/etc/passwd", "..", "/",
        "~", "good/../../outside", "a\0b", "x" * 5000, f"file://{outside}/run.log", "good\n../..", "//etc/passwd",
    ]  # fmt: skip


def ask(root: Path, trace: Path, paths: list[str]) -> tuple[float, str]:
    """Call every tool on the paths in one session; the time of the first call, and all answers."""
    import anyio
    import mcp
    from mcp.client.stdio import StdioServerParameters

    command = ["-f", "-ttt", "-s", "4096", "-o", str(trace), "-e", f"trace={CALLS}", sys.executable]
    options = StdioServerParameters(
        command="strace", args=[*command, "-P", "-m", "trainlint", "mcp", "--root", str(root)], cwd=str(root),
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
    )  # fmt: skip

    async def session() -> tuple[float, str]:
        import time

        answers = []
        async with mcp.Client(options) as client:
            await client.list_tools()
            start = time.time()
            for tool in ("audit", "inspect"):
                for path in paths:
                    result = await client.call_tool(tool, {"path": path})
                    answers += [part.text for part in result.content]
            for rule in ("overfitting", "../../etc/passwd", "/etc/passwd"):
                answers += [part.text for part in (await client.call_tool("explain", {"rule": rule})).content]
        return start, "\n".join(answers)

    return anyio.run(session)


def calls_of(trace: Path) -> list[Call]:
    found = []
    for line in trace.read_text(errors="replace").splitlines():
        read = LINE.match(line)
        if read and read[4] != "?":
            paths = tuple(PATH.findall(read[3]))
            found.append(Call(float(read[1]), read[2], paths, int(read[4]), read[3]))
    return found


def installation() -> tuple[str, ...]:
    import trainlint

    packages = [path for path in sys.path if path and Path(path).name in ("site-packages", "dist-packages")]
    own = [
        *packages,
        *site.getsitepackages(),
        sys.prefix,
        sys.base_prefix,
        *map(str, Path(trainlint.__file__).parents[:1]),
    ]
    return tuple({os.path.realpath(path) for path in own} | set(own))


def strays(calls: list[Call], start: float, root: Path) -> list[Call]:
    """Calls while tools were at work that opened, made, changed or deleted anything elsewhere."""
    scratch = str(Path(os.path.realpath(tempfile.gettempdir()), "trainlint-"))
    readable = (*installation(), *SYSTEM)
    found = []
    for call in calls:
        if call.time < start or call.name in LOOKS:
            continue
        is_reading = (
            call.name in ("open", "openat") and "O_WRONLY" not in call.arguments and "O_RDWR" not in call.arguments
        )
        for path in call.paths or ("",):
            real = os.path.realpath(Path(root, path))
            is_scratch = real.startswith(scratch) and "mcp-trace" not in real
            if is_scratch or (is_reading and real.startswith((f"{root}{os.sep}", *readable))) or real == str(root):
                continue
            found.append(call)
    return found


def traced(folder: Path, every: int = 1) -> tuple[list[Call], list[Call], str]:
    """Calls before serving, strays while serving, and what is wrong otherwise; of every so many paths."""
    root = furnish(folder)
    start, answers = ask(root, folder / "trace", paths_to_ask(root)[::every])
    calls = calls_of(folder / "trace")
    wrong = "" if (folder / "outside" / "victim.txt").exists() else "the file that a journal names was deleted; "
    wrong += "what stands outside of the root was told; " if SECRET in answers or "root:x:0" in answers else ""
    return [call for call in calls if call.time < start], strays(calls, start, root), wrong


def main() -> int:
    if not shutil.which("strace"):
        print("strace is not installed")
        return 2
    with tempfile.TemporaryDirectory() as folder:
        before, found, wrong = traced(Path(os.path.realpath(folder)))
        opened = Counter(
            str(Path(path).parent)
            for call in before
            if call.name == "openat" and call.result >= 0
            for path in call.paths
        )
        own = installation()
        print("read before serving, outside of the installation:")
        for name, count in sorted(opened.items()):
            if not name.startswith(own):
                print(f"  {count:4} in {name}")
    for call in found:
        print(f"  {call.name}({call.arguments[:200]}) = {call.result}")
    print(f"{'BROKEN' if found or wrong else 'safe'}: {wrong}{len(found)} calls elsewhere while tools were at work")
    return bool(found or wrong)


if __name__ == "__main__":
    sys.exit(main())
