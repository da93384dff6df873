"""Covers optionbus.recording.buffer: bounded, and whoever puts waits for nobody."""

from threading import Thread

from optionbus.recording.buffer import BLOCK_BYTES, Buffer
from optionbus.recording.records import Opened


def test_what_is_put_is_taken_in_its_order() -> None:
    buffer = Buffer()
    for number in range(3):
        buffer.put(Opened(0.0, number), 0)

    load = buffer.take(0.0)

    assert load.items == [Opened(0.0, number) for number in range(3)]
    assert (load.lost, load.is_last) == (0, False)
    assert buffer.take(0.0).items == []


def test_what_does_not_fit_is_counted_and_so_is_all_behind_it() -> None:
    buffer = Buffer(capacity_bytes=1000)
    buffer.put(Opened(0.0, 0), 500)
    buffer.put(Opened(0.0, 1), 500)
    buffer.put(Opened(0.0, 2), 1)  # it would fit, and would hide that something is missing before it

    load = buffer.take(0.0)

    assert [item for item in load.items if isinstance(item, Opened)] == [Opened(0.0, 0)]
    assert (load.lost, buffer.lost) == (2, 2)
    buffer.put(Opened(0.0, 3), 1)
    assert (buffer.take(0.0).lost, buffer.lost) == (0, 2)


def test_one_that_is_larger_than_all_of_it_is_taken_alone() -> None:
    buffer = Buffer(capacity_bytes=1000)
    buffer.put(Opened(0.0, 0), 5000)

    assert len(buffer.take(0.0).items) == 1


def test_a_blocks_worth_wakes_the_writer() -> None:
    buffer = Buffer()
    taken: list[int] = []
    writer = Thread(target=lambda: taken.append(len(buffer.take(60.0).items)))
    writer.start()
    buffer.put(Opened(0.0, 0), 10)
    buffer.put(Opened(0.0, 1), BLOCK_BYTES)
    writer.join(10)

    assert taken == [2]


def test_the_end_wakes_the_writer_and_nothing_comes_after_it() -> None:
    buffer = Buffer()
    buffer.put(Opened(0.0, 0), 10)
    buffer.close()
    buffer.put(Opened(0.0, 1), 10)

    load = buffer.take(60.0)

    assert (len(load.items), load.is_last, load.lost) == (1, True, 0)


def test_a_patient_one_waits_for_room_and_loses_nothing() -> None:
    buffer = Buffer(is_patient=True, capacity_bytes=300)

    def put() -> None:
        for number in range(50):
            buffer.put(Opened(0.0, number), 50)

    putting = Thread(target=put, daemon=True)
    putting.start()
    taken = 0
    while taken < 50:
        taken += len(buffer.take(0.01).items)
    putting.join(10)

    assert (taken, buffer.lost) == (50, 0)


def test_a_patient_one_lets_go_at_its_end() -> None:
    buffer = Buffer(is_patient=True, capacity_bytes=100)
    buffer.put(Opened(0.0, 0), 100)
    putting = Thread(target=lambda: buffer.put(Opened(0.0, 1), 100), daemon=True)
    putting.start()
    buffer.close()
    putting.join(10)

    assert not putting.is_alive()
