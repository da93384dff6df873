import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages.errors import WireError
from messages.session import Frame
from messages.wire import framing
from messages.wire.framing import Control, FrameDecoder, Malformed, OpenPacket, PacketKind

STREAM = b'451-["updateStream",{"_placeholder":true,"num":0}]'
TICKS = b'[["EURUSD_otc",1700000000.5,1.08]]'

KINDS = ["open", "close", "ping", "pong", "noop", "connect", "disconnect", "ack", "connect error"]

Result = Frame | Control | Malformed | None

names = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | names,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names.filter(lambda key: key != "_placeholder"), inner),
    max_leaves=10,
)
json_bytes = json_values.map(msgspec.json.encode)
packet_like = st.from_regex(
    rb'\A[0-9][0-9]?(\d{0,3}-)?(/\w*,)?\d{0,3}(\[|\{|"a"|,|\]|\}|"num":\d|"_placeholder":true){0,8}\Z'
)
inputs = st.lists(st.tuples(st.binary() | packet_like | json_bytes.map(lambda body: b"451-" + body), st.booleans()))


def read(*packets: str | bytes) -> list[Result]:
    """What a new decoder makes of these packets; str is a text message, bytes a binary one."""
    return feed(FrameDecoder(), *packets)


def feed(decoder: FrameDecoder, *packets: str | bytes) -> list[Result]:
    return [decoder.feed(p.encode() if isinstance(p, str) else p, isinstance(p, str)) for p in packets]


def text(data: bytes) -> str:
    return data.decode()


def reason(packet: str) -> str:
    (result,) = read(packet)
    assert isinstance(result, Malformed)
    assert result.size == len(packet.encode())
    return result.reason


# Words


def test_kinds_of_packets_are_told_by_these_words() -> None:
    assert [kind.value for kind in PacketKind] == KINDS


@pytest.mark.parametrize(
    ("packet", "said"),
    [
        ("x", "a packet of unknown type"),
        ("4x", "a message of unknown type"),
        (b"x", "an attachment that no header announced"),
        ('45["e"]', "attachments counted where there are none, or not counted where there are"),
        ('421-["e"]', "attachments counted where there are none, or not counted where there are"),
        ('4511-["e"]', "too many attachments"),
        ("42[]", "an event without a name"),
        ('450-["e",{"_placeholder":true,"num":0}]', "a placeholder for an attachment that is not announced"),
        ("42" + "[" * 100_000, "nested too deeply"),
        ("42[1]", "not the JSON of its type of packet"),
    ],
    ids=lambda value: str(value)[:12],
)
def test_what_cannot_be_read_says_why(packet: str | bytes, said: str) -> None:
    assert read(packet) == [Malformed(said, len(packet))]


def test_what_was_read_never_changes() -> None:
    control, malformed, opened = Control(PacketKind.PING), Malformed("so", 1), OpenPacket("a", 1, 2)

    for structure, field in ((control, "kind"), (malformed, "size"), (opened, "sid")):
        with pytest.raises(AttributeError, match="immutable"):
            setattr(structure, field, None)


# Events


def test_a_binary_event_is_a_header_and_its_attachment() -> None:
    assert read(text(STREAM), TICKS) == [None, Frame("updateStream", TICKS, STREAM, (TICKS,))]


def test_the_same_event_may_come_inline() -> None:
    packet = '42["updateStream",[["EURUSD_otc",1,2]]]'

    assert read(packet) == [Frame("updateStream", b'[["EURUSD_otc",1,2]]', packet.encode())]


def test_an_event_without_argument_has_no_payload() -> None:
    assert read('42["NotAuthorized"]') == [Frame("NotAuthorized", b"", b'42["NotAuthorized"]')]


@pytest.mark.parametrize("space", [" ", "\n", "\r\n\t"])
def test_white_space_between_arguments_is_none_of_them(space: str) -> None:
    packet = f'42["e",{space}1{space}]'

    assert read(packet) == [Frame("e", b"1", packet.encode())]


