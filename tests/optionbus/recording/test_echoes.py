"""Covers optionbus.recording.echoes: which request of now stands for which of then."""

import json

from optionbus.recording.echoes import Echoes


def order(request_id: str, *, asset: str = "X", amount: float = 1, action: str = "call", time: int = 60) -> bytes:
    wish = {"asset": asset, "amount": amount, "action": action, "time": time, "requestId": request_id}
    return f'42["openOrder",{json.dumps(wish)}]'.encode()


def history(index: int, asset: str = "X") -> bytes:
    page = {"asset": asset, "index": index, "time": 5, "offset": 9, "period": 60}
    return f'42["loadHistoryPeriod",{json.dumps(page)}]'.encode()


def test_an_order_is_answered_under_its_own_id() -> None:
    echoes = Echoes()
    echoes.was_sent(order("then-1"))
    echoes.was_sent(order("then-2"))
    echoes.is_sent(order("now-1"))
    echoes.is_sent(order("now-2"))

    assert echoes.translated(b'{"id":"d","requestId":"then-2"}') == b'{"id":"d","requestId":"now-2"}'
    assert echoes.translated(b'{"id":"d","requestId":"then-1"}') == b'{"id":"d","requestId":"now-1"}'


def test_whoever_comes_first_an_order_is_found() -> None:
    echoes = Echoes()
    echoes.is_sent(order("now"))
    echoes.was_sent(order("then"))

    assert echoes.translated(b'{"requestId":"then"}') == b'{"requestId":"now"}'


def test_an_order_of_another_kind_is_not_taken_for_it() -> None:
    for other in (order("now", asset="Y"), order("now", amount=2), order("now", action="put"), order("now", time=5)):
        echoes = Echoes()
        echoes.was_sent(order("then"))
        echoes.is_sent(other)

        assert echoes.translated(b'{"requestId":"then"}') == b'{"requestId":"then"}'


def test_indexes_that_change_places_do_so_at_once() -> None:
    echoes = Echoes()
    for then, now in ((history(1), history(2)), (history(2, "Y"), history(1, "Y"))):
        echoes.was_sent(then)
        echoes.is_sent(now)

    assert echoes.translated(b'[{"asset":"X","index":1},{"index": 2},{"index":12}]') == (
        b'[{"asset":"X","index":2},{"index": 1},{"index":12}]'
    )


def test_the_same_ids_change_nothing() -> None:
    echoes = Echoes()
    echoes.was_sent(order("same"))
    echoes.is_sent(order("same"))
    data = b'{"requestId":"same","index":3}'

    assert echoes.translated(data) is data


def test_what_cannot_be_read_stands_for_nothing() -> None:
    echoes = Echoes()
    for data in (b'42["openOrder",', b'42["openOrder",[]]', b"\xff", b'42["openOrder",7,8]', b"2"):
        echoes.was_sent(data)
        echoes.is_sent(data)

    assert echoes.translated(b'{"requestId":"x"}') == b'{"requestId":"x"}'
