"""Covers the commands record and replay, as a shell sees them."""

import json
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from optionbus.cli.doctor import HOME

pytestmark = pytest.mark.sockets

RUN = [sys.executable, "-W", "error", str(HOME / "run.py")]


def program(folder: Path, *arguments: str, before: str = "") -> "subprocess.CompletedProcess[str]":
    command = [*RUN, *arguments]
    if before:
        command = ["/bin/sh", "-c", f"{before}; exec {shlex.join(command)}"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=40, check=False)


def summary(ended: "subprocess.CompletedProcess[str]") -> dict[str, Any]:
    assert ended.returncode == 0, ended.stderr
    said: dict[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return said


def test_what_was_recorded_is_replayed_at_every_speed(tmp_path: Path) -> None:
    arguments = ["--for", "3", "--period", "1", "--drop-after", "2", "--json", "--out", "a.rec", "--ticks", "a.csv"]
    recorded = summary(program(tmp_path, "record", *arguments))

    assert recorded["recording"]["error"] is None
    assert recorded["recording"]["bytes"] == (tmp_path / "a.rec").stat().st_size
    assert len((tmp_path / "a.csv").read_text().splitlines()) == recorded["recording"]["ticks"] + 1
    for said in (["replay", "a.rec", "--speed", "max"], ["replay", "a.rec"], ["--replay", "a.rec", "--speed", "4"]):
        played = summary(program(tmp_path, *said, "--period", "1", "--json"))
        replay = played["replay"]
        assert (replay["is_over"], replay["remarks"]) == (True, []), said
        assert replay["orders"] > 0
        assert played["trades_opened"] >= recorded["trades_opened"] > 0
        assert replay["recorded"]["orders"] >= recorded["trades_opened"]
        assert played["reconnects"] == recorded["reconnects"]
        assert 0 <= played["ticks"] - recorded["ticks"] < 50


def test_a_replay_says_that_it_is_one(tmp_path: Path) -> None:
    program(tmp_path, "record", "--for", "1", "--out", "a.rec")
    whole = (tmp_path / "a.rec").read_bytes()
    (tmp_path / "a.rec").write_bytes(whole[:-3])

    ended = program(tmp_path, "replay", "a.rec", "--speed", "max")

    assert ended.returncode == 0
    assert "no order, and nothing else, is sent anywhere" in ended.stdout
    assert "remark: its last block is torn" in ended.stdout
    assert "were sent to nobody" in ended.stdout


def test_ctrl_c_ends_a_recording_in_order(tmp_path: Path) -> None:
    command = [*RUN, "record", "--json"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        next(line for line in process.stderr if "session ready" in line)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=20)

    (file,) = tmp_path.glob("session-*.rec")
    assert process.returncode == 0
    assert json.loads(output)["recording"]["file"] == file.name
    assert summary(program(tmp_path, "replay", file.name, "--speed", "max", "--json"))["replay"]["remarks"] == []


def test_a_process_that_is_killed_leaves_what_can_be_replayed(tmp_path: Path) -> None:
    command = [*RUN, "record", "--out", "a.rec", "--json"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        next(line for line in process.stderr if "recorded " in line and "ready" in line and "recorded 1 " not in line)
        next(line for line in process.stderr if "recorded " in line)
        process.kill()

    played = summary(program(tmp_path, "replay", "a.rec", "--speed", "max", "--json"))

    assert played["replay"]["messages"] > 10
    assert played["replay"]["remarks"][-1].startswith("it has no end")


def test_a_full_disk_ends_the_recording_and_not_the_run(tmp_path: Path) -> None:
    ended = program(tmp_path, "record", "--for", "3", "--json", "--out", "a.rec", before="ulimit -f 16")

    said = json.loads(ended.stdout.splitlines()[-1])
    assert ended.returncode == 1
    assert "File too large" in said["recording"]["error"]
    assert "a.rec cannot be written: File too large" in ended.stderr
    assert said["ticks"] > 0
    assert said["reconnects"] == 0
    assert (tmp_path / "a.rec").stat().st_size <= 16 * 1024
    assert summary(program(tmp_path, "replay", "a.rec", "--speed", "max", "--json"))["replay"]["is_over"]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["replay", "none.rec"], "none.rec cannot be replayed: No such file"),
        (["replay", "text.rec"], "text.rec cannot be replayed: it is no recording. Give a file that run.py record"),
        (["replay", "text.rec", "--seed", "3"], "--seed"),
        (["replay"], "FILE"),
        (["--speed", "max"], "above 0"),
        (["record", "--ticks", "a.xls"], ".csv or .jsonl"),
        (["--replay", "text.rec", "--url", "ws://there"], "a replay connects to nothing"),
    ],
)
def test_a_wrong_call_is_told_in_one_line(tmp_path: Path, arguments: list[str], problem: str) -> None:
    (tmp_path / "text.rec").write_text("hello")

    ended = program(tmp_path, *arguments)

    assert ended.returncode == 2
    assert problem in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert [file.name for file in tmp_path.iterdir()] == ["text.rec"]
