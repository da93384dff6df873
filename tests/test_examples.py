"""The programs of examples/: each runs as it stands and says what it should, and together they show everything."""

import ast
import re
import runpy
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pytest

from actors.stepped import SteppedRuntime
from optionbus.client import PocketOption

EXAMPLES: Final = Path(__file__).parents[1] / "examples"
PROGRAMS: Final = {path.stem: path.read_text() for path in sorted(EXAMPLES.glob("*.py"))}
MOST_LINES: Final = 39

SAID: Final = {
    "assets_and_payouts": r"""
161 of 168 assets are open
.+ pays 9\d %
True
{'EURUSD': 71, 'EURUSD_otc': 92}
payouts are known of 168
Asset\(.*, active\)
There is no asset 'EURUSDotc'\. Did you mean EURUSD_otc.*""",
    "asyncio_client": r"""
EURUSD_otc \d+\.\d+
USDJPY_otc \d+\.\d+
a candle of 5 s
(win|loss|draw) .+
connected: False""",
    "candle_aggregations": r"""
Direct\(\) gives Tick
Chunk\(ticks=10\) gives Candle
Timed\(seconds=2\.5\) gives Candle
TimeAligned\(seconds=5\) gives Candle
seen from its first moment on: (True|False), True
\d+\.\d+ to .+ within .+, \d+ ticks
begins at a multiple of 5 s: True""",
    "config_file": r"""
.bot\.toml at subscriptions\.limits: there is no such field\. Did you mean limit\?
3 5\.0 DEBUG""",
    "crash_and_restart": """
50 each, number 1 and 25 each, number 1
restarts: 1""",
    "deals": r"""
open: True
EURUSD_otc call 10\.00, may gain 92 %
open: 0, closed: 1
from \d+\.\d+ to \d+\.\d+: (-10\.00|\+9\.20|\+0(\.00)?)
closed: 0""",
    "frame_picker": r"""
{"text":"a note"} "loud!\"""",
    "handling_errors": r"""
refused: .+ allow_real=True.+
wrong: The amount 0\.5 cannot be staked.+
not now: The session is held, .+
DeadlineExceeded, session still valid: True""",
    "history_first": r"""
10\d candles came first, the next begins 5 s after the last
average of the last 20: 1\.\d+""",
    "lifecycle": """
ready, connected: True, a tick: EURUSD_otc
held, connected: False
ready, it streams again: EURUSD_otc
connecting > handshaking > .+ > backing off > connecting > .+ > ready > held > connecting > .+ > ready > closed""",
    "live_candles": r"""
[34] closed before
closed since: 60 s later, complete: True
\d+ of seven seconds, the last one forming: True""",
    "log_records": r"""
(.+\n)*INFO     Log: session ready
(.+\n)*INFO: connecting to ws://.+
INFO: session ready""",
    "many_assets": """
10 assets stream
connection 0 has had frames: True
connection 1 has had frames: True
connection 2 has had frames: True
.+ would be asset 13 of 12 .+""",
    "middleware": r"""
42\["echo","dear broker"\]
not sent; frames received: True""",
    "moved_bot": r"""
50000\.0
20 \['close', 'high', 'low', 'open', 'time'\]
True EURUSD_otc""",
    "moved_strategy": r"""
balance 50000\.0
(Action\.(Call|Put) (9\.2|-10|0)\n?|balance \d+\.\d+\n?)+""",
    "past_prices": r"""
400 candles of a minute, the last one closed: True
12 of five minutes, a day ago
10 in ten minutes of a day ago
ticks of 1[12]\d s
candles of 7 s, the last one closed: False
at once: \d+ candles, ticks: True""",
    "order_safety": r"""
duplicate: as .+
max_stake: 30
trading mode: halted
open, deal known: True
Only an order that is manual is settled by hand, and this one is open\.""",
    "pending_orders": """
call 10 waits for a time
put 10 waits for a price
still there: True
cancelled: True""",
    "price_book": r"""
LastPrice\(.*price=1\.\d+\)""",
    "raw_messages": r"""
1
42\["echo",2\]
again
echo b'3'""",
    "raw_traffic": r"""
42\["successupdateBalance",{.*"balance":50000.*}\]
True
openOrder is an order, .+""",
    "recording": r"""
then: 1\.\d+, 1\.\d+
recorded: True
now: 1\.\d+, 1\.\d+
orders sent: 0""",
    "reconnect_callback": r"""
42\["echo","here I am again"\]
logins: 2""",
    "refusal_watch": """
The platform refused the order on EURUSD_otc: InsufficientBalance.+
refused: {.*"InsufficientBalance".*}""",
    "stale_prices": r"""
silence: StreamStale EURUSD_otc after \d\d+ s
ticks: StreamResumed EURUSD_otc after \d\d+ s""",
    "statistics_and_health": r"""
2 logins of 2 attempts, 1 lost
frames in and out: True
login took \d+\.\d ms, up for \d+\.\d+ s
latest: ready
Supervisor +running .+
(.+ handled, \d+ waiting\n){4}errors logged: 0""",
    "taps": r"""
ticks: [1-9]\d* or more, sent: [1-9]\d*, events: sent, successauth, .+""",
    "testing_an_actor": """
three rising candles of EURUSD_otc: [1-9] times""",
    "ticks": r"""
(EURUSD_otc \d+\.\d+ at \d+\.\d{3}\n){3}USDJPY_otc, \d+ not read
streaming: EURUSD_otc USDJPY_otc
streaming: 0""",
    "trading": r"""
50000 to begin with
it is told when it ends: True
call 10\.00: (win|loss|draw), .+
put 7\.50: (win|loss|draw), .+
call 5\.00: (win|loss|draw), .+
in all [+-].+""",
    "two_accounts": """
demo: True, open deals: 1
demo: True, open deals: 0""",
}
"""What each program prints."""


