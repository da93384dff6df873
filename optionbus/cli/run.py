"""The default command: a session to look at, with a summary at its end.

Decides what is started, in which order, and what ends it. Does not know what is shown (``optionbus.cli.view``), nor
what is traded (``optionbus.cli.sample``).
"""

import signal
import sys
import time
from functools import partial
from pathlib import Path
from threading import Thread
from typing import Any

from loguru import logger

from actors.stepped import SteppedRuntime
from messages.errors import DeadlineExceeded, UsageError
from messages.orders import TradingMode
from optionbus import Actor, BusError, Config, Direct, Future, PocketOption, Subscription, TimeAligned
from optionbus.cli.arguments import DEFAULT_DROP_SECONDS, Options
from optionbus.cli.company import Company, company_of
from optionbus.cli.hurry import Hurry
from optionbus.cli.main_loop import MainLoop
from optionbus.cli.opening import open_client, read_settings
from optionbus.cli.sample import SampleStrategy
from optionbus.cli.scoreboard import Score, Scoreboard
from optionbus.cli.strategies import load_strategies
from optionbus.cli.summary import as_json, as_text
from optionbus.cli.view import View, view_for
from optionbus.cli.watch import Watch
from optionbus.log_sink import configure

STOP_SECONDS = 1.5
"""An actor that hangs is left behind after so long."""

FAILED, CALLED_WRONGLY = 1, 2


def run(options: Options, loop: MainLoop) -> int:
    """Run it to its end; gives the exit code."""
    try:
        settings = read_settings(options)
        actors = _actors(options, settings)
        client = open_client(options, settings, actors)
        company = company_of(client, _out(options), options.ticks)
        view = view_for(options.progress, company.title, company.note)
        configure(settings.log.level, sink=view.log_stream)
        _introduce(company, options)
        _accompany(client, company, view, options, loop, is_sampled=SampleStrategy in actors)
    except BusError as error:
        print(f"optionbus: {error}", file=sys.stderr)
        return CALLED_WRONGLY if isinstance(error, UsageError) else FAILED
    return 0


def _out(options: Options) -> Path | None:
    """Where a recording goes; None where none is made."""
    if options.command != "record":
        return None
    return options.out or Path(time.strftime("session-%Y%m%d-%H%M%S.rec", time.gmtime()))


def _introduce(company: Company, options: Options) -> None:
    text = company.introduction()
    if text:
        print(text, file=options.progress, flush=True)


def _actors(options: Options, settings: Config) -> list[type[Actor[Any]]]:
    """Whoever brings actors or strategies of his own wants those to trade."""
    if options.strategy:
        return [Scoreboard, *load_strategies(options, options.own_assets or None)]
    return [Scoreboard] if options.no_trade or settings.actors else [Scoreboard, SampleStrategy]


def _accompany(
    client: PocketOption, company: Company, view: View, options: Options, loop: MainLoop, *, is_sampled: bool
) -> None:
    """See a client through its life. Raises what ended it before its time."""
    began = time.monotonic()
    failure: BusError | None = None
    watch: Watch | Hurry
    client.start()
    if client.playback is not None and isinstance(client.playback.runtime, SteppedRuntime):
        watch = Hurry(client, client.playback.runtime, view, loop)
    else:
        watch = Watch(client, view, loop)
        watch.start()
    try:
        if isinstance(watch, Hurry):
            watch.play(lambda: _subscribe_all(client, options, loop, is_sampled=is_sampled), options.seconds)
        else:
            _live(client, options, loop, is_sampled=is_sampled)
    except BusError as error:
        failure = error
    finally:
        watch.end()
        _stop(client)
        failure = failure or company.end()
    _tell(client, company, watch.score, failure, options, time.monotonic() - began)
    if failure is not None:
        raise failure


def _tell(
    client: PocketOption, company: Company, score: Score, failure: BusError | None, options: Options, seconds: float
) -> None:
    if options.json:
        print(as_json(score, client.errors, company.summary()))
    elif score.logins and not isinstance(failure, UsageError):
        print("\n".join(filter(None, (as_text(score, client.errors, seconds), company.text()))))


def _live(client: PocketOption, options: Options, loop: MainLoop, *, is_sampled: bool) -> None:
    ready = client.ready()
    loop.on_signal = {
        signal.SIGUSR1: lambda: _move_switch(client, loop, TradingMode.HALTED, "SIGUSR1"),
        signal.SIGUSR2: lambda: _move_switch(client, loop, TradingMode.ACTIVE, "SIGUSR2"),
    }
    ready.on_done(lambda: loop.post(lambda: _on_ready(ready, client, options, loop, is_sampled=is_sampled)))
    if client.playback is not None:
        client.playback.over().on_done(loop.end)
    left = options.seconds
    drop = DEFAULT_DROP_SECONDS if options.drop_after is None else options.drop_after
    if client.simulation is not None and drop and (left is None or drop < left):
        loop.wait(drop)
        left = None if left is None else left - drop
        if not loop.is_interrupted:
            logger.info("dropping the socket, to show how that heals")
            client.simulation.cut()
    loop.wait(left)
    if not (ready.done or loop.is_interrupted):
        raise DeadlineExceeded(ready.what, options.seconds or 0.0)


def _move_switch(client: PocketOption, loop: MainLoop, mode: TradingMode, name: str) -> None:
    """Without waiting. A switch that cannot be moved ends the run: whoever moves it must be able to rely on it."""
    moved = client.set_trading_mode(mode, f"({name})")
    moved.on_done(lambda: loop.post(moved.get))


def _on_ready(ready: Future[None], client: PocketOption, options: Options, loop: MainLoop, *, is_sampled: bool) -> None:
    ready.get()  # raises what it has ended in
    _subscribe_all(client, options, loop, is_sampled=is_sampled)


def _subscribe_all(client: PocketOption, options: Options, loop: MainLoop, *, is_sampled: bool) -> None:
    if is_sampled and not client.is_demo:
        logger.info("the sample strategy trades on demo only; bring one of your own with --actor")
    for asset in options.asset:
        _subscribe(client, asset, Direct(), "Scoreboard", loop)
        _subscribe(client, asset, TimeAligned(options.period), "Scoreboard", loop)
        if is_sampled and client.is_demo:
            _subscribe(client, asset, TimeAligned(options.period), "SampleStrategy", loop)


def _subscribe(client: PocketOption, asset: str, aggregation: Direct | TimeAligned, name: str, loop: MainLoop) -> None:
    subscription = client.subscribe(asset, aggregation, deliver_to=name)
    subscription.confirmed.on_done(lambda: loop.post(partial(_check, subscription)))


def _check(subscription: Subscription[Any]) -> None:
    try:
        subscription.confirmed.get()
    except DeadlineExceeded:
        logger.warning(f"{subscription.symbol} does not stream yet; it will as soon as the platform lets it")


def _stop(client: PocketOption) -> None:
    thread = Thread(target=client.stop, daemon=True)
    thread.start()
    thread.join(STOP_SECONDS)
