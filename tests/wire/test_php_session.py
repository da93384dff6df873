import phpserialize
import pytest
from hypothesis import given
from hypothesis import strategies as st

from messages.wire.php_session import PhpSession

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
arrays = st.dictionaries(texts | st.integers(0, 99), texts | st.integers(-(2**62), 2**62), max_size=6)
signatures = st.from_regex(r"\A[0-9a-f]{32}\Z")
SERIALIZED = b'a:2:{s:10:"session_id";s:4:"abcd";s:13:"last_activity";i:17;}0f'


@given(arrays, signatures)
def test_what_php_serializes_is_read(array: dict[str | int, str | int], signature: str) -> None:
    data: bytes = phpserialize.dumps(array) + signature.encode()

    session = PhpSession.read(data)

    assert session == PhpSession(array, signature, len(data))
    assert session.serialized().encode() == data


# Where quotes are lost, a string that begins with one looks as if it had kept them.
@given(
    arrays.filter(lambda array: not any(str(text).startswith(('"', "\\")) for text in (*array, *array.values()))),
    signatures,
)
def test_lost_or_escaped_quotes_are_restored(array: dict[str | int, str | int], signature: str) -> None:
    data: bytes = phpserialize.dumps(array)
    session = PhpSession(array, signature, 0)

    for quote in (b"", b'\\"'):
        broken = PhpSession.read(requoted(array, quote) + signature.encode())
        assert broken is not None
        assert broken.serialized() == session.serialized() == (data.decode() + signature)


def requoted(array: dict[str | int, str | int], quote: bytes) -> bytes:
    """PHP's serialization with other quotes around the strings."""

    def entry(value: str | int) -> bytes:
        if isinstance(value, int):
            return b"i:%d;" % value
        return b"s:%d:%b%b%b;" % (len(value.encode()), quote, value.encode(), quote)

    return b"a:%d:{%b}" % (len(array), b"".join(entry(key) + entry(value) for key, value in array.items()))


@given(st.binary(max_size=80) | st.from_regex(rb'\Aa:\d:\{(s:\d:"\w{0,9}";|i:\d+;|\}|\{){0,6}\Z'))
def test_reading_never_raises(data: bytes) -> None:
    session = PhpSession.read(data)

    assert session is None or session.end <= len(data)


@pytest.mark.parametrize("length", range(len(SERIALIZED) - 2))
def test_what_is_cut_off_is_not_read(length: int) -> None:
    assert PhpSession.read(SERIALIZED[:length]) is None


@pytest.mark.parametrize(
    ("right", "wrong"),
    [
        (b"s:4:", b"s:3:"),
        (b"s:4:", b"s:5:"),
        (b"s:4:", b"s:99999:"),
        (b"a:2:", b"a:1:"),
        (b"a:2:", b"a:3:"),
        (b"a:2:", b"O:2:"),
        (b"i:17;", b"i:1x;"),
        (b"i:17;", b"a:0:{}"),
        (b's:13:"last_activity"', b's:10:"session_id"'),
        (b'"abcd"', b'"abcd'),
        (b'"abcd"', b'"ab\xff\xff"'),
    ],
)
def test_what_disagrees_with_itself_is_not_read(right: bytes, wrong: bytes) -> None:
    assert right in SERIALIZED

    assert PhpSession.read(SERIALIZED.replace(right, wrong)) is None


def test_a_session_is_read_from_the_middle_of_a_text() -> None:
    session = PhpSession.read(b"xx" + SERIALIZED + b'","uid":1', 2)

    assert session is not None
    assert session.end == 2 + len(SERIALIZED)


def test_only_a_string_is_a_text() -> None:
    session = PhpSession.read(SERIALIZED)

    assert session is not None
    assert session.text("session_id") == "abcd"
    assert session.text("last_activity") is None
    assert session.text("absent") is None
