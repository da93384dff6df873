"""A wss server that echoes every message at once: ``python -m tests.faults.echo_server --ca-file FILE``; says its port.

Decides that each message is answered by itself, in order. Does not know what is in it.
"""

import argparse
import contextlib
import socket
import ssl
import sys
import threading
from pathlib import Path

from benchmarks.frames import BINARY, cut, frame
from simulator import certificates
from tests.actors.raw_server import Peer
from tests.faults.programs import say


def echo(connection: socket.socket, context: ssl.SSLContext) -> None:
    """Serve one client until it is gone."""
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    peer = Peer(connection)
    with contextlib.suppress(OSError):
        peer.start_tls(context)
        peer.upgrade()
        received = bytearray()
        while data := peer.socket.recv(65_536):
            received += data
            peer.send(b"".join(frame(BINARY, message) for message in cut(received)))
    peer.socket.close()


def serve(listener: socket.socket, context: ssl.SSLContext) -> None:
    """Serve whoever connects, each on a thread."""
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=echo, args=(connection, context), daemon=True).start()


def main() -> None:
    """Say the port, and serve."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults.echo_server", description=__doc__)
    parser.add_argument("--ca-file", type=Path, required=True, help="write here what clients have to trust")
    options = parser.parse_args()
    credentials = certificates.make()
    options.ca_file.write_bytes(credentials.authority)
    listener = socket.create_server(("127.0.0.1", 0))
    threading.Thread(target=serve, args=(listener, credentials.context), daemon=True).start()
    say(listener.getsockname()[1])
    sys.stdin.read()


if __name__ == "__main__":
    main()
