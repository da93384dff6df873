"""Where the contract is tried: a client with a broker that answers, and one whose platform says next to nothing."""

from actors.runtime import Runtime
from actors.stepped import SteppedRuntime
from messages.base import Message
from messages.session import SessionState
from optionbus.client import PocketOption
from supervisor.settings import RequestSettings, Settings
from tests.optionbus.stepped_client import SteppedClient
from tests.played_client import PlayedClient

ASSET = "EURUSD_otc"
SECONDS = 2.0
"""The deadline of every request."""

SETTINGS = Settings(requests=RequestSettings(timeout_seconds=SECONDS, order_timeout_seconds=SECONDS))

DEAL = (
    b'[{"id":"a-deal","openTimestamp":%d,"closeTimestamp":%d,"asset":"EURUSD_otc","amount":1,"profit":0.9,'
    b'"percentProfit":90,"openPrice":1.5,"closePrice":0,"command":0,"isDemo":1}]'
)
PENDING = (
    b'[{"ticket":"a-ticket","openType":1,"amount":1,"symbol":"EURUSD_otc","openTime":"0000-00-00 00:00:00",'
    b'"openPrice":1.5,"timeframe":60,"minPayout":60,"command":0}]'
)


class Scene:
    """A started client, and what a call needs: a deal that is open, a pending order that waits."""

    client: PocketOption
    runtime: SteppedRuntime

    def deal_id(self) -> str:
        """An open deal."""
        raise NotImplementedError

    def ticket(self) -> str:
        """A pending order."""
        raise NotImplementedError

    def new_runtime(self) -> Runtime:
        """Another clock, for another client."""
        return SteppedRuntime()


class AnsweringScene(Scene):
    """With the embedded broker."""

    def __init__(self) -> None:
        stepped = SteppedClient(config=SETTINGS)
        self.client, self.runtime = stepped.client, stepped.runtime

    def deal_id(self) -> str:
        return self.client.buy(ASSET, 1, 60).get().id

    def ticket(self) -> str:
        pending = self.client.open_pending_order(
            1, 1, ASSET, open_price=0.5, timeframe=60, min_payout=10, command="call"
        )
        return pending.get().ticket


class SilentScene(Scene):
    """With a platform that takes the login, tells of the assets where it comes to READY, and answers nothing."""

    def __init__(self, state: SessionState = SessionState.READY) -> None:
        self.played = PlayedClient(SETTINGS)
        self.client, self.runtime = self.played.client, self.played.runtime
        self.played.bring_to(state)

    @property
    def sent(self) -> list[str | bytes]:
        """What went over the wire."""
        return [data for channel in self.played.network.channels for data in channel.sent]

    def deal_id(self) -> str:
        opened = int(self.runtime.clock.now()) + 7200
        self.played.channel.push_event("updateOpenedDeals", DEAL % (opened, opened + 60))
        self.played.settle()
        return "a-deal"

    def ticket(self) -> str:
        self.played.channel.push_event("successupdatePending", PENDING)
        self.played.settle()
        return "a-ticket"

    def deafen(self) -> None:
        """Let no actor get to anything any more, as if each hung over its last message."""
        for address in self.client._edge.system.directory.addresses():
            address.tell = _lost

    def cut_after(self, seconds: float) -> None:
        """End the connection so much later."""
        channel = self.played.channel
        self.runtime.call_later(seconds, channel.lose)

    @property
    def crashed(self) -> list[str]:
        """The actors that died, though they were restarted; a connection's life is that of its socket."""
        addresses = self.client._edge.system.directory.addresses()
        return [each.name for each in addresses if each.vitals.incarnation > 1 and "Connection" not in each.name]


def _lost(_message: Message) -> None:
    pass
