"""The changes that are made: those of mutmut, and those that mutmut has not.

mutmut's operators change numbers, strings, arguments, assignments, comparisons, arithmetic, keywords, the arms of a
conditional expression and the cases of a match. They are taken as they are; mutmut itself applies them to the bodies of
functions only, and here they are applied to all of a module, since state tables are outside of functions. These are
added:

- row removed: an entry of a dict or a set, or of a tuple that is searched with ``in``
- row added: to a table whose keys are pairs, a pair that it does not have
- cell changed: the value of a dict's entry becomes that of another
- statement removed: a call, a raise, an augmented assignment, an assignment to an attribute or an item
- return changed: ``return x`` returns None
- condition negated: of an if, and of a comprehension's if

Does not know which module is changed or which tests run.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import libcst as cst
import libcst.matchers as m
from mutmut.mutation.mutators import mutation_operators

Operator = Callable[[Any], Any]
"""Takes a node, gives the nodes that may stand in its place."""

_EMPTY = cst.Module(body=())


def rows_removed(node: cst.Dict | cst.Set) -> Iterator[cst.BaseExpression]:
    """The display without each of its entries."""
    for index in range(len(node.elements)):
        rest = [*node.elements[:index], *node.elements[index + 1 :]]
        yield node.with_changes(elements=rest) if rest or isinstance(node, cst.Dict) else cst.parse_expression("set()")


def choices_removed(node: cst.ComparisonTarget) -> Iterator[cst.ComparisonTarget]:
    """The same of a tuple that is searched."""
    if isinstance(node.operator, cst.In | cst.NotIn) and isinstance(node.comparator, cst.Tuple):
        elements = node.comparator.elements
        for index in range(len(elements)):
            rest = [_with_comma(element) for element in (*elements[:index], *elements[index + 1 :])]
            yield node.with_changes(comparator=node.comparator.with_changes(elements=rest))


def rows_added(node: cst.Dict) -> Iterator[cst.Dict]:
    """The table with a pair that it does not have, of each row's first and the next row's second that is free."""
    rows = [element for element in node.elements if isinstance(element, cst.DictElement)]
    if len(rows) < len(node.elements) or not all(m.matches(row.key, _PAIR) for row in rows):
        return
    pairs = [tuple(_code(element.value) for element in _elements(row.key)) for row in rows]
    seconds = list(dict.fromkeys(second for _first, second in pairs))
    for row, (first, second) in zip(rows, pairs, strict=True):
        start = seconds.index(second) + 1
        free = [other for other in (*seconds[start:], *seconds[:start]) if (first, other) not in pairs]
        if free:
            added = cst.DictElement(cst.parse_expression(f"({first}, {free[0]})"), row.value)
            yield node.with_changes(elements=[*(_with_comma(element) for element in node.elements), added])


def cells_changed(node: cst.Dict) -> Iterator[cst.Dict]:
    """The table with the value of each row replaced by that of the next row with another one."""
    rows = [element for element in node.elements if isinstance(element, cst.DictElement)]
    for index, row in enumerate(rows):
        others = (other.value for other in (*rows[index + 1 :], *rows[:index]))
        other = next((value for value in others if _code(value) != _code(row.value)), None)
        if other is not None:
            changed = row.with_changes(value=other)
            yield node.with_changes(elements=[changed if element is row else element for element in node.elements])


def statement_removed(node: cst.BaseSmallStatement) -> Iterator[cst.Pass]:
    """Nothing in the place of what is done for its effect."""
    is_effect = (
        isinstance(node, cst.Raise | cst.AugAssign)
        or m.matches(node, m.Expr(m.Call()))
        or (isinstance(node, cst.Assign) and not isinstance(node.targets[0].target, cst.Name))
    )
    if is_effect:
        yield cst.Pass()


def return_changed(node: cst.Return) -> Iterator[cst.BaseSmallStatement]:
    """None in the place of what is returned; and going on instead of returning."""
    if node.value is None:
        yield cst.Pass()
    elif not m.matches(node.value, m.Name("None")):
        yield cst.Return(cst.Name("None"))


def condition_negated(node: cst.If | cst.CompIf) -> Iterator[cst.CSTNode]:
    """The other way round."""
    test = node.test.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
    yield node.with_changes(test=cst.UnaryOperation(cst.Not(), test), **{_SPACE[type(node)]: cst.SimpleWhitespace(" ")})


_SPACE = {cst.If: "whitespace_before_test", cst.CompIf: "whitespace_before_test"}
_PAIR = m.Tuple(elements=[m.Element(), m.Element()])

OPERATORS: Sequence[tuple[type, Operator]] = (
    *mutation_operators,
    (cst.Dict, rows_removed),
    (cst.Set, rows_removed),
    (cst.ComparisonTarget, choices_removed),
    (cst.Dict, rows_added),
    (cst.Dict, cells_changed),
    (cst.BaseSmallStatement, statement_removed),
    (cst.Return, return_changed),
    (cst.If, condition_negated),
    (cst.CompIf, condition_negated),
)


def _elements(key: cst.BaseExpression) -> Sequence[cst.BaseElement]:
    elements: Sequence[cst.BaseElement] = cst.ensure_type(key, cst.Tuple).elements
    return elements


def _with_comma(element: Any) -> Any:
    return element.with_changes(comma=cst.Comma(whitespace_after=cst.SimpleWhitespace(" ")))


def _code(node: cst.CSTNode) -> str:
    code: str = _EMPTY.code_for_node(node)
    return code
