"""Where log lines go: into loguru, which a library keeps silent and the command line turns on.

Decides that the user's own sinks see nothing of this package unless they ask (``logger.enable("optionbus")``), the
names under which lines appear, and what the command line's own sink shows. A text that comes here is already redacted;
that sink redacts once more what it has formatted. Does not know what is worth a line (``actors.log``).
"""

import logging
import sys
from typing import TYPE_CHECKING, Final, TextIO

from loguru import logger

from messages.secret import redact

if TYPE_CHECKING:
    from loguru import Logger, Record

PACKAGE: Final = "optionbus"
FORMAT: Final = "{time:HH:mm:ss.SSS} <level>{level: <8}</level> {name} | {message}"


class LoguruSink:
    """Writes through loguru. A line's name is that of its source: ``optionbus.Session``, ``optionbus.Trades``."""

    def write(self, level: str, source: str, text: str) -> None:
        """Write one line, as it is: braces and tags in it mean nothing."""
        write(logger, level, f"{PACKAGE}.{source}", text)

    def close(self) -> None:
        """Do nothing: loguru is not ours to close."""


def configure(level: str = "INFO", *, colour: bool | None = None, sink: TextIO | None = None) -> None:
    """Log to one sink only, as a program of its own does; a library never calls this.

    Args:
        level: the lowest level that is shown.
        colour: None colours a terminal and nothing else.
        sink: where to; standard error if not given.
    """
    logger.remove()
    # diagnose and backtrace would print variables and callers, among which a session may be.
    logger.add(
        _Redacting(sink or sys.stderr), level=level, format=FORMAT, colorize=colour, diagnose=False, backtrace=False
    )
    logger.enable(PACKAGE)
    logging.basicConfig(handlers=[_FromLogging()], force=True)


class _Redacting:
    """A stream that passes on what it is given, without anything shaped like an authentication."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self.isatty = stream.isatty
        self.flush = stream.flush

    def write(self, line: str) -> None:
        # The end of the line stays: an authentication is cut to the end of the text.
        self._stream.write(redact(line.removesuffix("\n")) + "\n")


class _FromLogging(logging.Handler):
    """Takes what pykka and others say through the standard library."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.setFormatter(logging.Formatter())  # the bare message; basicConfig would set a longer one

    def emit(self, record: logging.LogRecord) -> None:
        level = record.levelname if record.levelname in _SHARED_LEVELS else record.levelno
        write(logger, level, record.name, self.format(record))


_SHARED_LEVELS: Final = frozenset({"WARNING", "ERROR", "CRITICAL"})
"""Those that the standard library and loguru call alike."""


def write(to: "Logger", level: str | int, name: str, text: str) -> None:
    """Write one line under a name, as it is."""

    def rename(record: "Record") -> None:
        record["name"] = name

    to.patch(rename).log(level, text)
