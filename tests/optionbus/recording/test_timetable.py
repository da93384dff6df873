"""Covers optionbus.recording.timetable: what comes when, and that nothing overtakes anything."""

from collections.abc import Sequence

import pytest

from actors.stepped import SteppedRuntime
from optionbus.recording.records import Opened, Record
from optionbus.recording.timetable import Timetable


class Stage:
    """A timetable on a virtual clock, and what it handed out when."""

    def __init__(self, records: Sequence[Record]) -> None:
        self.runtime = SteppedRuntime()
        self.is_ready = True
        self.taken: list[tuple[float, object]] = []
        self.timetable = Timetable(
            iter(records), self.runtime.clock, self.runtime, lambda _record: self.is_ready, self.take
        )

    def take(self, record: Record | None) -> None:
        self.taken.append((self.runtime.clock.monotonic(), record))

    @property
    def records(self) -> list[object]:
        return [record for _, record in self.taken]


RECORDS = [Opened(time, number) for number, time in enumerate((10.0, 10.0, 10.25, 12.5))]


def test_each_comes_at_its_moment_and_then_the_end() -> None:
    stage = Stage(RECORDS)
    stage.timetable.begin(9.0)
    stage.runtime.advance(100)

    assert [time for time, _ in stage.taken] == [1.0, 1.0, 1.25, 3.5, 3.5]
    assert stage.records == [*RECORDS, None]


def test_moments_are_exact_where_delays_would_not_be() -> None:
    odd = 1048578.1036394446  # no number added to the first moment gives this one
    stage = Stage([Opened(1.3023041057167575, 0), Opened(odd, 1)])
    stage.timetable.begin(0.0)
    stage.runtime.advance(2e6)

    assert [time for time, _ in stage.taken] == [1.3023041057167575, odd, odd]


def test_one_that_stands_before_its_time_comes_in_its_order() -> None:
    records = [Opened(10.0, 0), Opened(9.0, 1), Opened(11.0, 2)]
    stage = Stage(records)
    stage.timetable.begin(9.0)
    stage.runtime.advance(100)

    assert stage.records == [*records, None]


@pytest.mark.parametrize("held_until", [0.5, 1.5, 20.0])
def test_one_that_cannot_be_taken_holds_up_all_behind_it(held_until: float) -> None:
    stage = Stage(RECORDS)
    stage.is_ready = False
    stage.timetable.begin(9.0)
    stage.runtime.advance(held_until)
    assert stage.taken == []

    stage.is_ready = True
    stage.timetable.resume()
    stage.runtime.advance(100)

    assert stage.records == [*RECORDS, None]
    assert stage.taken[0][0] == max(1.0, held_until)


def test_asking_again_hands_nothing_out_before_its_time() -> None:
    stage = Stage(RECORDS)
    stage.timetable.begin(9.0)
    for _ in range(3):
        stage.timetable.resume()
        stage.runtime.advance(0.1)

    assert stage.taken == []


def test_a_timer_set_between_two_of_one_moment_comes_after_both() -> None:
    stage = Stage(RECORDS)
    take = stage.take

    def take_and_set(record: Record | None) -> None:
        take(record)
        stage.runtime.call_later(0.0, lambda: stage.taken.append((0.0, "timer")))

    stage.timetable._take = take_and_set
    stage.timetable.begin(9.0)
    stage.runtime.advance(1.1)

    assert stage.records == [*RECORDS[:2], "timer", "timer"]


def test_timers_that_come_beside_their_moment_hand_out_nothing_of_the_next() -> None:
    stage = Stage(RECORDS)
    stage.timetable.begin(9.0)
    stage.runtime.advance(1.1)
    stage.timetable._fire(1)

    assert stage.records == RECORDS[:2]


def test_once_stopped_nothing_comes() -> None:
    stage = Stage(RECORDS)
    stage.timetable.begin(9.0)
    stage.runtime.advance(1.1)
    stage.timetable.stop()
    stage.timetable.resume()
    stage.runtime.advance(100)

    assert stage.records == RECORDS[:2]


def test_of_no_records_nothing_comes() -> None:
    stage = Stage([])
    stage.timetable.begin(9.0)
    stage.runtime.advance(1)

    assert stage.records == [None]
