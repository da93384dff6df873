"""Every number and name that a user may set, with what it is unless set.

Decides names, units and defaults. Does not know where values come from (``optionbus.config``).
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from actors.api.limits import OrderLimits

Positive = Annotated[float, Meta(gt=0)]
NotNegative = Annotated[float, Meta(ge=0)]
Count = Annotated[int, Meta(ge=1)]

Level = Literal["TRACE", "DEBUG", "INFO", "SUCCESS", "WARNING", "ERROR", "CRITICAL"]

REGION_URL = "wss://{}.po.market/socket.io/?EIO=4&transport=websocket"


def _urls(*hosts: str) -> tuple[str, ...]:
    return tuple(REGION_URL.format(host) for host in hosts)


class ConnectionSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where and how to connect. ``urls`` are tried in turn; empty: the platform's own for the kind of account."""

    urls: tuple[str, ...] = ()
    origin: str = "https://pocketoption.com"
    user_agent: str = ""
    connect_timeout_seconds: Positive = 10.0
    login_timeout_seconds: Positive = 10.0
    ca_file: str | None = None
    proxy: str | None = None


class ReconnectSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to come back. ``max_failures`` in a row and it gives up; None: never."""

    base_seconds: Positive = 1.0
    maximum_seconds: Positive = 300.0
    stable_seconds: Positive = 10.0
    max_failures: Count | None = None
    callback_seconds: Positive = 10.0


class SubscriptionSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How many assets stream on one connection, and how much a stream holds for a slow reader."""

    limit: Count = 4
    buffer: Count = 10_000


class RequestSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long answers may take."""

    timeout_seconds: Positive = 10.0
    order_timeout_seconds: Positive = 10.0


class SupervisionSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """More restarts than ``max_restarts`` in ``period_seconds``, and the whole system ends."""

    max_restarts: Annotated[int, Meta(ge=0)] = 5
    period_seconds: Positive = 10.0


class LogSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is logged."""

    level: Level = "INFO"


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of them."""

    connection: ConnectionSettings = field(default_factory=ConnectionSettings)
    reconnect: ReconnectSettings = field(default_factory=ReconnectSettings)
    subscriptions: SubscriptionSettings = field(default_factory=SubscriptionSettings)
    requests: RequestSettings = field(default_factory=RequestSettings)
    orders: OrderLimits = field(default_factory=OrderLimits)
    supervision: SupervisionSettings = field(default_factory=SupervisionSettings)
    log: LogSettings = field(default_factory=LogSettings)
    actors: tuple[str, ...] = ()

    def endpoints(self, *, is_demo: bool) -> tuple[str, ...]:
        """The URLs to try, in turn."""
        if self.connection.urls:
            return self.connection.urls
        return _urls("demo-api-eu", "try-demo-eu") if is_demo else _urls("api-eu", "api-us-south", "api-asia")
