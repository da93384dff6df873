"""Which children are restarted when one has died.

Pure: names in, names out. Does not know how they are stopped or started.
"""

from collections.abc import Sequence

from messages.base import AddressName
from messages.supervision import ExitReason, Restart
from supervisor.spec import Strategy


def is_restarted(restart: Restart, reason: ExitReason) -> bool:
    """Whether a child that ended this way lives again."""
    match restart:
        case Restart.PERMANENT:
            return True
        case Restart.TRANSIENT:
            return reason is not ExitReason.STOPPED
        case Restart.TEMPORARY:
            return False


def restarted_with(strategy: Strategy, started: Sequence[AddressName], died: AddressName) -> tuple[AddressName, ...]:
    """The children to restart, in the order of their starts; ``started`` holds all of them in that order."""
    match strategy:
        case Strategy.ONE_FOR_ONE:
            return (died,)
        case Strategy.ONE_FOR_ALL:
            return tuple(started)
        case Strategy.REST_FOR_ONE:
            return tuple(started[started.index(died) :])
