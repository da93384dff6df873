"""What the commands say of themselves when they are asked for help.

Decides words. Does not know which options there are (``optionbus.cli.arguments``).
"""

from typing import Final

RUN_TEXT: Final = """\
Watch a trading session live. Without arguments the broker is simulated, in this process: no account, no network.
A sample strategy trades on demo: after each candle it stakes 1.00 on the price going on the same way for a moment.

%(prog)s doctor --help: find out why something does not work.
%(prog)s backtest --help: let a strategy trade on prices of the past (also: sweep, with many parameters).
%(prog)s orders --help: what became of every order (also: deals, export), settling by hand, the kill switch.
%(prog)s record --help: keep what goes over the connection; %(prog)s replay --help: play it again.
"""

RUN_EXAMPLES: Final = """\
examples:
  %(prog)s
      the simulated broker, until Ctrl-C; after 8 seconds its socket is dropped, to show how that heals
  %(prog)s --for 20 --json
      for 20 seconds; the last line says what came of it
  %(prog)s --speed 60 --period 60 --asset EURUSD_otc
      a minute of market passes in a second
  %(prog)s --ssid-file session.txt --no-trade
      your own demo session, prices only; session.txt holds the frame that the browser sends: 42["auth",{...}]
  %(prog)s --strategy strategies:Breakout --param length=20 --paper
      the class Breakout of strategies.py trades instead of the sample, on paper

The session is never an argument: other processes can read the arguments of all programs. Settings come from defaults,
then --config, then variables such as OPTIONBUS__RECONNECT__BASE_SECONDS=0.5, then arguments; the last one holds.

Signals: SIGUSR1 halts trading, SIGUSR2 makes it active again; both hold over a restart. SIGINT (Ctrl-C) and SIGTERM end
the run, a second one at once.

Exit codes: 0 ended by Ctrl-C or --for, 1 failed, 2 called wrongly.
"""

DOCTOR_TEXT: Final = """\
Check this computer: Python, the libraries, whether another package is in the way of one of ours, and a session with the
simulated broker. With a session of your own (--ssid-file or OPTIONBUS_SSID) also the connection to the platform.
"""

DOCTOR_EXAMPLES: Final = """\
examples:
  %(prog)s
  %(prog)s --ssid-file session.txt
  %(prog)s --json

Exit codes: 0 all is well, 1 something is not.
"""

JOURNAL_TEXT: Final = """\
Look into the journal: every order of an account, and what became of it. It may be in use meanwhile.

%(prog)s prints a table, or JSON; the command export prints CSV.
"""

JOURNAL_EXAMPLES: Final = """\
examples:
  python run.py orders
      the orders of all accounts on this computer
  python run.py orders --unresolved --json
  python run.py orders --settle 6f1c… --as closed
      an order that is "manual": look it up on the platform, then say how it ended; ends the block on its asset
  python run.py orders --mode halted
      the kill switch: no order goes out any more, also of a process that runs now; --mode active lifts it.
      By signal, of one process: kill -USR1 and kill -USR2
  python run.py deals --account 3f
  python run.py export > orders.csv

Exit codes: 0 done, 1 the journal cannot be used, 2 called wrongly.
"""

BACKTEST_TEXT: Final = """\
Let strategies trade on prices of the past, as fast as they can be handled, and say what came of it.

The strategies are the classes that trade live. The same inputs give the same report, byte for byte.
"""

BACKTEST_EXAMPLES: Final = """\
examples:
  %(prog)s --strategy strategies:Breakout --data simulated:7
      a day of the simulated market, which is a random walk: what wins here wins by chance
  %(prog)s --strategy strategies:Breakout --data EURUSD.csv --from 2024-01-01 --to 2024-07-01 --report report.html
      ticks or candles of a file; it is checked first, and what is wrong with it is told with its row numbers
  %(prog)s --strategy strategies:Breakout --param length=20 --data prices.csv --columns time=Date,price=Bid
  %(prog)s --strategy strategies:Breakout --data simulated:7 --payout 80 --latency 0.2 --slippage 0.00002 --json

Exit codes: 0 done, 1 failed, 2 called wrongly, 130 interrupted.
"""

RECORD_TEXT: Final = """\
Run a session, and write down what goes over its connections, both ways; the session's secret is left out. Everything
that the command without a name does is done, and all its options hold.
"""

RECORD_EXAMPLES: Final = """\
examples:
  %(prog)s --for 60
  %(prog)s --ssid-file session.txt --no-trade --out monday.rec --ticks monday.csv

A file that is there already is not written to. A disk that is full ends the recording and nothing else.

Exit codes: 0 ended by Ctrl-C or --for, 1 failed or not recorded to the end, 2 called wrongly.
"""

REPLAY_TEXT: Final = """\
Play a recording: the client hears again what it heard then. Nothing that is sent leaves this program, orders least of
all; they are answered only as they were.
"""

REPLAY_EXAMPLES: Final = """\
examples:
  %(prog)s monday.rec
  %(prog)s monday.rec --speed 60 --actor strategies:Breakout
  %(prog)s monday.rec --speed max --json
      as fast as possible, in virtual time: the same actors decide the same each time

Exit codes: 0 played, or ended by Ctrl-C or --for, 1 failed, 2 called wrongly, or the file cannot be replayed.
"""
