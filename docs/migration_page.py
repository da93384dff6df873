"""The migration page: every name of BinaryOptionsToolsV2 0.2.16 beside ours, and what differs on purpose.

Decides what is told of each name: whether ``optionbus.compat`` has it, and what it is called in ``optionbus`` itself.
What the wheel shows stands in ``docs.wheel``, what is not offered in ``optionbus.compat.not_offered``.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from docs.wheel import Surface, kept
from optionbus.compat.not_offered import NOT_OFFERED, reason

CLIENT: Final = {
    "__init__": "__init__",
    "__enter__": "__enter__",
    "__exit__": "__exit__",
    "__aenter__": "__aenter__",
    "__aexit__": "__aexit__",
    "active_assets": "active_assets",
    "balance": "balance",
    "buy": "buy",
    "cancel_pending_order": "cancel_pending_order",
    "cancel_pending_orders": "cancel_pending_orders",
    "candles": "candles",
    "check_win": "result",
    "clear_closed_deals": "clear_closed_deals",
    "client": "",
    "close": "stop",
    "closed_deals": "closed_deals",
    "compile_candles": "compile_candles",
    "config": "",
    "connect": "connect",
    "create_raw_handler": "raw_handler",
    "create_raw_iterator": "raw_iterator",
    "create_raw_order": "raw_order",
    "create_raw_order_with_timeout": "raw_order",
    "create_raw_order_with_timeout_and_retry": "raw_order",
    "disconnect": "disconnect",
    "get_candles": "candles",
    "get_candles_advanced": "candles_at",
    "get_candles_live": "live_candles",
    "get_closed_deal": "closed_deal",
    "get_deal_end_time": "deal_end_time",
    "get_opened_deal": "opened_deal",
    "get_pending_deals": "pending_orders",
    "get_server_time": "server_time",
    "get_ticks": "ticks",
    "history": "history",
    "is_connected": "is_connected",
    "is_demo": "is_demo",
    "is_ssid_valid": "is_session_valid",
    "loop": "",
    "open_pending_order": "open_pending_order",
    "opened_deals": "opened_deals",
    "payout": "payout",
    "payouts": "payout",
    "raw_handler": "raw_handler",
    "raw_request": "raw_order",
    "raw_stream": "raw_iterator",
    "reconnect": "reconnect",
    "sell": "sell",
    "send_raw": "send_raw",
    "send_raw_message": "send_raw",
    "shutdown": "stop",
    "stream_candles": "live_candles",
    "subscribe_raw": "raw_stream",
    "subscribe_symbol": "subscribe",
    "subscribe_symbol_chunked": "subscribe",
    "subscribe_symbol_time_aligned": "subscribe",
    "subscribe_symbol_timed": "subscribe",
    "subscribe_ticks": "subscribe",
    "ticks": "ticks",
    "try_demo": "simulated",
    "unsubscribe": "unsubscribe",
    "wait_for_assets": "wait_for_assets",
}
"""What a method of the clients is called on ``optionbus.PocketOption``; empty: it has no need of it."""

NAMES: Final = {
    "Config": "Config",
    "PocketOption": "PocketOption",
    "PocketOptionAsync": "PocketOption",
    "RawHandler": "RawHandler",
    "RawHandlerSync": "RawHandler",
    "Trade": "Deal",
    "Validator": "Validator",
    "Action": "Direction",
    "PyBot": "Bot",
    "PyContext": "Strategy",
    "PyStrategy": "Strategy",
    "PyVirtualMarket": "Bot",
    "AsyncSubscription": "Subscription",
    "SyncSubscription": "Subscription",
    "PocketOptionError": "BusError",
}
"""What a class is called in ``optionbus``."""

MOVING: Final = """\
Change the import; the rest of the bot stays as it is:

```diff
-from BinaryOptionsToolsV2 import PocketOptionAsync
+from optionbus.compat import PocketOptionAsync
```

