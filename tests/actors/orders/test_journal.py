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
from itertools import takewhile
from pathlib import Path

import pytest
from msgspec.structs import replace

from actors.orders import ledger, memory_journal, write_ahead_log
from actors.orders.journal import FILE_NAME, LOG_NAME, SCHEMA_VERSION, SqliteJournal
from actors.orders.ledger import FINAL, KEPT_FINAL
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
    ended = [each for each in recent if each.state in FINAL]

    assert [each.state for each in recent][:7] == [each for each in S if each not in FINAL]
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
    monkeypatch.setattr(ledger, "KEPT_FINAL", 10)
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
    assert modes == dict.fromkeys(("lock", LOG_NAME, FILE_NAME, f"{FILE_NAME}-wal", f"{FILE_NAME}-shm"), 0o600)


def test_an_intent_is_synchronised_with_the_disk_and_what_follows_is_not_waited_for(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flags: list[int] = []
    write = os.pwritev

    def watched(file: int, data: list[bytes], at: int, flag: int) -> int:
        flags.append(flag)
        return write(file, data, at, flag)

    monkeypatch.setattr(os, "pwritev", watched)

    with closing(SqliteJournal(folder)) as journal:
        journal.intend(order(1, S.JOURNALED))
        journal.note(order(1, S.OPEN))

    assert flags == [os.RWF_DSYNC, 0]


def test_the_database_is_synchronised_before_the_log_begins_anew(folder: Path) -> None:
    with closing(SqliteJournal(folder)) as journal:
        (kind,) = journal._database.execute("PRAGMA journal_mode").fetchone()
        (synchronous,) = journal._database.execute("PRAGMA synchronous").fetchone()

    assert (kind, synchronous) == ("wal", 2)


def filled(journal: SqliteJournal, number: int) -> list[OrderRecord]:
    """So many orders, each of which was opened too."""
    orders = [
        order(each, S.OPEN, created=NOW + each, deal=replace(CLOSED_DEAL, id=DealId(f"d-{each}")))
        for each in range(number)
    ]
    for each in orders:
        journal.intend(replace(each, state=S.JOURNALED, deal=None))
        journal.note(each)
    return orders


@pytest.mark.parametrize("dies", [False, True])
def test_more_orders_than_the_log_has_room_for_are_all_there(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *, dies: bool
) -> None:
    monkeypatch.setattr(write_ahead_log, "SIZE", 16 * 1024)
    journal = SqliteJournal(folder)

    orders = filled(journal, 100)
    moved = journal._generation()
    seen = [list(journal.orders()), list(journal.recent())]
    with closing(SqliteJournal(folder, is_exclusive=False)) as looking:
        seen += [list(looking.orders()), list(looking.recent())]
    if dies:
        assert journal._held is not None
        journal._held.close()
    journal.close()
    with closing(SqliteJournal(folder)) as journal:
        seen += [list(journal.orders())]
        found = [journal.order(OrderId("o-3")), journal.order_of_deal(DealId("d-99"))]

    assert moved > 3
    assert seen == [orders] * 5
    assert found == [orders[3], orders[99]]


def test_what_only_the_log_holds_is_found_by_whoever_looks(folder: Path) -> None:
    with closing(SqliteJournal(folder)) as trading, closing(SqliteJournal(folder, is_exclusive=False)) as looking:
        written = filled(trading, 3)

        assert trading._database.execute("SELECT count(*) FROM orders").fetchone() == (0,)
        assert list(looking.orders()) == written
        assert (looking.order(OrderId("o-1")), looking.order_of_deal(DealId("d-2"))) == (written[1], written[2])


def test_the_log_is_not_moved_while_somebody_looks_and_misses_it(folder: Path) -> None:
    with closing(SqliteJournal(folder)) as trading, closing(SqliteJournal(folder, is_exclusive=False)) as looking:
        written = filled(trading, 3)
        read = looking._log.read

        def interrupted(generation: int) -> list[bytes]:
            looking._log.read = read  # type: ignore[method-assign]
            trading._archive()
            trading.intend(order(9, S.JOURNALED, created=NOW + 9))
            return list(read(generation))

        looking._log.read = interrupted  # type: ignore[method-assign,assignment]

        assert list(looking.orders()) == [*written, order(9, S.JOURNALED, created=NOW + 9)]


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

    with pytest.raises(JournalUnavailable, match="Bad file"):
        journal.intend(order())


@pytest.mark.parametrize("left", [b"x", b"halted!", "größer".encode()])
def test_a_kill_switch_that_cannot_be_read_is_not_taken_for_active(folder: Path, left: bytes) -> None:
    with closing(SqliteJournal(folder)) as journal:
        journal._log.mode = left

        with pytest.raises(JournalUnavailable, match="kill switch"):
            _ = journal.mode


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
written = journal._log._at
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
        journal._archive()
        journal._database.execute("UPDATE orders SET record = 'x'")

        with pytest.raises(JournalUnavailable):
            journal.recent()


def test_a_journal_that_can_only_be_read_denies_what_is_to_be_written(folder: Path) -> None:
    with closing(SqliteJournal(folder)) as journal:
        journal.intend(order(1, S.JOURNALED))
        writable, journal._log._file = journal._log._file, os.open(folder / LOG_NAME, os.O_RDONLY)
        for write in (journal.intend, journal.note):
            with pytest.raises(JournalUnavailable):
                write(order(2, S.JOURNALED))
        held = list[OrderRecord](journal.recent())
        os.close(journal._log._file)
        journal._log._file = writable

        journal.intend(order(2, S.JOURNALED))

    assert held == [order(1, S.JOURNALED)]


def is_taken(journal: SqliteJournal, number: int) -> bool:
    try:
        journal.intend(order(number, S.JOURNALED, created=NOW + number))
    except JournalUnavailable:
        return False
    return True


def test_a_database_that_cannot_take_the_log_over_denies_and_loses_nothing(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_ahead_log, "SIZE", 8 * 1024)
    with closing(SqliteJournal(folder)) as journal:
        journal._database.execute("PRAGMA query_only = ON")
        taken = list(takewhile(lambda number: is_taken(journal, number), range(1000)))
        with pytest.raises(JournalUnavailable, match="readonly"):
            journal.intend(order(len(taken)))
        held = [each.order_id for each in journal.orders()]
        journal._database.execute("PRAGMA query_only = OFF")

        assert is_taken(journal, len(taken))
        assert held == [f"o-{number}" for number in taken] != []
        assert len(list(journal.orders())) == len(taken) + 1


def test_an_intent_is_refused_before_the_disk_is_full(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with closing(SqliteJournal(folder)) as journal:
        journal.intend(order(1, S.JOURNALED))
        monkeypatch.setattr(write_ahead_log, "RESERVE_BYTES", 1 << 62)

        with pytest.raises(JournalUnavailable, match="No space left"):
            journal.intend(order(2, S.JOURNALED))
        journal.note(order(1, S.OPEN))  # what was placed is followed all the same

        assert [each.state for each in journal.recent()] == [S.OPEN]
