"""The router: opens each payload once and tells everybody who wants what was in it.

Theory of operation. Frames come in batches. Middleware may change them; taps and rules get frames as they
are; the event table decodes the payload into one immutable object, and the routes say who gets it. Ticks are
gathered over the batch and told per asset, before whatever came after them. What nobody wants is decoded all
the same, so that what cannot be read is noticed and counted. The cost of a frame does not grow with the number
of actors.

The router of a line that is not line 0 takes what streams and leaves all else undecoded: line 0 brings it too.

Decides what a frame is worth to whom. Does not know what anybody does with it.
"""

from collections.abc import Hashable
from typing import ClassVar, assert_never

from actors.base import Actor, Context
from actors.ration import Ration
from messages.account import ServerTimeMeasured
from messages.base import Event
from messages.errors import WireError
from messages.market import Symbol, Tick, TicksReceived
from messages.session import Frame, FrameBatch, FrameReceived
from messages.wire.clock import USUAL_OFFSET_SECONDS, snapped_offset
from messages.wire.history_payloads import history_reported
from messages.wire.market_payloads import decode_ticks
from messages.wire.payloads import DECODERS

STREAMING = frozenset({"updateStream", *(event for event, read in DECODERS.items() if read is history_reported)})
"""What a line brings that carries ticks alone."""

SAMPLE_SECONDS = 1.0
"""How often a tick's time is passed on to have the platform's clock measured."""


class ServerTimeSampled(Event, frozen=True, kw_only=True):
    """A server time, and when it was received (UTC): for the measuring of the platform's clock."""

    server_time: float
    received: float


Inbox = FrameBatch | ServerTimeMeasured


class RouterActor(Actor[Inbox]):
    """Routes what the connection's reader brings."""

    listens: ClassVar = (ServerTimeMeasured,)

    def __init__(self, context: Context) -> None:
        super().__init__(context)
        self._routes = context.system.routes
        self._line = context.line
        self._homes = context.system.routes.homes
        self._traffic = context.line.traffic
        self._middleware = context.system.middleware
        self._offset_seconds: float | None = None
        self._next_sample = 0.0
        self._ration = Ration()

    def on_receive(self, message: Inbox) -> None:
        """Handle one message."""
        match message:
            case FrameBatch():
                self._on_frame_batch(message)
            case ServerTimeMeasured():
                self._offset_seconds = message.offset_seconds
            case _:
                assert_never(message)

    def _on_frame_batch(self, batch: FrameBatch) -> None:
        if batch.incarnation != self._line.session.incarnation:
            self._traffic.frames_of_old_incarnations += len(batch.frames)
            return
        gathered: dict[Symbol, list[Tick]] = {}
        for frame in self._wanted(batch):
            if frame.event == "updateStream":
                self._gather(frame, batch, gathered)
            else:
                self._tell_ticks(gathered)
                self._decode(frame)
        self._tell_ticks(gathered)

    def _wanted(self, batch: FrameBatch) -> tuple[Frame, ...] | list[Frame]:
        frames = batch.frames
        if self._line.index:
            frames = tuple(frame for frame in frames if frame.event in STREAMING)
        if not (self._middleware.entries or self._routes.rules or self._routes.taps):
            return frames
        kept = [left for frame in frames if (left := self._middleware.inbound(frame)) is not None]
        for frame in kept:
            self._show(frame, batch)
        return kept

    def _show(self, frame: Frame, batch: FrameBatch) -> None:
        received = FrameReceived(incarnation=batch.incarnation, received=batch.received, frame=frame)
        for tap in self._routes.taps:
            tap.tell(received)
        for rule, listener in self._routes.rules:
            try:
                matches = rule.matches(frame)
            except Exception as error:  # noqa: BLE001 - the user's code; reported
                self._traffic.predicates_failed += 1
                text = f"{rule} raised {type(error).__name__}"
                self._complain(text, text)
            else:
                if matches:
                    listener.tell(received)

    def _gather(self, frame: Frame, batch: FrameBatch, gathered: dict[Symbol, list[Tick]]) -> None:
        self._traffic.payloads_decoded += 1
        offset = self._offset_seconds
        try:
            ticks, rejected = decode_ticks(frame.payload, USUAL_OFFSET_SECONDS if offset is None else offset)
        except WireError as error:
            self._reject(error)
            return
        if rejected:
            self._reject_rows(frame.event, rejected)
        if ticks and batch.received >= self._next_sample:
            ticks = self._sample(ticks, batch)
        for tick in ticks:
            gathered.setdefault(tick.symbol, []).append(tick)

    def _sample(self, ticks: list[Tick], batch: FrameBatch) -> list[Tick]:
        self._next_sample = batch.received + SAMPLE_SECONDS
        server_time = ticks[-1].server_time
        self.context.publish(ServerTimeSampled(server_time=server_time, received=batch.received))
        if self._offset_seconds is not None:
            return ticks
        # The first tick of all tells the offset by itself: none is told with a guessed one.
        offset, _skew = snapped_offset(server_time, batch.received)
        self._offset_seconds = offset
        return [Tick(tick.symbol, tick.server_time - offset, tick.price, tick.server_time) for tick in ticks]

    def _tell_ticks(self, gathered: dict[Symbol, list[Tick]]) -> None:
        index, homes, latest = self._line.index, self._homes, self._line.latest
        for symbol, ticks in gathered.items():
            if homes.get(symbol, index) != index:
                continue
            latest[symbol] = ticks[-1].time
            listeners = self._routes.ticks.get(symbol, ()) + self._routes.listeners(TicksReceived)
            if listeners:
                received = TicksReceived(symbol=symbol, ticks=tuple(ticks))
                for listener in listeners:
                    listener.tell(received)
        gathered.clear()

    def _decode(self, frame: Frame) -> None:
        decoder = DECODERS.get(frame.event)
        if decoder is None:
            return
        self._traffic.payloads_decoded += 1
        offset = USUAL_OFFSET_SECONDS if self._offset_seconds is None else self._offset_seconds
        try:
            decoded = decoder(frame.payload, offset)
        except WireError as error:
            self._reject(error)
            return
        if decoded.rejected:
            self._reject_rows(frame.event, decoded.rejected)
        self.context.publish(decoded.event)

    def _reject(self, error: WireError) -> None:
        self._traffic.payloads_rejected += 1
        self._complain(error.what, str(error))  # the reason can be another each time: where in the payload it is

    def _reject_rows(self, event: str, rows: int) -> None:
        self._traffic.rows_rejected += rows
        self._complain((event, "rows"), f"rows of {event} cannot be read")

    def _complain(self, subject: Hashable, text: str) -> None:
        more = self._ration.take(subject, self.context.clock.monotonic())
        if more is not None:
            self.context.log("WARNING", f"{text}{more}")
