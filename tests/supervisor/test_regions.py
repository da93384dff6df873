"""Covers supervisor.regions."""

import pytest

from supervisor.regions import FASTEST, HOSTS, is_known, names, urls


def _hosts(name: str | None, *, is_demo: bool) -> list[str]:
    return [url.removeprefix("wss://").partition(".")[0] for url in urls(name, is_demo=is_demo)]


@pytest.mark.parametrize("name", ["msk", "MSK", "api-msk", "api-msk.po.market", "Moscow", "moscow"])
def test_a_host_has_several_names_in_any_case(name: str) -> None:
    assert is_known(name)
    assert _hosts(name, is_demo=False) == ["api-msk", "api-eu", "api-us-south", "api-asia"]


def test_one_name_means_hosts_of_both_kinds_of_account() -> None:
    assert _hosts("eu", is_demo=False)[0] == "api-eu"
    assert _hosts("eu", is_demo=True) == ["demo-api-eu", "try-demo-eu"]


def test_without_a_name_the_usual_ones_are_tried_in_turn() -> None:
    assert _hosts(None, is_demo=False) == ["api-eu", "api-us-south", "api-asia"]
    assert _hosts(None, is_demo=True) == ["demo-api-eu", "try-demo-eu"]


@pytest.mark.parametrize("is_demo", [False, True])
def test_the_nearest_is_looked_for_among_all_of_the_kind(is_demo: bool) -> None:  # noqa: FBT001 - a row of the table
    hosts = _hosts(FASTEST, is_demo=is_demo)

    assert sorted(hosts) == sorted(host.label for host in HOSTS if host.is_demo is is_demo)


def test_every_name_that_is_listed_is_known_and_no_other() -> None:
    assert all(is_known(name) for name in names())
    assert all(is_known(name, is_demo=True) for name in names(is_demo=True))
    assert not is_known("atlantis")
    assert not is_known("asia", is_demo=True)


def test_a_name_means_one_region() -> None:
    for host in HOSTS:
        for other in HOSTS:
            if set(host.names) & set(other.names):
                assert host.region == other.region
