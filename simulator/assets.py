"""What the simulated platform offers, and the row in which it says so.

Decides symbols, names, digits, payouts and where prices begin. Symbols are written as the platform writes
them; ids, digits, payouts and prices are invented. Knows nothing of how prices move (``simulator.market``).
"""

from typing import Final

from msgspec import Struct

_DAY_SECONDS: Final = 86_400

# kind: name, label, digits, price, payout % on the market, payout % over the counter (- where it is not offered)
_TABLE: Final = {
    "currency": """
        EURUSD  EUR/USD  5  1.0842    71  92
        GBPUSD  GBP/USD  5  1.2715    70  91
        USDJPY  USD/JPY  3  151.32    70  90
        AUDUSD  AUD/USD  5  0.6588    68  92
        USDCAD  USD/CAD  5  1.3574    67  89
        USDCHF  USD/CHF  5  0.8841    66  88
        NZDUSD  NZD/USD  5  0.6039     -  90
        EURGBP  EUR/GBP  5  0.8527    64  91
        EURJPY  EUR/JPY  3  164.07    69  90
        EURCHF  EUR/CHF  5  0.9586    60  87
        EURAUD  EUR/AUD  5  1.6457    62   -
        EURCAD  EUR/CAD  5  1.4717    61   -
        EURNZD  EUR/NZD  5  1.7953     -  86
        GBPJPY  GBP/JPY  3  192.41    68  92
        GBPAUD  GBP/AUD  5  1.9299    59  84
        GBPCAD  GBP/CAD  5  1.7259    58   -
        GBPCHF  GBP/CHF  5  1.1241    57   -
        AUDJPY  AUD/JPY  3  99.69     66  89
        AUDCAD  AUD/CAD  5  0.8943    63  92
        AUDCHF  AUD/CHF  5  0.5824    56  85
        AUDNZD  AUD/NZD  5  1.0909     -  83
        CADJPY  CAD/JPY  3  111.48    62  88
        CADCHF  CAD/CHF  5  0.6513    55  86
        CHFJPY  CHF/JPY  3  171.16    61  87
        NZDJPY  NZD/JPY  3  91.38      -  85
        CHFNOK  CHF/NOK  5  12.0853    -  78
        EURHUF  EUR/HUF  3  389.63     -  77
        EURTRY  EUR/TRY  5  35.0421    -  82
        EURRUB  EUR/RUB  4  100.216    -  75
        USDRUB  USD/RUB  4  92.437     -  76
        USDMXN  USD/MXN  5  16.9347    -  88
        USDBRL  USD/BRL  5  4.9716     -  87
        USDARS  USD/ARS  3  856.31     -  81
        USDCLP  USD/CLP  3  946.18     -  79
        USDCOP  USD/COP  3  3911.4     -  80
        USDINR  USD/INR  4  83.124     -  89
        USDIDR  USD/IDR  2  15742.5    -  86
        USDMYR  USD/MYR  5  4.7218     -  84
        USDPHP  USD/PHP  4  56.183     -  85
        USDPKR  USD/PKR  4  278.62     -  83
        USDSGD  USD/SGD  5  1.3446     -  86
        USDTHB  USD/THB  4  36.218     -  82
        USDVND  USD/VND  2  24815.0    -  74
        USDCNH  USD/CNH  5  7.2469     -  88
        USDEGP  USD/EGP  4  47.284     -  80
        USDDZD  USD/DZD  4  134.52     -  78
        USDBDT  USD/BDT  4  109.73     -  79
        AEDCNY  AED/CNY  5  1.9682     -  90
        BHDCNY  BHD/CNY  5  19.1764    -  87
        JODCNY  JOD/CNY  5  10.1953    -  86
        OMRCNY  OMR/CNY  5  18.7761    -  85
        QARCNY  QAR/CNY  5  1.9846     -  84
        SARCNY  SAR/CNY  5  1.9275     -  88
        MADUSD  MAD/USD  6  0.099127   -  81
        TNDUSD  TND/USD  6  0.320914   -  82
        YERUSD  YER/USD  7  0.0039942  -  73
    """,
    "cryptocurrency": """
        BTCUSD    Bitcoin       2  63418.0    58  85
        ETHUSD    Ethereum      3  3271.6     56  84
        BTCGBP    BTC/GBP       2  49876.0    34   -
        BTCJPY    BTC/JPY       0  9596400.0  33   -
        BCHEUR    BCH/EUR       3  421.7      31   -
        LTCUSD    Litecoin      4  84.21       -  80
        XRPUSD    Ripple        5  0.6173      -  79
        ADA-USD   Cardano       5  0.5934      -  83
        BNB-USD   BNB           3  572.8       -  81
        SOL-USD   Solana        3  168.4       -  86
        TON-USD   Toncoin       5  5.412       -  82
        TRX-USD   TRON          6  0.12087     -  78
        DOTUSD    Polkadot      5  8.231       -  77
        DOGE      Dogecoin      6  0.15342     -  80
        AVAX      Avalanche     4  46.73       -  81
        LINK      Chainlink     4  17.92       -  79
        MATIC     Polygon       6  0.9381      -  76
    """,
    "commodity": """
        XAUUSD   Gold            3  2214.6   68  90
        XAGUSD   Silver          4  25.374   66  88
        XAUEUR   Gold/EUR        3  2042.9   52   -
        XAGEUR   Silver/EUR      4  23.412   51   -
        XPTUSD   Platinum        3  923.5    54  79
        XPDUSD   Palladium       3  1018.7   53  78
        XNGUSD   Natural_Gas     5  1.8426   50  81
        UKBrent  Brent_Oil       4  86.417   64  87
        USCrude  WTI_Crude_Oil   4  82.136   65  88
    """,
    "stock": """
        #AAPL     Apple              4  214.37  52  91
        #AXP      American_Express   4  231.64  48  86
        #BA       Boeing_Company     4  179.28  47  85
        #CSCO     Cisco              4  49.131  46  84
        #FB       Facebook           4  487.53  51  89
        #INTC     Intel              4  38.472  45  83
        #JNJ      Johnson_&_Johnson  4  156.92  44  82
        #JPM      JPMorgan_Chase     4  198.47  46   -
        #MCD      McDonald's         4  271.83  44  81
        #MSFT     Microsoft          4  421.16  52  90
        #PFE      Pfizer             4  27.814  43  80
        #TSLA     Tesla              4  176.58  53  92
        #XOM      ExxonMobil         4  117.36  45  84
        AMZN      Amazon             4  181.29   -  88
        BABA      Alibaba            4  73.642  42  83
        CITI      Citigroup          4  61.287  41  80
        FDX       FedEx              4  268.91   -  79
        NFLX      Netflix            4  619.48  47  86
        TWITTER   Twitter            4  53.716  40  78
        VISA      Visa               4  277.35   -  85
    """,
    "index": """
        100GBP  UK_100         2  7932.4    49  72
        AEX25   AEX_25         3  881.62    47   -
        AUS200  Australia_200  2  7814.7    48  74
        CAC40   CAC_40         2  8184.1    47   -
        D30EUR  Germany_30     2  18321.6   50  75
        DJI30   Dow_Jones_30   1  39268.0   51  76
        E35EUR  Spain_35       2  10987.3   46  71
        E50EUR  Europe_50      2  5043.8    48  73
        F40EUR  France_40      2  8176.9    47  72
        H33HKD  Hong_Kong_33   1  16541.0   45   -
        JPN225  Japan_225      1  40287.0   49  74
        NASUSD  US_100         2  18247.5   52  78
        SMI20   Swiss_20       2  11682.4   46   -
        SP500   US_500         2  5247.9    52  78
    """,
}

