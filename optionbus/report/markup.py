"""HTML and SVG, put together so that nothing from outside can be taken for markup.

Decides how text becomes markup: ``text`` escapes it, and nothing else makes markup of a string that is not written in
this package. The types keep the two apart. Does not know what is shown.
"""

import html
from collections.abc import Iterable, Sequence
from typing import Final, NewType

from optionbus.report.words import printable

Markup = NewType("Markup", str)
"""Text that is markup: made by ``text`` and ``element`` alone, or written down in this package."""

EMPTY: Final = Markup("")
_VOID: Final = frozenset({"br", "meta", "input"})


def text(value: object) -> Markup:
    """Text as text."""
    return Markup(html.escape(printable(str(value))))


def element(name: str, /, *children: Markup, **attributes: object) -> Markup:
    """An element. Of an attribute's name the last ``_`` is cut off, the others become ``-``; None leaves it out."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{text(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID:
        return Markup(f"<{name}{given}>")
    return Markup(f"<{name}{given}>{''.join(children)}</{name}>")


def joined(parts: Iterable[Markup], between: str = "") -> Markup:
    """One after the other."""
    return Markup(between.join(parts))


def table(heads: Sequence[str], rows: Iterable[Sequence[Markup]], *, numbers: frozenset[int] = frozenset()) -> Markup:
    """A table that is as wide as it has to be, and scrolls where the screen is not. ``numbers`` stand to the right."""
    kinds = ["n" if place in numbers else None for place in range(len(heads))]
    head = joined(element("th", text(name), scope="col", class_=kind) for name, kind in zip(heads, kinds, strict=True))
    body = joined(
        (
            element("tr", joined(element("td", cell, class_=kind) for cell, kind in zip(row, kinds, strict=True)))
            for row in rows
        ),
        "\n",
    )
    whole = element("table", element("thead", element("tr", head)), element("tbody", body))
    return element("div", whole, class_="scroll", tabindex=0)


def number(value: float) -> str:
    """A coordinate."""
    shown = f"{value:.1f}"
    return "0" if shown in {"0.0", "-0.0"} else shown.removesuffix(".0")
