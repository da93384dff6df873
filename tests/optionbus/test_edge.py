"""Covers optionbus.edge: the whole tree behind it, over a network that is not there."""

import threading
from collections.abc import Callable, Iterator
from decimal import Decimal

import pytest

from actors.base import Actor, Context
from actors.future import Future
from actors.ports import Channel, Endpoint, Inlet
from actors.runtime import ThreadedRuntime
from messages.account import BalanceReported, GetBalance
from messages.base import AddressName, Incarnation
from messages.errors import (
    ActorCrashed,
    BlockingInHandler,
    ConnectionLost,
    DeadlineExceeded,
    NotConnected,
    SessionRejected,
    SystemFailed,
    UnexpectedMessage,
    UnknownAddress,
    UsageError,
)
from messages.market import AssetsChanged
from messages.session import (
    GetSession,
    RestoreSession,
    Session,
    SessionRestored,
    SessionState,
    SessionStateChanged,
)
from messages.supervision import ActorExited, GetHealth
from optionbus.edge import SUPERVISOR, Edge, SessionWatch, reply_of
from optionbus.testing import FakeTransport, Probe, SteppedRuntime
from supervisor.settings import ReconnectSettings, RequestSettings, Settings
from tests.actors.ground import PATIENCE_SECONDS, see_threads_end
from tests.actors.puppet import Answer, Do, Note, Order, Passing, Puppet, Question, nothing, raising
from tests.optionbus.edge_stage import EdgeStage

SESSION, BALANCE, PUPPET = AddressName("Session"), AddressName("Balance"), AddressName("Puppet")


@pytest.fixture
def runtime() -> SteppedRuntime:
    return SteppedRuntime()


@pytest.fixture
def stage(runtime: SteppedRuntime) -> Iterator[EdgeStage]:
    stage = EdgeStage(runtime, users=[Puppet])
    yield stage
    stage.edge.stop()


@pytest.fixture
def started(stage: EdgeStage) -> EdgeStage:
    stage.start()
    return stage


@pytest.fixture
def edge(started: EdgeStage) -> Edge:
    return started.edge


# Starting.


def test_before_it_is_started_asking_says_so(stage: EdgeStage) -> None:
    with pytest.raises(UsageError, match="has not been started"):
        stage.edge.ask(SESSION, GetSession())


def test_it_is_started_once(edge: Edge) -> None:
    with pytest.raises(UsageError, match="used once"):
        edge.start()


def test_after_the_login_the_session_becomes_ready(started: EdgeStage) -> None:
    assert started.edge.watch.state is SessionState.READY
    assert started.transport.channel.endpoint.url.startswith("wss://demo-api-eu.")


def test_an_actor_of_ones_own_lives_beside_ours(edge: Edge) -> None:
    assert edge.ask(PUPPET, Question(act=lambda puppet: puppet.context.name)).get().value == PUPPET


