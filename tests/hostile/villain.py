"""A broker that turns hostile when it is told to: a process of its own (``python -m tests.hostile.villain``).

Theory of operation. It prints its port, and behaves; a line ``NAME`` on its standard input has it commit that attack on
the present connection, or on the next one where the attack comes instead of an answer. It then says that it is armed,
where it waits for one, and prints when it began to
send what offends, when it had, how much of it was taken, and when a ping behind it was answered, by the monotonic
clock, which all processes of a machine share.

Does not know what it costs its victim.
"""

import contextlib
import json
import socket
import struct
import sys
import threading
import time
from queue import SimpleQueue
from typing import Final

from msgspec import Struct, to_builtins
from websockets.frames import Frame

from simulator.broker import Broker, Outgoing
from simulator.streams import ConnectionId
from tests.actors.raw_server import Peer, RawServer
from tests.hostile.attacks import ATTACKS, MEBIBYTE, Attack, Kind, farewell

MOST_BYTES: Final = 64 * MEBIBYTE
PATIENCE_SECONDS: Final = 3.0
ANSWER_SECONDS: Final = 10.0
DEED_SECONDS: Final = 20.0


class Deed(Struct, frozen=True, kw_only=True):
    """What was done, and when."""

    began: float
    sent: float
    taken_bytes: int
    answered: float | None = None


class Villain:
    """Serves one client."""

    def __init__(self) -> None:
        self._broker = Broker(seed=1)
        self._changed = threading.Condition()
        self._peer: Peer | None = None
        self._armed: Attack | None = None
        self._deeds: SimpleQueue[Deed] = SimpleQueue()
        self._pongs = 0

    def serve(self, peer: Peer) -> None:
        """Behave, unless armed."""
        peer.socket.settimeout(None)
        # For sending alone: another thread receives.
        peer.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, struct.pack("ll", int(PATIENCE_SECONDS), 0))
        with contextlib.suppress(OSError):
            attack, self._armed = self._armed, None
            if attack is not None:
                self._ambush(peer, attack)
            else:
                peer.upgrade()
                self._behave(peer)

    def commit(self, attack: Attack) -> Deed:
        """Commit it, and say what was done."""
        self._deeds = SimpleQueue()
        if attack.kind is Kind.FRAMES:
            self._assault(self._present(), attack)
        else:
            self._armed = attack
            _tell({"armed": True})
            with contextlib.suppress(OSError, TimeoutError):  # one that has gone comes back by itself
                self._present(0.0).socket.shutdown(socket.SHUT_RDWR)
        return self._deeds.get(timeout=DEED_SECONDS)

    def _present(self, patience_seconds: float = PATIENCE_SECONDS) -> Peer:
        with self._changed:
            if not self._changed.wait_for(lambda: self._peer is not None, patience_seconds) or self._peer is None:
                raise TimeoutError("no client has connected")
            return self._peer

    def _ambush(self, peer: Peer, attack: Attack) -> None:
        if attack.kind is Kind.UPGRADE:
            peer.upgrade("Sec-WebSocket-Extensions", "permessage-deflate")
        else:
            peer.read_header()
        self._assault(peer, attack)

    def _behave(self, peer: Peer) -> None:
        with self._changed:
            self._peer = peer
            self._changed.notify_all()
        name, outgoing = self._broker.connect(time.time())
        try:
            self._say(peer, outgoing)
            while data := peer.socket.recv(65_536):
                peer.protocol.receive_data(data)
                for event in peer.protocol.events_received():
                    if isinstance(event, Frame):
                        self._hear(peer, name, bytes(event.data))
        finally:
            self._broker.disconnect(name)
            with self._changed:
                if self._peer is peer:  # the client may be back before this one is seen to have gone
                    self._peer = None
                    self._changed.notify_all()

    def _hear(self, peer: Peer, name: ConnectionId, data: bytes) -> None:
        if data == b"3":
            with self._changed:
                self._pongs += 1
                self._changed.notify_all()
        self._say(peer, self._broker.feed(name, data.decode(), time.time()))

    def _say(self, peer: Peer, outgoing: list[Outgoing]) -> None:
        for item in outgoing:
            if isinstance(item.frame, str):
                peer.protocol.send_text(item.frame.encode())
            elif item.frame is not None:
                peer.protocol.send_binary(item.frame)
        with self._changed:  # no attack comes in between
            peer.send(b"".join(peer.protocol.data_to_send()))

    def _assault(self, peer: Peer, attack: Attack) -> None:
        burst, pongs, taken = attack.burst(), self._pongs, 0
        began = sent = time.monotonic()
        with contextlib.suppress(OSError):
            peer.send(burst if attack.ends else burst + farewell())
            sent, taken = time.monotonic(), len(burst)
            while attack.more and taken < MOST_BYTES:
                peer.send(attack.more)
                taken += len(attack.more)
        answered = None
        with self._changed:
            if not attack.ends:
                self._changed.wait_for(lambda: self._pongs > pongs or self._peer is not peer, ANSWER_SECONDS)
                answered = time.monotonic() if self._pongs > pongs else None
        self._deeds.put(Deed(began=began, sent=sent, taken_bytes=taken, answered=answered))


def main() -> None:
    """Until nobody commands any more."""
    villain = Villain()
    with RawServer(villain.serve) as server:
        _tell({"url": f"ws://127.0.0.1:{server.port}/socket.io/?EIO=4&transport=websocket"})
        for line in sys.stdin:
            _tell(to_builtins(villain.commit(ATTACKS[line.strip()])))


def _tell(what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
