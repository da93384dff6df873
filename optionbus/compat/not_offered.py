"""What BinaryOptionsToolsV2 0.2.16 has and this package does not, with the reason and what to use instead.

Decides nothing else: the tests hold this table against the original, and the migration page prints it. A name is that
of a class, a function, or a module and all in it; a member or a constant is named with its class or module.
"""

from typing import Final

_NATIVE: Final = "it is the native core behind the client. The client has all its calls; as .client it holds ours."
_NATIVE_CLIENT: Final = f"{_NATIVE} Give PyBot that."
_NO_LOGIN: Final = "there is no login by password."
_OTHER: Final = "it is for another platform. This project speaks to PocketOption."
_LOGIN: Final = "a password has no place in a bot. Paste the session from the browser: see docs/migration.md."
_MADE: Final = "the client makes it, and no bot does by hand."

NOT_OFFERED: Final[dict[str, str]] = {
    "BinaryOptionsToolsV2": "it is the native library itself. Import from optionbus.compat.",
    "PyConfig": "Config is all there is; it needs no native twin.",
    "RawPocketOption": _NATIVE_CLIENT,
    "RawHandle": _NATIVE,
    "RawValidator": "Validator is all there is; it needs no native twin.",
    "RawStreamIterator": _MADE,
    "StreamIterator": _MADE,
    "StreamLogsIterator": _MADE,
    "StreamLogsLayer": "use LogBuilder().create_logs_iterator(level), or logs() of the client.",
    "closeoption": _OTHER,
    "CloseOption": _OTHER,
    "CloseOptionAsync": _OTHER,
    "RawCloseOption": _OTHER,
    "login": _LOGIN,
    "login_async": _LOGIN,
    "pocketoption.tools.login.BASE_URL": _NO_LOGIN,
    "pocketoption.tools.login.LOGIN_URL": _NO_LOGIN,
    "pocketoption.tools.login.RECAPTCHA_SITEKEY": _NO_LOGIN,
    "pocketoption.asynchronous.HISTORY_FETCH_TIMEOUT": "Config.timeout_secs is how long any answer is waited for.",
    "pocketoption.asynchronous.TICK_HISTORY_FETCH_TIMEOUT": "as with HISTORY_FETCH_TIMEOUT.",
    "pocketoption.asynchronous.sanitize_and_validate_ssid": "the client reads the session, and says what is wrong.",
    "PocketOption.try_demo": "a guest has no session to keep. optionbus.PocketOption.simulated() needs none at all.",
    "PocketOptionAsync.try_demo": "a guest has no session to keep. optionbus.PocketOption.simulated() needs none.",
    "Config.pyconfig": "there is no native twin; the client locks the Config that it is given.",
    "Validator.raw_validator": "there is no native twin.",
    "AsyncRawSubscription.__init__": _MADE,
    "AsyncSubscription.__init__": _MADE,
    "LogSubscription.__init__": _MADE,
    "RawHandler.__init__": _MADE,
    "SyncRawSubscription.__init__": _MADE,
    "SyncSubscription.__init__": _MADE,
}


def reason(module: str, name: str) -> str | None:
    """Why a name of a module there, or the module itself (an empty name), is not offered; None where it is."""
    parents = [module[:end] for end, letter in enumerate(f"{module}.") if letter == "."]
    keys = (f"{module}.{name}", name, *parents)
    return next((NOT_OFFERED[key] for key in keys if key in NOT_OFFERED), None)