class Backend:
    """Something that has to run while the client runs."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def start(self) -> str:
        self.calls.append("start")
        return "ws://127.0.0.1:1234/"

    def stop(self) -> None:
        self.calls.append("stop")


def test_a_service_runs_while_it_runs_and_says_where_to_connect() -> None:
    service = Backend()
    stage = EdgeStage(SteppedRuntime(), service=service)

    stage.start()
    calls = list(service.calls)
    stage.edge.stop()

    assert (calls, service.calls) == (["start"], ["start", "stop"])
    assert stage.transport.channel.endpoint.url == "ws://127.0.0.1:1234/"


# Asking and telling.


def test_an_answer_is_the_reply(edge: Edge) -> None:
    session = edge.ask(SESSION, GetSession()).get()

    assert isinstance(session, Session)
    assert session.state is SessionState.READY


def test_an_answer_is_converted(edge: Edge) -> None:
    assert edge.ask(SESSION, GetSession(), convert=reply_of("incarnation")).get() == 1


def test_a_request_is_sent_whether_or_not_anybody_waits(started: EdgeStage) -> None:
    done: list[int] = []

    started.edge.ask(PUPPET, Order(act=lambda _puppet: done.append(1)))
    started.settle()

    assert done == [1]


def test_a_message_is_told_to_whoever_has_the_name(started: EdgeStage) -> None:
    done: list[int] = []

    started.edge.tell(PUPPET, Do(act=lambda _puppet: done.append(1)))
    started.settle()

    assert done == [1]


def test_nobody_of_that_name_is_a_mistake(edge: Edge) -> None:
    with pytest.raises(UnknownAddress, match="There is no actor named 'Trader'") as raised:
        edge.ask(AddressName("Trader"), GetSession())

    assert {"Supervisor", "Session", "Trades", PUPPET} <= set(raised.value.known)


def test_a_message_that_the_actor_does_not_take_is_a_mistake(edge: Edge) -> None:
    with pytest.raises(UnexpectedMessage) as asked:
        edge.ask(SESSION, GetBalance())
    with pytest.raises(UnexpectedMessage):
        edge.tell(PUPPET, BalanceReported(is_demo=True, amount=Decimal(1)))

    assert "GetSession" in str(asked.value)


def test_an_actor_without_an_inbox_of_its_own_takes_anything(runtime: SteppedRuntime) -> None:
    class Open(Actor):  # type: ignore[type-arg]
        def on_receive(self, message: object) -> None:
            assert isinstance(message, Question)
            self.context.reply(message, Answer(request_id=message.request_id, value="taken"))

    stage = EdgeStage(runtime, users=[Open])
    stage.start()

    assert stage.edge.ask(AddressName("Open"), Question(act=nothing)).get().value == "taken"
    stage.edge.stop()


def test_no_answer_in_time_is_a_timeout_at_the_deadline(edge: Edge, runtime: SteppedRuntime) -> None:
    began = runtime.clock.monotonic()

    with pytest.raises(DeadlineExceeded, match=r"Balance for GetBalance: no answer within 10 s\."):
        edge.ask(BALANCE, GetBalance()).get()

    assert runtime.clock.monotonic() - began == pytest.approx(10.0)


def test_a_request_may_have_a_deadline_of_its_own(edge: Edge, runtime: SteppedRuntime) -> None:
    began = runtime.clock.monotonic()

    with pytest.raises(DeadlineExceeded):
        edge.ask(BALANCE, GetBalance(), 2.5).get()

    assert runtime.clock.monotonic() - began == pytest.approx(2.5)


def test_the_usual_deadline_can_be_set(runtime: SteppedRuntime) -> None:
    stage = EdgeStage(runtime, settings=Settings(requests=RequestSettings(timeout_seconds=3.0)))
    stage.start()

    with pytest.raises(DeadlineExceeded, match="within 3 s"):
        stage.edge.ask(BALANCE, GetBalance()).get()
    stage.edge.stop()


def test_who_asks_an_actor_that_dies_of_it_is_told(edge: Edge) -> None:
    future = edge.ask(PUPPET, Order(act=raising(ValueError("no"))))

    with pytest.raises(ActorCrashed, match="ValueError: no"):
        future.get()
    assert edge.ask(PUPPET, Question(act=lambda puppet: puppet.context.incarnation)).get().value == 2


def test_an_address_taken_once_reaches_every_life(edge: Edge, started: EdgeStage) -> None:
    done: list[int] = []
    address = edge.address(PUPPET)
    address.tell(Do(act=raising(ValueError())))
    started.settle()

    address.tell(Do(act=lambda puppet: done.append(puppet.context.incarnation)))
    started.settle()

    assert done == [2]
    assert edge.address(PUPPET) is address


def test_waiting_for_an_answer_inside_an_actor_is_refused(edge: Edge, started: EdgeStage) -> None:
    exits = Probe()
    started.system.routes.add(ActorExited, exits)

    edge.tell(PUPPET, Do(act=lambda _puppet: edge.ask(SESSION, GetSession()).get()))
    started.settle()

    (exit_,) = exits.of(ActorExited)
    assert isinstance(exit_.error, BlockingInHandler)


def test_what_is_refused_is_a_future_that_has_ended(edge: Edge) -> None:
    future = edge.refused("candles", NotConnected("held"))

    with pytest.raises(NotConnected):
        future.get()


def test_a_stream_has_a_name_of_its_own(edge: Edge, started: EdgeStage) -> None:
    first, second = (edge.stream("Numbers", lambda note: (note.number,), buffer=5) for _ in range(2))

    started.system.directory.tell(AddressName(first.name), Note(number=1))
    started.system.directory.tell(AddressName(second.name), Passing(number=2))

    assert (first.get(), second.get()) == (1, 2)


# Callbacks.


class Restorer(Actor[RestoreSession]):
    """Says for which connections it was asked to restore."""

    def __init__(self, context: Context, asked: list[Incarnation]) -> None:
        super().__init__(context)
        self._asked = asked

    def on_receive(self, message: RestoreSession) -> None:
        self._asked.append(message.incarnation)
        self.context.reply(message, SessionRestored(request_id=message.request_id, incarnation=message.incarnation))


def test_a_callback_is_asked_at_each_login_also_if_it_was_added_before_the_start(stage: EdgeStage) -> None:
    asked: list[Incarnation] = []
    stage.edge.add_callback(lambda context: Restorer(context, asked))

    stage.start()
    first = list(asked)
    stage.transport.channel.lose()
    stage.runtime.wait(Future(stage.runtime, "the retry"), 0.0)
    stage.accept()

    assert (first, asked) == ([1], [1, 2])
    assert stage.edge.watch.state is SessionState.READY


def test_a_callback_added_later_is_asked_at_the_next_login(started: EdgeStage) -> None:
    asked: list[Incarnation] = []

    started.edge.add_callback(lambda context: Restorer(context, asked))
    started.settle()
    started.transport.channel.lose()
    started.runtime.wait(Future(started.runtime, "the retry"), 0.0)
    started.accept()

    assert asked == [2]


# Where the session stands.


def _changed(state: SessionState, error: ConnectionLost | None = None) -> SessionStateChanged:
    return SessionStateChanged(incarnation=Incarnation(1), before=SessionState.IDLE, state=state, error=error)


def _is_ready(watch: SessionWatch) -> Callable[[], bool]:
    return lambda: watch.state is SessionState.READY


def test_a_state_that_holds_is_not_waited_for(edge: Edge) -> None:
    assert edge.watch.until("ready", _is_ready(edge.watch), 1.0).done


def test_a_state_is_waited_for(stage: EdgeStage) -> None:
    watch = stage.edge.watch
    future = watch.until("ready", _is_ready(watch), 1.0)

    stage.system.publish(_changed(SessionState.CONNECTING))
    before = future.done
    stage.system.publish(_changed(SessionState.READY))

    assert (before, future.done) == (False, True)
    assert watch._waiting == []


def test_a_state_that_does_not_come_says_where_the_session_stands_and_why(stage: EdgeStage) -> None:
    watch = stage.edge.watch
    future = watch.until("The session to become ready", _is_ready(watch), 2.0)
    stage.system.publish(_changed(SessionState.BACKING_OFF, ConnectionLost("cut")))
    stage.system.publish(_changed(SessionState.CONNECTING))

    with pytest.raises(DeadlineExceeded) as raised:
        future.get()

    text = "The session to become ready (it is connecting, after: Network: cut): no answer within 2 s."
    assert str(raised.value) == text
    assert watch._waiting == []


def test_that_the_assets_are_known_is_waited_for_too(stage: EdgeStage) -> None:
    watch = stage.edge.watch
    future = watch.until("the assets", lambda: watch.has_assets, None)

    stage.system.publish(AssetsChanged(assets=()))

    assert future.done


def test_a_refused_session_ends_whoever_waits(stage: EdgeStage) -> None:
    stage.edge.start()
    stage.settle()
    future = stage.edge.watch.until("ready", _is_ready(stage.edge.watch), 60.0)

    stage.transport.channel.open()
    stage.transport.channel.push("41")

    with pytest.raises(SessionRejected):
        future.get()
    assert isinstance(stage.edge.ask(SESSION, GetSession()).error, SessionRejected)
    assert len(stage.transport.channels) == 1


def test_giving_up_ends_whoever_waits(runtime: SteppedRuntime) -> None:
    settings = Settings(reconnect=ReconnectSettings(max_failures=1))
    stage = EdgeStage(runtime, settings=settings)
    stage.edge.start()
    stage.settle()
    future = stage.edge.watch.until("ready", _is_ready(stage.edge.watch), 60.0)

    stage.transport.channel.lose()
    for _ in range(3):
        runtime.advance(5.0)
        if not stage.transport.channel.has_ended:
            stage.transport.channel.lose()
    stage.settle()

    with pytest.raises(SystemFailed, match="no connection after"):
        future.get()
    stage.edge.stop()


# Stopping.


def test_stopping_ends_every_actor_and_everybody_who_waits(started: EdgeStage) -> None:
    edge = started.edge
    future, stream = edge.ask(BALANCE, GetBalance(), 60.0), edge.stream("Numbers", lambda message: message)
    names = [actor.name for actor in edge.ask(SUPERVISOR, GetHealth()).get().actors]

    edge.stop()

    states = {name: started.system.directory.get(name) for name in names}
    assert set(states.values()) == {None}
    assert started.transport.channel.has_ended
    for wait in (future.get, stream.get):
        with pytest.raises(SystemFailed, match="it was stopped"):
            wait()


def test_after_stopping_whatever_is_asked_fails_at_once(started: EdgeStage) -> None:
    started.edge.stop()

    assert isinstance(started.edge.ask(BALANCE, GetBalance()).error, SystemFailed)
    started.edge.tell(PUPPET, Note(number=1))


def test_stopping_twice_or_without_a_start_is_no_error(stage: EdgeStage, runtime: SteppedRuntime) -> None:
    stage.edge.stop()
    other = EdgeStage(runtime)
    other.start()

    other.edge.stop()
    other.edge.stop()

    assert other.system.failed is not None


def test_stopping_after_a_failure_keeps_the_reason(started: EdgeStage) -> None:
    error = SystemFailed("the supervisor gave up")
    started.system.fail(error)

    started.edge.stop()

    assert started.system.failed is error


# On threads.


class Network(FakeTransport):
    """Says when somebody has begun to connect."""

    def __init__(self) -> None:
        super().__init__()
        self.is_used = threading.Event()

    def open(self, endpoint: Endpoint, inlet: Inlet) -> Channel:
        channel = super().open(endpoint, inlet)
        self.is_used.set()
        return channel


def test_16_threads_share_one_edge_and_each_has_its_own_answers() -> None:
    stage = EdgeStage(ThreadedRuntime(), users=[Puppet])
    stage.edge.start()
    answers: dict[int, list[object]] = {name: [] for name in range(16)}
    start = threading.Barrier(16)

    def work(name: int) -> None:
        start.wait(PATIENCE_SECONDS)
        futures = [stage.edge.ask(PUPPET, Question(act=lambda _puppet, n=n: (name, n))) for n in range(50)]  # type: ignore[misc]
        answers[name] = [future.get(timeout=PATIENCE_SECONDS).value for future in futures]

    threads = [threading.Thread(target=work, args=(name,)) for name in answers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE_SECONDS)
    stage.edge.stop()
    see_threads_end()

    assert answers == {name: [(name, number) for number in range(50)] for name in answers}


def test_on_threads_it_starts_becomes_ready_and_stops() -> None:
    network = Network()
    stage = EdgeStage(ThreadedRuntime(), transport=network)
    stage.edge.start()
    ready = stage.edge.watch.until("ready", _is_ready(stage.edge.watch), PATIENCE_SECONDS)
    assert network.is_used.wait(PATIENCE_SECONDS)
    stage.accept()
    ready.get()

    stage.system.publish(BalanceReported(is_demo=True, amount=Decimal(100)))
    balance = stage.edge.ask(BALANCE, GetBalance(), convert=reply_of("amount")).get()
    stage.edge.stop()
    see_threads_end()

    assert balance == 100
