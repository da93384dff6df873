"""Covers optionbus.cli.allocator, in processes of their own."""

import subprocess
import sys

import pytest

from optionbus.cli.doctor import HOME

THREADS = """
import ctypes, sys, threading
from optionbus.cli.allocator import keep_one_arena

libc = ctypes.CDLL(None)
if not hasattr(libc, "malloc_stats"):
    sys.exit("no glibc")
if sys.argv[1] == "one":
    keep_one_arena()
together = threading.Barrier(4)

def hold():
    held = [bytearray(4_000) for _ in range(10)]
    together.wait(10)
    del held

threads = [threading.Thread(target=hold) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
libc.malloc_stats()
"""


def arenas(how: str) -> int:
    command = [sys.executable, "-c", THREADS, how]
    ended = subprocess.run(command, cwd=HOME, check=False, capture_output=True, text=True, timeout=60)
    if ended.stderr.strip() == "no glibc":
        pytest.skip("this C library has no arenas")
    return sum(line.startswith("Arena ") for line in ended.stderr.splitlines())


def test_threads_share_one_arena() -> None:
    assert arenas("one") == 1


def test_left_to_itself_the_process_has_more() -> None:
    assert arenas("more") > 1
