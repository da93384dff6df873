"""Writes the parts of the documentation that the code already says: ``python -m docs.generate``.

Decides which pages there are and how they look. Does not know what a message is for, nor why a state follows another:
that stands in the code, and here it is only set out.
"""

import ast
import inspect
import itertools
import pkgutil
import re
import textwrap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from enum import Enum
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Final

import msgspec
from msgspec import NODEFAULT, Struct

import messages
from docs import migration_page, simulator_page
from messages.base import Command, Delivery, Event, Message, Query, Reply, Request
from messages.session import SessionState
from messages.wire.handshake import MOVES, Input, Move, Stage
from supervisor.lifecycle import TABLE, LifecycleEvent
from supervisor.regions import HOSTS
from supervisor.settings import Settings

FOLDER: Final = Path(__file__).parent
KINDS: Final = (Event, Query, Command, Reply, Struct, Enum)
ABSTRACT: Final = (Message, Request, *KINDS)
NOTE: Final = "<!-- Written by `python -m docs.generate` from the code: change that, not this. -->"

Edges = Mapping[tuple[str, str], Sequence[str]]


def pages() -> dict[str, str]:
    """The text of every page, by the name of its file."""
    return {
        "messages.md": catalogue(vocabulary()),
        "lifecycle.md": lifecycle(TABLE),
        "wire-session.md": wire_session(MOVES),
        "configuration.md": configuration(Settings),
        "simulator.md": _page("The simulated broker", *simulator_page.paragraphs()),
        "migration.md": _page("Coming from BinaryOptionsToolsV2", *migration_page.paragraphs()),
    }


def stale(folder: Path = FOLDER) -> list[str]:
    """The pages that are missing in the folder, or say something else than the code."""
    return [
        name for name, text in pages().items() if not (folder / name).is_file() or (folder / name).read_text() != text
    ]


def vocabulary() -> tuple[ModuleType, ...]:
    """The modules that define messages, by name."""
    modules = (import_module(f"messages.{found.name}") for found in pkgutil.iter_modules(messages.__path__))
    return tuple(module for module in modules if any(issubclass(entry, Message) for entry in _own(module)))


def catalogue(modules: Sequence[ModuleType]) -> str:
    """Every message, in the order in which the modules define them."""
    entries = (line for module in modules for line in _chapter(module))
    return _page(
        "Messages",
        "Every word that actors say to each other, and to the edge. A request (query or command) carries `reply_to` "
        "and `request_id` besides its own fields, a reply the `request_id` it answers. *Redelivered* is what waits in "
        "the mailbox of an actor that crashes and is handled by its next life; *reported* is what is handed back then: "
        "a dead letter, and an error to the asker. *May be shed*: the oldest of them go when a mailbox overflows.",
        *entries,
    )


def lifecycle(table: Mapping[tuple[SessionState, LifecycleEvent], SessionState]) -> str:
    """The states of a session."""
    moves = {(state.value, event.value): following.value for (state, event), following in table.items()}
    return _page(
        "The life of a session",
        "From `supervisor/lifecycle.py`. Left out of the picture: moves that stay where they are, and the two commands "
        "that almost every state takes, *disconnect and hold*, which leads to held, and *shutdown*, which leads to "
        "closed. The table has them all. A pair without an entry raises and changes nothing.",
        _diagram(SessionState.IDLE.value, _edges(moves, hidden=("shutdown", "disconnect and hold"))),
        _grid("state", [state.value for state in SessionState], [event.value for event in LifecycleEvent], moves),
    )


def wire_session(moves: Mapping[tuple[Stage, Input], Move]) -> str:
    """The stages of one connection's session on the wire."""
    following = {(stage.value, received.value): move[0].value for (stage, received), move in moves.items()}
    answers = {(stage.value, received.value): _answer(move) for (stage, received), move in moves.items()}
    return _page(
        "The session on the wire",
        "From `messages/wire/handshake.py`: what the server may say at which stage, what becomes of the session, and "
        "what the client does about it. A pair without an entry is a WireError and changes nothing.",
        _diagram(Stage.AWAITING_OPEN.value, _edges(following)),
        _grid("stage", [stage.value for stage in Stage], [received.value for received in Input], answers),
    )


def configuration(settings: type[Struct]) -> str:
    """Every field that a user may set."""
    fields = msgspec.structs.fields(settings)
    return _page(
        "Configuration",
        *_ABOUT_CONFIGURATION,
        _fields_table(settings, [field for field in fields if not _is_struct(field.type)], ""),
        *(part for field in fields if _is_struct(field.type) for part in _section(field)),
        "## Regions",
        "For `connection.region`, in any case. The platform's host of that name comes first, then the usual ones.",
        _table(
            ("region", "host", "place", "accounts"),
            ((f"`{host.region}`", f"`{host.label}`", host.place, "demo" if host.is_demo else "real") for host in HOSTS),
        ),
    )


