"""Covers optionbus.recording.redaction: what is cut out, and that the rest is as it was."""

import msgspec
import pytest

from messages.secret import HIDDEN, Secret
from optionbus.recording.redaction import HIDDEN_LOGIN, Redaction, is_login

CANARY = "canaryc0ffee5ec2e7"
redaction = Redaction([Secret(CANARY), Secret("")])


@pytest.mark.parametrize(
    "data",
    [
        f'42["news","{CANARY}"]',
        f'42["auth",{{"session":"{CANARY}"}}]',
        f"\ufeff{CANARY}",
        f'451-["x",{{"session":"another-{CANARY}"}}]',
    ],
)
def test_a_secret_is_cut_out_wherever_it_stands(data: str) -> None:
    assert CANARY.encode() not in redaction(data.encode())


def test_bytes_that_are_no_text_stay_what_they_were() -> None:
    assert redaction(b"\xff\xfe" + CANARY.encode() + b"\x80") == b"\xff\xfe" + HIDDEN.encode() + b"\x80"
    assert redaction(b"\xff\x00session\x80") == b"\xff\x00session\x80"


@pytest.mark.parametrize("data", [b'{"session":"another","balance":5}', b'[{"sessionToken": 7}, {"session" : "x"}]'])
def test_json_stays_json(data: bytes) -> None:
    redacted = redaction(data)

    assert b"another" not in redacted
    assert HIDDEN.encode() in redacted
    msgspec.json.decode(redacted)


def test_the_name_of_the_connection_is_cut_out_of_the_handshake() -> None:
    assert redaction(b'0{"sid":"abc","pingInterval":25000}') == b'0{"sid":"hidden","pingInterval":25000}'
    assert redaction(b'40{"sid":"abc"}') == b'40{"sid":"hidden"}'


def test_anything_else_is_not_touched() -> None:
    for data in (
        b"",
        b"2",
        b'[["EURUSD_otc",1700000000.1,1.1]]',
        b'42["changeSymbol",{"asset":"X"}]',
        b'{"sid":"abc"}',
    ):
        assert redaction(data) is data


def test_a_login_is_known_by_its_beginning() -> None:
    assert is_login('42["auth",{}]')
    assert is_login(HIDDEN_LOGIN)
    assert not is_login('42["openOrder",{}]')
    assert not is_login(b"\0")
