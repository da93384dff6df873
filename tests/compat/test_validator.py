"""Validators look at each part of a message by itself."""

import pytest

from messages.session import Frame
from optionbus.compat import Validator

HEADER = '451-["updateBalance",{"_placeholder":true,"num":0}]'
PAYLOAD = '{"balance":50000}'
FRAME = Frame("updateBalance", PAYLOAD.encode(), HEADER.encode(), (PAYLOAD.encode(),))


@pytest.mark.parametrize(
    ("validator", "passes"),
    [
        (Validator(), True),
        (Validator.regex("b.d"), True),
        (Validator.starts_with("ab"), True),
        (Validator.starts_with("b"), False),
        (Validator.ends_with("d"), True),
        (Validator.contains("x"), False),
        (Validator.ne(Validator.contains("x")), True),
        (Validator.all([]), True),
        (Validator.any([]), False),
        (Validator.all([Validator(), Validator.contains("x")]), False),
        (Validator.any([Validator(), Validator.contains("x")]), True),
        (Validator.custom(lambda text: len(text) == 4), True),
        (Validator.custom(lambda _text: 1), False),  # type: ignore[arg-type,return-value]
        (Validator.custom(lambda text: bool(text[9])), False),
    ],
)
def test_a_text_passes_or_not(validator: Validator, passes: bool) -> None:  # noqa: FBT001
    assert validator.check("abcd") is passes


@pytest.mark.parametrize(
    ("validator", "parts"),
    [
        (Validator.contains('"balance"'), [PAYLOAD]),
        (Validator.starts_with("451-"), [HEADER]),
        (Validator(), [HEADER, PAYLOAD]),
        (Validator.contains("deals"), []),
    ],
)
def test_of_a_frame_the_parts_pass_that_match(validator: Validator, parts: list[str]) -> None:
    assert validator.passing(FRAME) == parts
    assert validator.matches(FRAME) is bool(parts)


def test_equal_ones_are_equal() -> None:
    assert Validator.contains("a") == Validator.contains("a") != Validator.contains("b")
    assert len({Validator.contains("a"), Validator.contains("a")}) == 1


def test_what_is_no_pattern_no_text_and_no_function_is_refused() -> None:
    with pytest.raises(ValueError, match="pattern"):
        Validator.regex("(")
    with pytest.raises(TypeError):
        Validator().check(b"x")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="int"):
        Validator.custom(3)  # type: ignore[arg-type]
