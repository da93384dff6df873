"""Covers actors.rules."""

import re

import pytest
from msgspec import Struct

from actors.rules import Rule
from messages.session import Frame

FRAME = Frame(
    event="successupdateBalance",
    payload=b'{"isDemo":1,"balance":50000}',
    text=b'451-["successupdateBalance",{"_placeholder":true,"num":0}]',
)
EMPTY = Frame(event="ps", payload=b"", text=b'42["ps"]')


class _Balance(Struct):
    isDemo: int  # noqa: N815
    balance: float


def _is_about_money(frame: Frame) -> bool:
    return "Balance" in frame.event


class _Callable:
    def __call__(self, frame: Frame) -> bool:
        return frame is FRAME


@pytest.mark.parametrize(
    "rule",
    [
        Rule.event("successupdateBalance"),
        Rule.event("ps", "successupdateBalance"),
        Rule.starts_with("451-"),
        Rule.starts_with(b'{"isDemo"'),
        Rule.ends_with('"num":0}]'),
        Rule.ends_with(b"50000}"),
        Rule.contains("update"),
        Rule.contains(b"balance"),
        Rule.exact('451-["successupdateBalance",{"_placeholder":true,"num":0}]'),
        Rule.exact(b'{"isDemo":1,"balance":50000}'),
        Rule.regex(r"success\w+Balance"),
        Rule.regex(rb'"balance":\d+'),
        Rule.json_schema(_Balance),
        Rule.json_schema(dict[str, int]),
        Rule.custom(_is_about_money),
        Rule.any(),
        Rule.any() & Rule.event("successupdateBalance"),
        Rule.never() | Rule.event("successupdateBalance"),
        ~Rule.never(),
        ~(Rule.event("ps") | Rule.contains(b"no such thing")),
    ],
    ids=repr,
)
def test_a_rule_matches_what_it_says(rule: Rule) -> None:
    assert rule.matches(FRAME)


@pytest.mark.parametrize(
    "rule",
    [
        Rule.event("ps"),
        Rule.event(),
        Rule.event("successupdate"),
        Rule.starts_with("42"),
        Rule.starts_with("51-"),
        Rule.starts_with(b"[]"),
        Rule.ends_with("]}"),
        Rule.ends_with(b"50000"),
        Rule.contains("balance"),  # that is in the payload alone
        Rule.contains(b"success"),  # that is in the header alone
        Rule.exact("successupdateBalance"),
        Rule.exact(b"{}"),
        Rule.regex("^update"),
        Rule.regex(rb'"balance":-'),
        Rule.json_schema(list[int]),
        Rule.custom(lambda frame: frame.event == ""),
        Rule.never(),
        Rule.any() & Rule.never(),
        Rule.never() | Rule.event("ps"),
        ~Rule.any(),
    ],
    ids=repr,
)
def test_a_rule_matches_nothing_else(rule: Rule) -> None:
    assert not rule.matches(FRAME)


@pytest.mark.parametrize(
    "payload", [b"", b"{", b"\xff", b'{"isDemo":1}', b'{"isDemo":"x","balance":1}', b"[" * 100_000]
)
def test_a_payload_that_is_not_of_the_shape_does_not_match(payload: bytes) -> None:
    frame = Frame(event="any", payload=payload, text=b"")

    assert not Rule.json_schema(_Balance).matches(frame)


def test_the_empty_payload_contains_and_starts_with_the_empty_part() -> None:
    assert (Rule.contains(b"") & Rule.starts_with(b"") & Rule.exact(b"")).matches(EMPTY)


def test_a_pattern_that_is_none_is_refused_when_it_is_made() -> None:
    with pytest.raises(re.error):
        Rule.regex("(")


def test_what_a_rule_raises_is_the_affair_of_whoever_evaluates_it() -> None:
    broken = Rule.custom(lambda frame: frame.payload[0] == 0)

    with pytest.raises(IndexError):
        (~broken).matches(EMPTY)


def test_the_second_of_two_is_not_asked_where_the_first_decides() -> None:
    broken = Rule.custom(lambda frame: frame.payload[0] == 0)

    assert not (Rule.never() & broken).matches(EMPTY)
    assert (Rule.any() | broken).matches(EMPTY)


@pytest.mark.parametrize(
    ("rule", "shown"),
    [
        (Rule.event("a", "b"), "Rule.event('a', 'b')"),
        (Rule.contains(b"x"), "Rule.contains(b'x')"),
        (Rule.starts_with("x"), "Rule.starts_with('x')"),
        (Rule.ends_with("x"), "Rule.ends_with('x')"),
        (Rule.exact("x"), "Rule.exact('x')"),
        (Rule.regex("x"), "Rule.regex('x')"),
        (Rule.json_schema(_Balance), "Rule.json_schema(_Balance)"),
        (Rule.custom(_is_about_money), "Rule.custom(_is_about_money)"),
        (Rule.custom(_Callable()), "Rule.custom(function)"),
        (~(Rule.any() & Rule.never()), "Rule.~(any & never)"),
        (Rule.any() | Rule.never(), "Rule.(any | never)"),
    ],
)
def test_a_rule_shows_what_it_looks_for(rule: Rule, shown: str) -> None:
    assert repr(rule) == shown
