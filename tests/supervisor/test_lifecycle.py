"""Covers supervisor.lifecycle."""

import pytest

from messages.errors import UsageError
from messages.session import SessionState
from supervisor.lifecycle import LIVE, TABLE, IllegalTransition, LifecycleEvent, advance

EVENTS = (
    "CONNECT DISCONNECT HOLD RECONNECT SHUTDOWN OPENED SHAKEN AUTHENTICATED RESTORED LOST RETRY_DUE REFUSED GAVE_UP"
)
GRID = """
IDLE           CONNECTING IDLE        HELD CONNECTING CLOSED -           -              -         -     -           -          -        -
CONNECTING     CONNECTING BACKING_OFF HELD CONNECTING CLOSED HANDSHAKING -              -         -     BACKING_OFF -          REJECTED -
HANDSHAKING    HANDSHAKING BACKING_OFF HELD CONNECTING CLOSED -          AUTHENTICATING -         -     BACKING_OFF -          REJECTED -
AUTHENTICATING AUTHENTICATING BACKING_OFF HELD CONNECTING CLOSED -       -              RESTORING -     BACKING_OFF -          REJECTED -
RESTORING      RESTORING  BACKING_OFF HELD CONNECTING CLOSED -           -              -         READY BACKING_OFF -          REJECTED -
READY          READY      BACKING_OFF HELD CONNECTING CLOSED -           -              -         -     BACKING_OFF -          REJECTED -
BACKING_OFF    CONNECTING BACKING_OFF HELD CONNECTING CLOSED -           -              -         -     -           CONNECTING REJECTED CLOSED
HELD           CONNECTING HELD        HELD CONNECTING CLOSED -           -              -         -     -           -          -        -
REJECTED       -          -           -    -          CLOSED -           -              -         -     -           -          -        -
CLOSED         -          -           -    -          CLOSED -           -              -         -     -           -          -        -
"""  # noqa: E501 - a grid
"""What follows: a row for each state, a column for each event, a dash where the event cannot happen."""


def _cells() -> dict[tuple[SessionState, LifecycleEvent], SessionState | None]:
    rows = [line.split() for line in GRID.strip().splitlines()]
    return {
        (SessionState[row[0]], LifecycleEvent[event]): None if cell == "-" else SessionState[cell]
        for row in rows
        for event, cell in zip(EVENTS.split(), row[1:], strict=True)
    }


CELLS = _cells()
PRESENT = [pair for pair, following in CELLS.items() if following is not None]
ABSENT = [pair for pair, following in CELLS.items() if following is None]


def _name(value: SessionState | LifecycleEvent) -> str:
    return value.name


def test_the_grid_has_every_state_and_every_event() -> None:
    assert set(CELLS) == {(state, event) for state in SessionState for event in LifecycleEvent}


@pytest.mark.parametrize(("state", "event"), PRESENT, ids=_name)
def test_an_event_leads_to(state: SessionState, event: LifecycleEvent) -> None:
    assert advance(state, event) is CELLS[state, event]


@pytest.mark.parametrize(("state", "event"), ABSENT, ids=_name)
def test_what_cannot_happen_raises_and_changes_nothing(state: SessionState, event: LifecycleEvent) -> None:
    before = dict(TABLE)

    with pytest.raises(IllegalTransition) as raised:
        advance(state, event)

    assert (raised.value.state, raised.value.event) == (state, event)
    assert before == TABLE


def test_an_illegal_move_is_the_users_mistake_and_says_which() -> None:
    error = IllegalTransition(SessionState.CLOSED, LifecycleEvent.CONNECT)

    assert isinstance(error, UsageError)
    assert "closed" in str(error)
    assert "connect" in str(error)


WORDS = {
    LifecycleEvent.CONNECT: "connect",
    LifecycleEvent.DISCONNECT: "disconnect",
    LifecycleEvent.HOLD: "disconnect and hold",
    LifecycleEvent.RECONNECT: "reconnect",
    LifecycleEvent.SHUTDOWN: "shutdown",
    LifecycleEvent.OPENED: "opened",
    LifecycleEvent.SHAKEN: "shaken hands",
    LifecycleEvent.AUTHENTICATED: "authenticated",
    LifecycleEvent.RESTORED: "restored",
    LifecycleEvent.LOST: "lost",
    LifecycleEvent.RETRY_DUE: "retry due",
    LifecycleEvent.REFUSED: "refused",
    LifecycleEvent.GAVE_UP: "gave up",
}


@pytest.mark.parametrize("event", LifecycleEvent, ids=_name)
def test_an_illegal_move_says_what_cannot_happen(event: LifecycleEvent) -> None:
    error = IllegalTransition(SessionState.IDLE, event)

    assert str(error) == f"The session is idle: there is no {WORDS[event]}."


@pytest.mark.parametrize("state", SessionState, ids=_name)
def test_an_illegal_move_says_what_to_do_where_the_end_is_final(state: SessionState) -> None:
    error = IllegalTransition(state, LifecycleEvent.LOST)

    is_final = state in {SessionState.REJECTED, SessionState.CLOSED}
    assert str(error).endswith("there is no lost. That is final: make a new client.") is is_final


def test_every_state_can_be_reached() -> None:
    reached = {SessionState.IDLE}
    for _ in SessionState:
        reached |= {following for (state, _), following in TABLE.items() if state in reached}

    assert reached == set(SessionState)


def test_a_final_state_is_never_left_for_another_connection() -> None:
    after = {
        following for (state, _), following in TABLE.items() if state in (SessionState.REJECTED, SessionState.CLOSED)
    }

    assert after == {SessionState.CLOSED}


def test_only_states_with_a_socket_can_lose_it() -> None:
    assert {state for state, event in TABLE if event is LifecycleEvent.LOST} == LIVE
