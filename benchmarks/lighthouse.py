"""What Lighthouse says of a run page and of the index: accessibility, best practices, performance on a desktop.

    trainlint audit sample_logs --report trainlint-report
    python benchmarks/lighthouse.py trainlint-report/index.html trainlint-report/runs/*.html
    python benchmarks/lighthouse.py --repeats 5 trainlint-report/index.html

Needs Node.js, whose npx fetches Lighthouse, and a Chromium in the PATH. Pages are served from this machine to itself;
scores are medians of --repeats visits. Ends with 1 if one is below its goal.
"""

from __future__ import annotations

import argparse
import functools
import http.server
import json
import os
import shutil
import statistics
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

GOALS = {"accessibility": 1.0, "best-practices": 1.0, "performance": 0.95}
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome") or ""


def audit(url: str) -> dict[str, Any]:
    command = [
        "npx", "--yes", "lighthouse@12", url, "--preset=desktop", "--output=json", "--quiet",
        f"--only-categories={','.join(GOALS)}", "--chrome-flags=--headless=new --no-sandbox",
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, check=True, env=os.environ | {"CHROME_PATH": CHROMIUM})
    report: dict[str, Any] = json.loads(done.stdout)
    return report


def failed(reports: list[dict[str, Any]], category: str) -> list[str]:
    """Titles of what takes points from a category."""
    weights = {ref["id"] for ref in reports[0]["categories"][category]["auditRefs"] if ref["weight"]}
    scores = {name: [r["audits"][name]["score"] for r in reports] for name in sorted(weights)}
    return [
        reports[0]["audits"][name]["title"]
        for name, found in scores.items()
        if any(s is not None and s < 0.9 for s in found)
    ]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("pages", nargs="+", type=Path)
    parser.add_argument("--repeats", type=int, default=3)
    options = parser.parse_args()
    is_good = True
    for page in options.pages:
        handler = functools.partial(Quiet, directory=str(page.parent))
        with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            reports = [audit(f"http://127.0.0.1:{server.server_port}/{page.name}") for _ in range(options.repeats)]
            server.shutdown()
        print(page)
        for category, goal in GOALS.items():
            scores = [report["categories"][category]["score"] for report in reports]
            middle = statistics.median(scores)
            is_good &= middle >= goal
            print(
                f"  {category:15}{middle:5.2f} ({min(scores):.2f} to {max(scores):.2f})",
                *failed(reports, category),
                sep="  ",
            )
    return 0 if is_good else 1


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files and does not tell of each."""

    def log_message(self, *_: Any) -> None:
        pass


if __name__ == "__main__":
    sys.exit(main())
