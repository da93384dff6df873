"""Covers optionbus.log_sink: what reaches whose sink, under which name, and that no authentication does."""

import io
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import run

import pytest
from loguru import logger

from optionbus.log_sink import LoguruSink, configure

AUTH = '42["auth",{"session":"topsecret0123","isDemo":1,"uid":1,"platform":2}]'


def _fail(_session: str, text: str) -> None:
    raise ValueError(text)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture(autouse=True)
def loguru() -> Iterator[None]:
    """Leaves loguru and logging as a library leaves them."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    logger.remove()
    yield
    logger.remove()
    logger.disable("optionbus")
    root.handlers[:] = handlers
    root.setLevel(level)


@pytest.fixture
def users() -> io.StringIO:
    """A sink of the user's own, in the form that most have."""
    stream = io.StringIO()
    logger.add(stream, format="{level} {name} {message}", level="TRACE", colorize=False)
    return stream


def test_a_library_is_silent_by_default(users: io.StringIO) -> None:
    LoguruSink().write("ERROR", "Session", "lost")

    assert users.getvalue() == ""


def test_importing_the_module_is_what_makes_it_silent() -> None:
    program = "from optionbus.log_sink import LoguruSink; LoguruSink().write('ERROR', 'Session', 'lost')"

    ended = run([sys.executable, "-c", program], cwd=Path(__file__).parents[2], capture_output=True, check=True)

    assert (ended.stdout, ended.stderr) == (b"", b"")


def test_a_user_turns_it_on_by_the_packages_name(users: io.StringIO) -> None:
    logger.enable("optionbus")

    LoguruSink().write("WARNING", "Session", "lost")

    assert users.getvalue() == "WARNING optionbus.Session lost\n"


def test_a_users_filter_by_name_sees_the_source() -> None:
    wanted = io.StringIO()
    logger.add(wanted, filter="optionbus.Trades", format="{message}")
    logger.enable("optionbus")

    LoguruSink().write("INFO", "Session", "ready")
    LoguruSink().write("INFO", "Trades", "placed")

    assert wanted.getvalue() == "placed\n"


@pytest.mark.parametrize("text", ["{0} {name} {", "<red>not a tag</red>", "%s %d", "two\nlines", ""])
def test_text_is_written_as_it_is(users: io.StringIO, text: str) -> None:
    logger.enable("optionbus")

    LoguruSink().write("INFO", "Raw", text)

    assert users.getvalue() == f"INFO optionbus.Raw {text}\n"


def test_the_command_lines_sink_shows_its_level_and_above() -> None:
    stream = io.StringIO()
    configure("WARNING", sink=stream)

    LoguruSink().write("INFO", "Session", "connecting")
    LoguruSink().write("WARNING", "Session", "lost")

    lines = stream.getvalue().splitlines()
    assert len(lines) == 1
    assert lines[0].endswith("WARNING  optionbus.Session | lost")


def test_the_command_lines_sink_is_the_only_one(users: io.StringIO) -> None:
    configure(sink=io.StringIO())

    LoguruSink().write("ERROR", "Session", "lost")

    assert users.getvalue() == ""


def test_standard_error_is_where_it_goes_unless_told(capsys: pytest.CaptureFixture[str]) -> None:
    configure()

    LoguruSink().write("INFO", "Session", "ready")

    captured = capsys.readouterr()
    assert captured.out == ""
    assert "ready" in captured.err


@pytest.mark.parametrize(
    ("stream", "colour", "is_coloured"),
    [
        (Terminal(), None, True),
        (io.StringIO(), None, False),
        (Terminal(), False, False),
        (io.StringIO(), True, True),
    ],
)
def test_only_a_terminal_is_coloured_unless_told(stream: io.StringIO, colour: bool | None, is_coloured: bool) -> None:  # noqa: FBT001 - a row of the table
    configure(colour=colour, sink=stream)

    LoguruSink().write("INFO", "Session", "ready")

    assert ("\x1b[" in stream.getvalue()) is is_coloured


def test_an_authentication_is_cut_out_of_what_was_formatted() -> None:
    stream = io.StringIO()
    configure("TRACE", sink=stream)

    LoguruSink().write("TRACE", "Log", f"sent {AUTH}")
    LoguruSink().write("TRACE", "Log", "next")

    assert "topsecret0123" not in stream.getvalue()
    assert stream.getvalue().splitlines()[1].endswith("| next")


def test_an_exception_shows_no_variables() -> None:
    stream = io.StringIO()
    configure(sink=stream)

    session = "topsecret0123"

    try:
        _fail(session, "with these words")
    except ValueError:
        logger.exception("it failed")

    assert "ValueError: with these words" in stream.getvalue()
    assert "topsecret0123" not in stream.getvalue()


def test_the_standard_librarys_warnings_are_routed_in() -> None:
    stream = io.StringIO()
    configure("TRACE", sink=stream)
    chatty = logging.getLogger("pykka")
    chatty.setLevel(logging.DEBUG)

    chatty.info("said too often")
    chatty.warning("an actor %s", "{failed}")
    chatty.log(35, "a level of its own")

    lines = stream.getvalue().splitlines()
    chatty.setLevel(logging.NOTSET)
    assert len(lines) == 2
    assert lines[0].endswith("WARNING  pykka | an actor {failed}")
    assert lines[1].endswith("pykka | a level of its own")


def test_a_routed_traceback_comes_with_its_text() -> None:
    stream = io.StringIO()
    configure(sink=stream)

    try:
        _fail("", AUTH)
    except ValueError:
        logging.getLogger("pykka").exception("unhandled")

    assert "ValueError" in stream.getvalue()
    assert "topsecret0123" not in stream.getvalue()
