"""Every public method, called well and badly, with a platform that answers, that does not, and that goes away.

The rows are in ``contract_table``; which there must be comes from the classes themselves, so that a new public method
fails here until it says what it promises.
"""

import inspect
from collections.abc import Callable, Iterator
from enum import Enum
from functools import partial
from typing import Any

import pytest
from msgspec import Struct

import optionbus
from actors.future import Future
from messages.errors import BusError, UsageError
from tests.optionbus.contract_scenes import AnsweringScene, Scene, SilentScene
from tests.optionbus.contract_table import CLIENT, TABLE, TARGETS, Row
from tests.played_client import SSID

TOLERANCE_SECONDS = 0.1
PATIENCE_SECONDS = 200.0
"""More than anything here may take: who needs it hangs."""

WAITING = {"__enter__", "__aenter__", "__await__", "__next__", "__anext__", "__iter__", "__aiter__"}
"""What the language calls, and may wait."""

VALUES: dict[str, str] = {
    "Bot": "makes clients and backtests, and waits for neither",
    "Actor": "the base of a user's own: he defines its methods",
    "Context": "an actor's: its methods tell, and wait for nobody",
    "Middleware": "the base of a user's own",
    "Rule": "a value: tests/actors/test_rules.py",
    "Strategy": "the base of a user's own: tests/optionbus/backtest/test_engine.py",
}
"""Classes that a user imports and that promise nothing about waiting."""


def _members(kind: type) -> set[str]:
    return {name for name in dir(kind) if not name.startswith("_") or name in WAITING}


CELLS = [(kind, name) for kind, rows in TABLE.items() for name, row in rows.items() if not row.why_not]
IDS = [f"{kind.__name__}.{name}" for kind, name in CELLS]
METHODS = [(kind, name) for kind, name in CELLS if callable(getattr(kind, name))]
every_cell = pytest.mark.parametrize(("kind", "name"), CELLS, ids=IDS)


class Ending(Struct, frozen=True):
    """What a call ended in, and after how many virtual seconds."""

    value: Any
    error: Exception | None
    seconds: float


def _call(kind: type, name: str, scene: Scene) -> Callable[[], Any]:
    """The call, ready to be made."""
    row, target = TABLE[kind][name], TARGETS[kind](scene)
    if not callable(getattr(kind, name)):
        return lambda: getattr(target, name)
    arguments = row.arguments(scene)
    return lambda: getattr(target, name)(**arguments)


def _ending(scene: Scene, call: Callable[[], Any], read: Callable[[Any], Any] = lambda given: given) -> Ending:
    began = scene.runtime.clock.monotonic()
    value, error = None, None
    try:
        value = read(call())
        if isinstance(value, Future):
            value = _outcome(value)
    except Exception as raised:  # noqa: BLE001 - any: what may be raised is asserted
        error = raised
    return Ending(value, error, scene.runtime.clock.monotonic() - began)


def _outcome(future: Future[Any]) -> Any:
    try:
        return future.get(timeout=PATIENCE_SECONDS)
    finally:
        assert future.done, f"{future} hangs"


@pytest.fixture
def silent() -> Iterator[Callable[[Row], SilentScene]]:
    scenes: list[SilentScene] = []

    def make(row: Row) -> SilentScene:
        scenes.append(SilentScene(row.state))
        return scenes[-1]

    yield make
    for scene in scenes:
        scene.runtime.close()


@pytest.mark.parametrize("kind", TABLE, ids=lambda kind: kind.__name__)
def test_every_public_member_has_its_row_and_no_other(kind: type) -> None:
    assert TABLE[kind].keys() == _members(kind)


def test_a_member_without_a_row_would_be_missed() -> None:
    class Newer(optionbus.PocketOption):
        def think(self) -> None:
            """Something new."""

    assert _members(Newer) - TABLE[optionbus.PocketOption].keys() == {"think"}


def test_every_class_a_user_imports_is_in_the_table_or_a_value() -> None:
    kinds = {name: getattr(optionbus, name) for name in optionbus.__all__}
    promising = {
        name
        for name, kind in kinds.items()
        if isinstance(kind, type) and not issubclass(kind, Struct | Enum | Exception)
    }

    assert promising == {kind.__name__ for kind in TABLE if kind.__name__ in kinds} | VALUES.keys()


@every_cell
def test_it_succeeds(kind: type, name: str) -> None:
    row, scene = TABLE[kind][name], AnsweringScene()

    if row.succeed is not None:
        ending = _ending(scene, lambda: row.succeed and row.succeed(scene))
    else:
        ending = _ending(scene, _call(kind, name, scene), row.read)

    assert ending.error is None
    scene.client.stop()


