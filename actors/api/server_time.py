"""The platform's clock, compared with ours.

Decides when the offset is news. Does not know how it is estimated (``messages.wire.clock``), nor where the samples
come from.
"""

from typing import ClassVar, assert_never

from actors.base import Actor, Context
from actors.router import ServerTimeSampled
from messages.account import GetServerTime, ServerTime, ServerTimeMeasured
from messages.wire.clock import OffsetEstimator

Inbox = ServerTimeSampled | GetServerTime


class ServerTimeMemory:
    """What outlives a crash: the estimate so far."""

    def __init__(self) -> None:
        self.estimator = OffsetEstimator()
        self.is_measured = False


class ServerTimeActor(Actor[Inbox]):
    """Keeps the offset of the platform's clock."""

    listens: ClassVar = (ServerTimeSampled,)

    def __init__(self, context: Context, memory: ServerTimeMemory) -> None:
        super().__init__(context)
        self._memory = memory

    def on_receive(self, message: Inbox) -> None:
        """Handle one message."""
        match message:
            case ServerTimeSampled():
                self._on_server_time_sampled(message)
            case GetServerTime():
                self._on_get_server_time(message)
            case _:
                assert_never(message)

    def _on_server_time_sampled(self, event: ServerTimeSampled) -> None:
        memory = self._memory
        if not memory.is_measured:
            # The first sample stands for all that are missing: the router, too, goes by the first tick's time.
            memory.estimator, memory.is_measured = OffsetEstimator(event.server_time - event.received), True
            self._publish()
            return
        before = memory.estimator.offset_seconds
        memory.estimator.add(event.server_time, event.received)
        if memory.estimator.offset_seconds != before:
            self._publish()

    def _publish(self) -> None:
        estimate = self._memory.estimator
        measured = ServerTimeMeasured(offset_seconds=estimate.offset_seconds, skew_seconds=estimate.skew_seconds)
        self.context.publish(measured)

    def _on_get_server_time(self, query: GetServerTime) -> None:
        estimate = self._memory.estimator
        time = self.context.clock.now() + estimate.skew_seconds
        reply = ServerTime(
            request_id=query.request_id,
            time=time,
            server_time=time + estimate.offset_seconds,
            offset_seconds=estimate.offset_seconds,
            skew_seconds=estimate.skew_seconds,
        )
        self.context.reply(query, reply)
