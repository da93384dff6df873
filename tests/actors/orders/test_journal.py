"""Covers actors.orders.journal, on real files, and what memory_journal has in common with it."""

import os
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from actors.orders import memory_journal
from actors.orders.journal import FILE_NAME, SCHEMA_VERSION, SqliteJournal
from actors.orders.ledger import KEPT_FINAL
from actors.orders.memory_journal import MemoryJournal
from actors.ports import Journal
from messages.base import Incarnation
from messages.order_errors import AccountInUse, JournalUnavailable
from messages.orders import OrderRecord, OrderState, TradingMode
from messages.trading import DealId, OrderId
from tests.actors.api.samples import NOW
from tests.actors.orders.samples import CLOSED_DEAL, order

S = OrderState
ID = OrderId("o-1")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "state" / "account"


@pytest.fixture(params=["on disk", "in memory"])
def journal(request: pytest.FixtureRequest, folder: Path) -> Iterator[Journal]:
    """Each of the two kinds: what is promised holds of both."""
    journal: Journal = SqliteJournal(folder) if request.param == "on disk" else MemoryJournal()
    yield journal
    journal.close()


# What both promise.


@pytest.mark.parametrize("write", ["intend", "note"])
def test_what_was_written_is_read_as_it_was(journal: Journal, write: str) -> None:
    written = order(
        1,
        S.CLOSED,
        stake=Decimal("1.10"),
        created=NOW + 0.123456,
        updated=NOW + 1 / 3,
        incarnation=Incarnation(3),
        deal=replace(CLOSED_DEAL, profit=Decimal("-1.10"), order_id=ID, currency="EUR"),
        reason="Größe „5“",
        limit=Decimal("0.01"),
        equity=Decimal("50000.000000001"),
        is_external=True,
    )

    getattr(journal, write)(written)

    assert journal.order(ID) == written
    assert str(journal.order(ID)) == str(written)
    assert journal.order_of_deal(CLOSED_DEAL.id) == written
    assert list(journal.recent()) == [written]


def test_what_is_written_again_replaces_what_was(journal: Journal) -> None:
    journal.intend(order(1, S.JOURNALED))
    journal.note(order(1, S.OPEN, deal=CLOSED_DEAL))
    journal.note(order(1, S.CLOSED, deal=CLOSED_DEAL))

    assert [each.state for each in journal.recent()] == [S.CLOSED]


def test_what_is_not_there_is_not_found(journal: Journal) -> None:
    journal.intend(order(1, S.JOURNALED))

    assert journal.order(OrderId("o-2")) is None
    assert journal.order_of_deal(DealId("d-1")) is None


def test_recent_is_all_without_an_end_and_the_last_with_one_oldest_first(journal: Journal) -> None:
    total = KEPT_FINAL + 3
    for number in range(total):
        journal.note(order(number, S.CLOSED, created=NOW + number))
    for number, state in enumerate(S):
        journal.note(order(total + number, state, created=NOW - 1000 + number))

    recent = journal.recent()
    ended = [each for each in recent if each.state in {S.DENIED, S.REJECTED, S.NOT_PLACED, S.CLOSED}]

    assert [each.state for each in recent][:6] == [S.CREATED, S.JOURNALED, S.SENT, S.OPEN, S.UNKNOWN, S.MANUAL]
    assert [each.order_id for each in ended] == [f"o-{number}" for number in range(3, total)]


def test_the_kill_switch_is_kept(journal: Journal) -> None:
    before = journal.mode

    for mode in (TradingMode.HALTED, TradingMode.REDUCING):
        journal.mode = mode
        assert journal.mode is mode

    assert before is TradingMode.ACTIVE


def test_closing_twice_is_no_error(journal: Journal) -> None:
    journal.close()
    journal.close()


# In memory: not without bound.


def test_in_memory_old_orders_with_an_end_are_shed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memory_journal, "KEPT_FINAL", 10)
    journal = MemoryJournal()
    journal.note(order(0, S.UNKNOWN, created=NOW))

    for number in range(1, 1000):
        deal = replace(CLOSED_DEAL, id=DealId(f"d-{number}"))
        journal.note(order(number, S.CLOSED, created=NOW + number, deal=deal))

    held = [number for number in range(1000) if journal.order(OrderId(f"o-{number}")) is not None]
    assert len(held) <= 31
    assert 0 in held
    assert held[-10:] == list(range(990, 1000))
    assert journal.order_of_deal(DealId("d-1")) is None
    assert journal.order_of_deal(DealId("d-999")) is not None


