"""Making the connection that a WebSocket will live on: directly or through a proxy, plain or TLS.

Decides which proxy is asked and which certificates are believed. Does not know WebSocket.
"""

import ssl
from base64 import b64encode
from ipaddress import ip_address
from typing import Any, Final, NamedTuple
from urllib.parse import unquote, urlsplit

from python_socks import ProxyError, ProxyType
from python_socks.sync import Proxy

from actors.ports import Endpoint
from actors.websocket_headers import BlockingLink, HeaderLink
from actors.websocket_link import Link
from messages.errors import UsageError

_SERVER_PORTS: Final = {"ws": 80, "wss": 443}
_PROXY_PORTS: Final = {"http": 80, "socks5": 1080, "socks5h": 1080}


class _Place(NamedTuple):
    scheme: str
    host: str
    port: int
    username: str
    password: str


def dial(link: Link, endpoint: Endpoint, until: float) -> None:
    """Connect ``link`` to the endpoint. Raises OSError, ProxyError and UsageError; nothing quotes a password."""
    server = _place(endpoint.url, _SERVER_PORTS)
    proxy = _proxy(endpoint, server)
    if proxy is None:
        link.connect(server.host, server.port, until)
    else:
        link.connect(proxy.host, proxy.port, until)
        _pass(link, proxy, server, until)
    if server.scheme == "wss":
        link.start_tls(_context(endpoint.ca_file), server.host, until)


def _place(url: str, ports: dict[str, int]) -> _Place:
    try:
        parts = urlsplit(url)
        port = parts.port or ports[parts.scheme]
        host = parts.hostname or ""
    except (ValueError, KeyError):
        host = ""
    if not host or parts.scheme not in ports:
        schemes = " or ".join(f"{scheme}://" for scheme in ports)
        raise UsageError(f"An address cannot be used. Give {schemes}, a host, and a port if it is not the usual one.")
    return _Place(parts.scheme, host, port, unquote(parts.username or ""), unquote(parts.password or ""))


def _proxy(endpoint: Endpoint, server: _Place) -> _Place | None:
    from urllib.request import getproxies, proxy_bypass  # noqa: PLC0415 - slow to import, and not needed before

    url = endpoint.proxy
    if url is None and not (_is_loopback(server.host) or proxy_bypass(server.host)):
        known = getproxies()
        url = known.get("https" if server.scheme == "wss" else "http") or known.get("all")
    if not url:
        return None
    return _place(url if "://" in url else f"http://{url}", _PROXY_PORTS)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _pass(link: Link, proxy: _Place, server: _Place, until: float) -> None:
    if proxy.scheme == "http":
        _pass_http(link, proxy, server, until)
        return
    # Asked for the host by name, the proxy resolves it; socks5:// wants it resolved here.
    host = server.host if proxy.scheme == "socks5h" else link.resolve(server.host, server.port, until)[0][4][0]
    connected: Any = BlockingLink(link, until)
    username = proxy.username or None
    password = proxy.password if username else None
    socks = Proxy(ProxyType.SOCKS5, proxy.host, proxy.port, username, password, rdns=True, forward=connected)
    socks.connect(host, server.port)


def _pass_http(link: Link, proxy: _Place, server: _Place, until: float) -> None:
    place = f"[{server.host}]:{server.port}" if ":" in server.host else f"{server.host}:{server.port}"
    request = f"CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n"
    if proxy.username:
        login = b64encode(f"{proxy.username}:{proxy.password}".encode()).decode()
        request += f"Proxy-Authorization: Basic {login}\r\n"
    answer = HeaderLink(link, until)
    answer.sendall(f"{request}\r\n".encode())
    while not answer.is_complete:
        answer.recv(1)
    if answer.status.split()[1:2] != ["200"]:
        raise ProxyError(f"the proxy's answer was: {answer.status}")


def _context(ca_file: str | None) -> ssl.SSLContext:
    # Made by hand: ssl.create_default_context would write the keys to $SSLKEYLOGFILE.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION  # so that sending never has to wait for receiving
    context.load_default_certs()
    if ca_file is not None:
        try:
            context.load_verify_locations(ca_file)
        except OSError as error:
            raise UsageError(f"The CA file {ca_file} cannot be used: {error.strerror}") from error
    return context
