"""Every error that reaches a user, in one tree.

::

    BusError
    ├── WireError                 theirs: what came in cannot be read
    ├── UsageError                ours: the call was wrong, and says what to do instead
    │   ├── BlockingInHandler     waited inside an actor's handler
    │   ├── InvalidArgument       an argument of the wrong type
    │   ├── UnexpectedMessage     a message outside the actor's inbox
    │   ├── UnknownAddress        nobody has that name
    │   ├── InvalidSsid           not a session this client can read
    │   ├── RealAccountRefused    a real-money session without the opt-in
    │   ├── ConfigInvalid         a field of the configuration, by its path
    │   ├── UnknownAsset          no such symbol on the platform
    │   ├── InvalidStake          not a finite, positive amount
    │   ├── InvalidDuration       not an expiry this asset offers
    │   ├── InvalidAggregation    a subscription that no candle can be built from
    │   ├── RawOrderRefused       an order among raw messages
    │   ├── SubscriptionLimitReached
    │   ├── BadData               a file of prices that no run should be made with; carries the findings
    │   ├── DataUnreadable        a file of prices that is not there, or not what its name says
    │   ├── UnknownFormat         a file of prices whose name ends in nothing that is known
    │   ├── ColumnsUnclear        which column is what cannot be told
    │   ├── ExtraMissing          a package that only some need is not installed
    │   ├── RecordingUnreadable   in messages.recording_errors: a file that cannot be replayed
    │   └── PortTaken             the simulator's port is in use
    ├── TransportError            the network, or what stands behind it
    │   └── ConnectionLost        the socket ended, or its peer went silent
    │       └── SessionEnded      the platform ended the session, politely
    ├── SessionRejected           the platform refused the login; final
    ├── NotConnected              the session is not READY, nothing was sent
    ├── OrderError                in messages.order_errors, with all below it
    │   ├── OrderDenied           this client said no: a rule, what it saw and what it allows
    │   ├── OrderNotPlaced        sent, never answered, and shown not to exist
    │   ├── OrderRefused          the platform said no
    │   ├── OrderUnconfirmed      sent once, not acknowledged in time, never resent
    │   ├── PendingNotCancelled   the platform did not give a pending order up, or not all of several
    │   ├── UnknownPendingOrder   no pending order of that ticket waits
    │   ├── ResultUnknown         a deal that expired, and of whose end no list tells
    │   ├── UnknownDeal           no deal of that id has been seen
    │   └── UnknownOrder          no order of that id is in the journal
    ├── JournalUnavailable        orders cannot be written down, so none is placed
    │   └── AccountInUse          another process trades this account
    ├── DataNotWritten            prices could not be written; nothing is left behind
    ├── RecordingFailed           in messages.recording_errors: a recording ended, its session did not
    ├── DeadlineExceeded          (also a TimeoutError)
    ├── RequestCancelled          whoever awaited it was cancelled
    ├── ActorCrashed              the actor died over this request or in front of it
    ├── ReportNotWritten          a report of a run has no place on disk
    ├── StreamOverflow            a stream with the policy "fail" was not read in time
    ├── StreamClosed              a stream that was closed has no next item
    └── SystemFailed              supervision gave up, or the system was stopped

Fields come first; the text is made from them and ends in what to do next. None of
them ever holds a secret.
"""

from decimal import Decimal

from messages.findings import Finding


class BusError(Exception):
    """The base of every error of this package."""

    def __init__(self, text: str = "") -> None:
        super().__init__(text)
        self.text = text

    def __str__(self) -> str:
        return self.text


class WireError(BusError):
    """What the platform sent cannot be read: ``what`` and ``reason``."""

    def __init__(self, what: str, reason: str) -> None:
        self.what, self.reason = what, reason
        super().__init__(f"{what} cannot be read: {reason}")


class UsageError(BusError):
    """The call was wrong; the text says what to do instead."""


class BlockingInHandler(UsageError):
    """Something that waits was called from inside an actor."""

    def __init__(self, actor: str, call: str) -> None:
        self.actor, self.call = actor, call
        super().__init__(
            f"{call} would block the actor {actor!r}. Send a request with reply_to set to the "
            "actor's own name and handle the reply as a message."
        )


class InvalidArgument(UsageError):
    """An argument is not of its type: ``request`` is what was to be made of it."""

    def __init__(self, request: str, problem: str) -> None:
        self.request, self.problem = request, problem
        super().__init__(f"{request} cannot be made of that: {problem}.")