# Files.


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_nobody_else_can_read_it_whatever_the_umask(folder: Path) -> None:
    before = os.umask(0)
    try:
        with closing(SqliteJournal(folder)) as journal:
            journal.intend(order())
            modes = {path.name: mode_of(path) for path in folder.iterdir()}
    finally:
        os.umask(before)

    assert mode_of(folder) == 0o700
    assert modes == dict.fromkeys(("lock", FILE_NAME, f"{FILE_NAME}-wal", f"{FILE_NAME}-shm"), 384)


def test_an_intent_is_synchronised_with_the_disk_and_what_follows_is_not_waited_for(folder: Path) -> None:
    with closing(SqliteJournal(folder)) as journal:
        statements: list[str] = []
        journal._database.set_trace_callback(statements.append)
        journal.intend(order(1, S.JOURNALED))
        journal.note(order(1, S.OPEN))
        (kind,) = journal._database.execute("PRAGMA journal_mode").fetchone()

    assert kind == "wal"
    assert [text.split()[-1] for text in statements if "synchronous" in text] == ["FULL", "NORMAL"]


def test_what_was_written_is_there_when_it_is_opened_again(folder: Path) -> None:
    with closing(SqliteJournal(folder)) as journal:
        journal.intend(order(1, S.JOURNALED))
        journal.mode = TradingMode.HALTED

    with closing(SqliteJournal(folder)) as journal:
        assert list(journal.orders()) == [order(1, S.JOURNALED)]
        assert journal.mode is TradingMode.HALTED


@pytest.mark.parametrize("version", [SCHEMA_VERSION + 1, 99])
def test_a_journal_of_a_later_version_is_left_alone(folder: Path, version: int) -> None:
    SqliteJournal(folder).close()
    with closing(sqlite3.connect(folder / FILE_NAME)) as database:
        database.execute(f"PRAGMA user_version = {version}")

    with pytest.raises(JournalUnavailable, match=f"version {version}"):
        SqliteJournal(folder)

    with closing(sqlite3.connect(folder / FILE_NAME)) as database:
        assert database.execute("PRAGMA user_version").fetchone() == (version,)
        database.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
    SqliteJournal(folder).close()  # the lock was let go


def test_a_closed_journal_says_so(folder: Path) -> None:
    journal = SqliteJournal(folder)
    journal.close()

    with pytest.raises(JournalUnavailable, match="closed"):
        journal.intend(order())


# One process.


def test_a_second_one_is_kept_out_until_the_first_lets_go(folder: Path) -> None:
    first = SqliteJournal(folder)
    with pytest.raises(AccountInUse, match="another process trades this account"):
        SqliteJournal(folder)

    first.close()

    SqliteJournal(folder).close()


def test_whoever_only_looks_is_let_in_and_may_move_the_kill_switch(folder: Path) -> None:
    with closing(SqliteJournal(folder)) as trading, closing(SqliteJournal(folder, is_exclusive=False)) as looking:
        trading.intend(order(1, S.JOURNALED))
        looking.mode = TradingMode.HALTED

        assert list(looking.orders()) == [order(1, S.JOURNALED)]
        assert trading.mode is TradingMode.HALTED


def test_whoever_only_looks_makes_nothing(folder: Path) -> None:
    with pytest.raises(JournalUnavailable):
        SqliteJournal(folder, is_exclusive=False)

    assert not folder.exists()


