"""The report as files.

Decides their names, and that each is there as a whole or not at all: it is written beside its place, flushed, and then
put there. Does not know what is in them.
"""

import os
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

from messages.errors import ReportNotWritten
from optionbus.report.html_report import as_html
from optionbus.report.json_report import as_json
from optionbus.report.png import as_png
from optionbus.report.result import RunResult

KINDS: Final[dict[str, Callable[[RunResult], bytes]]] = {".html": as_html, ".json": as_json, ".png": as_png}
NAME: Final = "report"


def write_report(result: RunResult, place: str | Path, *, charts: bool = False) -> tuple[Path, ...]:
    """Write the report of a run, over one that is there; gives the files.

    Args:
        result: the run.
        place: a file that ends in .html, .json or .png; anything else is a folder, made if need be, which gets
            ``report.html`` and ``report.json``.
        charts: in a folder ``report.png`` too.

    Raises:
        ReportNotWritten: the disk is full, or the place cannot be written.
        UsageError: a picture is wanted and matplotlib is missing; nothing was written.
    """
    path = Path(place)
    if path.suffix in KINDS and not path.is_dir():
        files = {path: KINDS[path.suffix](result)}
    else:
        wanted = [kind for kind in KINDS if charts or kind != ".png"]
        files = {path / f"{NAME}{kind}": KINDS[kind](result) for kind in wanted}
    for file, content in files.items():
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            _write(file, content)
        except OSError as error:
            raise ReportNotWritten(str(file), error.strerror or str(error)) from None
    return tuple(files)


def _write(file: Path, content: bytes) -> None:
    beside = file.with_name(f".{file.name}.{os.urandom(6).hex()}")
    try:
        with beside.open("xb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        beside.replace(file)
    except BaseException:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise
    _flush(file.parent)


def _flush(folder: Path) -> None:
    """The new name is on disk too."""
    place = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(place)
    finally:
        os.close(place)
