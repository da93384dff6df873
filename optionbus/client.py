"""The client: the one class a user needs.

Decides what a client is made from, and that real money takes an opt-in. What it can be asked is in
``session_calls``, ``market_calls``, ``candle_calls``, ``trading_calls``, ``pending_calls`` and ``raw_calls``; what
there is inside, in ``supervisor.tree``.
"""

from collections.abc import Collection, Sequence
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from actors.base import Actor
from actors.orders.memory_journal import MemoryJournal
from actors.ports import Journal, LogSink, Transport
from actors.runtime import Runtime, ThreadedRuntime
from actors.strategies.market_model import MarketSettings
from actors.system import System
from actors.websocket_transport import WebSocketTransport
from messages.base import AddressName
from messages.errors import InvalidArgument, RealAccountRefused
from messages.secret import Secret
from messages.wire.ssid import CONTRADICTION, Ssid
from optionbus.account_folder import folder_of
from optionbus.actor_loading import load_actor
from optionbus.arguments import checked_kind
from optionbus.candle_calls import CandleCalls
from optionbus.config import accept, refuse_strange_region
from optionbus.edge import Edge, Service
from optionbus.log_file import sink_for
from optionbus.market_calls import MarketCalls
from optionbus.order_calls import OrderCalls
from optionbus.pending_calls import PendingCalls
from optionbus.raw_calls import RawCalls
from optionbus.session_calls import SessionCalls
from optionbus.trading_calls import TradingCalls
from supervisor.settings import Settings
from supervisor.settings_check import proxy_secrets
from supervisor.tree import World

if TYPE_CHECKING:
    from optionbus.recording.playback import Playback, Speed
    from optionbus.recording.recorder import Recorder
    from optionbus.simulated import Simulation


