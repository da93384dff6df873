"""How every public method is called, what it waits for, and what it must refuse: one row each.

A row is of a *kind*: ``local`` asks nobody, ``told`` is answered by an actor out of what it knows, ``asked`` by the
platform. ``silence`` is what it ends in when the platform answers nothing, ``deafness`` when no actor does; None where
that is a result. Arguments of a strange type are tried on every parameter by themselves; ``wrong`` are others.

A table and nothing else: ``test_contract`` runs it.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from math import inf, nan
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from actors.future import Future
from actors.middleware import Middleware
from messages.account import GetBalance
from messages.base import Message
from messages.errors import DeadlineExceeded
from messages.market import Chunk, GetAssets, TimeAligned, Timed
from messages.order_errors import OrderUnconfirmed, UnknownDeal, UnknownOrder
from messages.session import SessionState
from messages.trading import Direction
from optionbus.client import PocketOption
from optionbus.handle import Handle
from optionbus.live_candles import LiveCandles
from optionbus.raw_handler import RawHandler
from optionbus.raw_iterator import RawIterator
from optionbus.stream import Stream
from optionbus.subscription import Subscription
from optionbus.validator import Validator
from tests.optionbus.contract_scenes import ASSET, SECONDS, SETTINGS, Scene
from tests.optionbus.stepped_client import SteppedClient

Arguments = dict[str, Any]
Error = type[Exception] | None

COMPLETERS: Final = "for whoever makes it, not for whoever reads it"

ASK: Final = '42["getBalance"]'
ANSWER: Final = Validator.contains("successupdateBalance")
ORDER: Final = '42["openOrder",{"asset":"EURUSD_otc","amount":1}]'


class Row(Struct, frozen=True, kw_only=True):
    """One public method or property."""

    arguments: Callable[[Scene], Arguments] = lambda _scene: {}
    seconds: float = 0.0
    """By when it has ended, whatever happens."""
    silence: Error = None
    deafness: Error = None
    read: Callable[[Any], Any] = lambda given: given
    """What is waited for, of what it gives."""
    succeed: Callable[[Scene], Any] | None = None
    """How it is brought to succeed, where calling it is not enough."""
    state: SessionState = SessionState.READY
    """Where the session stands when it is called."""
    wrong: tuple[Arguments, ...] = ()
    """What each of ``arguments`` must not be, beside the strange: in place of the good ones, one set at a time."""
    why_not: str = ""
    """Why it is not called at all."""


def local(**fields: Any) -> Row:
    """Answered on the spot."""
    return Row(**fields)


def told(**fields: Any) -> Row:
    """Answered by an actor."""
    return Row(seconds=SECONDS, deafness=DeadlineExceeded, **fields)


def asked(**fields: Any) -> Row:
    """Answered by the platform."""
    usual: Arguments = {"seconds": SECONDS, "silence": DeadlineExceeded, "deafness": DeadlineExceeded}
    return Row(**usual | fields)


def _with(**arguments: Any) -> Callable[[Scene], Arguments]:
    return lambda _scene: arguments


def _deal(scene: Scene) -> Arguments:
    return {"deal_id": scene.deal_id()}


def _ticket(scene: Scene) -> Arguments:
    return {"ticket": scene.ticket()}


def _wait(seconds: float | None = SECONDS) -> Callable[[Scene], Arguments]:
    return _with(timeout=seconds)


def _confirmed(subscription: Subscription[Any]) -> Future[None]:
    return subscription.confirmed


def _next(stream: Any) -> Any:
    return stream.get(timeout=SECONDS)


def _disconnect(scene: Scene) -> None:
    scene.client.disconnect_and_hold().get()


NO_TIMES: Final = ({"timeout": nan}, {"timeout": True})
STAKES: Final = tuple({"amount": amount} for amount in (0, -1, nan, inf, "much", None, True, 20_001, "1e999999999"))
SYMBOLS: Final = ({"asset": ""}, {"asset": "NO_SUCH_ASSET"}, {"asset": None}, {"asset": "\ud800"})
ORDER_ARGUMENTS: Final = {"asset": ASSET, "amount": 1, "duration": 60, "request_id": "an-order", "timeout": SECONDS}
WRONG_ORDERS: Final = (
    *STAKES,
    *SYMBOLS,
    *({"duration": duration} for duration in (0, -1, 43_201, 1.5, True, None, "60")),
    *({"timeout": timeout} for timeout in (nan, inf, 0, -1, True)),
    {"request_id": ""},
)
PENDING_ARGUMENTS: Final = {
    "open_type": 1,
    "amount": 1,
    "asset": ASSET,
    "open_price": 0.5,
    "timeframe": 60,
    "min_payout": 10,
    "command": Direction.CALL,
}
SUBSCRIBED: Final = {"asset": ASSET, "aggregation": TimeAligned(60)}
WRONG_SUBSCRIPTIONS: Final = (
    *SYMBOLS,
    *({"aggregation": each} for each in (Chunk(0), Chunk(-1), Timed(nan), Timed(0.0), TimeAligned(0), None, 60)),
    *({"buffer": buffer} for buffer in (0, -1, 1.5, True)),
    {"deliver_to": "Nobody"},
    {"deliver_to": "Balance"},
)
PERIODS: Final = tuple({"period": period} for period in (0, -1, 1.5, None, nan))
LOOKBACKS: Final = tuple({"lookback_seconds": seconds} for seconds in (0, -1, nan, inf, None))


def order_row(**more: Any) -> Row:
    """A row for what places an order."""
    return asked(
        arguments=_with(**ORDER_ARGUMENTS | more),
        seconds=SECONDS,
        silence=OrderUnconfirmed,
        wrong=(*WRONG_ORDERS, *({"direction": each} for each in ("up", 0) if more)),
    )


def ready_row(name: str) -> Row:
    """A row for what waits until the session is READY, or knows its assets."""
    return asked(
        arguments=_wait(),
        state=SessionState.RESTORING,
        wrong=NO_TIMES,
        succeed=lambda scene: getattr(scene.client, name)(timeout=SECONDS),
    )


def end_row(name: str) -> Row:
    """A row for what waits until the session is READY no longer."""

    def succeed(scene: Scene) -> Any:
        _disconnect(scene)
        return getattr(scene.client, name)(timeout=SECONDS)

    return asked(arguments=_wait(), wrong=NO_TIMES, succeed=succeed)


def _a_new_client(scene: Scene) -> None:
    client = PocketOption.simulated(runtime=scene.new_runtime())
    client.start()
    client.stop()


def _a_recording(scene: Scene) -> Path:
    """A file for the scene, in the folder that each test has of its own."""
    folder = Path(os.environ["XDG_STATE_HOME"]) / "recordings"
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{len([*folder.iterdir()])}.rec"
    client = PocketOption.simulated(runtime=scene.new_runtime())
    client.record(file)
    client.start()
    client.stop()
    return file


def _a_settled_order(_scene: Scene) -> Any:
    hard = SteppedClient(config=SETTINGS, hardships=["acknowledgement-lost=1", "news-absent=1", "snapshot-absent=1"])
    with suppress(OrderUnconfirmed):
        hard.client.buy(ASSET, 1, 60, request_id="lost").get()
    hard.runtime.advance(120)
    return hard.client.settle_order("lost", "closed")


def _a_closed_deal(scene: Scene) -> Any:
    deal_id = scene.deal_id()
    scene.client.result(deal_id).get()
    return scene.client.closed_deal(deal_id)


def _a_state(scene: Scene) -> Any:
    states = scene.client.states()
    _disconnect(scene)
    return states.get(timeout=SECONDS)


PROPERTY: Final = local()

CLIENT: Final[dict[str, Row]] = {
    "__enter__": local(why_not="it starts the client: see start"),
    "__aenter__": local(why_not="it starts the client: see start"),
    "simulated": local(
        arguments=lambda scene: {"seed": 1, "speed": 1.0, "config": None, "actors": (), "runtime": scene.new_runtime()},
        wrong=(
            *({"speed": speed, "runtime": None} for speed in (0, -1, nan, inf, True)),
            *({"seed": seed} for seed in (1.5, True, None)),
            {"speed": 2.0},
            {"actors": [int]},
        ),
    ),
    "simulation": PROPERTY,
    "record": local(succeed=_a_recording, why_not="only a client that has not been started is recorded"),
    "replay": local(
        arguments=lambda scene: {"file": _a_recording(scene), "runtime": scene.new_runtime(), "config": None},
        wrong=(
            *({"speed": speed, "runtime": None} for speed in (-1, nan, inf, True, "slow", None)),
            {"speed": 2.0},
            {"file": "no such file"},
            {"actors": [int]},
        ),
    ),
    "playback": PROPERTY,
    "start": local(succeed=_a_new_client, why_not="a client is started once"),
    "stop": Row(seconds=15.0, deafness=DeadlineExceeded),
    "state": PROPERTY,
    "is_connected": PROPERTY,
    "is_session_valid": PROPERTY,
    "errors": PROPERTY,
    "ready": ready_row("ready"),
    "wait_ready": ready_row("wait_ready"),
    "assets_loaded": ready_row("assets_loaded"),
    "wait_for_assets": ready_row("wait_for_assets"),
    "disconnected": end_row("disconnected"),
    "wait_disconnected": end_row("wait_disconnected"),
    "states": asked(read=_next, succeed=_a_state),
    "connect": told(),
    "disconnect": told(),
    "disconnect_and_hold": told(),
    "reconnect": told(),
    "shutdown": told(),
    "add_middleware": local(arguments=_with(middleware=Middleware())),
    "add_tap": local(
        arguments=_with(tap=lambda _frame: None), wrong=({"tap": "Nobody"}, {"tap": "Balance"}, {"tap": None})
    ),
    "on_reconnect": local(arguments=_with(callback=lambda: None), wrong=({"callback": None},)),
    "send_raw": told(arguments=_with(data=ASK), wrong=({"data": "\ud800"}, {"data": None}, {"data": ORDER})),
    "health": told(),
    "statistics": local(),
    "logs": asked(
        arguments=_with(level="trace", timeout=SECONDS),
        silence=StopIteration,
        deafness=StopIteration,
        read=next,
        succeed=lambda scene: next(scene.client.logs("TRACE", timeout=30)),
        wrong=(*NO_TIMES, {"timeout": 0}, {"timeout": -1}, {"timeout": inf}, {"level": "LOUD"}, {"level": None}),
    ),
    "address": local(arguments=_with(name="Balance"), wrong=({"name": "Nobody"}, {"name": ""}, {"name": None})),
    "ask": asked(
        arguments=_with(name="Balance", request=GetBalance(), timeout=SECONDS),
        wrong=(*NO_TIMES, {"name": "Nobody"}, {"name": None}, {"request": GetAssets()}, {"request": Message()}),
    ),
    "server_time": told(),
    "assets": asked(state=SessionState.RESTORING),
    "active_assets": asked(state=SessionState.RESTORING),
    "payout": told(
        arguments=_with(asset=ASSET), wrong=(*SYMBOLS[:2], {"asset": [ASSET, "NO_SUCH_ASSET"]}, {"asset": [5]})
    ),
    "validate_asset": told(
        arguments=_with(asset=ASSET, duration=60),
        wrong=(*SYMBOLS, *({"duration": duration} for duration in (0, -1, 1.5, True, None))),
    ),
    "subscribe": asked(arguments=_with(**SUBSCRIBED, buffer=10), read=_confirmed, wrong=WRONG_SUBSCRIPTIONS),
    "subscribe_with_history": asked(
        arguments=_with(**SUBSCRIBED, buffer=10), read=_confirmed, wrong=WRONG_SUBSCRIPTIONS
    ),
    "live_candles": asked(
        arguments=_with(asset=ASSET, period=60, history=3),
        read=_confirmed,
        wrong=(*SYMBOLS, *PERIODS, *({"history": history} for history in (-1, 1.5, None))),
    ),
    "unsubscribe": local(arguments=_with(what=ASSET), wrong=({"what": None},)),
    "subscriptions": told(),
    "candles": asked(
        arguments=_with(asset=ASSET, period=60, count=3, end=None, timeout=SECONDS),
        wrong=(
            *(*SYMBOLS, *PERIODS, *NO_TIMES),
            *({"count": count} for count in (0, -1, 1.5, None)),
            *({"end": end} for end in (nan, inf, -1)),
        ),
    ),
    "candles_at": asked(
        arguments=lambda scene: {"asset": ASSET, "period": 60, "offset": 600, "time": scene.runtime.clock.now()},
        wrong=(
            *(*SYMBOLS, *PERIODS),
            *({"offset": offset} for offset in (0, -1, None, nan)),
            *({"time": time} for time in (nan, inf, None)),
        ),
    ),
    "history": asked(arguments=_with(asset=ASSET, period=60), wrong=(*SYMBOLS, *PERIODS)),
    "ticks": asked(arguments=_with(asset=ASSET, lookback_seconds=60), wrong=(*SYMBOLS, *LOOKBACKS)),
    "compile_candles": asked(
        arguments=_with(asset=ASSET, period=10, lookback_seconds=60), wrong=(*SYMBOLS, *PERIODS, *LOOKBACKS)
    ),
    "balance": asked(),
    "buy": order_row(),
    "sell": order_row(),
    "trade": order_row(direction="put"),
    "result": asked(
        arguments=lambda scene: _deal(scene) | {"timeout": SECONDS},
        succeed=lambda scene: scene.client.result(scene.deal_id()),
        wrong=(*NO_TIMES, {"deal_id": None}),
    ),
    "deal_end_time": told(arguments=_deal, wrong=({"deal_id": None},)),
    "opened_deals": told(),
    "closed_deals": told(),
    "opened_deal": told(arguments=_deal, wrong=({"deal_id": None},)),
    "closed_deal": told(
        arguments=_deal,
        silence=UnknownDeal,
        succeed=_a_closed_deal,
        wrong=({"deal_id": None},),
    ),
    "clear_closed_deals": told(),
    "orders": told(),
    "trading_mode": told(),
    "set_trading_mode": told(arguments=_with(mode="reducing"), wrong=({"mode": "off"}, {"mode": None})),
    "settle_order": told(
        arguments=_with(order_id="an-order", outcome="closed"),
        silence=UnknownOrder,
        succeed=_a_settled_order,
        wrong=({"outcome": "won"}, {"order_id": None}),
    ),
    "open_pending_order": asked(
        arguments=_with(**PENDING_ARGUMENTS),
        seconds=SECONDS + 0.05,
        silence=OrderUnconfirmed,
        wrong=(
            # The platform says which assets can wait.
            *(*STAKES, *(each for each in SYMBOLS if each["asset"] != "NO_SUCH_ASSET")),
            *({"open_type": each} for each in (2, "time", None)),
            *({"open_price": price} for price in (0, -1, nan, inf, None, "dear")),
            *({"open_time": 1e9}, {"open_type": 0, "open_price": None, "open_time": nan}),
            *({"timeframe": seconds} for seconds in (0, -1, 1.5, 43_201, None)),
            *({"min_payout": percent} for percent in (-1, 1.5, None)),
            *({"command": command} for command in ("up", 0, None)),
        ),
    ),
    "cancel_pending_order": asked(arguments=_ticket, wrong=({"ticket": None}, {"ticket": 5})),
    "cancel_pending_orders": asked(
        arguments=lambda scene: {"tickets": [scene.ticket()]},
        wrong=({"tickets": "a-ticket"}, {"tickets": [5]}, {"tickets": [[]]}, {"tickets": None}),
    ),
    "pending_orders": told(),
    "pending_order": told(arguments=_ticket, wrong=({"ticket": None},)),
    "raw_handler": asked(
        arguments=_with(validator=ANSWER, keep_alive=ASK, buffer=10),
        read=lambda handler: handler.wait_next(SECONDS),
        succeed=lambda scene: scene.client.raw_handler(ANSWER).send_and_wait(ASK),
        wrong=(
            *({"buffer": buffer} for buffer in (0, -1, 1.5, True)),
            *({"validator": each} for each in (None, "text", str.isdigit)),
            *({"keep_alive": each} for each in (ORDER, "\ud800", 5)),
        ),
    ),
    "raw_stream": asked(
        arguments=_with(buffer=10),
        read=lambda handler: handler.wait_next(SECONDS),
        succeed=lambda scene: scene.client.raw_stream().send_and_wait(ASK),
        wrong=tuple({"buffer": buffer} for buffer in (0, -1, 1.5)),
    ),
    "raw_order": asked(
        arguments=_with(message=ASK, validator=ANSWER, timeout=SECONDS, retries=0),
        wrong=(
            *NO_TIMES,
            *({"retries": retries} for retries in (-1, 1.5, True, None)),
            *({"message": each} for each in (ORDER, "\ud800", None)),
            *({"validator": each} for each in (None, "text")),
        ),
    ),
    "raw_iterator": asked(
        arguments=_with(message=ASK, validator=ANSWER, timeout=SECONDS),
        read=next,
        silence=StopIteration,
        deafness=StopIteration,
        wrong=(
            *NO_TIMES,
            *({"message": each} for each in (ORDER, "\ud800", None)),
            *({"validator": each} for each in (None, "text")),
        ),
    ),
}

READING: Final[dict[str, Row]] = {
    "__next__": local(why_not="it is get without a timeout: it waits for as long as it takes"),
    "__anext__": local(why_not="it is get without a timeout: it waits for as long as it takes"),
    "__iter__": PROPERTY,
    "__aiter__": PROPERTY,
    "get": asked(arguments=_wait(), wrong=NO_TIMES[:1]),
    "dropped": PROPERTY,
    "close": local(),
}
MAKING: Final = {name: Row(why_not=COMPLETERS) for name in ("tell", "end", "on_end")}

TABLE: Final[dict[type, dict[str, Row]]] = {
    PocketOption: CLIENT,
    Stream: {name: row for name, row in READING.items() if name not in {"dropped", "get"}}
    | MAKING
    | {"get": asked(arguments=_wait(), wrong=NO_TIMES[:1], succeed=_a_state)},
    Subscription: READING | {"watch": Row(why_not=COMPLETERS)},
    LiveCandles: READING | {"missing": PROPERTY, "watch": Row(why_not=COMPLETERS)},
    RawHandler: READING
    | {
        "__enter__": PROPERTY,
        "__aenter__": local(why_not="it is __enter__"),
        "id": PROPERTY,
        "iterate": PROPERTY,
        "send": told(arguments=_with(data=ASK), wrong=({"data": ORDER}, {"data": "\ud800"})),
        "send_text": told(arguments=_with(text=ASK), wrong=({"text": ORDER}, {"text": b"2"}, {"text": None})),
        "send_binary": told(arguments=_with(data=b"\x04"), wrong=({"data": ASK}, {"data": None})),
        "send_and_wait": asked(
            arguments=_with(message=ASK, timeout=SECONDS), wrong=(*NO_TIMES, {"message": ORDER}, {"message": None})
        ),
        "wait_next": asked(arguments=_wait(), wrong=NO_TIMES),
    },
    RawIterator: {name: READING[name] for name in ("__iter__", "__aiter__", "dropped", "close")}
    | {
        "__next__": asked(silence=StopIteration, deafness=StopIteration),
        "__anext__": local(why_not="it is __next__"),
    },
    Handle: {
        "tell": local(arguments=_with(message=GetBalance()), wrong=({"message": GetAssets()}, {"message": None})),
    },
    Future: {
        "__await__": local(why_not="it is get without a timeout"),
        "get": asked(arguments=_wait(), wrong=({"timeout": nan},)),
        "done": PROPERTY,
        "error": PROPERTY,
        "on_done": local(arguments=_with(callback=lambda: None), wrong=({"callback": None},)),
        **{name: Row(why_not=COMPLETERS) for name in ("set", "set_exception", "expire", "what", "timeout_seconds")},
    },
}

TARGETS: Final[dict[type, Callable[[Scene], Any]]] = {
    PocketOption: lambda scene: scene.client,
    Stream: lambda scene: scene.client.states(),
    Subscription: lambda scene: scene.client.subscribe(ASSET),
    LiveCandles: lambda scene: scene.client.live_candles(ASSET, 60, history=3),
    RawHandler: lambda scene: scene.client.raw_handler(ANSWER, ASK),
    RawIterator: lambda scene: scene.client.raw_iterator(ASK, ANSWER, timeout=SECONDS),
    Handle: lambda scene: scene.client.address("Balance"),
    Future: lambda scene: scene.client.balance(),
}
"""What the methods of each class are called on."""
