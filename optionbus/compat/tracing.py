"""Logging as BinaryOptionsToolsV2 has it: layers that a builder adds, a logger, and a stream of records.

All of them are sinks of loguru for what this project logs; bots that use loguru themselves need none of this. Decides
levels, formats and the names of files. Does not know what is worth a line.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, timedelta
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any

from loguru import logger

from messages.secret import redact
from optionbus.compat.config import LEVELS, level_of
from optionbus.compat.errors import NotAllowedError

if TYPE_CHECKING:
    from loguru import Message, Record

PACKAGE = "optionbus"
FORMAT = "{time:YYYY-MM-DDTHH:mm:ss.SSSSSS!UTC}Z {level: >5} {name}: {message}"
THEIR_NAMES = {ours: theirs for theirs, ours in LEVELS.items()}


class Logger:
    """Writes lines of the bot's own among those of the client."""

    def debug(self, message: str) -> None:
        """Write a line that helps to find an error."""
        _write("DEBUG", message)

    def info(self, message: str) -> None:
        """Write a line."""
        _write("INFO", message)

    def warn(self, message: str) -> None:
        """Write a warning."""
        _write("WARNING", message)

    def error(self, message: str) -> None:
        """Write an error."""
        _write("ERROR", message)


class LogBuilder:
    """Where the log goes: add layers, then build."""

    def __init__(self) -> None:
        self._layers: list[Callable[[], None]] = []
        self._is_built = False

    def log_file(self, path: str = "logs.log", level: str = "DEBUG") -> None:
        """To a file, from that level on."""
        self._layers.append(lambda: _add(path, level))

    def terminal(self, level: str = "DEBUG") -> None:
        """To standard error."""
        self._layers.append(lambda: _add(sys.stderr, level))

    def create_logs_iterator(self, level: str = "DEBUG", timeout: timedelta | None = None) -> "LogSubscription":
        """An iterator over records, each the text of a JSON object; it ends after ``timeout`` without one."""
        records = LogSubscription(timeout)
        self._layers.append(lambda: _add(records.tell, level))
        return records

    def build(self) -> None:
        """Let the layers take what is logged from now on. Raises NotAllowedError the second time."""
        if self._is_built:
            raise NotAllowedError("This builder has done its work; make another one.")
        self._is_built = True
        for add in self._layers:
            add()


class LogSubscription:
    """Records of the log, in plain code and in asyncio code alike; see ``create_logs_iterator``."""

    def __init__(self, timeout: timedelta | None = None) -> None:
        self._seconds = None if timeout is None else timeout.total_seconds()
        self._records: SimpleQueue[str] = SimpleQueue()

    def tell(self, message: "Message") -> None:
        """Take a record."""
        self._records.put(_json(message.record))

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        try:
            return self._records.get(timeout=self._seconds)
        except Empty:
            raise StopIteration from None

    def __aiter__(self) -> AsyncIterator[str]:
        return self

    async def __anext__(self) -> str:
        try:
            return await asyncio.to_thread(self._records.get, timeout=self._seconds)
        except Empty:
            raise StopAsyncIteration from None


def start_logs(path: str, level: str = "DEBUG", terminal: bool = True, layers: list[Any] | None = None) -> None:  # noqa: FBT001, FBT002 - theirs
    """Log to ``logs.log`` and ``error.log`` in a folder, which is made, and to the terminal.

    Args:
        path: the folder.
        level: from where on.
        terminal: whether to the terminal, too.
        layers: there are none to give here: an iterator takes its records without.
    """
    folder = Path(path)
    folder.mkdir(parents=True, exist_ok=True)
    _add(folder / "logs.log", level)
    _add(folder / "error.log", "ERROR")
    if terminal:
        to_terminal(level)
    if layers:
        _write("WARNING", "start_logs takes no layers here; use LogBuilder().create_logs_iterator(level).")


start_tracing = start_logs
"""Its name in the native library."""


def to_terminal(level: str) -> None:
    """Log to standard error."""
    _add(sys.stderr, level)


def _add(sink: Any, level: str) -> None:  # noqa: ANN401 - whatever loguru takes
    logger.enable(PACKAGE)
    # diagnose and backtrace would print variables, among which a session may be.
    logger.add(sink, level=level_of(level), filter=PACKAGE, format=FORMAT, diagnose=False, backtrace=False)


def _write(level: str, message: str) -> None:
    logger.log(level, "{}", redact(str(message)))


def _json(record: "Record") -> str:
    level = record["level"].name
    moment = record["time"].astimezone(UTC).replace(tzinfo=None)
    line = {
        "level": THEIR_NAMES.get(level, level),
        "message": record["message"],
        "target": record["name"],
        "timestamp": f"{moment.isoformat(timespec='microseconds')}Z",
    }
    return json.dumps(line)
