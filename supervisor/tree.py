"""The tree: every actor there is, in the order of their starts. They are stopped in reverse.

::

    Supervisor                    one for one
    ├── Log                       first to start, last to stop: it hears everybody's last words
    ├── Router
    ├── KeepAlive … Raw           the eleven API modules; on paper Market stands for those who trade
    ├── (user's actors)           as configured
    ├── Session                   the lifecycle; supervises
    │   └── Connection            one socket
    ├── Router-1, KeepAlive-1, Session-1 with Connection-1 …
    │                             a further line for ticks, where there are several connections
    ├── Candles-…                 started and stopped by Subscriptions
    └── LiveCandles-…             one for each chart that somebody follows

Decides who there is, what each is given, and in which order sessions are restored. Decides nothing else.
"""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

from msgspec import Struct

from actors.api.assets import AssetsActor, AssetsMemory
from actors.api.balance import BalanceActor, BalanceMemory
from actors.api.deals import DealBook, DealsActor
from actors.api.get_candles import GetCandlesActor, GetCandlesMemory
from actors.api.historical_data import HistoricalDataActor, HistoryMemory
from actors.api.keep_alive import KeepAliveActor
from actors.api.pending_trades import PendingTradesActor, PendingTradesMemory
from actors.api.raw import RawActor, RawMemory
from actors.api.server_time import ServerTimeActor, ServerTimeMemory
from actors.api.subscriptions import SubscriptionsActor, WantedSubscriptions
from actors.api.trades import TradesActor
from actors.base import Actor, Context
from actors.connection import ConnectionActor
from actors.line import Line
from actors.log import LogActor
from actors.orders.memory import OrderMemory
from actors.orders.register import Register
from actors.ports import Endpoint, Journal, LogSink, Transport
from actors.route import Route
from actors.router import RouterActor
from actors.rules import Predicate
from actors.strategies.market_model import MarketSettings
from actors.strategies.virtual_market import MARKET, STANDS_FOR, MarketMemory, VirtualMarketActor
from actors.system import System
from messages.base import NOBODY, AddressName, Incarnation
from messages.errors import UsageError
from messages.secret import Secret
from messages.session import FrameReceived
from supervisor.backoff import Attempts, Backoff
from supervisor.child import Child
from supervisor.regions import is_fastest
from supervisor.session import RestoreCallback, SessionActor, SessionMemory
from supervisor.settings import Settings
from supervisor.spec import ChildSpec, Factory, Intensity
from supervisor.supervisor import SupervisorActor

RESTORED = ("Assets", "Subscriptions", "Raw", "Trades")
"""The built-in reconnect callbacks, in order."""


class World(Struct, frozen=True, kw_only=True):
    """What the tree is given of the world outside."""

    transport: Transport
    log_sink: LogSink
    login: Secret
    """The frame that authenticates."""
    is_demo: bool
    open_journal: Callable[[], Journal]
    """Raises JournalUnavailable as long as there is none."""
    user_agent: str | None = None
    paper: MarketSettings | None = None
    """The market that orders go to where none goes to the platform; None: they go there."""
    attend: Callable[[Actor[Any]], None] | None = None
    """Told of each life of a user's actor before it begins, where somebody records or replays."""


class Callbacks:
    """The reconnect callbacks, in order of registration; more may be added at any time."""

    def __init__(self, settings: Settings) -> None:
        self._deadline_seconds = settings.reconnect.callback_seconds
        self._names: tuple[AddressName, ...] = tuple(AddressName(name) for name in RESTORED)

    def add(self, name: AddressName) -> None:
        """Have this actor asked as well: it is told RestoreSession and answers SessionRestored."""
        self._names = (*self._names, name)

    def __call__(self) -> Sequence[RestoreCallback]:
        """All of them."""
        return [RestoreCallback(name=name, deadline_seconds=self._deadline_seconds) for name in self._names]


