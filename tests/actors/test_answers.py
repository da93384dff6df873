"""Covers actors.answers."""

import pytest

from actors.answers import ASK_SECONDS, AnswerWatch, Verdict


@pytest.fixture
def watch() -> AnswerWatch:
    """Something was sent at 10, when the peer had been heard at 9."""
    watch = AnswerWatch()
    assert watch.sent(10.0, heard=9.0)
    return watch


def test_a_peer_that_was_heard_since_has_answered(watch: AnswerWatch) -> None:
    assert watch.look(14.0, heard=10.5) is Verdict.ANSWERED


def test_a_peer_that_was_not_heard_is_asked_and_then_dead(watch: AnswerWatch) -> None:
    verdicts = [watch.look(moment, heard=9.0) for moment in (13.9, 14.0, 17.9, 18.0)]

    assert verdicts == [Verdict.WAIT, Verdict.ASK, Verdict.WAIT, Verdict.DEAD]
    assert watch.waited(18.0) == 2 * ASK_SECONDS


def test_a_peer_that_is_asked_late_has_as_long_to_answer(watch: AnswerWatch) -> None:
    verdicts = [watch.look(moment, heard=9.0) for moment in (60.0, 63.9, 64.0)]

    assert verdicts == [Verdict.ASK, Verdict.WAIT, Verdict.DEAD]


def test_whoever_answers_when_asked_is_not_dead(watch: AnswerWatch) -> None:
    assert watch.look(14.0, heard=9.0) is Verdict.ASK

    assert watch.look(18.0, heard=14.1) is Verdict.ANSWERED


def test_nothing_more_is_looked_at_until_something_is_sent(watch: AnswerWatch) -> None:
    begins_before = watch.sent(11.0, heard=9.0)
    watch.look(14.0, heard=12.0)

    assert not begins_before
    assert watch.sent(15.0, heard=12.0)


def test_the_oldest_message_without_an_answer_counts(watch: AnswerWatch) -> None:
    watch.sent(13.0, heard=9.0)

    assert watch.look(14.0, heard=9.0) is Verdict.ASK


def test_what_was_sent_after_an_answer_waits_for_one_of_its_own(watch: AnswerWatch) -> None:
    watch.sent(13.0, heard=12.0)

    assert watch.look(14.0, heard=12.0) is Verdict.WAIT
    assert watch.seconds_left(14.0) == 3.0
    assert watch.look(17.0, heard=12.0) is Verdict.ASK


def test_an_old_question_counts_for_no_new_message(watch: AnswerWatch) -> None:
    assert watch.look(14.0, heard=9.0) is Verdict.ASK
    watch.sent(15.0, heard=14.5)

    assert [watch.look(moment, heard=14.5) for moment in (18.0, 19.0, 23.0)] == [
        Verdict.WAIT,
        Verdict.ASK,
        Verdict.DEAD,
    ]
