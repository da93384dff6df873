import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from messages.wire.framing import DISCONNECT, PING, PONG, PacketKind, decode_open, encode_binary_event
from simulator.broker import Broker, Refusal
from tests.simulator.world import AHEAD, ASSET, START, World, session

AFTER_LOGIN = [
    "successauth",
    "updateAssets",
    "successupdateBalance",
    "updateOpenedDeals",
    "updateClosedDeals",
    "successupdatePending",
]


def test_the_server_opens_with_its_ping_intervals() -> None:
    client = World().connect()
    opening = decode_open(client.controls[0].data)
    assert (opening.pingInterval, opening.pingTimeout) == (25_000, 20_000)


@pytest.mark.parametrize("request_to_connect", ["40", "40{}"])
def test_a_connect_is_answered_with_a_sid(request_to_connect: str) -> None:
    client = World().connect()
    client.write(request_to_connect)
    assert client.controls[-1].kind is PacketKind.CONNECT
    assert json.loads(client.controls[-1].data)["sid"]


def test_a_login_is_followed_by_the_state_of_the_account() -> None:
    client = World().log_in()
    assert client.event_names == AFTER_LOGIN
    assert client.heard("successupdateBalance") == [{"isDemo": 1, "balance": 50_000, "uid": 12345}]


def test_events_come_as_a_header_and_an_attachment() -> None:
    client = World().log_in()
    header, payload = encode_binary_event("updateOpenedDeals", b"[]")
    place = client.raw.index(header)
    assert client.raw[place + 1] == payload


def test_a_real_session_is_welcomed_by_the_server_name() -> None:
    client = World().log_in(is_demo=0)
    assert client.heard("successauth") == [{"serverName": "simulator"}]
    assert client.heard("successupdateBalance")[0]["isDemo"] == 0


@pytest.mark.parametrize(
    "login",
    [
        {"sessionToken": "abc", "uid": "77", "isDemo": 1},
        {"session": "abc", "uid": 77, "currentUrl": "cabinet/demo-quick-high-low"},
        {"session": 'a:4:{s:10:"session_id";s:32:"…";}', "uid": 77, "isDemo": 0, "platform": 3, "isOptimized": True},
    ],
)
def test_every_well_formed_session_is_accepted(login: dict[str, Any]) -> None:
    client = World().connect()
    client.write("40")
    client.say("auth", login)
    assert "successauth" in client.event_names


@pytest.mark.parametrize(
    "login",
    [{}, {"session": "abc"}, {"uid": 1}, {"session": "", "uid": 1}, {"session": "abc", "uid": "9" * 99}, [], "x", 5],
)
def test_a_malformed_session_is_not_authorized(login: Any) -> None:
    client = World().connect()
    client.write("40")
    client.say("auth", login)
    assert client.event_names == ["NotAuthorized"]
    assert client.raw[-1] == DISCONNECT
    assert client.is_closed


@pytest.mark.parametrize(
    ("refusal", "last_words"),
    [
        (Refusal.NOT_AUTHORIZED, ['42["NotAuthorized"]', DISCONNECT]),
        (Refusal.DISCONNECT, [DISCONNECT]),
        (Refusal.SILENT, []),
    ],
)
def test_logins_are_refused_as_selected(refusal: Refusal, last_words: list[str]) -> None:
    world = World(Broker(refusal=refusal))
    client = world.connect()
    client.write("40")
    client.forget()
    client.say("auth", session())
    assert client.raw == last_words
    assert client.is_closed is bool(last_words)


def test_a_refused_client_is_not_heard_again() -> None:
    world = World(Broker(refusal=Refusal.SILENT))
    client = world.log_in()
    world.broker.refusal = None
    client.say("auth", session())
    client.say("getBalance")
    assert client.events == []


def test_nothing_is_said_before_login() -> None:
    client = World().connect()
    client.say("auth", session())
    client.write("40")
    client.say("getBalance")
    client.say("subfor", ASSET)
    assert client.events == []


def test_pings_come_and_answered_ones_keep_the_connection() -> None:
    world = World()
    client = world.log_in()
    for _ in range(10):
        world.let_pass(20)
        client.say("ps")
    assert client.raw.count(PING) == 8
    assert not client.is_closed


def test_a_client_that_answers_no_ping_is_closed() -> None:
    world = World()
    client = world.log_in()
    client.answers_pings = False
    world.let_pass(44.9)
    assert not client.is_closed
    world.let_pass(0.2)
    assert client.is_closed


def test_a_client_that_says_nothing_is_closed_after_three_minutes() -> None:
    world = World()
    client = world.log_in()
    world.let_pass(179)
    assert not client.is_closed
    world.let_pass(2)
    assert client.is_closed


def test_a_client_may_ping_too() -> None:
    client = World().connect()
    client.write(PING)
    assert client.raw[-1] == PONG


@pytest.mark.parametrize("farewell", ["41", "1"])
def test_a_farewell_closes_the_connection(farewell: str) -> None:
    client = World().log_in()
    client.write(farewell)
    assert client.is_closed


