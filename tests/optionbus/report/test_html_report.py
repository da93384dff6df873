"""Covers optionbus.report.html_report and what it is made of."""

import re
from decimal import Decimal

import pytest
from msgspec.structs import replace

from optionbus.report.html_bars import profit_bar, rate_bar
from optionbus.report.html_report import POLICY, as_html
from optionbus.report.html_style import SCRIPT
from optionbus.report.html_tables import MOST_REASONS, SHOWN_AT_EACH_END
from optionbus.report.intervals import Verdict
from optionbus.report.markup import element, text
from optionbus.report.result import Refusal, RunResult
from tests.optionbus.report.hostile import BREAKOUT, TAGS, hostile_run
from tests.optionbus.report.hostile import SCRIPT as HOSTILE
from tests.optionbus.report.page import Page
from tests.optionbus.report.runs import BEGIN, EURUSD, busy_run, candles, run, trade

RUNS = {
    "no trade": run(),
    "no trade, candles": run(charts=(candles(EURUSD, 50),)),
    "one win": run("W", charts=(candles(EURUSD, 50),)),
    "one loss": run("L", charts=(candles(EURUSD, 50),)),
    "one draw": run("D", charts=(candles(EURUSD, 50),)),
    "no length": run(end=BEGIN),
    "busy": busy_run(),
    "hostile": hostile_run(),
}
every_run = pytest.mark.parametrize("result", RUNS.values(), ids=RUNS)


@every_run
def test_every_tag_is_closed_in_its_place(result: RunResult) -> None:
    assert Page(as_html(result)).unbalanced == []


def test_a_tag_that_is_not_closed_is_noticed() -> None:
    assert Page(b"<p><b>bold</p>").unbalanced == ["/p", "p", "b"]


@every_run
def test_nothing_is_fetched(result: RunResult) -> None:
    page = Page(as_html(result))

    assert not [name for name, _ in page.attributes if name in {"src", "href", "srcset", "action", "data"}]
    assert not {"link", "img", "iframe", "object", "use", "image", "base"} & set(page.tags)
    assert not [value for _, value in page.attributes if re.search(r"https?:|//|url\(", value)]


@pytest.mark.parametrize("name", [name for name in RUNS if name != "hostile"])
def test_a_page_has_no_address_in_it(name: str) -> None:
    assert not re.search(rb"https?://", as_html(RUNS[name]))


@every_run
def test_there_is_one_script_and_the_policy_names_it(result: RunResult) -> None:
    page = Page(as_html(result))

    assert page.tags.count("script") == 1
    assert SCRIPT in page.texts
    assert ("content", POLICY) in page.attributes
    assert "script-src 'sha256-" in POLICY
    assert not [name for name, _ in page.attributes if name.startswith("on")]


def test_names_from_outside_are_only_text() -> None:
    page = as_html(hostile_run())
    head, _, body = page.decode().partition("</style>")
    content = body.rpartition("<script>")[0]

    assert not [tag for tag in TAGS if tag in content]
    assert head.count("</title>") == 1
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f\u202e]", page.decode())
    assert HOSTILE in Page(page).text
    assert BREAKOUT in Page(page).text


def test_an_attribute_cannot_be_left() -> None:
    assert element("g", class_='a" onload="x') == '<g class="a&quot; onload=&quot;x"></g>'
    assert text("<&>\"'\x00") == "&lt;&amp;&gt;&quot;&#x27;\ufffd"


def test_the_verdict_is_the_first_thing_that_is_said() -> None:
    losing = run([trade(number, "L") for number in range(50)])

    assert "The win rate is below break-even" in Page(as_html(losing)).text
    assert "The win rate is above break-even" in Page(as_html(run("W" * 50))).text
    assert "The win rate cannot be told from break-even" in Page(as_html(run("WL"))).text
    assert "No trade was decided" in Page(as_html(run("D"))).text


def test_a_page_has_the_figures_of_its_run() -> None:
    said = Page(as_html(busy_run())).text

    for words in (
        "+116.00",
        "89 won, 64 lost",
        "58.2 %",
        "53.4 %",
        "-127.90",
        "latency_seconds",
        "seed 7",
        "16 groups",
    ):
        assert words in said


def test_each_deal_on_the_chart_has_its_outcome_and_its_words() -> None:
    page = as_html(run("WLD", charts=(candles(EURUSD, 50),))).decode()

    for kind in ("win", "loss", "draw"):
        assert page.count(f'<g class="deal {kind}">') == 1
    assert (
        "call EURUSD_otc, 10.00 at 92 %, 60 s, momentum: 2026-01-01 00:00:00 at 1.1, closed at 1.1004, win +9.20"
        in page
    )


def test_of_many_trades_the_first_and_the_last_are_listed() -> None:
    page = Page(as_html(run("W" * (2 * SHOWN_AT_EACH_END + 7)))).text

    assert "7 trades between these and the next are left out here. The report in JSON has all." in page
    assert "left out" not in Page(as_html(run("W" * 2 * SHOWN_AT_EACH_END))).text


def test_of_many_reasons_the_rest_is_counted() -> None:
    refusals = tuple(
        Refusal(order_id=str(number), strategy="s", symbol=EURUSD, decided=BEGIN, reason=f"reason {number:02}")
        for number in range(MOST_REASONS + 3)
    )

    assert "3 other reasons" in Page(as_html(run(refusals=refusals))).text


def test_money_that_is_not_of_the_trades_is_said() -> None:
    result = run("W")

    assert (
        "The balance changed by -5.00 USD"
        in Page(as_html(replace(result, final_balance=result.final_balance - 5))).text
    )


def test_a_page_of_many_trades_stays_small() -> None:
    assert len(as_html(run("WL" * 20_000, charts=(candles(EURUSD, 5000),)))) < 400_000


def test_profit_and_verdict_that_disagree_are_said() -> None:
    trades = [trade(number, "W", stake="1") for number in range(50)] + [trade(50, "L", stake="100")]
    said = Page(as_html(run(trades))).text

    assert "The win rate is above break-even" in said
    assert "Profit and verdict disagree" in said
    assert "Profit and verdict disagree" not in Page(as_html(run("W" * 50))).text


def test_a_profit_is_drawn_from_the_middle_and_nothing_has_no_bar() -> None:
    assert 'class="up"' in profit_bar(Decimal(5), Decimal(10))
    assert 'class="down"' in profit_bar(Decimal(-5), Decimal(10))
    assert (profit_bar(Decimal(0), Decimal(10)), profit_bar(Decimal(0), Decimal(0))) == ("", "")


def test_a_rate_that_is_none_has_no_bar() -> None:
    assert rate_bar(None, None, Verdict.UNTOLD) == ""
