"""The connection: one socket, from the first attempt to its end.

Theory of operation. It lives for one socket and dies with it; what comes after is its supervisor's affair.
Connecting and reading happen on the transport's thread, which tells this actor what concerns the session
(``actors.inlet``); the handshake table says what to do about it. Everything that is sent goes through here. Where the
nearest host is wanted, all are measured first, by the transport.

A peer is dead when it has been silent for its own ping deadline, and much sooner where it owes an answer
(``actors.answers``).

Decides when a silent peer is dead, and which end of the socket was a refusal. Does not know what the events mean.
"""

from collections.abc import Mapping
from operator import itemgetter
from typing import ClassVar, assert_never

from actors.address import Address
from actors.answers import ASK_SECONDS, AnswerWatch, Verdict
from actors.base import Actor, Context
from actors.inlet import ConnectionInlet, SessionPacketReceived
from actors.ports import Channel, Transport
from actors.ration import Ration
from actors.route import Route
from messages.base import Message
from messages.errors import (
    BusError,
    ConnectionLost,
    SessionEnded,
    SessionRejected,
    TransportError,
    WireError,
)
from messages.secret import HIDDEN, Secret
from messages.session import (
    FrameBatch,
    FrameSent,
    HostsMeasured,
    SendFrame,
    SessionAdvanced,
    SessionState,
    TransportClosed,
    TransportOpened,
)
from messages.wire.commands import LOGIN_FRAMES
from messages.wire.framing import PONG, decode_open, encode_connect
from messages.wire.handshake import Action, ClientHandshake, Input


class _SilenceDue(Message, frozen=True, kw_only=True):
    pass


class _AnswerDue(Message, frozen=True, kw_only=True):
    pass


class _LoginOverdue(Message, frozen=True, kw_only=True):
    pass


LASTING_SECONDS = 60.0
"""A host where a session has lasted so long is tried again first."""

Inbox = (
    HostsMeasured
    | TransportOpened
    | TransportClosed
    | SessionPacketReceived
    | SendFrame
    | _SilenceDue
    | _AnswerDue
    | _LoginOverdue
)


