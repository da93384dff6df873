"""Covers messages.wire.market_payloads."""

from typing import Any

import pytest

from messages.errors import WireError
from messages.market import Asset, AssetKind, AssetsReported, Tick
from messages.wire.market_payloads import assets_reported, decode_ticks
from tests.wire.breakage import broken_rows, encoded

EURUSD = ["EURUSD_otc", 1_732_978_115.342, 1.95049]
GBPUSD = ["GBPUSD", 1_732_978_116, 1.25]
TIMEFRAMES = [{"time": 60}, {"time": 120}]
APPLE: list[Any] = [
    *[5, "#AAPL", "Apple", "stock", 2, 50, 60, 30, 3, 0, 170, 0, [], 1_732_811_700, False],
    *[TIMEFRAMES, -1, 60, 1_732_811_700],
]
APPLE_OTC: list[Any] = [
    *[170, "#AAPL_otc", "Apple OTC", "stock", 3, 92, 60, 30, 3, 1, 0, 5, [], 1_732_838_400, True],
    *[TIMEFRAMES, 0, 5, -1],
]


def _ticks(*rows: Any) -> tuple[list[Tick], int]:
    return decode_ticks(encoded(list(rows)), 7200.0)


def _assets(*rows: Any) -> tuple[tuple[Asset, ...], int]:
    decoded = assets_reported(encoded(list(rows)), 7200.0)
    assert isinstance(decoded.event, AssetsReported)
    return decoded.event.assets, decoded.rejected


def _changed(column: int, value: Any) -> list[Any]:
    return [*APPLE_OTC[:column], value, *APPLE_OTC[column + 1 :]]


def test_a_tick_has_true_and_server_time() -> None:
    (tick,), rejected = _ticks(EURUSD)

    assert rejected == 0
    assert (tick.symbol, tick.price, tick.server_time) == ("EURUSD_otc", 1.95049, 1_732_978_115.342)
    assert tick.time == 1_732_978_115.342 - 7200.0


def test_every_row_of_a_batch_becomes_a_tick() -> None:
    ticks, rejected = _ticks(EURUSD, GBPUSD, EURUSD)

    assert [tick.symbol for tick in ticks] == ["EURUSD_otc", "GBPUSD", "EURUSD_otc"]
    assert rejected == 0


@pytest.mark.parametrize(
    "row",
    [
        ["EURUSD_otc", 1_732_978_115_342, 1.95049],
        ["EURUSD_otc", "1732978115.342", "1.95049"],
        ["EURUSD_otc", 1_732_978_115.342, 1.95049, "a fourth column"],
    ],
    ids=["milliseconds", "strings", "another column"],
)
def test_a_tick_is_read_in_every_form(row: list[Any]) -> None:
    assert _ticks(row) == _ticks(EURUSD)


def test_a_salvaged_tick_is_like_any_other() -> None:
    ticks, rejected = _ticks(["EURUSD_otc", 1_732_978_115_342, 1.95049], "not a row")

    assert (ticks, rejected) == (_ticks(EURUSD)[0], 1)


@pytest.mark.parametrize(("name", "row"), broken_rows(EURUSD))
def test_a_broken_field_of_a_tick_loses_only_that_row(name: str, row: list[Any]) -> None:
    ticks, rejected = _ticks(GBPUSD, row, GBPUSD)

    # A symbol is any text: only there a string breaks nothing.
    expected = 0 if name in {"0 NaN", "0 infinite", "0 a string"} else 1
    assert rejected == expected
    assert [ticks[0], ticks[-1]] == 2 * _ticks(GBPUSD)[0]
    assert len(ticks) == 3 - expected


@pytest.mark.parametrize("moment", [0, -1, 5e11, 1e15])
def test_a_tick_of_an_impossible_time_is_dropped(moment: float) -> None:
    assert _ticks(["EURUSD_otc", moment, 1.0], GBPUSD) == (_ticks(GBPUSD)[0], 1)


