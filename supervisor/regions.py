"""The platform's own hosts: where they stand, and by which names a user may ask for them.

Decides which hosts a name means, and which are tried when nobody names one. Pure. Does not know which is near.
"""

from typing import Final

from msgspec import Struct

URL: Final = "wss://{}.po.market/socket.io/?EIO=4&transport=websocket"
FASTEST: Final = "fastest"
"""Said in place of a name: whichever is the nearest."""


class Host(Struct, frozen=True):
    """One host: the first label of its name, and its place where that is known."""

    label: str
    place: str = ""

    @property
    def is_demo(self) -> bool:
        """Whether it is for demo accounts."""
        return "demo" in self.label

    @property
    def region(self) -> str:
        """What is left of its name without what all have."""
        return self.label.rpartition("api-")[2].removeprefix("try-demo-")

    @property
    def names(self) -> tuple[str, ...]:
        """Everything it may be called, in lower case."""
        names = (self.region, self.label, f"{self.label}.po.market", self.place.lower())
        return tuple(name for name in names if name)


HOSTS: Final = (
    Host("api-eu", "Prague"),
    Host("api-us-south", "Dallas"),
    Host("api-asia"),
    Host("api-msk", "Moscow"),
    Host("api-spb", "St Petersburg"),
    *map(Host, ("api-us-north", "api-us2", "api-us3", "api-us4", "api-fr", "api-fr2", "api-in", "api-fin")),
    *map(Host, ("api-sc", "api-hk", "api-l", "api-c")),
    Host("demo-api-eu"),
    Host("try-demo-eu"),
)
USUAL: Final = ("api-eu", "api-us-south", "api-asia", "demo-api-eu", "try-demo-eu")
"""Those that are tried when nobody asks for another, in turn."""


def is_fastest(name: str | None) -> bool:
    """Whether the nearest is asked for."""
    return (name or "").lower() == FASTEST


def names(*, is_demo: bool | None = None) -> tuple[str, ...]:
    """What may be asked for: of one kind of account, or of both."""
    hosts = (host for host in HOSTS if is_demo in (None, host.is_demo))
    return tuple(dict.fromkeys([FASTEST, *(name for host in hosts for name in (host.region, host.place) if name)]))


def is_known(name: str, *, is_demo: bool | None = None) -> bool:
    """Whether the name means a host, or the nearest one."""
    known = (host.names for host in HOSTS if is_demo in (None, host.is_demo))
    return is_fastest(name) or any(name.lower() in names for names in known)


def urls(name: str | None, *, is_demo: bool) -> tuple[str, ...]:
    """Where to connect, in turn: to the hosts of that name, then to the usual ones; or to any of all."""
    hosts = [host for host in HOSTS if host.is_demo is is_demo]
    usual = [host for host in hosts if host.label in USUAL]
    chosen = hosts if is_fastest(name) else [host for host in hosts if (name or "").lower() in host.names]
    return tuple(URL.format(host.label) for host in dict.fromkeys([*chosen, *usual]))
