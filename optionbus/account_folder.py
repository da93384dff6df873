"""Where the files of an account live.

Decides that each account has a folder of its own, whose name tells nobody whose it is. Does not know what is in it.
"""

import hashlib
import os
from pathlib import Path
from urllib.parse import urlsplit

from messages.wire.ssid import Ssid
from supervisor.settings import Settings

PLATFORM = "po.market"
"""All hosts below it are one platform: an order may be placed through one and settled through another."""


def folder_of(ssid: Ssid, settings: Settings) -> Path:
    """The folder of the account that a session opens; it may not be there yet."""
    place = _place(settings.endpoints(is_demo=ssid.is_demo)[0])
    name = hashlib.sha256(f"{place}\n{ssid.uid}\n{int(ssid.is_demo)}".encode()).hexdigest()[:16]
    return accounts_root(settings.journal.folder) / name


def accounts_root(folder: str | None) -> Path:
    """The folder that holds those of all accounts: the one that is set, or ``$XDG_STATE_HOME/optionbus``."""
    if folder is not None:
        return Path(folder)
    state = os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state"
    return Path(state) / "optionbus"


def _place(url: str) -> str:
    parts = urlsplit(url)
    return PLATFORM if (parts.hostname or "").endswith(f".{PLATFORM}") else parts.netloc
