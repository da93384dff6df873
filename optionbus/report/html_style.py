"""How the page looks, and the little that moves on it.

Decides colours, sizes and what pointing at a deal does. Without the script the page says the same: a browser shows the
titles by itself. Does not know what is on the page.
"""

from typing import Final

STYLE: Final = """
:root{color-scheme:light dark;--ink:#1b2228;--soft:#5b6670;--rule:#dde2e6;--paper:#fff;--ground:#f3f5f6;
--win:#0a7d57;--loss:#c2371f;--draw:#8a6a00;--line:#2a5db8;--shade:#c2371f2b;--candle:#a9b3bc}
@media (prefers-color-scheme:dark){:root{--ink:#e5e9ec;--soft:#9aa6b0;--rule:#313a42;--paper:#1a2026;--ground:#11161a;
--win:#3ec394;--loss:#ff7b5e;--draw:#dcb440;--line:#7fa9ff;--shade:#ff7b5e33;--candle:#55616c}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.5 system-ui,sans-serif;
font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
main{max-width:1040px;margin:0 auto;padding:24px 16px 64px}
h1{font-size:1rem;font-weight:600;color:var(--soft);margin:0}
h2{font-size:1.05rem;margin:0 0 12px}
h3{font-size:.95rem;margin:20px 0 8px}
p{margin:0 0 8px}
.soft,figcaption,small{color:var(--soft)}
section,header{background:var(--paper);border:1px solid var(--rule);border-radius:10px;padding:18px;margin:0 0 16px}
header{border-left:6px solid var(--draw)}
header.above{border-left-color:var(--win)}header.below{border-left-color:var(--loss)}
.verdict{font-size:1.6rem;line-height:1.25;font-weight:700;margin:4px 0 8px}
.figures{display:grid;grid-template-columns:repeat(auto-fill,minmax(150px,1fr));
border:1px solid var(--rule);border-radius:8px;overflow:hidden;margin:0}
.figures div{box-shadow:0 0 0 .5px var(--rule);padding:10px 12px}
dt{color:var(--soft);font-size:.82rem}
dd{margin:0;font-size:1.15rem;font-weight:600}
dd small{display:block;font-size:.78rem;font-weight:400}
ul{margin:0;padding-left:1.2em}li{margin:0 0 6px}
figure{margin:0 0 8px}
figcaption,div+p{margin-top:8px}
figure+h3{margin-top:28px}
output{display:block;min-height:1.5em;font-size:.85rem;color:var(--soft)}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.88rem}
th,td{text-align:left;padding:5px 14px 5px 0;border-bottom:1px solid var(--rule);white-space:nowrap;
vertical-align:middle}
th{color:var(--soft);font-weight:500}
.wrap td:first-child,.wrap td:last-child{white-space:normal;min-width:7em}
.n{text-align:right}
.win,.gain{color:var(--win)}.loss,.fall{color:var(--loss)}.draw{color:var(--draw)}
svg{display:block;width:100%;height:auto;overflow:visible}
svg text{font-size:11px;fill:var(--soft);paint-order:stroke;stroke:var(--paper);stroke-width:3px}
svg path,svg line{vector-effect:non-scaling-stroke}
.candles{min-width:720px}
.grid{stroke:var(--rule);fill:none}
.start{stroke:var(--soft);stroke-dasharray:2 4;fill:none}
.line{stroke:var(--line);stroke-width:1.6;fill:none}
.shade{fill:var(--shade)}
.hit{fill:transparent;stroke:none}
rect.hit:hover{fill:var(--ink);fill-opacity:.06}
path.hit{stroke:transparent;stroke-width:14;fill:none;pointer-events:stroke}
.wick{stroke:var(--candle);fill:none}
.rising{fill:var(--paper);stroke:var(--candle)}
.falling{fill:var(--candle);stroke:var(--candle)}
.deal{color:var(--draw)}.deal.win{color:var(--win)}.deal.loss{color:var(--loss)}
.way{stroke:currentColor;stroke-dasharray:3 2;fill:none}
.entry{fill:currentColor;stroke:var(--paper);stroke-width:.8}
.disc{fill:currentColor;stroke:var(--paper);stroke-width:.8}
.ring{fill:var(--paper);stroke:currentColor;stroke-width:1.8}
.cross{stroke:currentColor;stroke-width:2;fill:none}
.deal:hover .way{stroke-width:2.5}
.no-win .deal.win,.no-loss .deal.loss,.no-draw .deal.draw{display:none}
.legend{display:flex;flex-wrap:wrap;gap:6px 18px;list-style:none;padding:0;font-size:.85rem;color:var(--soft)}
.legend li{display:flex;align-items:center;gap:6px;margin:0}
.legend svg{width:18px;height:18px;flex:none}
.legend .call{color:var(--ink)}
fieldset{border:0;padding:0;margin:0 0 8px;font-size:.85rem;color:var(--soft)}
fieldset label{margin-right:14px}
.bar{width:130px;height:14px}
.track{stroke:var(--rule);stroke-width:1}
.reach{stroke:var(--draw);stroke-width:5}
.above .reach{stroke:var(--win)}.below .reach{stroke:var(--loss)}
.dot{fill:var(--ink)}
.even{stroke:var(--ink);stroke-width:1.6;stroke-dasharray:2 2}
.up{fill:var(--win)}.down{fill:var(--loss)}
details summary{cursor:pointer;margin:0 0 8px}
@media (max-width:620px){main{padding:12px 8px 40px}section,header{padding:14px 12px}.verdict{font-size:1.3rem}
.equity text{font-size:21px}.figures{grid-template-columns:1fr 1fr}}
@media print{body{background:none}section,header{break-inside:avoid}}
"""

SCRIPT: Final = """
document.querySelectorAll("figure").forEach(function(figure){
var told=figure.querySelector("output");
if(told){figure.addEventListener("pointerover",function(event){
var marked=event.target.closest("g.deal,rect.hit");
if(marked){told.textContent=marked.querySelector("title").textContent}})}});
document.querySelectorAll("fieldset[hidden]").forEach(function(set){set.hidden=false;
set.addEventListener("change",function(event){
set.parentNode.classList.toggle("no-"+event.target.value,!event.target.checked)})});
"""
