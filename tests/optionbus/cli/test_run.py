"""Covers optionbus.cli and its run: what ends a session, with which exit code, and what is said about it."""

import json
import os
import sys
import time
from decimal import Decimal
from pathlib import Path

import pytest

from optionbus import cli
from optionbus.cli import main
from simulator.broker import Broker, Refusal
from simulator.server import SimulatorServer

pytestmark = pytest.mark.sockets

DEMO = '42["auth",{"session":"topsecret0123","isDemo":1,"uid":1,"platform":2}]'
REAL = DEMO.replace('"isDemo":1', '"isDemo":0')
QUICK = ("--speed", "100", "--for", "1")


def error_line(capsys: pytest.CaptureFixture[str]) -> str:
    """The last line on standard error, where an error is told."""
    return capsys.readouterr().err.splitlines()[-1]


def test_with_json_standard_output_has_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    code = main([*QUICK, "--json", "--no-trade"])

    output = capsys.readouterr()
    (line,) = output.out.splitlines()
    summary = json.loads(line)
    assert (code, summary["trades_opened"], summary["errors"]) == (0, 0, 0)
    assert summary["ticks"] > summary["candles"] > 0
    assert "session ready" in output.err


def test_an_unknown_asset_ends_it_with_a_suggestion(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["--asset", "EURUSD_otcc"])

    output = capsys.readouterr()
    assert code == 2
    assert output.err.splitlines()[-1].startswith("optionbus: There is no asset 'EURUSD_otcc'. Did you mean EURUSD_otc")
    assert "trades:" not in output.out


def test_more_assets_than_stream_at_once_end_it(capsys: pytest.CaptureFixture[str]) -> None:
    names = ("EURUSD_otc", "GBPUSD_otc", "AUDUSD_otc", "USDJPY_otc", "EURJPY_otc")

    assert main([argument for name in names for argument in ("--asset", name)]) == 2
    assert "subscriptions.limit" in error_line(capsys)


def test_a_refused_session_ends_it_promptly(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPTIONBUS_SSID", DEMO)
    with SimulatorServer(Broker(refusal=Refusal.NOT_AUTHORIZED)) as server:
        began = time.monotonic()
        code = main(["--url", server.url, "--json"])
        seconds = time.monotonic() - began

    output = capsys.readouterr()
    assert (code, seconds < 2) == (1, True)
    assert json.loads(output.out)["errors"] == 1
    assert output.err.splitlines()[-1].startswith("optionbus: The platform refused the session (NotAuthorized)")
    assert "Traceback" not in output.err
    assert "topsecret" not in output.out + output.err


def test_a_session_that_never_becomes_ready_is_a_failure(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPTIONBUS_SSID", DEMO)

    code = main(["--url", "ws://127.0.0.1:1", "--for", "0.5"])

    assert code == 1
    assert "Connection refused" in error_line(capsys)


def test_giving_up_is_a_failure(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPTIONBUS_SSID", DEMO)
    monkeypatch.setenv("OPTIONBUS__RECONNECT__MAX_FAILURES", "1")

    assert main(["--url", "ws://127.0.0.1:1"]) == 1
    assert "no connection after" in error_line(capsys)


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "cannot be read"), ("hello", "The SSID cannot be used"), (REAL, "--allow-real")],
)
def test_a_session_that_cannot_be_used_is_refused_before_anything_starts(
    content: str | None, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "session.txt"
    if content is not None:
        file.write_text(content)

    assert main(["--ssid-file", str(file)]) == 2
    assert says in error_line(capsys)


def test_a_wrong_config_is_told_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "bot.toml"
    file.write_text("[log]\nlevel = 3\n")

    assert main(["--config", str(file)]) == 2
    assert error_line(capsys).startswith(f"optionbus: {file} at log.level: ")


STRATEGIES = """
from threading import Event
from optionbus import Actor, CandleClosed

class Listens(Actor[CandleClosed]):
    listens = (CandleClosed,)
    def on_receive(self, message):
        self.context.log("INFO", f"heard {message.candle.symbol}")

class Crashes(Listens):
    def on_receive(self, message):
        raise ValueError("not today")

class Hangs(Listens):
    def on_receive(self, message):
        Event().wait(5)

class Balance(Listens):
    pass
"""


@pytest.fixture
def strategies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "some_strategies.py").write_text(STRATEGIES)
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("strategies")
def test_an_actor_of_ones_own_takes_the_place_of_the_sample(capsys: pytest.CaptureFixture[str]) -> None:
    code = main([*QUICK, "--json", "--asset", "GBPUSD_otc", "--actor", "some_strategies:Listens"])

    output = capsys.readouterr()
    assert (code, json.loads(output.out)["trades_opened"]) == (0, 0)
    assert "heard GBPUSD_otc" in output.err


@pytest.mark.usefixtures("strategies")
def test_an_actor_that_keeps_crashing_ends_it(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--speed", "50", "--actor", "some_strategies:Crashes"]) == 1
    assert "Crashes kept failing (ValueError: not today)" in error_line(capsys)


@pytest.mark.usefixtures("strategies")
def test_an_actor_that_hangs_does_not_hold_up_the_end() -> None:
    began = time.monotonic()

    assert main(["--speed", "50", "--for", "0.4", "--actor", "some_strategies:Hangs", "--json"]) == 0
    assert time.monotonic() - began < 3


@pytest.mark.usefixtures("strategies")
@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("some_strategies", "module:Class"),
        ("no_strategies:X", "no module"),
        ("some_strategies:Listen", "Did you mean Listens?"),
        ("some_strategies:Balance", "Two actors are called 'Balance'"),
    ],
)
def test_an_actor_that_cannot_be_started_is_a_wrong_call(
    name: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--actor", name]) == 2
    assert says in error_line(capsys)


def test_the_sample_does_not_trade_real_money(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "real.txt"
    file.write_text(REAL)
    broker = Broker(seed=1, balance=Decimal(100))
    with SimulatorServer(broker) as server:
        arguments = ["--ssid-file", str(file), "--allow-real", "--url", server.url]
        code = main([*arguments, "--period", "1", "--for", "1.8", "--json"])

    output = capsys.readouterr()
    summary = json.loads(output.out)
    assert (code, summary["trades_opened"], summary["candles"] > 0) == (0, 0, True)
    assert "trades on demo only" in output.err


def test_without_a_library_it_points_to_the_doctor(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "optionbus.cli.run", None)

    assert main([]) == 1
    assert "doctor says what is missing" in error_line(capsys)


def test_an_output_that_nobody_reads_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as stream:
        monkeypatch.setattr(sys, "stdout", stream)
        assert main(["--for", "5"]) == 1


def test_an_interrupted_doctor_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_options: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setitem(cli._COMMANDS, "doctor", interrupt)

    assert main(["doctor"]) == 130
