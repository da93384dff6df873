"""Covers supervisor.strategy."""

import pytest

from messages.base import AddressName
from messages.supervision import ExitReason, Restart
from supervisor.spec import Strategy
from supervisor.strategy import is_restarted, restarted_with

LIVES_AGAIN = {
    (Restart.PERMANENT, ExitReason.STOPPED): True,
    (Restart.PERMANENT, ExitReason.FAILED_TO_START): True,
    (Restart.PERMANENT, ExitReason.FAILED): True,
    (Restart.PERMANENT, ExitReason.FAILED_TO_STOP): True,
    (Restart.PERMANENT, ExitReason.ABANDONED): True,
    (Restart.TRANSIENT, ExitReason.STOPPED): False,
    (Restart.TRANSIENT, ExitReason.FAILED_TO_START): True,
    (Restart.TRANSIENT, ExitReason.FAILED): True,
    (Restart.TRANSIENT, ExitReason.FAILED_TO_STOP): True,
    (Restart.TRANSIENT, ExitReason.ABANDONED): True,
    (Restart.TEMPORARY, ExitReason.STOPPED): False,
    (Restart.TEMPORARY, ExitReason.FAILED_TO_START): False,
    (Restart.TEMPORARY, ExitReason.FAILED): False,
    (Restart.TEMPORARY, ExitReason.FAILED_TO_STOP): False,
    (Restart.TEMPORARY, ExitReason.ABANDONED): False,
}

RESTARTED = {
    (Strategy.ONE_FOR_ONE, "A"): "A",
    (Strategy.ONE_FOR_ONE, "B"): "B",
    (Strategy.ONE_FOR_ONE, "C"): "C",
    (Strategy.ONE_FOR_ALL, "A"): "ABC",
    (Strategy.ONE_FOR_ALL, "B"): "ABC",
    (Strategy.ONE_FOR_ALL, "C"): "ABC",
    (Strategy.REST_FOR_ONE, "A"): "ABC",
    (Strategy.REST_FOR_ONE, "B"): "BC",
    (Strategy.REST_FOR_ONE, "C"): "C",
}


def test_every_way_of_dying_is_in_the_table() -> None:
    assert set(LIVES_AGAIN) == {(restart, reason) for restart in Restart for reason in ExitReason}


@pytest.mark.parametrize(("restart", "reason"), LIVES_AGAIN)
def test_who_lives_again_after_what(restart: Restart, reason: ExitReason) -> None:
    assert is_restarted(restart, reason) is LIVES_AGAIN[restart, reason]


@pytest.mark.parametrize(("strategy", "died"), RESTARTED)
def test_who_is_restarted_with_whom(strategy: Strategy, died: str) -> None:
    started = tuple(AddressName(name) for name in "ABC")

    assert restarted_with(strategy, started, AddressName(died)) == tuple(RESTARTED[strategy, died])
