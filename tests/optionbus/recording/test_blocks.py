"""Covers optionbus.recording.blocks: what is whole is read, and what is not is noticed."""

from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from optionbus.recording.blocks import LONGEST, Torn, block_of, blocks_in


def read(data: bytes) -> tuple[list[bytes], Torn | None]:
    contents: list[bytes] = []
    try:
        contents.extend(blocks_in(BytesIO(data)))
    except Torn as torn:
        return contents, torn
    return contents, None


def read_one_by_one(data: bytes) -> tuple[list[bytes], Torn | None]:
    contents, blocks = list[bytes](), blocks_in(BytesIO(data))
    try:
        for content in blocks:
            contents.append(content)
    except Torn as torn:
        return contents, torn
    return contents, None


@given(st.lists(st.binary(max_size=200), max_size=5))
def test_what_was_written_is_read(contents: list[bytes]) -> None:
    assert read(b"".join(map(block_of, contents))) == (contents, None)


@given(st.lists(st.binary(max_size=50), min_size=1, max_size=4), st.data())
def test_a_tear_anywhere_costs_its_own_block_alone(contents: list[bytes], data: st.DataObject) -> None:
    whole = b"".join(map(block_of, contents))
    length = data.draw(st.integers(0, len(whole)))

    found, torn = read_one_by_one(whole[:length])

    assert found == contents[: len(found)]
    good = sum(len(block_of(content)) for content in found)
    assert good <= length
    assert (torn is None) == (good == length)
    if torn is not None:
        assert (torn.position, torn.is_last) == (good, True)


@pytest.mark.parametrize("place", [0, 5, 9, 12])
def test_a_byte_that_has_changed_is_noticed(place: int) -> None:
    data = bytearray(block_of(b"first block") + block_of(b"second"))
    data[place] ^= 0x10

    contents, torn = read_one_by_one(bytes(data))

    assert contents == []
    assert torn is not None
    assert torn.position == 0


def test_a_length_out_of_reason_is_no_length() -> None:
    _, torn = read((LONGEST + 1).to_bytes(4, "big") + bytes(100))

    assert torn is not None
    assert not torn.is_last
