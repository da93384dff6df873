"""What a sweep tries of each parameter.

Theory of operation. A range is written as ``5..50``, ``5..50:5`` (every fifth) or ``a|b|c``. Whether it is of whole
numbers or not is up to the type of the parameter, and both ends, or each choice, have to be values that the parameter
takes. What is tried is kept as a number or as text, as it can be stored anywhere, and becomes the value that a strategy
is given through the type of the parameter.

Decides which values there are. Does not know which of them are tried, nor in which order.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from itertools import islice, product
from typing import Any, Final

import msgspec
from msgspec import Struct

from messages.errors import UsageError

MOST_COMBINATIONS: Final = 100_000
"""How many combinations a grid has at most."""

Tried = int | float | str
Chosen = Mapping[str, Tried]
"""What was chosen of each parameter, by its name."""

_SPAN: Final = re.compile(r"(?P<low>[^|:]+?)\.\.(?P<high>[^|:]+)(?::(?P<step>[^|:]+))?")


class Whole(Struct, frozen=True, kw_only=True, tag=True):
    """Whole numbers from ``low`` to ``high``, both included."""

    name: str
    low: int
    high: int
    step: int = 1

    def values(self) -> Sequence[Tried]:
        """All of them."""
        return range(self.low, self.high + 1, self.step)

    def __str__(self) -> str:
        return f"{self.low}..{self.high}" + (f":{self.step}" if self.step > 1 else "")


class Real(Struct, frozen=True, kw_only=True, tag=True):
    """Numbers from ``low`` to ``high``, both included; without a step any of them."""

    name: str
    low: float
    high: float
    step: float | None = None

    def values(self) -> Sequence[Tried] | None:
        """All of them; None where they cannot be counted."""
        if self.step is None:
            return None
        return [rounded(self.low + self.step * number) for number in range(_steps(self.low, self.high, self.step) + 1)]

    def __str__(self) -> str:
        return f"{self.low:g}..{self.high:g}" + ("" if self.step is None else f":{self.step:g}")


class Choice(Struct, frozen=True, kw_only=True, tag=True):
    """One of some values, as they were written."""

    name: str
    options: tuple[str, ...]

    def values(self) -> Sequence[Tried]:
        """All of them."""
        return self.options

    def __str__(self) -> str:
        return "|".join(self.options)


Range = Whole | Real | Choice


def parse_ranges(params: type[Struct], texts: Mapping[str, str]) -> tuple[Range, ...]:
    """The ranges of some parameters, in the order of their names.

    Raises:
        UsageError: there is no such parameter, or a range is empty or holds what the parameter does not take.
    """
    if not texts:
        raise UsageError("Give a sweep one range or more, such as length=5..50.")
    types = {field.name: field.type for field in msgspec.structs.fields(params)}
    for name in texts:
        if name not in types:
            raise UsageError(f"There is no parameter {name!r} to sweep. There are: {', '.join(types) or 'none'}.")
    return tuple(_range(name, types[name], texts[name].strip()) for name in sorted(texts))


def combinations(ranges: Sequence[Range]) -> tuple[Chosen, ...]:
    """All there are.

    Raises:
        UsageError: they cannot be counted, or are too many.
    """
    counted = [(each.name, each.values()) for each in ranges]
    endless = next((name for name, values in counted if values is None), None)
    if endless is not None:
        raise UsageError(f"A grid needs steps: the range of {endless} has none. Write one, as in 0.1..0.9:0.1.")
    found = list(islice(_products([(name, values or ()) for name, values in counted]), MOST_COMBINATIONS + 1))
    if len(found) > MOST_COMBINATIONS:
        raise UsageError(f"A grid has at most {MOST_COMBINATIONS:,} combinations. Give larger steps, or no grid.")
    return tuple(found)


def made_of(params: type[Struct], base: Struct | None, chosen: Chosen) -> Struct:
    """The parameters: those of the base, and in their places what was chosen.

    Raises:
        UsageError: they do not go together; the text is what the parameters say of it.
    """
    types = {field.name: field.type for field in msgspec.structs.fields(params)}
    values = {name: _value(name, types[name], written(value)) for name, value in chosen.items()}
    try:
        return params(**values) if base is None else msgspec.structs.replace(base, **values)
    except (TypeError, ValueError) as error:  # of the parameters' own __post_init__ too
        raise UsageError(f"{params.__qualname__}: {error}") from None


def written(value: Tried) -> str:
    """As it would be said on the command line."""
    return f"{rounded(value)!r}" if isinstance(value, float) else str(value)


def rounded(value: float) -> float:
    """Without what adding up steps leaves behind."""
    return float(f"{value:.12g}")


def _products(counted: Sequence[tuple[str, Sequence[Tried]]]) -> Iterator[Chosen]:
    names = [name for name, _values in counted]
    for values in product(*(values for _name, values in counted)):
        yield dict(zip(names, values, strict=True))


def _range(name: str, kind: Any, text: str) -> Range:  # noqa: ANN401 - of a type annotation
    span = _SPAN.fullmatch(text)
    if span is None:
        options = tuple(part.strip() for part in text.split("|"))
        if not all(options) or ".." in text:
            raise UsageError(f"{name}={text}: write a range such as 5..50, 5..50:5 or 0.1..0.9, or choices as a|b|c.")
        for option in options:
            _value(name, kind, option)
        return Choice(name=name, options=tuple(dict.fromkeys(options)))
    ends = [_number(name, kind, span[part].strip()) for part in ("low", "high")]
    step = None if span["step"] is None else _decimal(name, span["step"].strip())
    low, high = (_decimal(name, span[part].strip()) for part in ("low", "high"))
    if low > high or (step is not None and step <= 0):
        raise UsageError(f"{name}={text} is empty: the lower end comes first, and a step is above 0.")
    if all(type(end) is int for end in ends):
        if step is not None and step != int(step):
            raise UsageError(f"{name}={text}: {name} is a whole number, and so is its step.")
        width = int(step or 1)
        return Whole(name=name, low=int(low), high=int(low) + (int(high) - int(low)) // width * width, step=width)
    if step is None:
        return Real(name=name, low=float(low), high=float(high))
    top = low + (high - low) // step * step
    return Real(name=name, low=float(low), high=float(top), step=float(step))


def _number(name: str, kind: Any, text: str) -> object:  # noqa: ANN401
    value = _value(name, kind, text)
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        raise UsageError(f"{name} is no number: give choices, as {name}=a|b|c.")
    return value


def _decimal(name: str, text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite():
        raise UsageError(f"{name}: {text!r} is no number.")
    return number


def _value(name: str, kind: Any, text: str) -> object:  # noqa: ANN401
    try:
        return msgspec.convert(text, kind, strict=False)
    except msgspec.ValidationError as error:
        raise UsageError(f"{name} cannot be {text!r}: {error}.") from None


def _steps(low: float, high: float, step: float) -> int:
    return int((high - low) / step + 1e-9)
