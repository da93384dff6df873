"""The log's own file: written whether or not the package speaks to the user's sinks.

Decides that it is a loguru of its own, with nobody else's sinks; what a line looks like; and that a file which cannot
be written is said before anything starts. Texts that come here are redacted. Does not know what is worth a line.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Final

import msgspec
from loguru import logger

from actors.ports import LogSink
from messages.errors import ConfigInvalid
from optionbus.log_sink import PACKAGE, LoguruSink, write
from supervisor.settings import LogSettings

if TYPE_CHECKING:
    from loguru import Logger, Record

FORMAT: Final = "{time:YYYY-MM-DDTHH:mm:ss.SSSZZ} {level: <8} {name} | {message}"


def sink_for(settings: LogSettings) -> LogSink:
    """Where lines go. Raises ConfigInvalid."""
    return LoguruSink() if settings.file is None else FileSink(settings.file, settings)


class FileSink(LoguruSink):
    """Writes to a file besides."""

    def __init__(self, file: str, settings: LogSettings) -> None:
        self._logger = _new_logger()
        try:
            Path(file).open("a").close()
            # The file is opened with its first line: a client that is never started leaves none open.
            self._logger.add(
                file,
                level="TRACE",
                format=_json if settings.json else FORMAT,
                rotation=settings.rotation,
                retention=int(kept) if (kept := settings.retention or "").isdecimal() else settings.retention,
                encoding="utf8",
                delay=True,
                diagnose=False,
                backtrace=False,
            )
        except OSError as error:
            raise ConfigInvalid("log", "log.file", f"{file} cannot be written: {error.strerror}.") from None
        except ValueError as error:
            field = "retention" if "retention" in str(error) else "rotation"
            raise ConfigInvalid("log", f"log.{field}", f"loguru does not understand it: {error}") from None

    def write(self, level: str, source: str, text: str) -> None:
        """Write one line, to both."""
        super().write(level, source, text)
        write(self._logger, level, f"{PACKAGE}.{source}", text)

    def close(self) -> None:
        """Close the file."""
        self._logger.remove()


def _new_logger() -> "Logger":
    """A logger that shares nothing with the one that everybody imports."""
    kind, core = type(logger), type(logger._core)  # type: ignore[attr-defined]  # noqa: SLF001 - loguru has no other way
    return kind(core(), None, 0, False, False, False, False, True, [], {})  # type: ignore[call-arg]


def _json(record: "Record") -> str:
    line = {
        "time": record["time"].timestamp(),
        "level": record["level"].name,
        "source": (record["name"] or "").removeprefix(f"{PACKAGE}."),
        "text": record["message"],
    }
    record["extra"]["line"] = msgspec.json.encode(line).decode()
    return "{extra[line]}\n"