def test_only_the_first_argument_is_the_payload() -> None:
    assert read('42["e",1,{"x":2}]') == [Frame("e", b"1", b'42["e",1,{"x":2}]')]


def test_ids_and_namespaces_do_not_hide_an_event() -> None:
    for packet in ('421["e",{"a":1}]', '42/ns,["e",{"a":1}]', '42/ns,17["e",{"a":1}]'):
        assert read(packet) == [Frame("e", b'{"a":1}', packet.encode())]


def test_ids_and_namespaces_do_not_hide_a_header() -> None:
    for packet in ('451-7["e",{"_placeholder":true,"num":0}]', '451-/ns,["e",{"_placeholder":true,"num":0}]'):
        assert read(packet, b"{}") == [None, Frame("e", b"{}", packet.encode(), (b"{}",))]


def test_a_placeholder_in_an_event_without_attachments_is_a_payload_like_any_other() -> None:
    packet = '42["e",{"_placeholder":true,"num":0}]'

    assert read(packet) == [Frame("e", b'{"_placeholder":true,"num":0}', packet.encode())]


def test_an_unknown_event_is_a_frame_like_any_other() -> None:
    assert read('42["neverHeardOf",1]') == [Frame("neverHeardOf", b"1", b'42["neverHeardOf",1]')]


def test_an_inline_argument_stays_with_its_attachment_aside() -> None:
    packet = '451-["e",{"file":{"_placeholder":true,"num":0}}]'

    assert read(packet, b"x") == [
        None,
        Frame("e", b'{"file":{"_placeholder":true,"num":0}}', packet.encode(), (b"x",)),
    ]


def test_a_binary_event_may_announce_no_attachment() -> None:
    assert read('450-["e",5]') == [Frame("e", b"5", b'450-["e",5]')]


def test_an_inline_list_in_a_header_is_the_payload() -> None:
    packet = '451-["e",[1],{"_placeholder":true,"num":0}]'

    assert read(packet, b"x")[1] == Frame("e", b"[1]", packet.encode(), (b"x",))


def test_a_field_called_num_makes_no_placeholder() -> None:
    packet = '451-["e",{"num":"many","_placeholder":false}]'

    assert read(packet, b"x")[1] == Frame("e", b'{"num":"many","_placeholder":false}', packet.encode(), (b"x",))


@pytest.mark.parametrize("count", range(1, framing.MAX_ATTACHMENTS + 1))
def test_a_header_awaits_exactly_its_attachments(count: int) -> None:
    packet = f'45{count}-["e",{{"_placeholder":true,"num":{count - 1}}}]'
    attachments = tuple(bytes([48 + n]) for n in range(count))

    *before, last = read(packet, *attachments)

    assert before == [None] * count
    assert last == Frame("e", attachments[-1], packet.encode(), attachments)


@pytest.mark.parametrize("count", ["11", "999999999", "9" * 5000])
def test_more_than_ten_attachments_are_not_awaited(count: str) -> None:
    header, attachment = read(f'45{count}-["e",{{"_placeholder":true,"num":0}}]', b"x")

    assert isinstance(header, Malformed)
    assert isinstance(attachment, Malformed)


@pytest.mark.parametrize("num", ["1", "-1", '"0"', "0.0", "true", "null", "18446744073709551616", "[0]"])
def test_num_must_be_an_announced_attachment(num: str) -> None:
    assert reason(f'451-["e",{{"_placeholder":true,"num":{num}}}]') == (
        "a placeholder for an attachment that is not announced"
    )


def test_num_must_be_there() -> None:
    assert read('451-["e",{"_placeholder":true}]', b"x")[1] == Malformed("an attachment that no header announced", 1)


@pytest.mark.parametrize("name", ["1", "null", "true", "[]", "{}", "1.5"])
@pytest.mark.parametrize("packet", ["42[{},1]", "450-[{}]", "42[{}]"])
def test_the_name_of_an_event_must_be_a_string(packet: str, name: str) -> None:
    assert reason(packet.format(name)) == "not the JSON of its type of packet"


