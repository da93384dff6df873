"""Covers actors.orders.gate."""

from decimal import Decimal
from typing import Any

import pytest
from msgspec.structs import replace

from actors.orders.gate import UNPLACED, AssetRisk, RiskSettings, Standing, denial
from messages.order_errors import OrderDenied
from messages.orders import OrderState, TradingMode
from messages.trading import Direction
from tests.actors.api.samples import EURO, NOW, POUND
from tests.actors.orders.samples import ORDER, order

CALM = Standing(
    mode=TradingMode.ACTIVE,
    is_reconciled=True,
    journal_problem=None,
    silence=0.0,
    tick_age=None,
    blocked_by=None,
    duplicate_of=None,
    running=0,
    running_here=0,
    recent=0,
    recent_here=0,
    lost_today=Decimal(0),
    at_stake=Decimal(0),
)
"""Nothing stands against an order."""

STRICT = RiskSettings(
    max_stake=Decimal(10),
    max_open_deals=3,
    max_orders_per_minute=5,
    max_loss_per_day=Decimal(20),
    assets={EURO: AssetRisk(max_stake=Decimal(4), max_open_deals=2, max_orders_per_minute=3)},
)


def verdict(
    standing: dict[str, Any], risk: RiskSettings = STRICT, *, stake: str = "1", asset: str = EURO
) -> OrderDenied | None:
    wanted = replace(ORDER, stake=Decimal(stake), symbol=asset)
    return denial(wanted, replace(CALM, **standing), risk, allow_duplicate=False)


def test_an_order_that_no_rule_objects_to_may_go_out() -> None:
    assert verdict({}) is None
    assert verdict({}, RiskSettings()) is None


@pytest.mark.parametrize(
    ("standing", "stake", "asset"),
    [
        ({"silence": 60.0}, "1", EURO),
        ({"tick_age": 60.0}, "1", EURO),
        ({"tick_age": None}, "1", EURO),
        ({}, "10", POUND),
        ({}, "4", EURO),
        ({"running": 2}, "1", POUND),
        ({"running": 1, "running_here": 1}, "1", EURO),
        ({"recent": 4}, "1", POUND),
        ({"recent": 2, "recent_here": 2}, "1", EURO),
        ({"lost_today": Decimal(12), "at_stake": Decimal(5)}, "3", EURO),
        ({"lost_today": Decimal(-12), "at_stake": Decimal(30)}, "2", EURO),
    ],
)
def test_at_the_limit_an_order_may_go_out(standing: dict[str, Any], stake: str, asset: str) -> None:
    assert verdict(standing, stake=stake, asset=asset) is None


@pytest.mark.parametrize(
    ("standing", "stake", "asset", "rule", "value", "limit"),
    [
        ({"mode": TradingMode.REDUCING}, "1", EURO, "trading mode", "reducing", "active"),
        ({"mode": TradingMode.HALTED}, "1", EURO, "trading mode", "halted", "active"),
        ({"journal_problem": "disk full"}, "1", EURO, "journal", "disk full", "can be written"),
        ({"is_reconciled": False}, "1", EURO, "reconciliation", "unresolved orders", "lists of deals"),
        ({"blocked_by": order(7, OrderState.MANUAL)}, "1", EURO, "manual order", "o-7", r"run\.py orders"),
        ({"silence": 60.1}, "1", EURO, "max_silence_seconds", "60.1", "60.0"),
        ({"tick_age": 60.1}, "1", EURO, "max_tick_age_seconds", "60.1", "60.0"),
        ({}, "10.01", POUND, "max_stake", "10.01", "10"),
        ({}, "4.01", EURO, "EURUSD_otc.max_stake", "4.01", "4"),
        ({"running": 3}, "1", POUND, "max_open_deals", "4", "3"),
        ({"running": 2, "running_here": 2}, "1", EURO, "EURUSD_otc.max_open_deals", "3", "2"),
        ({"recent": 5}, "1", POUND, "max_orders_per_minute", "6", "5"),
        ({"recent": 3, "recent_here": 3}, "1", EURO, "EURUSD_otc.max_orders_per_minute", "4", "3"),
        ({"lost_today": Decimal(12), "at_stake": Decimal(5)}, "3.01", EURO, "max_loss_per_day", "20.01", "20"),
    ],
)
def test_a_denial_names_the_rule_the_value_and_the_limit(
    standing: dict[str, Any], stake: str, asset: str, rule: str, value: str, limit: str
) -> None:
    denied = verdict(standing, stake=stake, asset=asset)

    assert denied is not None
    assert (denied.asset, denied.rule) == (asset, rule)
    with pytest.raises(
        OrderDenied, match=rf"{asset} .*'{rule}': it is {value}, allowed is .*{limit}.*Nothing was sent"
    ):
        raise denied


