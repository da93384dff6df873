"""All mutants of a source: where each is, which operator made it, and its text.

Left alone are annotations, imports, decorators, docstrings, and what no run can reach: ``assert_never``.
Knows no tests.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import unified_diff
from typing import Any

import libcst as cst
import libcst.matchers as m
from libcst.metadata import MetadataWrapper, PositionProvider

from tests.mutation.operators import OPERATORS

_LEFT_ALONE = (
    m.Annotation()
    | m.Import()
    | m.ImportFrom()
    | m.Decorator()
    | m.Expr(m.SimpleString() | m.ConcatenatedString())
    | m.Call(func=m.Name("assert_never"))
    | m.Expr(m.Call(func=m.Name("assert_never")))
)


@dataclass(frozen=True)
class Mutant:
    """A module with one change."""

    number: int
    line: int
    operator: str
    original: str
    source: str

    @property
    def diff(self) -> str:
        """The lines that differ."""
        pair = (self.original.splitlines(), self.source.splitlines())
        lines = unified_diff(*pair, lineterm="", n=0)
        return "\n".join(line for line in lines if not line.startswith(("@@", "+++", "---")))


def mutants_of(source: str) -> list[Mutant]:
    """All of them, in the order of the source; of those with the same text, the first."""
    module = cst.parse_module(source)
    lines = MetadataWrapper(module, unsafe_skip_copy=True).resolve(PositionProvider)
    found: dict[str, tuple[int, str]] = {}
    statements = [module.code_for_node(statement) for statement in module.body]
    head, _, tail = source.partition("".join(statements))
    for index, statement in enumerate(module.body):
        before, after = head + "".join(statements[:index]), "".join(statements[index + 1 :]) + tail
        for line, operator, old, new in _changes(statement, lines, 1):
            changed = before + module.code_for_node(statement.deep_replace(old, new)) + after
            if changed != source:
                found.setdefault(changed, (line, operator))
    return [
        Mutant(number, line, operator, source, changed)
        for number, (changed, (line, operator)) in enumerate(found.items(), 1)
    ]


def _changes(node: Any, lines: Any, line: int) -> Iterator[tuple[int, str, Any, Any]]:
    """Line, operator, the node as it is and as it would be; of the node and of all below it."""
    if m.matches(node, _LEFT_ALONE):
        return
    line = lines[node].start.line if node in lines else line
    for kind, operator in OPERATORS:
        if isinstance(node, kind):
            name = operator.__name__.removeprefix("operator_").replace("_", " ")
            yield from ((line, name, node, new) for new in operator(node))
    for child in node.children:
        yield from _changes(child, lines, line)
