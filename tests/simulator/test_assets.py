from collections import Counter

from simulator.assets import LISTINGS


def test_about_150_assets_are_offered() -> None:
    assert 140 <= len(LISTINGS) <= 180
    assert sum(listing.is_active for listing in LISTINGS.values()) > 140


def test_ids_are_unique_and_twins_point_at_each_other() -> None:
    by_id = {listing.id: listing for listing in LISTINGS.values()}
    assert len(by_id) == len(LISTINGS)
    twins = [listing for listing in LISTINGS.values() if listing.twin_id]
    assert twins
    for listing in twins:
        twin = by_id[listing.twin_id]
        assert twin.twin_id == listing.id
        assert twin.symbol.removesuffix("_otc") == listing.symbol.removesuffix("_otc")
        assert twin.is_otc is not listing.is_otc


def test_every_kind_of_asset_is_there() -> None:
    kinds = Counter(listing.kind for listing in LISTINGS.values())
    assert set(kinds) == {"currency", "cryptocurrency", "commodity", "stock", "index"}


def test_over_the_counter_deals_may_last_five_seconds() -> None:
    assert LISTINGS["EURUSD_otc"].min_duration_seconds == 5
    assert LISTINGS["EURUSD"].min_duration_seconds == 30


def test_prices_keep_five_significant_digits() -> None:
    for listing in LISTINGS.values():
        assert listing.price * 10**listing.digits > 10_000, listing.symbol
