"""What one run may take: raised where it is more, noted in the run, and over when the run is."""

import sys
import threading
import time

import numpy as np
import pytest

from trainlint.analyzer.config import limits
from trainlint.analyzer.config.limits import GIB, LimitError, Limits, limited, limits_of, size_text

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds what a process allocates")


def spend(seconds):
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        sum(range(100))


@LINUX
def test_memory_is_bounded_within_the_block_only():
    import resource

    before = resource.getrlimit(resource.RLIMIT_DATA)
    with limited(Limits(memory=64 << 20)):
        assert len(np.ones(1 << 20)) == 1 << 20
        with pytest.raises(MemoryError):
            np.ones(1 << 25)
        with limited(Limits(memory=1 << 30)):  # as another thread may
            assert len(np.ones(1 << 25)) == 1 << 25
    assert resource.getrlimit(resource.RLIMIT_DATA) == before


def test_time_is_bounded_within_the_block_only():
    with pytest.raises(LimitError), limited(Limits(seconds=0.3)):
        spend(20)
    spend(0.6)
    with limited(Limits(seconds=30)):
        spend(0.3)


def test_what_swallows_the_error_gets_another(monkeypatch):
    monkeypatch.setattr(limits, "AGAIN_S", 0.1)

    def stubborn():
        try:
            spend(20)
        except LimitError:
            spend(20)

    with pytest.raises(LimitError), limited(Limits(seconds=0.2)):
        stubborn()


def test_time_of_a_thread_that_is_not_the_main_one():
    ended = []

    def work():
        try:
            with limited(Limits(seconds=0.2)):
                spend(20)
        except LimitError:
            ended.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert ended


def test_waiting_takes_no_time():
    with limited(Limits(seconds=0.2)):
        time.sleep(0.8)


@pytest.mark.parametrize(
    ("memory", "bytes_"),
    [
        ("4G", 4 * GIB),
        ("500M", 500 << 20),
        ("1.5 GiB", 3 * GIB // 2),
        ("2k", 2048),
        (77, 77),
        ("0", None),
    ],
)
def test_sizes(memory, bytes_):
    assert limits_of(memory).memory == bytes_


@pytest.mark.parametrize(("memory", "seconds"), [("much", 1), ("-1", 1), ("1X", 1), ("", -1), ("", float("nan"))])
def test_what_is_no_limit_is_refused(memory, seconds):
    with pytest.raises(ValueError, match="max-"):
        limits_of(memory, seconds)


def test_sizes_for_people():
    assert [size_text(size) for size in (4 * GIB, 3 << 29, 500 << 20)] == ["4 GiB", "1.5 GiB", "500 MiB"]