def specs(
    system: System,
    settings: Settings,
    world: World,
    callbacks: Callbacks,
    users: Sequence[type[Actor[Any]]] = (),
) -> tuple[ChildSpec, ...]:
    """Everybody, in the order of their starts. On paper one actor stands for those who trade.

    State that outlives a crash is made here, once, and given to each incarnation anew.
    """
    streams = settings.subscriptions
    wanted = WantedSubscriptions(streams.silence_seconds)
    children = (
        _child("Log", partial(LogActor, sink=world.log_sink)),
        _child("Router", RouterActor),
        _child("KeepAlive", KeepAliveActor),
        _child("Assets", partial(AssetsActor, memory=AssetsMemory())),
        _child("ServerTime", partial(ServerTimeActor, memory=ServerTimeMemory())),
        _child("Subscriptions", partial(SubscriptionsActor, wanted=wanted, limit=streams.limit)),
        _child("GetCandles", partial(GetCandlesActor, memory=GetCandlesMemory())),
        _child("HistoricalData", partial(HistoricalDataActor, memory=HistoryMemory())),
        *(_traders(settings, world) if world.paper is None else (_paper(settings, world.paper),)),
        _child("Raw", partial(RawActor, memory=RawMemory())),
        *(_child(name_of(kind), _maker(kind, world)) for kind in users),
        _session(system, settings, world, system.lines[0], callbacks),
        *(child for line in system.lines[1:] for child in _further(system, settings, world, line)),
    )
    _refuse_namesakes(system, children)
    for kind in users:
        _refuse_strangers(kind)
    return children


def plant(system: System, children: tuple[ChildSpec, ...], settings: Settings, *, watches_hangs: bool = True) -> None:
    """Start the supervisor, and with it everybody; where time is virtual no handler takes any, and none can hang."""
    limits = settings.supervision
    intensity = Intensity(max_restarts=limits.max_restarts, period_seconds=limits.period_seconds)
    address = system.address(AddressName("Supervisor"))
    address.vitals.incarnation = Incarnation(1)
    context = Context(system, address, Incarnation(1), NOBODY)
    actor = SupervisorActor(context, children, intensity=intensity, watches_hangs=watches_hangs)
    address.accepts = actor.inbox()
    actor._start_actor_loop()  # noqa: SLF001 - what pykka's own start() does


def _maker(kind: type[Actor[Any]], world: World) -> Factory:
    make, attend = kind.maker(), world.attend
    if attend is None:
        return make

    def make_attended(context: Context) -> Actor[Any]:
        actor = make(context)
        attend(actor)
        return actor

    return make_attended


def name_of(kind: type[Actor[Any]]) -> AddressName:
    """What a user's actor is called."""
    return AddressName(kind.__name__.removesuffix("Actor") or kind.__name__)


def _refuse_namesakes(system: System, children: Sequence[ChildSpec]) -> None:
    taken = {AddressName("Supervisor"), *(line.connection for line in system.lines)}
    if any(child.name == MARKET for child in children):
        taken |= {AddressName(name) for name in STANDS_FOR}
    for child in children:
        if child.name in taken:
            raise UsageError(f"Two actors are called {child.name!r}. Give your class another name.")
        taken.add(child.name)


def _refuse_strangers(kind: type[Actor[Any]]) -> None:
    """An actor that listens to what its inbox does not take would die of it."""
    inbox = kind.inbox()
    for wanted in (*kind.listens, *kind.overhears) if inbox is not None else ():
        told = FrameReceived if isinstance(wanted, Predicate) else wanted
        if not issubclass(told, inbox or ()):
            raise UsageError(f"{kind.__name__} listens to {wanted!r} but does not take {told.__name__}.")
    for wanted in kind.overhears:
        if isinstance(wanted, Predicate) or wanted.sheddable:
            raise UsageError(f"{kind.__name__} cannot overhear {wanted!r}: it would pile up. Put it into its listens.")


