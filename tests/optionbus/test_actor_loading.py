"""Covers optionbus.actor_loading: every way in which a name may fail to be an actor."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from messages.errors import UsageError
from optionbus import Actor, Config, PocketOption
from optionbus.actor_loading import load_actor

MODULES = {
    "good_bots": "from optionbus import Actor\nclass Breakout(Actor[str]): pass\nclass Reversal(Actor[str]): pass\n",
    "no_bots": "from optionbus import Actor\nclass Alone: pass\nnumber = 1\n",
    "lacking_bots": "import no_such_library\n",
    "broken_bots": "class Bot(:\n",
    "raising_bots": "\nraise ValueError('not today')\n",
    "leaving_bots": "import sys\nsys.exit(3)\n",
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for name, source in MODULES.items():
        (tmp_path / f"{name}.py").write_text(source)
    monkeypatch.syspath_prepend(tmp_path)
    yield tmp_path
    for name in MODULES:
        sys.modules.pop(name, None)


def test_a_class_is_found_by_module_and_name() -> None:
    found = load_actor("good_bots:Breakout")

    assert issubclass(found, Actor)
    assert found.__name__ == "Breakout"


@pytest.mark.parametrize("name", ["", "good_bots", "good_bots:", ":Breakout", "good bots:Breakout", "a..b:C"])
def test_a_name_of_another_form_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="module:Class"):
        load_actor(name)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("nowhere:Bot", "no module 'nowhere'. Start from the folder it is in"),
        ("good_bots.inner:Bot", "no module 'good_bots.inner'"),
        ("good_bots:Breakot", "no class 'Breakot'. Did you mean Breakout?"),
        ("good_bots:Zzz", "Its actors are: Breakout, Reversal."),
        ("no_bots:Alone", "no actor: derive it from optionbus.Actor. There is no actor in it."),
        ("no_bots:number", "no actor: derive it from optionbus.Actor"),
        ("lacking_bots:Bot", "No module named 'no_such_library' ({folder}/lacking_bots.py:1)"),
        ("broken_bots:Bot", "SyntaxError: invalid syntax ({folder}/broken_bots.py:1)"),
        ("raising_bots:Bot", "ValueError: not today ({folder}/raising_bots.py:2)"),
        ("leaving_bots:Bot", "SystemExit: 3 ({folder}/leaving_bots.py:2)"),
    ],
)
def test_what_is_wrong_is_said(name: str, says: str, folder: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load_actor(name)

    assert says.format(folder=folder) in caught.value.text


def test_a_client_loads_the_actors_its_config_names() -> None:
    with pytest.raises(UsageError, match="Did you mean Breakout"):
        PocketOption.simulated(config=Config(actors=("good_bots:Breakot",)))
