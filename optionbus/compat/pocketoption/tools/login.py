"""Login by email and password, which is refused.

Decides only to say so: a bot needs no password, and what has none cannot lose one.
"""

from typing import NoReturn

from optionbus.compat.not_offered import NOT_OFFERED

_BACKEND = "auto"


class LoginError(RuntimeError):
    """There is no login by password; the text says what to do instead."""


def login(
    email: str,  # noqa: ARG001 - theirs
    password: str,  # noqa: ARG001
    *,
    demo: bool = False,  # noqa: ARG001
    backend: str = _BACKEND,  # noqa: ARG001
    api_key: str | None = None,  # noqa: ARG001
    headless: bool = True,  # noqa: ARG001
    timeout: int = 60,  # noqa: ARG001
) -> NoReturn:
    """Raise LoginError. Nothing is sent anywhere."""
    raise LoginError(f"login is not offered: {NOT_OFFERED['login']}")


async def login_async(
    email: str,
    password: str,
    *,
    demo: bool = False,
    backend: str = _BACKEND,
    api_key: str | None = None,
    headless: bool = True,
    timeout: int = 60,  # noqa: ASYNC109 - theirs
) -> NoReturn:
    """Raise LoginError. Nothing is sent anywhere."""
    login(email, password, demo=demo, backend=backend, api_key=api_key, headless=headless, timeout=timeout)
