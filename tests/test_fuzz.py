"""Covers tests.fuzz: short hunts that find nothing, planted bugs that are found, and properties by hypothesis."""

import subprocess
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from messages.session import Frame
from messages.wire.framing import FrameDecoder, encode_binary_event, encode_event
from messages.wire.php_session import PhpSession
from optionbus.cli.doctor import HOME
from tests.fuzz.corpus import PAYLOADS
from tests.fuzz.hunt import attempt, hunt
from tests.fuzz.mutator import INTERESTING, tokens_of
from tests.fuzz.targets import PLANTED, TARGETS, run_frames, run_framing, run_payloads, run_ssid

EXECUTIONS = {"framing": 5_000, "payloads": 5_000, "ssid": 2_000, "frames": 1_500}

TEXTS = st.lists(st.sampled_from(INTERESTING) | st.binary(max_size=8), max_size=12).map(b"".join)


@pytest.mark.parametrize("name", TARGETS)
def test_a_short_hunt_finds_nothing(name: str) -> None:
    result = hunt(name, TARGETS[name].run, TARGETS[name].mutator(3).next, EXECUTIONS[name])

    assert result.executions == EXECUTIONS[name]
    assert [str(finding) for finding in result.findings] == []


@pytest.mark.parametrize("name", TARGETS)
def test_a_planted_bug_is_found_and_found_again_by_its_input(name: str) -> None:
    with PLANTED[name]():
        found = hunt(name, TARGETS[name].run, TARGETS[name].mutator(3).next, EXECUTIONS[name]).findings
        again = [attempt(name, TARGETS[name].run, finding.input) for finding in found]

    assert found
    assert again == list(found)
    assert all(finding.input.hex() in str(finding) for finding in found)
    assert all(attempt(name, TARGETS[name].run, finding.input) is None for finding in found)


@pytest.mark.parametrize("name", TARGETS)
def test_what_the_hunt_begins_with_is_well_formed_and_stands(name: str) -> None:
    assert [attempt(name, TARGETS[name].run, b"".join(entry)) for entry in TARGETS[name].corpus if entry] == [
        None for entry in TARGETS[name].corpus if entry
    ]


def test_the_same_seed_makes_the_same_inputs() -> None:
    one, same, other = (TARGETS["framing"].mutator(seed) for seed in (5, 5, 6))

    inputs = [one.next() for _ in range(200)]

    assert inputs == [same.next() for _ in range(200)]
    assert inputs != [other.next() for _ in range(200)]


@pytest.mark.parametrize("event", PAYLOADS)
def test_tokens_make_up_the_text_they_were_taken_from(event: str) -> None:
    assert all(b"".join(tokens_of(payload)) == payload for payload in PAYLOADS[event])


@given(TEXTS)
@example(b'451-["x",{"_placeholder":true,"num":1e0}]\x1e\x00x')
def test_any_packets_are_read_or_malformed(data: bytes) -> None:
    run_framing(data)


@given(st.sampled_from(range(len(PAYLOADS))), TEXTS)
def test_any_payload_is_read_or_a_wire_error(event: int, data: bytes) -> None:
    run_payloads(bytes([event]) + data)


@given(TEXTS)
def test_anything_pasted_is_read_or_an_invalid_ssid(data: bytes) -> None:
    run_ssid(data)


@given(st.binary(max_size=60))
def test_any_bytes_are_the_same_messages_in_whatever_pieces_they_come(data: bytes) -> None:
    run_frames(data)


@given(st.text(), st.binary())
def test_what_is_encoded_is_decoded_as_it_was(name: str, payload: bytes) -> None:
    decoder = FrameDecoder()
    header, attachment = encode_binary_event(name, payload)

    inline = FrameDecoder().feed(encode_event(name).encode(), True)

    assert decoder.feed(header.encode(), True) is None
    assert decoder.feed(attachment, False) == Frame(name, payload, header.encode(), (payload,))
    assert isinstance(inline, Frame)
    assert inline.event == name


@given(st.dictionaries(st.text(max_size=9), st.text(max_size=40) | st.integers(-(10**18), 10**18), max_size=6))
def test_a_session_that_is_serialized_is_read_as_it_was(entries: dict[str | int, str | int]) -> None:
    written = PhpSession(entries, "0f" * 16, 0).serialized().encode()

    read = PhpSession.read(written)

    assert read == PhpSession(entries, "0f" * 16, len(written))


def fuzz(*arguments: str) -> "subprocess.CompletedProcess[str]":
    command = [sys.executable, "-m", "tests.fuzz", *arguments]
    return subprocess.run(command, cwd=HOME, check=False, capture_output=True, text=True, timeout=60)


def test_the_command_says_how_to_find_it_again() -> None:
    command = fuzz("--executions", "3000", "--target", "framing", "--seed", "3", "--control")

    assert command.returncode == 1
    assert "--target framing --replay 34" in command.stdout
    assert fuzz("--executions", "100", "--target", "framing").returncode == 0
