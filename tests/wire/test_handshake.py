from collections.abc import Callable
from itertools import product

import pytest

from messages.errors import WireError
from messages.session import Frame
from messages.wire import framing
from messages.wire.framing import Control, FrameDecoder, Malformed, PacketKind
from messages.wire.handshake import MOVES, Action, ClientHandshake, Input, Stage, input_of

# The table once more, written as a picture: rows are stages, columns inputs, an empty cell may not happen.
PICTURE = """
                  OPEN              CONNECT        CONNECT_ERROR  DISCONNECT      SUCCESS_AUTH  NOT_AUTHORIZED  CLOSE     PING
AWAITING_OPEN     AWAITING_CONNECT  -              -              REFUSED         -             REFUSED         LOST      AWAITING_OPEN
AWAITING_CONNECT  -                 AWAITING_AUTH  LOST           REFUSED         -             REFUSED         LOST      AWAITING_CONNECT
AWAITING_AUTH     -                 -              -              REFUSED         ACCEPTED      REFUSED         LOST      AWAITING_AUTH
ACCEPTED          -                 -              -              LOST            -             REFUSED         LOST      ACCEPTED
REFUSED           -                 -              -              REFUSED         -             REFUSED         REFUSED   REFUSED
LOST              -                 -              -              LOST            -             REFUSED         LOST      LOST
"""  # noqa: E501

ENDED = {Stage.REFUSED, Stage.LOST}


def picture() -> dict[tuple[Stage, Input], Stage | None]:
    header, *rows = [line.split() for line in PICTURE.strip().splitlines()]
    return {
        (Stage[stage], Input[column]): None if cell == "-" else Stage[cell]
        for stage, *cells in rows
        for column, cell in zip(header, cells, strict=True)
    }


PICTURED = picture()


def expected_actions(stage: Stage, received: Input, after: Stage) -> tuple[Action, ...]:
    if received is Input.PING:
        return (Action.SEND_PONG,)
    if stage is after:
        return ()
    return {
        Stage.AWAITING_CONNECT: (Action.SEND_CONNECT,),
        Stage.AWAITING_AUTH: (Action.SEND_AUTH,),
        Stage.ACCEPTED: (Action.LOGGED_IN,),
        Stage.REFUSED: (Action.REJECT,),
        Stage.LOST: (Action.END,),
    }[after]


def test_the_picture_has_every_cell() -> None:
    assert set(PICTURED) == set(product(Stage, Input))


@pytest.mark.parametrize(("stage", "received"), list(product(Stage, Input)))
def test_each_cell_is_as_pictured(stage: Stage, received: Input) -> None:
    after = PICTURED[stage, received]
    handshake = ClientHandshake(stage)

    if after is None:
        with pytest.raises(WireError, match=stage.value):
            handshake.receive(received)
        assert handshake.stage is stage
    else:
        assert handshake.receive(received) == expected_actions(stage, received, after)
        assert handshake.stage is after


@pytest.mark.parametrize(
    ("stage", "received", "said"),
    [
        (Stage.AWAITING_OPEN, Input.CONNECT, "connect cannot be read: it cannot come while awaiting open"),
        (Stage.AWAITING_CONNECT, Input.OPEN, "open cannot be read: it cannot come while awaiting connect"),
        (Stage.AWAITING_AUTH, Input.CONNECT_ERROR, "connect error cannot be read: it cannot come while awaiting auth"),
        (Stage.ACCEPTED, Input.SUCCESS_AUTH, "successauth cannot be read: it cannot come while accepted"),
        (Stage.REFUSED, Input.OPEN, "open cannot be read: it cannot come while refused"),
        (Stage.LOST, Input.OPEN, "open cannot be read: it cannot come while lost"),
    ],
)
def test_what_cannot_come_is_told_with_the_stage(stage: Stage, received: Input, said: str) -> None:
    with pytest.raises(WireError, match=said):
        ClientHandshake(stage).receive(received)


def test_inputs_and_actions_are_told_by_these_words() -> None:
    assert [received.value for received in Input] == [
        *("open", "connect", "connect error", "disconnect", "successauth", "not authorized", "close", "ping")
    ]
    assert [action.value for action in Action] == [
        *("send connect", "send auth", "send pong", "logged in", "reject", "end")
    ]


def test_the_table_holds_nothing_else() -> None:
    assert set(MOVES) == {cell for cell, after in PICTURED.items() if after is not None}


