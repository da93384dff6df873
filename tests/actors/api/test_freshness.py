"""Covers actors.api.freshness."""

import pytest

from actors.api.freshness import GAPS, PATIENCE, Freshness
from messages.market import StreamResumed, StreamStale, Symbol
from tests.actors.api.samples import EURO, POUND

SILENCE = 10.0
START = 1000.0

Told = tuple[type[StreamStale | StreamResumed], float, float]
STALE, RESUMED = StreamStale, StreamResumed


def every(seconds: float, until: float, begin: float = 0.0) -> list[float]:
    """The times of ticks that come so regularly."""
    count = int((until - begin) / seconds)
    return [begin + seconds * number for number in range(count + 1)]


def told(ticks: list[float], until: float, *, down: tuple[float, float] = (0.0, 0.0), delay: float = 0.0) -> list[Told]:
    """What is told when, each second being looked at; a tick is there ``delay`` seconds after its time."""
    freshness = Freshness(SILENCE)
    found: list[Told] = []
    for second in range(int(until) + 1):
        heard = [START + tick for tick in ticks if tick + delay <= second]
        is_up = not down[0] <= second < down[1]
        news = freshness.look(EURO, max(heard, default=None), START + second, is_up=is_up)
        if news is not None:
            found.append((type(news), second, news.silent_seconds))
    return found


@pytest.mark.parametrize(
    ("ticks", "expected"),
    [
        # Whoever ticks is not stale, whoever does not is.
        (every(1.0, 100.0), []),
        (every(0.3, 100.0), []),
        (every(SILENCE, 100.0), []),
        ([], [(STALE, 11, 11.0)]),
        (every(1.0, 50.0), [(STALE, 61, 11.0)]),
        # It is told once, and the return with the whole gap.
        ([*every(1.0, 20.0), *every(1.0, 100.0, 50.0)], [(STALE, 31, 11.0), (RESUMED, 50, 30.0)]),
        # A quiet asset is stale until its gaps are known.
        (every(30.0, 100.0), [(STALE, 11, 11.0), (RESUMED, 30, 30.0)]),
        (
            [*every(1.0, 20.0), *every(40.0, 100.0, 60.0)],
            [(STALE, 31, 11.0), (RESUMED, 60, 40.0)],
        ),
    ],
)
def test_what_is_stale_follows_from_the_ticks(ticks: list[float], expected: list[Told]) -> None:
    assert told(ticks, 100.0) == expected


def test_a_quiet_asset_is_stale_after_a_multiple_of_its_gaps() -> None:
    found = told(every(30.0, 120.0), 300.0)

    assert found[-1] == (STALE, 120 + PATIENCE * 30 + 1, PATIENCE * 30 + 1)


def test_a_quiet_asset_is_stale_sooner_while_its_connection_is_down() -> None:
    found = told(every(30.0, 120.0), 150.0, down=(125.0, 150.0))

    assert found[2:] == [(STALE, 131, 11.0)]


def test_a_gap_while_the_connection_was_down_is_not_the_assets_own() -> None:
    ticks = [*every(1.0, 20.0), *every(1.0, 100.0, 60.0)]

    assert told(ticks, 200.0, down=(20.0, 60.0)) == [(STALE, 31, 11.0), (RESUMED, 60, 40.0), (STALE, 111, 11.0)]
    assert told(ticks, 200.0) == [(STALE, 31, 11.0), (RESUMED, 60, 40.0)]


def test_ticks_that_come_late_bring_nothing_back_to_life() -> None:
    assert told(every(1.0, 100.0), 80.0, delay=15.0) == [(STALE, 11, 11.0)]


def test_old_gaps_are_forgotten() -> None:
    freshness = Freshness(SILENCE)
    times = [0.0, 60.0, *(60.0 + number for number in range(1, GAPS + 1))]

    limits = []
    for time in times:
        freshness.look(EURO, time, time, is_up=True)
        limits.append(freshness.limit(EURO))

    assert limits[1] == limits[-2] == PATIENCE * 60
    assert limits[-1] == SILENCE


def test_a_source_time_ahead_of_the_clock_is_no_credit() -> None:
    freshness = Freshness(SILENCE)

    freshness.look(EURO, START + 1800.0, START, is_up=True)

    assert freshness.look(EURO, START + 1800.0, START + 5.0, is_up=True) is None
    assert isinstance(freshness.look(EURO, START + 6.0, START + 30.0, is_up=True), StreamStale)


def test_each_asset_is_silent_for_itself() -> None:
    freshness = Freshness(SILENCE)
    for second in range(20):
        freshness.look(EURO, START + second, START + second, is_up=True)
        freshness.look(POUND, None, START + second, is_up=True)

    assert freshness.stale == (POUND,)


def test_what_is_forgotten_begins_anew() -> None:
    freshness = Freshness(SILENCE)
    freshness.look(EURO, None, START, is_up=True)
    freshness.look(EURO, None, START + 20.0, is_up=True)

    freshness.forget(EURO)
    freshness.forget(Symbol("never seen"))

    assert freshness.stale == ()
    assert freshness.look(EURO, START - 100.0, START + 30.0, is_up=True) is None
