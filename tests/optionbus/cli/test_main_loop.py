"""Covers optionbus.cli.main_loop: errands, the end of the time, and signals."""

import os
import signal
import threading
from collections.abc import Iterator
from functools import partial

import pytest

from optionbus.cli.main_loop import ERRAND_SIGNALS, SIGNALS, MainLoop


@pytest.fixture
def loop() -> Iterator[MainLoop]:
    with MainLoop() as loop:
        yield loop


def test_errands_are_run_on_the_waiting_thread_in_order(loop: MainLoop) -> None:
    ran: list[object] = []
    for thread in [threading.Thread(target=loop.post, args=(partial(ran.append, number),)) for number in range(3)]:
        thread.start()
        thread.join()
    loop.post(lambda: ran.append(threading.current_thread()))

    loop.wait(0)

    assert ran == [0, 1, 2, threading.current_thread()]


def test_what_an_errand_raises_ends_the_waiting(loop: MainLoop) -> None:
    loop.post(partial(int, "no number"))

    with pytest.raises(ValueError, match="no number"):
        loop.wait(None)


def test_an_errand_left_while_it_waits_is_run(loop: MainLoop) -> None:
    timer = threading.Timer(0.01, loop.post, args=(partial(signal.raise_signal, signal.SIGINT),))
    timer.start()

    loop.wait(None)

    assert loop.is_interrupted
    timer.join()


def test_a_signal_that_wakes_nobody_is_noticed_all_the_same(loop: MainLoop) -> None:
    """It reaches another thread, and so does not interrupt the wait; one that comes just before it does not either."""
    timer = threading.Timer(0.01, lambda: signal.pthread_kill(threading.get_ident(), signal.SIGINT))
    timer.start()

    loop.wait(None)

    assert loop.is_interrupted
    timer.join()


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_ends_the_waiting_at_once_and_for_good(loop: MainLoop, number: signal.Signals) -> None:
    signal.raise_signal(number)

    loop.wait(None)
    loop.wait(None)

    assert loop.is_interrupted


def test_the_time_ends_the_waiting_without_an_interrupt(loop: MainLoop) -> None:
    loop.wait(0.001)

    assert not loop.is_interrupted


@pytest.mark.parametrize("number", SIGNALS)
def test_the_second_signal_ends_the_process(
    loop: MainLoop, number: signal.Signals, monkeypatch: pytest.MonkeyPatch
) -> None:
    codes: list[int] = []
    monkeypatch.setattr(os, "_exit", codes.append)

    signal.raise_signal(signal.SIGINT)
    assert codes == []
    signal.raise_signal(number)

    assert codes == [128 + number]
    assert loop.is_interrupted


@pytest.mark.parametrize("number", ERRAND_SIGNALS)
def test_an_errand_of_a_signal_is_run_while_it_waits_and_ends_nothing(loop: MainLoop, number: signal.Signals) -> None:
    ran: list[object] = []
    signal.raise_signal(number)  # before anybody says what it is for
    loop.on_signal = {each: partial(ran.append, each) for each in ERRAND_SIGNALS}
    signal.raise_signal(number)
    assert ran == []

    loop.wait(0)

    assert ran == [number, number]
    assert not loop.is_interrupted


def test_a_signal_without_an_errand_does_nothing(loop: MainLoop) -> None:
    signal.raise_signal(signal.SIGUSR1)

    loop.wait(0)

    assert not loop.is_interrupted


def test_the_handlers_of_before_are_there_again() -> None:
    before = [signal.getsignal(number) for number in (*SIGNALS, *ERRAND_SIGNALS)]
    with MainLoop():
        assert [signal.getsignal(number) for number in (*SIGNALS, *ERRAND_SIGNALS)] != before

    assert [signal.getsignal(number) for number in (*SIGNALS, *ERRAND_SIGNALS)] == before


def test_it_may_be_ended_from_another_thread(loop: MainLoop) -> None:
    threading.Thread(target=loop.end).start()

    loop.wait(None)

    assert loop.is_interrupted
