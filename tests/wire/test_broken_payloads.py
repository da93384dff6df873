"""Every captured payload, every field of every row of it broken in every way: the good arrives, the bad is counted.

``captured_shapes`` says what is to become of each. Half of the rows are broken at a time, then the other half, so that
each row is broken once and has good neighbours to lose.
"""

from collections.abc import Callable
from typing import Any

import pytest
from msgspec import json
from msgspec.structs import replace

from messages.errors import WireError
from messages.market import TicksReceived
from messages.trading import ClosedDealsReported, Deal, OpenedDealsReported
from messages.wire.account_payloads import opened_deals_reported
from messages.wire.payloads import DECODERS, Decoded, decode_ticks
from tests.wire.captured_shapes import CHANGES, MUTATIONS, SHAPES, STREAM, Fate, Field, Shape

Captured = Callable[[str], bytes]
Decoder = Callable[[bytes, float], Decoded]
Tokens = dict[str | int, bytes]
"""A row, each of its fields in JSON; columns by their numbers."""

AHEAD = 7200.0
_HERE = "\0rows"
LISTS = [name for name, shape in SHAPES.items() if shape.items is not None and shape.items.endswith("s")]


class Payload:
    """A captured payload, taken apart so that its rows can be changed."""

    def __init__(self, shape: Shape, content: bytes) -> None:
        self.shape = shape
        whole = json.decode(content)
        parent, found = None, whole
        for step in shape.path:
            parent, found = found, found[step]
        if parent is None:
            whole = _HERE
        else:
            parent[shape.path[-1]] = _HERE
        self._frame = json.encode(whole)
        self.is_list = isinstance(found, list) and shape.items is not None
        self.rows: list[Tokens] = [_tokens(row) for row in (found if self.is_list else [found])]
        self.good = [_row(row) for row in self.rows]

    def encoded(self, rows: list[bytes]) -> bytes:
        """The payload with these rows in the place of its own."""
        inside = b"[" + b",".join(rows) + b"]" if self.is_list else rows[0]
        return self._frame.replace(json.encode(_HERE), inside)

    def items(self, event: Any) -> list[Any]:
        """What the rows have become, in their order."""
        if self.shape.items is None:
            return [event]
        found = getattr(event, self.shape.items)
        # The last candle of those that arrive counts as the forming one, whichever was lost.
        return [_without_state(item) for item in found] if self.is_list else [found]

    def in_order(self, values: list[Any]) -> list[Any]:
        """What belongs to the rows, in the order of the items."""
        order = self.shape.order
        if order is None:
            return values
        moments = [float(row[order]) for row in self.rows]
        return [values[index] for index in sorted(range(len(values)), key=moments.__getitem__)]


def _tokens(row: Any) -> Tokens:
    pairs = row.items() if isinstance(row, dict) else enumerate(row)
    return {key: json.encode(value) for key, value in pairs}


def _row(tokens: Tokens) -> bytes:
    if isinstance(next(iter(tokens)), int):
        return b"[" + b",".join(tokens.values()) + b"]"
    return b"{" + b",".join(b'"%s":%s' % (str(key).encode(), token) for key, token in tokens.items()) + b"}"


def _without_state(item: Any) -> Any:
    return replace(item, closed=True) if hasattr(item, "closed") else item


def _changed(row: Tokens, key: str | int, change: str) -> Tokens:
    """The row with one field broken; the same where that change means nothing to what is there."""
    if change == "extra":
        return row | {99 if isinstance(key, int) else "unheard": b'{"of":[null]}'}
    if change == "missing":
        return {name: token for name, token in row.items() if name != key}
    if change == "stringified":
        return row | ({key: b'"' + row[key] + b'"'} if row.get(key, b"-")[-1:].isdigit() else {})
    return row | {key: MUTATIONS[change]}


