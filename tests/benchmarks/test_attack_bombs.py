"""Short form of the bombs: small logs that ask for far more memory or time than their size says."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks" / "attack"))
from bomb_files import SHORT, bombs
from bombs import MAX_MB, MAX_SECONDS, audit


@pytest.mark.skipif(sys.platform != "linux", reason="limits of the system and peaks of processes")
@pytest.mark.slow
@pytest.mark.parametrize("name", SHORT)
def test_a_bomb_takes_little(tmp_path, name):
    bombs()[name](tmp_path)
    cost = audit(tmp_path)
    assert cost.code in {0, 1, 3}, cost.said
    assert "Traceback" not in cost.said
    assert cost.peak_mb < MAX_MB
    assert cost.seconds < 2 * MAX_SECONDS  # a busy machine counts more
