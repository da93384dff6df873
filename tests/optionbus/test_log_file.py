"""Covers optionbus.log_file."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from loguru import logger

from messages.errors import ConfigInvalid
from optionbus.client import PocketOption
from optionbus.log_file import sink_for
from optionbus.log_sink import LoguruSink
from optionbus.testing import SteppedRuntime
from supervisor.settings import LogSettings, Settings


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "bot.log"


@pytest.fixture
def users() -> Iterator[io.StringIO]:
    """A sink of the user's own, who has not asked to hear this package."""
    logger.remove()
    logger.disable("optionbus")
    stream = io.StringIO()
    logger.add(stream, level="TRACE")
    yield stream
    logger.remove()


def _settings(file: Path, **fields: object) -> LogSettings:
    return msgspec.convert({"file": str(file), **fields}, LogSettings)


def test_without_a_file_there_is_none() -> None:
    assert type(sink_for(LogSettings())) is LoguruSink


def test_a_library_writes_its_file_and_is_silent_elsewhere(file: Path, users: io.StringIO) -> None:
    sink = sink_for(_settings(file))

    sink.write("INFO", "Session", "a {brace} and a <red>tag</red>")
    sink.close()

    (line,) = file.read_text().splitlines()
    assert line.endswith("INFO     optionbus.Session | a {brace} and a <red>tag</red>")
    assert users.getvalue() == ""


def test_a_line_may_be_an_object(file: Path) -> None:
    sink = sink_for(_settings(file, json=True))

    sink.write("ERROR", "Session", 'two\nlines, "quoted" {0}')
    sink.close()

    line = json.loads(file.read_text())
    assert {"level": "ERROR", "source": "Session", "text": 'two\nlines, "quoted" {0}'}.items() <= line.items()
    assert set(line) == {"time", "level", "source", "text"}


def test_a_file_is_added_to(file: Path) -> None:
    for text in ("one", "two"):
        sink = sink_for(_settings(file))
        sink.write("INFO", "Session", text)
        sink.close()

    assert [line.rpartition("| ")[2] for line in file.read_text().splitlines()] == ["one", "two"]


def test_two_files_do_not_meet(tmp_path: Path) -> None:
    sinks = [sink_for(_settings(tmp_path / name)) for name in "ab"]

    for sink, text in zip(sinks, ("one", "two"), strict=True):
        sink.write("INFO", "Session", text)
        sink.close()

    assert "two" not in (tmp_path / "a").read_text()
    assert "two" in (tmp_path / "b").read_text()


def test_a_file_is_rotated_and_old_ones_go(file: Path) -> None:
    sink = sink_for(_settings(file, rotation="10 B", retention="1"))

    for _ in range(4):
        sink.write("INFO", "Session", "longer than ten bytes")
    sink.close()

    assert len(list(file.parent.iterdir())) == 2


@pytest.mark.parametrize(
    ("path", "fields", "field"),
    [
        ("missing/bot.log", {}, "log.file"),
        (".", {}, "log.file"),
        ("bot.log", {"rotation": "often"}, "log.rotation"),
        ("bot.log", {"retention": "ever so long"}, "log.retention"),
    ],
)
def test_what_cannot_be_written_is_said_by_its_path(
    tmp_path: Path, path: str, fields: dict[str, str], field: str
) -> None:
    with pytest.raises(ConfigInvalid) as refused:
        sink_for(_settings(tmp_path / path, **fields))

    assert refused.value.path == field


def test_a_client_writes_from_its_level_up_and_closes_the_file(file: Path) -> None:
    client = PocketOption.simulated(runtime=SteppedRuntime(), config=Settings(log=_settings(file, level="INFO")))
    with client:
        records = client.logs("TRACE")
        client.wait_ready(timeout=10)

    text = file.read_text()
    assert "session ready" in text
    assert "TRACE" not in text
    assert len(records) > 0
    assert client._edge._world.log_sink._logger._core.handlers == {}  # type: ignore[attr-defined]