def _check(payload: Payload, key: str | int, change: str, decoder: Decoder) -> None:
    """Break the field in half of the rows, then in the other half; AssertionError where anything is not as declared."""
    field = payload.shape.fields[key]
    before = payload.items(decoder(payload.encoded(payload.good), AHEAD).event)
    for half in (0, 1) if len(payload.rows) > 1 else (0,):
        rows = list(payload.good)
        rows[half::2] = [_row(_changed(row, key, change)) for row in payload.rows[half::2]]
        fates = [Fate.SAME if row == good else field.fate(change) for row, good in zip(rows, payload.good, strict=True)]
        _check_fates(payload, rows, payload.in_order(fates), field, before, decoder)


def _check_fates(
    payload: Payload, rows: list[bytes], fates: list[Fate], field: Field, before: list[Any], decoder: Decoder
) -> None:
    lost = fates.count(Fate.LOST)
    try:
        decoded = decoder(payload.encoded(rows), AHEAD)
    except WireError:
        assert lost == 1, "a payload is refused that could be read"
        assert not payload.is_list, "the good rows were lost with the bad"
        return
    assert decoded.rejected == lost, "what is counted is not what is bad"
    kept = [(item, fate) for item, fate in zip(before, fates, strict=True) if fate is not Fate.LOST]
    after = payload.items(decoded.event)
    assert len(after) == len(kept), "a good row was lost, or a bad one arrived"
    for item, (original, fate) in zip(after, kept, strict=True):
        assert _has_fate(item, original, fate, field), f"{item} is not {original}, which {fate.value}"


def _has_fate(item: Any, original: Any, fate: Fate, field: Field) -> bool:
    if fate is Fate.SAME:
        return bool(item == original)
    if fate is Fate.BLANK and any(getattr(item, name) for name in field.feeds):
        return False
    return bool(replace(item, **{name: getattr(original, name) for name in field.feeds}) == original)


@pytest.fixture
def payloads(captured: Captured) -> Callable[[str], Payload]:
    return lambda name: Payload(SHAPES[name], captured(SHAPES[name].file))


@pytest.mark.parametrize("name", SHAPES)
def test_every_field_that_was_captured_is_in_the_table(payloads: Callable[[str], Payload], name: str) -> None:
    payload = payloads(name)

    assert {key for row in payload.rows for key in row} <= payload.shape.fields.keys() | {"data"}


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", SHAPES)
def test_a_broken_field_costs_what_the_table_says(payloads: Callable[[str], Payload], name: str, change: str) -> None:
    payload = payloads(name)

    for key in payload.shape.fields:
        _check(payload, key, change, DECODERS[payload.shape.event])