@pytest.mark.parametrize("payload", [b"", b"{}", b"\xff", b"[[", b"NaN", b"[" * 100_000])
def test_a_stream_that_is_no_list_raises_a_wire_error(payload: bytes) -> None:
    with pytest.raises(WireError) as caught:
        decode_ticks(payload, 7200.0)

    assert caught.value.what == "updateStream"
    assert caught.value.__context__ is None


@pytest.mark.parametrize("word", [b"NaN", b"Infinity", b"-Infinity"])
def test_a_word_that_is_no_json_costs_only_its_row(word: bytes) -> None:
    ticks, rejected = decode_ticks(b'[["NaN",1,2.5],["EURUSD",%s,1],["GBPUSD",3,4.5]]' % word, 0.0)

    assert ([(tick.symbol, tick.price) for tick in ticks], rejected) == ([("NaN", 2.5), ("GBPUSD", 4.5)], 1)


def test_an_asset_is_read_by_its_columns() -> None:
    (asset,), rejected = _assets(APPLE_OTC)

    assert rejected == 0
    assert asset == Asset(
        id=170,
        symbol=asset.symbol,
        name="Apple OTC",
        kind=AssetKind.STOCK,
        digits=3,
        payout_percent=92,
        is_otc=True,
        is_active=True,
        default_duration_seconds=60,
        min_duration_seconds=5,
        duration_step_seconds=3,
        timeframes_seconds=(60, 120),
    )
    assert asset.symbol == "#AAPL_otc"


def test_otc_is_a_column_and_not_the_name() -> None:
    (asset,), _ = _assets(_changed(9, 0))

    assert not asset.is_otc


@pytest.mark.parametrize(
    ("kind", "expected"),
    [*((kind.value, kind) for kind in AssetKind), ("bond", AssetKind.OTHER), (None, AssetKind.OTHER)],
)
def test_an_unknown_kind_of_asset_is_other(kind: str | None, expected: AssetKind) -> None:
    (asset,), rejected = _assets(_changed(3, kind))

    assert (asset.kind, rejected) == (expected, 0)


@pytest.mark.parametrize(("quick", "shortest"), [(5, 5), (60, 30), (0, 30), (None, 30)])
def test_shortest_duration_is_the_smaller_of_two_columns(quick: int | None, shortest: int) -> None:
    (asset,), _ = _assets(_changed(17, quick))

    assert asset.min_duration_seconds == shortest


def test_columns_at_the_end_may_be_missing_or_more() -> None:
    assets, rejected = _assets(APPLE_OTC[:15], [*APPLE_OTC, "new"])

    assert rejected == 0
    assert [asset.timeframes_seconds for asset in assets] == [(), (60, 120)]
    assert [asset.min_duration_seconds for asset in assets] == [30, 5]


def test_a_boolean_that_is_null_is_false() -> None:
    (asset,), rejected = _assets(_changed(14, None))

    assert (asset.is_active, rejected) == (False, 0)


@pytest.mark.parametrize(("name", "row"), broken_rows(APPLE_OTC))
def test_a_broken_column_of_an_asset_loses_at_most_that_row(name: str, row: list[Any]) -> None:
    assets, rejected = _assets(APPLE, row, APPLE)

    assert name
    assert rejected + len(assets) == 3
    assert [assets[0], assets[-1]] == [*_assets(APPLE)[0], *_assets(APPLE)[0]]


@pytest.mark.parametrize("column", [4, 6, 7, 8, 17])
@pytest.mark.parametrize("value", ["NaN", "Infinity", -1e15, 1e30, 0.5, "many", {}])
def test_a_number_of_an_asset_is_whole_and_bounded(column: int, value: Any) -> None:
    assert _assets(_changed(column, value)) == ((), 1)


def test_a_fraction_of_a_payout_is_cut_off() -> None:
    (asset,), rejected = _assets(_changed(5, "92.5"))

    assert (asset.payout_percent, rejected) == (92, 0)


def test_an_asset_shows_its_payout_and_state() -> None:
    assert [repr(asset) for asset in _assets(APPLE, APPLE_OTC)[0]] == [
        "Asset(#AAPL, 50 %, closed)",
        "Asset(#AAPL_otc, 92 %, active)",
    ]
