"""Where a session could come out, and whether it does: everything that is printed, logged, dumped and kept is searched.

Theory of operation. One broker, and a client of each kind as a process of its own: the command line, the doctor, the
commands of the journal, and clients that die in every way. What they print, their logs at level TRACE and each file
that they leave is a *place*. A place is searched for every text that the session's own reading calls a secret, and
for the same in the forms that bytes, JSON and URLs give it.

With ``leak=True`` it is the control: a client that says its session, which has to be found in what it printed and in
what it logged. Does not know what hides the session.
"""

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from urllib.parse import quote

from msgspec import Struct

from messages.secret import Secret
from messages.wire.ssid import Ssid
from optionbus.cli.doctor import HOME
from simulator.broker import Broker
from simulator.server import SimulatorServer
from tests.hostile.crasher import ASSET, WAYS

_ID: Final = "canaryc0ffee5ec2e7canaryc0ffee5e"
_HASH: Final = "5ec2e7cafe0ddba115ec2e7cafe0ddba"
_SESSION: Final = (
    f'a:4:{{s:10:"session_id";s:32:"{_ID}";s:10:"ip_address";s:9:"127.0.0.1";'
    f's:10:"user_agent";s:4:"Test";s:13:"last_activity";i:1700000000;}}{_HASH}'
)
SSID: Final = "42" + json.dumps(["auth", {"session": _SESSION, "isDemo": 0, "uid": 77, "platform": 2}])
BROKEN: Final = {
    "cut": SSID[:-12],
    "double-encoded": json.dumps(SSID),
    "session alone": _SESSION,
    "no uid": SSID.replace('"uid": 77, ', ""),
    "not text": SSID.replace("77", "\udcff"),
}
_HINT: Final = b"--ssid-file."
"""How the complaint about each ends."""
_PATIENCE_SECONDS: Final = 60
_RUN_SECONDS: Final = "3"


class Place(Struct, frozen=True):
    """Somewhere that was searched."""

    name: str
    size: int
    hits: int


def needles() -> tuple[bytes, ...]:
    """Every form of every secret."""
    texts = {secret.reveal() for secret in Ssid.parse(Secret(SSID)).secrets}
    forms = [(text.encode(), json.dumps(text)[1:-1].encode(), quote(text).encode()) for text in texts]
    encoded = [base64.b64encode(text.encode()) for text in texts]
    return tuple({form for group in forms for form in group} | set(encoded))


def search(*, leak: bool = False) -> list[Place]:
    """All places, each with its hits."""
    with TemporaryDirectory() as name, SimulatorServer(Broker(seed=1)) as server:
        folder = Path(name)
        scenes = _Scenes(folder, server.url)
        found = list(scenes.of_crashes(leak=leak))
        if not leak:
            found += [*scenes.of_commands(), *scenes.of_broken_sessions()]
        return found + list(_files(folder / "state", folder / "logs"))


class _Scenes:
    """Programs, and what they print."""

    def __init__(self, folder: Path, url: str) -> None:
        self._folder, self._url = folder, url
        for part in ("state", "logs"):
            (folder / part).mkdir()
        self._file = folder / "session.txt"
        self._file.write_text(SSID)
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("OPTIONBUS")},
            "XDG_STATE_HOME": str(folder / "state"),
            "PYTHONFAULTHANDLER": "1",
            "CRASHER_URL": url,
        }

    def of_crashes(self, *, leak: bool) -> Iterator[Place]:
        """Every way of dying."""
        for way, seen in WAYS.items():
            log = self._folder / "logs" / f"{way}.log"
            environment = {"OPTIONBUS_SSID": SSID, "CRASHER_LOG": str(log)}
            yield from self._run(
                f"crash: {way}", ["-m", "tests.hostile.crasher", way, *["--leak"] * leak], environment, seen
            )

    def of_commands(self) -> Iterator[Place]:
        """The command line, as it is used."""
        own = ["--ssid-file", str(self._file), "--url", self._url, "--allow-real"]
        log = ["--log-level", "TRACE", "--log-file", str(self._folder / "logs" / "run.log")]
        yield from self._run("run.py", ["run.py", *own, *log, "--for", _RUN_SECONDS], seen=b"ready, balance", code=0)
        quiet = ["run.py", *own, "--for", "1", "--json"]
        yield from self._run("run.py --json", quiet, {"NO_COLOR": "1"}, b'{"ticks":', code=0)
        asked = {
            ("doctor",): b"ok      Python",
            ("orders",): ASSET.encode(),
            ("deals",): ASSET.encode(),
            ("export",): ASSET.encode(),
            ("doctor", "--json"): b'{"ok": true',
            ("orders", "--json"): ASSET.encode(),
        }
        for (command, *options), seen in asked.items():
            name = " ".join(("run.py", command, *options))
            yield from self._run(name, ["run.py", command, *own, *options], seen=seen, code=0)
        refused = b"--ssid is not an option"
        yield from self._run("run.py on the command line", ["run.py", "--ssid", SSID], seen=refused, code=2)

    def of_broken_sessions(self) -> Iterator[Place]:
        """Sessions that cannot be used."""
        for name, text in BROKEN.items():
            file = self._folder / "broken.txt"
            file.write_bytes(text.encode(errors="surrogateescape"))
            arguments = ["run.py", "--ssid-file", str(file), "--url", self._url, "--for", "1", "--log-level", "TRACE"]
            yield from self._run(f"broken session: {name}", arguments, seen=_HINT, code=2)
        real = ["run.py", "--ssid-file", str(self._file), "--for", "1"]
        yield from self._run("real without opt-in", real, seen=b"This is a real-money session", code=2)

    def _run(
        self,
        name: str,
        arguments: list[str],
        more: dict[str, str] | None = None,
        seen: bytes = b"",
        code: int | None = None,
    ) -> Iterator[Place]:
        """What it prints; ``seen`` has to be in that, and it has to end with ``code`` where one is given."""
        ended = subprocess.run(
            [sys.executable, *arguments],
            cwd=HOME,
            env={**self._environment, "PYTHONPATH": str(HOME), **(more or {})},
            check=False,
            capture_output=True,
            timeout=_PATIENCE_SECONDS,
        )
        if seen not in ended.stdout + ended.stderr or code not in (None, ended.returncode):
            raise RuntimeError(f"{name} did not come to what was to be searched: {ended.stderr[-2_000:]!r}")
        yield _searched(f"{name}, output", ended.stdout)
        yield _searched(f"{name}, errors", ended.stderr)


def _files(*folders: Path) -> Iterator[Place]:
    for folder in folders:
        for file in sorted(folder.rglob("*")):
            data = str(file.relative_to(folder)).encode() + b"\n"  # names could say it too
            yield _searched(f"file {folder.name}/{file.name}", data + (file.read_bytes() if file.is_file() else b""))


def _searched(name: str, data: bytes) -> Place:
    return Place(name, len(data), sum(data.count(needle) for needle in needles()))
