"""Covers supervisor.session."""

from collections.abc import Iterator

import pytest

from actors.connection import ConnectionActor
from messages.base import AddressName, Incarnation, RequestFailed, RequestId
from messages.errors import (
    ActorCrashed,
    ConnectionLost,
    NotConnected,
    SessionEnded,
    SessionRejected,
    SystemFailed,
)
from messages.session import (
    GetSession,
    RestoreSession,
    SessionAdvanced,
    SessionLost,
    SessionReady,
    SessionRestored,
    SessionState,
    SessionStateChanged,
)
from messages.supervision import ActorExited, ExitReason
from supervisor.backoff import Backoff
from supervisor.lifecycle import LIVE, TABLE, IllegalTransition, LifecycleEvent
from tests.actors.stage import Poison
from tests.supervisor.session_stage import (
    COMMANDS,
    CONNECTION,
    LOGIN_TIMEOUT_SECONDS,
    DeafConnection,
    SessionStage,
)

S = SessionState
REACHED = tuple(state for state in S if state is not S.IDLE)
"""IDLE is left before the first message is heard."""
WITH_SOCKET = tuple(state for state in S if state in LIVE)


@pytest.fixture
def stage() -> Iterator[SessionStage]:
    stage = SessionStage()
    yield stage
    stage.close()


def _name(value: S | str) -> str:
    return value if isinstance(value, str) else value.name


# One life of a connection.


def test_a_session_goes_through_its_states_in_order(stage: SessionStage) -> None:
    stage.begin()

    stage.accept()

    assert stage.states == [S.CONNECTING, S.HANDSHAKING, S.AUTHENTICATING, S.RESTORING, S.READY]
    assert stage.told.of(SessionReady) == [SessionReady(incarnation=Incarnation(1))]


def test_what_everybody_is_shown_changes_before_it_is_told(stage: SessionStage) -> None:
    shown: list[bool] = []

    class Checker:
        def tell(self, message: object) -> None:
            assert isinstance(message, SessionStateChanged)
            shown.append(message.state is stage.state)

    stage.system.routes.add(SessionStateChanged, Checker())
    stage.begin()
    stage.accept()
    stage.lose()

    assert shown == [True] * 6


def test_a_lost_session_is_told_once_with_the_reason(stage: SessionStage) -> None:
    stage.bring_to(S.READY)
    error = ConnectionLost("pulled")

    stage.channel.lose(error)
    stage.settle()

    assert stage.told.of(SessionLost) == [SessionLost(incarnation=Incarnation(1), error=error)]
    assert stage.told.of(SessionStateChanged)[-1].error is error


def test_each_connection_is_an_incarnation_of_its_own(stage: SessionStage) -> None:
    stage.bring_to(S.READY)

    stage.lose()
    stage.advance(0.0)
    stage.accept()

    assert stage.system.session.incarnation == 2
    assert [ready.incarnation for ready in stage.told.of(SessionReady)] == [1, 2]


def test_who_asks_is_told_where_the_session_stands(stage: SessionStage) -> None:
    stage.bring_to(S.BACKING_OFF)

    session = stage.ask("Session", GetSession()).get()

    assert (session.state, session.incarnation) == (S.BACKING_OFF, 2)
    assert isinstance(session.error, ConnectionLost)


# Backoff.


def test_retries_come_at_once_and_then_later_and_later(stage: SessionStage) -> None:
    stage.begin()
    waits = [_wait_after_loss(stage) for _ in range(14)]

    assert waits[0] == 0.0
    for retry, wait in enumerate(waits[1:], start=2):
        assert 0.8 * min(300.0, 2 ** (retry - 2)) <= wait <= min(300.0, 1.2 * 2 ** (retry - 2))
    assert waits[-1] == 300.0


def test_the_wait_that_is_told_is_the_wait_that_is_kept(stage: SessionStage) -> None:
    stage.begin()

    waits = [_wait_after_loss(stage) for _ in range(6)]

    told = [
        changed.retry_in_seconds for changed in stage.told.of(SessionStateChanged) if changed.state is S.BACKING_OFF
    ]
    assert told == pytest.approx(waits)


def _wait_after_loss(stage: SessionStage) -> float:
    """Lose the connection; how long it took until the next was begun."""
    lost = stage.now
    stage.lose()
    stage.advance(400.0)
    return stage.network.opened_at[-1] - lost


