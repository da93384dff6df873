"""What BinaryOptionsToolsV2 0.2.16 shows: its modules, their names, and the signatures behind them.

Decides which names are its own: not what it merely imports, nor what begins with an underscore. Kept in
``wheel_surface.json``, so that the migration page can be written where the wheel is not installed; ``python -m
docs.wheel`` writes that file where it is. Does not know what this project makes of a name.
"""

import builtins
import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import msgspec
from msgspec import Struct

PACKAGE: Final = "BinaryOptionsToolsV2"
NATIVE: Final = f"{PACKAGE}.{PACKAGE}"
FILE: Final = Path(__file__).with_name("wheel_surface.json")

PROTOCOL: Final = (
    *("__init__", "__enter__", "__exit__", "__aenter__", "__aexit__"),
    *("__iter__", "__next__", "__aiter__", "__anext__"),
)
"""Of what begins with an underscore, what a bot uses."""


class Class(Struct, frozen=True):
    """A class: its members with their signatures (empty for what is not called), and what it is of Python itself."""

    bases: tuple[str, ...]
    members: dict[str, str]


class Surface(Struct, frozen=True):
    """All of it.

    ``modules`` has for each module, by its path in the package, its names, and for each the path of what is behind it,
    which is in ``classes`` or ``functions``; or nothing, where it is a module or a constant.
    """

    modules: dict[str, dict[str, str]]
    classes: dict[str, Class]
    functions: dict[str, str]


def kept() -> Surface:
    """What is written in the file."""
    return msgspec.json.decode(FILE.read_bytes(), type=Surface)


def installed() -> Surface:
    """What the installed wheel shows. Raises ImportError where there is none."""
    package = importlib.import_module(PACKAGE)
    paths = {PACKAGE, NATIVE, *(found.name for found in pkgutil.walk_packages(package.__path__, f"{PACKAGE}."))}
    modules = {_short(path): _names(importlib.import_module(path)) for path in sorted(paths)}
    found = {_home(value): value for names in modules.values() for value in names.values()}
    classes = {home: _class(value) for home, value in sorted(found.items()) if inspect.isclass(value)}
    functions = {home: signature_of(value) for home, value in sorted(found.items()) if inspect.isroutine(value)}
    homes = {path: {name: _home(value) for name, value in names.items()} for path, names in modules.items()}
    return Surface(homes, classes, functions)


def signature_of(value: object) -> str:
    """Names, kinds and defaults, as Python writes them (``...``: not shown); empty for what has no signature."""
    try:
        parameters = inspect.signature(value).parameters.values() if callable(value) else ()
    except ValueError:
        return ""
    plain = [_plain(each) for each in parameters if each.name != "self"]
    return str(inspect.Signature(plain)).replace("Ellipsis", "...") if callable(value) else ""


def public_members(kind: type) -> Iterator[str]:
    """The names of a class that a bot uses, but for those that it has from Python."""
    for name in dir(kind):
        home = next((each for each in kind.__mro__ if name in vars(each)), object)
        if (name in PROTOCOL or not name.startswith("_")) and home not in _pythons(kind):
            yield name


def _names(module: ModuleType) -> dict[str, Any]:
    found = {name: getattr(module, name) for name in dir(module) if not name.startswith("_")}
    return {name: value for name, value in found.items() if _is_own(name, value)}


def _is_own(name: str, value: object) -> bool:
    if isinstance(value, ModuleType):
        return value.__name__.startswith(PACKAGE)
    if inspect.isclass(value) or inspect.isroutine(value):
        return bool(_home(value))
    return PACKAGE in repr(value) or (name.isupper() and type(value) in {str, int, float})


def _home(value: object) -> str:
    """Where a class or a function is defined; the native ones say that they are Python's own."""
    if not (inspect.isclass(value) or inspect.isroutine(value)):
        return ""
    if value.__module__ == "builtins" and not hasattr(builtins, value.__name__):
        return _short(f"{NATIVE}.{value.__name__}")
    return _short(f"{value.__module__}.{value.__name__}") if value.__module__.startswith(PACKAGE) else ""


def _short(path: str) -> str:
    return path.removeprefix(PACKAGE).removeprefix(".")


def _class(kind: type) -> Class:
    members = {name: signature_of(getattr(kind, name)) for name in public_members(kind)}
    return Class(tuple(base.__name__ for base in _pythons(kind)[:-1]), members)


def _pythons(kind: type) -> list[type]:
    return [base for base in kind.__mro__ if getattr(builtins, base.__name__, None) is base]


def _plain(parameter: inspect.Parameter) -> inspect.Parameter:
    hidden = type(parameter.default).__name__ == "_HAS_DEFAULT_FACTORY_CLASS"
    default = ... if hidden else parameter.default
    kind = parameter.POSITIONAL_OR_KEYWORD if parameter.kind is parameter.POSITIONAL_ONLY else parameter.kind
    return parameter.replace(annotation=parameter.empty, default=default, kind=kind)


if __name__ == "__main__":
    FILE.write_bytes(msgspec.json.format(msgspec.json.encode(installed()), indent=1) + b"\n")
