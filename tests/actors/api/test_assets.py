"""Covers actors.api.assets."""

from functools import partial

import pytest
from msgspec.structs import replace

from actors.api.assets import AssetsActor, AssetsMemory
from messages.base import AddressName, Incarnation
from messages.market import Asset, AssetKind, Assets, AssetsChanged, AssetsReported, GetAssets, Symbol
from messages.session import RestoreSession, SessionRestored, SessionState
from tests.actors.stage import Probe, Stage

NAME = "Assets"

EURO = Asset(
    id=1,
    symbol=Symbol("EURUSD_otc"),
    name="EUR/USD OTC",
    kind=AssetKind.CURRENCY,
    digits=5,
    payout_percent=92,
    is_otc=True,
    is_active=True,
    default_duration_seconds=60,
    min_duration_seconds=5,
    duration_step_seconds=3,
    timeframes_seconds=(60, 300),
)
REPORT = AssetsReported(assets=(EURO,))


@pytest.fixture
def assets(stage: Stage) -> Stage:
    stage.start(NAME, partial(AssetsActor, memory=AssetsMemory()))
    stage.set_session(SessionState.AUTHENTICATING)
    return stage


@pytest.fixture
def listener(assets: Stage) -> Probe:
    return assets.probe("Listener", AssetsChanged)


def test_the_first_list_is_news(assets: Stage, listener: Probe) -> None:
    assets.publish(REPORT)

    assert listener.messages == [AssetsChanged(assets=(EURO,))]


def test_the_same_list_again_is_no_news(assets: Stage, listener: Probe) -> None:
    assets.publish(REPORT, REPORT)

    assert len(listener.messages) == 1


def test_another_payout_is_news(assets: Stage, listener: Probe) -> None:
    cheaper = replace(EURO, payout_percent=80)

    assets.publish(REPORT, AssetsReported(assets=(cheaper,)))

    assert listener.messages[-1] == AssetsChanged(assets=(cheaper,))


def test_who_asks_before_the_assets_are_known_waits(assets: Stage) -> None:
    answers = [assets.ask(NAME, GetAssets()) for _ in range(2)]
    known_before = [answer.done for answer in answers]

    assets.publish(REPORT)

    assert known_before == [False, False]
    assert [answer.get().assets for answer in answers] == [(EURO,), (EURO,)]


def test_who_asks_later_is_answered_at_once(assets: Stage) -> None:
    assets.publish(REPORT)

    reply = assets.ask(NAME, GetAssets()).get()

    assert isinstance(reply, Assets)
    assert reply.assets == (EURO,)


def test_who_gave_up_is_forgotten_and_no_dead_letter_follows(stage: Stage) -> None:
    memory = AssetsMemory()
    stage.start(NAME, partial(AssetsActor, memory=memory))
    given_up = [stage.ask(NAME, GetAssets()) for _ in range(100)]
    for answer in given_up[:-1]:
        answer.expire()

    answer = stage.ask(NAME, GetAssets())
    waiting = len(memory.waiting)
    given_up[-1].expire()
    stage.publish(REPORT)

    assert waiting == 2
    assert answer.done
    assert stage.system.dead_letters == 0


def test_who_waits_is_answered_even_after_a_crash(assets: Stage) -> None:
    answer = assets.ask(NAME, GetAssets())

    assets.crash(NAME)
    assets.publish(REPORT)

    assert answer.get().assets == (EURO,)


def test_a_session_is_restored_once_its_assets_are_listed(assets: Stage) -> None:
    restored = assets.restore(NAME)
    done_before = restored.done

    assets.publish(REPORT)

    assert not done_before
    assert isinstance(restored.get(), SessionRestored)
    assert restored.get().incarnation == 1


def test_assets_may_be_listed_before_the_session_is_to_be_restored(assets: Stage) -> None:
    assets.publish(REPORT)

    assert assets.restore(NAME).done


def test_a_list_of_the_connection_before_restores_nothing(assets: Stage) -> None:
    assets.publish(REPORT)
    assets.lose_session()

    restored = assets.restore(NAME, 2)
    done_before = restored.done
    assets.publish(REPORT)

    assert not done_before
    assert restored.done


def test_a_restoration_that_was_given_up_is_not_answered_any_more(assets: Stage) -> None:
    first = assets.restore(NAME, 1)
    assets.lose_session()
    second = assets.restore(NAME, 2)

    assets.publish(REPORT)

    assert (first.done, second.done) == (False, True)


def test_listeners_know_the_assets_before_the_session_is_restored_once(assets: Stage) -> None:
    session = assets.probe("Session", AssetsChanged)
    assets.set_session(SessionState.RESTORING)
    assets.tell(NAME, RestoreSession(reply_to=AddressName("Session"), incarnation=Incarnation(1)))

    assets.publish(REPORT, REPORT)

    assert [type(message) for message in session.messages] == [AssetsChanged, SessionRestored]
