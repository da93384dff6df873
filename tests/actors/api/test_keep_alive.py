"""Covers actors.api.keep_alive."""

import pytest

from actors.api.keep_alive import KeepAliveActor
from messages.session import SessionState
from tests.actors.stage import Stage

NAME = "KeepAlive"


@pytest.fixture
def kept(stage: Stage) -> Stage:
    stage.start(NAME, KeepAliveActor)
    return stage


def test_a_ready_session_is_kept_alive_every_20_seconds(kept: Stage) -> None:
    kept.make_ready()

    kept.advance(65.0)

    assert kept.sent == ['42["ps"]'] * 3


def test_nothing_is_said_before_20_seconds_have_passed(kept: Stage) -> None:
    kept.make_ready()

    kept.advance(19.9)

    assert kept.sent == []


def test_a_lost_session_is_kept_alive_no_longer(kept: Stage) -> None:
    kept.make_ready()
    kept.advance(30.0)

    kept.lose_session()
    kept.advance(100.0)

    assert len(kept.sent) == 1


def test_a_session_that_is_being_restored_hears_nothing_of_the_one_before(kept: Stage) -> None:
    kept.make_ready()
    kept.lose_session()

    kept.set_session(SessionState.RESTORING, 2)
    kept.advance(100.0)

    assert kept.sent == []


def test_each_new_session_has_a_rhythm_of_its_own(kept: Stage) -> None:
    kept.make_ready()
    kept.advance(10.0)
    kept.lose_session()

    kept.make_ready(2)
    kept.advance(45.0)

    assert len(kept.sent) == 2


def test_a_crash_does_not_end_it(kept: Stage) -> None:
    kept.make_ready()
    kept.advance(30.0)

    kept.crash(NAME)
    kept.advance(30.0)

    assert len(kept.sent) == 2


def test_a_session_that_became_ready_during_a_crash_is_kept_alive_once(kept: Stage) -> None:
    kept.crash(NAME, kept.make_ready)

    kept.advance(30.0)

    assert len(kept.sent) == 1
