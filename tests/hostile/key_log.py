"""Whether TLS keys are written where the environment asks for them.

``bytes_logged`` starts this module as a program of its own with ``SSLKEYLOGFILE`` set: a client logs in over TLS at the
embedded broker. With ``stock=True`` it is the control: the context that the standard library makes by default.
"""

import os
import ssl
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest import mock

from actors import websocket_dial
from actors.ports import Endpoint
from optionbus import Config, PocketOption
from optionbus.cli.doctor import HOME
from simulator.broker import Broker
from simulator.certificates import make
from simulator.server import SimulatorServer
from supervisor.settings import ConnectionSettings, JournalSettings

SSID = '42["auth",{"session":"key-log-session-of-nobody","isDemo":1,"uid":1,"platform":2}]'


def bytes_logged(*, stock: bool = False) -> int:
    """How many bytes of keys a client of a process of its own has written."""
    with TemporaryDirectory() as folder:
        keys = Path(folder, "keys")
        command = [sys.executable, "-m", "tests.hostile.key_log", folder, *(["--stock"] if stock else [])]
        environment = {**os.environ, "SSLKEYLOGFILE": str(keys)}
        subprocess.run(command, cwd=HOME, env=environment, check=True, capture_output=True, timeout=60)
        return keys.stat().st_size if keys.exists() else 0


def _log_in(folder: Path) -> None:
    credentials = make()
    authority = folder / "authority.pem"
    authority.write_bytes(credentials.authority)
    with SimulatorServer(Broker(seed=1), ssl_context=credentials.context) as server:
        connection = ConnectionSettings(urls=(server.url,), ca_file=str(authority))
        config = Config(connection=connection, journal=JournalSettings(in_memory=True))
        with PocketOption(SSID, config=config) as client:
            client.wait_ready(timeout=20)


def _stock_context(endpoint: Endpoint) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=endpoint.ca_file)


if __name__ == "__main__":
    if "--stock" in sys.argv:
        with mock.patch.object(websocket_dial, "_context", _stock_context):
            _log_in(Path(sys.argv[1]))
    else:
        _log_in(Path(sys.argv[1]))