def test_a_client_that_is_gone_hears_nothing_more() -> None:
    world = World()
    client = world.log_in()
    client.say("subfor", ASSET)
    client.order(seconds=5)
    client.forget()
    world.broker.disconnect(client.name)
    world.broker.disconnect(client.name)
    client.say("getBalance")
    world.let_pass(200)
    assert client.raw == []
    assert world.broker.due() is None


@pytest.mark.parametrize("event", ["ps", "assets/load", "indicator/load", "favorite/load", "price-alert/load"])
def test_what_the_browser_says_is_tolerated(event: str) -> None:
    world = World()
    client = world.log_in()
    client.forget()
    client.say(event)
    assert client.events == []
    assert world.broker.ignored == 0


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("getBalance", "successupdateBalance"),
        ("updateOpenedDeals", "updateOpenedDeals"),
        ("updateClosedDeals", "updateClosedDeals"),
        ("successupdatePending", "successupdatePending"),
    ],
)
def test_the_account_may_be_asked_for(question: str, answer: str) -> None:
    client = World().log_in()
    client.forget()
    client.say(question)
    assert client.event_names == [answer]


@pytest.mark.parametrize("text", ["", "nonsense", "42", '42["nobody knows"]', "49", '42["changeSymbol",{}]', "40", "6"])
def test_what_means_nothing_is_counted_and_left(text: str) -> None:
    world = World()
    client = world.log_in()
    client.forget()
    client.write(text)
    assert client.raw == []
    assert world.broker.ignored == 1


def test_events_with_attachments_are_understood() -> None:
    client = World().log_in()
    client.forget()
    for part in encode_binary_event("getBalance", b"null"):
        client.write(part)
    assert client.event_names == ["successupdateBalance"]


def test_everything_is_late_by_the_latency() -> None:
    world = World(Broker(latency_seconds=0.25))
    client = world.log_in()
    assert client.delays == {0.25}


@pytest.mark.parametrize("argument", [{"any": ["JSON", None]}, [1.5], "text", 7, None])
def test_what_is_to_be_echoed_comes_back_as_an_attachment(argument: Any) -> None:
    client = World().log_in()
    client.forget()
    client.write(f'42["echo",{json.dumps(argument)}]')
    assert client.raw == list(encode_binary_event("echo", json.dumps(argument).encode()))


def test_an_echo_may_come_inline() -> None:
    client = World().log_in()
    client.forget()
    client.write('42["echoInline",{"any": 1.50}]')
    assert client.raw == ['42["echo",{"any": 1.50}]']


def test_accounts_on_one_broker_do_not_hear_each_other() -> None:
    world = World()
    demo, real, other = world.log_in(), world.log_in(is_demo=0), world.log_in(uid="other")
    for client, stake in ((demo, 10), (real, 20), (other, 30)):
        client.order(amount=stake)
    for client in (demo, real, other):
        client.forget()
        client.say("getBalance")
        client.say("updateOpenedDeals")
    assert [client.heard("successupdateBalance")[0]["balance"] for client in (demo, real, other)] == [
        *(49_990, 49_980, 49_970)
    ]
    assert [[deal["amount"] for deal in client.heard("updateOpenedDeals")[0]] for client in (demo, real, other)] == [
        *([10], [20], [30])
    ]
    assert [client.heard("updateOpenedDeals")[0][0]["uid"] for client in (demo, real, other)] == [12345, 12345, "other"]
    world.let_pass(5)
    assert [len(client.heard("successcloseOrder")) for client in (demo, real, other)] == [1, 1, 1]


def test_server_times_run_two_hours_ahead() -> None:
    world = World()
    client = world.log_in()
    client.say("subfor", ASSET)
    world.let_pass(2)
    times = [tick[0][1] for tick in client.heard("updateStream")]
    assert times
    assert all(START + AHEAD < time <= START + AHEAD + 2 for time in times)


EVENTS = [
    "auth", "changeSymbol", "loadHistoryPeriod", "subfor", "unsubfor", "openOrder", "openPendingOrder",
    "cancelPendingOrder", "cancelPendingOrders", "getBalance", "echo", "echoInline",
]  # fmt: skip
KEYS = [
    "asset", "amount", "action", "time", "requestId", "period", "index", "offset", "openType", "openTime", "openPrice",
    "timeframe", "minPayout", "command", "ticket", "tickets",
]  # fmt: skip
oddities: st.SearchStrategy[Any] = st.sampled_from(
    [
        None, True, -1, 0, 1, 60, 0.5, 1e300, -1e300, 10**25, "", "call", ASSET, "NaN", "-Infinity", "1e999999999", [],
        {}, ["x"],
    ]
)  # fmt: skip


@settings(max_examples=300, deadline=None)
@given(event=st.sampled_from(EVENTS), argument=st.one_of(oddities, st.dictionaries(st.sampled_from(KEYS), oddities)))
def test_no_request_disturbs_the_broker(event: str, argument: Any) -> None:
    world = World()
    client = world.log_in()
    client.say(event, argument)
    client.forget()
    client.say("getBalance")
    assert "successupdateBalance" in client.event_names


@settings(max_examples=100, deadline=None)
@given(data=st.one_of(st.text(), st.binary(), st.text().map(lambda text: "42" + text)))
def test_no_message_disturbs_the_broker(data: str | bytes) -> None:
    client = World().log_in()
    client.write(data)
    client.write("40")
