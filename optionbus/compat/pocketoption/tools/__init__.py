"""Where BinaryOptionsToolsV2 keeps its login by password."""

from optionbus.compat.pocketoption.tools.login import LoginError, login, login_async

__all__ = ["LoginError", "login", "login_async"]
