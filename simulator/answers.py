"""What the platform answers to each event of a client that is logged in: one table.

Decides which events are understood. What it does not understand it leaves unanswered, as the platform does. Does not
know how a client got here (``simulator.broker``) or how an order is carried out (``simulator.desk``).
"""

from collections.abc import Callable
from typing import Final

from msgspec import Raw, Struct

from simulator.account import Account
from simulator.charts import Charts
from simulator.desk import Desk
from simulator.pending import PendingDesk
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


Answer = Callable[["Answers", Asker, bytes, float], object]
"""Gets the asker, the event's argument as JSON and the time. False: it was not understood."""


class Question(Struct, frozen=True):
    """An event that a client may say: what it is for, what it is answered with, and how."""

    purpose: str
    answers: tuple[str, ...]
    answer: Answer


QUESTIONS: Final[dict[str, Question]] = {}
"""Every event that is understood, by its name."""


def _to(*events: str, says: tuple[str, ...] = ()) -> Callable[[Answer], Answer]:
    """What is marked with it answers these events."""

    def note(answer: Answer) -> Answer:
        question = Question((answer.__doc__ or "").strip(), says, answer)
        QUESTIONS.update(dict.fromkeys(events, question))
        return answer

    return note


class Answers:
    """The platform as one client's events meet it."""

    def __init__(
        self,
        charts: Charts,
        streams: Streams,
        desk: Desk,
        pending: PendingDesk,
        deliver: Deliver,
        *,
        is_talkative: bool = False,
    ) -> None:
        self._charts = charts
        self._streams = streams
        self._desk = desk
        self._pending = pending
        self._deliver = deliver
        self._is_talkative = is_talkative

    def answer(self, asker: Asker, event: str, payload: bytes, now: float) -> bool:
        """Do what the event asks for; False if it means nothing here."""
        question = QUESTIONS.get(event)
        return question is not None and question.answer(self, asker, payload, now) is not False

    @_to("ps")
    def _stay(self, _asker: Asker, _payload: bytes, _now: float) -> None:
        """Stay connected: whoever says nothing for three minutes is hung up on."""

    @_to("assets/load", "indicator/load", "favorite/load", "price-alert/load")
    def _tolerate(self, _asker: Asker, _payload: bytes, _now: float) -> None:
        """What a browser says after its login; the assets have been told by then."""

    @_to("changeSymbol", says=("updateHistoryNewFast",))
    def _change_symbol(self, asker: Asker, payload: bytes, now: float) -> bool:
        """Show a chart: `{asset, period}`."""
        request = read(payload, ChangeSymbol)
        return self._reply(asker, "updateHistoryNewFast", request and self._charts.recent(request, now))

    @_to("loadHistoryPeriod", "loadHistoryPeriodFast", says=("loadHistoryPeriodFast",))
    def _load_history(self, asker: Asker, payload: bytes, now: float) -> bool:
        """Show what was before: `{asset, index, time, offset, period}`, ticks where the period is 0."""
        request = read(payload, LoadHistoryPeriod)
        page = request and self._charts.page(request, now)
        if request and page and self._is_talkative:
            self._reply(asker, "loadHistoryPeriodFast", page | {"index": ~request.index, "data": []})
        return self._reply(asker, "loadHistoryPeriodFast", page)

    @_to("subfor", "subscribeSymbol", says=("updateStream",))
    def _subscribe(self, asker: Asker, payload: bytes, now: float) -> bool:
        """Let the ticks of an asset stream: its symbol."""
        return self._streams.subscribe(asker.connection, read(payload, str) or "", now)

    @_to("unsubfor", "unSubscribeSymbol")
    def _unsubscribe(self, asker: Asker, payload: bytes, _now: float) -> None:
        """Let them stream no more: its symbol."""
        self._streams.unsubscribe(asker.connection, read(payload, str) or "")

    @_to("getBalance", says=("successupdateBalance",))
    def _get_balance(self, asker: Asker, _payload: bytes, _now: float) -> None:
        """Tell the balance."""
        self._desk.tell_balance(asker.account, (asker.connection,))

    @_to("updateOpenedDeals", says=("updateOpenedDeals",))
    def _list_opened(self, asker: Asker, _payload: bytes, _now: float) -> None:
        """List the open deals."""
        self._desk.tell_opened(asker.account, (asker.connection,))

    @_to("updateClosedDeals", says=("updateClosedDeals",))
    def _list_closed(self, asker: Asker, _payload: bytes, _now: float) -> None:
        """List the last closed deals."""
        self._desk.tell_closed(asker.account, (asker.connection,))

    @_to("successupdatePending", says=("successupdatePending",))
    def _list_pending(self, asker: Asker, _payload: bytes, _now: float) -> None:
        """List the pending orders."""
        self._pending.tell(asker.account, (asker.connection,))

    @_to("openOrder", says=("successopenOrder", "failopenOrder"))
    def _open_order(self, asker: Asker, payload: bytes, now: float) -> None:
        """Open a deal: `{asset, amount, action, time, requestId}`."""
        self._desk.open_order(asker.account, asker.connection, read(payload, OpenOrder), now)

    @_to("openPendingOrder", says=("successopenPendingOrder", "failopenPendingOrder"))
    def _open_pending(self, asker: Asker, payload: bytes, now: float) -> None:
        """Keep an order: `{openType, amount, asset, openTime, openPrice, timeframe, minPayout, command}`."""
        self._pending.open(asker.account, asker.connection, read(payload, OpenPendingOrder), now)

    @_to("cancelPendingOrder", says=("successcancelPendingOrder", "failcancelPendingOrder"))
    def _cancel_pending(self, asker: Asker, payload: bytes, _now: float) -> None:
        """Give an order up that waits: `{ticket}`."""
        request = read(payload, CancelPendingOrder)
        self._pending.cancel(asker.account, asker.connection, request.ticket if request else "")

    @_to("cancelPendingOrders", says=("successcancelPendingOrders", "failcancelPendingOrders"))
    def _cancel_several(self, asker: Asker, payload: bytes, _now: float) -> None:
        """Give several up: `{tickets}`."""
        request = read(payload, CancelPendingOrders)
        self._pending.cancel_several(asker.account, asker.connection, request.tickets if request else ())

    @_to("echo", says=("echo",))
    def _echo(self, asker: Asker, payload: bytes, _now: float) -> bool:
        """Say any JSON back, as an attachment; for tests of what a client does with frames it does not know."""
        return self._reply(asker, "echo", read(payload, Raw))

    @_to("echoInline", says=("echo",))
    def _echo_inline(self, asker: Asker, payload: bytes, _now: float) -> bool:
        """Say any JSON back as `42["echo",…]`."""
        return self._reply(asker, "echo", read(payload, Raw), inline=True)

    def _reply(self, asker: Asker, event: str, argument: object, *, inline: bool = False) -> bool:
        if argument is not None:
            self._deliver((asker.connection,), event, argument, inline=inline)
        return argument is not None
