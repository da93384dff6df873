"""Covers optionbus.cli.arguments: what may be said, what may not, and that no session is repeated."""

import sys
from pathlib import Path

import pytest

from optionbus.cli.arguments import parse

SESSION = '42["auth",{"session":"topsecret0123","isDemo":1,"uid":1,"platform":2}]'
PATH = "/socket.io/?EIO=4&transport=websocket"


@pytest.fixture(autouse=True)
def called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["/somewhere/run.py"])


def refusal(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    """The one line that is printed before the process ends with 2."""
    with pytest.raises(SystemExit) as ended:
        parse(arguments)
    output = capsys.readouterr()
    assert (ended.value.code, output.out, output.err.count("\n")) == (2, "", 1)
    return output.err


def test_nothing_said_is_a_run_with_defaults() -> None:
    options = parse([])

    assert (options.command, options.period, options.seconds) == ("run", 5, None)
    assert options.asset == ["EURUSD_otc", "GBPUSD_otc", "AUDCAD_otc"]
    assert (options.url, options.ssid_file, options.config, options.actor) == (None, None, None, [])
    assert (options.region, options.log_file) == (None, None)
    assert (options.seed, options.speed, options.drop_after, options.log_level) == (None, None, None, None)
    assert (options.json, options.no_trade, options.allow_real) == (False, False, False)


def test_everything_that_may_be_said_is_understood() -> None:
    options = parse(
        [
            *("--asset", "A", "--asset", "B", "--asset", "A", "--actor", "m:X", "--actor", "m:Y", "--period", "60"),
            *("--for", "2.5", "--seed", "-7", "--speed", "0.5", "--drop-after", "0", "--log-level", "debug"),
            *("--ssid-file", "s.txt", "--config", "c.toml", "--json", "--no-trade", "--allow-real"),
        ]
    )

    assert (options.asset, options.actor, options.period) == (["A", "B"], ["m:X", "m:Y"], 60)
    assert (options.seconds, options.seed, options.speed, options.drop_after) == (2.5, -7, 0.5, 0.0)
    assert (options.log_level, options.ssid_file, options.config) == ("DEBUG", Path("s.txt"), Path("c.toml"))
    assert (options.json, options.no_trade, options.allow_real) == (True, True, True)


def test_a_recording_takes_the_options_of_a_run_and_files() -> None:
    options = parse(["record", "--out", "a.rec", "--ticks", "a.csv", "--asset", "A", "--ssid-file", "s.txt"])

    assert (options.command, options.out, options.ticks) == ("record", Path("a.rec"), Path("a.csv"))
    assert (options.asset, options.ssid_file, options.seconds) == (["A"], Path("s.txt"), None)
    assert parse(["record"]).asset == parse([]).asset


def test_a_replay_is_a_command_or_an_option_of_the_run() -> None:
    for arguments in (["replay", "a.rec", "--speed", "max"], ["--replay", "a.rec", "--speed", "0"]):
        options = parse(arguments)

        assert (options.replay, options.speed, options.seed) == (Path("a.rec"), 0.0, None)
        assert options.asset == parse([]).asset


def test_doctor_is_a_command_of_its_own() -> None:
    options = parse(["doctor", "--json", "--ssid-file", "s.txt"])

    assert (options.command, options.json, options.ssid_file) == ("doctor", True, Path("s.txt"))
    assert (options.actor, options.seed, options.log_level) == ([], None, None)


def test_progress_leaves_standard_output_to_programs_with_json() -> None:
    assert parse([]).progress is sys.stdout
    assert parse(["--json"]).progress is sys.stderr


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("ws://127.0.0.1:8765", f"ws://127.0.0.1:8765{PATH}"),
        ("wss://host/", f"wss://host{PATH}"),
        ("wss://host/other", "wss://host/other?EIO=4&transport=websocket"),
        ("wss://host/other/?EIO=4", "wss://host/other/?EIO=4"),
    ],
)
def test_an_address_may_leave_out_what_is_always_the_same(said: str, meant: str) -> None:
    assert parse(["--url", said]).url == meant


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (["--period", "7"], "divide a day"),
        (["--period", "0"], "divide a day"),
        (["--period", "-5"], "divide a day"),
        (["--period", "2.5"], "divide a day"),
        (["--period", "\u0665"], "divide a day"),
        (["--for", "0"], "above 0"),
        (["--for", "-1"], "give one from 0 up"),
        (["--for", "soon"], "give one from 0 up"),
        (["--speed", "nan"], "give one from 0 up"),
        (["--speed", "inf"], "give one from 0 up"),
        (["--speed", "0"], "above 0"),
        (["--drop-after", "-1"], "give one from 0 up"),
        (["--seed", "1.5"], "--seed"),
        (["--log-level", "loud"], "'WARNING'"),
        (["--url", "host:80"], "wss://"),
        (["--url", "http://host"], "wss://"),
        (["--url", "ws://"], "wss://"),
        (["--perio", "5"], "unrecognized"),
        (["doctor", "--seed", "3"], "doctor --help"),
        (["--colour"], "python run.py --help"),
        (["replay"], "FILE"),
        (["replay", "a.rec", "--seed", "3"], "replay --help"),
        (["replay", "a.rec", "--speed", "fast"], "--speed"),
        (["--speed", "max"], "above 0"),
        (["record", "--speed", "0"], "above 0"),
    ],
)
def test_a_wrong_argument_is_refused_in_one_line(
    arguments: list[str], hint: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert hint in refusal(capsys, *arguments)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--ssid", SESSION],
        [f"--ssid={SESSION}"],
        ["--ssid-file", SESSION],
        ["--ssid-f", SESSION],
        [SESSION],
        ["doctor", "--ssid", SESSION],
        ["--period", SESSION],
        ["record", "--ssid", SESSION],
        ["replay", "a.rec", "--speed", SESSION],
    ],
)
def test_a_session_among_the_arguments_is_not_repeated(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert "topsecret" not in refusal(capsys, *arguments)


def test_ssid_says_where_a_session_belongs(capsys: pytest.CaptureFixture[str]) -> None:
    said = refusal(capsys, "--ssid", SESSION)

    assert "--ssid-file" in said
    assert "OPTIONBUS_SSID" in said


@pytest.mark.parametrize(
    ("arguments", "lesson"),
    [
        (["--help"], "python run.py --for 20 --json"),
        (["--help"], "python run.py doctor --help"),
        (["--help"], "never an argument"),
        (["doctor", "--help"], "python run.py doctor --ssid-file session.txt"),
        (["record", "--help"], "python run.py record --for 60"),
        (["replay", "--help"], "python run.py replay monday.rec --speed max --json"),
        (["--version"], "optionbus 0."),
    ],
)
def test_help_teaches_by_examples(arguments: list[str], lesson: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        parse(arguments)

    assert ended.value.code == 0
    assert lesson in capsys.readouterr().out


@pytest.mark.parametrize(
    ("called_as", "program"), [("/x/optionbus", "optionbus"), ("run.py", "python run.py"), ("-c", "optionbus")]
)
def test_help_calls_the_program_as_it_was_called(
    called_as: str, program: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", [called_as])

    assert f"See {program} --help." in refusal(capsys, "--colour")