@pytest.mark.parametrize("token", MUTATIONS.values(), ids=list(MUTATIONS))
@pytest.mark.parametrize("name", LISTS)
def test_a_row_that_is_none_costs_that_row(payloads: Callable[[str], Payload], name: str, token: bytes) -> None:
    payload = payloads(name)
    decoder = DECODERS[payload.shape.event]
    good = payload.good
    before = payload.items(decoder(payload.encoded(good), AHEAD).event)

    for position in (0, len(good) // 2, len(good)):
        decoded = decoder(payload.encoded([*good[:position], token, *good[position:]]), AHEAD)
        assert (payload.items(decoded.event), decoded.rejected) == (before, 1)


@pytest.mark.parametrize("name", LISTS)
def test_a_row_that_is_missing_costs_nothing_else(payloads: Callable[[str], Payload], name: str) -> None:
    payload = payloads(name)
    decoder = DECODERS[payload.shape.event]
    good = payload.good
    positions = payload.in_order(list(range(len(good))))
    before = payload.items(decoder(payload.encoded(good), AHEAD).event)

    decoded = decoder(payload.encoded(good[1:]), AHEAD)

    kept = [item for item, position in zip(before, positions, strict=True) if position != 0]
    assert (payload.items(decoded.event), decoded.rejected) == (kept, 0)


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("nest", [b"[" * 10_000 + b"]" * 10_000, b'{"data":' * 10_000 + b"1" + b"}" * 10_000])
def test_an_endless_nest_costs_the_payload(payloads: Callable[[str], Payload], name: str, nest: bytes) -> None:
    payload = payloads(name)

    for key in payload.shape.fields:
        rows = [row | {key: nest} if index == 0 else row for index, row in enumerate(payload.rows)]
        with pytest.raises(WireError):
            DECODERS[payload.shape.event](payload.encoded([_row(row) for row in rows]), AHEAD)


@pytest.mark.parametrize("file", sorted({shape.file for shape in SHAPES.values()}))
def test_a_payload_that_was_cut_off_is_refused_as_one(captured: Captured, file: str) -> None:
    content = captured(file).rstrip()
    decoder = next(DECODERS[shape.event] for shape in SHAPES.values() if shape.file == file)

    for end in range(0, len(content), 1 + len(content) // 150):
        with pytest.raises(WireError):
            decoder(content[:end], AHEAD)


# What was captured as a history streams as well: the same ticks, each with its asset before them.


@pytest.mark.parametrize("change", CHANGES)
def test_a_broken_column_of_the_stream_costs_what_the_table_says(captured: Captured, change: str) -> None:
    asset, ticks = b'"AEDCNY_otc"', Payload(SHAPES["its ticks"], captured("updateHistoryNew"))
    content = b"[" + b",".join(_row({0: asset, 1: row[0], 2: row[1]}) for row in ticks.rows) + b"]"
    payload = Payload(STREAM, content)

    for key in STREAM.fields:
        _check(payload, key, change, _decode_stream)


def _decode_stream(content: bytes, offset_seconds: float) -> Decoded:
    ticks, rejected = decode_ticks(content, offset_seconds)
    return Decoded(TicksReceived(symbol=ticks[0].symbol, ticks=tuple(ticks)), rejected)


# The check itself: each of these readers does one thing wrong.


def _uncounted(content: bytes, offset_seconds: float) -> Decoded:
    return replace(opened_deals_reported(content, offset_seconds), rejected=0)


def _all_or_nothing(content: bytes, offset_seconds: float) -> Decoded:
    decoded = opened_deals_reported(content, offset_seconds)
    if decoded.rejected:
        raise WireError("updateOpenedDeals", "a row is broken")
    return decoded


def _with_its_neighbour(content: bytes, offset_seconds: float) -> Decoded:
    decoded = opened_deals_reported(content, offset_seconds)
    assert isinstance(decoded.event, OpenedDealsReported)
    return replace(decoded, event=replace(decoded.event, deals=decoded.event.deals[decoded.rejected :]))


def _guessing(content: bytes, offset_seconds: float) -> Decoded:
    return opened_deals_reported(content.replace(MUTATIONS["a huge int"], b"1"), offset_seconds)


def _raising(content: bytes, _offset_seconds: float) -> Decoded:
    return Decoded(OpenedDealsReported(deals=tuple(json.decode(content, type=list[Deal]))))


@pytest.mark.parametrize("wrong", [_uncounted, _all_or_nothing, _with_its_neighbour, _guessing, _raising])
def test_a_reader_that_does_it_wrong_is_found_out(payloads: Callable[[str], Payload], wrong: Decoder) -> None:
    with pytest.raises((AssertionError, ValueError)):
        _check(payloads("opened deals"), "amount", "a huge int", wrong)


@pytest.mark.parametrize("name", ["opened deals", "closed deals"])
def test_a_list_of_deals_says_itself_how_many_are_missing(payloads: Callable[[str], Payload], name: str) -> None:
    payload = payloads(name)
    decoder = DECODERS[payload.shape.event]

    whole = decoder(payload.encoded(payload.good), AHEAD).event
    partial = decoder(payload.encoded([b"null", *payload.good, b"7"]), AHEAD).event

    assert isinstance(whole, OpenedDealsReported | ClosedDealsReported)
    assert (whole.rejected, partial) == (0, replace(whole, rejected=2))