def test_a_ping_is_answered_at_every_stage() -> None:
    for stage in Stage:
        assert ClientHandshake(stage).receive(Input.PING) == (Action.SEND_PONG,)


def test_an_end_is_acted_on_once() -> None:
    for stage, received in product(ENDED, Input):
        stays = PICTURED[stage, received] is stage
        if stays and received is not Input.PING:
            assert ClientHandshake(stage).receive(received) == ()


def test_a_handshake_begins_by_awaiting_open() -> None:
    assert ClientHandshake().stage is Stage.AWAITING_OPEN


def converse(*packets: str | bytes) -> tuple[Stage, list[Action]]:
    """Where a handshake ends that hears these packets, and what it did."""
    decoder, handshake, actions = FrameDecoder(), ClientHandshake(), list[Action]()
    for packet in packets:
        data = packet.encode() if isinstance(packet, str) else packet
        read = decoder.feed(data, isinstance(packet, str))
        assert not isinstance(read, Malformed)
        received = None if read is None else input_of(read)
        if received is not None:
            actions += handshake.receive(received)
    return handshake.stage, actions


OPENED = (framing.encode_open("a", 25_000, 20_000), framing.encode_connect("b"))


def test_a_login_goes_open_connect_auth() -> None:
    stage, actions = converse(*OPENED, framing.PING, *framing.encode_binary_event("successauth", b"{}"))

    assert stage is Stage.ACCEPTED
    assert actions == [Action.SEND_CONNECT, Action.SEND_AUTH, Action.SEND_PONG, Action.LOGGED_IN]


@pytest.mark.parametrize("name", ["NotAuthorized", "notAuthorized", "auth_error"])
def test_a_refusal_is_rejected_once(name: str) -> None:
    stage, actions = converse(*OPENED, framing.encode_event(name), framing.DISCONNECT)

    assert stage is Stage.REFUSED
    assert actions[2:] == [Action.REJECT]


@pytest.mark.parametrize("body", [b'{"id":"1"}', b'{"serverName":"eu"}', b"{}"])
@pytest.mark.parametrize("form", [framing.encode_binary_event, lambda name, body: (framing.encode_event(name, body),)])
def test_every_form_of_acceptance_is_one(form: Callable[[str, bytes], tuple[str | bytes, ...]], body: bytes) -> None:
    assert converse(*OPENED, *form("successauth", body))[0] is Stage.ACCEPTED


def test_a_disconnect_before_successauth_is_a_refusal() -> None:
    assert converse(*OPENED, framing.DISCONNECT)[0] is Stage.REFUSED


def test_a_disconnect_after_successauth_is_a_loss() -> None:
    assert converse(*OPENED, '42["successauth",{}]', framing.DISCONNECT)[0] is Stage.LOST


def test_a_refusal_after_successauth_is_a_refusal() -> None:
    assert converse(*OPENED, '42["successauth",{}]', '42["NotAuthorized"]')[0] is Stage.REFUSED


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        (PacketKind.OPEN, Input.OPEN),
        (PacketKind.CLOSE, Input.CLOSE),
        (PacketKind.PING, Input.PING),
        (PacketKind.PONG, None),
        (PacketKind.NOOP, None),
        (PacketKind.CONNECT, Input.CONNECT),
        (PacketKind.DISCONNECT, Input.DISCONNECT),
        (PacketKind.ACK, None),
        (PacketKind.CONNECT_ERROR, Input.CONNECT_ERROR),
    ],
)
def test_a_control_is_mapped_by_its_kind(kind: PacketKind, expected: Input | None) -> None:
    assert input_of(Control(kind)) is expected


@pytest.mark.parametrize("kind", PacketKind)
def test_another_namespace_is_not_this_session(kind: PacketKind) -> None:
    assert input_of(Control(kind, namespace="/other")) is None


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("successauth", Input.SUCCESS_AUTH),
        ("NotAuthorized", Input.NOT_AUTHORIZED),
        ("notAuthorized", Input.NOT_AUTHORIZED),
        ("auth_error", Input.NOT_AUTHORIZED),
    ],
)
def test_an_event_is_mapped_by_its_name(name: str, expected: Input) -> None:
    assert input_of(Frame(name, b"", b"")) is expected


def test_any_other_event_is_not_about_the_session() -> None:
    for name in ("updateStream", "SuccessAuth", "", "successauth "):
        assert input_of(Frame(name, b"", b"")) is None