CHILD = """
import os, resource, signal, sys
from pathlib import Path
from actors.orders.journal import SqliteJournal
from messages.errors import BusError
from messages.orders import OrderState
from tests.actors.orders.samples import order

folder = Path(sys.argv[1])

def attempt(action):
    try:
        action()
    except BusError as error:
        return type(error).__name__
    return "done"

"""
DIE_AFTER_THE_INTENT = """
SqliteJournal(folder).intend(order(1, OrderState.JOURNALED))
os.kill(os.getpid(), signal.SIGKILL)
"""
OPEN = """
print(attempt(lambda: SqliteJournal(folder)))
"""
FILL_THE_DISK = """
journal = SqliteJournal(folder)
attempts = [attempt(lambda: journal.intend(order(1, OrderState.JOURNALED)))]
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
written = (folder / "orders.sqlite3-wal").stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (written, unlimited[1]))
attempts += [attempt(lambda: journal.intend(order(2, OrderState.JOURNALED))) for _ in range(2)]
attempts += [attempt(lambda: journal.note(order(1, OrderState.OPEN)))]
attempts += [",".join(each.order_id + each.state.value for each in journal.recent())]
resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)
attempts += [attempt(lambda: journal.intend(order(2, OrderState.JOURNALED)))]
print(*attempts)
"""


def run(program: str, folder: Path) -> subprocess.CompletedProcess[str]:
    root = Path(__file__).parents[3]
    return subprocess.run(
        [sys.executable, "-c", CHILD + program, str(folder)], cwd=root, capture_output=True, text=True, check=False
    )


def test_another_process_is_kept_out(folder: Path) -> None:
    with closing(SqliteJournal(folder)):
        kept_out = run(OPEN, folder).stdout.strip()

    assert (kept_out, run(OPEN, folder).stdout.strip()) == ("AccountInUse", "done")


def test_an_intent_outlives_a_process_that_is_killed_and_so_does_not_its_lock(folder: Path) -> None:
    killed = run(DIE_AFTER_THE_INTENT, folder)

    assert killed.returncode == -signal.SIGKILL, killed.stderr
    with closing(SqliteJournal(folder)) as journal:
        assert list(journal.orders()) == [order(1, S.JOURNALED)]


def test_on_a_full_disk_nothing_is_written_all_can_be_read_and_it_recovers(folder: Path) -> None:
    told = run(FILL_THE_DISK, folder)

    assert told.stdout.split() == [
        "done",
        *["JournalUnavailable"] * 3,
        "o-1journaled",
        "done",
    ], told.stderr
    with closing(SqliteJournal(folder)) as journal:
        assert [(each.order_id, each.state) for each in journal.orders()] == [
            ("o-1", S.JOURNALED),
            ("o-2", S.JOURNALED),
        ]


# What cannot be opened.


def _as_a_file(folder: Path) -> None:
    folder.parent.mkdir(parents=True)
    folder.write_text("")


def _with_a_folder_in_its_place(folder: Path) -> None:
    (folder / FILE_NAME).mkdir(parents=True)


def _with_something_else_in_it(folder: Path) -> None:
    folder.mkdir(parents=True)
    (folder / FILE_NAME).write_bytes(b"something else " * 1000)


def _with_a_folder_for_a_lock(folder: Path) -> None:
    (folder / "lock").mkdir(parents=True)


@pytest.mark.parametrize(
    "spoil", [_as_a_file, _with_a_folder_in_its_place, _with_something_else_in_it, _with_a_folder_for_a_lock]
)
def test_what_cannot_be_opened_says_so_and_holds_no_lock(folder: Path, spoil: Callable[[Path], None]) -> None:
    spoil(folder)

    for _ in range(2):
        with pytest.raises(JournalUnavailable) as error:
            SqliteJournal(folder)
        assert not isinstance(error.value, AccountInUse)


def test_a_record_that_cannot_be_read_is_not_passed_over(folder: Path) -> None:
    with closing(SqliteJournal(folder)) as journal:
        journal.intend(order(1, S.JOURNALED))
        journal._database.execute("UPDATE orders SET record = 'x'")

        with pytest.raises(JournalUnavailable):
            journal.recent()


def test_a_journal_that_can_only_be_read_denies_what_is_to_be_written(folder: Path) -> None:
    with closing(SqliteJournal(folder)) as journal:
        journal.intend(order(1, S.JOURNALED))
        journal._database.execute("PRAGMA query_only = ON")
        with pytest.raises(JournalUnavailable, match="readonly"):
            journal.intend(order(2, S.JOURNALED))
        held = list[OrderRecord](journal.recent())
        journal._database.execute("PRAGMA query_only = OFF")

        journal.intend(order(2, S.JOURNALED))

    assert held == [order(1, S.JOURNALED)]
