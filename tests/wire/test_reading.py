"""Covers messages.wire.reading."""

from decimal import Decimal

import pytest
from msgspec import Raw, Struct
from msgspec.json import Decoder

from messages.errors import WireError
from messages.wire.market_payloads import decode_ticks
from messages.wire.payloads import DECODERS
from messages.wire.reading import (
    MAX_ITEMS,
    Implausible,
    Rows,
    check_money,
    mended,
    read,
    reason_text,
    refuse_heaps,
    salvage,
    server_seconds,
)


class _Row(Struct, array_like=True):
    number: int


ROWS = Rows(_Row)


def _number(row: _Row) -> int:
    return row.number


@pytest.mark.parametrize("amount", ["0", "0.92", "-1", "1E+3", "999999999999.99", "0.9200000000000001", "-0.00"])
def test_money_of_a_plausible_size_passes(amount: str) -> None:
    check_money(Decimal(amount))


@pytest.mark.parametrize(
    "amount",
    ["NaN", "sNaN", "Infinity", "-Infinity", "1E+12", "1E+999999999", "1E-999999999", "0E+999999999", "0E-999999999"],
)
def test_money_that_cannot_be_meant_is_refused(amount: str) -> None:
    with pytest.raises(Implausible):
        check_money(Decimal(1), Decimal(amount))


def test_money_that_is_absent_passes() -> None:
    check_money(None)


@pytest.mark.parametrize(("moment", "expected"), [(1e11, 1e11), (1.7e12, 1.7e9), (1e14, 1e11)])
def test_a_server_time_is_read_in_either_unit(moment: float, expected: float) -> None:
    assert server_seconds(moment) == expected


@pytest.mark.parametrize("moment", [1.1e11, 1e12, 1.1e14])
def test_a_time_beyond_all_dates_is_refused(moment: float) -> None:
    with pytest.raises(Implausible):
        server_seconds(moment)


@pytest.mark.parametrize(
    ("payload", "kept", "rejected"),
    [
        (b"[]", [], 0),
        (b"[[1],[2]]", [1, 2], 0),
        (b'[[1],["x"],[3]]', [1, 3], 1),
        (b"[1,2]", [], 2),
        (b'[[1],["\xff"],[3]]', [1, 3], 1),
    ],
)
def test_a_bad_row_is_lost_alone(payload: bytes, kept: list[int], rejected: int) -> None:
    assert ROWS.read("numbers", payload, _number) == (kept, rejected)


def test_a_row_whose_conversion_fails_is_lost_alone() -> None:
    assert salvage([1, 0, 2], lambda divisor: 2 // divisor) == ([2, 1], 1)


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (b"", "truncated"),
        (b"{}", "array"),
        (b"null", "array"),
        (b"[" * 100_000, "nested"),
        (b'[["secret"', "truncated"),
    ],
)
def test_what_is_no_list_raises_a_wire_error(payload: bytes, reason: str) -> None:
    with pytest.raises(WireError, match=reason) as caught:
        ROWS.read("numbers", payload, _number)

    assert caught.value.what == "numbers"


@pytest.mark.parametrize(
    ("payload", "seen"),
    [
        (b"[1, NaN]", [b"1", b"null"]),
        (b'["a \\"NaN\\" b",-Infinity]', [b'"a \\"NaN\\" b"', b"null"]),
        (b'["NaN"]', [b'"NaN"']),
    ],
)
def test_nan_outside_of_quotes_counts_as_null(payload: bytes, seen: list[bytes]) -> None:
    rows = mended(lambda better: read("rows", Decoder(list[Raw]), better), payload)

    assert [bytes(row) for row in rows] == seen


@pytest.mark.parametrize("payload", [b"NaN", b"[NaN", b'"NaN', b"[NaNa]", b"x"])
def test_what_cannot_be_mended_is_refused(payload: bytes) -> None:
    with pytest.raises(WireError) as caught:
        mended(lambda better: read("rows", Decoder(list[Raw]), better), payload)

    assert caught.value.__context__ is None


def test_an_error_holds_nothing_of_the_payload() -> None:
    with pytest.raises(WireError) as caught:
        read("a text", Decoder(str), b'"secret \xff"')

    assert "UTF-8" in caught.value.reason  # in msgspec's words, or in ours where it raises a bare UnicodeDecodeError
    assert "secret" not in caught.value.reason
    assert caught.value.__context__ is None


@pytest.mark.parametrize(("error", "text"), [("MaxDemoTrades", "MaxDemoTrades"), (7, "7"), (None, "no reason given")])
def test_a_refusal_always_has_a_reason(error: str | int | None, text: str) -> None:
    assert reason_text(error) == text


@pytest.mark.parametrize("event", ["updateAssets", "updateOpenedDeals", "updateClosedDeals", "successupdatePending"])
def test_more_items_than_can_be_meant_are_refused_unread(event: str) -> None:
    with pytest.raises(WireError, match="more items"):
        DECODERS[event](b"[" + b"0," * (MAX_ITEMS + 1) + b"0]", 7200.0)


def test_more_ticks_than_can_be_meant_are_refused_unread() -> None:
    with pytest.raises(WireError, match="more items"):
        decode_ticks(b"[" + b'["a",1,1],' * (MAX_ITEMS // 3 + 1) + b'["a",1,1]]', 0.0)


def test_as_many_ticks_as_can_be_meant_are_taken() -> None:
    count = MAX_ITEMS // 3

    assert len(decode_ticks(b"[" + b",".join([b'["a",1,1]'] * count) + b"]", 0.0)[0]) == count


def test_a_large_payload_of_few_items_is_no_heap() -> None:
    refuse_heaps("x", b"a" * 1_000_000 + b"," * MAX_ITEMS)
