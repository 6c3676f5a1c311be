"""How many processes to start if nobody says; apart from what starts them, which a single log needs not import."""

from __future__ import annotations

import os


def default_jobs() -> int:
    """Number of CPUs that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
