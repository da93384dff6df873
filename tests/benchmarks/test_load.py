import json
import re

import pytest

from benchmarks.frames import SYMBOLS
from benchmarks.load import FLUSH_SECONDS, Burst, Load, Plan, Steady, load_of


def rows(data: bytes) -> list[tuple[str, float, float]]:
    return [json.loads(match)[0] for match in re.findall(rb"\[\[\"[^]]*\]\]", data)]


@pytest.mark.parametrize("plan", [Plan(), Plan(ticks=7, assets=3, rate=2.5, is_flushed=True)])
def test_a_plan_survives_its_way_through_a_url(plan: Plan) -> None:
    url = plan.url(4321)

    assert url.startswith("ws://127.0.0.1:4321/")
    assert Plan.of(url) == plan


def test_a_burst_is_due_at_once_and_only_once() -> None:
    burst = Burst(Plan(ticks=10))

    assert burst.wait(0.0) == 0.0
    assert len(rows(burst.due(0.0))) == 10
    assert burst.due(1.0) == b""
    assert burst.wait(1.0) is None


def test_a_burst_goes_over_its_assets_in_turn() -> None:
    symbols = [symbol for symbol, _, _ in rows(Burst(Plan(ticks=7, assets=3)).due(0.0))]

    assert symbols == [SYMBOLS[number % 3] for number in range(7)]


def test_the_ticks_of_a_burst_are_in_order_and_not_repeated() -> None:
    times = [time for _, time, _ in rows(Burst(Plan(ticks=100)).due(0.0))]

    assert times == sorted(set(times))


def test_a_flushed_burst_ends_with_a_tick_that_closes_everything() -> None:
    *ticks, last = rows(Burst(Plan(ticks=3, is_flushed=True)).due(0.0))

    assert len(ticks) == 3
    assert last[1] - ticks[0][1] == pytest.approx(FLUSH_SECONDS)


def test_a_steady_stream_brings_each_tick_when_it_is_due() -> None:
    steady = Steady(Plan(ticks=5, rate=8))

    due = [len(rows(steady.due(now))) for now in (100.0, 100.0625, 100.125, 100.375, 109.0, 110.0)]

    assert due == [1, 0, 1, 2, 1, 0]


def test_a_steady_stream_says_how_long_to_wait() -> None:
    steady = Steady(Plan(ticks=2, rate=10))

    waits: list[float | None] = []
    for now in (100.0, 100.04, 100.2):
        waits.append(steady.wait(now))
        steady.due(now)

    assert waits == [0.0, pytest.approx(0.06), 0.0]
    assert steady.wait(100.2) is None


@pytest.mark.parametrize(("plan", "kind"), [(Plan(ticks=1), Burst), (Plan(ticks=1, rate=1), Steady)])
def test_a_plan_with_a_rate_is_steady(plan: Plan, kind: type[Load]) -> None:
    assert type(load_of(plan)) is kind
