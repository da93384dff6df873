"""Which of several places is the nearest: all are connected to at once, through TLS, and dropped again.

Decides how long is waited, and that a place which cannot be reached takes no part. Asks nobody else where the user is.
Does not know what is done with the result.
"""

import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from queue import Empty, SimpleQueue

from python_socks import ProxyError

from actors.ports import Endpoint
from actors.runtime import ActorThread
from actors.websocket_dial import dial
from actors.websocket_link import Link
from messages.errors import UsageError

RACE_SECONDS = 2.0
"""Whoever has not answered by then is far away."""

_Lap = tuple[str, float | None]


def race(endpoints: Sequence[Endpoint]) -> Mapping[str, float]:
    """The seconds that each took, by URL, the quickest first; without those that did not answer in time."""
    began = time.monotonic()
    until = began + min(RACE_SECONDS, *(endpoint.connect_timeout_seconds for endpoint in endpoints))
    finish: SimpleQueue[_Lap] = SimpleQueue()
    for endpoint in endpoints:
        runner = _Runner(endpoint, until, finish)
        ActorThread(target=runner.run, name="Runner", daemon=True).start()
    laps: dict[str, float] = {}
    for _ in endpoints:
        with suppress(Empty):
            url, ended = finish.get(timeout=max(0.0, until - time.monotonic()))
            if ended is not None:
                laps[url] = ended - began
    return laps


class _Runner:
    def __init__(self, endpoint: Endpoint, until: float, finish: "SimpleQueue[_Lap]") -> None:
        self._endpoint = endpoint
        self._until = until
        self._finish = finish

    def run(self) -> None:
        link, ended = Link(), None
        try:
            dial(link, self._endpoint, self._until)
            ended = time.monotonic()
        except (OSError, ProxyError, UsageError):  # connecting to it will say what is wrong
            pass
        finally:
            self._finish.put((self._endpoint.url, ended))
            link.close()
