"""The bare limit: stock websocket-client and msgspec in a loop, no actors, no reconnecting, nothing else.

A contestant. Decides nothing: it is what remains when everything that can be left out is left out.
"""

import time

import msgspec
from websocket import ABNF, WebSocket, create_connection

from benchmarks import task
from benchmarks.frames import SYMBOLS
from benchmarks.task import SSID, Figures, Task

_ROWS = msgspec.json.Decoder(list[tuple[str, float, float]])


def ticks(given: Task) -> Figures:
    """Ticks a second, from the socket to the loop."""
    connection = _log_in(given)
    receive, decode = connection.recv_data, _ROWS.decode
    task.begin(given.port)
    cpu = task.cpu_seconds()
    left, is_tick, begin = given.plan.ticks, False, 0.0
    while left > 0:
        opcode, data = receive()
        if opcode == ABNF.OPCODE_TEXT:
            is_tick = data.startswith(b'451-["updateStream"')
        elif is_tick:
            begin = begin or time.perf_counter()
            for _symbol, _time, _price in decode(data):
                left -= 1
    return task.throughput(given.plan.ticks, time.perf_counter() - begin, task.cpu_seconds() - cpu)


def _log_in(given: Task) -> WebSocket:
    # Without the validation of UTF-8, which is written in Python: faster than out of the box.
    connection: WebSocket = create_connection(
        given.url, timeout=task.PATIENCE_SECONDS, skip_utf8_validation=True, http_no_proxy=["127.0.0.1"]
    )
    for said in (
        "40",
        SSID,
        f'42["changeSymbol",{{"asset":"{SYMBOLS[0]}","period":60}}]',
        f'42["subfor","{SYMBOLS[0]}"]',
    ):
        connection.send(said)
    while not connection.recv_data()[1].startswith(b'451-["updateHistoryNewFast"'):
        pass
    connection.recv_data()
    return connection


if __name__ == "__main__":
    task.main({"ticks": ticks})
