"""From arguments to a client that has not been started.

Decides where a session comes from, that without one the broker is simulated, and which arguments do not go together.
Whatever is wrong is a UsageError. Does not know what the client is used for.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from actors.stepped import SteppedRuntime
from messages.errors import UsageError
from messages.secret import Secret
from optionbus import Actor, Config, MarketSettings, PocketOption
from optionbus.cli.arguments import Options
from optionbus.config import load

SSID_VARIABLE: Final = "OPTIONBUS_SSID"


def read_session(file: Path | None, environment: Mapping[str, str] = os.environ) -> Secret | None:
    """The session, from the file or else from the environment; None where nobody gave one."""
    if file is None:
        text = environment.get(SSID_VARIABLE)
        return Secret(text) if text else None
    try:
        return Secret(file.read_text().strip())
    except OSError as error:
        problem = error.strerror
    except UnicodeDecodeError:
        problem = "it is not text"
    # Outside of the handlers, which hold what was read.
    raise UsageError(f"{file} cannot be read: {problem}. Give the file that holds the session, for --ssid-file.")


def read_settings(options: Options) -> Config:
    """The settings: defaults, file, environment, arguments."""
    urls = None if options.url is None else [options.url]
    overrides: dict[str, Any] = {
        "log": _said(level=options.log_level, file=options.log_file),
        "connection": _said(urls=urls, region=options.region),
        **_said(actors=options.actor or None),
    }
    return load(options.config, overrides=overrides)


def _said(**fields: object) -> dict[str, object]:
    return {name: value for name, value in fields.items() if value is not None}


def open_client(options: Options, settings: Config, actors: Sequence[type[Actor[Any]]]) -> PocketOption:
    """A client for the session that was given, or for the simulated broker where none was."""
    if settings.actors:
        make_importable(Path.cwd())
    paper = MarketSettings() if options.paper else None
    if options.replay is not None:
        return _open_replay(options, options.replay, settings, actors)
    session = read_session(options.ssid_file)
    if session is not None:
        _refuse_simulator_options(options)
        return PocketOption(session, config=settings, actors=actors, allow_real=options.allow_real, paper=paper)
    if settings.connection.urls:
        raise UsageError(
            f"There is a URL and no session. Put one into a file for --ssid-file, or into {SSID_VARIABLE}; "
            "for a simulator any well-formed one will do (python -m simulator --help shows one)."
        )
    seed, speed = options.seed or 0, options.speed or 1.0
    return PocketOption.simulated(seed=seed, speed=speed, config=settings, actors=actors, paper=paper)


def _open_replay(options: Options, file: Path, settings: Config, actors: Sequence[type[Actor[Any]]]) -> PocketOption:
    said = {"--ssid-file": options.ssid_file, "--url": options.url, "--seed": options.seed}
    wrong = " and ".join(name for name, value in said.items() if value is not None)
    if wrong:
        raise UsageError(f"{wrong}: a replay connects to nothing. Leave it out, or the recording.")
    if options.speed == 0:  # in virtual time there is nothing to wait for
        return PocketOption.replay(file, runtime=SteppedRuntime(), config=settings, actors=actors)
    return PocketOption.replay(file, speed=options.speed or 1.0, config=settings, actors=actors)


def _refuse_simulator_options(options: Options) -> None:
    said = {"--seed": options.seed, "--speed": options.speed, "--drop-after": options.drop_after}
    wrong = " and ".join(name for name, value in said.items() if value is not None)
    if wrong:
        raise UsageError(f"{wrong}: only the simulated broker can do that. Leave it out, or the session.")


def make_importable(folder: Path) -> None:
    """Let modules be found there."""
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
