"""The truth about orders: what was executed, for whoever wants to compare it with what a client believes.

Decides what is kept of an order, and how it is written. Does not know how orders are executed (``simulator.desk``).
"""

from decimal import Decimal
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Protocol, Self

import msgspec
from msgspec import Struct

from messages.errors import UsageError


class Execution(Struct, frozen=True, kw_only=True):
    """One order that was executed; ``time`` is in UTC seconds, ``request_id`` as it was sent."""

    request_id: int | str | None
    deal_id: str
    uid: int | str
    is_demo: bool
    asset: str
    amount: Decimal
    action: Literal["call", "put"]
    duration_seconds: int
    time: float


class Audit(Protocol):
    """Keeps executions, a list for example."""

    def append(self, execution: Execution, /) -> object:
        """Keep one more."""


_encode: Final = msgspec.json.Encoder(decimal_format="number").encode


class AuditFile:
    """An audit in a file, one JSON object a line, each readable by others at once; a context manager.

    What the file has is kept.

    Raises:
        UsageError: it cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._file = path.open("ab", buffering=0)
        except OSError as error:
            text = f"{path} cannot be written: {error.strerror}. Choose a file in a folder of yours."
            raise UsageError(text) from error

    def append(self, execution: Execution) -> None:
        """Write one more."""
        self._file.write(_encode(execution) + b"\n")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._file.close()
