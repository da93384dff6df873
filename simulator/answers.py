"""What the platform answers to each event of a client that is logged in: one table.

Decides which events are understood. What it does not understand it leaves unanswered, as the platform does. Does not
know how a client got here (``simulator.broker``) or how an order is carried out (``simulator.desk``).
"""

from collections.abc import Callable

from msgspec import Struct

from simulator.account import Account
from simulator.charts import Charts
from simulator.desk import Desk
from simulator.requests import (
    CancelPendingOrder,
    CancelPendingOrders,
    ChangeSymbol,
    LoadHistoryPeriod,
    OpenOrder,
    OpenPendingOrder,
    read,
)
from simulator.streams import ConnectionId, Deliver, Streams


class Asker(Struct, frozen=True):
    """Whose event it is, and on which connection it came."""

    account: Account
    connection: ConnectionId


Answer = Callable[[Asker, bytes, float], object]
"""Gets the asker, the event's argument as JSON and the time. False: it was not understood."""


class Answers:
    """The table of events."""

    def __init__(self, charts: Charts, streams: Streams, desk: Desk, deliver: Deliver) -> None:
        self._charts = charts
        self._streams = streams
        self._desk = desk
        self._deliver = deliver
        self._table: dict[str, Answer] = {
            "ps": _tolerate,
            "assets/load": _tolerate,
            "indicator/load": _tolerate,
            "favorite/load": _tolerate,
            "price-alert/load": _tolerate,
            "changeSymbol": self._change_symbol,
            "loadHistoryPeriod": self._load_history,
            "loadHistoryPeriodFast": self._load_history,
            "subfor": self._subscribe,
            "subscribeSymbol": self._subscribe,
            "unsubfor": self._unsubscribe,
            "unSubscribeSymbol": self._unsubscribe,
            "getBalance": lambda asker, _payload, _now: desk.tell_balance(asker.account, (asker.connection,)),
            "updateOpenedDeals": lambda asker, _payload, _now: desk.tell_opened(asker.account, (asker.connection,)),
            "updateClosedDeals": lambda asker, _payload, _now: desk.tell_closed(asker.account, (asker.connection,)),
            "successupdatePending": lambda asker, _payload, _now: desk.tell_pending(asker.account, (asker.connection,)),
            "openOrder": self._open_order,
            "openPendingOrder": self._open_pending,
            "cancelPendingOrder": self._cancel_pending,
            "cancelPendingOrders": self._cancel_pendings,
        }

    def answer(self, asker: Asker, event: str, payload: bytes, now: float) -> bool:
        """Do what the event asks for; False if it means nothing here."""
        answer = self._table.get(event)
        return answer is not None and answer(asker, payload, now) is not False

    def _change_symbol(self, asker: Asker, payload: bytes, now: float) -> bool:
        request = read(payload, ChangeSymbol)
        return self._reply(asker, "updateHistoryNewFast", request and self._charts.recent(request, now))

    def _load_history(self, asker: Asker, payload: bytes, now: float) -> bool:
        request = read(payload, LoadHistoryPeriod)
        return self._reply(asker, "loadHistoryPeriodFast", request and self._charts.page(request, now))

    def _reply(self, asker: Asker, event: str, argument: object) -> bool:
        if argument is not None:
            self._deliver((asker.connection,), event, argument)
        return argument is not None

    def _subscribe(self, asker: Asker, payload: bytes, now: float) -> bool:
        return self._streams.subscribe(asker.connection, read(payload, str) or "", now)

    def _unsubscribe(self, asker: Asker, payload: bytes, _now: float) -> None:
        self._streams.unsubscribe(asker.connection, read(payload, str) or "")

    def _open_order(self, asker: Asker, payload: bytes, now: float) -> None:
        self._desk.open_order(asker.account, asker.connection, read(payload, OpenOrder), now)

    def _open_pending(self, asker: Asker, payload: bytes, now: float) -> None:
        self._desk.open_pending(asker.account, asker.connection, read(payload, OpenPendingOrder), now)

    def _cancel_pending(self, asker: Asker, payload: bytes, _now: float) -> None:
        request = read(payload, CancelPendingOrder)
        self._desk.cancel_pending(asker.account, asker.connection, request.ticket if request else "")

    def _cancel_pendings(self, asker: Asker, payload: bytes, _now: float) -> None:
        request = read(payload, CancelPendingOrders)
        self._desk.cancel_pendings(asker.account, asker.connection, request.tickets if request else ())


def _tolerate(_asker: Asker, _payload: bytes, _now: float) -> None:
    """What the browser says and nobody needs an answer to."""
