"""Every number and name that a user may set, with what it is unless set.

Decides names, units and defaults; the text under a field is what the documentation says of it. Does not know where
values come from (``optionbus.config``).
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from actors.api.limits import OrderLimits
from actors.orders.gate import RiskSettings
from messages.secret import Secret
from supervisor import regions

Positive = Annotated[float, Meta(gt=0)]
NotNegative = Annotated[float, Meta(ge=0)]
Count = Annotated[int, Meta(ge=1)]

Level = Literal["TRACE", "DEBUG", "INFO", "SUCCESS", "WARNING", "ERROR", "CRITICAL"]


class ConnectionSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where and how to connect."""

    urls: tuple[str, ...] = ()
    """Where to connect: the first, and those to fall back to, in turn. Empty: the platform's own hosts."""
    region: str | None = None
    """Which of the platform's hosts comes first, by the name of its region, host or city, such as `eu`, `api-eu` or
    `Prague`; or `fastest`: the one that answers first when all are connected to at once, or of `urls` where there are
    any. Otherwise `urls` go before a name."""
    origin: str = "https://pocketoption.com"
    """The `Origin` header."""
    user_agent: str = ""
    """The `User-Agent` header where the session names none; one that does is bound to its own."""
    connect_timeout_seconds: Positive = 10.0
    """Until the WebSocket is open."""
    login_timeout_seconds: Positive = 10.0
    """From then on until the login is accepted."""
    ca_file: str | None = None
    """A file in PEM with authorities to believe besides those of the system. Certificates are always checked."""
    minimum_tls: Literal["1.2", "1.3"] = "1.2"
    """The oldest version of TLS to speak."""
    proxy: Secret | None = None
    """`http://`, `socks5://` or `socks5h://` (which resolves the host's name) with host and port, before them
    `user:password@` where it wants them. It is shown nowhere. Not set: that of the environment; empty: none."""


class ReconnectSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How to come back: the first retry is at once, each pause after it twice as long as the one before."""

    base_seconds: Positive = 1.0
    """The pause before the second retry."""
    maximum_seconds: Positive = 300.0
    """No pause is longer."""
    stable_seconds: Positive = 10.0
    """A session that was ready for so long was a success: the failures before it are forgotten."""
    max_failures: Count | None = None
    """After so many failures in a row it gives up. Not set: never."""
    callback_seconds: Positive = 10.0
    """How long each reconnect callback may take; then it is skipped."""


class SubscriptionSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What streams, and what becomes of it where it is read slowly."""

    limit: Count = 4
    """How many assets stream on one connection."""
    connections: Annotated[int, Meta(ge=1, le=64)] = 1
    """How many connections of the account the assets are spread over. Orders and all else go over the first."""
    silence_seconds: Positive = 10.0
    """An asset without a tick for so long is told to be stale; one that is quiet by nature gets more time."""
    buffer: Count = 10_000
    """How many items a stream holds for its reader."""
    overflow: Literal["drop oldest", "conflate", "fail"] = "drop oldest"
    """What a stream does when there is no room: lose the oldest item, keep only the newest, or end in an error."""


class RequestSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How long answers may take."""

    timeout_seconds: Positive = 10.0
    """Until a request without a deadline of its own ends in DeadlineExceeded."""
    order_timeout_seconds: Positive = 10.0
    """Until an order that is not answered counts as unconfirmed."""
    extra_duration_seconds: NotNegative = 10.0
    """How long beyond its close time the result of a deal is waited for."""


class JournalSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where orders are written down before they go out."""

    folder: str | None = None
    """The folder that holds those of all accounts; unset: ``$XDG_STATE_HOME/optionbus``."""
    in_memory: bool = False
    """Keep no file: a crash of the process forgets every order."""


class SupervisionSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often actors may crash before the whole system ends."""

    max_restarts: Annotated[int, Meta(ge=0)] = 5
    """More restarts than this within the period, and it ends."""
    period_seconds: Positive = 10.0
    """The period."""


class LogSettings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is logged, and where to."""

    level: Level = "INFO"
    """The lowest level that is logged."""
    file: str | None = None
    """A file to log to, besides what loguru is told elsewhere; it is added to, and written by a library too."""
    rotation: str | None = None
    """When to begin a new file, in loguru's words: `100 MB`, `1 day`, `00:00`. Not set: never."""
    retention: str | None = None
    """How long old files are kept, in loguru's words, such as `10 days`, or how many: `5`. Not set: for ever."""
    json: bool = False
    """Whether each line of the file is a JSON object with `time`, `level`, `source` and `text`."""


class Settings(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """All of them. Frozen; and a client takes a copy of its own, so that nothing changes once it is in use."""

    connection: ConnectionSettings = field(default_factory=ConnectionSettings)
    reconnect: ReconnectSettings = field(default_factory=ReconnectSettings)
    subscriptions: SubscriptionSettings = field(default_factory=SubscriptionSettings)
    requests: RequestSettings = field(default_factory=RequestSettings)
    orders: OrderLimits = field(default_factory=OrderLimits)
    journal: JournalSettings = field(default_factory=JournalSettings)
    risk: RiskSettings = field(default_factory=RiskSettings)
    supervision: SupervisionSettings = field(default_factory=SupervisionSettings)
    log: LogSettings = field(default_factory=LogSettings)
    actors: tuple[str, ...] = ()
    """Actors of your own to start, each as `module:Class`."""

    def endpoints(self, *, is_demo: bool) -> tuple[str, ...]:
        """The URLs to try, in turn."""
        return self.connection.urls or regions.urls(self.connection.region, is_demo=is_demo)
