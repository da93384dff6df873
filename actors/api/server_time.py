"""The platform's clock, compared with ours.

Decides when the offset or the skew is news. Does not know how they are estimated (``messages.wire.clock``), nor where
the samples come from.
"""

from typing import ClassVar, assert_never

from actors.base import Actor, Context
from actors.router import ServerTimeSampled
from messages.account import GetServerTime, ServerTime, ServerTimeMeasured
from messages.wire.clock import OffsetEstimator

SKEW_STEP_SECONDS = 2.0
"""How far the skew has to move to be news."""

Inbox = ServerTimeSampled | GetServerTime


class ServerTimeMemory:
    """What outlives a crash: the estimate so far, what was told of it, and when the last sample came (UTC)."""

    def __init__(self) -> None:
        self.estimator = OffsetEstimator()
        self.told: ServerTimeMeasured | None = None
        self.sampled: float | None = None


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
        if memory.sampled is None:
            # The first sample stands for all that are missing: the router, too, goes by the first tick's time.
            memory.estimator = OffsetEstimator(event.server_time - event.received)
        else:
            memory.estimator.add(event.server_time, event.received)
        memory.sampled = event.received
        if self._is_news(memory.estimator):
            self._publish(memory.estimator)

    def _is_news(self, estimate: OffsetEstimator) -> bool:
        told = self._memory.told
        if told is None or told.offset_seconds != estimate.offset_seconds:
            return True
        return abs(told.skew_seconds - estimate.skew_seconds) >= SKEW_STEP_SECONDS

    def _publish(self, estimate: OffsetEstimator) -> None:
        told = ServerTimeMeasured(offset_seconds=estimate.offset_seconds, skew_seconds=estimate.skew_seconds)
        self._memory.told = told
        self.context.publish(told)

    def _on_get_server_time(self, query: GetServerTime) -> None:
        estimate, sampled, now = self._memory.estimator, self._memory.sampled, self.context.clock.now()
        time = now + estimate.skew_seconds
        reply = ServerTime(
            request_id=query.request_id,
            time=time,
            server_time=time + estimate.offset_seconds,
            offset_seconds=estimate.offset_seconds,
            skew_seconds=estimate.skew_seconds,
            age_seconds=None if sampled is None else now - sampled,
        )
        self.context.reply(query, reply)
