"""Covers actors.routes."""

from collections.abc import Hashable
from typing import Any

import pytest

from actors.routes import CandlesOf, Listener, Routes
from actors.rules import Rule
from messages.market import Chunk, Direct, Symbol
from optionbus.testing import Probe
from tests.actors.puppet import Do, Note

EURO, POUND = Symbol("EURUSD_otc"), Symbol("GBPUSD_otc")


@pytest.fixture
def routes() -> Routes:
    return Routes()


@pytest.fixture
def first() -> Probe:
    return Probe()


@pytest.fixture
def second() -> Probe:
    return Probe()


def test_nobody_listens_to_begin_with(routes: Routes) -> None:
    assert routes.listeners(Note) == ()
    assert (routes.ticks, routes.rules, routes.taps) == ({}, (), ())


def test_listeners_hear_of_a_topic_in_order_of_registration(routes: Routes, first: Probe, second: Probe) -> None:
    routes.add(Note, first)
    routes.add(Note, second)

    assert routes.listeners(Note) == (first, second)
    assert routes.listeners(Do) == ()


def test_who_registers_twice_hears_once(routes: Routes, first: Probe) -> None:
    rule = Rule.any()

    for _ in range(2):
        routes.add(Note, first)
        routes.add_ticks(EURO, first)
        routes.add_rule(rule, first)
        routes.add_tap(first)

    assert routes.listeners(Note) == (first,)
    assert routes.ticks == {EURO: (first,)}
    assert routes.rules == ((rule, first),)
    assert routes.taps == (first,)


def test_who_overhears_a_topic_hears_of_it_before_those_who_are_woken_for_it(
    routes: Routes, first: Probe, second: Probe
) -> None:
    routes.add(Note, first)

    for _ in range(2):
        routes.overhear([Note], second)

    assert routes.listeners(Note) == (second, first)


def test_candles_are_a_topic_for_each_asset_and_aggregation(routes: Routes, first: Probe) -> None:
    routes.add(CandlesOf(EURO, Chunk(5)), first)

    assert routes.listeners(CandlesOf(EURO, Chunk(5))) == (first,)
    assert routes.listeners(CandlesOf(EURO, Chunk(6))) == ()
    assert routes.listeners(CandlesOf(EURO, Direct())) == ()
    assert routes.listeners(CandlesOf(POUND, Chunk(5))) == ()


def test_what_an_actor_listens_to_is_classes_and_rules(routes: Routes, first: Probe) -> None:
    rule = Rule.event("successauth")

    routes.listen((Note, rule), first)

    assert routes.listeners(Note) == (first,)
    assert routes.rules == ((rule, first),)


def test_one_listener_may_have_several_rules(routes: Routes, first: Probe) -> None:
    one, other = Rule.any(), Rule.never()

    routes.listen((one, other), first)

    assert routes.rules == ((one, first), (other, first))


def test_who_is_removed_hears_no_more_and_others_still_do(routes: Routes, first: Probe, second: Probe) -> None:
    rule = Rule.any()
    for listener in (first, second):
        routes.add(Note, listener)
        routes.add_ticks(EURO, listener)
        routes.add_rule(rule, listener)
        routes.add_tap(listener)

    routes.remove(Note, first)
    routes.remove_ticks(EURO, first)
    routes.remove_rules(first)
    routes.remove_tap(first)

    assert routes.listeners(Note) == (second,)
    assert routes.ticks == {EURO: (second,)}
    assert routes.rules == ((rule, second),)
    assert routes.taps == (second,)


def test_a_rule_of_a_name_is_replaced_and_removed_by_it(routes: Routes, first: Probe) -> None:
    kept, one, other = Rule.any(), Rule.never(), Rule.event("ps")
    routes.add_rule(kept, first)
    routes.add_rule(one, first, "Raw-1")

    routes.add_rule(other, first, "Raw-1")
    replaced = routes.rules
    routes.remove_rule("Raw-1")
    routes.remove_rule("Raw-1")

    assert replaced == ((kept, first), (other, first))
    assert routes.rules == ((kept, first),)


def test_nothing_is_kept_of_rules_that_came_and_went(routes: Routes, first: Probe) -> None:
    for number in range(100):
        routes.add_rule(Rule.any(), first, f"Raw-{number}")
        routes.add_rule(Rule.any(), first)

    for number in range(50):
        routes.remove_rule(f"Raw-{number}")
    routes.remove_rules(first)

    assert routes.rules == ()
    assert routes._rules == {}


def test_nothing_is_kept_of_a_topic_without_listeners(routes: Routes, first: Probe) -> None:
    routes.add(Note, first)
    routes.add_ticks(EURO, first)
    routes.add_ticks(POUND, first)

    routes.remove(Note, first)
    routes.remove_ticks(EURO, first)

    assert routes._topics == {}
    assert routes.ticks == {POUND: (first,)}


def test_removing_who_never_registered_is_no_error(routes: Routes, first: Probe, second: Probe) -> None:
    routes.add(Note, first)

    routes.remove(Note, second)
    routes.remove(Do, second)
    routes.remove_ticks(EURO, second)
    routes.remove_rules(second)
    routes.remove_tap(second)

    assert routes.listeners(Note) == (first,)


def test_who_is_forgotten_hears_nothing_at_all(routes: Routes, first: Probe, second: Probe) -> None:
    for listener in (first, second):
        routes.listen((Note, Do, Rule.any()), listener)
        routes.add_ticks(EURO, listener)
        routes.add_ticks(POUND, listener)
        routes.add_tap(listener)

    routes.forget(first)

    assert [routes.listeners(topic) for topic in (Note, Do)] == [(second,), (second,)]
    assert routes.ticks == {EURO: (second,), POUND: (second,)}
    assert [listener for _, listener in routes.rules] == [second]
    assert routes.taps == (second,)


def test_a_reader_never_misses_a_listener_while_another_is_removed(routes: Routes, first: Probe, second: Probe) -> None:
    seen: list[tuple[Listener, ...]] = []

    class Watched(dict[Hashable, Any]):
        """Looks the topic up, as another thread might, after each change."""

        def __setitem__(self, key: Hashable, value: Any) -> None:
            super().__setitem__(key, value)
            seen.append(routes.listeners(Note))

        def pop(self, key: Hashable, default: Any = None) -> Any:
            value = super().pop(key, default)
            seen.append(routes.listeners(Note))
            return value

    routes._topics = Watched()
    routes.add(Note, first)
    routes.add(Note, second)

    routes.remove(Note, second)

    assert all(first in listeners for listeners in seen)
    assert routes.listeners(Note) == (first,)
