"""Every command in every state of a session, on the whole tree of actors.

The expected states are those of the table in supervisor.lifecycle, which test_lifecycle checks cell by cell: here it is
shown that the client really goes there, and what it keeps on the way.
"""

from collections.abc import Callable, Iterator
from itertools import product

import pytest

from actors.future import Future
from actors.rules import Rule
from messages.errors import SessionRejected, SystemFailed, UsageError
from messages.session import SessionState
from messages.wire.commands import subscribe_for
from messages.wire.framing import encode_event
from optionbus.client import PocketOption
from supervisor.lifecycle import LIVE, TABLE, IllegalTransition, LifecycleEvent
from tests.played_client import PlayedClient

S = SessionState
EURO = "EURUSD_otc"
KEEP_ALIVE = '42["signals/subscribe"]'

COMMANDS: dict[LifecycleEvent, Callable[[PocketOption], Future[None]]] = {
    LifecycleEvent.CONNECT: PocketOption.connect,
    LifecycleEvent.DISCONNECT: PocketOption.disconnect,
    LifecycleEvent.HOLD: PocketOption.disconnect_and_hold,
    LifecycleEvent.RECONNECT: PocketOption.reconnect,
    LifecycleEvent.SHUTDOWN: PocketOption.shutdown,
}
STARTED = tuple(state for state in S if state is not S.IDLE)
ALIVE = tuple(state for state in STARTED if state not in (S.REJECTED, S.CLOSED))


def _name(value: SessionState | LifecycleEvent) -> str:
    return value.name


@pytest.fixture
def played() -> Iterator[PlayedClient]:
    played = PlayedClient()
    yield played
    played.client.stop()


def _command(played: PlayedClient, command: LifecycleEvent) -> None:
    COMMANDS[command](played.client).get()
    played.settle()


@pytest.mark.parametrize(("state", "command"), list(product(STARTED, COMMANDS)), ids=_name)
def test_a_command_leads_where_the_table_says_or_is_refused(
    played: PlayedClient, state: SessionState, command: LifecycleEvent
) -> None:
    played.bring_to(state)

    if (following := TABLE.get((state, command))) is None:
        with pytest.raises((IllegalTransition, SessionRejected)):
            _command(played, command)
        following = state
    else:
        _command(played, command)

    assert played.client.state is following
    assert played.live == (following in LIVE)


@pytest.mark.parametrize("command", COMMANDS, ids=_name)
def test_before_the_start_a_command_is_refused_and_says_what_to_do(command: LifecycleEvent) -> None:
    client = PocketOption.simulated()

    with pytest.raises(UsageError, match=r"start\(\)"):
        COMMANDS[command](client)

    assert client.state is S.IDLE


@pytest.mark.parametrize("command", COMMANDS, ids=_name)
def test_idle_is_left_before_the_first_command_is_heard(played: PlayedClient, command: LifecycleEvent) -> None:
    played.bring_to(S.IDLE)

    _command(played, command)

    assert played.client.state is TABLE[S.CONNECTING, command]


@pytest.mark.parametrize("state", S, ids=_name)
def test_stopping_ends_everything_from_every_state(state: SessionState) -> None:
    played = PlayedClient()
    waiting, states = played.client.assets_loaded(), played.client.states()
    played.bring_to(state)

    played.client.stop()

    assert played.client.state is S.CLOSED
    assert played.live == 0
    assert waiting.done
    with pytest.raises((SystemFailed, SessionRejected)):
        list(states)


@pytest.mark.parametrize("command", COMMANDS, ids=_name)
def test_after_the_end_a_command_ends_at_once(command: LifecycleEvent) -> None:
    played = PlayedClient()
    played.bring_to(S.READY)
    played.client.stop()

    future = COMMANDS[command](played.client)

    assert future.done
    assert isinstance(future.error, SystemFailed) is (command is not LifecycleEvent.SHUTDOWN)


@pytest.mark.parametrize(
    ("state", "command"),
    list(product(ALIVE, (LifecycleEvent.DISCONNECT, LifecycleEvent.HOLD, LifecycleEvent.RECONNECT))),
    ids=_name,
)
def test_what_is_wanted_survives_a_command_in_every_state(
    played: PlayedClient, state: SessionState, command: LifecycleEvent
) -> None:
    played.bring_to(S.READY)
    ticks = played.client.subscribe(EURO)
    handler = played.client.raw_handler(Rule.event("signals"), keep_alive=KEEP_ALIVE)
    _command(played, LifecycleEvent.RECONNECT)
    played.bring_to(state)

    _command(played, command)
    _command(played, LifecycleEvent.CONNECT)
    if played.client.state is not S.READY:
        played.accept()

    assert played.client.state is S.READY
    assert played.client.subscriptions().get() == ((ticks.symbol, ticks.aggregation),)
    assert played.channel.sent.count(subscribe_for(ticks.symbol)) == 1
    assert played.channel.sent.count(KEEP_ALIVE) == 1
    played.channel.push_event("updateStream", b'[["EURUSD_otc",1700007200.5,1.25]]')
    played.channel.push(encode_event("signals", b"[1]"))
    played.settle()
    assert ticks.get(timeout=1).price == 1.25
    assert next(handler).json() == [1]


@pytest.mark.parametrize("pause_seconds", [0.0, 3600.0])
def test_a_hold_lasts_until_it_is_ended(played: PlayedClient, pause_seconds: float) -> None:
    played.bring_to(S.HELD)
    channels = len(played.network.channels)

    played.runtime.advance(pause_seconds)

    assert played.client.state is S.HELD
    assert len(played.network.channels) == channels


def test_a_disconnect_is_followed_by_a_connection_without_being_asked(played: PlayedClient) -> None:
    played.bring_to(S.READY)
    _command(played, LifecycleEvent.DISCONNECT)

    played.runtime.advance(0.0)
    played.accept()

    assert played.client.state is S.READY
    assert played.client.statistics().failures == 0


def test_a_refusal_says_what_to_do(played: PlayedClient) -> None:
    played.bring_to(S.CLOSED)

    with pytest.raises(IllegalTransition, match="make a new client"):
        played.client.connect().get()
