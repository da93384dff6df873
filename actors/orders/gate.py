"""The gate: whether an order may go out now.

Theory of operation. Each order is held against a row of rules, the gravest first; the first that objects denies it, and
names itself, the value that it saw and the limit. A denied order was never sent.

Decides what is allowed. Knows no clock, no connection and no journal: it is told how things stand.
"""

from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Final

from msgspec import Meta, Struct, field

from messages.order_errors import OrderDenied
from messages.orders import OrderRecord, OrderState, TradingMode

MINUTE_SECONDS: Final = 60.0

UNPLACED: Final = frozenset({OrderState.DENIED, OrderState.REJECTED, OrderState.NOT_PLACED})
"""The states in which an order is nobody's duplicate: it does not exist."""

Money = Decimal
Count = Annotated[int, Meta(ge=1)]
Positive = Annotated[float, Meta(gt=0)]


class AssetRisk(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Limits for one asset, beside those for all; unset: no limit of its own."""

    max_stake: Decimal | None = None
    """The largest stake, in the account's currency."""
    max_open_deals: Count | None = None
    """How many deals of the asset may be open at once."""
    max_orders_per_minute: Count | None = None
    """How many orders on the asset may go out within a minute."""


class RiskSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be risked; unset: no limit."""

    max_stake: Decimal | None = None
    """The largest stake, in the account's currency."""
    max_open_deals: Count | None = None
    """How many deals may be open at once."""
    max_orders_per_minute: Count | None = None
    """How many orders may go out within a minute."""
    max_loss_per_day: Decimal | None = None
    """The most that may be lost between midnight and midnight UTC; what is at stake counts as lost until it is not."""
    assets: dict[str, AssetRisk] = field(default_factory=dict)
    """Limits by asset, beside those above."""
    duplicate_seconds: Annotated[float, Meta(ge=0)] = 2.0
    """How long the same order under another id is taken for a mistake, unless it says that it is none."""
    max_silence_seconds: Positive = 60.0
    """How long the platform may have said nothing at all."""
    max_tick_age_seconds: Positive = 60.0
    """How old the last tick of a subscribed asset may be."""
    require_fresh_tick: bool = False
    """Whether an asset has to be subscribed."""

    def __post_init__(self) -> None:
        """Raises ValueError where a limit is no amount of money."""
        for limit in (self.max_stake, self.max_loss_per_day, *(asset.max_stake for asset in self.assets.values())):
            if limit is not None and not (limit.is_finite() and limit > 0):
                raise ValueError("Expected a finite amount above 0")


class Standing(Struct, frozen=True, kw_only=True):
    """How things stand when an order is to go out. Times are seconds, money is in the account's currency.

    ``tick_age`` is None where the asset is not subscribed; ``duplicate_of`` is a recent order that is the same. What
    is ``running`` is open or may be, what is ``recent`` went out in the last minute; ``…_here``: of this asset.
    """

    mode: TradingMode
    is_reconciled: bool
    journal_problem: str | None
    silence: float
    tick_age: float | None
    blocked_by: OrderRecord | None
    duplicate_of: OrderRecord | None
    running: int
    running_here: int
    recent: int
    recent_here: int
    lost_today: Decimal
    at_stake: Decimal


def denial(order: OrderRecord, standing: Standing, risk: RiskSettings, *, allow_duplicate: bool) -> OrderDenied | None:
    """Why the order may not go out; None if it may."""
    for rule in RULES:
        found = rule(order, standing, risk)
        if found is not None:
            return OrderDenied(order.symbol, *found)
    return None if allow_duplicate else _duplicate(order, standing, risk)


Objection = tuple[str, object, object]
"""The rule, the value it saw, and what it allows."""


def _mode(_order: OrderRecord, standing: Standing, _risk: RiskSettings) -> Objection | None:
    return None if standing.mode is TradingMode.ACTIVE else ("trading mode", standing.mode.value, "active")


def _journal(_order: OrderRecord, standing: Standing, _risk: RiskSettings) -> Objection | None:
    problem = standing.journal_problem
    return None if problem is None else ("journal", problem, "a journal that can be written")


def _reconciled(_order: OrderRecord, standing: Standing, _risk: RiskSettings) -> Objection | None:
    return None if standing.is_reconciled else ("reconciliation", "unresolved orders", "the platform's lists of deals")


def _blocked(_order: OrderRecord, standing: Standing, _risk: RiskSettings) -> Objection | None:
    blocking = standing.blocked_by
    text = "no order of the asset that a person has to settle (run.py orders)"
    return None if blocking is None else ("manual order", blocking.order_id, text)


def _silence(_order: OrderRecord, standing: Standing, risk: RiskSettings) -> Objection | None:
    return _above("max_silence_seconds", standing.silence, risk.max_silence_seconds)


def _tick_age(order: OrderRecord, standing: Standing, risk: RiskSettings) -> Objection | None:
    if order.pending is not None:  # it is for another moment
        return None
    if standing.tick_age is None:
        return ("require_fresh_tick", "no tick", "a subscribed asset") if risk.require_fresh_tick else None
    return _above("max_tick_age_seconds", standing.tick_age, risk.max_tick_age_seconds)


def _stake(order: OrderRecord, _standing: Standing, risk: RiskSettings) -> Objection | None:
    own = _asset(order, risk).max_stake
    return _above("max_stake", order.stake, risk.max_stake) or _above("max_stake", order.stake, own, order.symbol)


def _open_deals(order: OrderRecord, standing: Standing, risk: RiskSettings) -> Objection | None:
    own = _asset(order, risk).max_open_deals
    return _above("max_open_deals", standing.running + 1, risk.max_open_deals) or _above(
        "max_open_deals", standing.running_here + 1, own, order.symbol
    )


def _pace(order: OrderRecord, standing: Standing, risk: RiskSettings) -> Objection | None:
    own = _asset(order, risk).max_orders_per_minute
    return _above("max_orders_per_minute", standing.recent + 1, risk.max_orders_per_minute) or _above(
        "max_orders_per_minute", standing.recent_here + 1, own, order.symbol
    )


def _loss(order: OrderRecord, standing: Standing, risk: RiskSettings) -> Objection | None:
    worst = standing.lost_today + standing.at_stake + order.stake
    return _above("max_loss_per_day", worst, risk.max_loss_per_day)


RULES: Final[tuple[Callable[[OrderRecord, Standing, RiskSettings], Objection | None], ...]] = (
    _mode,
    _journal,
    _reconciled,
    _blocked,
    _silence,
    _tick_age,
    _stake,
    _open_deals,
    _pace,
    _loss,
)
"""In the order in which they are asked."""


def _duplicate(order: OrderRecord, standing: Standing, risk: RiskSettings) -> OrderDenied | None:
    other = standing.duplicate_of
    if other is None or other.state in UNPLACED or order.created - other.created >= risk.duplicate_seconds:
        return None
    allowed = f"the same once in {risk.duplicate_seconds:g} s"
    return OrderDenied(order.symbol, "duplicate", f"as {other.order_id}", allowed)


def content(order: OrderRecord) -> tuple[object, ...]:
    """What two orders have in common that nobody meant to place twice."""
    pending = order.pending
    waits_for = None if pending is None else (pending.open_time, pending.open_price)
    return order.symbol, order.direction, order.stake, order.duration_seconds, waits_for


def _asset(order: OrderRecord, risk: RiskSettings) -> AssetRisk:
    return risk.assets.get(order.symbol, _NO_LIMITS)


def _above(rule: str, value: Decimal | float, limit: Decimal | float | None, asset: str = "") -> Objection | None:
    """The objection, if there is a limit and the value is above it; ``asset``: whose own limit it is."""
    if limit is None or value <= limit:
        return None
    return (f"{asset}.{rule}" if asset else rule, value, limit)


_NO_LIMITS: Final = AssetRisk()