@pytest.mark.parametrize(("ready_seconds", "is_first"), [(10.0, True), (9.9, False)])
def test_only_a_session_that_was_ready_for_a_while_ends_the_count(
    stage: SessionStage, ready_seconds: float, *, is_first: bool
) -> None:
    stage.begin()
    for _ in range(3):
        _wait_after_loss(stage)
    stage.accept()
    stage.advance(ready_seconds)

    wait = _wait_after_loss(stage)

    assert (wait == 0.0) is is_first


def test_the_while_of_one_connection_does_not_count_for_the_next(stage: SessionStage) -> None:
    stage.begin()
    stage.lose()
    stage.advance(0.0)
    stage.accept()
    stage.advance(9.0)
    stage.lose()
    stage.advance(1.5)
    stage.accept()

    stage.advance(5.0)

    assert _wait_after_loss(stage) > 0.0


def test_a_login_that_is_not_answered_is_a_failure(stage: SessionStage) -> None:
    stage.bring_to(S.AUTHENTICATING)

    stage.advance(LOGIN_TIMEOUT_SECONDS)

    assert S.BACKING_OFF in stage.states
    assert len(stage.network.channels) == 2


def test_a_connection_that_crashes_is_a_failure_like_any_other(stage: SessionStage) -> None:
    stage.bring_to(S.READY)

    stage.tell("Connection", Poison())

    assert stage.told.of(ActorExited)[-1].reason is ExitReason.FAILED
    assert stage.live_connections == 0
    stage.advance(0.0)
    assert stage.states[-2:] == [S.BACKING_OFF, S.CONNECTING]


