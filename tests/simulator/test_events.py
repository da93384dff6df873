"""Covers simulator.events and the table of simulator.answers: they say what the simulator does."""

import json
from typing import Any

import pytest

from simulator.answers import QUESTIONS
from simulator.broker import Broker, Refusal
from simulator.events import SAID
from tests.simulator.test_pending import BY_TIME
from tests.simulator.world import AHEAD, ASSET, START, Client, World

CHART = {"asset": ASSET, "index": 1, "time": START + AHEAD, "offset": 10, "period": 60}
ORDER = {"asset": ASSET, "amount": 1, "action": "call", "time": 5}

# For each event, arguments that bring on all that it can be answered with; a ticket is the one that waits.
EXAMPLES: dict[str, list[Any]] = {
    "changeSymbol": [CHART],
    "loadHistoryPeriod": [CHART],
    "loadHistoryPeriodFast": [CHART],
    "subfor": [ASSET],
    "subscribeSymbol": [ASSET],
    "openOrder": [ORDER, ORDER | {"amount": 0}],
    "openPendingOrder": [BY_TIME, BY_TIME | {"amount": 0}],
    "cancelPendingOrder": [{"ticket": "first"}, {"ticket": "none"}],
    "cancelPendingOrders": [{"tickets": ["first"]}, {"tickets": ["none"]}],
    "echo": [{"any": "JSON"}],
    "echoInline": [5],
}


def ask(client: Client, event: str) -> set[str]:
    """The events that come of it."""
    client.say("openPendingOrder", BY_TIME)
    ticket = client.heard("successopenPendingOrder")[0]["data"]["ticket"]
    client.forget()
    for example in EXAMPLES.get(event, [None]):
        client.say(event, json.loads(json.dumps(example).replace("first", ticket)))
    heard = set(client.event_names)
    client.world.let_pass(1)
    return heard or set(client.event_names)


@pytest.mark.parametrize("event", QUESTIONS)
def test_every_question_is_answered_as_its_table_says(event: str) -> None:
    world = World()
    client = world.log_in()
    changes = {"updateOpenedDeals", "successupdateBalance"} if event == "openOrder" else set()
    assert ask(client, event) - changes == set(QUESTIONS[event].answers)
    assert world.broker.ignored == 0


@pytest.mark.parametrize("event", QUESTIONS)
def test_every_question_says_what_it_is_for(event: str) -> None:
    assert QUESTIONS[event].purpose.endswith(".")


def test_everything_that_is_said_is_listed_and_nothing_else() -> None:
    refused = World(Broker(refusal=Refusal.NOT_AUTHORIZED)).log_in()
    heard = set(refused.event_names)
    for event in QUESTIONS:
        client = World().log_in()
        client.order()
        heard |= set(client.event_names) | ask(client, event)
        client.world.let_pass(5)
        heard |= set(client.event_names)
    assert heard == set(SAID)
