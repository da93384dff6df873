"""Covers optionbus.cli.doctor: what is found, what is to be done, and that it works where little else does."""

import json
import re
import subprocess
import sys
from configparser import ConfigParser
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from optionbus.cli import doctor
from optionbus.cli.arguments import parse
from optionbus.cli.doctor import HOME, PACKAGES, REQUIREMENTS, Finding, examine
from simulator.broker import Broker, Refusal
from simulator.server import SimulatorServer

SESSION = '42["auth",{"session":"topsecret0123","isDemo":1,"uid":1,"platform":2}]'


def findings(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Finding]]:
    code = examine(parse(["doctor", "--json", *arguments]))
    found = json.loads(capsys.readouterr().out)
    assert found["ok"] is (code == 0)
    return code, {each["check"]: Finding(**each) for each in found["checks"]}


def test_it_requires_what_the_package_requires() -> None:
    config = ConfigParser()
    config.read(HOME / "setup.cfg")
    wanted = config["options"]["install_requires"].split()

    assert wanted == [
        f"{name}>={doctor._dotted(lowest)},<{doctor._dotted(too_new)}"
        for name, (_, lowest, too_new) in REQUIREMENTS.items()
    ]
    assert config["options"]["python_requires"] == f">={doctor._dotted(doctor.PYTHON)}"


@pytest.mark.sockets
def test_all_is_well_here(capsys: pytest.CaptureFixture[str]) -> None:
    code, found = findings(capsys)

    assert code == 0
    assert found["simulated broker"].detail == "connected, balance 50000.00"
    assert {f"package {name}" for name in PACKAGES} < set(found)


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the checks that take sockets."""
    monkeypatch.setattr(doctor, "_sessions", lambda _options: iter(()))


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize(
    ("requirement", "detail"),
    [
        (("no_such_module", (1,), (2,)), "cannot be imported"),
        (("pykka", (99,), (100,)), "4."),
        (("pykka", (1,), (2,)), "4."),
    ],
)
def test_a_library_that_does_not_fit_is_found(
    requirement: Any, detail: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(REQUIREMENTS, "pykka", requirement)

    code, found = findings(capsys)

    assert code == 1
    assert not found["pykka"].ok
    assert detail in found["pykka"].detail
    assert "pip install 'pykka>=" in found["pykka"].todo
    assert found["rich"].ok


@pytest.mark.usefixtures("alone")
def test_a_library_that_is_missing_is_found_and_told_in_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(REQUIREMENTS, "no-such-library", ("no_such_library", (1, 2), (2,)))

    code = examine(parse(["doctor"]))

    told = capsys.readouterr().out
    assert code == 1
    assert "failed  no-such-library: is not installed\n" in told
    assert "pip install 'no-such-library>=1.2,<2'" in told
    assert re.search(r"^ok +rich: 15", told, re.MULTILINE)


class Installed:
    """PyPI's supervisor, as it is found in a folder."""

    version = "4.3.0"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def locate_file(self, name: str) -> Path:
        return self._folder / name


@pytest.mark.usefixtures("alone")
def test_a_supervisor_in_our_own_folder_is_found(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    libraries = metadata.distribution
    folders = [HOME, tmp_path]
    monkeypatch.setattr(
        metadata, "distribution", lambda name: Installed(folders[0]) if name == "supervisor" else libraries(name)
    )
    code, found = findings(capsys)
    assert (code, found["supervisor of PyPI"].ok) == (1, False)
    assert "virtual environment" in found["supervisor of PyPI"].todo

    del folders[0]
    code, found = findings(capsys)
    assert (code, found["supervisor of PyPI"].ok) == (0, True)


@pytest.mark.sockets
def test_a_session_of_ones_own_is_tried_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    broker = Broker(seed=1)
    monkeypatch.setenv("OPTIONBUS_SSID", SESSION)
    with SimulatorServer(broker) as server:
        assert findings(capsys, "--url", server.url)[1]["platform"].ok
        broker.refusal = Refusal.NOT_AUTHORIZED
        code, found = findings(capsys, "--url", server.url)

    assert (code, found["platform"].ok, found["platform"].detail) == (1, False, "SessionRejected")
    assert "Check that the SSID is fresh" in found["platform"].todo


@pytest.mark.sockets
def test_settings_that_cannot_be_used_are_a_finding(capsys: pytest.CaptureFixture[str]) -> None:
    code, found = findings(capsys, "--ssid-file", "/no/such/file")

    assert (code, found["settings"].ok) == (1, False)
    assert "/no/such/file" in found["settings"].todo


def other_supervisor(folder: Path) -> Path:
    """A folder with a package that has the name of one of ours."""
    (folder / "supervisor").mkdir()
    (folder / "supervisor" / "__init__.py").write_text("")
    return folder


def ended(*command: str | Path, **options: Any) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *command], capture_output=True, text=True, timeout=20, check=False, **options
    )


@pytest.mark.sockets
def test_a_package_in_the_way_of_ours_is_found(tmp_path: Path) -> None:
    other = other_supervisor(tmp_path)
    # An editable install has a finder that would look our modules up in spite of the clash.
    clash = (
        "import sys; sys.meta_path[:] = [each for each in sys.meta_path if 'editable' not in str(each.__module__)]; "
        f"sys.path[:0] = [{str(other)!r}, {str(HOME)!r}]; from optionbus.cli import main; sys.exit(main())"
    )

    examined = ended("-c", clash, "doctor")
    run = ended("-c", clash, "--for", "1")

    assert examined.returncode == run.returncode == 1
    assert f"failed  package supervisor: {other / 'supervisor'}\n" in examined.stdout
    assert f"python {HOME / 'run.py'}" in examined.stdout
    assert run.stderr.count("\n") == 1
    assert "optionbus doctor says what is missing, or in the way" in run.stderr


@pytest.mark.sockets
def test_the_entry_is_not_misled_by_it(tmp_path: Path) -> None:
    examined = ended(HOME / "run.py", "doctor", env={"PYTHONPATH": str(other_supervisor(tmp_path))})

    assert (examined.returncode, examined.stderr) == (0, "")
    assert f"ok      package supervisor: {HOME / 'supervisor'}\n" in examined.stdout