def test_an_event_must_have_a_name() -> None:
    assert reason("42[]") == "an event without a name"


@pytest.mark.parametrize("packet", ["42", "42{}", "42[", '42["e"', '42["e",', '42["e",1]x', '42"e"', "45", '451-["e"'])
def test_a_truncated_event_is_malformed(packet: str) -> None:
    assert isinstance(read(packet)[0], Malformed)


@pytest.mark.parametrize("packet", ['45["e"]', '45-["e"]', '45x-["e"]', '421-["e"]', "401-{}", "46[]"])
def test_attachments_are_counted_where_there_are_any_and_nowhere_else(packet: str) -> None:
    assert isinstance(read(packet)[0], Malformed)


# What was pending


def test_a_ping_may_come_between_header_and_attachment() -> None:
    decoder = FrameDecoder()

    results = feed(decoder, text(STREAM), "2", TICKS)

    assert results == [None, Control(PacketKind.PING), Frame("updateStream", TICKS, STREAM, (TICKS,))]
    assert decoder.abandoned == 0


@pytest.mark.parametrize(
    "packet",
    [
        '42["e",1]',
        '42["NeverHeardOf"]',
        "41",
        '40{"sid":"a"}',
        "43[]",
        "44{}",
        "42[",
        '45x-["e"]',
        '4599-["e"]',
        "4",
        "49",
    ],
)
def test_any_message_resets_what_was_pending(packet: str) -> None:
    decoder = FrameDecoder()

    *_, late = feed(decoder, text(STREAM), packet, TICKS)

    assert late == Malformed("an attachment that no header announced", len(TICKS))
    assert decoder.abandoned == 1


@pytest.mark.parametrize("known", [False, True])
def test_a_header_resets_what_was_pending(known: bool) -> None:  # noqa: FBT001
    other = '451-["neverHeardOf",{"_placeholder":true,"num":0}]'
    decoder = FrameDecoder()
    if known:
        feed(decoder, other, b"before")

    results = feed(decoder, text(STREAM), other, b"mine")

    assert results == [None, None, Frame("neverHeardOf", b"mine", other.encode(), (b"mine",))]
    assert decoder.abandoned == 1


def test_a_header_resets_half_an_event() -> None:
    two = '452-["e",{"_placeholder":true,"num":1}]'
    decoder = FrameDecoder()

    results = feed(decoder, two, b"a", two, b"b", b"c")

    assert results == [None, None, None, None, Frame("e", b"c", two.encode(), (b"b", b"c"))]
    assert decoder.abandoned == 1


def test_a_header_that_is_not_utf8_resets_too() -> None:
    decoder = FrameDecoder()
    feed(decoder, text(STREAM))

    decoder.feed(b'451-["\xff",{"_placeholder":true,"num":0}]', True)

    assert isinstance(decoder.feed(TICKS, False), Malformed)
    assert decoder.abandoned == 1


def test_what_cannot_be_an_engine_packet_does_not_reset() -> None:
    results = read(text(STREAM), "x", "", TICKS)

    assert results[-1] == Frame("updateStream", TICKS, STREAM, (TICKS,))


def test_an_attachment_without_header_is_malformed() -> None:
    assert read(b"secret") == [Malformed("an attachment that no header announced", 6)]


def test_an_attachment_too_many_is_malformed() -> None:
    assert read(text(STREAM), TICKS, b"more")[-1] == Malformed("an attachment that no header announced", 4)


def test_an_attachment_may_be_anything() -> None:
    assert read(text(STREAM), b"\xff")[-1] == Frame("updateStream", b"\xff", STREAM, (b"\xff",))


def test_pending_dies_with_its_decoder() -> None:
    read(text(STREAM))

    assert isinstance(read(TICKS)[0], Malformed)


# Controls


