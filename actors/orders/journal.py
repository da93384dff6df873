"""The journal: every order on disk, before it goes out.

Theory of operation. One file of one account, one process at a time: a lock beside it, held as long as the process
lives, keeps the second one out. ``intend`` returns when the order is durable; ``note`` keeps what became of it, which a
crash of the machine may take back, since the platform can be asked.

What cannot be written raises JournalUnavailable, and changes nothing.

Decides the form on disk and what is durable when. Does not know which moves are legal, nor who asks.
"""

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import msgspec

from actors.orders.ledger import FINAL, KEPT_FINAL
from messages.order_errors import AccountInUse, JournalUnavailable
from messages.orders import OrderRecord, TradingMode
from messages.trading import DealId, OrderId

SCHEMA_VERSION: Final = 1

FILE_NAME: Final = "orders.sqlite3"

_SCHEMA: Final = """
CREATE TABLE orders (
    order_id TEXT PRIMARY KEY,
    deal_id TEXT,
    state TEXT NOT NULL,
    created REAL NOT NULL,
    record BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX orders_by_deal ON orders (deal_id) WHERE deal_id IS NOT NULL;
CREATE INDEX orders_by_state ON orders (state, created);
CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
"""

_WRITE: Final = """
INSERT INTO orders (order_id, deal_id, state, created, record) VALUES (?, ?, ?, ?, ?)
ON CONFLICT (order_id) DO UPDATE SET deal_id = excluded.deal_id, state = excluded.state, created = excluded.created,
    record = excluded.record
"""

_FINAL: Final = tuple(state.value for state in FINAL)

_decode: Final = msgspec.json.Decoder(OrderRecord).decode
_encode: Final = msgspec.json.encode


class SqliteJournal:
    """The orders of one account, in a folder of its own.

    Args:
        folder: Made if it is not there, for this user's eyes only.
        is_exclusive: Keep others out, as whoever trades has to. Without it all can be read, and the kill switch moved,
            while another process trades; there has to be a journal.

    Raises:
        AccountInUse: another process has it open.
        JournalUnavailable: it cannot be opened, or was written by a later version.
    """

    def __init__(self, folder: Path, *, is_exclusive: bool = True) -> None:
        self.path = str(folder / FILE_NAME)
        self._lock = -1
        with self._reported():
            if is_exclusive:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                self._lock = _lock(folder / "lock")
            else:
                os.stat(self.path)  # noqa: PTH116 - it has to be there
            try:
                self._database = self._open()
            except BaseException:
                self._unlock()
                raise

    def intend(self, order: OrderRecord) -> None:
        """Write down an order that is to go out; it is durable when this returns."""
        self._write(order, "FULL")

    def note(self, order: OrderRecord) -> None:
        """Write down what has become of an order."""
        self._write(order, "NORMAL")

    def orders(self) -> Iterator[OrderRecord]:
        """All orders, oldest first."""
        return self._select("ORDER BY created, order_id")

    def recent(self) -> tuple[OrderRecord, ...]:
        """All orders without an end and the last ones with one, oldest first."""
        places = ",".join("?" * len(_FINAL))
        unresolved = self._select(f"WHERE state NOT IN ({places})", _FINAL)
        final = self._select(f"WHERE state IN ({places}) ORDER BY created DESC LIMIT {KEPT_FINAL}", _FINAL)
        return tuple(sorted((*unresolved, *final), key=lambda order: (order.created, order.order_id)))

    def order(self, order_id: OrderId) -> OrderRecord | None:
        """The order of that id."""
        return next(self._select("WHERE order_id = ?", (order_id,)), None)

    def order_of_deal(self, deal_id: DealId) -> OrderRecord | None:
        """The order whose deal it is."""
        return next(self._select("WHERE deal_id = ?", (deal_id,)), None)

    @property
    def mode(self) -> TradingMode:
        """Where the kill switch was left."""
        with self._reported():
            row = self._database.execute("SELECT value FROM settings WHERE name = 'mode'").fetchone()
        return TradingMode.ACTIVE if row is None else TradingMode(row[0])

    @mode.setter
    def mode(self, mode: TradingMode) -> None:
        with self._reported():
            self._database.execute("INSERT OR REPLACE INTO settings VALUES ('mode', ?)", (mode.value,))

    def close(self) -> None:
        """Let others have it; twice is no error."""
        with suppress(sqlite3.Error):
            self._database.close()
        self._unlock()

    def _unlock(self) -> None:
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def _open(self) -> sqlite3.Connection:
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite gives its other files the same mode
        database = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        try:
            database.execute("PRAGMA journal_mode = WAL")
            self._migrate(database)
        except BaseException:
            database.close()
            raise
        return database

    def _migrate(self, database: sqlite3.Connection) -> None:
        (version,) = database.execute("PRAGMA user_version").fetchone()
        if version > SCHEMA_VERSION:
            raise JournalUnavailable(self.path, f"it is of version {version}, and this program knows {SCHEMA_VERSION}")
        if version == 0:
            database.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {SCHEMA_VERSION}; COMMIT")

    def _write(self, order: OrderRecord, synchronous: str) -> None:
        deal_id = None if order.deal is None else order.deal.id
        row = (order.order_id, deal_id, order.state.value, order.created, _encode(order))
        with self._reported():
            self._database.execute(f"PRAGMA synchronous = {synchronous}")
            self._database.execute(_WRITE, row)

    def _select(self, clause: str, values: tuple[str, ...] = ()) -> Iterator[OrderRecord]:
        with self._reported():
            rows = self._database.execute(f"SELECT record FROM orders {clause}", values)  # noqa: S608 - clauses of this file
            for (record,) in rows:
                yield _decode(record)

    @contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError, msgspec.MsgspecError) as error:
            raise JournalUnavailable(self.path, str(error)) from error


def _lock(path: Path) -> int:
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        raise AccountInUse(str(path.parent)) from None
    return file