def _child(name: str, factory: Factory, *, shutdown_seconds: float = 1.0, line: int = 0) -> ChildSpec:
    return ChildSpec(name=AddressName(name), factory=factory, shutdown_seconds=shutdown_seconds, line=line)


def _traders(settings: Settings, world: World) -> tuple[ChildSpec, ...]:
    # Deals hears of a deal before Trades does: whoever is told the deal can ask for its result. Both that come
    # before it hear what its journal knows.
    register = Register(world.open_journal)
    return (
        _child("Balance", partial(BalanceActor, memory=BalanceMemory(), is_demo=world.is_demo)),
        _child("Deals", _deals(settings)),
        _child("PendingTrades", _pending_trades(settings, register)),
        _child("Trades", _trades(settings, world, register)),
    )


def _paper(settings: Settings, market: MarketSettings) -> ChildSpec:
    return _child(MARKET, partial(VirtualMarketActor, memory=MarketMemory(market, settings.risk)))


def _deals(settings: Settings) -> Factory:
    return partial(DealsActor, book=DealBook(), grace_seconds=settings.requests.extra_duration_seconds)


def _pending_trades(settings: Settings, register: Register) -> Factory:
    memory, seconds = PendingTradesMemory(), settings.requests.order_timeout_seconds
    return partial(PendingTradesActor, memory=memory, timeout_seconds=seconds, mode=lambda: register.mode)


def _further(system: System, settings: Settings, world: World, line: Line) -> tuple[ChildSpec, ...]:
    """The actors of a line that carries ticks alone."""
    restored = RestoreCallback(name=AddressName("Subscriptions"), deadline_seconds=settings.reconnect.callback_seconds)
    return (
        _child(line.name("Router"), RouterActor, line=line.index),
        _child(line.name("KeepAlive"), KeepAliveActor, line=line.index),
        _session(system, settings, world, line, lambda: (restored,)),
    )


def _trades(settings: Settings, world: World, register: Register) -> Factory:
    memory = OrderMemory(register)
    return partial(TradesActor, memory=memory, limits=settings.orders, risk=settings.risk, is_demo=world.is_demo)


def _session(
    system: System,
    settings: Settings,
    world: World,
    line: Line,
    callbacks: Callable[[], Sequence[RestoreCallback]],
) -> ChildSpec:
    reconnect = settings.reconnect
    backoff = Backoff(
        base_seconds=reconnect.base_seconds,
        maximum_seconds=reconnect.maximum_seconds,
        stable_seconds=reconnect.stable_seconds,
        max_failures=reconnect.max_failures,
    )
    name = line.name("Session")
    connection = _child(line.connection, _connection(system, settings, world, line), line=line.index)
    memory = SessionMemory(Child(system, connection, name), Attempts(backoff, system.runtime.random))
    factory = partial(SessionActor, memory=memory, backoff=backoff, callbacks=callbacks)
    return _child(name, factory, shutdown_seconds=2.0, line=line.index)


def _connection(system: System, settings: Settings, world: World, line: Line) -> Callable[[Context], ConnectionActor]:
    urls = settings.endpoints(is_demo=world.is_demo)
    route = Route([_endpoint(url, settings, world) for url in urls], by_distance=is_fastest(settings.connection.region))
    router = system.address(line.name("Router"))

    def make(context: Context) -> ConnectionActor:
        timeout = settings.connection.login_timeout_seconds
        return ConnectionActor(context, world.transport, route, world.login, router, timeout)

    return make


def _endpoint(url: str, settings: Settings, world: World) -> Endpoint:
    connection = settings.connection
    return Endpoint(
        url=url,
        origin=connection.origin,
        # The platform binds a session to the browser it was made in.
        user_agent=world.user_agent or connection.user_agent,
        connect_timeout_seconds=connection.connect_timeout_seconds,
        ca_file=connection.ca_file,
        minimum_tls=connection.minimum_tls,
        proxy=connection.proxy,
    )
