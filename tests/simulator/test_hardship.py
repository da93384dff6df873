"""Covers simulator.hardship and simulator.fate: what each hardship does, and that it does nothing else."""

import hashlib
import os
import subprocess
import sys
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from messages.trading import OpenedDealsReported
from messages.wire.payloads import DECODERS
from simulator.audit import Execution
from simulator.broker import Broker
from simulator.hardship import TROUBLES, Hardship, read_hardship
from simulator.variants import Variant
from tests.simulator.program import PROJECT
from tests.simulator.test_pending import BY_TIME
from tests.simulator.world import AHEAD, ASSET, Client, World

ALL_AT_TIMES = dict.fromkeys(Hardship, 0.3)
OF_WORDS_ALONE = [each for each in Hardship if each not in (Hardship.SLOW_BROKER, Hardship.SOCKET_DIES)]


class Hard(World):
    """A broker that makes it hard, with the truth about what it executed."""

    def __init__(self, hardships: dict[Hardship, float], *variants: Variant, seed: int = 1) -> None:
        self.truth: list[Execution] = []
        super().__init__(Broker(seed, hardships=hardships, variants=variants, executed=self.truth))


def hard(hardship: Hardship, probability: float = 1.0, *variants: Variant) -> Hard:
    return Hard({hardship: probability}, *variants)


def newcomer(world: World, *, is_demo: int = 1) -> Client:
    """Somebody who is logged in, and has forgotten what that brought."""
    client = world.log_in(is_demo=is_demo)
    client.forget()
    return client


def busy(world: Hard) -> list[str | bytes]:
    """What connections of an account hear of 22 orders, a refusal, a pending order and snapshots."""
    clients = [world.log_in(is_demo=0), world.log_in(is_demo=0)]
    for number in range(22):
        clients[0].order(amount=number + 1, seconds=5 + number % 7, requestId=number)
    clients[0].order(amount=99_999)
    clients[1].say("updateOpenedDeals")
    clients[1].say("openPendingOrder", BY_TIME)
    world.let_pass(101)
    clients.append(world.log_in(is_demo=0))
    world.let_pass(20)
    return [raw for client in clients for raw in client.raw]


PLAIN = Hard({}, Variant.LISTED_REQUEST_ID)
HEARD = busy(PLAIN)


def test_every_hardship_is_in_the_table() -> None:
    assert list(TROUBLES) == list(Hardship)


@pytest.mark.parametrize("hardship", Hardship)
def test_every_hardship_changes_what_is_heard(hardship: Hardship) -> None:
    assert busy(hard(hardship, 1.0, Variant.LISTED_REQUEST_ID)) != HEARD


def test_hardships_that_never_strike_change_not_one_byte() -> None:
    never = Hard(dict.fromkeys(Hardship, 0.0), Variant.LISTED_REQUEST_ID)
    assert busy(never) == HEARD
    assert never.truth == PLAIN.truth


@pytest.mark.parametrize("hardship", OF_WORDS_ALONE)
def test_what_is_said_changes_nothing_about_what_is_done(hardship: Hardship) -> None:
    world = hard(hardship, 0.5, Variant.LISTED_REQUEST_ID)
    busy(world)
    assert world.truth == PLAIN.truth


def test_an_acknowledgement_is_lost() -> None:
    world = hard(Hardship.ACKNOWLEDGEMENT_LOST)
    client = newcomer(world)
    client.order()
    client.order(amount=0)
    world.let_pass(1)
    assert client.event_names == ["updateOpenedDeals", "successupdateBalance"]
    assert len(world.truth) == 1


@pytest.mark.parametrize("probability", [0.0, 0.25, 1.0])
def test_a_probability_says_how_often(probability: float) -> None:
    client = newcomer(hard(Hardship.ACKNOWLEDGEMENT_LOST, probability))
    for _ in range(1000):
        client.order(amount=0)
    assert len(client.heard("failopenOrder")) == pytest.approx(1000 * (1 - probability), abs=40)


