"""Covers run.py as a program of its own: what a shell sees of it."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from optionbus.cli.doctor import HOME

pytestmark = pytest.mark.sockets


@contextmanager
def program(*arguments: str) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-W", "error", str(HOME / "run.py"), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd="/") as process:
        try:
            yield process
        finally:
            process.kill()


def until_ready(process: "subprocess.Popen[str]") -> None:
    until(process, "session ready")


def until(process: "subprocess.Popen[str]", what: str) -> str:
    """The first line of the log that says so."""
    assert process.stderr is not None
    return next((line for line in process.stderr if what in line), "")


def test_a_short_run_sees_ticks_candles_settled_trades_and_a_healed_socket() -> None:
    with program("--for", "3", "--json", "--speed", "10", "--drop-after", "1.5") as process:
        output, errors = process.communicate(timeout=15)

    summary = json.loads(output.splitlines()[-1])
    assert (process.returncode, summary["errors"], summary["reconnects"]) == (0, 0, 1), errors
    assert min(summary["ticks"], summary["candles"], summary["trades_opened"], summary["trades_settled"]) > 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_in_good_order_within_three_seconds(number: signal.Signals) -> None:
    with program("--no-trade") as process:
        until_ready(process)
        process.send_signal(number)
        began = time.monotonic()
        output, errors = process.communicate(timeout=10)

    assert process.returncode == 0
    assert errors == ""
    assert time.monotonic() - began < 3
    assert output.startswith("optionbus 0.")
    assert "trades: 0 opened" in output
    assert "balance: " in output
    assert "\x1b" not in output


def test_a_signal_while_it_begins_is_not_lost() -> None:
    with program("--json") as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("optionbus")
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=10)

    assert process.returncode == 0
    assert json.loads(output)["errors"] == 0


def test_a_signal_halts_trading_and_another_makes_it_active_again() -> None:
    with program("--json", "--speed", "20", "--drop-after", "0") as process:
        until_ready(process)
        process.send_signal(signal.SIGUSR1)
        halted = until(process, "trading is")
        denied = until(process, "no trade")
        process.send_signal(signal.SIGUSR2)
        active = until(process, "trading is")
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=10)

    assert "trading is halted (SIGUSR1)" in halted
    assert "by the rule 'trading mode': it is halted, allowed is active" in denied
    assert "trading is active (SIGUSR2)" in active
    assert (process.returncode, json.loads(output)["errors"]) == (0, 0), errors


def test_the_kill_switch_pulled_while_it_begins_is_not_lost() -> None:
    with program("--json", "--no-trade") as process:
        until(process, "Ctrl-C ends it")
        process.send_signal(signal.SIGUSR1)
        halted = until(process, "trading is halted")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=10)

    assert halted
    assert process.returncode == 0


def test_it_runs_as_a_module_too() -> None:
    command = [sys.executable, "-m", "run", "--version"]

    ended = subprocess.run(command, cwd=HOME, capture_output=True, text=True, timeout=10, check=True)

    assert ended.stdout.startswith("optionbus 0.")
