"""Trades on a disk that is full, and on one that can only be read, and looks at what still works.

``python -m tests.full_disk``: prints what happened beside what has to happen; exit code 1 where they differ. The disk
is a small file system in memory, in name spaces of this command's own (``unshare``, of util-linux); client, server and
journal are the real ones.

``--in-memory`` is the control: a client whose journal is not on that disk. It must fail.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from messages.errors import BusError
from messages.order_errors import OrderDenied
from optionbus import Config, PocketOption
from optionbus.simulated import SSID
from simulator.audit import Execution
from simulator.broker import Broker
from simulator.server import SimulatorServer
from supervisor.settings import JournalSettings

SIZE_MEBIBYTES = 8
RECONCILIATION_SECONDS = 10.0
ASSETS = ("EURUSD_otc", "GBPUSD_otc", "AUDCAD_otc", "EURUSD_otc")

EXPECTED = {
    "order with room": "placed",
    "order on the full disk": "denied by journal",
    "tick on the full disk": "came",
    "balance on the full disk": "came",
    "candles on the full disk": "came",
    "result of the first order": "came",
    "order with room again": "placed",
    "order on the read-only disk": "denied by journal",
    "tick on the read-only disk": "came",
    "order once it can be written": "placed",
    "orders carried out": 3,
    "of them not in the journal": 0,
}


class Trader:
    """A client on the disk, and the broker it trades at."""

    def __init__(self, disk: Path, *, is_in_memory: bool) -> None:
        self.disk = disk
        self.executed: list[Execution] = []
        self.server = SimulatorServer(Broker(5, executed=self.executed))
        journal = JournalSettings(in_memory=True) if is_in_memory else JournalSettings(folder=str(disk))
        self._config = Config(journal=journal)

    @contextmanager
    def client(self) -> Iterator[PocketOption]:
        """A client that is ready to trade."""
        with PocketOption(SSID, url=self.server.url, config=self._config) as client:
            client.wait_ready(timeout=10)
            client.wait_for_assets(timeout=10)
            client.balance().get()
            yield client

    def order(self, client: PocketOption, asset: str) -> str:
        """What becomes of an order."""
        try:
            self.deal = client.buy(asset, 1, 5, allow_duplicate=True).get()
        except OrderDenied as denied:
            return f"denied by {denied.rule}"
        except BusError as error:
            return type(error).__name__
        return "placed"

    def order_once_reconciled(self, client: PocketOption, asset: str) -> str:
        """The first order has the journal opened, and the platform asked about the orders in it."""
        until = time.monotonic() + RECONCILIATION_SECONDS
        while (ended := self.order(client, asset)) == "denied by reconciliation" and time.monotonic() < until:
            time.sleep(0.05)
        return ended


def fill(disk: Path) -> Path:
    """Leave no room on it."""
    filler = disk / "filler"
    try:
        with filler.open("wb", buffering=0) as file:
            while True:
                file.write(bytes(65_536))
    except OSError:
        return filler


def trade(disk: Path, *, is_in_memory: bool) -> dict[str, object]:
    """What happened, in order."""
    happened: dict[str, object] = {}
    trader = Trader(disk, is_in_memory=is_in_memory)
    with trader.server:
        with trader.client() as client:
            ticks = client.subscribe(ASSETS[0])
            happened["order with room"] = trader.order(client, ASSETS[0])
            first = trader.deal
            filler = fill(disk)
            happened["order on the full disk"] = trader.order(client, ASSETS[1])
            happened["tick on the full disk"] = "came" if ticks.get(timeout=5) else ""
            happened["balance on the full disk"] = "came" if client.balance().get() else ""
            happened["candles on the full disk"] = "came" if client.candles(ASSETS[0], 60, count=10).get() else ""
            happened["result of the first order"] = "came" if client.result(first.id).get() else ""
            filler.unlink()
            happened["order with room again"] = trader.order(client, ASSETS[2])
            orders = {order.order_id for order in client.orders().get()}
        _remount(disk, "ro")
        with trader.client() as client:
            ticks = client.subscribe(ASSETS[0])
            happened["order on the read-only disk"] = trader.order(client, ASSETS[3])
            happened["tick on the read-only disk"] = "came" if ticks.get(timeout=5) else ""
            _remount(disk, "rw")
            happened["order once it can be written"] = trader.order_once_reconciled(client, ASSETS[3])
            orders |= {order.order_id for order in client.orders().get()}
    happened["orders carried out"] = len(trader.executed)
    happened["of them not in the journal"] = sum(each.request_id not in orders for each in trader.executed)
    return happened


def _remount(disk: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(disk)], check=True)  # noqa: S607 - of this system


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.full_disk", description=__doc__)
    parser.add_argument("--in-memory", action="store_true", help="the control, which must fail")
    parser.add_argument("--disk", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.disk is None:
        with TemporaryDirectory() as folder:
            return subprocess.run(_apart(Path(folder)), check=False).returncode
    size = f"size={SIZE_MEBIBYTES}m"
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(options.disk)], check=True)  # noqa: S607
    happened = trade(options.disk, is_in_memory=options.in_memory)
    differing = [name for name, wanted in EXPECTED.items() if happened.get(name) != wanted]
    wrong = {name: f"{happened.get(name)!r}, not {EXPECTED[name]!r}" for name in differing}
    sys.stdout.write(json.dumps({**happened, "wrong": wrong}, indent=2) + "\n")
    return 1 if wrong else 0


def _apart(disk: Path) -> list[str]:
    """This command again, in name spaces of its own, in which it may mount."""
    apart = ["unshare", "--user", "--map-root-user", "--mount"]
    return [*apart, sys.executable, "-m", "tests.full_disk", *sys.argv[1:], "--disk", str(disk)]


if __name__ == "__main__":
    sys.exit(main())