def test_an_acknowledgement_is_delayed() -> None:
    client = newcomer(hard(Hardship.ACKNOWLEDGEMENT_DELAYED))
    client.order(seconds=60)
    client.world.let_pass(0.49)
    assert not client.heard("successopenOrder")
    client.world.let_pass(20)
    assert client.heard("successopenOrder")[0]["id"] == client.heard("updateOpenedDeals")[0][0]["id"]


def test_what_is_late_for_one_who_is_gone_is_not_said() -> None:
    client = newcomer(hard(Hardship.ACKNOWLEDGEMENT_DELAYED))
    client.order(seconds=60)
    client.world.broker.disconnect(client.name)
    client.world.let_pass(20)
    assert not client.heard("successopenOrder")


def test_delays_are_real_seconds_on_a_clock_that_runs_faster() -> None:
    world = World(Broker(hardships={Hardship.SLOW_BROKER: 1.0}, clock_scale=60))
    client = newcomer(world)
    client.order(amount=0)
    world.let_pass(0.12 * 60 - 0.01)
    assert client.events == []
    world.let_pass(0.02)
    assert client.event_names == ["failopenOrder"]


def test_an_acknowledgement_comes_twice() -> None:
    world = hard(Hardship.ACKNOWLEDGEMENT_DUPLICATED)
    client = newcomer(world)
    client.order()
    world.let_pass(2)
    first, second = client.heard("successopenOrder")
    assert first == second
    assert len(world.truth) == 1


def test_acknowledgements_come_in_another_order() -> None:
    client = newcomer(hard(Hardship.ACKNOWLEDGEMENT_REORDERED))
    for number in range(5):
        client.order(requestId=number)
    assert "successopenOrder" not in client.event_names
    client.world.let_pass(0.2)
    order = [deal["requestId"] for deal in client.heard("successopenOrder")]
    assert sorted(order) == list(range(5)) != order


def test_an_order_is_executed_and_its_socket_dies() -> None:
    world = hard(Hardship.SOCKET_DIES)
    client = newcomer(world)
    client.order(amount=0)
    assert client.event_names == ["failopenOrder"]
    client.order()
    assert client.is_closed
    assert client.event_names == ["failopenOrder"]
    [execution] = world.truth
    assert world.log_in().heard("updateOpenedDeals")[0][0]["id"] == execution.deal_id


def test_a_pending_order_opens_while_every_socket_dies() -> None:
    world = hard(Hardship.SOCKET_DIES, 0.5)
    clients = [world.log_in() for _ in range(6)]
    clients[0].say("openPendingOrder", BY_TIME)
    world.let_pass(101)
    assert {client.is_closed for client in clients} == {True, False}
    assert [execution.request_id for execution in world.truth] == [None]


def test_lists_name_the_request_if_they_are_told_to() -> None:
    client = newcomer(Hard({}, Variant.LISTED_REQUEST_ID))
    client.order(requestId="mine")
    client.world.let_pass(5)
    for rows in (*client.heard("updateOpenedDeals"), *client.heard("updateClosedDeals")):
        assert [deal["requestId"] for deal in rows] == ["mine"]
    assert client.heard("successcloseOrder")[0]["deals"][0]["requestId"] == "mine"


def test_lists_name_the_requests_of_some() -> None:
    client = newcomer(hard(Hardship.NO_REQUEST_ID_IN_LISTS, 0.5, Variant.LISTED_REQUEST_ID))
    for number in range(10):
        client.order(requestId=number)
    client.world.let_pass(5)
    for rows in (client.heard("updateOpenedDeals")[-1], client.heard("successcloseOrder")[-1]["deals"]):
        assert {"requestId" in deal for deal in rows} == {True, False}
    assert all("requestId" in deal for deal in client.heard("successopenOrder"))


def test_an_acknowledgement_does_not_name_its_request() -> None:
    client = newcomer(hard(Hardship.NO_REQUEST_ID_IN_ACKNOWLEDGEMENT, 1.0, Variant.LISTED_REQUEST_ID))
    client.order()
    assert "requestId" not in client.heard("successopenOrder")[0]
    assert client.heard("updateOpenedDeals")[0][0]["requestId"] == 77


