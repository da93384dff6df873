"""What the simulated platform says, and when: every event by its name.

The platform's own names; under which others they come is in ``simulator.variants``. Decides nothing: a test keeps it
true.
"""

from typing import Final

SAID: Final = {
    "successauth": "a login was accepted: `{id}` on a demo account, `{serverName}` on another",
    "NotAuthorized": "a login was refused; then the connection is closed",
    "updateAssets": "after a login: every asset, a row of 19 columns each",
    "successupdateBalance": "after a login, when it is asked for, and whenever it changes",
    "updateOpenedDeals": "after a login, when it is asked for, and when a deal has opened",
    "updateClosedDeals": "after a login, when it is asked for, and when deals have closed: the last 20",
    "successupdatePending": "after a login, when it is asked for, when a pending order has opened, and to the other "
    "connections of the account when one is kept or given up: those that wait",
    "updateStream": "a tick of an asset that was subscribed: `[[symbol, time, price]]`",
    "updateHistoryNewFast": "the answer to `changeSymbol`: ticks of ten minutes, and 100 candles",
    "loadHistoryPeriodFast": "the answer to `loadHistoryPeriod`: up to 150 candles, or up to 3000 ticks",
    "successopenOrder": "a deal has opened; `requestId` is null where it was a pending order, and everybody is told",
    "failopenOrder": "an order was not taken: `{error, amount, asset}`, `amount` being the limit where one was reached",
    "successcloseOrder": "deals have closed, all of one moment together: `{profit, deals}`",
    "successopenPendingOrder": "an order is kept until its time or price comes",
    "failopenPendingOrder": "an order is not kept, or was kept and could not open when its time or price came",
    "successcancelPendingOrder": "an order was given up: `{ticket}`",
    "failcancelPendingOrder": "there was none to give up: `{ticket, error}`",
    "successcancelPendingOrders": "orders were given up: `{tickets}`",
    "failcancelPendingOrders": "some were not there to be given up: `{tickets, error}`",
    "echo": "what was said to be echoed",
}
"""When each event is said, and what it holds where its name does not say it."""