class PocketOption(SessionCalls, MarketCalls, CandleCalls, TradingCalls, PendingCalls, OrderCalls, RawCalls):
    """A session with the platform, kept alive by actors of its own.

    Futures are requests already sent: ``.get(timeout=…)`` in plain code, ``await`` in asyncio code. Any number of
    threads may share one client; several clients may live in one process.

    Every method refuses what makes no sense before anything is sent, at once or from its future: in a UsageError,
    InvalidArgument where it is of a wrong type. Every future ends: in its value, in what its method names, or in
    DeadlineExceeded (no answer in time: ``requests.timeout_seconds`` where the call gives none), ActorCrashed (whoever
    had the request died of it) or SystemFailed (the client was stopped, or gave up).

    Args:
        ssid: the session, as the browser sends it (``42["auth",{…}]``).
        url: where to connect; None: the platform's own hosts.
        config: all other settings; what becomes of it later is nothing to the client.
        actors: classes of actors that are to live beside ours, and beside those that the config names.
        connections: how many connections of the account the subscribed assets are spread over, each with its own limit;
            orders and all else go over the first. None: what the config says, 1 if nothing.
        allow_real: say that a session with real money is meant.
        paper: trade on paper: orders go to a market of this client's own, on the platform's prices, and none is sent.

    Raises:
        InvalidSsid: the text is no session.
        RealAccountRefused: it is one with real money, and ``allow_real`` was not said.
        ConfigInvalid: a setting cannot be used; names its path.
        UsageError: the config names an actor that cannot be loaded.

    Example:
        >>> with PocketOption.simulated(seed=7) as client:
        ...     client.wait_ready(timeout=10)
        ...     client.balance().get()
        Decimal('50000')
    """

    def __init__(
        self,
        ssid: str | Secret,
        *,
        url: str | None = None,
        config: Settings | None = None,
        actors: Sequence[type[Actor[Any]]] = (),
        connections: int | None = None,
        allow_real: bool = False,
        paper: MarketSettings | None = None,
    ) -> None:
        # Hidden first of all: a traceback that shows values shows those of this line.
        ssid = ssid if isinstance(ssid, Secret) else Secret(ssid if isinstance(ssid, str) else "")
        checked_kind("PocketOption", "allow_real", allow_real, bool, "True or False")
        settings = accept(config, url, connections)
        parsed = Ssid.parse(ssid)
        refuse_strange_region(settings, is_demo=parsed.is_demo)
        self._assemble(parsed, settings, actors, allow_real=allow_real, paper=paper)

    @classmethod
    def simulated(
        cls,
        *,
        seed: int = 0,
        speed: float = 1.0,
        config: Settings | None = None,
        actors: Sequence[type[Actor[Any]]] = (),
        connections: int | None = None,
        runtime: Runtime | None = None,
        variants: Collection[str] = (),
        hardships: Collection[str] = (),
        paper: MarketSettings | None = None,
    ) -> Self:
        """A client with a broker of its own in this process: no credentials, no network beyond loopback.

        Args:
            seed: decides every price.
            speed: how many times as fast as real the market runs: at 60 a minute takes a second.
            config: all other settings.
            actors: classes of actors that are to live beside ours.
            connections: how many connections the subscribed assets are spread over.
            runtime: a SteppedRuntime puts broker and client on its virtual clock, without sockets.
            variants: other forms of what the broker says, by their names (docs/simulator.md).
            hardships: what makes it hard to know what became of an order, each as its name or ``name=probability``,
                such as ``"slow-broker"`` or ``"acknowledgement-lost=0.5"`` (docs/simulator.md).
            paper: trade on paper: see PocketOption.

        Raises:
            InvalidArgument: there is no such variant or hardship.
        """
        from optionbus.simulated import Simulation  # noqa: PLC0415 - the live client needs no simulator

        simulation = Simulation(seed, speed, runtime, variants, hardships)
        client = cls.__new__(cls)
        client._assemble(  # noqa: SLF001 - one's own class
            Ssid.parse(simulation.ssid),
            accept(config, connections=connections),
            actors,
            runtime=simulation.runtime,
            transport=simulation.transport,
            service=simulation,
            paper=paper,
        )
        client._simulation = simulation  # noqa: SLF001
        return client

    @classmethod
    def replay(
        cls,
        file: str | Path,
        *,
        speed: "Speed" = 1.0,
        runtime: Runtime | None = None,
        config: Settings | None = None,
        actors: Sequence[type[Actor[Any]]] = (),
    ) -> Self:
        """A client that hears again what another heard when it was recorded; nothing it sends goes anywhere.

        Args:
            file: the recording, of ``record`` or of ``run.py record``.
            speed: how many times as fast as then; 0 or "max": as fast as possible.
            runtime: a new SteppedRuntime plays it in virtual time: the same actors decide the same, byte for byte.
            config: all other settings.
            actors: classes of actors that are to live beside ours.

        Raises:
            RecordingUnreadable: the file cannot be replayed; says why and what to do.
            InvalidArgument: the speed is none, or the runtime of another kind.
            UsageError: something has happened on the runtime before.
        """
        from optionbus.recording.playback import Playback  # noqa: PLC0415 - the live client needs none

        file = checked_kind("PocketOption.replay", "file", file, str | Path, "a path")
        playback = Playback(file, speed, runtime)
        client = cls.__new__(cls)
        client._assemble(  # noqa: SLF001 - one's own class
            Ssid.parse(playback.ssid),
            accept(config, connections=playback.recording.header.connections),
            actors,
            allow_real=True,
            runtime=playback.runtime,
            transport=playback.transport,
            service=playback,
        )
        client._playback = playback  # noqa: SLF001
        playback.prompter.stand_by(client._edge.system, client._edge.strategies)  # noqa: SLF001
        client._edge.attend(playback.prompter.attend)  # noqa: SLF001
        playback.follow(client._edge.system.directory.addresses)  # noqa: SLF001
        return client

    def record(self, file: str | Path, *, ticks: str | Path | None = None) -> "Recorder":
        """Write down what goes over the connections, until the client has stopped; only before it is started.

        Args:
            file: a new file; ``replay`` reads it. The session's secret is not in it.
            ticks: a new file for the ticks alone, .csv or .jsonl: time (UTC seconds), price, asset.

        Raises:
            RecordingFailed: a file cannot be written, or is there already.
            UsageError: the client has been started, or the ending of ``ticks`` names no format.
        """
        from optionbus.recording.beginning import recorder_of  # noqa: PLC0415 - few clients record
        from optionbus.recording.listening import Listening  # noqa: PLC0415
        from optionbus.recording.recording_transport import RecordingTransport  # noqa: PLC0415

        self._edge.refuse_started("A recording")
        system = self._edge.system
        file = Path(checked_kind("PocketOption.record", "file", file, str | Path, "a path"))
        ticks = checked_kind("PocketOption.record", "ticks", ticks, str | Path | None, "a path or None")
        recorder = recorder_of(system, file, None if ticks is None else Path(ticks), is_demo=self.is_demo)
        clock = system.runtime.clock
        self._edge.attend(Listening(recorder, system.runtime).attend)
        self._edge.overhear(lambda transport: RecordingTransport(transport, recorder, clock), recorder.close)
        return recorder

    def _assemble(
        self,
        ssid: Ssid,
        settings: Settings,
        actors: Sequence[type[Actor[Any]]],
        *,
        allow_real: bool = False,
        runtime: Runtime | None = None,
        transport: Transport | None = None,
        log_sink: LogSink | None = None,
        service: Service | None = None,
        paper: MarketSettings | None = None,
    ) -> None:
        checked_kind("PocketOption", "paper", paper, MarketSettings | None, "a MarketSettings or None")
        # One that says both demo and real may open either account: it is treated as what could cost money.
        if not allow_real and (not ssid.is_demo or CONTRADICTION in ssid.warnings):
            raise RealAccountRefused
        _check_actors(actors)
        runtime = runtime or ThreadedRuntime()
        self.is_demo = ssid.is_demo
        system = System(
            runtime,
            secrets=(*ssid.secrets, *proxy_secrets(settings)),
            log_level=settings.log.level,
            connections=settings.subscriptions.connections,
        )
        is_kept = service is None and not settings.journal.in_memory
        world = World(
            transport=transport or WebSocketTransport(),
            log_sink=log_sink or sink_for(settings.log),
            login=ssid.auth_frame(),
            is_demo=ssid.is_demo,
            open_journal=partial(_journal, ssid, settings) if is_kept else MemoryJournal,
            user_agent=ssid.user_agent,
            paper=paper,
        )
        self._simulation: Simulation | None = None
        self._playback: Playback | None = None
        users = (*actors, *map(load_actor, settings.actors))
        self._edge = Edge(runtime, system, settings, world, users, service)
        for warning in ssid.warnings:
            system.log("WARNING", AddressName("Ssid"), warning)

    @property
    def simulation(self) -> "Simulation | None":
        """The embedded broker, for faults on demand; None where the platform is a real one."""
        return self._simulation

    @property
    def playback(self) -> "Playback | None":
        """The recording that is played; None where there is a platform."""
        return self._playback

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        self.stop()

    async def __aenter__(self) -> Self:
        self.start()
        return self

    async def __aexit__(
        self, _type: type[BaseException] | None, _error: BaseException | None, _traceback: TracebackType | None
    ) -> None:
        import asyncio  # noqa: PLC0415

        await asyncio.to_thread(self.stop)

    def __repr__(self) -> str:
        if not hasattr(self, "_edge"):  # a traceback may show one whose session was refused
            return "<PocketOption not made>"
        return f"<PocketOption {'demo' if self.is_demo else 'real'} {self.state.value}>"


def _check_actors(actors: Sequence[type[Actor[Any]]]) -> None:
    checked_kind("PocketOption", "actors", actors, Sequence, "a list of classes")
    strange = [actor for actor in actors if not (isinstance(actor, type) and issubclass(actor, Actor))]
    if strange:
        raise InvalidArgument("PocketOption", f"Expected actors to be classes derived from Actor, got {strange[0]!r}")


def _journal(ssid: Ssid, settings: Settings) -> Journal:
    from actors.orders.journal import SqliteJournal  # noqa: PLC0415 - a database takes its time to import

    return SqliteJournal(folder_of(ssid, settings))
