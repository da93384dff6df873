"""Every name of BinaryOptionsToolsV2 0.2.16 is there, and can be called as it is there, or is refused with a reason."""

import ast
import importlib
import inspect
import re
from pathlib import Path
from typing import Any

import pytest

import optionbus
from docs import migration_page, wheel
from optionbus import compat
from optionbus.compat.not_offered import NOT_OFFERED, reason

SURFACE = wheel.kept()
OFFERED = {
    path: [name for name in names if reason(path, name) is None]
    for path, names in SURFACE.modules.items()
    if reason(path, "") is None
}
NAMES = [(path, name) for path, names in OFFERED.items() for name in names]
CLASSES = [(path, name) for path, name in NAMES if SURFACE.modules[path][name] in SURFACE.classes]
FUNCTIONS = [(path, name) for path, name in NAMES if SURFACE.modules[path][name] in SURFACE.functions]
NATIVE = f"{wheel.PACKAGE}."


def ours(path: str, name: str) -> Any:
    module = importlib.import_module(f"optionbus.compat.{path}".rstrip("."))
    found = getattr(module, name, None)
    return found if found is not None else importlib.import_module(f"{module.__name__}.{name}")


def is_native(path: str, name: str) -> bool:
    return SURFACE.modules[path][name].startswith(NATIVE)


def misfits(theirs: str, signature: str) -> list[str]:
    """What of the signature there cannot be given, or has another default, in ours."""
    wanted, offered = _arguments(theirs), _arguments(signature)
    return [
        name
        for name, (kind, default) in wanted.items()
        if name not in offered
        or offered[name][0] != kind
        or (default not in (None, "...") and offered[name][1] not in (default, "..."))
    ] + [name for name, (kind, default) in offered.items() if name not in wanted and default is None and kind != "star"]


def _arguments(signature: str) -> dict[str, tuple[str, str | None]]:
    (function,) = ast.parse(f"def f{signature}: ...").body
    assert isinstance(function, ast.FunctionDef)
    found, plain = function.args, [*function.args.posonlyargs, *function.args.args]
    defaults = [*[None] * (len(plain) - len(found.defaults)), *found.defaults]
    arguments: dict[str, tuple[str, ast.expr | None]] = {
        each.arg: ("plain", default) for each, default in zip(plain, defaults, strict=True)
    }
    arguments |= {
        each.arg: ("named", default) for each, default in zip(found.kwonlyargs, found.kw_defaults, strict=True)
    }
    arguments |= {each.arg: ("star", None) for each in (found.vararg, found.kwarg) if each is not None}
    return {name: (kind, ast.unparse(default) if default else None) for name, (kind, default) in arguments.items()}


def test_the_table_is_what_the_wheel_shows() -> None:
    pytest.importorskip(wheel.PACKAGE, reason="BinaryOptionsToolsV2 is not installed (extra interop)")

    assert wheel.installed() == SURFACE, "run: python -m docs.wheel"


@pytest.mark.parametrize("path", OFFERED)
def test_every_name_is_there(path: str) -> None:
    for name in OFFERED[path]:
        assert ours(path, name) is not None


@pytest.mark.parametrize(("path", "name"), CLASSES)
def test_every_member_can_be_called_as_it_is_there(path: str, name: str) -> None:
    kind, theirs = ours(path, name), SURFACE.classes[SURFACE.modules[path][name]]

    assert {*theirs.bases} <= {base.__name__ for base in kind.__mro__}
    for member, signature in theirs.members.items():
        if f"{name}.{member}" not in NOT_OFFERED:
            assert hasattr(kind, member)
            # What a bot gets from a client is not the native class, but the one around it; Python calls the exits.
            if signature and not is_native(path, name) and member not in {"__exit__", "__aexit__"}:
                assert misfits(signature, wheel.signature_of(getattr(kind, member))) == [], member


@pytest.mark.parametrize(("path", "name"), FUNCTIONS)
def test_every_function_can_be_called_as_it_is_there(path: str, name: str) -> None:
    theirs = SURFACE.functions[SURFACE.modules[path][name]]

    assert misfits(theirs, wheel.signature_of(ours(path, name))) == []


@pytest.mark.parametrize(
    ("theirs", "signature", "misfit"),
    [
        ("(asset)", "(symbol)", ["asset", "symbol"]),
        ("(asset, count=100)", "(asset, count=50)", ["count"]),
        ("(asset, count=100)", "(asset, count)", ["count"]),
        ("(asset, *, count=1)", "(asset, count=1)", ["count"]),
        ("(asset)", "(asset, more)", ["more"]),
        ("(asset, **_)", "(asset)", ["_"]),
        ("(asset)", "(asset, more=1, *, other=2)", []),
        ("(urls=...)", "(urls=None)", []),
    ],
)
def test_a_signature_that_does_not_fit_is_reported(theirs: str, signature: str, misfit: list[str]) -> None:
    assert misfits(theirs, signature) == misfit


def test_there_is_nothing_in_the_table_of_refusals_that_is_not_in_the_wheel() -> None:
    known = {path for path in SURFACE.modules if path}
    for path, names in SURFACE.modules.items():
        for name, home in names.items():
            members = SURFACE.classes[home].members if home in SURFACE.classes else {}
            known |= {name, f"{path}.{name}", *(f"{name}.{member}" for member in members)}

    assert set(NOT_OFFERED) <= known


@pytest.mark.parametrize("name", [name for name in SURFACE.modules[""] if name in NOT_OFFERED and name[:5] != "login"])
def test_a_name_that_is_not_offered_says_why(name: str) -> None:
    with pytest.raises(compat.NotOffered, match=re.escape(NOT_OFFERED[name])) as caught:
        getattr(compat, name)
    with pytest.raises(ImportError):
        exec(f"from optionbus.compat import {name}", {})  # noqa: S102 - as a bot does

    assert isinstance(caught.value, optionbus.BusError)


def test_a_name_that_never_was_is_no_attribute() -> None:
    assert not hasattr(compat, "Nonsense")


def test_the_page_has_every_name_and_member() -> None:
    page = (Path(wheel.__file__).with_name("migration.md")).read_text()
    words = set(re.findall(r"\w+", page))
    members = {member for entry in SURFACE.classes.values() for member in entry.members}

    assert {name for names in SURFACE.modules.values() for name in names} | members <= words


def test_the_page_names_only_what_there_is() -> None:
    client = {*dir(optionbus.PocketOption), "is_demo", ""}  # that one is set where a client is made

    assert {*migration_page.CLIENT.values()} <= client
    assert all(hasattr(optionbus, name) for name in migration_page.NAMES.values())


def test_the_rest_of_the_package_does_not_know_the_drop_in() -> None:
    package = Path(inspect.getfile(optionbus)).parent
    sources = [file for file in package.rglob("*.py") if "compat" not in file.relative_to(package).parts]

    assert [file.name for file in sources if "optionbus.compat" in file.read_text()] == []
