"""What a client can do with frames this client has no words for.

Decides names, argument checks and deadlines, and how often a message is sent. Does not know how frames are matched.
"""

from typing import Any

from actors.future import Future
from actors.rules import Predicate, Rule
from messages.errors import InvalidArgument
from messages.raw import AddRawHandler, SendRaw
from optionbus.arguments import checked_frame, checked_seconds
from optionbus.edge import Edge
from optionbus.raw_frame import RawFrame, unpack
from optionbus.raw_handler import RAW, RawHandler, pass_error
from optionbus.raw_iterator import RawIterator
from optionbus.raw_stream import RawStream
from optionbus.stream import Overflow


class RawCalls:
    """Mixed into the client.

    A raw message is sent as it is, through the middleware. Orders are refused (RawOrderRefused): ``buy``, ``sell`` and
    ``open_pending_order`` send them once and know what became of them.
    """

    _edge: Edge

    def raw_handler(
        self,
        validator: Predicate,
        keep_alive: str | bytes | None = None,
        *,
        buffer: int | None = None,
        overflow: Overflow = Overflow.DROP_OLDEST,
    ) -> RawHandler:
        """Pick inbound frames; from the return of this call on, none is missed.

        It stays over reconnects. It is removed when it is closed, and when nobody holds it any more.

        Args:
            validator: a Validator or a Rule; it runs in the router, for every frame. One that raises matches nothing,
                and is logged.
            keep_alive: a message that is sent on every later connection as soon as it is logged in.
            buffer: how many frames wait for a slow reader; None: ``subscriptions.buffer``.
            overflow: what becomes of frames for which there is no room; ``.dropped`` counts them.

        Raises:
            InvalidArgument: an argument is not of its type.
            RawOrderRefused: ``keep_alive`` is an order.
            UsageError: the client was not started, or the buffer is no whole number above 0.

        Example:
            >>> with PocketOption.simulated(seed=7) as client:
            ...     client.wait_ready(timeout=10)
            ...     ticks = client.raw_handler(Validator.starts_with('42["updateStream"'))
            ...     prices = client.subscribe("EURUSD_otc")
            ...     next(ticks).json()[0][0]
            'EURUSD_otc'
        """
        _require("raw_handler", "validator", validator, Predicate)
        _require("raw_handler", "overflow", overflow, Overflow)
        if keep_alive is not None:
            checked_frame(keep_alive)
        self._edge.require_started()
        size = self._edge.settings.subscriptions.buffer if buffer is None else buffer
        return self._make_handler(validator, keep_alive, size, overflow)

    def raw_stream(self, *, buffer: int | None = None, overflow: Overflow = Overflow.DROP_OLDEST) -> RawHandler:
        """Every inbound frame, as the middleware has left it; ``add_tap`` shows those that are sent, too.

        Args:
            buffer: how many frames wait for a slow reader.
            overflow: what becomes of frames for which there is no room.

        Raises:
            InvalidArgument, UsageError: as ``raw_handler``.
        """
        return self.raw_handler(Rule.any(), buffer=buffer, overflow=overflow)

    def raw_order(
        self, message: str | bytes, validator: Predicate, *, timeout: float | None = None, retries: int = 0
    ) -> Future[RawFrame]:
        """Send a message; the future ends in the first matching frame that comes from now on.

        Args:
            message: text or bytes.
            validator: a Validator or a Rule; the protocol does not say what answers what, so let it match the answer
                alone.
            timeout: seconds after each sending; None: ``requests.timeout_seconds``.
            retries: how often it is sent again when nothing has matched in time: let that be harmless.

        Raises:
            InvalidArgument, RawOrderRefused, UsageError: at once, for what cannot or may not be sent.
            NotConnected: from the future; there was no session at the last sending.
            DeadlineExceeded: from the future; nothing matched within ``timeout`` of the last sending.

        Example:
            >>> with PocketOption.simulated(seed=7) as client:
            ...     client.wait_ready(timeout=10)
            ...     client.raw_order('42["getBalance"]', Validator.contains("updateBalance")).get().event
            'successupdateBalance'
        """
        checked_frame(message)
        _require("raw_order", "validator", validator, Predicate)
        seconds = checked_seconds("raw_order", timeout)
        if not isinstance(retries, int) or isinstance(retries, bool) or retries < 0:
            raise InvalidArgument("raw_order", f"Expected retries to be a whole number, 0 or more, got {retries!r}")
        self._edge.require_started()
        seconds = self._edge.settings.requests.timeout_seconds if seconds is None else seconds
        what = "The first frame that answers a raw message"
        answer: Future[RawFrame] = self._edge.system.promise(what, seconds * (retries + 1))
        self._catch(validator, answer)
        self._send_until(answer, message, seconds, retries)
        return answer

    def raw_iterator(self, message: str | bytes, validator: Predicate, *, timeout: float | None = None) -> RawIterator:
        """Send a message, once, and iterate over what matches from now on; plain and asyncio code alike.

        Args:
            message: text or bytes.
            validator: a Validator or a Rule.
            timeout: seconds without a matching frame after which the iterator ends; None: it never does by itself.

        Raises:
            InvalidArgument, RawOrderRefused, UsageError: at once, for what cannot or may not be sent.
            NotConnected: from the first read.
        """
        checked_frame(message)
        seconds = checked_seconds("raw_iterator", timeout)
        handler = self.raw_handler(validator)
        return RawIterator(handler, handler.send(message), seconds)

    def _make_handler(
        self, validator: Predicate, keep_alive: str | bytes | None, buffer: int, overflow: Overflow
    ) -> RawHandler:
        edge, name = self._edge, self._edge.new_name("Raw")
        stream = edge.adopt(RawStream(name, edge.runtime, unpack, buffer=buffer, overflow=overflow))
        handler = RawHandler(edge, stream)
        # Its actor remembers it; the route is there at once, or the answer to what is sent next might be missed.
        edge.tell(RAW, AddRawHandler(name=name, matches=validator.matches, keep_alive=keep_alive))
        edge.system.routes.add_rule(Rule(f"raw({name})", validator.matches), stream, name)
        return handler

    def _catch(self, validator: Predicate, answer: Future[RawFrame]) -> None:
        """Let the future end in the first frame that matches."""
        routes, key = self._edge.system.routes, f"RawOrder-{self._edge.system.new_id()}"
        routes.add_rule(Rule(f"raw({key})", validator.matches), _Catcher(answer), key)
        answer.on_done(lambda: routes.remove_rule(key))

    def _send_until(self, answer: Future[RawFrame], message: str | bytes, seconds: float, retries: int) -> None:
        """Send now, and again after so many seconds where there is no answer by then."""
        if answer.done:
            return
        sent = self._edge.ask(RAW, SendRaw(data=message))
        if retries:
            again = self._edge.system.runtime.scheduler.call_later(
                seconds, lambda: self._send_until(answer, message, seconds, retries - 1)
            )
            answer.on_done(again.cancel)
        else:
            pass_error(sent, answer)


class _Catcher:
    """Ends a future in the first frame it is told."""

    def __init__(self, answer: Future[RawFrame]) -> None:
        self._answer = answer

    def tell(self, message: Any) -> None:  # noqa: ANN401 - a FrameReceived
        self._answer.set(unpack(message)[0])


def _require(call: str, argument: str, given: object, kind: type[Any]) -> None:
    if not isinstance(given, kind):
        expected = "a Validator or a Rule" if kind is Predicate else kind.__name__
        raise InvalidArgument(call, f"Expected {argument} to be {expected}, got {type(given).__name__}")
