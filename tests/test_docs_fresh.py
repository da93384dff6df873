"""Guards the generated pages: they say what the code says, and the check notices where they do not."""

import re
from enum import Enum
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest
from msgspec import Struct, structs

from docs import generate
from messages.base import Command, Message
from messages.session import SessionState
from messages.wire.handshake import MOVES, Input, Stage
from supervisor.lifecycle import TABLE, LifecycleEvent
from supervisor.settings import Settings

ROOT = Path(__file__).parents[1]
TEXTS = ("README.md", *(file.relative_to(ROOT).as_posix() for file in sorted((ROOT / "docs").rglob("*.md"))))


def test_every_page_says_what_the_code_says() -> None:
    assert generate.stale() == [], "run: python -m docs.generate"


def test_a_page_that_says_something_else_is_reported(tmp_path: Path) -> None:
    for name, text in generate.pages().items():
        (tmp_path / name).write_text(text)
    (tmp_path / "messages.md").write_text(generate.pages()["messages.md"].replace("PlaceTrade", "PlaceOrder"))
    (tmp_path / "lifecycle.md").unlink()

    assert generate.stale(tmp_path) == ["messages.md", "lifecycle.md"]


def test_a_move_that_changes_changes_its_page() -> None:
    changed = TABLE | {(SessionState.READY, LifecycleEvent.LOST): SessionState.HELD}
    redirected = MOVES | {(Stage.LOST, Input.PING): (Stage.REFUSED, ())}

    assert generate.lifecycle(changed) != generate.lifecycle(TABLE)
    assert generate.wire_session(redirected) != generate.wire_session(MOVES)


def test_a_message_that_is_new_changes_the_catalogue() -> None:
    class Ping(Command, frozen=True, kw_only=True):
        """Are you there."""

        number: int

    module = ModuleType("messages.new", "New words.")
    Ping.__module__ = module.__name__
    vars(module)["Ping"] = Ping

    assert "### Ping\n\n*Command, reported.* Are you there.\n\n- `number: int`" in generate.catalogue([module])


class Changed(Struct):
    """Settings that say something else."""

    limit_seconds: float = 4.0
    """How long."""


class Silent(Struct):
    """Settings that say nothing."""

    limit: int = 4


def test_a_setting_that_changes_changes_its_page() -> None:
    assert "| `limit_seconds` | `4.0` s | How long. |" in generate.configuration(Changed)


def test_a_setting_without_a_meaning_is_reported() -> None:
    with pytest.raises(KeyError, match="limit"):
        generate.configuration(Silent)


def test_every_setting_has_its_line() -> None:
    page = generate.pages()["configuration.md"]
    sections = {field.name: field.type for field in structs.fields(Settings) if isinstance(field.type, type)}

    for name, section in sections.items():
        for field in structs.fields(section):
            assert f"| `{name}.{field.name}` | " in page


@pytest.mark.parametrize("file", sorted((ROOT / "messages").rglob("*.py")), ids=lambda file: file.stem)
def test_every_message_has_its_entry_under_its_module(file: Path) -> None:
    name = ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    chapter = generate.pages()["messages.md"].partition(f"## `{name}`\n")[2].partition("\n## ")[0]

    own = [each for each in vars(import_module(name)).values() if getattr(each, "__module__", None) == name]
    words = [each for each in own if isinstance(each, type) and issubclass(each, Message)]

    for word in words:
        assert word in generate.ABSTRACT or f"### {word.__name__}\n" in chapter


@pytest.mark.parametrize("state", SessionState)
def test_every_state_has_its_row(state: Enum) -> None:
    assert f"| **{state.value}** |" in generate.pages()["lifecycle.md"]


@pytest.mark.parametrize("text", TEXTS)
def test_every_link_leads_somewhere(text: str) -> None:
    assert _broken(ROOT / text) == []


def test_a_link_that_leads_nowhere_is_reported(tmp_path: Path) -> None:
    (tmp_path / "page.md").write_text("[here](page.md) [there](https://example.org) [nowhere](missing.md#part)")

    assert _broken(tmp_path / "page.md") == ["missing.md"]


def _broken(file: Path) -> list[str]:
    links = re.findall(r"\]\(([^)#]+)[^)]*\)", file.read_text())
    return [link for link in links if "://" not in link and not (file.parent / link).exists()]