def test_a_connection_that_cannot_be_made_is_a_failure_too(
    stage: SessionStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> None:
        raise RuntimeError("no thread")

    monkeypatch.setattr(stage.network, "open", fail)
    stage.begin()

    assert stage.state is S.BACKING_OFF
    assert stage.told.of(ActorExited)[-1].reason is ExitReason.FAILED_TO_START


def test_so_many_failures_in_a_row_end_the_system() -> None:
    stage = SessionStage(Backoff(max_failures=3))
    stage.begin()
    waiting = stage.system.promise("something", None)
    for _ in range(3):
        stage.lose()
        stage.advance(400.0)

    assert stage.state is S.CLOSED
    assert len(stage.network.channels) == 3
    assert isinstance(waiting.error, SystemFailed)
    assert "3 attempts" in str(waiting.error)
    stage.close()


# Refusals.


@pytest.mark.parametrize("state", WITH_SOCKET[1:], ids=_name)
def test_a_session_that_is_refused_is_never_tried_again(stage: SessionStage, state: S) -> None:
    stage.bring_to(state)
    waiting = [stage.system.promise("something", None) for _ in range(3)]

    stage.channel.push('42["NotAuthorized"]')
    stage.settle()
    stage.advance(3600.0)

    assert stage.state is S.REJECTED
    assert len(stage.network.channels) == 1
    assert stage.live_connections == 0
    assert all(isinstance(future.error, SessionRejected) for future in waiting)
    assert "NotAuthorized" in str(waiting[0].error)


def test_who_asks_after_the_refusal_gets_it_too(stage: SessionStage) -> None:
    stage.bring_to(S.REJECTED)

    assert isinstance(stage.system.promise("something", None).error, SessionRejected)


@pytest.mark.parametrize("state", [S.HANDSHAKING, S.AUTHENTICATING], ids=_name)
def test_an_end_before_the_login_is_answered_is_a_refusal(stage: SessionStage, state: S) -> None:
    stage.bring_to(state)

    stage.kick()

    assert stage.state is S.REJECTED


@pytest.mark.parametrize("state", [S.RESTORING, S.READY], ids=_name)
def test_an_end_after_login_is_a_lost_connection(stage: SessionStage, state: S) -> None:
    stage.bring_to(state)

    stage.kick()

    assert stage.state is S.BACKING_OFF
    assert isinstance(stage.told.of(SessionLost)[-1].error, SessionEnded)


@pytest.mark.parametrize(
    ("pauses", "state"), [((0.0, 0.0), S.REJECTED), ((20.0, 30.0), S.REJECTED), ((30.0, 31.0), S.BACKING_OFF)]
)
def test_three_ends_within_a_minute_are_a_refusal(stage: SessionStage, pauses: tuple[float, float], state: S) -> None:
    stage.bring_to(S.READY)
    stage.kick()
    for pause in pauses:
        stage.advance(max(pause, 5.0) if pause else 3.0)
        stage.accept()
        assert stage.state is S.READY
        stage.kick()

    assert stage.state is state


def test_only_ends_by_the_platform_count_as_such(stage: SessionStage) -> None:
    stage.bring_to(S.READY)
    for _ in range(6):
        stage.lose()
        stage.advance(10.0)
        stage.accept()
        stage.advance(10.0)

    assert stage.state is S.READY


# Callbacks.


def test_callbacks_are_asked_one_after_another(stage: SessionStage) -> None:
    callbacks = [stage.add_callback(name, answers=False) for name in ("First", "Second", "Third")]
    stage.begin()
    stage.accept()

    asked = []
    for callback in callbacks:
        asked.append(tuple(stage.asked))
        assert stage.state is S.RESTORING
        callback.answer()
        stage.settle()

    assert asked == [("First",), ("First", "Second"), ("First", "Second", "Third")]
    assert stage.state is S.READY


def test_callbacks_are_told_of_which_connection_it_is(stage: SessionStage) -> None:
    callback = stage.add_callback("Callback")
    stage.begin()
    for _ in range(3):
        stage.accept()
        stage.lose()
        stage.advance(5.0)

    assert [restore.incarnation for restore in callback.of(RestoreSession)] == [1, 2, 3]


def test_a_late_callback_is_reported_and_skipped(stage: SessionStage) -> None:
    late = stage.add_callback("Late", answers=False, deadline_seconds=3.0)
    stage.add_callback("Next")
    stage.begin()
    stage.accept()

    stage.advance(2.9)
    still = stage.state
    stage.advance(0.1)

    assert (still, stage.state) == (S.RESTORING, S.READY)
    assert stage.asked == ["Late", "Next"]
    assert any("Late did not restore within 3 s" in line for line in stage.logged)
    late.answer()
    stage.settle()
    assert stage.state is S.READY


def test_a_late_answer_does_not_pass_for_that_of_the_next(stage: SessionStage) -> None:
    late = stage.add_callback("Late", answers=False, deadline_seconds=3.0)
    stage.add_callback("Next", answers=False)
    stage.begin()
    stage.accept()
    stage.advance(3.0)

    late.answer()
    stage.settle()

    assert stage.state is S.RESTORING


def test_a_callback_that_crashes_is_reported_and_skipped(stage: SessionStage) -> None:
    crashing = stage.add_callback("Crashing", answers=False)
    stage.add_callback("Next")
    stage.begin()
    stage.accept()
    (restore,) = crashing.of(RestoreSession)
    assert restore.reply_to == "Session"

    stage.tell(
        "Session", RequestFailed(request_id=restore.request_id, error=ActorCrashed("Crashing", "ValueError: no"))
    )

    assert stage.state is S.READY
    assert stage.asked == ["Crashing", "Next"]
    assert any(line.startswith("ERROR Crashing did not restore") for line in stage.logged)


def test_a_callback_whose_actor_is_gone_is_reported_and_skipped(stage: SessionStage) -> None:
    stage.add_callback("Gone")
    stage.system.directory.leave(AddressName("Gone"))
    stage.begin()

    stage.accept()

    assert stage.state is S.READY
    assert any(line.startswith("ERROR Gone did not restore") for line in stage.logged)


def test_callbacks_are_asked_anew_at_each_login(stage: SessionStage) -> None:
    stage.add_callback("First")
    stage.begin()
    stage.accept()
    stage.add_callback("Second")
    stage.lose()
    stage.advance(0.0)

    stage.accept()

    assert stage.asked == ["First", "First", "Second"]


def test_a_connection_lost_while_restoring_starts_over(stage: SessionStage) -> None:
    callback = stage.add_callback("Callback", answers=False)
    stage.begin()
    stage.accept()
    stage.lose()
    callback.answer()  # too late: its connection is gone
    stage.advance(0.0)

    stage.accept()
    restoring = stage.state
    callback.answer()
    stage.settle()

    assert restoring is S.RESTORING
    assert stage.state is S.READY


def test_the_deadline_of_a_lost_connection_does_not_hurry_the_next(stage: SessionStage) -> None:
    callback = stage.add_callback("Callback", answers=False, deadline_seconds=5.0)
    stage.begin()
    stage.accept()
    stage.advance(4.0)
    stage.lose()
    stage.advance(0.0)
    stage.accept()

    stage.advance(2.0)

    assert stage.state is S.RESTORING
    assert len(callback.messages) == 2


# Commands.


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("state", REACHED, ids=_name)
def test_every_command_in_every_state(stage: SessionStage, state: S, command: str) -> None:
    stage.bring_to(state)
    expected = TABLE.get((state, LifecycleEvent[command]))

    answer = stage.command(command)

    assert stage.state is (expected or state)
    if state is S.REJECTED:
        assert isinstance(answer.error, SessionRejected)
    elif expected is None:
        assert isinstance(answer.error, IllegalTransition)
    else:
        assert answer.error is None


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("state", REACHED, ids=_name)
def test_what_a_command_comes_to(stage: SessionStage, state: S, command: str) -> None:
    """After a while there is one connection, or none where it was to stay away; never two."""
    stage.bring_to(state)

    stage.command(command)
    stage.advance(2.0)

    stays_away = command in ("HOLD", "SHUTDOWN") or state in (S.REJECTED, S.CLOSED)
    stays_away = stays_away or (state, command) == (S.HELD, "DISCONNECT")
    assert stage.live_connections == (0 if stays_away else 1)
    assert set(stage.network.others) == {0}


@pytest.mark.parametrize("command", ["DISCONNECT", "RECONNECT", "HOLD", "SHUTDOWN"])
@pytest.mark.parametrize("state", WITH_SOCKET, ids=_name)
def test_a_command_that_drops_the_connection_says_so(stage: SessionStage, state: S, command: str) -> None:
    stage.bring_to(state)
    first = stage.channel

    stage.command(command)

    assert first.has_ended
    assert [lost.incarnation for lost in stage.told.of(SessionLost)] == [1]


@pytest.mark.parametrize("state", WITH_SOCKET, ids=_name)
def test_to_connect_changes_nothing_where_there_is_a_connection(stage: SessionStage, state: S) -> None:
    stage.bring_to(state)
    states, asked = list(stage.states), list(stage.asked)

    stage.command("CONNECT")

    assert stage.states == states
    assert stage.asked == asked, "nothing is restored twice on one connection"
    assert not stage.channel.has_ended


def test_a_disconnect_is_no_failure(stage: SessionStage) -> None:
    stage.bring_to(S.READY)
    for _ in range(5):
        stage.command("DISCONNECT")
        stage.advance(0.0)
        stage.accept()

    assert stage.state is S.READY
    assert _wait_after_loss(stage) == 0.0


def test_a_retry_that_was_overtaken_by_a_command_is_not_made(stage: SessionStage) -> None:
    stage.bring_to(S.BACKING_OFF)
    stage.command("RECONNECT")
    stage.accept()

    stage.advance(10.0)

    assert stage.state is S.READY
    assert len(stage.network.channels) == 3


def test_a_retry_of_before_does_not_cut_the_next_wait_short(stage: SessionStage) -> None:
    stage.bring_to(S.BACKING_OFF)  # a retry is due in about 1 s
    stage.command("RECONNECT")
    stage.lose()  # now one is due in about 2 s

    stage.advance(1.5)

    assert stage.state is S.BACKING_OFF


def test_a_held_session_stays_away_until_it_is_told_to_connect(stage: SessionStage) -> None:
    stage.bring_to(S.HELD)
    stage.advance(3600.0)
    held = len(stage.network.channels)

    stage.command("CONNECT")
    stage.accept()

    assert held == 1
    assert stage.state is S.READY


# Connections that hang.


@pytest.mark.parametrize("command", ["RECONNECT", "DISCONNECT"])
def test_a_connection_that_hangs_holds_up_the_next_until_its_deadline(command: str) -> None:
    stage = SessionStage(kind=DeafConnection)
    stage.bring_to(S.READY)
    stage.kind = ConnectionActor

    stage.command(command)
    stage.advance(0.9)
    before = len(stage.lives)
    stage.advance(0.1)
    stage.accept()

    assert (before, len(stage.lives)) == (1, 2)
    assert stage.state is S.READY
    assert ExitReason.ABANDONED in {exit_.reason for exit_ in stage.told.of(ActorExited)}
    stage.close()


def test_a_connection_that_comes_back_after_all_ends_and_disturbs_nobody() -> None:
    stage = SessionStage(kind=DeafConnection)
    stage.bring_to(S.READY)
    stage.kind = ConnectionActor
    first = stage.lives[0]
    stage.command("RECONNECT")
    stage.advance(1.0)
    stage.accept()
    told = len(stage.told.messages)

    assert isinstance(first, DeafConnection)
    first.come_back()
    stage.settle()

    assert stage.network.channels[0].has_ended
    assert len(stage.told.messages) == told
    assert (stage.state, stage.live_connections) == (S.READY, 1)
    stage.close()


def test_a_connection_that_leaves_in_time_is_not_waited_for(stage: SessionStage) -> None:
    stage.bring_to(S.READY)

    stage.command("RECONNECT")

    assert len(stage.network.channels) == 2
    stage.advance(5.0)
    assert len(stage.network.channels) == 2


def test_holding_a_connection_that_hangs_leaves_none_behind() -> None:
    stage = SessionStage(kind=DeafConnection)
    stage.bring_to(S.READY)

    stage.command("HOLD")
    stage.advance(5.0)

    assert (stage.state, len(stage.lives)) == (S.HELD, 1)
    assert not stage.child.is_up
    stage.close()


# The supervisor's own death.


@pytest.mark.parametrize("state", WITH_SOCKET, ids=_name)
def test_a_supervisor_that_crashed_begins_anew_on_a_new_connection(stage: SessionStage, state: S) -> None:
    stage.bring_to(state)
    first = stage.channel

    stage.begin_again()

    assert first.has_ended
    assert [lost.incarnation for lost in stage.told.of(SessionLost)] == [1]
    for callback in stage.callbacks:
        stage.system.directory.leave(callback.name)
    stage.callbacks.clear()
    stage.accept()
    assert stage.states[-5:] == [S.CONNECTING, S.HANDSHAKING, S.AUTHENTICATING, S.RESTORING, S.READY]
    assert len(stage.network.channels) == 2
    assert set(stage.network.others) == {0}


@pytest.mark.parametrize(
    ("state", "following"),
    [(S.BACKING_OFF, S.CONNECTING), (S.HELD, S.HELD), (S.REJECTED, S.CLOSED), (S.CLOSED, S.CLOSED)],
    ids=_name,
)
def test_a_supervisor_that_crashed_remembers_what_it_was_told(stage: SessionStage, state: S, following: S) -> None:
    stage.bring_to(state)
    before = len(stage.network.channels)

    stage.begin_again()
    stage.advance(60.0)

    assert stage.state is following
    assert len(stage.network.channels) == before + (following is S.CONNECTING)


def test_a_supervisor_that_crashed_counts_on_from_the_failures_before(stage: SessionStage) -> None:
    stage.bring_to(S.BACKING_OFF)

    stage.begin_again()

    assert _wait_after_loss(stage) > 1.0


def test_a_supervisor_that_crashed_waits_for_a_hanging_connection_no_longer_than_allowed() -> None:
    stage = SessionStage(kind=DeafConnection)
    stage.bring_to(S.READY)
    stage.kind = ConnectionActor

    stage.begin_again()
    stage.advance(0.9)
    before = len(stage.lives)
    stage.advance(0.1)
    stage.accept()

    assert (before, len(stage.lives)) == (1, 2)
    assert stage.state is S.READY
    stage.close()


# The end.


@pytest.mark.parametrize("state", REACHED, ids=_name)
def test_the_supervisor_stops_after_its_connection(stage: SessionStage, state: S) -> None:
    stage.bring_to(state)

    stage._children["Session"].request_stop()
    stage.settle()

    (exit_,) = stage.supervisor.of(ActorExited)
    assert (exit_.name, exit_.reason) == ("Session", ExitReason.STOPPED)
    assert stage.live_connections == 0
    assert stage.state is S.CLOSED


def test_the_supervisor_stops_though_its_connection_hangs() -> None:
    stage = SessionStage(kind=DeafConnection)
    stage.bring_to(S.READY)

    stage._children["Session"].request_stop()
    stage.settle()
    before = len(stage.supervisor.messages)
    stage.advance(1.0)

    assert (before, len(stage.supervisor.messages)) == (0, 1)
    stage.close()


# What is out of date.


@pytest.mark.parametrize(
    "message",
    [
        SessionAdvanced(incarnation=Incarnation(1), state=S.HANDSHAKING),
        SessionRestored(request_id=RequestId(0), incarnation=Incarnation(1)),
        RequestFailed(request_id=RequestId(0), error=NotConnected("idle")),
        ActorExited(name=CONNECTION, incarnation=Incarnation(1), reason=ExitReason.FAILED),
    ],
    ids=lambda message: type(message).__name__,
)
def test_word_of_an_older_connection_moves_nothing(
    stage: SessionStage, message: SessionAdvanced | SessionRestored | RequestFailed | ActorExited
) -> None:
    stage.bring_to(S.READY)
    stage.command("RECONNECT")
    told = len(stage.told.messages)

    stage.tell("Session", message)

    assert stage.state is S.CONNECTING
    assert len(stage.told.messages) == told


def test_a_connection_that_was_asked_to_leave_does_not_advance_the_session() -> None:
    stage = SessionStage(kind=DeafConnection)
    stage.bring_to(S.CONNECTING)
    stage.command("RECONNECT")

    stage.channel.open()
    stage.settle()

    assert stage.state is S.CONNECTING
    stage.close()
