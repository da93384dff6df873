"""Covers optionbus.report.png."""

import subprocess
import sys

import pytest

from messages.errors import UsageError
from optionbus.cli.doctor import HOME
from optionbus.report.png import as_png
from tests.optionbus.report.hostile import hostile_run
from tests.optionbus.report.runs import EURUSD, candles, run

SIGNATURE = b"\x89PNG\r\n\x1a\n"


def test_without_matplotlib_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)

    with pytest.raises(UsageError, match=r'pip install "optionbus\[charts\]"'):
        as_png(run("W"))


@pytest.mark.parametrize("letters", ["", "WLD"])
def test_a_picture_is_a_png_without_a_date(letters: str) -> None:
    pytest.importorskip("matplotlib")
    picture = as_png(run(letters, charts=(candles(EURUSD, 50),)))

    assert picture.startswith(SIGNATURE)
    assert b"tEXt" not in picture
    assert b"tIME" not in picture


def test_a_picture_is_the_same_whatever_the_settings_are() -> None:
    matplotlib = pytest.importorskip("matplotlib")
    result = run("WLD", charts=(candles(EURUSD, 50),))
    before = as_png(result)
    with matplotlib.rc_context({"lines.linewidth": 9, "font.size": 20, "axes.facecolor": "black"}):
        changed = as_png(result)

        assert changed == before
        assert matplotlib.rcParams["font.size"] == 20


def test_hostile_names_can_be_drawn() -> None:
    pytest.importorskip("matplotlib")

    assert as_png(hostile_run()).startswith(SIGNATURE)


def test_no_report_imports_matplotlib_before_it_is_needed() -> None:
    code = "import sys, optionbus.report.writing; sys.exit('matplotlib' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], cwd=HOME, check=False).returncode == 0