class UnexpectedMessage(UsageError):
    """A message that is not in the inbox of the actor it was addressed to."""

    def __init__(self, address: str, message: str, accepted: tuple[str, ...]) -> None:
        self.address, self.message, self.accepted = address, message, accepted
        super().__init__(f"{address!r} does not take {message}. It takes: {', '.join(accepted)}.")


class UnknownAddress(UsageError):
    """No actor of that name."""

    def __init__(self, name: str, known: tuple[str, ...]) -> None:
        self.name, self.known = name, known
        known_ones = f" There are: {', '.join(known)}." if known else " health() lists them."
        super().__init__(f"There is no actor named {name!r}.{known_ones}")


class InvalidSsid(UsageError):
    """The text is not a session; ``problem`` says why, never quoting it."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(
            f"The SSID cannot be used: {problem}. Expected the whole frame as the browser sends it: "
            '42["auth",{"session":"…","isDemo":1,"uid":123456,"platform":2}] '
            '(developer tools, Network, WS, the message that starts with 42["auth"). '
            "In a shell put it in single quotes, or in a file for --ssid-file."
        )


class RealAccountRefused(UsageError):
    """A real-money session was given without saying that this is meant."""

    def __init__(self) -> None:
        super().__init__(
            "This is a real-money session. Use a demo session, or say that you mean it: "
            "allow_real=True, on the command line --allow-real."
        )


class ConfigInvalid(UsageError):
    """A configuration cannot be used: ``source``, ``path`` of the field, ``problem``."""

    def __init__(self, source: str, path: str, problem: str) -> None:
        self.source, self.path, self.problem = source, path, problem
        where = f" at {path}" if path else ""
        super().__init__(f"{source}{where}: {problem}")


class UnknownAsset(UsageError):
    """No asset has that symbol; ``similar`` are symbols that look like it."""

    def __init__(self, symbol: str, similar: tuple[str, ...] = ()) -> None:
        self.symbol, self.similar = symbol, similar
        hint = f"Did you mean {' or '.join(similar)}?" if similar else "assets() lists them all."
        super().__init__(f"There is no asset {symbol!r}. {hint}")


class InvalidStake(UsageError):
    """The amount is not a finite number above zero, or outside the platform's limits."""

    def __init__(self, amount: object, minimum: Decimal, maximum: Decimal) -> None:
        self.amount, self.minimum, self.maximum = amount, minimum, maximum
        super().__init__(f"The amount {amount!s} cannot be staked. Give a number from {minimum} to {maximum}.")


class InvalidDuration(UsageError):
    """The seconds until expiry are outside what is offered."""

    def __init__(self, duration_seconds: object, minimum_seconds: int, maximum_seconds: int) -> None:
        self.duration_seconds = duration_seconds
        self.minimum_seconds, self.maximum_seconds = minimum_seconds, maximum_seconds
        super().__init__(
            f"A duration of {duration_seconds!s} s is not offered. "
            f"Give whole seconds from {minimum_seconds} to {maximum_seconds}."
        )


