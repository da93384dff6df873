"""The simulated platform, sans-I/O: messages of many connections in, messages out.

Theory of operation. Time comes from outside with every call, as true UTC seconds; before a call does its own work,
everything that was due until then has happened, in order. What comes out is a list of ``Outgoing``, to be sent in
that order. The same seed and the same calls give the same bytes: prices are a function of seed and time, ids come
from one seeded source, and no order depends on hashes.

A connection goes ``CONNECTING → AUTHENTICATING → ACCEPTED | REFUSED``. Accounts belong to the user of the session,
not to the connection: whoever comes back finds balance and deals as they are.

Knows no sockets, threads or clocks (``simulator.server``).
"""

from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from enum import Enum
from functools import partial
from random import Random
from typing import Final

from msgspec import Struct

from messages.session import Frame
from messages.wire.framing import (
    DISCONNECT,
    PING,
    PONG,
    Control,
    FrameDecoder,
    PacketKind,
    encode_connect,
    encode_event,
    encode_open,
)
from simulator.account import Account
from simulator.agenda import Agenda
from simulator.answers import Answers, Asker
from simulator.assets import LISTINGS
from simulator.audit import Audit, Execution
from simulator.charts import Charts
from simulator.clocks import server_time
from simulator.desk import Desk
from simulator.fate import Fate
from simulator.hardship import Hardship, Occasion, Word
from simulator.market import Market
from simulator.pending import PendingDesk
from simulator.requests import Login, read
from simulator.streams import ConnectionId, Streams
from simulator.variants import Dialect, Variant

PING_INTERVAL_SECONDS: Final = 25.0
PING_TIMEOUT_SECONDS: Final = 20.0
IDLE_SECONDS: Final = 180.0
"""After so long without an event from the client the platform hangs up; ``42["ps"]`` is there to prevent it."""

_TICKS_IN_A_BATCH: Final = 3


class Outgoing(Struct, frozen=True, gc=False):
    """A message for a connection, to be sent so many seconds from now; None is to close it."""

    connection: ConnectionId
    delay_seconds: float
    frame: str | bytes | None


class Refusal(Enum):
    """How logins are refused."""

    NOT_AUTHORIZED = "not-authorized"  # the platform says so, then disconnects
    DISCONNECT = "disconnect"  # it disconnects without a word
    SILENT = "silent"  # it never answers


class _Stage(Enum):
    CONNECTING = 1
    AUTHENTICATING = 2
    ACCEPTED = 3
    REFUSED = 4


class _Client:
    """One connection as the broker sees it."""

    def __init__(self, connection: ConnectionId, now: float) -> None:
        self.connection = connection
        self.decoder = FrameDecoder()
        self.stage = _Stage.CONNECTING
        self.account: Account | None = None
        self.pongs = 0
        self.last_event = now


