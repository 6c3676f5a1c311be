"""What the MCP server asks of the system, as the system sees it: also what C code opens, which Python does not know of."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ATTACKS = Path(__file__).parents[3] / "benchmarks" / "attack"


@pytest.fixture
def attack(monkeypatch):
    pytest.importorskip("mcp.server.mcpserver", reason="mcp is older than 2.0")
    can_trace = (
        shutil.which("strace") and not subprocess.run(["strace", "-o", "/dev/null", "true"], check=False).returncode
    )
    if not can_trace:
        pytest.skip("strace is missing, or may not trace")
    monkeypatch.syspath_prepend(ATTACKS)
    spec = importlib.util.spec_from_file_location("mcp_trace", ATTACKS / "mcp_trace.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "mcp_trace", module)
    spec.loader.exec_module(module)
    return module


@pytest.mark.slow
def test_nothing_is_opened_made_or_deleted_elsewhere(attack, tmp_path):
    before, found, wrong = attack.traced(tmp_path.resolve(), every=3)
    assert before  # the trace was read
    assert [(call.name, call.arguments) for call in found] == []
    assert wrong == ""
