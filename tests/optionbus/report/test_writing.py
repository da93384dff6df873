"""Covers optionbus.report.writing."""

import os
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import pytest

from messages.errors import BusError, ReportNotWritten, UsageError
from optionbus.cli.doctor import HOME
from optionbus.report.html_report import as_html
from optionbus.report.json_report import as_json
from optionbus.report.writing import write_report
from tests.optionbus.report.runs import run

PRINT_HASHES = """
from hashlib import sha256
from optionbus.report.html_report import as_html
from optionbus.report.json_report import as_json
from tests.optionbus.report.hostile import hostile_run
from tests.optionbus.report.runs import busy_run
for result in (busy_run(), hostile_run()):
    print(sha256(as_html(result)).hexdigest(), sha256(as_json(result)).hexdigest())
"""

WRITE_ON_A_FULL_DISK = """
import resource, signal, sys
from messages.errors import ReportNotWritten
from optionbus.report.writing import write_report
from tests.optionbus.report.runs import busy_run
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
try:
    write_report(busy_run(), sys.argv[1])
except ReportNotWritten as error:
    print(error.place)
"""
"""A file may have 4096 bytes: the write fails half-way, as on a full disk."""


def python(code: str, *arguments: str, seed: str = "0") -> str:
    """What another process prints."""
    environment = os.environ | {"PYTHONHASHSEED": seed, "PYTHONPATH": str(HOME)}
    ended = subprocess.run(
        [sys.executable, "-c", code, *arguments],
        cwd=HOME,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
        timeout=50,
    )
    return ended.stdout.strip()


def test_two_processes_make_the_same_bytes() -> None:
    assert python(PRINT_HASHES, seed="1") == python(PRINT_HASHES, seed="2") != ""


def test_a_folder_gets_a_page_and_a_file_for_programs(tmp_path: Path) -> None:
    result, folder = run("WL"), tmp_path / "runs" / "first"
    files = write_report(result, folder)

    assert files == (folder / "report.html", folder / "report.json")
    assert (files[0].read_bytes(), files[1].read_bytes()) == (as_html(result), as_json(result))
    assert sorted(folder.iterdir()) == sorted(files)


@pytest.mark.parametrize("name", ["mine.html", "mine.json"])
def test_a_file_is_of_the_kind_that_it_says(name: str, tmp_path: Path) -> None:
    (file,) = write_report(run("W"), str(tmp_path / name))

    assert file == tmp_path / name
    assert file.read_bytes() == (as_html if name.endswith("html") else as_json)(run("W"))


def test_pictures_are_made_where_they_are_wanted(tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    files = write_report(run("W"), tmp_path, charts=True)

    assert [file.name for file in files] == ["report.html", "report.json", "report.png"]
    assert write_report(run("W"), tmp_path / "x.png") == (tmp_path / "x.png",)


def test_without_matplotlib_nothing_is_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)

    with pytest.raises(UsageError, match="matplotlib"):
        write_report(run("W"), tmp_path, charts=True)
    assert list(tmp_path.iterdir()) == []


def test_a_report_takes_the_place_of_another(tmp_path: Path) -> None:
    write_report(run("W"), tmp_path / "x.json")
    write_report(run("L"), tmp_path / "x.json")

    assert (tmp_path / "x.json").read_bytes() == as_json(run("L"))


def test_a_full_disk_leaves_the_report_that_was_there(tmp_path: Path) -> None:
    file = tmp_path / "x.json"
    write_report(run("W"), file)
    before = sha256(file.read_bytes())

    assert python(WRITE_ON_A_FULL_DISK, str(file)) == str(file)
    assert sha256(file.read_bytes()).digest() == before.digest()
    assert list(tmp_path.iterdir()) == [file]


def test_a_place_that_cannot_be_is_a_typed_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    with pytest.raises(ReportNotWritten) as caught:
        write_report(run("W"), tmp_path / "file" / "report.html")
    assert isinstance(caught.value, BusError)
    assert caught.value.place == str(tmp_path / "file" / "report.html")
    assert "Make room, or give another place." in str(caught.value)