class Broker:
    """The platform.

    Args:
        seed: decides every price and id.
        speed: how many times faster than asked deals expire and candles pass; all else keeps its time.
        refusal: how to refuse every login; None accepts every well-formed one. May be changed at any time.
        balance: what a new account begins with.
        streams_per_connection: how many assets stream at once on one connection.
        latency_seconds: the delay of everything that goes out.
        clock_scale: how many of the seconds it is told pass in a real one: pings and idleness are about real ones.
        pings: the seconds between two pings, and those that a pong may take; clients are told both.
        variants: in which forms things are said; none is the present one of the platform.
        hardships: how hard it is made to know what became of an order: each with its probability.
        executed: gets every order that is executed, all of them; a list for example. May be changed at any time.

    Attributes:
        ignored: messages that could not be read, or meant nothing where they came.
    """

    def __init__(
        self,
        seed: int = 0,
        speed: float = 1.0,
        *,
        refusal: Refusal | None = None,
        balance: Decimal = Decimal(50_000),
        streams_per_connection: int = 4,
        latency_seconds: float = 0.0,
        clock_scale: float = 1.0,
        pings: tuple[float, float] = (PING_INTERVAL_SECONDS, PING_TIMEOUT_SECONDS),
        variants: Collection[Variant] = (),
        hardships: Mapping[Hardship, float] | None = None,
        executed: Audit | None = None,
    ) -> None:
        self.refusal = refusal
        self.executed = executed
        self.ignored = 0
        self.market = Market(seed)
        self._balance = balance
        self._latency_seconds = latency_seconds
        self._pings = pings
        self._ping_interval, self._ping_timeout = (seconds * clock_scale for seconds in pings)
        self._idle = IDLE_SECONDS * clock_scale
        self._random = Random(seed)
        self._out: list[Outgoing] = []
        self._clients: dict[ConnectionId, _Client] = {}
        self._accounts: dict[tuple[str, bool], Account] = {}
        self._connections = 0
        self._agenda = Agenda()
        self._dialect = Dialect(variants)
        self._fate = Fate(seed, hardships or {}, clock_scale)
        ticks = _TICKS_IN_A_BATCH if Variant.BATCHES in variants else 1
        self._streams = Streams(self.market, self._agenda, streams_per_connection, self._deliver, ticks)
        self._desk = self._open_desk(speed, lists_request_ids=Variant.LISTED_REQUEST_ID in variants)
        self._pending = PendingDesk(self.market, self._agenda, self._desk, self._say)
        self._answers = Answers(
            Charts(self.market, speed, offset_in_seconds=Variant.OFFSET_SECONDS in variants),
            self._streams,
            self._desk,
            self._pending,
            self._deliver,
            is_talkative=Variant.UNSOLICITED in variants,
        )

    def _open_desk(self, speed: float, *, lists_request_ids: bool) -> Desk:
        return Desk(
            self.market,
            self._agenda,
            self._random,
            speed,
            self._fate,
            self._say,
            self._note,
            lists_request_ids=lists_request_ids,
        )

    def connect(self, now: float) -> tuple[ConnectionId, list[Outgoing]]:
        """Somebody has opened a WebSocket."""
        self._agenda.run(now)
        self._connections += 1
        client = _Client(ConnectionId(self._connections), now)
        self._clients[client.connection] = client
        interval, timeout = self._pings
        self._send(client.connection, encode_open(self._sid(), int(interval * 1000), int(timeout * 1000)))
        self._agenda.at(now + self._ping_interval, partial(self._ping, client))
        self._agenda.at(now + self._idle, partial(self._check_idle, client))
        return client.connection, self._collect()

    def feed(self, connection: ConnectionId, data: str | bytes, now: float) -> list[Outgoing]:
        """A message has come in; text or binary as its type says. A connection that is gone is ignored."""
        self._agenda.run(now)
        client = self._clients.get(connection)
        if client is not None:
            is_text = isinstance(data, str)
            packet = client.decoder.feed(data.encode() if isinstance(data, str) else data, is_text)
            if isinstance(packet, Frame):
                self._on_event(client, packet, now)
            elif isinstance(packet, Control):
                self._on_control(client, packet)
            elif packet is not None:
                self.ignored += 1
        return self._collect()

    def disconnect(self, connection: ConnectionId) -> None:
        """The WebSocket has ended; twice is no error."""
        client = self._clients.pop(connection, None)
        if client is None:
            return
        self._streams.forget(connection)
        if client.account is not None:
            self._desk.leave(client.account, connection)

    def mute(self, symbol: str) -> None:
        """Let no more ticks of the asset be heard, until ``unmute``; its market goes on, as history shows."""
        self._streams.muted.add(symbol)

    def unmute(self, symbol: str) -> None:
        """Let its ticks be heard again."""
        self._streams.muted.discard(symbol)

    def due(self) -> float | None:
        """When ``poll`` will have something to do, None if never."""
        return self._agenda.due()

    def poll(self, now: float) -> list[Outgoing]:
        """Let time come this far: ticks, pings, settlements."""
        self._agenda.run(now)
        return self._collect()

    def _collect(self) -> list[Outgoing]:
        out, self._out = self._out, []
        return out

    def _send(self, connection: ConnectionId, frame: str | bytes | None) -> None:
        self._out.append(Outgoing(connection, self._latency_seconds, frame))

    def _deliver(
        self, connections: Iterable[ConnectionId], event: str, argument: object, *, inline: bool = False
    ) -> None:
        messages = self._dialect.say(event, argument, inline=inline)
        for connection in connections:
            for message in messages:
                self._send(connection, message)

    def _say(self, occasion: Occasion, connections: Iterable[ConnectionId], event: str, argument: object, /) -> None:
        if self._fate.is_kind:
            self._deliver(connections, event, argument)
            return
        # One that ends thereby is struck off the connections that are being told.
        for connection in tuple(connections):
            for word in self._fate.words(occasion, Word(event=event, argument=argument)):
                if word.after_seconds:
                    self._agenda.at(self._agenda.now + word.after_seconds, partial(self._utter, connection, word))
                else:
                    self._utter(connection, word)

    def _utter(self, connection: ConnectionId, word: Word, _moment: float = 0.0) -> None:
        client = self._clients.get(connection)
        if client is None:
            return
        if word.is_end:
            self._hang_up(client)
        else:
            self._deliver((connection,), word.event, word.argument)

    def _note(self, execution: Execution) -> None:
        if self.executed is not None:
            self.executed.append(execution)

    def _hang_up(self, client: _Client) -> None:
        self._send(client.connection, None)
        self.disconnect(client.connection)

    def _sid(self) -> str:
        return f"{self._random.getrandbits(120):030x}"

    def _is_here(self, client: _Client) -> bool:
        return client.connection in self._clients

    def _ping(self, client: _Client, moment: float) -> None:
        if self._is_here(client):
            self._send(client.connection, PING)
            self._agenda.at(moment + self._ping_timeout, partial(self._check_pong, client, client.pongs))
            self._agenda.at(moment + self._ping_interval, partial(self._ping, client))

    def _check_pong(self, client: _Client, pongs: int, _moment: float) -> None:
        if self._is_here(client) and client.pongs == pongs:
            self._hang_up(client)

    def _check_idle(self, client: _Client, moment: float) -> None:
        if not self._is_here(client):
            return
        if moment - client.last_event >= self._idle:
            self._hang_up(client)
        else:
            self._agenda.at(client.last_event + self._idle, partial(self._check_idle, client))

    def _on_control(self, client: _Client, packet: Control) -> None:
        match packet.kind:
            case PacketKind.PONG:
                client.pongs += 1
            case PacketKind.PING:
                self._send(client.connection, PONG)
            case PacketKind.CONNECT if client.stage is _Stage.CONNECTING:
                client.stage = _Stage.AUTHENTICATING
                self._send(client.connection, encode_connect(self._sid()))
            case PacketKind.DISCONNECT | PacketKind.CLOSE:
                self._hang_up(client)
            case _:
                self.ignored += 1

    def _on_event(self, client: _Client, frame: Frame, now: float) -> None:
        client.last_event = now
        if client.account is not None:
            asker = Asker(client.account, client.connection)
            self.ignored += not self._answers.answer(asker, frame.event, frame.payload, now)
        elif client.stage is _Stage.AUTHENTICATING and frame.event == "auth":
            self._log_in(client, read(frame.payload, Login), now)
        else:
            self.ignored += 1

    def _log_in(self, client: _Client, login: Login | None, now: float) -> None:
        if self.refusal is not None or login is None or not login.is_well_formed:
            self._refuse(client, self.refusal or Refusal.NOT_AUTHORIZED)
            return
        client.stage = _Stage.ACCEPTED
        client.account = account = self._account(str(login.uid), is_demo=login.wants_demo)
        welcome = {"id": self._sid()} if account.is_demo else {"serverName": "simulator"}
        to = (client.connection,)
        self._deliver(to, "successauth", welcome)
        self._deliver(to, "updateAssets", [listing.row(server_time(now)) for listing in LISTINGS.values()])
        self._desk.join(account, client.connection)
        self._pending.tell(account, to)

    def _refuse(self, client: _Client, refusal: Refusal) -> None:
        client.stage = _Stage.REFUSED
        if refusal is Refusal.SILENT:
            return
        if refusal is Refusal.NOT_AUTHORIZED:
            self._send(client.connection, encode_event("NotAuthorized"))
        self._send(client.connection, DISCONNECT)
        self._hang_up(client)

    def _account(self, uid: str, *, is_demo: bool) -> Account:
        key = uid, is_demo
        if key not in self._accounts:
            self._accounts[key] = Account(int(uid) if uid.isdecimal() else uid, self._balance, is_demo=is_demo)
        return self._accounts[key]