@every_cell
def test_it_ends_by_its_deadline_though_the_platform_says_nothing(
    silent: Callable[[Row], SilentScene], kind: type, name: str
) -> None:
    row = TABLE[kind][name]
    scene = silent(row)

    ending = _ending(scene, _call(kind, name, scene), row.read)

    assert type(ending.error) is (row.silence or type(None))
    assert ending.seconds <= row.seconds + TOLERANCE_SECONDS


@every_cell
def test_it_ends_by_its_deadline_though_every_actor_hangs(
    silent: Callable[[Row], SilentScene], kind: type, name: str
) -> None:
    row = TABLE[kind][name]
    scene = silent(row)
    call = _call(kind, name, scene)
    scene.deafen()

    ending = _ending(scene, call, row.read)

    assert type(ending.error) is (row.deafness or type(None))
    assert ending.seconds <= row.seconds + TOLERANCE_SECONDS


@pytest.mark.parametrize("after_seconds", [0.0, 0.5])
@every_cell
def test_it_ends_by_its_deadline_though_the_connection_is_cut(
    silent: Callable[[Row], SilentScene], kind: type, name: str, after_seconds: float
) -> None:
    row = TABLE[kind][name]
    scene = silent(row)
    call = _call(kind, name, scene)
    scene.cut_after(after_seconds)

    ending = _ending(scene, call, row.read)

    assert isinstance(ending.error, BusError | StopIteration | None)
    assert ending.seconds <= row.seconds + TOLERANCE_SECONDS
    assert scene.crashed == []


def test_what_never_ends_is_found_out() -> None:
    scene = SilentScene()

    ending = _ending(scene, lambda: Future(scene.runtime, "nothing"))

    assert isinstance(ending.error, AssertionError)
    assert ending.seconds == PATIENCE_SECONDS


def test_what_ends_late_is_found_out() -> None:
    scene = SilentScene()
    late: Future[None] = Future(scene.runtime, "something late")
    scene.runtime.call_later(2.2, late.expire)

    assert _ending(scene, lambda: late).seconds > CLIENT["balance"].seconds + TOLERANCE_SECONDS


class _Stranger:
    """What no parameter is for."""

    def __repr__(self) -> str:
        return "a stranger"


def test_a_stranger_is_tried_on_every_parameter() -> None:
    tried = [[*wrong] for wrong in _wrong(optionbus.PocketOption, "raw_order")]

    assert tried[:4] == [["message"], ["validator"], ["timeout"], ["retries"]]


@pytest.mark.parametrize("argument", ["ssid", "url", "config", "actors", "connections", "allow_real", "paper"])
@pytest.mark.parametrize("strange", [_Stranger(), 1.5, b"x", "text", (5,)], ids=repr)
def test_a_client_is_not_made_of_a_wrong_argument(argument: str, strange: Any) -> None:
    good = {"ssid": SSID, "url": None, "config": None, "actors": (), "allow_real": False, "connections": None}
    good |= {"paper": None}

    with pytest.raises(UsageError):
        optionbus.PocketOption(**good | {argument: strange})


def test_every_argument_of_a_client_is_tried() -> None:
    assert [*inspect.signature(optionbus.PocketOption).parameters] == [
        *("ssid", "url", "config", "actors", "connections", "allow_real", "paper")
    ]


def _wrong(kind: type, name: str) -> list[dict[str, Any]]:
    parameters = [each for each in inspect.signature(getattr(kind, name)).parameters if each != "self"]
    return [*({each: _Stranger()} for each in parameters), *TABLE[kind][name].wrong]


@pytest.mark.parametrize(("kind", "name"), METHODS, ids=[f"{kind.__name__}.{name}" for kind, name in METHODS])
def test_a_wrong_argument_is_refused_before_anything_is_sent(
    silent: Callable[[Row], SilentScene], kind: type, name: str
) -> None:
    row = TABLE[kind][name]
    scene = silent(row)
    target, arguments = TARGETS[kind](scene), row.arguments(scene)
    scene.played.settle()
    sent = list(scene.sent)

    endings = {
        str(wrong): _ending(scene, partial(getattr(target, name), **arguments | wrong), row.read)
        for wrong in _wrong(kind, name)
    }

    assert {wrong: ending for wrong, ending in endings.items() if not isinstance(ending.error, UsageError)} == {}
    assert {wrong for wrong, ending in endings.items() if ending.seconds > TOLERANCE_SECONDS} == set()
    scene.played.settle()
    assert scene.sent == sent
    assert scene.crashed == []
