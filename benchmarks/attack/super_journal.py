"""A database deletes a file of its reader: by a rollback journal that names it as its super-journal."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from tracker_databases import with_super_journal


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        victim = Path(folder, "victim.txt")
        victim.write_text("dear to its owner\n")
        with_super_journal(Path(folder, "logs", "mlflow.db"), victim)
        before = {path.name: path.read_bytes() for path in Path(folder, "logs").iterdir()}
        command = [sys.executable, "-m", "trainlint", "audit", "logs", "--no-report", "-j", "1"]
        told = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        lines = told.stdout.strip().splitlines()
        is_safe = (
            victim.exists() and {path.name: path.read_bytes() for path in Path(folder, "logs").iterdir()} == before
        )
        print(
            f"{'safe' if is_safe else 'BROKEN: the file was deleted'}; exit code {told.returncode}: {lines[0] if lines else ''}"
        )
    return not is_safe


if __name__ == "__main__":
    sys.exit(main())
