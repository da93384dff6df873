"""The words for prices: ticks, candles, assets, and subscriptions to them.

Decides what a price, a candle and an asset are to the rest of the system. All times are
true UTC seconds; ``server_…`` are the platform's own, some hours ahead.
Does not know how candles are built (``actors.candles``).
"""

from enum import Enum
from typing import ClassVar, NewType

from msgspec import Struct

from messages.base import AddressName, Command, Delivery, Event, Query, Reply

Symbol = NewType("Symbol", str)
"""The platform's name of an asset, such as ``EURUSD_otc``."""


class Tick(Struct, frozen=True, gc=False):
    """One price of one asset."""

    symbol: Symbol
    time: float
    price: float
    server_time: float


class Candle(Struct, frozen=True, gc=False, kw_only=True):
    """What the price did in one period.

    ``time`` is when the period began. ``closed`` says that it is over; ``complete`` that every tick
    of it was seen from its first moment on. ``ticks`` is how many it was built of, at least; 0 where the platform
    built it.
    """

    symbol: Symbol
    time: float
    period_seconds: float
    open: float
    high: float
    low: float
    close: float
    ticks: int = 0
    volume: float | None = None
    closed: bool = True
    complete: bool = True


class Direct(Struct, frozen=True, tag=True):
    """Every tick as it comes."""


class Chunk(Struct, frozen=True, tag=True):
    """A candle of every ``ticks`` ticks."""

    ticks: int


class Timed(Struct, frozen=True, tag=True):
    """A candle that opens at a tick and closes with the first tick ``seconds`` or more later."""

    seconds: float


class TimeAligned(Struct, frozen=True, tag=True):
    """A candle of ``seconds`` that begins at a multiple of them since midnight UTC."""

    seconds: int


Aggregation = Direct | Chunk | Timed | TimeAligned


class AssetKind(Enum):
    """What an asset is."""

    STOCK = "stock"
    CURRENCY = "currency"
    COMMODITY = "commodity"
    CRYPTOCURRENCY = "cryptocurrency"
    INDEX = "index"
    OTHER = "other"


class Asset(Struct, frozen=True, kw_only=True):
    """Something that can be traded. ``payout_percent`` is the gain on a win, of the stake."""

    id: int
    symbol: Symbol
    name: str
    kind: AssetKind
    digits: int
    payout_percent: int
    is_otc: bool
    is_active: bool
    default_duration_seconds: int
    min_duration_seconds: int
    duration_step_seconds: int
    timeframes_seconds: tuple[int, ...]

    def __repr__(self) -> str:
        return f"Asset({self.symbol}, {self.payout_percent} %, {'active' if self.is_active else 'closed'})"


class TicksReceived(Event, frozen=True, kw_only=True):
    """New ticks of one asset, oldest first."""

    sheddable: ClassVar[bool] = True
    symbol: Symbol
    ticks: tuple[Tick, ...]


class StreamStale(Event, frozen=True, kw_only=True):
    """A subscribed asset has had no tick for longer than it usually has none.

    ``silent_seconds`` is how long, on the market's clock: since its latest tick's time, or since it was subscribed.
    """

    symbol: Symbol
    silent_seconds: float


class StreamResumed(Event, frozen=True, kw_only=True):
    """An asset that was stale has ticks again; ``silent_seconds`` is the time between the ticks before and after."""

    symbol: Symbol
    silent_seconds: float


class CandleClosed(Event, frozen=True, kw_only=True):
    """A candle of a subscription is over."""

    aggregation: Aggregation
    candle: Candle


class AssetsReported(Event, frozen=True, kw_only=True):
    """The platform's list of assets."""

    assets: tuple[Asset, ...]


class AssetsChanged(Event, frozen=True, kw_only=True):
    """The list of assets that now holds, by symbol."""

    assets: tuple[Asset, ...]


class HistoryReported(Event, frozen=True, kw_only=True):
    """What the platform says to a change of symbol: recent ticks and candles, oldest first.

    The last candle is the forming one, stale as sent.
    """

    symbol: Symbol
    period_seconds: int
    ticks: tuple[Tick, ...]
    candles: tuple[Candle, ...]


