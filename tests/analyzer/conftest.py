"""Fixtures of several folders; what a test file defines itself comes first."""

import pytest

from .command_line import OVERFIT, log


@pytest.fixture
def logs(tmp_path):
    log(tmp_path / "logs" / "good")
    log(tmp_path / "logs" / "overfit", validation=OVERFIT)
    log(tmp_path / "logs" / "short", points=3)
    return tmp_path / "logs"
