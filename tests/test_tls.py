"""Covers tests.hostile.tls and tests.hostile.key_log: whom a client refuses, before it has said anything."""

import pytest

from tests.hostile import key_log, tls

pytestmark = pytest.mark.sockets

CASES = (
    "expired certificate",
    "certificate of another host",
    "unknown authority",
    "nothing newer than TLS 1.1",
    "redirect to ws",
    "redirect to another host",
)


@pytest.fixture(scope="module")
def outcomes() -> dict[str, tls.Outcome]:
    return {outcome.case: outcome for outcome in tls.run_all()}


@pytest.mark.parametrize("case", CASES)
def test_who_is_not_the_platform_is_refused_and_told_nothing(outcomes: dict[str, tls.Outcome], case: str) -> None:
    outcome = outcomes[case]

    assert outcome.is_refused, outcome.error
    assert outcome.bytes_received > 0
    assert not outcome.is_canary_heard
    assert outcome.redirected == 0


@pytest.mark.parametrize("case", CASES[:3])
def test_the_certificate_is_named_as_the_reason(outcomes: dict[str, tls.Outcome], case: str) -> None:
    assert "the certificate is not accepted" in outcomes[case].error


def test_a_client_that_checks_nothing_is_found_out() -> None:
    with tls.trusting():
        outcomes = tls.run_all()

    assert [outcome.case for outcome in outcomes] == list(CASES)
    assert not any(outcome.holds for outcome in outcomes)
    assert all(outcome.is_canary_heard for outcome in outcomes[:4])
    assert [outcome.redirected for outcome in outcomes[4:]] == [1, 1]


def test_no_key_log_is_written_whatever_the_environment_says() -> None:
    assert key_log.bytes_logged() == 0


def test_a_key_log_of_a_stock_context_is_noticed() -> None:
    assert key_log.bytes_logged(stock=True) > 0