@pytest.mark.parametrize(
    ("packet", "control"),
    [
        ('0{"sid":"a"}', Control(PacketKind.OPEN, b'{"sid":"a"}')),
        (framing.CLOSE, Control(PacketKind.CLOSE)),
        (framing.PING, Control(PacketKind.PING)),
        ("2probe", Control(PacketKind.PING, b"probe")),
        (framing.PONG, Control(PacketKind.PONG)),
        ("6", Control(PacketKind.NOOP)),
        ("40", Control(PacketKind.CONNECT)),
        ("40{}", Control(PacketKind.CONNECT, b"{}")),
        ('40{"sid":"a"}', Control(PacketKind.CONNECT, b'{"sid":"a"}')),
        ("40/ns", Control(PacketKind.CONNECT, namespace="/ns")),
        ('40/ns,{"sid":"a"}', Control(PacketKind.CONNECT, b'{"sid":"a"}', "/ns")),
        (framing.DISCONNECT, Control(PacketKind.DISCONNECT)),
        ("41/ns,", Control(PacketKind.DISCONNECT, namespace="/ns")),
        ("43[]", Control(PacketKind.ACK, b"[]")),
        ('4312["ok"]', Control(PacketKind.ACK, b'["ok"]', id=12)),
        ('43/ns,12["ok"]', Control(PacketKind.ACK, b'["ok"]', "/ns", 12)),
        ('44{"message":"no"}', Control(PacketKind.CONNECT_ERROR, b'{"message":"no"}')),
        ('44"no"', Control(PacketKind.CONNECT_ERROR, b'"no"')),
        ("460-3[]", Control(PacketKind.ACK, b"[]", id=3)),
    ],
)
def test_a_packet_without_event_is_a_control(packet: str, control: Control) -> None:
    assert read(packet) == [control]


def test_a_binary_ack_comes_with_its_last_attachment() -> None:
    packet = '462-1[{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]'

    assert read(packet, b"a", b"b") == [None, None, Control(PacketKind.ACK, packet.encode()[5:], id=1)]


@pytest.mark.parametrize("packet", ["43", "43{}", "40{", "40x", "44[", "461-1"])
def test_a_control_with_an_unreadable_body_is_malformed(packet: str) -> None:
    assert reason(packet) == "not the JSON of its type of packet"


@pytest.mark.parametrize("packet", ["", "5", "7", "9", "x", "\x04", '["e"]', "4", "47", "4x", "48", "40" + "9" * 19])
def test_a_packet_of_unknown_type_is_counted(packet: str) -> None:
    decoder = FrameDecoder()

    (result,) = feed(decoder, packet)

    assert isinstance(result, Malformed)
    assert decoder.unknown == 1


def test_every_packet_of_unknown_type_and_every_abandoned_header_is_counted() -> None:
    decoder = FrameDecoder()

    feed(decoder, "x", "4x", "5", "49", text(STREAM), text(STREAM), '42["e"]', text(STREAM), "41")

    assert (decoder.unknown, decoder.abandoned) == (4, 3)


def test_a_malformed_packet_of_a_known_type_is_not_unknown() -> None:
    decoder = FrameDecoder()

    feed(decoder, "42[", "42[1]", '45["e"]')

    assert decoder.unknown == 0


# Hostile input


@pytest.mark.parametrize("template", [b"%b", b"42%b", b'42["e",%b]', b"451-%b", b'451-["e",%b]', b"40%b", b"43%b"])
@pytest.mark.parametrize("nested", [b"[" * 100_000, b'{"a":' * 100_000, b"[" * 100_000 + b"]" * 100_000])
def test_nesting_without_end_is_malformed(template: bytes, nested: bytes) -> None:
    decoder = FrameDecoder()

    assert isinstance(decoder.feed(template % nested, True), Malformed)
    assert decoder.feed(b"2", True) == Control(PacketKind.PING)


def test_ten_thousand_levels_never_raise() -> None:
    result = FrameDecoder().feed(b'42["e",' + b"[" * 10_000 + b"]" * 10_000 + b"]", True)

    # How deep an interpreter can go differs between versions; the payload's decoder faces the same depth.
    assert isinstance(result, Malformed | Frame)


