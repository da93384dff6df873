"""Covers optionbus.recording.tick_file."""

from pathlib import Path

from messages.market import Symbol, Tick
from optionbus.data.checks import check
from optionbus.data.data_file import read_data
from optionbus.recording.tick_file import HELD_SECONDS, TickOrder, tick_writer

BEGIN = 1_700_000_000.0


def tick(seconds: float, symbol: str = "A") -> Tick:
    return Tick(Symbol(symbol), BEGIN + seconds, 1.5, BEGIN + seconds)


def test_ticks_of_several_assets_are_put_in_the_order_of_time() -> None:
    order = TickOrder()

    first = order.add([tick(1), tick(2), tick(3)])
    second = order.add([tick(0.5, "B"), tick(2, "B"), tick(14, "B")])

    assert first == []
    assert second == [tick(0.5, "B"), tick(1), tick(2), tick(2, "B"), tick(3)]
    assert order.rest() == [tick(14, "B")]


def test_none_is_given_before_it_is_certain_to_be_next() -> None:
    order = TickOrder()
    order.add([tick(0)])

    assert order.add([tick(HELD_SECONDS - 0.1)]) == []
    assert order.add([tick(HELD_SECONDS)]) == [tick(0)]


def test_what_is_written_can_be_played(tmp_path: Path) -> None:
    file, order = tmp_path / "ticks.csv", TickOrder()
    writer = tick_writer(file)
    ticks = order.add([tick(1), tick(3)]) + order.add([tick(2, "B")]) + order.rest()
    file.write_bytes(writer.head + writer.lines(ticks))

    data = read_data(file)

    assert check(data).errors == ()
    assert [each for batch in data.batches() for each in batch] == [tick(1), tick(2, "B"), tick(3)]