def test_an_asset_may_have_to_be_subscribed() -> None:
    risk = replace(STRICT, require_fresh_tick=True)

    denied = verdict({"tick_age": None}, risk)

    assert denied is not None
    assert (denied.rule, denied.value) == ("require_fresh_tick", "no tick")
    assert verdict({"tick_age": 60.0}, risk) is None


def test_the_gravest_rule_is_the_one_that_is_named() -> None:
    everything: dict[str, Any] = {
        "mode": TradingMode.HALTED,
        "journal_problem": "disk full",
        "is_reconciled": False,
        "blocked_by": order(7, OrderState.MANUAL),
        "silence": 61.0,
        "tick_age": 61.0,
        "stake": "11",
        "running": 9,
        "recent": 9,
        "lost_today": Decimal(99),
        "duplicate_of": order(2, OrderState.OPEN),
    }

    named = []
    while everything:
        stake = everything.get("stake", "1")
        standing = {name: value for name, value in everything.items() if name != "stake"}
        denied = verdict(standing, stake=stake)
        assert denied is not None
        named.append(denied.rule)
        del everything[next(iter(everything))]

    assert named == [
        "trading mode",
        "journal",
        "reconciliation",
        "manual order",
        "max_silence_seconds",
        "max_tick_age_seconds",
        "max_stake",
        "max_open_deals",
        "max_orders_per_minute",
        "max_loss_per_day",
        "duplicate",
    ]


# The same twice.


@pytest.mark.parametrize("state", list(OrderState))
def test_the_same_within_two_seconds_is_denied_unless_the_other_does_not_exist(state: OrderState) -> None:
    other = order(2, state, created=NOW - 1.9)

    denied = verdict({"duplicate_of": other})

    assert (denied is None) is (state in UNPLACED)
    if denied is not None:
        assert (denied.rule, denied.value, denied.limit) == ("duplicate", "as o-2", "the same once in 2 s")


@pytest.mark.parametrize(
    ("seconds", "is_denied"), [(0.0, False), (1.9, False), (2.0, True), (9.9, True), (10.0, False)]
)
def test_how_long_the_same_is_a_duplicate_can_be_set(seconds: float, *, is_denied: bool) -> None:
    risk = replace(STRICT, duplicate_seconds=0.0 if seconds < 2 else 10.0)
    other = order(2, OrderState.OPEN, created=NOW - seconds)

    assert (verdict({"duplicate_of": other}, risk) is not None) is is_denied


def test_a_duplicate_may_be_allowed_and_nothing_else_with_it() -> None:
    standing = replace(CALM, duplicate_of=order(2, OrderState.OPEN))

    assert denial(ORDER, standing, STRICT, allow_duplicate=True) is None
    assert denial(replace(ORDER, stake=Decimal(5)), standing, STRICT, allow_duplicate=True) is not None


# Limits that are none.


@pytest.mark.parametrize("amount", ["0", "-1", "NaN", "Infinity"])
@pytest.mark.parametrize("name", ["max_stake", "max_loss_per_day"])
def test_a_limit_that_is_no_amount_of_money_is_refused(name: str, amount: str) -> None:
    with pytest.raises(ValueError, match="finite amount"):
        replace(STRICT, **{name: Decimal(amount)})


def test_the_same_holds_for_one_asset() -> None:
    with pytest.raises(ValueError, match="finite amount"):
        RiskSettings(assets={EURO: AssetRisk(max_stake=Decimal(0))})


def test_limits_do_not_depend_on_the_direction() -> None:
    denied = denial(replace(ORDER, direction=Direction.PUT, stake=Decimal(5)), CALM, STRICT, allow_duplicate=False)

    assert denied is not None
