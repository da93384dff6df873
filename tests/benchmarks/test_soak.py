"""Covers benchmarks.soak: a short run that is judged by its counts alone, its control, and Ctrl-C."""

import json
import signal
import subprocess
import sys
from typing import Any

import pytest

from tests.simulator.program import PROJECT

pytestmark = [pytest.mark.sockets, pytest.mark.measures]

RECONNECTS = 20
SHORT = ("--hours", "0.0025", "--reconnects", str(RECONNECTS), "--fill", "10", "--json")
EMPTY = 0


def begun(*options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "benchmarks.soak", *options]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=PROJECT, stdout=pipe, stderr=pipe, text=True)


def soaked(*options: str) -> tuple[int, dict[str, Any]]:
    with begun(*SHORT, *options) as process:
        told, _ = process.communicate(timeout=60)
        verdict: dict[str, Any] = json.loads(told)
        return process.returncode, verdict


def grown(verdict: dict[str, Any], gauge: str) -> float:
    change = verdict["changes"][gauge]
    difference: float = change["last"] - change["first"]
    return difference


def test_reconnects_leave_no_thread_descriptor_or_message() -> None:
    _, verdict = soaked()

    assert verdict["reconnects"] == RECONNECTS
    assert verdict["failed"] == {}
    assert (grown(verdict, "threads"), grown(verdict, "descriptors")) == (0, 0)
    assert verdict["changes"]["mailboxes"]["last"] == EMPTY
    assert not [text for text in verdict["missed"] if "tick" in text or "ended" in text]


def test_a_client_that_leaks_is_noticed() -> None:
    code, verdict = soaked("--control")

    assert code == 1
    ticks = sum(count for what, count in verdict["done"].items() if what.startswith("tick"))
    assert grown(verdict, "objects") > 5 * ticks
    assert any(text.startswith("objects +") for text in verdict["missed"])


def test_what_there_is_is_printed_on_ctrl_c() -> None:
    with begun("--hours", "1", "--json") as process:
        assert process.stderr is not None
        assert "167 reconnects" in process.stderr.readline()
        process.send_signal(signal.SIGINT)
        told, complaints = process.communicate(timeout=30)

    verdict = json.loads(told)
    assert verdict["hours"] < 0.1
    assert verdict["failed"] == {}
    assert any(text.startswith("ended after 0.00 h, of 1 ") for text in verdict["missed"])
    assert complaints == ""
    assert process.returncode == 1  # it says nothing yet
