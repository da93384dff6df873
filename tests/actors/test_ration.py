"""Covers actors.ration."""

from actors.ration import MAX_SUBJECTS, PERIOD_SECONDS, Ration


def test_the_first_complaint_is_said() -> None:
    assert Ration().take("late", 0.0) == ""


def test_the_same_complaint_is_not_said_again_within_the_period() -> None:
    ration = Ration()
    ration.take("late", 0.0)

    assert ration.take("late", PERIOD_SECONDS - 0.001) is None


def test_after_the_period_it_is_said_how_often_it_was_not() -> None:
    ration = Ration()
    for now in (0.0, 1.0, 2.0, 9.0):
        ration.take("late", now)

    assert ration.take("late", PERIOD_SECONDS) == " (and 3 more)"


def test_what_was_counted_once_is_not_counted_again() -> None:
    ration = Ration()
    for now in (0.0, 1.0, 10.0):
        ration.take("late", now)

    assert ration.take("late", 20.0) == ""


def test_subjects_do_not_share_a_ration() -> None:
    ration = Ration()
    ration.take("late", 0.0)

    assert ration.take("early", 0.0) == ""


def test_the_period_can_be_chosen() -> None:
    ration = Ration(period_seconds=1.0)
    ration.take("late", 5.0)

    assert ration.take("late", 5.9) is None
    assert ration.take("late", 6.0) == " (and 1 more)"


def test_subjects_that_come_and_go_are_not_kept() -> None:
    ration = Ration()

    for number in range(3 * MAX_SUBJECTS):
        ration.take(number, 0.0)
        ration.take(number, 0.0)

    assert len(ration._said) <= MAX_SUBJECTS
    assert len(ration._unsaid) <= MAX_SUBJECTS
