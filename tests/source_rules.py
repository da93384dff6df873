"""What a module's source says about it: whom it imports, what of the world it touches, how long it is.

Decides by the syntax tree alone: nothing is imported or run. Pure functions of a text, so that each can be shown a
text that breaks its rule. Does not know which module may do what (``test_layering``).
"""

import ast
import builtins
from collections.abc import Iterator
from itertools import chain

LAYERS = {
    "messages": ("messages",),
    "messages.wire": ("messages", "messages.wire"),
    "actors": ("messages", "messages.wire", "actors"),
    "supervisor": ("messages", "messages.wire", "actors", "supervisor"),
    "simulator": ("messages", "messages.wire", "simulator"),
    "optionbus": ("messages", "messages.wire", "actors", "supervisor", "simulator", "optionbus"),
    "run": ("messages", "messages.wire", "actors", "supervisor", "simulator", "optionbus", "run"),
}
"""For each package, what it may import of this project."""

OWN = (*LAYERS, "benchmarks", "docs", "examples", "tests")

WORLD = frozenset(
    {
        *("asyncio", "concurrent", "multiprocessing", "queue", "sched", "signal", "subprocess", "threading", "_thread"),
        *("fcntl", "glob", "io", "mmap", "os", "pathlib", "shelve", "shutil", "sqlite3", "tempfile"),
        *("ftplib", "http", "select", "selectors", "smtplib", "socket", "socketserver", "ssl", "urllib.request"),
        *("getpass", "logging", "platform", "secrets", "time", "timeit"),
        *("importlib", "pkgutil", "runpy"),
        *("loguru", "python_socks", "rich", "websocket", "websockets"),
        *("datetime.date.today", "datetime.datetime.now", "datetime.datetime.today", "datetime.datetime.utcnow"),
        *("sys.argv", "sys.exit", "sys.path", "sys.stderr", "sys.stdin", "sys.stdout"),
        *("uuid.getnode", "uuid.uuid1", "uuid.uuid4"),
        *("breakpoint", "eval", "exec", "input", "open", "print", "__import__"),
    }
)
"""Time, threads, sockets, files, terminals, and code that is not there to be read. Names without a dot are modules or
builtins; a name stands for everything in it."""

SEEDED = frozenset({"random", "random.Random"})
"""All there is of randomness that can be replayed; the rest of the module draws from a generator of the process."""


def imports(source: str) -> Iterator[str]:
    """Everything imported, by its full name; of ``from a import b`` it is ``a.b``."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            yield from (f"{module}.{alias.name}" for alias in node.names)


def forbidden_imports(package: str, source: str) -> list[str]:
    """The imports of this project's own that a module of the package may not have."""
    allowed = LAYERS[package]
    found = ((name, _layer(name)) for name in imports(source))
    return [name for name, layer in found if layer is not None and layer not in allowed]


def touched(source: str) -> set[str]:
    """What the source touches of the world, by full names."""
    tree = ast.parse(source)
    known = _known_names(tree)
    used = (_full_name(node, known) for node in ast.walk(tree) if isinstance(node, ast.Attribute | ast.Name))
    unseeded = (_unseeded(node, known) for node in ast.walk(tree) if isinstance(node, ast.Call))
    names = chain(imports(source), (name for name in used if name), (name for name in unseeded if name))
    return {name for name in names if _is_of_the_world(name)}


def long_functions(source: str, limit: int) -> list[str]:
    """The functions that have more lines than that, decorators not counted."""
    functions = (
        node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    return [node.name for node in functions if (node.end_lineno or node.lineno) - node.lineno + 1 > limit]


def has_docstring(source: str) -> bool:
    """Whether the module says what it is for."""
    return bool(ast.get_docstring(ast.parse(source)))


def _layer(name: str) -> str | None:
    """The part of this project that an import reaches into; a relative one is nowhere."""
    if name.startswith("."):
        return name
    return max((own for own in OWN if f"{name}.".startswith(f"{own}.")), key=len, default=None)


def _known_names(tree: ast.Module) -> dict[str, str]:
    """What the names in a module stand for."""
    known = {name: name for name in dir(builtins)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            whole = [(alias.asname, alias.name) for alias in node.names if alias.asname]
            first = [alias.name.partition(".")[0] for alias in node.names if not alias.asname]
            known |= dict(whole) | {name: name for name in first}
        elif isinstance(node, ast.ImportFrom):
            known |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
    return known


def _full_name(node: ast.expr, known: dict[str, str]) -> str | None:
    """What an expression such as ``a.b.c`` stands for, if ``a`` was imported or is a builtin; not what is assigned."""
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
        return known.get(node.id)
    if isinstance(node, ast.Attribute):
        inner = _full_name(node.value, known)
        return inner and f"{inner}.{node.attr}"
    return None


def _unseeded(call: ast.Call, known: dict[str, str]) -> str | None:
    is_unseeded = _full_name(call.func, known) == "random.Random" and not call.args
    return "random.Random()" if is_unseeded else None


def _is_of_the_world(name: str) -> bool:
    if name.partition(".")[0] == "random":
        return name not in SEEDED
    parts = name.split(".")
    return any(".".join(parts[:length]) in WORLD for length in range(1, len(parts) + 1))
