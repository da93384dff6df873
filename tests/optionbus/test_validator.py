"""Covers optionbus.validator."""

from collections.abc import Callable

import pytest

from actors.rules import Rule
from messages.errors import InvalidArgument
from messages.session import Frame
from optionbus import validator as module
from optionbus.validator import Validator

TEXT = '42["signals/load",{"pair":"EURUSD"}]'
FRAME = Frame(
    "signals/load",
    b'{"pair":"EURUSD"}',
    b'451-["signals/load",{"_placeholder":true,"num":0}]',
    (b'{"pair":"EURUSD"}',),
)


def _has_pair(text: str) -> bool:
    return "pair" in text


YES, NO = Validator.contains("pair"), Validator.contains("absent")
CELLS = [
    (Validator(), True),
    (Validator.none(), True),
    (Validator.regex(r"EUR\w{3}"), True),
    (Validator.regex("^signals"), False),
    (Validator.starts_with("42["), True),
    (Validator.starts_with("2["), False),
    (Validator.ends_with("}]"), True),
    (Validator.ends_with("}"), False),
    (Validator.contains('load",{'), True),
    (Validator.contains("absent"), False),
    (Validator.contains(""), True),
    (Validator.negate(NO), True),
    (Validator.negate(YES), False),
    (Validator.ne(NO), True),
    (Validator.ne(YES), False),
    (Validator.all([YES, YES]), True),
    (Validator.all([YES, NO]), False),
    (Validator.all([]), True),
    (Validator.any([NO, YES]), True),
    (Validator.any([NO, NO]), False),
    (Validator.any([]), False),
    (Validator.custom(_has_pair), True),
    (Validator.custom(lambda _text: False), False),
    (Validator.all([Validator.any([NO, YES]), Validator.negate(Validator.all([YES, NO]))]), True),
]


@pytest.mark.parametrize(("validator", "passes"), CELLS, ids=repr)
def test_a_text_passes_as_the_validator_says(validator: Validator, passes: bool) -> None:  # noqa: FBT001
    assert validator.check(TEXT) is passes


@pytest.mark.parametrize(("validator", "passes"), CELLS, ids=repr)
def test_a_frame_passes_as_its_text_does(validator: Validator, passes: bool) -> None:  # noqa: FBT001
    assert validator.matches(FRAME) is passes


def test_every_kind_is_among_the_cells() -> None:
    assert {validator.kind for validator, _ in CELLS} == set(module._CHECKS)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Validator.regex(5),  # type: ignore[arg-type]
        lambda: Validator.regex("("),
        lambda: Validator.starts_with(b"42"),  # type: ignore[arg-type]
        lambda: Validator.ends_with(None),  # type: ignore[arg-type]
        lambda: Validator.contains(None),  # type: ignore[arg-type]
        lambda: Validator.negate("a"),  # type: ignore[arg-type]
        lambda: Validator.negate(Rule.any()),  # type: ignore[arg-type]
        lambda: Validator.all(["a"]),  # type: ignore[list-item]
        lambda: Validator.all(YES),  # type: ignore[arg-type]
        lambda: Validator.any([Rule.any()]),  # type: ignore[list-item]
        lambda: Validator.any(None),  # type: ignore[arg-type]
        lambda: Validator.custom("a"),  # type: ignore[arg-type]
        lambda: YES.check(b"42"),  # type: ignore[arg-type]
    ],
)
def test_what_no_validator_can_be_made_of_is_refused(make: Callable[[], object]) -> None:
    with pytest.raises(InvalidArgument, match=r"Validator\."):
        make()


@pytest.mark.parametrize("field", ["kind", "argument", "new"])
def test_a_validator_never_changes(field: str) -> None:
    with pytest.raises(AttributeError):
        setattr(YES, field, "none")


def test_parts_that_change_later_change_no_validator() -> None:
    parts = [YES]
    validator = Validator.all(parts)

    parts.append(NO)

    assert validator.check(TEXT)


@pytest.mark.parametrize("index", range(len(CELLS)))
def test_validators_are_equal_to_their_like_and_hashable(index: int) -> None:
    validator = CELLS[index][0]
    like = Validator(validator.kind, validator.argument)

    assert (like, hash(like)) == (validator, hash(validator))
    assert like != Validator.contains("something else")


def test_what_a_function_raises_is_the_affair_of_whoever_evaluates_it() -> None:
    broken = Validator.custom(lambda text: text[10_000] == "x")

    with pytest.raises(IndexError):
        broken.check(TEXT)
    with pytest.raises(IndexError):
        Validator.negate(broken).matches(FRAME)


@pytest.mark.parametrize(
    ("composed", "matches"),
    [
        (YES & Rule.event("signals/load"), True),
        (Rule.event("signals/load") & YES, True),
        (NO | Rule.never(), False),
        (Rule.never() | YES, True),
        (~NO, True),
        (YES & NO, False),
    ],
)
def test_a_validator_composes_with_rules(composed: Rule, matches: bool) -> None:  # noqa: FBT001
    assert composed.matches(FRAME) is matches


@pytest.mark.parametrize(
    ("validator", "shown"),
    [
        (Validator(), "Validator.none()"),
        (Validator.regex("a+"), "Validator.regex('a+')"),
        (Validator.starts_with("a"), "Validator.starts_with('a')"),
        (Validator.ne(Validator.contains("a")), "Validator.negate(Validator.contains('a'))"),
        (Validator.any([YES]), "Validator.any([Validator.contains('pair')])"),
        (Validator.custom(_has_pair), "Validator.custom(_has_pair)"),
        (~YES & Rule.any(), "Rule.(~Validator.contains('pair') & any)"),
    ],
)
def test_a_validator_shows_what_it_looks_for(validator: object, shown: str) -> None:
    assert repr(validator) == shown


def test_a_thousand_validators_make_the_text_of_a_frame_once(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Frame] = []

    def make(frame: Frame) -> str:
        made.append(frame)
        return TEXT

    monkeypatch.setattr(module, "text_of", make)
    validators = [Validator.contains(str(number)) for number in range(1000)]
    frames = [Frame("a", b"", b""), Frame("b", b"", b"")]

    for frame in frames:
        for validator in validators:
            validator.matches(frame)

    assert made == frames
