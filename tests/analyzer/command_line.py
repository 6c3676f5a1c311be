"""Logs of healthy and overfitting runs, and the command line in this process or one of its own."""

import subprocess
import sys

import numpy as np
import pytest
from click.testing import CliRunner

from trainlint.analyzer.cli import cli

STEPS = np.arange(60)
HEALTHY = 2.5 * np.exp(-STEPS / 8) + 0.3
OVERFIT = HEALTHY + np.maximum(STEPS - 20, 0) * 0.03
NOISE = np.random.default_rng(0).normal(0, 0.004, (2, 60))


def log(folder, *, name="metrics.csv", points=60, validation=HEALTHY):
    folder.mkdir(parents=True, exist_ok=True)
    rows = zip(STEPS, HEALTHY + NOISE[0], validation + 0.05 + NOISE[1], strict=True)
    lines = ["step,train_loss,val_loss", *(f"{step},{a:.5f},{b:.5f}" for step, a, b in rows)]
    (folder / name).write_text("\n".join(lines[: points + 1]) + "\n")
    return folder


@pytest.fixture(autouse=True)
def elsewhere(tmp_path, monkeypatch):
    """The report is written to the current folder unless told otherwise."""
    (tmp_path / "cwd").mkdir()
    monkeypatch.chdir(tmp_path / "cwd")
    monkeypatch.delenv("NO_COLOR", raising=False)


def call(*arguments, **options):
    return CliRunner().invoke(cli, [str(a) for a in arguments], **options)


def run(*arguments, **options):
    """The command as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "trainlint", *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False, **options
    )  # fmt: skip


def listing(folder):
    return {path: path.lstat().st_mtime_ns for path in (folder, *folder.rglob("*"))}
