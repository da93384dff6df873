"""Covers tests.hostile: what hostile bytes cost, that the verdict over them can fail, and where a session comes out.

Times are the command's affair; here memory, lines and counts have to hold.
"""

from pathlib import Path

import pytest
from msgspec.structs import replace

from tests.hostile import canary, frames
from tests.hostile.attacks import ATTACKS, FLOOD
from tests.hostile.frames import MAX_KIBIBYTES, MAX_LINES, MAX_MILLISECONDS
from tests.hostile.victim import Cost

ENDING, GOING_ON, FLOODING = "length of 2 to the 63", "nested text", "flood of nonsense"
FEW = (ENDING, "answer without an end", "wrong counts of attachments", "flood of nonsense payloads")

ENDED = Cost(
    attack=ENDING, extra_kibibytes=9, milliseconds=1.0, lines=4, refusals=0, error="ConnectionLost", lives=True
)
WENT_ON = Cost(attack=GOING_ON, extra_kibibytes=9, milliseconds=1.0, lines=1, refusals=2, error="", lives=True)


def problems(verdicts: list[frames.Verdict]) -> dict[str, tuple[str, ...]]:
    """Of the attacks that have any but that they took their time."""
    return {verdict.attack: verdict.problems for verdict in verdicts if set(verdict.problems) - {"too slow"}}


@pytest.mark.sockets
def test_a_few_attacks_cost_little_are_counted_and_survived() -> None:
    assert problems(frames.measure(FEW)) == {}


@pytest.mark.sockets
@pytest.mark.measures
@pytest.mark.timeout(300)
def test_no_attack_costs_more_than_it_may() -> None:
    verdicts = frames.measure()

    assert {verdict.attack for verdict in verdicts} == set(ATTACKS)
    assert problems(verdicts) == {}


@pytest.mark.sockets
@pytest.mark.measures
@pytest.mark.timeout(120)
def test_websocket_client_as_it_comes_pays_for_what_ours_refuses() -> None:
    names = (ENDING, "fragments without an end", "compressed frames")
    ours, stock = frames.measure(names), frames.measure(names, control="--stock")

    assert problems(ours) == {}
    assert not any(verdict.holds for verdict in stock[:2])
    for mine, its in list(zip(ours, stock, strict=True))[:2]:
        assert its.extra_kibibytes > 4 * max(mine.extra_kibibytes, 1)


@pytest.mark.sockets
@pytest.mark.measures
def test_a_client_that_writes_every_complaint_is_found_out() -> None:
    (verdict,) = frames.measure(("flood of nonsense payloads",), control="--talkative")

    assert "too many lines" in verdict.problems


@pytest.mark.parametrize(
    ("cost", "problem"),
    [
        (replace(ENDED, extra_kibibytes=MAX_KIBIBYTES), "too much memory"),
        (replace(ENDED, milliseconds=MAX_MILLISECONDS), "too slow"),
        (replace(ENDED, milliseconds=None), "not rejected"),
        (replace(ENDED, lines=MAX_LINES + 1), "too many lines"),
        (replace(ENDED, error="ValueError"), "no typed error"),
        (replace(ENDED, error=""), "no typed error"),
        (replace(ENDED, lives=False), "not ready afterwards"),
        (replace(WENT_ON, refusals=1), "not counted"),
        (replace(WENT_ON, error="ConnectionLost"), "the session ended"),
    ],
)
def test_each_way_of_failing_has_its_name(cost: Cost, problem: str) -> None:
    assert frames.judge(ATTACKS[cost.attack], [cost]).problems == (problem,)


@pytest.mark.parametrize("cost", [ENDED, WENT_ON])
def test_what_costs_little_holds(cost: Cost) -> None:
    verdict = frames.judge(ATTACKS[cost.attack], [cost, cost])

    assert verdict.holds
    assert frames.row(verdict).endswith("ok")


def test_one_attempt_that_takes_too_much_is_enough() -> None:
    worse = replace(ENDED, extra_kibibytes=MAX_KIBIBYTES + 1, lines=MAX_LINES + 1)

    assert frames.judge(ATTACKS[ENDING], [ENDED, ENDED, worse]).problems == ("too much memory", "too many lines")


def test_a_flood_is_judged_by_the_time_of_one_of_its_frames() -> None:
    cost = replace(WENT_ON, attack=FLOODING, milliseconds=FLOOD * 2.0, refusals=FLOOD)

    assert frames.judge(ATTACKS[FLOODING], [cost]).milliseconds == 2.0


@pytest.mark.sockets
@pytest.mark.measures
@pytest.mark.timeout(300)
def test_a_session_comes_out_nowhere() -> None:
    places = canary.search()

    assert [place for place in places if place.hits] == []
    assert len(places) > 50
    assert sum(place.size for place in places) > 100_000


@pytest.mark.sockets
@pytest.mark.measures
@pytest.mark.timeout(120)
def test_a_client_that_leaks_is_found_out_where_it_does() -> None:
    found = {place.name for place in canary.search(leak=True) if place.hits}

    assert {"crash: main, errors", "file logs/main.log"} <= found


@pytest.mark.parametrize(("seen", "code"), [(b"the other", 0), (b"the one", 1)])
def test_a_program_that_did_something_else_shows_nothing(tmp_path: Path, seen: bytes, code: int) -> None:
    scenes = canary._Scenes(tmp_path, "ws://127.0.0.1:1")

    with pytest.raises(RuntimeError, match="did not come to what was to be searched"):
        list(scenes._run("one", ["-c", "print('the one')"], seen=seen, code=code))


def test_the_forms_that_are_searched_for_are_those_of_every_secret() -> None:
    needles = canary.needles()

    assert canary.SSID.encode() in needles
    assert b"canaryc0ffee5ec2e7canaryc0ffee5e" in needles
    assert all(len(needle) >= 32 for needle in needles)
