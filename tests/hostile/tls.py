"""Six ways of not being the platform, each met with a client that has something to lose.

Theory of operation. Each case is a server of its own, an ``Eavesdropper``, and a real client with a canary for its
session. The client has refused where its session ended in a TransportError before the WebSocket was open, nothing of
the canary has reached the server, and nobody has come to the place that a redirect named.

``trusting`` is the control: the same client with its checks off. Every one of the six then has to succeed with it.
Does not know how the client checks.
"""

import contextlib
import ssl
import warnings
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from unittest import mock

import trustme
from msgspec import Struct

from actors import websocket_dial
from actors.ports import Endpoint
from actors.websocket_headers import HeaderLink
from actors.websocket_stream import MessageStream
from messages.errors import BusError, TransportError
from messages.session import SessionState
from optionbus import Config, PocketOption
from supervisor.settings import ConnectionSettings, JournalSettings
from tests.actors.raw_server import RawServer
from tests.hostile.eavesdropper import Eavesdropper

CANARY: Final = "canaryc0ffee5ec2e7canaryc0ffee5e"
SSID: Final = f'42["auth",{{"session":"{CANARY}","isDemo":1,"uid":12345,"platform":2}}]'
HOST: Final = "127.0.0.1"
TIMEOUT_SECONDS: Final = 5.0


class Outcome(Struct, frozen=True, kw_only=True):
    """What became of one case."""

    case: str
    error: str
    is_refused: bool
    """Ended in a TransportError before the WebSocket was open."""
    bytes_received: int
    is_canary_heard: bool
    redirected: int
    """Connections to the place that the redirect named."""

    @property
    def holds(self) -> bool:
        """Whether the client did as it has to."""
        return self.is_refused and not self.is_canary_heard and not self.redirected


class Authorities:
    """Who signs certificates: one that the client believes, one that it does not."""

    def __init__(self, folder: Path) -> None:
        self.believed, self.stranger = trustme.CA(), trustme.CA()
        self.file = str(folder / "ca.pem")
        self.believed.cert_pem.write_to_path(self.file)

    def context(self, name: str = HOST, *, expires: datetime | None = None) -> ssl.SSLContext:
        """A server's side of TLS, with a certificate that the client would believe if its name and date were right."""
        return _context(self.believed, name, expires)

    def of_a_stranger(self) -> ssl.SSLContext:
        """The same, signed by somebody else."""
        return _context(self.stranger, HOST, None)

    def outdated(self) -> ssl.SSLContext:
        """Nothing but TLS 1.0 and 1.1, and these as well as this OpenSSL can."""
        context = self.context()
        _allow_old_tls(context)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            context.maximum_version = ssl.TLSVersion.TLSv1_1
        return context


def _context(authority: trustme.CA, name: str, expires: datetime | None) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(name, not_after=expires).configure_cert(context)
    return context


def _allow_old_tls(context: ssl.SSLContext) -> None:
    context.set_ciphers("DEFAULT:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1


@contextlib.contextmanager
def trusting() -> Iterator[None]:
    """The control: clients that check nothing and go wherever they are sent."""

    def context(_endpoint: Endpoint) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        _allow_old_tls(context)
        return context

    def upgrade(stream: MessageStream, endpoint: Endpoint, until: float) -> None:
        unchecked = {"cert_reqs": ssl.CERT_NONE, "check_hostname": False}
        stream.sock_opt.sslopt, stream.sock_opt.timeout = unchecked, TIMEOUT_SECONDS
        stream.connect(endpoint.url, socket=HeaderLink(stream._link, until), redirect_limit=1)  # type: ignore[no-untyped-call]

    with mock.patch.object(websocket_dial, "_context", context), mock.patch.object(MessageStream, "upgrade", upgrade):
        yield


def run_all() -> list[Outcome]:
    """Every case, in order."""
    with TemporaryDirectory() as folder:
        authorities = Authorities(Path(folder))
        servers: dict[str, Callable[[], ssl.SSLContext]] = {
            "expired certificate": lambda: authorities.context(expires=datetime(2020, 1, 1, tzinfo=UTC)),
            "certificate of another host": lambda: authorities.context("platform.example"),
            "unknown authority": authorities.of_a_stranger,
            "nothing newer than TLS 1.1": authorities.outdated,
        }
        outcomes = [_meet(case, Eavesdropper(context()), authorities.file) for case, context in servers.items()]
        refusal = b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n"
        plain = Eavesdropper(answer=refusal)
        encrypted = Eavesdropper(authorities.context("localhost"), answer=refusal)
        outcomes.append(_meet_redirect("redirect to ws", "301 Moved Permanently", "ws", plain, authorities))
        outcomes.append(_meet_redirect("redirect to another host", "302 Found", "wss", encrypted, authorities))
    return outcomes


def _meet_redirect(case: str, status: str, scheme: str, target: Eavesdropper, authorities: Authorities) -> Outcome:
    host = HOST if scheme == "ws" else "localhost"
    with RawServer(target.serve) as elsewhere:
        answer = f"HTTP/1.1 {status}\r\nLocation: {elsewhere.url(scheme, host)}\r\nContent-Length: 0\r\n\r\n"
        return _meet(case, Eavesdropper(authorities.context(), answer.encode()), authorities.file, target, elsewhere)


def _meet(
    case: str,
    server: Eavesdropper,
    ca_file: str,
    target: Eavesdropper | None = None,
    elsewhere: RawServer | None = None,
) -> Outcome:
    with RawServer(server.serve) as listening:
        error, was_open = _end_of_session(listening.url("wss"), ca_file)
        listening.join_peers()
    heard = [each for each in (server, target) if each is not None]
    return Outcome(
        case=case,
        error=f"{type(error).__name__}: {error}",
        is_refused=type(error) is TransportError and not was_open,
        bytes_received=sum(len(each.wire) for each in heard),
        is_canary_heard=any(each.hears(CANARY.encode()) for each in heard),
        redirected=0 if elsewhere is None else elsewhere.accepted,
    )


def _end_of_session(url: str, ca_file: str) -> tuple[BusError | None, bool]:
    """What a client's first session ended in, and whether its WebSocket had been open."""
    config = Config(
        connection=ConnectionSettings(
            urls=(url,), ca_file=ca_file, connect_timeout_seconds=TIMEOUT_SECONDS, login_timeout_seconds=1.0
        ),
        journal=JournalSettings(in_memory=True),
    )
    client, was_open = PocketOption(SSID, config=config), False
    states = client.states()
    with client:
        for event in states:
            was_open = was_open or event.state is SessionState.HANDSHAKING
            if event.error is not None:
                return event.error, was_open
    return None, was_open
