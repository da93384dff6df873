"""What the fuzzer begins with: one of each thing that is well-formed, made up here and short.

Does not know what is done with it.
"""

import json
from typing import Final

from websocket import ABNF

from tests.actors.raw_server import frame
from tests.fuzz.mutator import tokens_of

SEPARATOR: Final = b"\x1e"
"""Between the messages of one input; one that begins with a zero byte is binary."""

_SESSION_ID: Final = "0123456789abcdef" * 2
_LOGIN: Final = (
    f'a:4:{{s:10:"session_id";s:32:"{_SESSION_ID}";s:10:"ip_address";s:11:"203.0.113.7";'
    f's:10:"user_agent";s:11:"Mozilla/5.0";s:13:"last_activity";i:1700000000;}}{"0" * 32}'
)


def _auth(**fields: object) -> bytes:
    return b"42" + json.dumps(["auth", fields]).encode()


_DEMO: Final = _auth(session="abcdef0123", isDemo=1, uid=123456, platform=2)
_REAL: Final = _auth(session=_LOGIN, isDemo=0, uid=123456, platform=1, isFastHistory=True)

SSIDS: Final = tuple(
    map(
        tokens_of,
        (
            *(_DEMO, _REAL, _REAL.replace(b'\\"', b'"'), _REAL.replace(b'\\"', b"").replace(b'"', b"")),
            *(b"{session: abc, isDemo: 1, uid: 5, platform: 2}", _DEMO.replace(b'"', b"'"), b"'" + _DEMO + b"'"),
            _auth(sessionToken="abc", uid="77", currentUrl="cabinet/demo-quick", platform=3),
            json.dumps(_DEMO.decode()).encode(),
        ),
    )
)

PACKETS: Final = tuple(
    map(
        tokens_of,
        (
            *(
                b'0{"sid":"abc","upgrades":[],"pingInterval":25000,"pingTimeout":20000}',
                b"1",
                b"2",
                b"3",
                b"6",
                b"40",
                b"41",
            ),
            *(
                b'40{"sid":"abc"}',
                b'44{"message":"no"}',
                b'43/ns,7["ok",1]',
                b'42["updateStream",[["EURUSD_otc",1.5,2]]]',
            ),
            *(b'42/ns,12["event",{"a":[1,null]}]', b'42["NotAuthorized"]', b'42["\xc3\xa9\\u00e9",""]'),
            b'451-["successauth",{"_placeholder":true,"num":0}]' + SEPARATOR + b'\x00{"id":"x"}',
            b'452-["x",{"_placeholder":true,"num":1}]'
            + SEPARATOR
            + b"\x00one"
            + SEPARATOR
            + b"2"
            + SEPARATOR
            + b"\x00two",
            b'461-5["ok"]' + SEPARATOR + b"\x00{}" + SEPARATOR + b"\x00{}",
        ),
    )
)

_DEAL: Final = (
    b'{"id":"a-1","openTime":"2026-01-01 00:00:00","openTimestamp":1767225600,"closeTimestamp":1767225660,"uid":1,'
    b'"requestId":"r1","amount":10.5,"profit":9.66,"percentProfit":92,"openPrice":1.1,"closePrice":1.2,"command":0,'
    b'"asset":"EURUSD_otc","isDemo":1,"currency":"USD"}'
)
_PENDING: Final = (
    b'{"ticket":"t-1","openType":0,"amount":1,"asset":"EURUSD_otc","openTime":"2026-01-01 00:00:00","openPrice":1.1,'
    b'"timeframe":60,"minPayout":80,"command":1}'
)
PAYLOADS: Final[dict[str, tuple[bytes, ...]]] = {
    "updateStream": (b'[["EURUSD_otc",1767225600.123,1.10023],["X",1767225601000,2]]',),
    "updateAssets": (
        b'[[5,"EURUSD_otc","EUR/USD OTC","currency",5,92,60,5,1,1,6,1,[],1767225600,true,[{"time":60}],1,5,1]]',
        b'[[6,"AUD","AUD","stock",2,80,60,60,1,0,0,0,[],0,false,[{"time":60},{"time":300}],-1,null]]',
    ),
    "updateHistoryNewFast": (
        b'{"asset":"E","period":60,"history":[[1767225600.1,1.1],[1767225601.2,1.2,null]],"candles":[[1767225600,1,2,3,1]]}',
        b'{"asset":"X","period":5,"o":[1,2],"h":[3,3],"l":[1,1],"c":[2,2],"t":[1767225600,1767225605],"v":[1,2]}',
    ),
    "loadHistoryPeriodFast": (
        b'{"asset":"X","index":17,"data":[{"symbol_id":1,"time":1767225600,"open":1,"close":2,"high":3,"low":1}],"period":60}',
        b'{"asset":"X","index":18,"data":[{"asset":"X","time":1767225600.5,"price":1.5}],"period":0}',
    ),
    "successupdateBalance": (b'{"isDemo":1,"balance":50000.25}', b'{"balance":"1e3","isDemo":null,"uid":5}'),
    "successopenOrder": (_DEAL,),
    "failopenOrder": (b'{"error":"MaxDemoTrades","amount":10,"asset":"X"}',),
    "updateOpenedDeals": (b"[" + _DEAL + b"]",),
    "updateClosedDeals": (b"[" + _DEAL + b"," + _DEAL + b"]",),
    "successcloseOrder": (b'{"profit":19.66,"deals":[' + _DEAL + b"]}",),
    "successopenPendingOrder": (b'{"data":' + _PENDING + b"}", _PENDING),
    "failopenPendingOrder": (b'{"data":{"data":' + _PENDING + b',"error":"OPEN_TIME"}}', b'{"error":"x"}'),
    "successcancelPendingOrder": (b'{"data":{"ticket":"t-1"}}', b'{"ticket":"t-1"}'),
    "failcancelPendingOrder": (b'{"ticket":"t-1","error":"x"}',),
    "successupdatePending": (b"[" + _PENDING + b"]",),
}

FRAMES: Final = tuple(
    tuple(data[at : at + 1] if at < 4 else data[at : at + 3] for at in (*range(4), *range(4, len(data), 3)))
    for data in (
        *(frame(b"2"), frame(b'42["x",1]') + frame(b"\x00\xff", ABNF.OPCODE_BINARY), frame(b"m" * 126), frame(b"")),
        frame(b"one ", is_final=False) + frame(b"p", ABNF.OPCODE_PING) + frame(b"two", ABNF.OPCODE_CONT) + frame(b"2"),
        frame(b"\x03\xe8bye", ABNF.OPCODE_CLOSE) + frame(b"late"),
        frame(b"", ABNF.OPCODE_PONG) + ABNF(1, 0, 0, 0, 1, 1, b"masked").format() + frame(b"3"),
        frame(b"a", is_final=False) + frame(b"b", ABNF.OPCODE_CONT, is_final=False) * 3 + frame(b"", ABNF.OPCODE_CONT),
    )
)