@pytest.mark.parametrize("packet", [b'42["e","\xff"]', b'42["\xff"]', b"40\xff", b"2\xff", b'451-["e","\xc3"]'])
def test_text_that_is_not_utf8_is_malformed(packet: bytes) -> None:
    assert FrameDecoder().feed(packet, True) == Malformed("not UTF-8", len(packet))


def test_a_malformed_message_shows_nothing_of_its_content() -> None:
    canary = "fa1c0de5"

    for packet in (f'42["{canary}"', f"42[{canary}]", canary, f'451-["{canary}",{{"_placeholder":true,"num":7}}]'):
        assert canary not in repr(read(packet))


@given(inputs)
def test_decoding_never_raises(messages: list[tuple[bytes, bool]]) -> None:
    decoder = FrameDecoder()

    for data, is_text in messages:
        result = decoder.feed(data, is_text)

        assert result is None or isinstance(result, Frame | Control | Malformed)


@given(st.data())
def test_a_changed_byte_never_raises(data: st.DataObject) -> None:
    packet = bytearray(data.draw(st.sampled_from([STREAM, b'42["e",{"a":1}]', b'43/ns,1["x"]', b'0{"sid":"a"}'])))
    packet[data.draw(st.integers(0, len(packet) - 1))] = data.draw(st.integers(0, 255))

    FrameDecoder().feed(bytes(packet), True)


@given(inputs)
def test_what_was_fed_before_changes_no_whole_event(messages: list[tuple[bytes, bool]]) -> None:
    decoder = FrameDecoder()
    for data, is_text in messages:
        decoder.feed(data, is_text)

    assert feed(decoder, text(STREAM), TICKS) == [None, Frame("updateStream", TICKS, STREAM, (TICKS,))]


# The cache of headers


def test_remembered_headers_are_bounded_in_number_and_size() -> None:
    decoder = FrameDecoder()
    packets = [f'451-["e{n}",{{"_placeholder":true,"num":0}}]' for n in range(1000)]
    packets.append(f'451-["{"e" * 200}",{{"_placeholder":true,"num":0}}]')

    for packet in packets:
        feed(decoder, packet, b"x")

    assert 0 < len(decoder._headers) <= 256
    assert max(map(len, decoder._headers)) <= 128


def test_256_headers_are_remembered_before_they_are_forgotten_together() -> None:
    decoder = FrameDecoder()
    remembered = []

    for number in range(257):
        feed(decoder, f'451-["e{number}",{{"_placeholder":true,"num":0}}]', b"x")
        remembered.append(len(decoder._headers))

    assert remembered == [*range(1, 257), 1]


@pytest.mark.parametrize(("size", "remembered"), [(128, 1), (129, 0)])
def test_a_header_of_up_to_128_bytes_is_remembered(size: int, remembered: int) -> None:
    decoder = FrameDecoder()
    padding = "e" * (size - len('451-["",{"_placeholder":true,"num":0}]'))
    header = f'451-["{padding}",{{"_placeholder":true,"num":0}}]'

    frames = [feed(decoder, header, b"x")[1] for _ in range(2)]

    assert frames == [Frame(padding, b"x", header.encode(), (b"x",))] * 2
    assert len(decoder._headers) == remembered


def test_a_remembered_header_reads_as_the_first_time() -> None:
    decoder = FrameDecoder()

    first, second = (feed(decoder, text(STREAM), TICKS) for _ in range(2))

    assert first == second


@pytest.mark.parametrize("length", [1, 90])
def test_a_remembered_header_is_not_parsed_again(monkeypatch: pytest.MonkeyPatch, length: int) -> None:
    decoder = FrameDecoder()
    header = f'451-["{"e" * length}",{{"_placeholder":true,"num":0}}]'
    feed(decoder, header, TICKS)

    monkeypatch.delattr(framing, "_parse")

    assert len(header) <= 128
    assert feed(decoder, header, TICKS) == [None, Frame("e" * length, TICKS, header.encode(), (TICKS,))]


