"""Covers actors.line."""

import pytest

from actors.context import Context
from actors.line import SESSION_EVENTS, Line, OnLine, SessionView
from actors.rules import Rule
from actors.system import System
from messages.account import BalanceReported
from messages.base import NOBODY, AddressName, Incarnation
from messages.errors import ConnectionLost
from messages.session import SendFrame, SessionLost, SessionState
from optionbus.testing import Probe, SteppedRuntime

LOST = SessionLost(incarnation=Incarnation(1), error=ConnectionLost("pulled"))


@pytest.fixture
def system() -> System:
    return System(SteppedRuntime(), connections=2)


def context_on(system: System, line: int) -> Context:
    return Context(system, system.address(AddressName("Mine")), Incarnation(1), NOBODY, line)


@pytest.mark.parametrize(("index", "name"), [(0, "Router"), (1, "Router-1"), (12, "Router-12")])
def test_actors_of_line_0_are_called_as_if_there_were_no_other(index: int, name: str) -> None:
    assert Line(index).name("Router") == name


@pytest.mark.parametrize("event", SESSION_EVENTS)
def test_events_of_a_session_are_told_on_their_own_line(event: type[SessionLost]) -> None:
    assert Line(0).topic(event) is event
    assert Line(1).topic(event) == OnLine(1, event) != Line(2).topic(event)


@pytest.mark.parametrize("wanted", [BalanceReported, Rule.event("updateAssets")], ids=["event", "rule"])
def test_all_else_is_the_same_on_every_line(wanted: object) -> None:
    assert Line(1).topic(wanted) is wanted


@pytest.mark.parametrize("line", [0, 1])
def test_an_actor_publishes_on_its_own_line(system: System, line: int) -> None:
    probes = [Probe(), Probe()]
    for index, probe in enumerate(probes):
        system.routes.add(system.lines[index].topic(SessionLost), probe)

    context_on(system, line).publish(LOST)

    assert [probe.messages for probe in probes] == [[LOST] if index == line else [] for index in (0, 1)]


@pytest.mark.parametrize(("own", "given", "connection"), [(0, None, 0), (1, None, 1), (0, 1, 1), (1, 0, 0)])
def test_an_actor_sends_on_its_own_line_unless_it_says_which(
    system: System, own: int, given: int | None, connection: int
) -> None:
    probes = [Probe(), Probe()]
    for line, probe in zip(system.lines, probes, strict=True):
        line.session = SessionView(Incarnation(7 + line.index), SessionState.READY)
        system.directory.enter(line.connection, probe)

    assert context_on(system, own).send("42[]", None if given is None else system.lines[given])

    assert probes[connection].messages == [SendFrame(incarnation=Incarnation(7 + connection), data="42[]")]
    assert probes[1 - connection].messages == []


def test_a_line_that_is_down_sends_nothing_while_another_does(system: System) -> None:
    system.lines[1].session = SessionView(Incarnation(1), SessionState.READY)

    assert not context_on(system, 0).send("42[]")
    assert context_on(system, 1).send("42[]")


def test_an_actor_sees_the_session_of_its_own_line(system: System) -> None:
    view = SessionView(Incarnation(3), SessionState.HELD)
    system.lines[1].session = view

    assert context_on(system, 1).session is view
    assert context_on(system, 0).session is system.session
    assert system.session.state is SessionState.IDLE
