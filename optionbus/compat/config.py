"""The settings of BinaryOptionsToolsV2, and what they are here.

Decides names, defaults and limits, and that nothing changes once a client uses it. Does not know what the settings of
this project mean (``supervisor.settings``).
"""

import json
import warnings
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Final, Self

from messages.secret import Secret
from optionbus.config import Config as Settings
from supervisor.settings import ConnectionSettings, LogSettings, ReconnectSettings, RequestSettings

_LEAST: Final = {
    "max_allowed_loops": 0,
    "sleep_interval": 0,
    "reconnect_time": 1,
    "connection_initialization_timeout_secs": 1,
    "timeout_secs": 1,
}
_WRITTEN: Final = (*_LEAST, "urls", "terminal_logging", "log_level", "extra_duration")
_UNUSED: Final = ("sec_websocket_extensions", "tls_cipher_suites", "tls_alpn")
_ATTEMPT_SECONDS: Final = 10.0
"""No single attempt to connect, nor a login, is given longer: another place may be nearer."""

LEVELS: Final = {"WARN": "WARNING", "OFF": "CRITICAL"}
"""Levels that are called otherwise here."""


@dataclass
class Config:
    """Settings; a dict or its JSON will do as well where a client is made.

    Attributes:
        max_allowed_loops: failures to connect in a row before it gives up.
        sleep_interval: kept, and of no use: nothing here asks again and again.
        reconnect_time: seconds before the second attempt to reconnect; the first is at once.
        connection_initialization_timeout_secs: how long the constructor waits for the login.
        timeout_secs: how long answers may take.
        urls: where to connect, in turn.
        proxy: ``http://`` or ``socks5://``, with user and password where it wants them.
        user_agent: for a session that names none.
        origin: the header of that name.
        sec_websocket_extensions: not used; says so.
        tls_cipher_suites: not used; says so. Certificates are always checked.
        tls_alpn: not used; says so.
        terminal_logging: whether the log goes to the terminal.
        log_level: from where on.
        extra_duration: seconds beyond a deal's end for which its result is waited for.
    """

    max_allowed_loops: int = 100
    sleep_interval: int = 100
    reconnect_time: int = 5
    connection_initialization_timeout_secs: int = 120
    timeout_secs: int = 30
    urls: list[str] = field(default_factory=list)
    proxy: str | None = None
    user_agent: str | None = None
    origin: str | None = None
    sec_websocket_extensions: str | None = None
    tls_cipher_suites: list[str] | None = None
    tls_alpn: list[str] | None = None
    terminal_logging: bool = False
    log_level: str = "INFO"
    extra_duration: int = 5

    def __post_init__(self) -> None:
        self.urls = list(self.urls or ())

    def __setattr__(self, name: str, value: object) -> None:
        if "_locked" in vars(self):
            raise RuntimeError("The configuration is in use and cannot be changed; make another one.")
        super().__setattr__(name, value)

    def __repr__(self) -> str:
        shown = asdict(self) | {"proxy": self.proxy and "[hidden]"}
        return f"Config({', '.join(f'{name}={value!r}' for name, value in shown.items())})"

    @classmethod
    def from_dict(cls, config_dict: dict[str, Any]) -> Self:
        """Of a dict; names it does not know are left out.

        Raises:
            ValueError: a number is too small.
        """
        known = {each.name for each in fields(cls)}
        config = cls(**{name: value for name, value in config_dict.items() if name in known})
        for name, least in _LEAST.items():
            if getattr(config, name) < least:
                raise ValueError(f"{name} is {getattr(config, name)}; give {least} or more.")
        return config

    @classmethod
    def from_json(cls, json_str: str) -> Self:
        """Of the JSON of such a dict. Raises ValueError, also for what is no JSON."""
        return cls.from_dict(json.loads(json_str))

    def to_dict(self) -> dict[str, Any]:
        """A dict without the headers, TLS and the proxy, whose password it would show."""
        return {name: getattr(self, name) for name in _WRITTEN}

    def to_json(self) -> str:
        """The JSON of that dict."""
        return json.dumps(self.to_dict())

    def update(self, config_dict: dict[str, Any]) -> None:
        """Change some. Raises RuntimeError where a client uses it."""
        for name, value in config_dict.items():
            if hasattr(self, name):
                setattr(self, name, value)

    def lock(self) -> None:
        """Let nothing be changed any more."""
        vars(self)["_locked"] = True


def settings_of(config: Config) -> Settings:
    """What the fields are here."""
    for name in _UNUSED:
        if getattr(config, name) is not None:
            warnings.warn(f"Config.{name} is not used here.", stacklevel=4)
    attempt = min(_ATTEMPT_SECONDS, config.connection_initialization_timeout_secs)
    return Settings(
        connection=ConnectionSettings(
            urls=tuple(config.urls),
            connect_timeout_seconds=attempt,
            login_timeout_seconds=attempt,
            origin=config.origin or ConnectionSettings().origin,
            user_agent=config.user_agent or "",
            proxy=Secret(config.proxy) if config.proxy else None,
        ),
        reconnect=ReconnectSettings(
            base_seconds=config.reconnect_time,
            maximum_seconds=max(config.reconnect_time, ReconnectSettings().maximum_seconds),
            max_failures=max(1, config.max_allowed_loops),
        ),
        requests=RequestSettings(
            timeout_seconds=config.timeout_secs,
            order_timeout_seconds=config.timeout_secs,
            extra_duration_seconds=config.extra_duration,
        ),
        log=LogSettings(level=level_of(config.log_level)),
    )


def level_of(level: str) -> Any:  # noqa: ANN401 - checked with the other settings
    """Our name of a level."""
    return LEVELS.get(level.upper(), level.upper())


def config_of(given: "Config | dict[str, Any] | str | None", url: str | None) -> Config:
    """What a client's constructor was given; ``url`` goes first.

    Raises:
        ValueError: it is none of these, or cannot be used.
    """
    match given:
        case None:
            config = Config()
        case dict():
            config = Config.from_dict(given)
        case str():
            config = Config.from_json(given)
        case Config():
            config = given
        case _:
            raise ValueError(f"Expected config to be a Config, a dict or JSON, got {type(given).__name__}.")
    if url is not None:
        config.urls.insert(0, url)
    return config
