"""Covers optionbus.log_stream and the client's logs()."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from loguru import logger

from messages.base import AddressName
from messages.errors import InvalidArgument, SessionRejected
from optionbus.client import PocketOption
from optionbus.testing import SteppedRuntime
from supervisor.settings import LogSettings, Settings, SubscriptionSettings
from tests.optionbus.stepped_client import SteppedClient


@pytest.fixture
def stepped() -> Iterator[SteppedClient]:
    stepped = SteppedClient()
    stepped.runtime.run_until_idle()  # what was logged before is written
    yield stepped
    stepped.client.stop()


def test_what_is_logged_comes_while_loguru_is_silent(stepped: SteppedClient) -> None:
    logger.disable("optionbus")
    records = stepped.client.logs()

    stepped.network.cut()
    record = records.get(timeout=5)

    assert (record.level, record.source) == ("WARNING", "Log")
    assert "the network was cut" in record.text
    assert record.time == pytest.approx(stepped.runtime.clock.now(), abs=1.0)


def test_the_level_is_the_lowest_that_comes(stepped: SteppedClient) -> None:
    debug, warning = stepped.client.logs("DEBUG"), stepped.client.logs("warning")

    stepped.network.cut()
    stepped.runtime.advance(5.0)

    assert {"DEBUG", "WARNING"} <= {record.level for record in _held(debug)}
    assert {record.level for record in _held(warning)} == {"WARNING"}


def _held(records: Any) -> list[Any]:
    return [records.get() for _ in range(len(records))]


def test_frames_come_at_trace_and_only_while_somebody_listens(stepped: SteppedClient) -> None:
    records = stepped.client.logs("TRACE")

    stepped.runtime.advance(25.0)
    records.close()

    assert any(record.text == 'sent 42["ps"]' for record in records)
    assert stepped.client._edge.system.routes.taps == ()
    assert not stepped.client._edge.system.logs("DEBUG")


def test_it_ends_after_so_long_without_a_record(stepped: SteppedClient) -> None:
    began = stepped.runtime.clock.monotonic()
    records = stepped.client.logs(timeout=5)
    stepped.runtime.advance(4.0)
    stepped.network.cut()

    texts = [record.text for record in records]

    assert any("ready" in text for text in texts)
    assert 9.0 <= stepped.runtime.clock.monotonic() - began <= 11.0


def test_it_ends_with_the_client_after_its_last_words() -> None:
    stepped = SteppedClient()
    records = stepped.client.logs("DEBUG")

    stepped.client.stop()
    texts = [record.text for record in records]

    assert "session closed" in texts
    assert list(stepped.client.logs()) == []


def test_a_refusal_of_the_session_is_still_heard(stepped: SteppedClient) -> None:
    records = stepped.client.logs("ERROR")
    system = stepped.client._edge.system

    system.log("ERROR", AddressName("Session"), "refused")
    system.fail(SessionRejected("NotAuthorized"))

    assert next(records).text == "refused"


def test_asyncio_code_may_read_it(stepped: SteppedClient) -> None:
    async def main() -> list[str]:
        return [record.text async for record in stepped.client.logs(timeout=3)]

    stepped.network.cut()

    assert any("ready" in text for text in asyncio.run(main()))


def test_what_is_not_read_is_bounded() -> None:
    stepped = SteppedClient(config=Settings(subscriptions=SubscriptionSettings(buffer=2)))
    records = stepped.client.logs("TRACE")

    stepped.runtime.advance(60.0)

    assert len(records) == 2
    assert records.dropped > 0
    stepped.client.stop()


def test_a_configured_level_does_not_keep_lower_ones_away() -> None:
    stepped = SteppedClient(config=Settings(log=LogSettings(level="CRITICAL")))
    stepped.runtime.run_until_idle()
    records = stepped.client.logs("INFO")

    stepped.network.cut()

    assert records.get(timeout=5).level == "WARNING"
    stepped.client.stop()


def test_before_the_start_it_can_be_had_and_hears_all() -> None:
    client = PocketOption.simulated(runtime=SteppedRuntime())
    records = client.logs("INFO")

    with client:
        assert next(records).text.startswith("connecting to")


@pytest.mark.parametrize(
    ("level", "timeout"), [("LOUD", None), (20, None), ("INFO", 0), ("INFO", "5"), ("INFO", float("nan"))]
)
def test_a_level_or_a_timeout_that_is_none_is_refused(stepped: SteppedClient, level: Any, timeout: Any) -> None:
    with pytest.raises(InvalidArgument):
        stepped.client.logs(level, timeout)


def test_a_stream_that_ended_leaves_no_timer(stepped: SteppedClient) -> None:
    timers = stepped.runtime._timers._entries
    before = sum(entry.action is not None for _, _, entry in timers)

    stepped.client.logs(timeout=5).close()

    assert sum(entry.action is not None for _, _, entry in timers) == before
