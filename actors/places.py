"""What the address of a server or a proxy says.

Decides which addresses can be used, and that an error never quotes one: it may hold a password. Pure. Does not know
who connects.
"""

from collections.abc import Mapping
from typing import Final, NamedTuple
from urllib.parse import unquote, urlsplit

from messages.errors import UsageError
from messages.secret import Secret

SERVER_PORTS: Final = {"ws": 80, "wss": 443}
PROXY_PORTS: Final = {"http": 80, "socks5": 1080, "socks5h": 1080}


class Place(NamedTuple):
    """A host, how it is spoken to, and who one says to be."""

    scheme: str
    host: str
    port: int
    username: str
    password: Secret


def place_of(url: str, ports: Mapping[str, int]) -> Place:
    """Read an address whose schemes, and the ports they usually have, are given. Raises UsageError."""
    if "://" not in url and "http" in ports:
        url = f"http://{url}"
    try:
        parts = urlsplit(url)
        port = parts.port or ports[parts.scheme]
        host = parts.hostname or ""
    except (ValueError, KeyError):
        host = ""
    if not host or parts.scheme not in ports:
        schemes = " or ".join(f"{scheme}://" for scheme in ports)
        raise UsageError(f"An address cannot be used. Give {schemes}, a host, and a port if it is not the usual one.")
    return Place(parts.scheme, host, port, unquote(parts.username or ""), Secret(unquote(parts.password or "")))
