"""What the page about the simulated broker says: events, variants and options from their tables, the rest from here.

Decides the page's order. Does not know how a page is written (``docs.generate``).
"""

from argparse import RawDescriptionHelpFormatter
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Final

from simulator.__main__ import parser
from simulator.account import MAX_AMOUNT, MAX_DEMO_DEALS, MAX_DURATION_SECONDS, MIN_AMOUNT
from simulator.answers import QUESTIONS
from simulator.charts import PAGE_CANDLES, PAGE_TICKS
from simulator.events import SAID
from simulator.hardship import TROUBLES, Trouble
from simulator.variants import CHANGES

HELP_WIDTH: Final = 100

_WHAT_IT_IS: Final = """\
A platform on this machine: `PocketOption.simulated()` has one within, `python -m simulator` is one for any client.
Whoever logs in with a well-formed session has an account by its `uid`, and another one where `isDemo` is 0: with a
balance, deals and pending orders of its own, which are there again after a reconnect. No money is real in either."""

_IN_PYTHON: Final = """\
The same is there in Python: `Broker` (`simulator.broker`) is the platform without sockets or clock, `SimulatorServer`
(`simulator.server`) puts it on a port, and `PocketOption.simulated(seed=…, variants=[…], hardships=[…])` takes a seed,
variants and hardships."""

_SEEDS: Final = """\
Prices are a function of seed, asset and time, and of nothing else: history shows what was streamed, and what will be.
The same seed and the same calls give the same bytes, in any process. Ids come from the same seed."""

_HARDSHIPS: Final = """\
What makes it hard to know what became of an order, each chosen by its name and, where it is to strike otherwise than
as often as usual, a probability: `--hard slow-broker --hard acknowledgement-lost=0.5`, in Python
`PocketOption.simulated(hardships=["slow-broker", "acknowledgement-lost=0.5"])`. When each strikes is drawn from dice
of its own, made from the seed: no price, no id and no other hardship depends on it. Delays are in real seconds.

An *answer* is what is said to an order or a pending order, or to giving one up; a *snapshot* is a list or the balance,
said after a login or because it was asked for. Where several are chosen they strike in the order of this table."""

_AUDIT: Final = """\
`--audit FILE` appends every order that is executed to a file, one JSON object a line that other processes can read at
once: `request_id` as it was sent, `deal_id`, `uid`, `is_demo`, `asset`, `amount`, `action`, `duration_seconds` and
`time` in UTC seconds. In Python `Broker.executed` gets each as an `Execution` (`simulator.audit`): give it a list. No
order is taken for a repetition: the same `requestId` twice is two deals. A real account may have any number open."""

_FAULTS: Final = (
    ("`Broker.refusal = Refusal.…`", "logins are refused: with a word, without one, or never answered"),
    ("`Broker.mute(asset)`, `unmute(asset)`", "its ticks are not heard; its market goes on"),
    ("`Broker(latency_seconds=…)`", "everything that is said comes so much later"),
    ("`SimulatorServer.drop_connections()`", "every connection is cut without a word"),
    ("`SimulatorServer.stop_accepting()`, `resume_accepting()`", "whoever connects is answered with 503"),
    ("`SimulatorServer.stop()`, `start()`", "nobody listens on the port; then somebody does again"),
    ("`Simulation.cut()`", "the same as `drop_connections()`, also in virtual time"),
    ("`SimulatedTransport.is_reachable = False`", "in virtual time: connecting fails"),
    ("`SimulatedTransport.is_muted = True`", "in virtual time: what the client says gets lost"),
)


def paragraphs() -> Iterator[str]:
    """The page, below its title."""
    yield _WHAT_IT_IS
    yield "## Command line"
    yield f"```\n{_options()}\n```"
    yield _IN_PYTHON
    yield "## What it understands"
    yield (
        "Before its login a client may say `40` and then `auth`. Afterwards it may say these; what else it says is "
        "counted (`Broker.ignored`) and left unanswered, as on the platform."
    )
    yield _table(("event", "what for", "answered with"), _questions())
    yield "## What it says"
    yield (
        "Every event is a text message with its name and a binary one with its JSON. All times are on the platform's "
        "clock, two hours ahead of UTC. What changes an account is told to every connection of it, and to no other."
    )
    yield _table(("event", "when"), ((f"`{name}`", when) for name, when in SAID.items()))
    yield "## What it refuses"
    yield (
        f"An order below {MIN_AMOUNT} or above {MAX_AMOUNT}, of less than the asset's shortest expiry or more than "
        f"{MAX_DURATION_SECONDS} s, of an asset that is closed or not there, or for more than the balance; on a demo "
        f"account the order after {MAX_DEMO_DEALS} open deals. A pending order is judged by the same rules when it is "
        "given and when it opens, and then by its `minPayout` too. A page has at most "
        f"{PAGE_CANDLES} candles, or {PAGE_TICKS} ticks."
    )
    yield "## Variants"
    yield (
        "The platform says the same things in more than one form: these were captured, or are known from its other "
        "clients. Any number of them can be chosen."
    )
    yield _table(("variant", "then"), ((f"`{variant.value}`", change.says) for variant, change in CHANGES.items()))
    yield "## Hard modes"
    yield _HARDSHIPS
    yield _table(
        ("hardship", "usually", "then"), (_hardship(name.value, trouble) for name, trouble in TROUBLES.items())
    )
    yield "## What was executed"
    yield _AUDIT
    yield "## Faults"
    yield _table(("how", "what happens"), _FAULTS)
    yield "## Seeds"
    yield _SEEDS


def _options() -> str:
    command = parser()
    command.formatter_class = partial(RawDescriptionHelpFormatter, width=HELP_WIDTH)
    return command.format_help().partition("options:\n")[2].partition("\n\nCtrl-C")[0]


def _questions() -> Iterator[tuple[str, str, str]]:
    for name, question in QUESTIONS.items():
        answers = ", ".join(f"`{answer}`" for answer in question.answers)
        yield f"`{name}`", question.purpose, answers or "—"


def _hardship(name: str, trouble: Trouble) -> tuple[str, str, str]:
    least, most = trouble.seconds
    span = f"{most:g} s" if least == most else f"{least:g} to {most:g} s"
    return f"`{name}`", f"{trouble.probability:.0%}", f"{trouble.says} ({span})" if most else trouble.says


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, tuple("---" for _ in head), *rows))