@pytest.mark.sockets
@pytest.mark.parametrize("program", PROGRAMS)
def test_every_example_says_what_it_should(program: str, capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(EXAMPLES / f"{program}.py"), run_name="__main__")

    assert_said(capsys.readouterr().out, SAID[program])


def test_another_word_is_noticed() -> None:
    with pytest.raises(AssertionError):
        assert_said("hello\nlogins: 3\n", "\nhello\nlogins: 2")
    with pytest.raises(AssertionError):
        assert_said("logins: 2\nand more\n", "\nlogins: 2")


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_example_is_short_and_says_how_it_is_run(program: str) -> None:
    assert len(PROGRAMS[program].splitlines()) <= MOST_LINES
    assert f"python examples/{program}.py" in (ast.get_docstring(ast.parse(PROGRAMS[program])) or "")


def test_every_public_method_is_in_an_example() -> None:
    assert not methods_nobody_uses(PocketOption, PROGRAMS.values())


def test_a_method_without_an_example_is_noticed() -> None:
    class NextVersion(PocketOption):
        def predict(self) -> None: ...

        @property
        def future_prices(self) -> None: ...

    in_words = '"""client.predict() says it."""'

    assert methods_nobody_uses(NextVersion, [*PROGRAMS.values(), in_words]) == {"predict", "future_prices"}
    assert not methods_nobody_uses(NextVersion, [*PROGRAMS.values(), "client.predict()\nclient.future_prices"])


def test_the_table_of_examples_is_whole() -> None:
    page = (EXAMPLES / "README.md").read_text()

    assert re.findall(r"^\| \[`(\w+)\.py`\]\(\1\.py\) \|", page, re.MULTILINE) == sorted(PROGRAMS)
    assert "(examples/README.md)" in (EXAMPLES.parent / "README.md").read_text()


def test_the_documented_test_of_an_actor_works() -> None:
    example = runpy.run_path(str(EXAMPLES / "price_book.py"))
    runtime = SteppedRuntime(seed=1)
    client = PocketOption.simulated(runtime=runtime, actors=[example["PriceBook"]])
    client.start()
    client.wait_ready(timeout=10)
    subscription = client.subscribe("EURUSD_otc")

    runtime.advance(60)

    prices = [subscription.get() for _ in range(100)]
    answer = client.ask("PriceBook", example["GetLastPrice"](symbol="EURUSD_otc")).get()
    assert answer.price is not None
    assert abs(answer.price - prices[-1].price) < 0.01
    assert client.ask("PriceBook", example["GetLastPrice"](symbol="NOSUCH")).get().price is None


def assert_said(output: str, expected: str) -> None:
    assert re.fullmatch(expected.strip(), output.strip()), output


def methods_nobody_uses(client: type[object], sources: Iterable[str]) -> set[str]:
    """The public methods and properties of a class that no code names, as an attribute of whatever."""
    trees = [ast.parse(source) for source in sources]
    used = {node.attr for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return {name for name in dir(client) if not name.startswith("_")} - used