`optionbus.compat.pocketoption`, `.config`, `.validator` and `.tracing` are where they are in the original. The
session is the one that the browser sends: in its developer tools, under Network and WS, the message that starts with
`42["auth"`. Later, `.client` of either client is an `optionbus.PocketOption`: all that it can do can be used beside
the rest, and the last column below says what a call is named there."""

DIFFERENCES: Final = {
    "Real money takes an opt-in": "a session that is not a demo is refused (`NotAllowedError`) unless the client is "
    "made with `allow_real=True`.",
    "An order is sent once": "the same order twice within two seconds is taken for a mistake and denied. "
    "`buy` and `sell` never send again what was not answered. Where that happens the error "
    "says that the deal may exist: look at `opened_deals()` before you place another. Messages that are orders are "
    "refused by the raw calls.",
    "Errors have types": "what a bot catches it still catches: the classes are the same, and each is also the Python "
    "error that the original raises or documents for it (`ValueError`, `TimeoutError`, `ConnectionError`, "
    "`RuntimeError`). `__cause__` is the error of this project, with fields. An unknown deal id raises "
    "`TradeNotFoundError`, also one that is no UUID.",
    "Subscriptions survive": "after a lost connection they stream on, and live candles have no gap. An iterator that "
    "nobody holds any more is unsubscribed.",
    "Times": "as there, ticks, deals, history and `end_time` are on the platform's clock, some hours ahead of UTC, and "
    "only the `time` of `candles()` without an end and of the live candles is true UTC. The offset is measured, where "
    "the original subtracts two hours. `history`, `ticks`, `compile_candles` and the closed live candles reach up to "
    "now, where the original asks for what was two hours ago.",
    "`get_server_time`": "is right from the login on; the original counts from 0 until the first tick.",
    "Pending orders": "`get_pending_deals` works, and so do opening and cancelling on all shapes of answers. "
    "`date_created` and `id` are None.",
    "Fields of a deal that are not kept": "`isRollover`, `isAI`, `amountUsd` and the `refund…` are None.",
    "Raw messages": "come as there, the text and its attachment each by itself. `raw_stream` yields them; the "
    "original's ends at once. `close` of a handler removes it.",
    "The constructor": "waits for the login, as there, but lets other threads run; it raises what was wrong.",
    "Settings": "`max_allowed_loops` counts failures in a row, and a success forgets them. `sleep_interval` is kept "
    "and has no use. `tls_cipher_suites`, `tls_alpn` and `sec_websocket_extensions` warn that they are not used: "
    "certificates are always checked. The password of `proxy` is shown nowhere.",
    "Strategies": "`PyBot` takes `.client` of a client, the client itself, or any `optionbus.PocketOption`, also a "
    "simulated one. Handlers have a thread of their own: one that waits holds up nobody else, and hears afterwards of "
    "what came meanwhile. The first candle is a whole one, and one with a gap is fetched. `buy` and `balance` of the "
    "context need no running loop. What a handler raises is a line in the log; where `on_start` raises, `run` does "
    "(`PocketOptionError`), as there. A deal of less than a second is refused.",
    "`PyVirtualMarket`": "as there, it knows no prices but those of `update_price`, pays 80 %, and `result` does not "
    "wait. A deal closes on a full second, at the price of that moment, where the original takes the price at which it "
    "is asked; the balance has the result from then on, and `result` can be asked again. A stake below 1 or above "
    "20000 is refused. Its ids are no UUIDs, and its times are written as the platform writes them.",
    "Names that the original calls deprecated": "work, and do not warn.",
    "Logging": "goes through loguru, and is silent until it is asked for. The session is in no line.",
}


def paragraphs(surface: Surface | None = None) -> Iterator[str]:
    """The paragraphs of the page."""
    found = surface or kept()
    yield MOVING
    yield "## What differs on purpose"
    yield "\n".join(f"- **{what}**: {how}" for what, how in DIFFERENCES.items())
    yield "## The clients"
    yield _clients(found)
    yield "## Everything else"
    yield _others(found)
    yield "## Modules"
    yield _modules(found)


def _clients(surface: Surface) -> str:
    plain = surface.classes["pocketoption.synchronous.PocketOption"].members
    asynchronous = surface.classes["pocketoption.asynchronous.PocketOptionAsync"].members
    rows = (
        (
            f"`{name}{asynchronous.get(name) or plain.get(name) or ''}`",
            ", ".join(kind for kind, members in (("plain", plain), ("asyncio", asynchronous)) if name in members),
            _offer("PocketOptionAsync", name),
            f"`{CLIENT[name]}`" if CLIENT[name] else "—",
        )
        for name in sorted({*plain, *asynchronous})
    )
    return _table(("BinaryOptionsToolsV2", "client", "optionbus.compat", "optionbus.PocketOption"), rows)


def _others(surface: Surface) -> str:
    offered = {path: names for path, names in surface.modules.items() if reason(path, "") is None}
    where = {
        name: (path, name)
        for path, names in offered.items()
        for name in names
        if f"{path}.{name}".removeprefix(".") not in surface.modules
    }
    shown = {surface.modules[path][name] for path, name in where.values()}
    for home in {*surface.classes, *surface.functions} - shown:  # the native library's own, and another platform's
        path, _, name = home.rpartition(".")
        where[home] = (path, name)
    rows = (row for label, place in sorted(where.items()) for row in _rows(surface, label, *place))
    return _table(("BinaryOptionsToolsV2", "optionbus.compat", "optionbus"), rows)


def _rows(surface: Surface, label: str, path: str, name: str) -> Iterator[tuple[str, ...]]:
    home, refusal = surface.modules[path][name], reason(path, name)
    found = surface.classes.get(home)
    members = {} if found is None or name.startswith("PocketOption") else found.members
    if refusal:
        listed = f": {', '.join(f'`{each}`' for each in members)}" if members else ""
        yield f"`{label}`{listed}", refusal, "—"
        return
    yield f"`{name}{surface.functions.get(home, '')}`", "the same", f"`{NAMES[name]}`" if name in NAMES else "—"
    for member, signature in members.items():
        yield f"`{name}.{member}{signature}`", _offer(name, member), "—"


def _modules(surface: Surface) -> str:
    rows = (
        (
            f"`BinaryOptionsToolsV2{'.' if path else ''}{path}`",
            reason(path, "") or f"`optionbus.compat{'.' if path else ''}{path}`",
            ", ".join(f"`{name}`" for name in names),
        )
        for path, names in surface.modules.items()
    )
    return _table(("BinaryOptionsToolsV2", "optionbus.compat", "its names"), rows)


def _offer(name: str, member: str) -> str:
    return NOT_OFFERED.get(f"{name}.{member}", "the same")


def _table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = (heads, ("---",) * len(heads), *rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
