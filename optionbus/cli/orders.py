"""``orders``, ``deals`` and ``export``: what the journals hold, and orders settled by hand.

Decides which journals are looked at and how they are told. Reading disturbs nobody who trades; settling by hand needs
the account for itself. Does not know what an order may become.
"""

import csv
import sys
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec
from msgspec.structs import asdict, replace
from rich.console import Console, JustifyMethod
from rich.table import Table
from rich.text import Text

from actors.orders.journal import FILE_NAME, SqliteJournal
from actors.orders.ledger import FINAL, advance, by_hand
from messages.errors import BusError, UsageError
from messages.order_errors import UnknownOrder
from messages.orders import OrderRecord, OrderState, TradingMode
from messages.trading import OrderId
from messages.wire.ssid import Ssid
from optionbus.account_folder import accounts_root, folder_of
from optionbus.cli.arguments import Options
from optionbus.cli.opening import read_session, read_settings

FAILED, CALLED_WRONGLY = 1, 2

_OUTCOMES: Final = {"closed": OrderState.CLOSED, "not-placed": OrderState.NOT_PLACED}

_COLUMNS: Final = {
    "orders": ("created", "state", "asset", "direction", "stake", "profit", "order_id", "reason"),
    "deals": ("created", "state", "asset", "direction", "stake", "open_price", "close_price", "profit", "deal_id"),
}
_NUMBERS: Final = frozenset({"stake", "open_price", "close_price", "profit"})
_UNBOUNDED: Final = 10_000
"""Columns of what is no terminal: whatever reads it wants whole lines."""


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of an order. Times are UTC, ISO 8601; money is in the account's currency, as it was written."""

    account: str
    order_id: str
    state: str
    asset: str
    direction: str
    stake: str
    duration_seconds: int
    created: str
    deal_id: str = ""
    open_price: float | None = None
    close_price: float | None = None
    profit: str = ""
    expiry: str = ""
    is_external: bool = False
    ticket: str = ""
    opens: str = ""
    """What a pending order waits for: a time, or a price."""
    reason: str = ""


def consult(options: Options) -> int:
    """Do what was asked; gives the exit code."""
    try:
        folders = _folders(options)
        if options.settle is not None:
            _settle(_only(folders), options)
        elif options.mode is not None:
            _move_switch(folders, options)
        else:
            _tell(folders, options)
    except BusError as error:
        print(f"optionbus: {error}", file=sys.stderr)
        return CALLED_WRONGLY if isinstance(error, UsageError) else FAILED
    return 0


def _folders(options: Options) -> list[Path]:
    """The folders of the accounts that are meant: that of the session, or all; of these, whose name begins as said."""
    settings = read_settings(options)
    session = read_session(options.ssid_file)
    root = accounts_root(settings.journal.folder)
    folders = sorted(root.glob("*")) if session is None else [folder_of(Ssid.parse(session), settings)]
    found = [folder for folder in folders if folder.name.startswith(options.account or "")]
    found = [folder for folder in found if (folder / FILE_NAME).is_file()]
    if not found:
        raise UsageError(f"There is no journal of such an account in {root}. One begins when a client first runs.")
    return found


def _only(folders: list[Path]) -> Path:
    if len(folders) > 1:
        names = ", ".join(folder.name for folder in folders)
        raise UsageError(f"Which account? Give --account with one of {names}, or the session (--ssid-file).")
    return folders[0]


def _settle(folder: Path, options: Options) -> None:
    if options.outcome is None:
        raise UsageError(f"How did it end? Give --as with one of {', '.join(_OUTCOMES)}, as the platform shows it.")
    order_id, now = OrderId(options.settle or ""), datetime.now(UTC).timestamp()
    with closing(SqliteJournal(folder)) as journal:
        order = journal.order(order_id)
        if order is None:
            raise UnknownOrder(order_id)
        state = advance(order.state, by_hand(order, _OUTCOMES[options.outcome]))
        journal.intend(replace(order, state=state, updated=now, reason=options.reason or "settled by hand"))
    print(f"{order_id} is {state.value}.")


def _move_switch(folders: list[Path], options: Options) -> None:
    mode = TradingMode(options.mode)
    for folder in folders:
        with closing(SqliteJournal(folder, is_exclusive=False)) as journal:
            journal.mode = mode
        print(f"{folder.name}: trading is {mode.value}.")


def _tell(folders: list[Path], options: Options) -> None:
    rows = [row for folder in folders for row in _rows(folder, options)]
    if options.json:
        print(msgspec.json.format(msgspec.json.encode(rows)).decode())
    elif options.command == "export":
        csv.DictWriter(sys.stdout, Row.__struct_fields__).writeheader()
        csv.DictWriter(sys.stdout, Row.__struct_fields__).writerows(map(asdict, rows))
    elif rows:
        width = None if sys.stdout.isatty() else _UNBOUNDED
        Console(highlight=False, width=width).print(_table(rows, _COLUMNS[options.command]))
    else:
        print("There is nothing of that kind in the journal.")


def _rows(folder: Path, options: Options) -> Iterator[Row]:
    with closing(SqliteJournal(folder, is_exclusive=False)) as journal:
        for order in journal.orders():
            is_wanted = not options.unresolved or order.state not in FINAL
            if is_wanted and (options.command != "deals" or order.deal is not None):
                yield _row(folder.name, order)


def _row(account: str, order: OrderRecord) -> Row:
    row = Row(
        account=account,
        order_id=order.order_id,
        state=order.state.value,
        asset=order.symbol,
        direction=order.direction.value,
        stake=str(order.stake),
        duration_seconds=order.duration_seconds,
        created=_moment(order.created),
        expiry=_moment(order.expiry),
        is_external=order.is_external,
        reason=order.reason,
    )
    deal, pending = order.deal, order.pending
    if pending is not None:
        opens = str(pending.open_price) if pending.open_time is None else _moment(pending.open_time)
        row = replace(row, ticket=pending.ticket or "", opens=opens)
    if deal is None:
        return row
    profit = "" if deal.close_price is None else str(deal.profit)  # before it closes that is a mere prospect
    return replace(row, deal_id=deal.id, open_price=deal.open_price, close_price=deal.close_price, profit=profit)


def _table(rows: list[Row], columns: tuple[str, ...]) -> Table:
    shown = columns if len({row.account for row in rows}) == 1 else ("account", *columns)
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in shown:
        justify: JustifyMethod = "right" if column in _NUMBERS else "left"
        table.add_column(column.replace("_", " "), justify=justify, overflow="fold")
    for row in rows:
        table.add_row(*(_cell(getattr(row, column)) for column in shown))
    return table


def _cell(value: object) -> Text:
    """As it is: the platform's words may look like a style."""
    return Text("" if value is None else str(value))


def _moment(utc_seconds: float) -> str:
    return datetime.fromtimestamp(utc_seconds, UTC).isoformat(timespec="milliseconds")
