"""Covers benchmarks.soak_verdict and benchmarks.soak_gauges: what is good enough, and what is counted."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from typing import Any

import pytest

from benchmarks.slope import Slope
from benchmarks.soak_gauges import Record, Sample, look
from benchmarks.soak_verdict import Change, changes, missed, slope_of

FLAT = Slope(per_unit=0.0, low=-10.0, high=63.9)
SAME = Change(first=20, last=20, noise=0)
CALM = {"threads": SAME, "descriptors": SAME, "mailboxes": SAME, "objects": SAME, "rss_kib": SAME}
HOURS = 0.01
"""Between two samples."""


def sample(**changed: Any) -> Sample:
    values: dict[str, Any] = {
        "rss_kib": 1000.0,
        "threads": 20,
        "descriptors": 16,
        "objects": 500,
        "blocks": 9,
        "mailboxes": 0,
    }
    return Sample(**(values | changed))


def recorded(*samples: Sample) -> Record:
    record = Record(len(samples))
    for number, it in enumerate(samples):
        record.add(number * HOURS, it)
    return record


def test_a_client_that_does_not_grow_is_good_enough() -> None:
    assert missed(FLAT, CALM, {}) == ()


def test_memory_that_may_grow_is_missed() -> None:
    (text,) = missed(Slope(per_unit=1.0, low=-60.0, high=64.0), CALM, {})

    assert text == "RSS may grow by 64 KiB/h, of less than 64"


@pytest.mark.parametrize("gauge", ["threads", "descriptors", "mailboxes"])
@pytest.mark.parametrize("last", [19, 21])
def test_what_has_to_be_as_before_is_missed_otherwise(gauge: str, last: int) -> None:
    (text,) = missed(FLAT, CALM | {gauge: Change(first=20, last=last, noise=5)}, {})

    assert text == f"{gauge} {last - 20:+d}, of +0"


@pytest.mark.parametrize(("last", "holds"), [(400, True), (530, True), (531, False)])
def test_objects_may_be_more_by_their_noise(last: int, holds: bool) -> None:  # noqa: FBT001
    texts = missed(FLAT, CALM | {"objects": Change(first=500, last=last, noise=30)}, {})

    assert texts == (() if holds else ("objects +31, of which 30 may be noise",))


def test_what_failed_is_missed() -> None:
    assert missed(FLAT, CALM, {"order: NotConnected": 2}) == ("2 times order: NotConnected",)


def test_a_run_that_says_nothing_is_missed() -> None:
    assert missed(None, {}, {}) == ("too few samples after the warm-up",)


def test_a_leak_has_a_slope_in_hours() -> None:
    record = recorded(*(sample(rss_kib=1000 + number) for number in range(50)))

    slope = slope_of(record, 0.0)

    assert slope is not None
    assert (round(slope.low), round(slope.per_unit), round(slope.high)) == (100, 100, 100)


def test_the_warm_up_is_not_judged() -> None:
    record = recorded(*(sample(rss_kib=1000.0 + min(number, 20), threads=min(number, 20)) for number in range(60)))

    slope, changed = slope_of(record, 20 * HOURS), changes(record, 20 * HOURS)

    assert slope is not None
    assert slope.high == 0
    assert changed["threads"] == Change(first=20, last=20, noise=0)


def test_changes_are_those_of_the_medians_of_tenths() -> None:
    begin, end = islice(cycle([500, 504, 502]), 10), islice(cycle([530, 531, 900]), 10)
    counts = [*begin, *[7] * 80, *end]

    change = changes(recorded(*(sample(objects=count) for count in counts)), 0.0)["objects"]

    assert change == Change(first=502, last=531, noise=4)
    assert change.difference == 29


def test_nine_samples_say_nothing() -> None:
    record = recorded(*[sample()] * 9)

    assert slope_of(record, 0.0) is None
    assert changes(record, 0.0) == {}


def test_a_record_takes_no_more_than_it_has_room_for() -> None:
    record = Record(1)
    record.add(0.0, sample(threads=1))
    record.add(1.0, sample(threads=2))

    assert record.since(0.0, "threads") == ([0.0], [1.0])


@contextmanager
def thread() -> Iterator[None]:
    over = threading.Event()
    started = threading.Thread(target=over.wait)
    started.start()
    try:
        yield
    finally:
        over.set()
        started.join()


@contextmanager
def descriptor() -> Iterator[None]:
    opened = os.open("/dev/null", os.O_RDONLY)
    try:
        yield
    finally:
        os.close(opened)


@pytest.mark.parametrize(("gauge", "one_more"), [("threads", thread), ("descriptors", descriptor)])
def test_one_more_is_counted(gauge: str, one_more: Any) -> None:
    before = look(())
    with one_more():
        during = look(())

    assert getattr(during, gauge) - getattr(before, gauge) == 1


def test_garbage_is_no_object_and_what_is_kept_is() -> None:
    before = look(())
    garbage: list[Any] = []
    garbage.append(garbage)
    del garbage
    kept: list[list[int]] = [[] for _ in range(1_000)]

    after = look(())

    assert 1_000 <= after.objects - before.objects < 1_050
    assert len(kept) == 1_000


def test_texts_are_blocks() -> None:
    before = look(())
    kept = [str(number) for number in range(10_000, 11_000)]
    after = look(())

    assert 1_000 <= after.blocks - before.blocks < 1_200
    assert len(kept) == 1_000


def test_memory_that_is_taken_is_counted() -> None:
    before = look(())
    taken = bytearray(os.urandom(32 * 1024 * 1024))
    after = look(())

    assert after.rss_kib - before.rss_kib > 16 * 1024
    assert len(taken) > 0
