"""Strategies and their parameters by what was said on the command line.

Decides what may be wrong with that. Does not know what the strategies trade on.
"""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from messages.errors import UsageError
from optionbus import Strategy
from optionbus.actor_loading import load_actor
from optionbus.cli.arguments import Options
from optionbus.cli.opening import make_importable


def load_strategies(options: Options, assets: Sequence[str] | None) -> list[type[Strategy]]:
    """The strategies, with these assets (None: their own), and the period and parameters that were said.

    Raises:
        UsageError: there is no such strategy, or it has no such parameter.
    """
    make_importable(Path.cwd())
    kinds = [_strategy(name) for name in options.strategy]
    params = [_pair(text) for text in options.param]
    strange = [name for name, _value in params if not any(name in kind.Params.__struct_fields__ for kind in kinds)]
    if strange:
        known = sorted({field for kind in kinds for field in kind.Params.__struct_fields__})
        raise UsageError(f"No strategy has a parameter {strange[0]!r}. There are: {', '.join(known) or 'none'}.")
    return [
        kind.configured(assets=assets, period_seconds=options.own_period, params=_params(kind, params))
        for kind in kinds
    ]


def _strategy(name: str) -> type[Strategy]:
    kind = load_actor(name)
    if not issubclass(kind, Strategy):
        raise UsageError(f"{name} is no strategy: derive it from optionbus.Strategy, or give it to --actor.")
    return kind


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise UsageError(f"--param {text!r}: write NAME=VALUE, such as length=20.")
    return name, value


def _params(kind: type[Strategy], given: Sequence[tuple[str, str]]) -> msgspec.Struct | None:
    own = {name: value for name, value in given if name in kind.Params.__struct_fields__}
    if not own:
        return None
    try:
        return msgspec.convert(own, kind.Params, strict=False)
    except msgspec.ValidationError as error:
        raise UsageError(f"The parameters of {kind.__name__} cannot be used: {error}.") from None
