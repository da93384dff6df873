"""Where settings come from: defaults < a TOML or JSON file < the environment < what the caller says.

Decides how the four are laid over each other, and that whatever is wrong with one of them is told with the place it
came from and the path of the field. Does not know what the settings mean (``supervisor.settings``).
"""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple, get_args, get_origin

import msgspec
from msgspec import Struct, ValidationError

from messages.errors import ConfigInvalid, InvalidArgument
from messages.secret import Secret
from supervisor.settings import Settings as Config
from supervisor.settings_check import Problem, problems, region_problem

__all__ = ["Config", "accept", "load", "refuse_strange_region"]

PREFIX: Final = "OPTIONBUS__"
ARGUMENT: Final = "argument"
CODE: Final = "config"

FieldPath = tuple[str, ...]


class Setting(NamedTuple):
    """One value, and who says so."""

    value: object
    source: str

    def __repr__(self) -> str:  # a traceback may show it, and the value may be a password
        return f"<a setting from {self.source}>"


def load(
    file: str | os.PathLike[str] | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> Config:
    """The settings that hold.

    Args:
        file: a TOML file, or JSON if it is named so.
        environment: where to look for ``OPTIONBUS__SECTION__FIELD``; the process's own if not given. Lists are
            separated by commas.
        overrides: sections as mappings, such as ``{"subscriptions": {"limit": 8}}``.

    Raises:
        ConfigInvalid: with the source, the path of the field and the problem.
        InvalidArgument: an argument is of the wrong type.
    """
    settings: dict[FieldPath, Setting] = {}
    if isinstance(file, str | os.PathLike):
        settings |= _leaves(_read(Path(file)), str(file))
    settings |= _from_environment(os.environ if environment is None else environment)
    if not isinstance(overrides, Mapping | None) or not isinstance(file, str | os.PathLike | None):
        raise InvalidArgument("load", "Expected file to be a path, and overrides a mapping of sections")
    said = _leaves(overrides or {}, ARGUMENT)
    # A section in which nothing is said takes nothing away, least of all a mistake.
    settings |= {path: setting for path, setting in said.items() if setting.value != {} or path not in settings}
    return _convert(settings)


def accept(config: object, url: str | None = None, connections: int | None = None) -> Config:
    """A copy for a client to keep: checked like a file, and out of its maker's reach.

    Args:
        config: a Config that was made in code, or by ``load``; None: the defaults.
        url: the one place to connect to, in place of those in the config.
        connections: how many to spread the assets over, in place of what the config says.

    Raises:
        InvalidArgument: one of the two is something else.
        ConfigInvalid: with the path of the field and the problem.
    """
    if not isinstance(config, Config | None):
        raise InvalidArgument("PocketOption", "Expected config to be a Config; optionbus.config.load() reads a file")
    if not isinstance(url, str | None):
        raise InvalidArgument("PocketOption", f"Expected url to be text, got {type(url).__name__}")
    settings = _leaves(_fields_of(config or Config()), CODE)
    if url is not None:
        settings["connection", "urls"] = Setting((url,), ARGUMENT)
    if connections is not None:
        settings["subscriptions", "connections"] = Setting(connections, ARGUMENT)
    return _convert(settings)


def refuse_strange_region(config: Config, *, is_demo: bool) -> None:
    """Raises ConfigInvalid where the region has no host for this kind of account."""
    if problem := region_problem(config, is_demo=is_demo):
        raise _refusal({}, problem)


def _read(file: Path) -> Mapping[str, Any]:
    is_json = file.suffix == ".json"
    try:
        content = file.read_bytes()
        found = msgspec.json.decode(content) if is_json else msgspec.toml.decode(content)
    except OSError as error:
        raise ConfigInvalid(str(file), "", f"it cannot be read: {error.strerror}.") from None
    except (ValueError, RecursionError) as error:
        raise ConfigInvalid(str(file), "", f"it is not {'JSON' if is_json else 'TOML'}: {error}.") from None
    if not isinstance(found, dict):
        raise ConfigInvalid(str(file), "", "it is not a JSON object with sections.")
    return found


def _from_environment(environment: Mapping[str, str]) -> dict[FieldPath, Setting]:
    found: dict[FieldPath, Setting] = {}
    for name in sorted(environment):
        if name.startswith(PREFIX):
            path = tuple(name[len(PREFIX) :].lower().split("__"))
            text = environment[name]
            value = [part.strip() for part in text.split(",") if part.strip()] if _is_list(path) else text
            found[path] = Setting(value, name)
    return found


def _leaves(tree: Mapping[str, Any], source: str, path: FieldPath = ()) -> dict[FieldPath, Setting]:
    found: dict[FieldPath, Setting] = {}
    for name, value in tree.items():
        here = (*path, str(name))
        section = _fields_of(value) if isinstance(value, Struct) else value
        if isinstance(section, Mapping) and section:
            found |= _leaves(section, source, here)
        else:
            found[here] = Setting(value, source)
    return found


def _convert(settings: Mapping[FieldPath, Setting]) -> Config:
    try:
        config = msgspec.convert(_tree(settings), Config, strict=False, dec_hook=_hide)
    except ValidationError as error:
        raise _invalid(settings, *_explain(str(error))) from None
    for problem in problems(config):
        raise _refusal(settings, problem)
    return config


def _hide(_kind: type, value: object) -> Secret:
    """Make a Secret, the one type of ours in a Config, of what was given."""
    if isinstance(value, Secret):
        return value
    if isinstance(value, str):
        return Secret(value)
    raise TypeError(f"Expected `str`, got `{type(value).__name__}`")


def _fields_of(struct: Struct) -> dict[str, Any]:
    return msgspec.structs.asdict(struct)


def _refusal(settings: Mapping[FieldPath, Setting], problem: Problem) -> ConfigInvalid:
    return _invalid(settings, problem.path, problem.text, problem.item)


def _tree(settings: Mapping[FieldPath, Setting]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for path, setting in settings.items():
        *sections, name = path
        node = tree
        for depth, section in enumerate(sections, start=1):
            node = node.setdefault(section, {})
            if not isinstance(node, dict):
                raise _invalid(settings, path[:depth], _NO_SECTION)
        if isinstance(setting.value, Mapping):  # an empty section; another place may have filled it
            node.setdefault(name, {})
        elif isinstance(node.get(name), dict):
            raise _invalid({path: setting}, path, _NO_SECTION)
        else:
            node[name] = setting.value
    return tree


_NO_SECTION: Final = "it is a section with fields of its own, not a value."
_COMPLAINT: Final = re.compile(r"(?P<problem>.*?)(?: - at `\$\.?(?P<path>[^`\[]*)(?P<item>\[\d+\])?`)?", re.DOTALL)
_UNKNOWN: Final = re.compile(r"Object contains unknown field `(?P<name>.*)`", re.DOTALL)


def _explain(complaint: str) -> tuple[FieldPath, str, str]:
    """The path, the problem in msgspec's words made more helpful, and which item of a list it is."""
    match = _COMPLAINT.fullmatch(complaint)
    if match is None:
        return (), f"{complaint}.", ""
    path = tuple((match["path"] or "").split(".")) if match["path"] else ()
    if unknown := _UNKNOWN.fullmatch(match["problem"]):
        known = _fields(path)
        from difflib import get_close_matches  # noqa: PLC0415 - slow to import, and needed for a mistake only

        similar = get_close_matches(unknown["name"], known, n=1)
        hint = f"Did you mean {similar[0]}?" if similar else f"There are: {', '.join(known)}."
        return (*path, unknown["name"]), f"there is no such field. {hint}", ""
    choices = _choices(path)
    hint = f" Give one of {', '.join(choices)}." if choices else ""
    return path, f"{match['problem']}.{hint}", match["item"] or ""


def _invalid(settings: Mapping[FieldPath, Setting], path: FieldPath, problem: str, item: str = "") -> ConfigInvalid:
    """The error, with whoever gave the value at the path, or something in the section there."""
    sources = (each.source for given, each in settings.items() if given[: len(path)] == path[: len(given)])
    return ConfigInvalid(next(sources, "configuration"), ".".join(path) + item, problem)


def _is_list(path: FieldPath) -> bool:
    return get_origin(_type_at(path)) is tuple


def _choices(path: FieldPath) -> tuple[str, ...]:
    kind = _type_at(path)
    return get_args(kind) if get_origin(kind) is Literal else ()


def _fields(path: FieldPath) -> list[str]:
    return [field.name for field in _struct_fields(_type_at(path))]


def _type_at(path: FieldPath) -> object:
    kind: object = Config
    for name in path:
        kind = next((field.type for field in _struct_fields(kind) if field.name == name), None)
    return kind


def _struct_fields(kind: object) -> Iterator[msgspec.structs.FieldInfo]:
    if isinstance(kind, type) and issubclass(kind, Struct):
        yield from msgspec.structs.fields(kind)
