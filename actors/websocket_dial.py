"""Making the connection that a WebSocket will live on: directly or through a proxy, plain or TLS.

Decides which proxy is asked and which certificates are believed. Does not know WebSocket.
"""

import ssl
from base64 import b64encode
from ipaddress import ip_address
from typing import Any, Final

from python_socks import ProxyError, ProxyType
from python_socks.sync import Proxy

from actors.places import PROXY_PORTS, SERVER_PORTS, Place, place_of
from actors.ports import Endpoint
from actors.websocket_headers import BlockingLink, HeaderLink
from actors.websocket_link import Link
from messages.errors import UsageError


def dial(link: Link, endpoint: Endpoint, until: float) -> None:
    """Connect ``link`` to the endpoint. Raises OSError, ProxyError and UsageError; nothing quotes a password."""
    server = place_of(endpoint.url, SERVER_PORTS)
    proxy = _proxy(endpoint, server)
    if proxy is None:
        link.connect(server.host, server.port, until)
    else:
        link.connect(proxy.host, proxy.port, until)
        _pass(link, proxy, server, until)
    if server.scheme == "wss":
        link.start_tls(_context(endpoint), server.host, until)


def _proxy(endpoint: Endpoint, server: Place) -> Place | None:
    from urllib.request import getproxies, proxy_bypass  # noqa: PLC0415 - slow to import, and not needed before

    url = None if endpoint.proxy is None else endpoint.proxy.reveal()
    if url is None and not (_is_loopback(server.host) or proxy_bypass(server.host)):
        known = getproxies()
        url = known.get("https" if server.scheme == "wss" else "http") or known.get("all")
    if not url:
        return None
    return place_of(url, PROXY_PORTS)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _pass(link: Link, proxy: Place, server: Place, until: float) -> None:
    if proxy.scheme == "http":
        _pass_http(link, proxy, server, until)
        return
    # Asked for the host by name, the proxy resolves it; socks5:// wants it resolved here.
    host = server.host if proxy.scheme == "socks5h" else link.resolve(server.host, server.port, until)[0][4][0]
    connected: Any = BlockingLink(link, until)
    username = proxy.username or None
    password = proxy.password.reveal() if username else None
    socks = Proxy(ProxyType.SOCKS5, proxy.host, proxy.port, username, password, rdns=True, forward=connected)
    socks.connect(host, server.port)


def _pass_http(link: Link, proxy: Place, server: Place, until: float) -> None:
    place = f"[{server.host}]:{server.port}" if ":" in server.host else f"{server.host}:{server.port}"
    request = f"CONNECT {place} HTTP/1.1\r\nHost: {place}\r\n"
    if proxy.username:
        login = b64encode(f"{proxy.username}:{proxy.password.reveal()}".encode()).decode()
        request += f"Proxy-Authorization: Basic {login}\r\n"
    answer = HeaderLink(link, until)
    answer.sendall(f"{request}\r\n".encode())
    answer.recv(1)
    code = "".join(answer.status.split()[1:2])
    if code != "200":  # no more of the answer is shown: it could repeat the login
        raise ProxyError(f"the proxy answered {code if code.isdecimal() else 'nonsense'}")
    if answer.rest:  # nobody has spoken to the server yet
        raise ProxyError("the proxy said more than it was asked")


_VERSIONS: Final = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


def _context(endpoint: Endpoint) -> ssl.SSLContext:
    # Made by hand: ssl.create_default_context would write the keys to $SSLKEYLOGFILE.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = _VERSIONS[endpoint.minimum_tls]
    context.options |= ssl.OP_NO_RENEGOTIATION  # so that sending never has to wait for receiving
    context.load_default_certs()
    if endpoint.ca_file is not None:
        try:
            context.load_verify_locations(endpoint.ca_file)
        except OSError as error:
            raise UsageError(f"The CA file {endpoint.ca_file} cannot be used: {error.strerror}") from error
    return context
