"""Covers optionbus.cli.opening: where session and settings come from, and what does not go together."""

import sys
from pathlib import Path

import pytest
from msgspec.structs import replace

from actors.stepped import SteppedRuntime
from messages.errors import ConfigInvalid, InvalidSsid, RealAccountRefused, UsageError
from messages.secret import Secret
from optionbus import PocketOption
from optionbus.cli.arguments import parse
from optionbus.cli.opening import open_client, read_session, read_settings
from optionbus.recording.replay_time import ReplayRuntime
from tests.optionbus.recording.some_recording import HEADER, write

DEMO = '42["auth",{"session":"topsecret0123","isDemo":1,"uid":1,"platform":2}]'
REAL = DEMO.replace('"isDemo":1', '"isDemo":0')


def opened(*arguments: str) -> PocketOption:
    options = parse(arguments)
    return open_client(options, read_settings(options), ())


@pytest.fixture
def demo(tmp_path: Path) -> str:
    file = tmp_path / "demo.txt"
    file.write_text(f"{DEMO}\n")
    return str(file)


def test_without_a_session_the_broker_is_simulated() -> None:
    assert opened().simulation is not None
    assert opened("--seed", "3", "--speed", "2").simulation is not None


def test_a_session_goes_to_the_platform(demo: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert opened("--ssid-file", demo).simulation is None
    monkeypatch.setenv("OPTIONBUS_SSID", DEMO)
    assert opened().simulation is None


def test_the_file_wins_over_the_environment(demo: str) -> None:
    environment = {"OPTIONBUS_SSID": "other"}

    assert read_session(Path(demo), environment) == Secret(DEMO)
    assert read_session(None, environment) == Secret("other")


def test_an_empty_variable_is_no_session() -> None:
    assert read_session(None, {"OPTIONBUS_SSID": ""}) is None


def test_a_file_that_cannot_be_read_is_told_by_its_name(tmp_path: Path) -> None:
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe" + DEMO.encode())
    for file, problem in ((tmp_path / "none", "No such file"), (tmp_path, "directory"), (binary, "not text")):
        with pytest.raises(UsageError, match=problem) as caught:
            read_session(file)
        assert str(file) in caught.value.text
        assert caught.value.__context__ is None


@pytest.mark.parametrize("content", ["", "hello", '42["auth",{}]'])
def test_a_file_without_a_session_is_refused(content: str, tmp_path: Path) -> None:
    file = tmp_path / "bad.txt"
    file.write_text(content)

    with pytest.raises(InvalidSsid):
        opened("--ssid-file", str(file))


def test_real_money_takes_an_opt_in(tmp_path: Path) -> None:
    file = tmp_path / "real.txt"
    file.write_text(REAL)

    with pytest.raises(RealAccountRefused, match="--allow-real"):
        opened("--ssid-file", str(file))
    assert not opened("--ssid-file", str(file), "--allow-real").is_demo


def test_each_source_of_settings_wins_over_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "bot.toml"
    file.write_text('actors = ["m:File"]\n[log]\nlevel = "ERROR"\n[subscriptions]\nlimit = 5\n')
    arguments = ["--config", str(file)]
    assert read_settings(parse(arguments)).log.level == "ERROR"

    monkeypatch.setenv("OPTIONBUS__LOG__LEVEL", "WARNING")
    assert read_settings(parse(arguments)).log.level == "WARNING"

    said = read_settings(parse([*arguments, "--log-level", "trace", "--actor", "m:Said", "--url", "ws://h/p?q"]))
    assert (said.log.level, said.actors, said.connection.urls) == ("TRACE", ("m:Said",), ("ws://h/p?q",))
    assert said.subscriptions.limit == 5


def test_region_and_log_file_are_settings_too(tmp_path: Path) -> None:
    file = tmp_path / "bot.toml"
    file.write_text('[connection]\nregion = "eu"\nca_file = "kept.pem"\n[log]\nlevel = "ERROR"\n')

    said = read_settings(parse(["--config", str(file), "--region", "Fastest", "--log-file", "bot.log"]))

    assert (said.connection.region, said.connection.ca_file) == ("Fastest", "kept.pem")
    assert (said.log.file, said.log.level) == ("bot.log", "ERROR")
    with pytest.raises(ConfigInvalid, match=r"argument at connection\.region: .*Prague"):
        read_settings(parse(["--region", "atlantis"]))


def test_doctor_takes_a_region() -> None:
    assert read_settings(parse(["doctor", "--region", "eu"])).connection.region == "eu"


def test_a_wrong_setting_is_told_by_its_path(tmp_path: Path) -> None:
    file = tmp_path / "bot.toml"
    file.write_text("[reconnect]\nbase_seconds = -1\n")

    with pytest.raises(ConfigInvalid, match=r"reconnect\.base_seconds") as caught:
        opened("--config", str(file))
    assert str(file) in caught.value.text


def test_an_address_without_a_session_is_refused() -> None:
    with pytest.raises(UsageError, match="--ssid-file"):
        opened("--url", "ws://127.0.0.1:1")


@pytest.mark.parametrize("option", ["--seed", "--speed", "--drop-after"])
def test_the_platform_cannot_do_what_the_simulator_can(option: str, demo: str) -> None:
    with pytest.raises(UsageError, match=option):
        opened("--ssid-file", demo, option, "3")


def test_actors_are_found_in_the_present_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "my_strategies.py").write_text(
        "from optionbus import Actor, CandleClosed\nclass Mine(Actor[CandleClosed]): pass\n"
    )
    monkeypatch.chdir(tmp_path)

    opened("--actor", "my_strategies:Mine")

    assert sys.path[0] == str(tmp_path)


def test_a_recording_is_opened_in_virtual_time_where_speed_has_no_end(tmp_path: Path) -> None:
    file = write(tmp_path / "a.rec")

    hurried, usual = opened("replay", str(file), "--speed", "max").playback, opened("--replay", str(file)).playback

    assert hurried is not None
    assert isinstance(hurried.runtime, SteppedRuntime)
    assert usual is not None
    assert isinstance(usual.runtime, ReplayRuntime)


def test_a_session_in_the_environment_is_no_matter_to_a_replay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPTIONBUS_SSID", "no session at all")

    assert opened("replay", str(write(tmp_path / "a.rec"))).playback is not None


@pytest.mark.parametrize("said", [["--ssid-file", "s.txt"], ["--url", "ws://there"], ["--seed", "3"]], ids=str)
def test_a_replay_connects_to_nothing(tmp_path: Path, said: list[str]) -> None:
    with pytest.raises(UsageError, match=f"{said[0]}: a replay"):
        opened("--replay", str(write(tmp_path / "a.rec")), *said)


def test_a_real_account_is_replayed_without_an_opt_in_as_nothing_is_sent(tmp_path: Path) -> None:
    client = opened("replay", str(write(tmp_path / "a.rec", header=replace(HEADER, is_demo=False))))

    assert not client.is_demo