class PeriodReported(Event, frozen=True, kw_only=True):
    """One page of older candles or ticks, oldest first; answers the request of the same ``index``."""

    symbol: Symbol
    index: int
    ticks: tuple[Tick, ...]
    candles: tuple[Candle, ...]


class Subscribe(Command, frozen=True, kw_only=True):
    """Let this asset stream, aggregated, to ``deliver_to``. Answered by Subscribed."""

    delivery: ClassVar[Delivery] = Delivery.REDELIVER
    symbol: Symbol
    aggregation: Aggregation
    deliver_to: AddressName


class Subscribed(Reply, frozen=True, kw_only=True):
    """The platform streams the asset."""

    symbol: Symbol


class Unsubscribe(Command, frozen=True, kw_only=True):
    """End what ``deliver_to`` gets of this asset: one aggregation, or all where it is None.

    ``deliver_to`` NOBODY means everybody.
    """

    delivery: ClassVar[Delivery] = Delivery.REDELIVER
    symbol: Symbol
    aggregation: Aggregation | None = None
    deliver_to: AddressName


class GetSubscriptions(Query, frozen=True, kw_only=True):
    """Ask what is subscribed."""


class Subscriptions(Reply, frozen=True, kw_only=True):
    """Everything that is wanted, whether or not it streams just now; ``stale`` are the assets that are silent."""

    wanted: tuple[tuple[Symbol, Aggregation], ...]
    stale: tuple[Symbol, ...] = ()


class GetAssets(Query, frozen=True, kw_only=True):
    """Ask for the assets; answered once they are known."""


class Assets(Reply, frozen=True, kw_only=True):
    """All assets, in the platform's order."""

    assets: tuple[Asset, ...]


class GetCandles(Query, frozen=True, kw_only=True):
    """Ask for candles that end at ``end`` (UTC seconds, None for now).

    The last ``count`` of them, or all that begin at ``since`` or later, or whichever of the two are fewer.
    ``within_seconds`` is how long its asker waits.
    """

    symbol: Symbol
    period_seconds: int
    count: int | None = None
    since: float | None = None
    end: float | None = None
    within_seconds: float | None = None


class Candles(Reply, frozen=True, kw_only=True):
    """Candles, oldest first; from ``since`` on none is missing that the platform has."""

    symbol: Symbol
    candles: tuple[Candle, ...]
    since: float = 0.0


class GetTicks(Query, frozen=True, kw_only=True):
    """Ask for the ticks from ``since`` to ``end`` (UTC seconds, None for now)."""

    symbol: Symbol
    since: float
    end: float | None = None
    within_seconds: float | None = None


class Ticks(Reply, frozen=True, kw_only=True):
    """Ticks, oldest first; from ``since`` on none is missing that the platform has."""

    symbol: Symbol
    ticks: tuple[Tick, ...]
    since: float


class LiveCandlesChanged(Event, frozen=True, kw_only=True):
    """What has become of an asset's candles since the last time: those that closed, and the forming one.

    ``missing`` are the stretches (start and end, UTC seconds) for which there are no ticks, as in CandlesMissing.
    """

    symbol: Symbol
    period_seconds: int
    closed: tuple[Candle, ...]
    forming: Candle | None
    missing: tuple[tuple[float, float], ...] = ()


class CandlesRefilled(Event, frozen=True, kw_only=True):
    """What was missed from ``start`` to ``end`` (UTC seconds) was fetched: nothing is missing there any more."""

    symbol: Symbol
    aggregation: Aggregation
    start: float
    end: float


class CandlesMissing(Event, frozen=True, kw_only=True):
    """The ticks between ``start`` and ``end`` (UTC seconds) were missed and could not be fetched.

    Candles that lie partly there are not complete; of those that lie wholly there, there are none.
    """

    symbol: Symbol
    aggregation: Aggregation
    start: float
    end: float


class GetHistory(Query, frozen=True, kw_only=True):
    """Ask for the recent ticks and candles that a change of symbol brings."""

    symbol: Symbol
    period_seconds: int


class History(Reply, frozen=True, kw_only=True):
    """Recent ticks and candles, oldest first; the last candle is forming, the ticks applied to it."""

    symbol: Symbol
    period_seconds: int
    ticks: tuple[Tick, ...]
    candles: tuple[Candle, ...]
