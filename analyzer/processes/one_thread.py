"""One thread for the library of linear algebra, which numpy starts one of on every CPU when it is imported.

The matrices here are small and runs are judged in parallel by processes. Threads that wait for work spin for a while: they
take a sixth of the CPU time of an audit of one small log, and more on machines with many CPUs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import MutableMapping

VARIABLES = ("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def use_one_thread(environment: MutableMapping[str, str]) -> None:
    """Set the number of threads unless the user did; has no effect on a process that has imported numpy."""
    for name in VARIABLES:
        environment.setdefault(name, "1")
