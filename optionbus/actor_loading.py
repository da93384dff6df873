"""Actors by their names: ``strategies:Breakout`` is the class Breakout of the module strategies.

Decides what may be wrong with such a name, and says which. Does not know where modules are looked for.
"""

from importlib import import_module
from traceback import extract_tb
from types import ModuleType
from typing import Any

from actors.base import Actor
from messages.errors import UsageError


def load_actor(name: str) -> type[Actor[Any]]:
    """The class of that name.

    Raises:
        UsageError: there is none, it is no Actor, or its module cannot be imported; the text says where it failed.
    """
    module_name, colon, class_name = name.partition(":")
    if not (colon and class_name and all(part.isidentifier() for part in module_name.split("."))):
        raise UsageError(f"{name!r} names no actor. Write module:Class, such as strategies:Breakout.")
    module = _import(module_name)
    found = getattr(module, class_name, None)
    if not (isinstance(found, type) and issubclass(found, Actor)):
        raise UsageError(f"{_problem(module, class_name, found)} {_hint(module, class_name)}")
    return found


def _import(name: str) -> ModuleType:
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name is None or not f"{name}.".startswith(f"{error.name}."):
            raise _broken(name, error) from error
        raise UsageError(f"There is no module {error.name!r}. Start from the folder it is in, or install it.") from None
    except (Exception, SystemExit) as error:  # whatever a module of somebody else does when it is imported
        raise _broken(name, error) from error


def _broken(name: str, error: BaseException) -> UsageError:
    place = extract_tb(error.__traceback__)[-1]
    problem = f"{error} ({place.filename}:{place.lineno})"
    if isinstance(error, SyntaxError):
        problem = f"{error.msg} ({error.filename}:{error.lineno})"
    return UsageError(f"The module {name!r} cannot be imported: {type(error).__name__}: {problem}.")


def _problem(module: ModuleType, name: str, found: object) -> str:
    if found is None:
        return f"The module {module.__name__!r} has no class {name!r}."
    return f"{module.__name__}:{name} is no actor: derive it from optionbus.Actor."


def _hint(module: ModuleType, name: str) -> str:
    actors = [
        each
        for each, value in vars(module).items()
        if isinstance(value, type) and issubclass(value, Actor) and value.__module__ == module.__name__
    ]
    from difflib import get_close_matches  # noqa: PLC0415 - slow to import, and needed for a mistake only

    similar = get_close_matches(name, actors, n=1)
    if similar:
        return f"Did you mean {similar[0]}?"
    return f"Its actors are: {', '.join(actors)}." if actors else "There is no actor in it."
