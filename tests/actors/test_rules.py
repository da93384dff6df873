"""Covers actors.rules."""

from collections.abc import Callable

import pytest
from msgspec import Struct

from actors.rules import Predicate, Rule
from messages.errors import InvalidArgument
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


INLINE = Frame(event="echo", payload=b'{"n":1}', text=b'42["echo",{"n":1}]')


@pytest.mark.parametrize(
    ("make", "of_header", "of_payload"),
    [
        (Rule.starts_with, '42["echo"', '{"n"'),
        (Rule.ends_with, ":1}]", '{"n":1}'),
        (Rule.contains, '"echo"', '{"n":1}'),
        (Rule.exact, '42["echo",{"n":1}]', '{"n":1}'),
        (Rule.regex, r"^42\[.+\}\]$", r"^\{.+\}$"),
    ],
)
def test_text_looks_at_the_header_and_bytes_at_the_payload(
    make: Callable[[str | bytes], Rule], of_header: str, of_payload: str
) -> None:
    assert make(of_header).matches(INLINE)
    assert make(of_payload.encode()).matches(INLINE)
    assert not make(of_header + "x").matches(INLINE)
    assert not make(of_payload.encode() + b"x").matches(INLINE)
    assert not make(of_header.encode()).matches(INLINE)
    assert not make(of_header).matches(EMPTY)
    assert not make(of_payload.encode()).matches(EMPTY)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Rule.event("ps", 5),  # type: ignore[arg-type]
        lambda: Rule.starts_with(None),  # type: ignore[arg-type]
        lambda: Rule.ends_with(5),  # type: ignore[arg-type]
        lambda: Rule.contains(["a"]),  # type: ignore[arg-type]
        lambda: Rule.exact(None),  # type: ignore[arg-type]
        lambda: Rule.regex(None),  # type: ignore[arg-type]
        lambda: Rule.regex("("),
        lambda: Rule.regex(b"("),
        lambda: Rule.json_schema("no type"),
        lambda: Rule.custom("no function"),  # type: ignore[arg-type]
    ],
)
def test_what_no_rule_can_be_made_of_is_refused_when_it_is_made(make: Callable[[], Rule]) -> None:
    with pytest.raises(InvalidArgument, match=r"Rule\."):
        make()


def test_half_of_a_surrogate_pair_is_in_no_frame() -> None:
    assert not Rule.contains("\ud800").matches(FRAME)


@pytest.mark.parametrize("compose", [lambda one, two: one & two, lambda one, two: one | two])
def test_a_rule_composes_with_predicates_alone(compose: Callable[[object, object], object]) -> None:
    with pytest.raises(TypeError):
        compose(Rule.any(), "ps")


def test_a_predicate_of_ones_own_composes_with_rules() -> None:
    class Long(Predicate):
        def matches(self, frame: Frame) -> bool:
            return len(frame.payload) > 10

        def __repr__(self) -> str:
            return "Long()"

    composed = Long() & ~Rule.event("ps")

    assert composed.matches(FRAME)
    assert not composed.matches(EMPTY)
    assert repr(composed) == "Rule.(Long() & ~event('ps',))"


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
