"""Covers optionbus.errors: it has every error there is."""

from inspect import getmembers, isclass

import pytest

from messages import errors as messages_errors
from messages import order_errors, recording_errors
from messages.errors import BusError
from optionbus import errors

ALL = {
    name: kind
    for module in (messages_errors, order_errors, recording_errors)
    for name, kind in getmembers(module, isclass)
    if issubclass(kind, BusError) and not name.startswith("_")
}


@pytest.mark.parametrize("name", ALL)
def test_every_error_can_be_imported_from_the_public_module(name: str) -> None:
    assert getattr(errors, name, None) is ALL[name], "add it to optionbus/errors.py"


def test_the_public_module_has_nothing_else() -> None:
    assert list(errors.__all__) == sorted(ALL)
