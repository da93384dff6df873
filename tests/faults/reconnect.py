"""From an RST to READY: the connection is reset, or torn within a frame, again and again.

Decides what is timed: from the moment at which the proxy resets it to the session being told READY, with everything
restored. Beside it a bare WebSocket that only logs in, through the same proxy in the same run.
"""

import time
from collections.abc import Sequence
from contextlib import closing
from typing import Final

import websocket

from benchmarks.task import percentile
from messages.session import SessionState
from optionbus.simulated import SSID
from supervisor.settings import ReconnectSettings
from tests.faults.client import AT_ONCE, Moves, proxied, ready_client
from tests.faults.figure import Control, Figure, Reading, at_most, exactly, p50_and_p99
from tests.faults.programs import PATIENCE_SECONDS, Program

P50_MS, P99_MS = 50.0, 250.0
MOST_TIMES_A_LOGIN: Final = 12.0
"""What restoring a session may cost, in bare logins; it is some four on a machine that is not busy."""
DELAY_SECONDS: Final = 0.02
SLOW: Final = ReconnectSettings(base_seconds=0.5, maximum_seconds=0.5)


def measure(is_full: bool) -> Sequence[Reading]:  # noqa: FBT001 - every figure's
    """Reset it so often; a tenth as often tear a frame, and reset it on a slow line."""
    return _measure(1_000 if is_full else 30, AT_ONCE)


def control(_is_full: bool) -> Sequence[Reading]:  # noqa: FBT001
    """The same with a client that waits before it comes back."""
    return _measure(5, SLOW)


def _measure(cuts: int, reconnect: ReconnectSettings) -> Sequence[Reading]:
    torn = max(2, cuts // 10)
    with proxied() as (_, proxy, url):
        logins = [_bare_login(url) for _ in range(20)]
        with ready_client(url, reconnect=reconnect) as (client, moves):
            client.subscribe("EURUSD_otc").confirmed.get(timeout=PATIENCE_SECONDS)
            took = [_cut(proxy, moves, "reset") for _ in range(cuts)]
            halves = [_cut(proxy, moves, "half") for _ in range(torn)]
            proxy.ask("delay", DELAY_SECONDS)
            slow = [_cut(proxy, moves, "reset") for _ in range(torn)]
            is_ready = client.state is SessionState.READY
    return [
        exactly("READY again after an RST", len(took), cuts),
        exactly("READY again after half a frame", len(halves), torn),
        exactly("READY again on a slow line", len(slow) if is_ready else 0, torn),
        at_most("p50, in bare logins", percentile(took, 0.5) / percentile(logins, 0.5), MOST_TIMES_A_LOGIN),
        *p50_and_p99(took, P50_MS, P99_MS),
    ]


def _cut(proxy: Program, moves: Moves, how: str) -> float:
    """How long it took to come back (seconds). Raises queue.Empty where it does not."""
    moment = float(proxy.ask(how))
    return moves.ready().moment - moment


def _bare_login(url: str) -> float:
    began = time.monotonic()
    with closing(websocket.create_connection(url, timeout=PATIENCE_SECONDS)) as connection:
        connection.recv()
        connection.send("40")
        connection.recv()
        connection.send(SSID.reveal())
        assert "successauth" in str(connection.recv())
        return time.monotonic() - began


FIGURE: Final = Figure(
    name="reconnect",
    what="from an RST to READY, through a proxy that resets; and torn within a frame",
    measure=measure,
    controls=(
        Control(
            broken="a client that waits half a second before it connects again",
            measure=control,
            misses="p50, in bare logins",
        ),
    ),
)
