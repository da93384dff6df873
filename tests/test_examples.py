"""The worked examples of docs/adding-actors.md do what they say."""

import runpy
from pathlib import Path

import pytest

from actors.stepped import SteppedRuntime
from optionbus.client import PocketOption

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.mark.sockets
def test_the_price_book_answers(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(EXAMPLES / "price_book.py"), run_name="__main__")

    assert "LastPrice" in capsys.readouterr().out


@pytest.mark.sockets
def test_the_refusal_watch_sees_a_refusal(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(EXAMPLES / "refusal_watch.py"), run_name="__main__")

    assert "InsufficientBalance" in capsys.readouterr().out


@pytest.mark.sockets
def test_raw_messages_are_echoed(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(EXAMPLES / "raw_messages.py"), run_name="__main__")

    assert capsys.readouterr().out.splitlines() == ["1", '42["echo",2]', "again", "echo b'3'"]


@pytest.mark.sockets
def test_live_candles_go_on_through_a_lost_connection(capsys: pytest.CaptureFixture[str]) -> None:
    runpy.run_path(str(EXAMPLES / "live_candles.py"), run_name="__main__")

    before, since, compiled = capsys.readouterr().out.splitlines()
    assert (before, since) == ("3 closed before", "closed since: 60 s later, complete: True")
    assert compiled.endswith("forming: True")


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


@pytest.mark.parametrize("example", sorted(EXAMPLES.glob("*.py")), ids=lambda path: path.stem)
def test_every_example_is_in_the_documentation(example: Path) -> None:
    documents = "".join(path.read_text() for path in (EXAMPLES.parent / "docs").glob("*.md"))
    readme = (EXAMPLES.parent / "README.md").read_text()

    assert example.name in documents + readme
