"""What is wrong with settings whose types are right.

Decides which values cannot be meant: found out here, they are told before anything is started. Pure: whether a file or
a host is there is seen when it is used. Does not know where a value came from.
"""

from base64 import b64encode
from collections.abc import Iterator
from math import isfinite
from typing import NamedTuple
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from actors.places import PROXY_PORTS, SERVER_PORTS, place_of
from messages.errors import UsageError
from messages.secret import Secret
from supervisor import regions
from supervisor.settings import ConnectionSettings, Settings


class Problem(NamedTuple):
    """What is wrong with the field of that path; ``item`` is which of a list, as ``[1]``."""

    path: tuple[str, ...]
    text: str
    item: str = ""


def problems(settings: Settings) -> Iterator[Problem]:
    """Everything that is wrong; no text quotes a value that may be secret."""
    yield from _endless(settings)
    yield from _of_addresses(settings.connection)
    yield from _of_headers(settings.connection)
    region = settings.connection.region
    if region is not None and not regions.is_known(region):
        yield _of("region", f"there is no region {region!r}. Give one of {', '.join(regions.names())}.")


def region_problem(settings: Settings, *, is_demo: bool) -> Problem | None:
    """What is wrong with the region for this kind of account: not all hosts are for both."""
    region = settings.connection.region
    if settings.connection.urls or region is None or regions.is_known(region, is_demo=is_demo):
        return None
    kind = "demo" if is_demo else "real"
    known = ", ".join(regions.names(is_demo=is_demo))
    return _of("region", f"{region!r} is not for {kind} accounts. Give one of {known}.")


def proxy_secrets(settings: Settings) -> tuple[Secret, ...]:
    """What no text may hold: the proxy's password, in whatever form it travels."""
    proxy = settings.connection.proxy
    if proxy is None or not proxy.reveal():
        return ()
    place = place_of(proxy.reveal(), PROXY_PORTS)
    password = place.password.reveal()
    written = urlsplit(proxy.reveal()).password or ""
    login = b64encode(f"{place.username}:{password}".encode()).decode()
    return tuple(Secret(form) for form in (login, written, password) if password)


def _endless(settings: Settings) -> Iterator[Problem]:
    for section in msgspec.structs.fields(settings):
        values = getattr(settings, section.name)
        for field in msgspec.structs.fields(values) if isinstance(values, Struct) else ():
            value = getattr(values, field.name)
            if isinstance(value, float) and not isfinite(value):
                yield Problem((section.name, field.name), "Expected a finite number.")


def _of_addresses(connection: ConnectionSettings) -> Iterator[Problem]:
    for index, url in enumerate(connection.urls):
        try:
            if place_of(url, SERVER_PORTS).username:
                yield _of("urls", "it names a user, which a server is not told. Leave that out.", f"[{index}]")
        except UsageError as error:
            yield _of("urls", error.text, f"[{index}]")
    if connection.proxy is not None and connection.proxy.reveal():
        try:
            place_of(connection.proxy.reveal(), PROXY_PORTS)
        except UsageError as error:
            yield _of("proxy", error.text)


def _of_headers(connection: ConnectionSettings) -> Iterator[Problem]:
    for name in ("origin", "user_agent"):
        if not (getattr(connection, name).isascii() and getattr(connection, name).isprintable()):
            yield _of(name, "it goes into a header. Give one line of ASCII.")


def _of(field: str, text: str, item: str = "") -> Problem:
    return Problem(("connection", field), text, item)