_ABOUT_CONFIGURATION: Final = (
    """\
From `supervisor/settings.py`. A setting is taken from the first place that has it: the arguments of a program or of
`load(overrides=…)`, the environment, the file, the defaults below. What is unknown or wrong is a `ConfigInvalid` that
names the place and the path of the field, such as `connection.urls[1]`.""",
    """\
- In TOML a section is a table: `[connection]`, and in it `region = "eu"`. A file named `.json` holds the same as JSON.
- In the environment the field is `OPTIONBUS__CONNECTION__REGION`. Lists are separated by commas.
- In code it is `Config(connection=ConnectionSettings(region="eu"))`, with the sections from `supervisor.settings`, or
  `optionbus.config.load("bot.toml")`.""",
    """\
A `Config` is frozen, and a client takes a checked copy of its own: nothing changes once it is in use. Durations are
seconds, of which a fraction may be given where the default has a point.""",
)


def _is_struct(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, Struct)


def _section(section: msgspec.structs.FieldInfo) -> Iterator[str]:
    yield f"## `[{section.name}]`"
    yield _first_line(section.type)
    yield _fields_table(section.type, msgspec.structs.fields(section.type), f"{section.name}.")


def _fields_table(struct: type, fields: Sequence[msgspec.structs.FieldInfo], path: str) -> str:
    meanings = _meanings(struct)
    rows = ((f"`{path}{field.name}`", _default(field), meanings[field.name]) for field in fields)
    return _table(("field", "default", "meaning"), rows)


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.default in (None, "", ()):
        return "—"
    value = str(field.default).lower() if isinstance(field.default, bool) else str(field.default)
    return f"`{value}` s" if field.name.endswith("_seconds") else f"`{value}`"


def _meanings(struct: type) -> dict[str, str]:
    """The text under each field of a class."""
    (definition,) = ast.parse(textwrap.dedent(inspect.getsource(struct))).body
    assert isinstance(definition, ast.ClassDef)  # noqa: S101 - what the source of a class is
    found = {}
    for field, text in itertools.pairwise(definition.body):
        if isinstance(field, ast.AnnAssign) and isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
            found[ast.unparse(field.target)] = " ".join(str(text.value.value).split())
    return found


def _page(title: str, *paragraphs: str) -> str:
    return "\n\n".join((f"# {title}", NOTE, *paragraphs)) + "\n"


def _chapter(module: ModuleType) -> Iterator[str]:
    yield f"## `{module.__name__}`"
    yield _first_line(module)
    for entry in _own(module):
        if not (entry in ABSTRACT or entry.__name__.startswith("_")):
            yield _entry(entry)


def _own(module: ModuleType) -> list[type]:
    """The classes that the module defines, in its order."""
    entries = vars(module).values()
    return [entry for entry in entries if isinstance(entry, type) and entry.__module__ == module.__name__]


def _entry(entry: type) -> str:
    kind = next(kind for kind in KINDS if issubclass(entry, kind))
    lines = [f"### {entry.__name__}", "", f"*{_description(kind, entry)}.* {_first_line(entry)}", ""]
    if issubclass(entry, Enum):
        lines += [f"- `{member.name}`" for member in entry]
    elif issubclass(entry, Struct):
        lines += [_field(field) for field in msgspec.structs.fields(entry) if field.name not in _INHERITED]
    return "\n".join(lines).rstrip()


_INHERITED: Final = {field.name for field in msgspec.structs.fields(Request)}


def _description(kind: type, entry: type) -> str:
    if not issubclass(entry, Message):
        return {Struct: "Value", Enum: "Choice"}[kind]
    words = [kind.__name__, "redelivered" if entry.delivery is Delivery.REDELIVER else "reported"]
    return ", ".join([*words, "may be shed"] if entry.sheddable else words)


def _field(field: msgspec.structs.FieldInfo) -> str:
    value = field.default.name if isinstance(field.default, Enum) else repr(field.default)
    default = f" = {value}" if field.default is not NODEFAULT else ""
    # Without the modules: what a name means is on this page.
    kind = re.sub(r"\b(?:\w+\.)+(\w)", r"\1", inspect.formatannotation(field.type))
    kind = re.sub(r"Optional\[(\w+)\]", r"\1 | None", kind)  # how Python 3.11 shows a NewType that may be missing
    return f"- `{field.name}: {kind}{default}`"


def _first_line(described: object) -> str:
    """What a catalogue tells of something; the code tells more."""
    return (inspect.getdoc(described) or "").partition("\n")[0].replace("``", "`")


def _edges(moves: Mapping[tuple[str, str], str], hidden: Sequence[str] = ()) -> Edges:
    edges: dict[tuple[str, str], list[str]] = {}
    for (state, event), following in moves.items():
        if state != following and event not in hidden:
            edges.setdefault((state, following), []).append(event)
    return edges


def _diagram(start: str, edges: Edges) -> str:
    lines = (
        f"    {_id(state)} --> {_id(following)}: {', '.join(events)}" for (state, following), events in edges.items()
    )
    return "\n".join(("```mermaid", "stateDiagram-v2", f"    [*] --> {_id(start)}", *lines, "```"))


def _id(state: str) -> str:
    return state.replace(" ", "_")


def _grid(corner: str, rows: Sequence[str], columns: Sequence[str], cells: Mapping[tuple[str, str], str]) -> str:
    body = ([f"**{row}**", *(cells.get((row, column), "—") for column in columns)] for row in rows)
    return _table([corner, *columns], body)


def _table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = (header, ["---"] * len(header), *rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _answer(move: Move) -> str:
    stage, actions = move
    return f"{stage.value}: {', '.join(action.value for action in actions)}" if actions else stage.value


if __name__ == "__main__":
    for name, text in pages().items():
        (FOLDER / name).write_text(text)
