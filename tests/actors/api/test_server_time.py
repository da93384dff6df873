"""Covers actors.api.server_time."""

from functools import partial

import pytest

from actors.api.server_time import SKEW_STEP_SECONDS, ServerTimeActor, ServerTimeMemory
from actors.router import ServerTimeSampled
from messages.account import GetServerTime, ServerTime, ServerTimeMeasured
from tests.actors.stage import Probe, Stage

NAME = "ServerTime"
NOW = 1_700_000_000.0


@pytest.fixture
def server_time(stage: Stage) -> Stage:
    stage.start(NAME, partial(ServerTimeActor, memory=ServerTimeMemory()))
    return stage


@pytest.fixture
def listener(server_time: Stage) -> Probe:
    return server_time.probe("Listener", ServerTimeMeasured)


def sample(ahead: float) -> ServerTimeSampled:
    return ServerTimeSampled(server_time=NOW + ahead, received=NOW)


def offsets(listener: Probe) -> list[float]:
    return [measured.offset_seconds for measured in listener.of(ServerTimeMeasured)]


def test_the_first_sample_is_news(server_time: Stage, listener: Probe) -> None:
    server_time.publish(sample(7199.5))

    assert listener.messages == [ServerTimeMeasured(offset_seconds=7200.0, skew_seconds=-0.5)]


def test_the_first_sample_is_believed_whatever_is_usual(server_time: Stage, listener: Probe) -> None:
    server_time.publish(sample(10_800.0), sample(10_800.0))

    assert offsets(listener) == [10_800.0]


def test_more_samples_of_the_same_offset_are_no_news(server_time: Stage, listener: Probe) -> None:
    server_time.publish(*[sample(7200.0 - skew / 10) for skew in range(20)])

    assert offsets(listener) == [7200.0]


def test_an_offset_that_lasts_is_news_once(server_time: Stage, listener: Probe) -> None:
    server_time.publish(sample(7200.0))

    server_time.publish(*[sample(3600.0)] * 20)

    assert offsets(listener) == [7200.0, 3600.0]


def test_a_sample_that_stands_alone_is_no_news(server_time: Stage, listener: Probe) -> None:
    server_time.publish(sample(7200.0), sample(3600.0), sample(7200.0))

    assert offsets(listener) == [7200.0]


def test_the_estimate_survives_a_crash(server_time: Stage, listener: Probe) -> None:
    server_time.publish(sample(3600.0))

    server_time.crash(NAME)
    server_time.publish(sample(3600.0))

    assert offsets(listener) == [3600.0]


def test_before_any_sample_the_usual_offset_holds(server_time: Stage) -> None:
    reply = server_time.ask(NAME, GetServerTime()).get()

    assert isinstance(reply, ServerTime)
    assert (reply.time, reply.server_time) == (NOW, NOW + 7200.0)
    assert (reply.offset_seconds, reply.skew_seconds) == (7200.0, 0.0)


def test_the_time_told_is_the_platforms(server_time: Stage) -> None:
    server_time.publish(sample(7230.0))
    server_time.advance(10.0)

    reply = server_time.ask(NAME, GetServerTime()).get()

    assert (reply.time, reply.server_time) == (NOW + 40.0, NOW + 7240.0)
    assert (reply.offset_seconds, reply.skew_seconds) == (7200.0, 30.0)


def test_a_skew_that_moves_is_news(server_time: Stage, listener: Probe) -> None:
    server_time.publish(sample(7200.0))

    server_time.publish(*[sample(7200.0 + SKEW_STEP_SECONDS)] * 20)

    skews = [measured.skew_seconds for measured in listener.of(ServerTimeMeasured)]
    assert skews == [0.0, SKEW_STEP_SECONDS]


def test_the_age_of_the_estimate_is_that_of_the_last_sample(server_time: Stage) -> None:
    server_time.publish(sample(7200.0))
    server_time.advance(30.0)
    server_time.publish(ServerTimeSampled(server_time=NOW + 7230.0, received=NOW + 30.0))
    server_time.advance(12.0)

    assert server_time.ask(NAME, GetServerTime()).get().age_seconds == 12.0


def test_an_estimate_without_a_sample_has_no_age(server_time: Stage) -> None:
    assert server_time.ask(NAME, GetServerTime()).get().age_seconds is None


def test_offset_and_skew_are_how_far_the_platform_is_ahead(server_time: Stage) -> None:
    server_time.publish(sample(9000.0 - 12.25))

    reply = server_time.ask(NAME, GetServerTime()).get()

    assert (reply.offset_seconds, reply.skew_seconds) == (9000.0, -12.25)
    assert reply.server_time - NOW == reply.offset_seconds + reply.skew_seconds
