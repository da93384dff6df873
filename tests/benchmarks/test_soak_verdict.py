"""Covers benchmarks.soak_verdict and benchmarks.soak_gauges: what is good enough, and what is counted."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from typing import Any

import pytest

from benchmarks.slope import Slope
from benchmarks.soak_gauges import GAUGES, Record, Sample, look
from benchmarks.soak_verdict import Change, Verdict, changes, judged, slopes

FLAT = Slope(per_unit=0.0, low=-10.0, high=63.9)
STILL = Slope(per_unit=0.0, low=0.0, high=0.0)
SAME = Change(first=20, last=20, noise=0)
CALM = dict.fromkeys(GAUGES, SAME)
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


def missed(**changed: Any) -> tuple[str, ...]:
    values: dict[str, Any] = {
        "hours": 3.0,
        "hours_planned": 3.0,
        "warm_up_hours": 0.1,
        "samples": 2_000,
        "reconnects": 500,
        "reconnects_planned": 500,
        "slopes": dict.fromkeys(GAUGES, STILL) | {"rss_kib": FLAT},
        "changes": CALM,
        "silent_seconds": {"EURUSD_otc": 1.5},
        "done": {"order": 9},
        "failed": {},
    }
    return judged(Verdict(**(values | changed))).missed


def test_a_client_that_does_not_grow_is_good_enough() -> None:
    assert missed() == ()


def test_memory_that_may_grow_is_missed() -> None:
    slopes_ = dict.fromkeys(GAUGES, STILL) | {"rss_kib": Slope(per_unit=1.0, low=-60.0, high=64.0)}

    assert missed(slopes=slopes_) == ("RSS may grow by 64 KiB/h, of less than 64",)


@pytest.mark.parametrize("gauge", ["threads", "descriptors", "mailboxes"])
@pytest.mark.parametrize("last", [19, 21])
def test_what_has_to_be_as_before_is_missed_otherwise(gauge: str, last: int) -> None:
    changed = CALM | {gauge: Change(first=20, last=last, noise=5)}

    assert missed(changes=changed) == (f"{gauge} {last - 20:+d}, of +0",)


@pytest.mark.parametrize(("last", "holds"), [(400, True), (530, True), (531, False)])
def test_objects_may_be_more_by_their_noise(last: int, holds: bool) -> None:  # noqa: FBT001
    texts = missed(changes=CALM | {"objects": Change(first=500, last=last, noise=30)})

    assert texts == (() if holds else ("objects +31, of which 30 may be noise",))


@pytest.mark.parametrize(
    ("leak", "texts"), [(0, ()), (1, ("objects may grow by 164 an hour, of less than 164, one a reconnect",))]
)
def test_an_object_for_each_reconnect_is_a_leak(leak: int, texts: tuple[str, ...]) -> None:
    hours, reconnects = 3.1, 500
    record = Record(2_000)
    for number in range(2_000):
        at = number * hours / 2_000
        resets = int(max(0.0, at - 0.05) / (hours - 0.05) * reconnects)
        record.add(at, sample(objects=50_000 + leak * resets + 40 * (number % 2)))

    assert missed(slopes=slopes(record, 0.1) | {"rss_kib": FLAT}) == texts


def test_what_failed_is_missed() -> None:
    assert missed(failed={"order: NotConnected": 2}) == ("2 times order: NotConnected",)


def test_a_run_that_says_nothing_is_missed() -> None:
    assert missed(slopes={}, changes={}) == ("too few samples after the warm-up",)


def test_a_run_that_was_ended_early_is_missed() -> None:
    assert missed(hours=2.9) == ("ended after 2.90 h, of 3 after the warm-up",)


def test_reconnects_that_were_not_made_are_missed() -> None:
    assert missed(reconnects=0) == ("0 reconnects, of 500",)


def test_an_asset_that_falls_silent_is_missed() -> None:
    (text,) = missed(silent_seconds={"EURUSD_otc": 30.0, "GBPUSD_otc": 31.0})

    assert text == "GBPUSD_otc was silent for 31 s, of at most 30"


def test_a_leak_has_a_slope_in_hours() -> None:
    record = recorded(*(sample(rss_kib=1000 + number) for number in range(50)))

    slope = slopes(record, 0.0)["rss_kib"]

    assert (round(slope.low), round(slope.per_unit), round(slope.high)) == (100, 100, 100)


def test_the_warm_up_is_not_judged() -> None:
    record = recorded(*(sample(rss_kib=1000.0 + min(number, 20), threads=min(number, 20)) for number in range(60)))

    slope, changed = slopes(record, 20 * HOURS), changes(record, 20 * HOURS)

    assert slope["rss_kib"].high == slope["threads"].high == 0
    assert changed["threads"] == Change(first=20, last=20, noise=0)


def test_changes_are_those_of_the_medians_of_tenths() -> None:
    begin, end = islice(cycle([500, 504, 502]), 10), islice(cycle([530, 531, 900]), 10)
    counts = [*begin, *[7] * 80, *end]

    change = changes(recorded(*(sample(objects=count) for count in counts)), 0.0)["objects"]

    assert change == Change(first=502, last=531, noise=4)
    assert change.difference == 29


def test_nine_samples_say_nothing() -> None:
    record = recorded(*[sample()] * 9)

    assert slopes(record, 0.0) == {}
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