_CLOSED: Final = frozenset({"#FB", "TWITTER", "TWITTER_otc", "BCHEUR", "H33HKD", "USDRUB_otc", "EURRUB_otc"})
"""Offered, but not to be traded."""

_SHORT_TIMEFRAMES: Final = (60, 120, 180, 300)
_TIMEFRAMES: Final = (*_SHORT_TIMEFRAMES, 600, 900, 1800, 2700, 3600, 7200, 10800, 14400)

_DEFAULT_SECONDS: Final = 60
_MIN_SECONDS: Final = 30
_MIN_QUICK_SECONDS: Final = {True: 5, False: 60}
_STEP_SECONDS: Final = 3
_TIMEFRAME_ROWS: Final = [{"time": seconds} for seconds in _TIMEFRAMES]
_SHORT_TIMEFRAME_ROWS: Final = [{"time": seconds} for seconds in _SHORT_TIMEFRAMES]


class Listing(Struct, frozen=True, kw_only=True):
    """An asset as it is offered. ``price`` is what it costs on an average day; 0 as a twin's id is none."""

    id: int
    symbol: str
    label: str
    kind: str
    digits: int
    price: float
    payout_percent: int
    is_otc: bool
    twin_id: int

    @property
    def is_active(self) -> bool:
        """Whether it can be traded now."""
        return self.symbol not in _CLOSED

    @property
    def min_duration_seconds(self) -> int:
        """The shortest expiry that is taken."""
        return min(_MIN_SECONDS, _MIN_QUICK_SECONDS[self.is_otc])

    def row(self, server_now: float) -> list[object]:
        """The 19 columns of ``updateAssets``; ``server_now`` is the platform's clock, seconds."""
        timeframes = _SHORT_TIMEFRAME_ROWS if self.kind == "cryptocurrency" else _TIMEFRAME_ROWS
        midnight = (int(server_now) // _DAY_SECONDS + 1) * _DAY_SECONDS
        return [
            self.id,
            self.symbol,
            self.label,
            self.kind,
            self.digits,
            self.payout_percent,
            _DEFAULT_SECONDS,
            _MIN_SECONDS,
            _STEP_SECONDS,
            int(self.is_otc),
            0 if self.is_otc else self.twin_id,
            self.twin_id if self.is_otc else 0,
            [],
            midnight,
            self.is_active,
            timeframes,
            0 if self.is_otc else -1,
            _MIN_QUICK_SECONDS[self.is_otc],
            -1,
        ]


def _read_table() -> tuple[Listing, ...]:
    lines = [(kind, line.split()) for kind, text in _TABLE.items() for line in text.strip().splitlines()]
    return tuple(listing for place, (kind, words) in enumerate(lines) for listing in _read_line(place, kind, words))


def _read_line(place: int, kind: str, words: list[str]) -> list[Listing]:
    name, label, digits, price, *payouts = words
    on_both = "-" not in payouts
    return [
        Listing(
            id=_id(place, is_otc=is_otc),
            symbol=name + "_otc" * is_otc,
            label=label.replace("_", " ") + " OTC" * is_otc,
            kind=kind,
            digits=int(digits),
            price=float(price),
            payout_percent=int(payout),
            is_otc=is_otc,
            twin_id=_id(place, is_otc=not is_otc) if on_both else 0,
        )
        for is_otc, payout in zip((False, True), payouts, strict=True)
        if payout != "-"
    ]


def _id(place: int, *, is_otc: bool) -> int:
    return 1000 + 2 * place + is_otc


LISTINGS: Final = {listing.symbol: listing for listing in _read_table()}
"""Every asset by its symbol, in the platform's order."""
