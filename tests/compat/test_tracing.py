"""Logging as bots set it up."""

import asyncio
import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from loguru import logger

from optionbus.compat import LogBuilder, Logger, NotAllowedError, start_logs

SOON = timedelta(seconds=0.05)
SESSION = '42["auth",{"session":"abcdefghijklmnopqrstuvwxyz","isDemo":1,"uid":12345,"platform":2}]'


@pytest.fixture(autouse=True)
def _silence_afterwards() -> Iterator[None]:
    yield
    logger.remove()
    logger.disable("optionbus")


def test_an_iterator_gives_records_from_its_level_on_and_ends_in_silence() -> None:
    builder = LogBuilder()
    records = builder.create_logs_iterator("INFO", SOON)
    builder.build()
    for write in (Logger().debug, Logger().info, Logger().warn, Logger().error):
        write("a line with {braces}")

    found = [json.loads(record) for record in records]

    assert [record["level"] for record in found] == ["INFO", "WARN", "ERROR"]
    assert {record["message"] for record in found} == {"a line with {braces}"}
    assert found[0].keys() >= {"target", "timestamp"}


def test_an_iterator_is_read_in_a_loop_as_well() -> None:
    async def read() -> list[str]:
        return [record async for record in records]

    builder = LogBuilder()
    records = builder.create_logs_iterator("DEBUG", SOON)
    builder.build()
    Logger().info("a line")

    assert len(asyncio.run(read())) == 1


def test_a_builder_builds_once() -> None:
    builder = LogBuilder()
    builder.build()

    with pytest.raises(NotAllowedError):
        builder.build()


def test_logs_go_to_two_files_and_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    start_logs(str(tmp_path / "logs"), "INFO")
    Logger().info("a line")
    Logger().error("an error")

    assert "a line" in (tmp_path / "logs" / "logs.log").read_text()
    assert (tmp_path / "logs" / "error.log").read_text().count("\n") == 1
    assert "a line" in capsys.readouterr().err


def test_a_file_and_no_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    builder = LogBuilder()
    builder.log_file(str(tmp_path / "bot.log"), "WARN")
    builder.build()
    Logger().info("a line")
    Logger().warn("a warning")

    assert "a line" not in (tmp_path / "bot.log").read_text()
    assert "a warning" in (tmp_path / "bot.log").read_text()
    assert capsys.readouterr().err == ""


def test_no_line_holds_a_session(capsys: pytest.CaptureFixture[str]) -> None:
    builder = LogBuilder()
    builder.terminal("DEBUG")
    builder.build()
    Logger().info(f"trying {SESSION}")

    assert "trying" in (shown := capsys.readouterr().err)
    assert "abcdefgh" not in shown


def test_it_is_silent_until_it_is_asked_to_speak(capsys: pytest.CaptureFixture[str]) -> None:
    Logger().info("a line")

    assert capsys.readouterr().err == ""