# Encoding


@given(names, st.none() | json_bytes)
def test_an_encoded_event_reads_back(name: str, argument: bytes | None) -> None:
    packet = framing.encode_event(name, argument)

    assert read(packet) == [Frame(name, argument or b"", packet.encode())]


@given(names, st.binary())
def test_an_encoded_binary_event_reads_back(name: str, payload: bytes) -> None:
    header, attachment = framing.encode_binary_event(name, payload)

    assert read(header, attachment) == [None, Frame(name, payload, header.encode(), (payload,))]


@given(st.lists(st.tuples(names, json_bytes, st.sampled_from(["text", "binary", "pinged"])), max_size=8))
def test_a_conversation_reads_back_in_order(events: list[tuple[str, bytes, str]]) -> None:
    packets: list[str | bytes] = []
    for name, payload, form in events:
        if form == "text":
            packets.append(framing.encode_event(name, payload))
        else:
            header, attachment = framing.encode_binary_event(name, payload)
            packets += [header, framing.PING, attachment] if form == "pinged" else [header, attachment]
    decoder = FrameDecoder()

    frames = [result for result in feed(decoder, *packets) if isinstance(result, Frame)]

    assert [(frame.event, frame.payload) for frame in frames] == [(name, payload) for name, payload, _ in events]
    assert (decoder.abandoned, decoder.unknown) == (0, 0)


@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40))
def test_an_encoded_connect_reads_back(sid: str) -> None:
    (control,) = read(framing.encode_connect(sid))

    assert isinstance(control, Control)
    assert control.kind is PacketKind.CONNECT
    assert msgspec.json.decode(control.data) == {"sid": sid}


def test_the_client_connects_with_nothing_more() -> None:
    assert framing.encode_connect() == "40"


@given(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=100),
    st.integers(1, 3_600_000),
    st.integers(1, 3_600_000),
    st.none() | st.integers(1, 10**9),
)
def test_an_encoded_open_reads_back(sid: str, interval: int, timeout: int, max_payload: int | None) -> None:
    (control,) = read(framing.encode_open(sid, interval, timeout, max_payload))

    assert isinstance(control, Control)
    assert control.kind is PacketKind.OPEN
    assert framing.decode_open(control.data) == OpenPacket(sid, interval, timeout)


def test_the_greatest_payload_is_told_if_there_is_one() -> None:
    assert framing.encode_open("a", 25_000, 20_000, 1_000_000) == (
        '0{"sid":"a","upgrades":[],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}'
    )
    assert "maxPayload" not in framing.encode_open("a", 25_000, 20_000)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        b'{"sid":"a","pingInterval":25000}',
        b'{"sid":"","pingInterval":25000,"pingTimeout":20000}',
        b'{"sid":1,"pingInterval":25000,"pingTimeout":20000}',
        b'{"sid":"a","pingInterval":0,"pingTimeout":20000}',
        b'{"sid":"a","pingInterval":-1,"pingTimeout":20000}',
        b'{"sid":"a","pingInterval":25000,"pingTimeout":3600001}',
        b'{"sid":"a","pingInterval":25000,"pingTimeout":1e400}',
        b'{"sid":"a","pingInterval":"25000","pingTimeout":20000}',
        b'{"sid":"a","pingInterval":null,"pingTimeout":20000}',
    ],
)
def test_an_open_packet_without_sane_intervals_is_a_wire_error(data: bytes) -> None:
    with pytest.raises(WireError, match="open packet"):
        framing.decode_open(data)


@pytest.mark.parametrize(("interval", "timeout", "sid"), [(1, 3_600_000, "a"), (3_600_000, 1, "a" * 256)])
def test_an_open_packet_at_its_limits_is_read(interval: int, timeout: int, sid: str) -> None:
    data = framing.encode_open(sid, interval, timeout)[1:].encode()

    assert framing.decode_open(data) == OpenPacket(sid, interval, timeout)


