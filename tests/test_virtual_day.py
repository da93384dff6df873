"""Covers tests.virtual_day: two hours of it are right, and it notices what would be wrong."""

from random import Random

import pytest
from msgspec.structs import replace

from actors.candles import live
from actors.candles.splice import Coverage, Item, Missing, Splice
from messages.market import Tick
from tests.virtual_day import CHARTS, SETTLING_SECONDS, Day, Figures, Outage, outages

FOR_GOOD = Outage(seconds=5, refuses_seconds=SETTLING_SECONDS)


def two_hours() -> Figures:
    return Day(seed=7).live(2 * 3600, outages(17, Random(7)))


def minutes(*suffered: Outage) -> Figures:
    return Day(seed=7).live(200, suffered)


def test_two_hours_with_reconnects_show_the_brokers_bars_and_flag_every_gap() -> None:
    figures = two_hours()

    assert figures.is_right
    assert figures.bars_compared > 1000
    assert figures.gaps == figures.gaps_flagged > 0


def test_without_refilling_every_outage_is_a_flagged_gap_that_need_not_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "refill", lambda *_: Coverage())

    figures = minutes(Outage(seconds=5, refuses_seconds=0))

    assert figures.gaps_invented == len(CHARTS)
    assert not figures.is_right


def test_a_gap_that_is_passed_over_in_silence_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    fill = Splice.fill

    def silent(splice: Splice, fetched: Coverage) -> list[Item]:
        return [item for item in fill(splice, fetched) if not isinstance(item, Missing)]

    monkeypatch.setattr(Splice, "fill", silent)

    figures = minutes(FOR_GOOD)

    assert (figures.gaps, figures.gaps_flagged) == (len(CHARTS), 0)
    assert not figures.is_right


def test_bars_made_up_for_a_gap_are_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    fill = Splice.fill

    def interpolating(splice: Splice, fetched: Coverage) -> list[Item]:
        items = fill(splice, fetched)
        holes = [item for item in items if isinstance(item, Missing)]
        ticks = [item for item in items if isinstance(item, Tick)]
        made_up = [replace(tick, time=hole.start + 0.5) for hole in holes for tick in ticks[:1]]
        return [*holes, *made_up, *ticks] if holes else items

    monkeypatch.setattr(Splice, "fill", interpolating)

    figures = minutes(FOR_GOOD)

    assert figures.gaps_flagged == len(CHARTS)
    assert figures.bars_equal < figures.bars_compared
