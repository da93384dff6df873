"""A client on stepped time whose network is the test's: it can be stopped at every stage of a session's life."""

from collections.abc import Callable

from actors.stepped import SteppedRuntime
from messages.secret import Secret
from messages.session import SessionState
from messages.wire.framing import encode_connect, encode_event, encode_open
from messages.wire.ssid import Ssid
from optionbus.client import PocketOption
from optionbus.testing import FakeChannel, FakeTransport
from supervisor.settings import Settings

SSID = Secret('42["auth",{"session":"abcdefghijklmnopqrstuvwxyz","isDemo":1,"uid":12345,"platform":2}]')
ASSETS = b'[[5,"EURUSD_otc","EUR/USD OTC","currency",5,92,60,30,3,1,0,0,[],1893456000,true,[{"time":60}],-1,60,-1]]'
GREETING = (encode_open("sid", 25_000, 20_000), encode_connect("sid"))


class PlayedClient:
    """The client, started; the platform does what the test lets it do."""

    def __init__(self, settings: Settings | None = None) -> None:
        self.runtime = SteppedRuntime()
        self.network = FakeTransport()
        self.client = PocketOption.__new__(PocketOption)
        self.client._assemble(
            Ssid.parse(SSID), settings or Settings(), (), runtime=self.runtime, transport=self.network
        )
        self.client.start()

    @property
    def channel(self) -> FakeChannel:
        """The latest connection."""
        return self.network.channel

    @property
    def live(self) -> int:
        """How many connections there are, begun or made."""
        return sum(not channel.has_ended for channel in self.network.channels)

    def settle(self) -> None:
        """Let everything happen that takes no time."""
        self.runtime.run_until_idle()

    def accept(self) -> None:
        """Let the platform take the login and say which assets there are."""
        self._log_in()
        self.channel.push_event("updateAssets", ASSETS)
        self.settle()

    def bring_to(self, state: SessionState) -> None:
        """Bring the session to a state, as it comes there in real life."""
        if state is not SessionState.IDLE:  # which is left with the first step
            self.settle()
        _WAYS[state](self)
        assert self.client.state is state

    def _open(self) -> None:
        self.channel.open()
        self.settle()

    def _greet(self) -> None:
        self._open()
        self.channel.push(*GREETING)
        self.settle()

    def _log_in(self) -> None:
        self.channel.accept()  # and say nothing of assets, for which restoring waits
        self.settle()

    def _refuse(self) -> None:
        self._greet()
        self.channel.push(encode_event("NotAuthorized"))
        self.settle()

    def _lose_twice(self) -> None:
        for _ in range(2):  # the first retry is at once
            self.channel.lose()
            self.runtime.advance(0.0)

    def _hold(self) -> None:
        self.client.disconnect_and_hold().get()

    def _shut_down(self) -> None:
        self.client.shutdown().get()

    def _stay(self) -> None:
        pass


_WAYS: dict[SessionState, Callable[[PlayedClient], None]] = {
    SessionState.IDLE: PlayedClient._stay,
    SessionState.CONNECTING: PlayedClient._stay,
    SessionState.HANDSHAKING: PlayedClient._open,
    SessionState.AUTHENTICATING: PlayedClient._greet,
    SessionState.RESTORING: PlayedClient._log_in,
    SessionState.READY: PlayedClient.accept,
    SessionState.BACKING_OFF: PlayedClient._lose_twice,
    SessionState.HELD: PlayedClient._hold,
    SessionState.REJECTED: PlayedClient._refuse,
    SessionState.CLOSED: PlayedClient._shut_down,
}
"""How to get there from the first attempt."""