class ConnectionActor(Actor[Inbox]):
    """One socket. ``login`` is the frame that authenticates."""

    listens: ClassVar = ()

    def __init__(
        self,
        context: Context,
        transport: Transport,
        route: Route,
        login: Secret,
        router: Address[FrameBatch],
        login_timeout_seconds: float = 10.0,
    ) -> None:
        super().__init__(context)
        self._transport = transport
        self._route = route
        self._endpoint = route.endpoint
        self._login = login
        self._login_timeout_seconds = login_timeout_seconds
        self._inlet = ConnectionInlet(context, router)
        self._handshake = ClientHandshake()
        self._answers = AnswerWatch()
        self._channel: Channel | None = None
        self._is_logged_in = False
        self._lasts_from = 0.0
        self._silence_seconds = 0.0
        self._middleware = context.system.middleware
        self._ration = Ration()

    def on_start(self) -> None:
        """Begin to connect."""
        if self._route.wants_measuring:
            self.context.log("INFO", f"looking for the nearest of {len(self._route.endpoints)} hosts")
            self._transport.measure(self._route.endpoints, self._report)
        else:
            self._connect()

    def _report(self, seconds: Mapping[str, float]) -> None:
        nearest = tuple(sorted(seconds.items(), key=itemgetter(1)))
        self.context.address.tell(HostsMeasured(incarnation=self.context.incarnation, seconds=nearest))

    def _on_hosts_measured(self, measured: HostsMeasured) -> None:
        self._route.sort(dict(measured.seconds))
        self._endpoint = self._route.endpoint
        self.context.publish(measured)
        self._connect()

    def _connect(self) -> None:
        self.context.log("INFO", f"connecting to {self._endpoint.url}")
        self._middleware.tell(lambda each: each.on_connection_attempt(self._endpoint.url))
        self._channel = self._transport.open(self._endpoint, self._inlet)

    def on_receive(self, message: Inbox) -> None:  # noqa: C901, PLR0912 - one case a message
        """Handle one message."""
        match message:
            case SendFrame():
                self._on_send_frame(message)
            case SessionPacketReceived():
                if message.incarnation == self.context.incarnation:
                    self._on_session_packet_received(message)
            case HostsMeasured():
                if message.incarnation == self.context.incarnation:
                    self._on_hosts_measured(message)
            case TransportOpened():
                if message.incarnation == self.context.incarnation:
                    self._on_transport_opened()
            case TransportClosed():
                if message.incarnation == self.context.incarnation:
                    raise message.error
            case _SilenceDue():
                self._on_silence_due()
            case _AnswerDue():
                self._on_answer_due()
            case _LoginOverdue():
                self._on_login_overdue()
            case _:
                assert_never(message)

    def on_stop(self) -> None:
        """End the socket: somebody asked for it."""
        self._end(None)

    def on_failure(self, _type: object, error: BaseException | None, _traceback: object) -> None:
        """End the socket: it was lost, or this actor failed."""
        self._end(error if isinstance(error, BusError) else ConnectionLost("the connection's actor failed"))

    def _end(self, error: BusError | None) -> None:
        if self._channel is not None:
            self._channel.abort()
        if error is not None and not self._has_lasted():
            self._route.leave(self._endpoint)
        if self._is_logged_in:
            self._middleware.tell(lambda each: each.on_disconnect(error))
        elif error is not None:
            self._middleware.tell(lambda each: each.on_connection_failure(error))

    def _has_lasted(self) -> bool:
        return self._is_logged_in and self.context.clock.monotonic() >= self._lasts_from

    def _on_transport_opened(self) -> None:
        self._advance(SessionState.HANDSHAKING)
        self.context.after(self._login_timeout_seconds, _LoginOverdue())

    def _on_session_packet_received(self, received: SessionPacketReceived) -> None:
        try:
            actions = self._handshake.receive(received.packet)
        except WireError as error:  # out of turn: theirs, and no reason to give the session up
            self._complain(error)
            return
        if received.packet is Input.OPEN:
            self._on_open(received.data)
        for action in actions:
            self._act(action, received.packet)

    def _complain(self, error: WireError) -> None:
        self.context.line.traffic.malformed += 1
        more = self._ration.take(error.what, self.context.clock.monotonic())
        if more is not None:
            self.context.log("WARNING", f"{error}{more}")

    def _act(self, action: Action, packet: Input) -> None:
        match action:
            case Action.SEND_PONG:
                self._send(PONG)
            case Action.SEND_CONNECT:
                self._send(encode_connect())
            case Action.SEND_AUTH:
                self._advance(SessionState.AUTHENTICATING)
                self._send_login()
            case Action.LOGGED_IN:
                self._on_logged_in()
            case Action.REJECT:
                raise SessionRejected(_REASONS[packet])
            case Action.END if packet is Input.DISCONNECT:
                raise SessionEnded("the platform ended the session")
            case Action.END:
                raise ConnectionLost("the server closed the connection")
            case _:
                assert_never(action)

    def _on_open(self, data: bytes) -> None:
        opened = decode_open(data)
        if not self._silence_seconds:
            self._silence_seconds = (opened.pingInterval + opened.pingTimeout) / 1000
            self.context.after(self._silence_seconds, _SilenceDue())

    def _on_logged_in(self) -> None:
        self._is_logged_in = True
        self._lasts_from = self.context.clock.monotonic() + LASTING_SECONDS
        self._middleware.tell(lambda each: each.on_connect())
        for frame in LOGIN_FRAMES:
            self._pass(frame)
        self._ping()  # to learn whether it answers
        self._advance(SessionState.RESTORING)

    def _on_send_frame(self, command: SendFrame) -> None:
        if command.incarnation != self.context.incarnation:
            self.context.system.refuse(self.context.name, command, "its connection is gone")
            return
        self._pass(command.data)

    def _pass(self, data: str | bytes) -> None:
        left = self._middleware.outbound(data)
        if left is not None:
            self._send(left)

    def _on_silence_due(self) -> None:
        # Held against the moment itself: of a difference of times a rest can be left that is too short to pass.
        now, heard = self.context.clock.monotonic(), self.context.line.last_heard
        if now >= heard + self._silence_seconds:
            raise ConnectionLost(f"the server has been silent for {now - heard:.1f} s")
        self.context.after(heard + self._silence_seconds - now, _SilenceDue())

    def _on_answer_due(self) -> None:
        now = self.context.clock.monotonic()
        verdict = self._answers.look(now, self.context.line.last_heard)
        if verdict is Verdict.DEAD:
            raise ConnectionLost(f"the server has not answered for {self._answers.waited(now):.1f} s")
        if verdict is Verdict.ASK:
            self._ping()
        if verdict is not Verdict.ANSWERED:
            self.context.after(self._answers.seconds_left(now), _AnswerDue())

    def _on_login_overdue(self) -> None:
        if not self._is_logged_in:
            raise ConnectionLost(f"no login within {self._login_timeout_seconds:g} s")

    def _send(self, data: str | bytes) -> None:
        self._put(data)
        self._tell_taps(data if isinstance(data, str) else f"<{len(data)} bytes>")

    def _send_login(self) -> None:
        # On a path of its own: no middleware and no tap ever sees it.
        self._put(self._login.reveal())
        self._tell_taps(f'42["auth",{HIDDEN}]')

    def _put(self, data: str | bytes) -> None:
        if self._channel is None:
            raise TransportError("not connected")
        self._channel.send(data)
        self._expect_answer()
        traffic = self.context.line.traffic
        traffic.frames_sent += 1
        traffic.bytes_sent += len(data.encode() if isinstance(data, str) else data)

    def _expect_answer(self) -> None:
        if self._inlet.has_ponged:
            now = self.context.clock.monotonic()
            if self._answers.sent(now, self.context.line.last_heard):
                self.context.after(ASK_SECONDS, _AnswerDue())

    def _ping(self) -> None:
        if self._channel is not None:
            self._channel.ping()

    def _tell_taps(self, text: str) -> None:
        for tap in self.context.system.routes.taps:
            tap.tell(FrameSent(incarnation=self.context.incarnation, text=text))

    def _advance(self, state: SessionState) -> None:
        advanced = SessionAdvanced(incarnation=self.context.incarnation, state=state)
        self.context.tell(self.context.line.name("Session"), advanced)


_REASONS = {
    Input.NOT_AUTHORIZED: "NotAuthorized",
    Input.DISCONNECT: "it ended the connection before the login was answered",
}
