"""Kills a trading client again and again, and then compares its journal with what its broker has carried out.

``python -m tests.kill_cycles --cycles 10000``: prints the figures, exit code 1 where one that must be 0 is not. The
broker runs in a process of its own, is slow with some orders and deduplicates none. Every client is a child of this
process (which has imported everything and started nothing), trades the same account as the one before it, and is killed
without warning after a random time. What nobody can resolve is settled by an operator who sees what the broker sees.

``--resend`` is the control: a client that sends again what its journal does not know the end of. It must fail.
"""

import argparse
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing, contextmanager
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

from msgspec.structs import replace

from actors.orders.journal import SqliteJournal
from actors.orders.ledger import OrderEvent, advance
from messages.base import AddressName
from messages.errors import BusError
from messages.order_errors import JournalUnavailable
from messages.orders import OrderRecord, OrderState
from messages.secret import Secret
from messages.session import SendFrame
from messages.trading import OrderId, PlaceTrade
from messages.wire.commands import open_order
from messages.wire.ssid import Ssid
from optionbus import Config, PocketOption
from optionbus.account_folder import folder_of
from supervisor.settings import ConnectionSettings, JournalSettings

ROOT = Path(__file__).parents[1]
SESSION = (
    'a:4:{s:10:"session_id";s:32:"00000000000000000000000000000000";s:10:"ip_address";s:9:"127.0.0.1";s:10:"user_agent";s:4:"Test";s:13:"last_activity";i:1700000000;}'
    + "0" * 32
)
SSID = "42" + json.dumps(["auth", {"session": SESSION, "isDemo": 0, "uid": 77, "platform": 2}])
"""A real account: a demo one takes ten deals at once."""

LONGEST_LIFE_SECONDS = 0.15
OPERATOR_EVERY = 50
END_SECONDS = 60.0
"""How long the last client may take to resolve what is left."""

PLACED = (OrderState.OPEN, OrderState.CLOSED)
NOT_PLACED = (OrderState.DENIED, OrderState.REJECTED, OrderState.NOT_PLACED)


class Campaign:
    """All cycles against one broker."""

    def __init__(self, folder: Path, url: str, seed: int, *, resends: bool) -> None:
        self.folder = folder
        self.config = Config(
            connection=ConnectionSettings(urls=(url,)), journal=JournalSettings(folder=str(folder / "state"))
        )
        self.account = folder_of(Ssid.parse(Secret(SSID)), self.config)
        self.audit = folder / "audit.jsonl"
        self.random = random.Random(seed)
        self.resends = resends
        self.acknowledged: set[str] = set()
        self.by_hand: set[str] = set()

    def run(self, cycles: int) -> None:
        """Live and die so many times."""
        began = time.monotonic()
        for cycle in range(1, cycles + 1):
            self.acknowledged |= self._cycle()
            if cycle % OPERATOR_EVERY == 0:
                self._operate()
                rate = cycle / (time.monotonic() - began)
                sys.stderr.write(f"\r{cycle} of {cycles} cycles, {rate:.1f} a second")
                sys.stderr.flush()
        sys.stderr.write("\n")

    def _cycle(self) -> set[str]:
        """One client, from its start to its death; the orders that it was told of."""
        life, seed = self.random.uniform(0.0, LONGEST_LIFE_SECONDS), self.random.getrandbits(64)
        reader, writer = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reader)
            self._trade(writer, seed)
        os.close(writer)
        try:
            time.sleep(life)
        finally:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
        with os.fdopen(reader) as told:
            return {line.strip() for line in told if line.endswith("\n")}

    def _trade(self, told: int, seed: int) -> None:
        """In the child: place one order after the other, and say which were acknowledged. Never returns."""
        try:
            with self.client(seed) as client:
                client.wait_ready(timeout=10)
                if self.resends:
                    _resend(client)
                chance = random.Random(seed)
                assets = [asset.symbol for asset in client.active_assets().get() if asset.min_duration_seconds <= 5]
                while True:
                    try:
                        deal = client.buy(chance.choice(assets), Decimal(chance.randrange(100, 2_000)) / 100, 5).get()
                    except BusError:
                        continue
                    os.write(told, f"{deal.order_id}\n".encode())
        finally:
            os._exit(1)

    def client(self, seed: int) -> PocketOption:
        client = PocketOption(SSID, config=self.config, allow_real=True)
        client._edge.runtime.random.seed(seed)  # or all children would give their orders the same ids
        return client

    def resolve(self) -> None:
        """Let a last client live until it knows the end of all orders."""
        with self.client(0) as client:
            client.wait_ready(timeout=10)
            until = time.monotonic() + END_SECONDS
            while time.monotonic() < until and any(
                order.state is not OrderState.MANUAL for order in client.orders(unresolved=True).get()
            ):
                time.sleep(0.5)

    def journal(self) -> list[OrderRecord]:
        with closing(SqliteJournal(self.account, is_exclusive=False)) as journal:
            return list(journal.orders())

    def executed(self) -> list[str]:
        """The id of every order that the broker has carried out, as often as it did."""
        lines = self.audit.read_text().splitlines() if self.audit.exists() else []
        return [str(json.loads(line)["request_id"]) for line in lines]

    def _operate(self) -> None:
        """Settle by hand what is left to a person, by what the broker has done."""
        executed = set(self.executed())
        try:
            with closing(SqliteJournal(self.account)) as journal:
                for order in list(journal.orders()):
                    if order.state is OrderState.MANUAL:
                        self.by_hand.add(order.order_id)
                        event = OrderEvent.CLOSE if order.order_id in executed else OrderEvent.RULE_OUT
                        journal.intend(replace(order, state=advance(order.state, event), reason="settled by hand"))
        except JournalUnavailable:
            return  # nobody has traded yet


