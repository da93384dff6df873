"""The words for life and death: exits, restarts, health, what reached nobody, what was logged.

Knows nothing of threads, nor of who restarts whom (``supervisor``).
"""

from collections.abc import Callable
from enum import Enum
from typing import Any, ClassVar

from msgspec import Struct

from messages.base import AddressName, Command, Delivery, Event, Incarnation, Query, Reply
from messages.errors import BusError


class Restart(Enum):
    """When an actor that exited is started again (Erlang's words)."""

    PERMANENT = "permanent"  # always
    TRANSIENT = "transient"  # after a failure, not after a stop
    TEMPORARY = "temporary"  # never


class ExitReason(Enum):
    """How an actor's life ended."""

    STOPPED = "stopped"
    FAILED_TO_START = "failed to start"
    FAILED = "failed"
    FAILED_TO_STOP = "failed to stop"
    ABANDONED = "abandoned"  # did not stop in time; its thread is left behind


class ActorExited(Event, frozen=True, kw_only=True):
    """The one report of the end of one incarnation; ``failure`` is a type and a text, redacted."""

    name: AddressName
    incarnation: Incarnation
    reason: ExitReason
    error: BusError | None = None
    failure: str = ""
    messages_left: int = 0


class ActorHung(Event, frozen=True, kw_only=True):
    """A handler has not come back for a while."""

    name: AddressName
    incarnation: Incarnation
    message: str
    seconds: float


class ActorRestarted(Event, frozen=True, kw_only=True):
    """An actor lives again."""

    name: AddressName
    incarnation: Incarnation


class StartChild(Command, frozen=True, kw_only=True):
    """Have the supervisor start and keep another actor. Idempotent by name."""

    delivery: ClassVar[Delivery] = Delivery.REDELIVER
    name: AddressName
    factory: Callable[[Any], Any]
    """Called with the actor's context, gives the actor."""
    restart: Restart = Restart.PERMANENT
    shutdown_seconds: float = 1.0
    line: int = 0
    """Whose session it hears of, and sends on."""


class StopChild(Command, frozen=True, kw_only=True):
    """Have the supervisor stop an actor and forget it."""

    delivery: ClassVar[Delivery] = Delivery.REDELIVER
    name: AddressName


class StopSystem(Command, frozen=True, kw_only=True):
    """Stop everything, the youngest actor first."""

    delivery: ClassVar[Delivery] = Delivery.REDELIVER


class SystemStopped(Event, frozen=True, kw_only=True):
    """No actor lives any more; ``error`` where supervision gave up."""

    error: BusError | None = None


class DeadLetter(Event, frozen=True, kw_only=True):
    """A message that reached nobody: only its type is kept, never its content."""

    sheddable: ClassVar[bool] = True
    to: AddressName
    message: str
    reason: str


class LogRecorded(Event, frozen=True, kw_only=True):
    """Something to be logged; redacted by whoever writes it."""

    sheddable: ClassVar[bool] = True
    time: float
    level: str
    source: AddressName
    text: str


class ActorHealth(Struct, frozen=True, kw_only=True):
    """How one actor is. Ages are seconds; None where there is nothing to measure yet."""

    name: AddressName
    state: str
    thread: str | None
    incarnation: Incarnation
    restarts: int
    mailbox: int
    dropped: int
    handled: int
    last_message_age_seconds: float | None
    busy_seconds: float | None


class GetHealth(Query, frozen=True, kw_only=True):
    """Ask how everybody is."""


class Health(Reply, frozen=True, kw_only=True):
    """Everybody, in the order of their starts."""

    actors: tuple[ActorHealth, ...]
