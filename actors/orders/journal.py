"""The journal: every order on disk, before it goes out.

Theory of operation. One folder of one account, one process at a time: a lock, held as long as the process lives,
keeps the second one out. Every word goes to the write-ahead log first: ``intend`` returns when it is durable, ``note``
when the operating system has it, so that a crash of the machine may take it back, since the platform can be asked. When
the log is full, and when the journal is opened or closed, what it holds is moved to the database, all of it at once.
The database says which generation of the log it does not have yet. Whoever reads looks into both.

What cannot be written raises JournalUnavailable, and changes nothing.

Decides the form on disk and what is durable when. Does not know which moves are legal, nor who asks.
"""

import errno
import fcntl
import heapq
import os
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from typing import Final

import msgspec

from actors.orders.ledger import FINAL, KEPT_FINAL, age, worth_keeping
from actors.orders.write_ahead_log import WriteAheadLog
from messages.order_errors import AccountInUse, JournalUnavailable
from messages.orders import OrderRecord, TradingMode
from messages.trading import DealId, OrderId

SCHEMA_VERSION: Final = 1

FILE_NAME: Final = "orders.sqlite3"
LOG_NAME: Final = "orders.log"

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

_MOVE_ON: Final = "INSERT OR REPLACE INTO settings VALUES ('generation', ?)"

_FINAL: Final = tuple(state.value for state in FINAL)

_MODES: Final = {b"": TradingMode.ACTIVE, **{mode.value.encode(): mode for mode in TradingMode}}

_FAULTS: Final = (sqlite3.Error, OSError, ValueError, msgspec.MsgspecError)
"""What may go wrong with a disk and what is on it."""

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
        self._is_exclusive = is_exclusive
        self._lately: dict[OrderId, OrderRecord] = {}
        with self._reported(), ExitStack() as held:
            if is_exclusive:
                folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                held.callback(os.close, _lock(folder / "lock"))
            else:
                os.stat(self.path)  # noqa: PTH116 - it has to be there
            self._database = held.enter_context(closing(self._open()))
            self._log = held.enter_context(closing(WriteAheadLog(folder / LOG_NAME)))
            if is_exclusive:
                self._take_over()
            self._held: ExitStack | None = held.pop_all()

    def intend(self, order: OrderRecord) -> None:
        """Write down an order that is to go out; it is durable when this returns."""
        self._write(order, is_durable=True)

    def note(self, order: OrderRecord) -> None:
        """Write down what has become of an order."""
        self._write(order, is_durable=False)

    def orders(self) -> Iterator[OrderRecord]:
        """All orders, oldest first."""
        lately = self._read_log()
        late = sorted(lately.values(), key=age)
        early = (order for order in self._select("ORDER BY created, order_id") if order.order_id not in lately)
        return heapq.merge(early, late, key=age)

    def recent(self) -> tuple[OrderRecord, ...]:
        """All orders without an end and the last ones with one, oldest first."""
        lately = self._read_log()
        places = ",".join("?" * len(_FINAL))
        unresolved = self._select(f"WHERE state NOT IN ({places})", _FINAL)
        final = self._select(f"WHERE state IN ({places}) ORDER BY created DESC LIMIT {KEPT_FINAL}", _FINAL)
        return worth_keeping({order.order_id: order for order in (*unresolved, *final)} | lately)

    def order(self, order_id: OrderId) -> OrderRecord | None:
        """The order of that id."""
        return self._read_log().get(order_id) or next(self._select("WHERE order_id = ?", (order_id,)), None)

    def order_of_deal(self, deal_id: DealId) -> OrderRecord | None:
        """The order whose deal it is."""
        lately = (order for order in self._read_log().values() if order.deal is not None and order.deal.id == deal_id)
        return next(lately, None) or next(self._select("WHERE deal_id = ?", (deal_id,)), None)

    @property
    def mode(self) -> TradingMode:
        """Where the kill switch was left."""
        try:
            return _MODES[self._log.mode]
        except (KeyError, ValueError) as error:
            raise JournalUnavailable(self.path, f"the kill switch cannot be read: {error}") from None

    @mode.setter
    def mode(self, mode: TradingMode) -> None:
        with self._reported():
            self._log.mode = mode.value.encode()

    def close(self) -> None:
        """Let others have it; twice is no error."""
        held, self._held = self._held, None
        if held is not None:
            with held, suppress(JournalUnavailable):
                if self._is_exclusive:
                    self._archive()

    def _open(self) -> sqlite3.Connection:
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))  # SQLite gives its other files the same mode
        database = sqlite3.connect(self.path, isolation_level=None, check_same_thread=False)
        try:
            database.execute("PRAGMA journal_mode = WAL")
            database.execute("PRAGMA synchronous = FULL")
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

    def _write(self, order: OrderRecord, *, is_durable: bool) -> None:
        record = _encode(order)
        try:  # each order comes by here twice: a context manager would take longer than what it is around
            if is_durable:
                self._log.refuse_full_disk()
            if not self._log.append(record, is_durable=is_durable):
                self._archive()
                if not self._log.append(record, is_durable=is_durable):
                    raise OSError(errno.EFBIG, "the order does not fit into the log")
        except _FAULTS as error:
            raise JournalUnavailable(self.path, str(error)) from error
        self._lately[order.order_id] = order

    def _take_over(self) -> None:
        """Have in the database what the process before left in the log."""
        self._lately = _by_id(self._log.resume(self._generation()))
        self._archive()

    def _archive(self) -> None:
        """Move what is in the log to the database, and begin the log anew."""
        with self._reported():
            generation = self._generation() + 1
            with self._database:
                self._database.execute("BEGIN IMMEDIATE")
                self._database.executemany(_WRITE, map(_row, self._lately.values()))
                self._database.execute(_MOVE_ON, (str(generation),))
            self._log.begin(generation)
            self._lately = {}

    def _generation(self) -> int:
        """Which generation of the log the database does not have."""
        row = self._database.execute("SELECT value FROM settings WHERE name = 'generation'").fetchone()
        return 1 if row is None else int(row[0])

    def _read_log(self) -> dict[OrderId, OrderRecord]:
        """The latest word about each order of which the database does not have it."""
        if self._is_exclusive:
            return self._lately
        with self._reported():
            while True:
                generation = self._generation()
                lately = _by_id(self._log.read(generation))
                if self._generation() == generation:  # else it was moved while we looked
                    return lately

    def _select(self, clause: str, values: tuple[str, ...] = ()) -> Iterator[OrderRecord]:
        with self._reported():
            rows = self._database.execute(f"SELECT record FROM orders {clause}", values)  # noqa: S608 - clauses of this file
            for (record,) in rows:
                yield _decode(record)

    @contextmanager
    def _reported(self) -> Iterator[None]:
        try:
            yield
        except _FAULTS as error:
            raise JournalUnavailable(self.path, str(error)) from error


def _row(order: OrderRecord) -> tuple[object, ...]:
    deal_id = None if order.deal is None else order.deal.id
    return order.order_id, deal_id, order.state.value, order.created, _encode(order)


def _by_id(records: Iterable[bytes]) -> dict[OrderId, OrderRecord]:
    return {order.order_id: order for order in map(_decode, records)}


def _lock(path: Path) -> int:
    file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(file)
        raise AccountInUse(str(path.parent)) from None
    return file
