"""``doctor``: finds out why something does not work on this computer, and says what to do.

Theory of operation. The checks go from Python itself to a session; one that needs what an earlier one found missing is
not made. Only the last two import anything but the standard library.

Decides what is checked and how it is told. Does not know how a session is made.
"""

import json
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from importlib import import_module, metadata, util
from pathlib import Path
from typing import Final

from optionbus.cli.arguments import Options

HOME: Final = Path(__file__).resolve().parents[2]
"""The folder that our packages lie in."""

PYTHON: Final = (3, 11)
PACKAGES: Final = ("messages", "actors", "supervisor", "simulator", "optionbus")
REQUIREMENTS: Final = {
    "pykka": ("pykka", (4, 5), (5,)),
    "websocket-client": ("websocket", (1, 9), (2,)),
    "python-socks": ("python_socks", (3,), (4,)),
    "msgspec": ("msgspec", (0, 22), (1,)),
    "loguru": ("loguru", (0, 7), (1,)),
    "websockets": ("websockets", (17,), (18,)),
    "rich": ("rich", (15,), (16,)),
    "talipp": ("talipp", (2, 7), (3,)),
}
"""What setup.cfg says, for where it is not installed: the module, the lowest version, the first too new."""

READY_SECONDS: Final = 10.0


@dataclass(frozen=True)
class Finding:
    """What a check found; ``todo`` is for one that failed."""

    check: str
    ok: bool
    detail: str
    todo: str = ""


def examine(options: Options) -> int:
    """Make all checks and print what they find; gives the exit code."""
    findings = []
    for finding in _checks(options):
        findings.append(finding)
        if not options.json:
            print(_line(finding), flush=True)
    is_well = all(finding.ok for finding in findings)
    if options.json:
        print(json.dumps({"ok": is_well, "checks": [asdict(finding) for finding in findings]}))
    return 0 if is_well else 1


def _line(finding: Finding) -> str:
    todo = f"\n        {finding.todo}" if finding.todo else ""
    return f"{'ok' if finding.ok else 'failed':<8}{finding.check}: {finding.detail}{todo}"


def _checks(options: Options) -> Iterator[Finding]:
    basics = [_python(), *map(_requirement, REQUIREMENTS), *map(_package, PACKAGES), *_pypi_supervisor()]
    yield from basics
    if all(finding.ok for finding in basics):
        yield from _sessions(options)


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    wanted = ".".join(map(str, PYTHON))
    todo = f"Use Python {wanted} or newer."
    return _finding("Python", sys.version_info[:2] >= PYTHON, f"{version} at {sys.executable}", todo)


def _requirement(name: str) -> Finding:
    module, lowest, too_new = REQUIREMENTS[name]
    wanted = f"{name}>={_dotted(lowest)},<{_dotted(too_new)}"
    todo = f"In a virtual environment: python -m pip install '{wanted}'"
    try:
        version = metadata.version(name)
        import_module(module)
    except metadata.PackageNotFoundError:
        return Finding(name, ok=False, detail="is not installed", todo=todo)
    except ImportError as error:
        return Finding(name, ok=False, detail=f"is installed and cannot be imported: {error}", todo=todo)
    numbers = tuple(map(int, re.findall(r"\d+", version)[:3]))
    return _finding(name, lowest <= numbers < too_new, version, todo)


def _package(name: str) -> Finding:
    places = _places(name)
    todo = (
        "Another package has the name of one of ours and comes first. Use a virtual environment of its own for "
        f"optionbus, without PYTHONPATH, or start it by: python {HOME / 'run.py'}"
    )
    detail = ", ".join(map(str, places)) or "is not there"
    return _finding(f"package {name}", places[:1] == [HOME / name], detail, todo)


def _places(name: str) -> list[Path]:
    """Where a package is, or would be, imported from."""
    module = sys.modules.get(name)
    spec = None if module else util.find_spec(name)
    found = getattr(module, "__path__", None) or (spec and (spec.submodule_search_locations or [spec.origin])) or []
    return [Path(place).resolve() for place in found]


def _pypi_supervisor() -> Iterator[Finding]:
    """Where both are installed into one folder, they overwrite each other's files."""
    try:
        other = metadata.distribution("supervisor")
    except metadata.PackageNotFoundError:
        return
    is_mixed = Path(str(other.locate_file("supervisor"))).resolve() == HOME / "supervisor"
    detail = f"PyPI's supervisor {other.version} is installed {'into the same folder' if is_mixed else 'too'}"
    todo = "They overwrite each other's files. Make a new virtual environment for optionbus alone."
    yield _finding("supervisor of PyPI", not is_mixed, detail, todo)


def _sessions(options: Options) -> Iterator[Finding]:
    from messages.errors import BusError  # noqa: PLC0415 - as the module says
    from optionbus import PocketOption  # noqa: PLC0415
    from optionbus.cli.opening import open_client, read_session, read_settings  # noqa: PLC0415

    def connected(check: str, make: Callable[[], PocketOption]) -> Finding:
        try:
            with make() as client:
                client.wait_ready(READY_SECONDS)
                balance = client.balance().get()
        except BusError as error:
            return Finding(check, ok=False, detail=type(error).__name__, todo=str(error))
        return Finding(check, ok=True, detail=f"connected, balance {balance:.2f}")

    yield connected("simulated broker", PocketOption.simulated)
    try:
        settings = read_settings(options)
        if read_session(options.ssid_file) is not None or settings.connection.urls:
            yield connected("platform", lambda: open_client(options, settings, ()))
    except BusError as error:
        yield Finding("settings", ok=False, detail=type(error).__name__, todo=str(error))


def _finding(check: str, ok: bool, detail: str, todo: str) -> Finding:  # noqa: FBT001 - a row of a table
    return Finding(check, ok, detail, "" if ok else todo)


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))
