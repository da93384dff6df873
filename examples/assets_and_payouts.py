"""Assets: which there are, which can be traded now, and what they pay.

Run it: ``python examples/assets_and_payouts.py``
"""

from optionbus import PocketOption
from optionbus.errors import UnknownAsset


def main() -> None:
    """Find the best paid currency, and be sure that it can be traded."""
    with PocketOption.simulated() as client:
        client.wait_for_assets(timeout=10)
        active = client.active_assets().get()
        print(f"{len(active)} of {len(client.assets().get())} assets are open")

        currencies = [asset for asset in active if asset.kind.value == "currency"]
        best = max(currencies, key=lambda asset: asset.payout_percent)
        print(f"{best.name} pays {best.payout_percent} %")
        print(client.payout(best.symbol).get() == best.payout_percent)
        print(client.payout(["EURUSD", "EURUSD_otc"]).get())
        print(f"payouts are known of {len(client.payout().get())}")

        print(client.validate_asset(best.symbol, duration=60).get())
        try:
            client.validate_asset("EURUSDotc", duration=60).get()
        except UnknownAsset as error:
            print(error)


if __name__ == "__main__":
    main()
