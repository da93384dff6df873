"""What a run was given, as it may stand in a report that is passed on.

Decides that folders of this machine are left out, and that what is no data is told by its type alone: its text would
change from run to run. Does not know what a parameter means.
"""

import re
from typing import Final

import msgspec

_PATH: Final = re.compile(r"(?<![\w.:/])~?/(?:[^/\s]+/)*(?=[^/\s])")
"""The folders of an absolute path; not the slash in EUR/USD, and not a URL."""


def without_folders(text: str) -> str:
    """The text, with the names of files for their paths."""
    return _PATH.sub("", text.encode("utf-8", "replace").decode())


def plain(value: object) -> object:
    """The value as JSON has it: sets and tables sorted, paths without their folders, other things by their type."""
    if isinstance(value, str):
        return without_folders(value)
    return _strip(msgspec.json.decode(msgspec.json.encode(value, order="deterministic", enc_hook=_by_type)))


def parameter_text(value: object) -> str:
    """The value on one line."""
    shown = plain(value)
    return shown if isinstance(shown, str) else msgspec.json.encode(shown).decode()


def _by_type(value: object) -> str:
    path = getattr(value, "__fspath__", None)
    return str(path()) if path is not None else type(value).__qualname__


def _strip(value: object) -> object:
    if isinstance(value, str):
        return without_folders(value)
    if isinstance(value, list):
        return [_strip(each) for each in value]
    if isinstance(value, dict):
        return {key: _strip(each) for key, each in value.items()}
    return value
