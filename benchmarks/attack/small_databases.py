"""Databases of some kilobytes of which reading takes gigabytes: computed columns, long defaults, text that rows share.

Each is audited by a process of its own; its processor time and its peak of memory are printed.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import tracker_databases

MOST_SECONDS, MOST_MEGABYTES = 5, 300
LIMIT = 4 * 1024**3  # of address space: the machine of who runs this stays alive


def audited(folder: Path) -> tuple[float, int, str]:
    """Processor seconds, megabytes and the first line of an audit."""
    command = [sys.executable, "-m", "trainlint", "audit", str(folder), "--no-report", "-j", "1"]
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=subprocess.STDOUT, cwd=folder.parent,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (LIMIT, LIMIT)),  # noqa: PLW1509  (it has no threads)
        )  # fmt: skip
        _, _, used = os.wait4(process.pid, 0)
        output.seek(0)
        line = output.readline().strip()
    return used.ru_utime + used.ru_stime, used.ru_maxrss // 1024, line


def main() -> int:
    broken = 0
    makers = [
        make for name, make in vars(tracker_databases).items() if name.startswith("with_") and "journal" not in name
    ]
    for make in makers:
        with tempfile.TemporaryDirectory() as folder:
            path = make(Path(folder, "logs", "mlflow.db"))
            size = path.stat().st_size
            seconds, megabytes, line = audited(path.parent)
        is_safe = seconds <= MOST_SECONDS and megabytes <= MOST_MEGABYTES
        broken += not is_safe
        print(
            f"{make.__name__}: {'safe' if is_safe else 'BROKEN'}: {size:,} bytes took {seconds:.1f} s, {megabytes} MB: {line}"
        )
    return bool(broken)


if __name__ == "__main__":
    sys.exit(main())