@pytest.mark.parametrize(("hardship", "count"), [(Hardship.LISTS_OF_20, 20), (Hardship.LISTS_OF_3, 3)])
def test_lists_are_cut_to_the_newest(hardship: Hardship, count: int) -> None:
    world = hard(hardship)
    client = newcomer(world, is_demo=0)
    for _ in range(25):
        client.order(amount=1)
    newest = [execution.deal_id for execution in world.truth][-count:]
    assert [deal["id"] for deal in client.heard("updateOpenedDeals")[-1]] == newest
    world.let_pass(5)
    assert [deal["id"] for deal in client.heard("updateClosedDeals")[-1]] == newest
    assert len(client.heard("successcloseOrder")[0]["deals"]) == 25


def test_a_slow_broker_shows_an_order_to_nobody_until_it_is_executed() -> None:
    world = hard(Hardship.SLOW_BROKER)
    client = newcomer(world)
    client.order()
    world.let_pass(0.119)
    client.say("updateOpenedDeals")
    assert (client.heard("updateOpenedDeals"), world.truth) == ([[]], [])
    world.let_pass(0.002)
    assert client.heard("successopenOrder")[0]["id"] == world.truth[0].deal_id


def test_a_slow_broker_executes_for_who_is_gone() -> None:
    world = hard(Hardship.SLOW_BROKER)
    client = newcomer(world)
    client.order()
    world.broker.disconnect(client.name)
    assert world.log_in().heard("updateOpenedDeals") == [[]]
    world.let_pass(0.12)
    assert len(world.truth) == 1
    assert client.events == []


def test_a_broker_is_slow_for_three_orders_in_twenty() -> None:
    client = newcomer(Hard(dict([read_hardship("slow-broker")])))
    for _ in range(2000):
        client.order(amount=0)
    assert 2000 - len(client.heard("failopenOrder")) == pytest.approx(300, abs=50)


def test_a_limit_is_refused_with_the_other_amount() -> None:
    client = newcomer(hard(Hardship.OTHER_AMOUNT))
    for _ in range(11):
        client.order(amount=2)
    assert client.heard("failopenOrder") == [{"error": "MaxDemoTrades", "amount": 2, "asset": ASSET}]


SNAPSHOT = ["successupdateBalance", "updateOpenedDeals", "updateClosedDeals", "successupdatePending"]


def ask(client: Client) -> None:
    """For every snapshot."""
    for event in ("getBalance", *SNAPSHOT[1:]):
        client.say(event)


def test_snapshots_are_absent_and_news_are_not() -> None:
    client = hard(Hardship.SNAPSHOT_ABSENT).log_in()
    ask(client)
    assert client.event_names == ["successauth", "updateAssets"]
    client.order()
    client.world.let_pass(5)
    assert {"updateOpenedDeals", "updateClosedDeals", "successupdateBalance"} < set(client.event_names)


def test_snapshots_are_late_and_say_how_things_stood() -> None:
    client = hard(Hardship.SNAPSHOT_LATE).log_in()
    client.world.let_pass(0.49)
    assert client.event_names == ["successauth", "updateAssets"]
    client.order(seconds=60)
    client.world.let_pass(20)
    assert min(client.heard("updateOpenedDeals"), key=len) == []
    client.forget()
    ask(client)
    assert client.events == []
    client.world.let_pass(20)
    assert sorted(client.event_names) == sorted(SNAPSHOT)


def test_snapshots_have_rows_missing_and_rows_unreadable() -> None:
    world = hard(Hardship.SNAPSHOT_PARTIAL, 0.5)
    client = newcomer(world, is_demo=0)
    for _ in range(40):
        client.order(amount=1)
    client.forget()
    client.say("updateOpenedDeals")
    [rows] = client.heard("updateOpenedDeals")
    decoded = DECODERS["updateOpenedDeals"](msgspec.json.encode(rows), AHEAD)
    assert isinstance(decoded.event, OpenedDealsReported)
    assert decoded.rejected > 5
    assert 10 < len(decoded.event.deals) == len(rows) - decoded.rejected
    assert len(rows) < 35
    client.order(amount=1)
    assert len(client.heard("updateOpenedDeals")[-1]) == 41


