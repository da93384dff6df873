"""A run whose every word from outside would like to be something else."""

from msgspec.structs import replace

from messages.market import Symbol
from optionbus.report.result import Refusal, RunResult
from tests.optionbus.report.runs import BEGIN, candles, run, trade

SCRIPT = "<script>alert(1)</script>"
BREAKOUT = "\"'><img src=x onerror=alert(2)>"
TERMINAL = "\x1b[31m[red]name[/red]\x07\u202egnirts"
MATHS = "$\\frac{broken$ & \U0001f680"
TAGS = ("<script>alert", "<img", "</title></style>")
"""What must not be in the page as it is."""


def hostile_run() -> RunResult:
    """With hostile names of assets and strategies, reasons, parameters, currency and source."""
    names = (SCRIPT, BREAKOUT, TERMINAL, MATHS, "</title></style>", "../../etc/passwd", "https://evil.example/x.js")
    trades = [
        trade(number, "WL"[number % 2], symbol=Symbol(name), strategy=name, price=1.1)
        for number, name in enumerate(names * 2)
    ]
    refusals = tuple(
        Refusal(order_id=name, strategy=name, symbol=Symbol(name), decided=BEGIN, reason=f"no {name}") for name in names
    )
    made = run(
        trades,
        refusals=refusals,
        charts=tuple(candles(Symbol(name), 30) for name in names),
        source=f"{SCRIPT} of {BREAKOUT}",
        parameters={name: {name: name, "nested": {name: [name]}} for name in names},
    )
    return replace(made, currency=SCRIPT)