@pytest.mark.parametrize(
    ("interval", "timeout", "sid"),
    [(0, 1, "a"), (1, 0, "a"), (3_600_001, 1, "a"), (1, 3_600_001, "a"), (1, 1, ""), (1, 1, "a" * 257)],
)
def test_an_open_packet_beyond_its_limits_is_a_wire_error(interval: int, timeout: int, sid: str) -> None:
    with pytest.raises(WireError, match="the open packet cannot be read: "):
        framing.decode_open(framing.encode_open(sid, interval, timeout)[1:].encode())


def test_what_is_wrong_with_an_open_packet_is_told() -> None:
    with pytest.raises(WireError, match=r"cannot be read: .*pingInterval"):
        framing.decode_open(b'{"sid":"a","pingInterval":0,"pingTimeout":20000}')


def test_an_open_packet_may_hold_more() -> None:
    data = b'{"sid":"a","upgrades":["x"],"pingInterval":1,"pingTimeout":2,"new":{"a":[1]}}'

    assert framing.decode_open(data) == OpenPacket("a", 1, 2)


@pytest.mark.parametrize(
    ("message", "event"),
    [
        ('42["openOrder",{"amount":1}]', "openOrder"),
        ('42["ps"]', "ps"),
        ('42 [ "openOrder" , {} ]', "openOrder"),
        ('42[ "openOrder" , {} ] ', "openOrder"),
        ('42["open\\u004frder",{}]', "openOrder"),
        ('4217["openOrder",{}]', "openOrder"),
        ('42/demo,["openOrder",{}]', "openOrder"),
        ('42/demo,17["openOrder",{}]', "openOrder"),
        ('451-["openOrder",{"_placeholder":true,"num":0}]', "openOrder"),
        ('43["openOrder"]', None),
        ("42[]", None),
        ("42[5]", None),
        ('42{"a":1}', None),
        ('42["openOrder",{}', None),
        ("", None),
        ("2", None),
        ("openOrder", None),
        ("42" + "[" * 100_000, None),
        ("42[\ud800]", None),
    ],
)
def test_an_event_is_read_from_the_text_that_carries_it(message: str, event: str | None) -> None:
    assert framing.event_of(message) == event


BEYOND_ASCII = ("\N{SNAKE}", "é", "\N{EURO SIGN}")


@pytest.mark.parametrize("character", BEYOND_ASCII)
@pytest.mark.parametrize("shift", range(4))
def test_a_large_text_is_checked_across_the_pieces_it_is_checked_in(character: str, shift: int) -> None:
    text = '42["x","' + "a" * shift + character * 70_000 + '"]'

    frame = FrameDecoder().feed(text.encode(), True)

    assert isinstance(frame, Frame)
    assert frame.text == text.encode()


@pytest.mark.parametrize("wrong", [b"\xff", b"\xed\xa0\x80", b"\xf0\x9f"])
@pytest.mark.parametrize("before", [0, 65_528, 200_000])
def test_a_large_text_that_is_not_utf8_is_malformed(wrong: bytes, before: int) -> None:
    data = b'42["x","' + b"a" * before + wrong + b"a" * (200_000 - before)

    malformed = FrameDecoder().feed(data, True)

    assert malformed == Malformed("not UTF-8", len(data))


def test_a_large_text_that_begins_with_no_utf8_is_malformed() -> None:
    data = b"\xff" + b"a" * 200_000

    assert FrameDecoder().feed(data, True) == Malformed("not UTF-8", len(data))


def test_arguments_behind_the_payload_are_skipped_but_have_to_be_json() -> None:
    many = b'42["x",1' + b",0" * 100_000

    frame = FrameDecoder().feed(many + b"]", True)

    assert isinstance(frame, Frame)
    assert frame.payload == b"1"
    assert isinstance(FrameDecoder().feed(many + b",]", True), Malformed)