def test_a_partial_balance_is_unreadable_or_not_there() -> None:
    client = newcomer(hard(Hardship.SNAPSHOT_PARTIAL))
    for _ in range(20):
        client.say("getBalance")
    assert 0 < len(client.heard("successupdateBalance")) < 20
    assert all(body["balance"] == {} for body in client.heard("successupdateBalance"))


def test_news_are_absent_and_snapshots_are_not() -> None:
    client = newcomer(hard(Hardship.NEWS_ABSENT))
    client.order()
    client.world.let_pass(5)
    assert client.event_names == ["successopenOrder"]
    ask(client)
    assert client.event_names[1:] == SNAPSHOT


def test_the_same_request_twice_is_two_deals() -> None:
    world = Hard({})
    client = newcomer(world)
    client.order(requestId="mine")
    client.order(requestId="mine")
    assert [execution.request_id for execution in world.truth] == ["mine", "mine"]
    assert len({execution.deal_id for execution in world.truth}) == 2
    assert client.heard("successupdateBalance")[-1]["balance"] == 49_980


def test_the_truth_has_every_order_as_it_was_sent() -> None:
    world = Hard({})
    client = newcomer(world)
    client.order("put", "2.5", 60, requestId="mine")
    client.order(amount=0)
    [execution] = world.truth
    assert execution == Execution(
        request_id="mine",
        deal_id=client.heard("successopenOrder")[0]["id"],
        uid=12345,
        is_demo=True,
        asset=ASSET,
        amount=Decimal("2.5"),
        action="put",
        duration_seconds=60,
        time=world.now,
    )


def test_the_truth_is_complete_and_kept_only_when_asked_for() -> None:
    world = Hard({})
    busy(world)
    assert [execution.request_id for execution in world.truth] == [*range(22), None]
    assert Broker().executed is None


def digest(seed: int) -> str:
    return hashlib.sha256(repr(busy(Hard(ALL_AT_TIMES, seed=seed))).encode()).hexdigest()


def digest_elsewhere(hash_seed: str) -> str:
    code = "from tests.simulator.test_hardship import digest; print(digest(7), end='')"
    environment = os.environ | {"PYTHONHASHSEED": hash_seed}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, cwd=PROJECT, env=environment, check=True, capture_output=True, text=True).stdout


def test_the_same_seed_makes_it_equally_hard_in_any_process() -> None:
    assert digest_elsewhere("1") == digest_elsewhere("2") == digest(7)


def test_another_seed_makes_it_hard_in_another_way() -> None:
    assert digest(7) != digest(8)


def test_one_more_hardship_does_not_move_when_another_strikes() -> None:
    def lost(*others: Hardship) -> list[Any]:
        client = newcomer(Hard(dict.fromkeys((Hardship.ACKNOWLEDGEMENT_LOST, *others), 0.5)))
        for amount in range(-20, 0):
            client.order(amount=amount)
        client.world.let_pass(1)
        return [failure["amount"] for failure in client.heard("failopenOrder")]

    assert len(lost()) == len(lost(Hardship.OTHER_AMOUNT)) < 20
    assert lost(Hardship.SNAPSHOT_ABSENT, Hardship.NEWS_ABSENT) == lost()


def test_a_hardship_is_read_with_its_probability_or_without() -> None:
    assert read_hardship("slow-broker") == (Hardship.SLOW_BROKER, 0.15)
    assert read_hardship("socket-dies=1") == (Hardship.SOCKET_DIES, 1.0)


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("slow", "give one of no-request-id-in-lists"),
        ("slow-broker=", "from 0 to 1"),
        ("slow-broker=1.1", "from 0 to 1"),
        ("slow-broker=nan", "from 0 to 1"),
        ("slow-broker=often", "from 0 to 1"),
    ],
)
def test_what_is_no_hardship_is_refused_with_a_hint(text: str, hint: str) -> None:
    with pytest.raises(ValueError, match=hint):
        read_hardship(text)
