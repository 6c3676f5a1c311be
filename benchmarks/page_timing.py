"""How long a page keeps a browser busy, in headless Chromium: the same measure for every page, whoever made it.

A page is idle when its main thread uses less than `BUSY_SHARE` of a processor for `QUIET_S` on end; the time to idle runs
from the start of the navigation to the last sample that was busier. Every visit has a browser of its own, without any cache, and no network.
"""

from __future__ import annotations

import shutil
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from playwright.sync_api import sync_playwright

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
WINDOW = {"width": 1440, "height": 900}
SAMPLE_S = 0.025
BUSY_SHARE = 0.05  # low, as a busy thread of a shared machine may get no more
QUIET_S = 1.0
LONGEST_S = 180.0


class Visit(NamedTuple):
    """What was seen of a page.

    Attributes:
        idle_s: from the start of the navigation, by the clock.
        cpu_s: of the main thread until then, which tells more where other work shares the processors.
        nodes: elements in the document.
        asked: what `act` returned.
        script_s: CPU of the scripts that it ran.

    """

    idle_s: float
    cpu_s: float
    nodes: int
    asked: Any
    script_s: float


def visit(path: Path, act: str = "null") -> Visit:
    """Open a file until it is idle, then evaluate `act`, a function in JavaScript.

    Raises:
        TimeoutError: the page is not idle after `LONGEST_S`.

    """
    with _page() as page:
        metrics = page.context.new_cdp_session(page)
        metrics.send("Performance.enable", {"timeDomain": "threadTicks"})  # durations are CPU, points in time the clock
        page.goto(path.as_uri(), wait_until="commit", timeout=1000 * LONGEST_S)
        idle, cpu = _idle(metrics)
        nodes = page.evaluate("document.querySelectorAll('*').length")
        before = _sample(metrics)["ScriptDuration"]
        asked = page.evaluate(act)
        return Visit(idle, cpu, nodes, asked, _sample(metrics)["ScriptDuration"] - before)


@contextmanager
def _page() -> Iterator[Any]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        try:
            context = browser.new_context(viewport=WINDOW)
            context.route(lambda url: not url.startswith("file:"), lambda route: route.abort())
            yield context.new_page()
        finally:
            browser.close()


def _idle(metrics: Any) -> tuple[float, float]:
    """Seconds until idle, and seconds of work until then."""
    deadline = time.monotonic() + LONGEST_S
    before = last_busy = _sample(metrics)
    while time.monotonic() < deadline:
        time.sleep(SAMPLE_S)
        now = _sample(metrics)
        if now["TaskDuration"] - before["TaskDuration"] > BUSY_SHARE * (now["Timestamp"] - before["Timestamp"]):
            last_busy = now
        elif now["Timestamp"] - last_busy["Timestamp"] > QUIET_S and now["DomContentLoaded"]:
            return max(last_busy["Timestamp"], now["DomContentLoaded"]) - now["NavigationStart"], last_busy[
                "TaskDuration"
            ]
        before = now
    raise TimeoutError("never idle")


def _sample(metrics: Any) -> dict[str, float]:
    """What the renderer says of itself; it answers when its main thread is free."""
    return {entry["name"]: entry["value"] for entry in metrics.send("Performance.getMetrics")["metrics"]}