def figures(campaign: Campaign) -> dict[str, int]:
    """What must be 0 comes first; the rest says that something was tried at all."""
    times = Counter(campaign.executed())
    states = {order.order_id: order.state for order in campaign.journal() if not order.is_external}
    return {
        "duplicates": sum(1 for count in times.values() if count > 1),
        "executed_without_intent": sum(1 for order_id in times if order_id not in states),
        "acknowledged_missing": sum(
            1 for order_id in campaign.acknowledged if states.get(OrderId(order_id)) not in (*PLACED, OrderState.MANUAL)
        ),
        "executed_believed_not": sum(1 for order_id in times if states.get(OrderId(order_id)) in NOT_PLACED),
        "not_executed_believed_placed": sum(
            1 for order_id, state in states.items() if state in PLACED and order_id not in times
        ),
        "executed": sum(times.values()),
        "acknowledged": len(campaign.acknowledged),
        "acknowledged_settled_by_hand": sum(1 for order_id in campaign.acknowledged if order_id in campaign.by_hand),
        "settled_by_hand": len(campaign.by_hand),
        **{state.name.lower(): count for state, count in Counter(states.values()).items()},
    }


MUST_BE_0 = (
    *("duplicates", "executed_without_intent", "acknowledged_missing"),
    *("executed_believed_not", "not_executed_believed_placed"),
)


def _resend(client: PocketOption) -> None:
    """What a client must not do."""
    session = client._edge.system.session
    for order in client.orders(unresolved=True).get():
        if order.state is OrderState.UNKNOWN:
            again = PlaceTrade(
                order_id=order.order_id,
                symbol=order.symbol,
                direction=order.direction,
                stake=order.stake,
                duration_seconds=order.duration_seconds,
                deadline_seconds=1.0,
            )
            frame = SendFrame(incarnation=session.incarnation, data=open_order(again, is_demo=False))
            client._edge.system.directory.tell(AddressName("Connection"), frame)


@contextmanager
def broker(folder: Path, seed: int) -> Iterator[str]:
    """The slow broker, in a process of its own; gives its URL."""
    ready = folder / "url"
    command = [sys.executable, "-m", "simulator", "--port", "0", "--seed", str(seed), "--ready-file", str(ready)]
    command += ["--audit", str(folder / "audit.jsonl"), "--hard", "slow-broker"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as process:
        try:
            while not ready.exists():
                time.sleep(0.02)
            yield ready.read_text().strip()
        finally:
            process.terminate()


def campaign(cycles: int, seed: int = 0, *, resends: bool = False) -> dict[str, int]:
    """The figures of so many cycles."""
    with TemporaryDirectory(prefix="kill-cycles-") as name, broker(Path(name), seed) as url:
        it = Campaign(Path(name), url, seed, resends=resends)
        it.run(cycles)
        it.resolve()
        return figures(it)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.kill_cycles", description=__doc__)
    parser.add_argument("--cycles", type=int, default=300)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--resend", action="store_true", help="the control, which must fail")
    options = parser.parse_args()
    result = campaign(options.cycles, options.seed, resends=options.resend)
    sys.stdout.write(json.dumps({"cycles": options.cycles, "seed": options.seed, **result}, indent=2) + "\n")
    return 1 if any(result[name] for name in MUST_BE_0) else 0


if __name__ == "__main__":
    sys.exit(main())