class InvalidAggregation(UsageError):
    """No candle can be built that way."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(
            f"{problem}. Use Direct(), Chunk(ticks=n ≥ 1), Timed(seconds > 0) "
            "or TimeAligned(seconds that divide a day)."
        )


class SubscriptionLimitReached(UsageError):
    """The connections stream only so many assets (``limit``, of all together); ``subscribed`` are those."""

    def __init__(self, symbol: str, limit: int, subscribed: tuple[str, ...]) -> None:
        self.symbol, self.limit, self.subscribed = symbol, limit, subscribed
        super().__init__(
            f"{symbol!r} would be asset {limit + 1} of {limit} that can stream at once. "
            f"Unsubscribe one of {', '.join(subscribed)} first, or raise subscriptions.connections, "
            f"or subscriptions.limit if your account has more on one connection."
        )


class RawOrderRefused(UsageError):
    """An order (``event``) was to be sent as a raw message, past everything that keeps orders safe."""

    def __init__(self, event: str) -> None:
        self.event = event
        super().__init__(
            f"{event} is an order, and raw messages are none; nothing was sent. Use buy(), sell() or "
            "open_pending_order(): they send it once and tell what became of it."
        )


class BadData(UsageError):
    """A file of prices (``source``) must not be used as it is; ``findings`` are its errors."""

    def __init__(self, source: str, findings: tuple[Finding, ...]) -> None:
        self.source, self.findings = source, findings
        super().__init__("\n".join([f"{source} cannot be used:", *(f"  {finding}" for finding in findings)]))


class DataUnreadable(UsageError):
    """A file of prices (``path``) is not there, or is not what its name says; ``problem`` says which."""

    def __init__(self, path: str, problem: str) -> None:
        self.path, self.problem = path, problem
        super().__init__(f"{path} cannot be read: {problem}")


class UnknownFormat(UsageError):
    """The name of a file of prices (``path``) ends in none of the ``known`` endings."""

    def __init__(self, path: str, known: tuple[str, ...]) -> None:
        self.path, self.known = path, known
        super().__init__(f"What {path} holds cannot be told by its name. Let it end in one of {', '.join(known)}.")


class ColumnsUnclear(UsageError):
    """Which column is what cannot be told: ``found`` are the names of those that are there."""

    def __init__(self, problem: str, found: tuple[str, ...], advice: str) -> None:
        self.problem, self.found, self.advice = problem, found, advice
        there = f" The columns are: {', '.join(found)}." if found else ""
        super().__init__(f"{problem}.{there} {advice}")


class ExtraMissing(UsageError):
    """What was asked for (``purpose``) needs an extra of this package that is not installed."""

    def __init__(self, purpose: str, extra: str) -> None:
        self.purpose, self.extra = purpose, extra
        super().__init__(f"{purpose} needs a package that is not installed: pip install 'optionbus[{extra}]'")


class PortTaken(UsageError):
    """Another process listens on the port."""

    def __init__(self, host: str, port: int) -> None:
        self.host, self.port = host, port
        super().__init__(f"Port {port} on {host} is in use. Choose another, or 0 for a free one.")


class TransportError(BusError):
    """The network failed: ``reason`` as the system gave it."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"Network: {reason}")


class ConnectionLost(TransportError):
    """The connection ended after it had been made."""


class SessionEnded(ConnectionLost):
    """The platform ended the session with a packet of its own."""


class SessionRejected(BusError):
    """The platform does not accept the session; trying again cannot help."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(
            f"The platform refused the session ({reason}). Check that the SSID is fresh (log in again and copy it), "
            "that isDemo fits the account, that it is used from the IP address it was made on, "
            "and that the host is one for this kind of account (--url)."
        )


class NotConnected(BusError):
    """The session is not READY; nothing was sent."""

    def __init__(self, state: str) -> None:
        self.state = state
        super().__init__(f"The session is {state}, not ready; nothing was sent. Call wait_ready() first.")


class DataNotWritten(BusError):
    """Prices could not be written to ``path``; what was there before is there still, and no half file."""

    def __init__(self, path: str, problem: str) -> None:
        self.path, self.problem = path, problem
        super().__init__(f"{path} was not written: {problem}. Make room, or name another place.")


class DeadlineExceeded(BusError, TimeoutError):
    """No answer in time: ``what`` was awaited for ``seconds``."""

    def __init__(self, what: str, seconds: float) -> None:
        self.what, self.seconds = what, seconds
        super().__init__(f"{what}: no answer within {seconds:g} s.")


class RequestCancelled(BusError):
    """Nobody waits for the answer any more: ``what`` was awaited, and its await was cancelled."""

    def __init__(self, what: str) -> None:
        self.what = what
        super().__init__(
            f"{what}: the await was cancelled. What was sent is not taken back; ask again if that is safe."
        )


class ActorCrashed(BusError):
    """The actor that had the request died: ``reason`` as a type and text, redacted."""

    def __init__(self, actor: str, reason: str) -> None:
        self.actor, self.reason = actor, reason
        super().__init__(
            f"The actor {actor!r} crashed ({reason}) and was restarted or given up. Ask again if that is safe."
        )


class ReportNotWritten(BusError):
    """A report could not be written to ``place``, for ``reason``. What stood there before still does."""

    def __init__(self, place: str, reason: str) -> None:
        self.place, self.reason = place, reason
        super().__init__(f"The report cannot be written to {place}: {reason}. Make room, or give another place.")


class StreamOverflow(BusError):
    """A stream that must not lose anything was not read in time."""

    def __init__(self, name: str, capacity: int) -> None:
        self.name, self.capacity = name, capacity
        super().__init__(
            f"The stream {name!r} holds {capacity} items and was not read in time. Read faster, or allow it to drop."
        )


class StreamClosed(BusError):
    """A stream that was closed has no next item: ``name``."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"{name!r} was closed: nothing more comes of it. Make another.")


class SystemFailed(BusError):
    """Nothing more will come: ``reason`` says why."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(f"The system has stopped: {reason}")
