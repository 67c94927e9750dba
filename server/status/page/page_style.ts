import { createHash } from "node:crypto";
import { UPTIME_DAYS_COUNT } from "../../../shared/status/uptime.ts";
import { PAGE_SCRIPT } from "./page_script.ts";

/** Style of all pages. It stands in the page itself, so that one file is the whole page; without `"`, `&` and `<`, which rendering escapes. */
export const PAGE_STYLE = `:root{color-scheme:light dark;
--paper:light-dark(#fffefb,#1a1d1f);--ink:light-dark(#1d1b18,#eceae5);--ink-2:light-dark(#5f5a51,#a7a49d);
--line:light-dark(#e6e1d7,#2c3134);--link:light-dark(#0b6b5d,#6cd0bb);
--ok:light-dark(#157a4c,#5fd39b);--ok-soft:light-dark(#e0efeb,#1c332f);--ok-bar:light-dark(#43936c,#3f9d72);
--warn:light-dark(#9a4a06,#f0b46b);--warn-soft:light-dark(#fdf1dd,#33291a);--warn-bar:light-dark(#b07f2a,#d19a3c);
--bad:light-dark(#b3261e,#ff9a8f);--bad-soft:light-dark(#fdecea,#3a2220);--bad-bar:light-dark(#c4544d,#d9685f);
--plan:light-dark(#2f4fa8,#9db8ff);--plan-soft:light-dark(#e8edfa,#1f2740);--plan-bar:light-dark(#6c84c8,#7f97d8);
--none-soft:light-dark(#f1eee8,#25292c);--none-bar:light-dark(#e6e1d7,#363c40)}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);
font:15px/1.5 ui-sans-serif,system-ui,-apple-system,'Segoe UI','Noto Sans','Noto Color Emoji',sans-serif;
overflow-wrap:break-word}
main,header,footer{max-width:760px;margin:0 auto;padding:0 1rem}
header{position:relative;display:flex;flex-wrap:wrap;gap:.5rem 1rem;align-items:center;justify-content:space-between;padding-top:1.75rem}
h1 a{color:inherit;text-decoration:none}
nav{font-size:.8125rem}
header nav{margin-left:auto}
nav summary{color:var(--link);cursor:pointer;padding:.25rem 0}
nav ul{position:absolute;z-index:1;right:1rem;top:100%;width:min(20rem,100vw - 2rem);margin:0;padding:.5rem 1rem;list-style:none;
background:var(--paper);border:1px solid var(--line);border-radius:.75rem}
nav li{padding:.25rem 0}
nav code{display:block;overflow-wrap:anywhere;user-select:all;background:var(--none-soft);padding:.25rem .5rem;border-radius:.375rem}
h1{font-size:1.125rem;margin:0;display:flex;gap:.6rem;align-items:center}
h2{font-size:1.125rem;margin:2.5rem 0 .75rem}
h3{font-size:1rem;margin:0}
p{margin:0 0 .5rem}
a{color:var(--link)}
svg{width:1.125em;height:1.125em;fill:none;stroke:currentColor;stroke-width:2;stroke-linecap:round;
stroke-linejoin:round;vertical-align:-.2em;flex:none}
.brand{color:var(--link);width:1.4rem;height:1.4rem}
.verdict{display:flex;gap:1.25rem;align-items:center;border-radius:.75rem;padding:1.5rem;margin:2rem 0;
background:var(--soft)}
.verdict svg{width:2.25rem;height:2.25rem;color:var(--tone)}
.verdict h2{font-size:1.6rem;line-height:1.25;margin:0}
.verdict div{min-width:0}
.verdict p{margin:.25rem 0 0;color:var(--ink-2)}
.operational{--tone:var(--ok);--soft:var(--ok-soft);--bar:var(--ok-bar)}
.under_maintenance,.info{--tone:var(--plan);--soft:var(--plan-soft);--bar:var(--plan-bar)}
.unknown{--tone:var(--ink-2);--soft:var(--none-soft);--bar:var(--none-bar)}
.degraded_performance,.warning{--tone:var(--warn);--soft:var(--warn-soft);--bar:var(--warn-bar)}
.partial_outage{--tone:var(--warn);--soft:var(--warn-soft);--bar:var(--warn-bar)}
.major_outage,.critical{--tone:var(--bad);--soft:var(--bad-soft);--bar:var(--bad-bar)}
.old .verdict,.old .part,.old .timeline{--tone:var(--ink-2);--soft:var(--none-soft)}
.notice,.timeline{border:1px solid var(--line);border-radius:.75rem;margin:1rem 0;overflow:hidden}
.notice{padding:.75rem 1rem;background:var(--soft);border-color:transparent}
.notice .label{display:flex;flex-wrap:wrap;gap:0 .5rem;align-items:center;margin:0 0 .25rem;color:var(--tone);font-size:.8125rem}
.notice .label span{color:var(--ink-2)}
.notice p:last-child,.timeline p:last-child{margin-bottom:0}
.timeline h3{background:var(--soft);padding:.75rem 1rem}
.timeline h3 a{color:inherit;text-decoration:none}
.timeline h3 small{font-weight:400;color:var(--ink-2);display:block}
.timeline dl{margin:0;padding:.75rem 1rem;display:grid;grid-template-columns:11.5rem 1fr;gap:.75rem 1rem}
.timeline dt{font-weight:600;font-size:.8125rem}
.timeline dt time,.timeline dt small{display:block;font-weight:400;color:var(--ink-2);font-size:.8125rem}
time{white-space:nowrap}
.timeline dd{margin:0;min-width:0}
pre{overflow:auto;background:var(--none-soft);padding:.5rem;border-radius:.375rem}
blockquote{margin:0;padding-left:.75rem;border-left:3px solid var(--line)}
.parts{list-style:none;margin:0;padding:0}
.part{border-top:1px solid var(--line);padding:1rem 0}
.part-head{display:flex;gap:1rem;justify-content:space-between;align-items:baseline}
.part p{color:var(--ink-2);font-size:.8125rem;margin:0}
.state{color:var(--tone);font-size:.8125rem;white-space:nowrap}
.bars{position:relative;display:flex;gap:2px;height:1.75rem;margin:.5rem 0 .25rem}
.bars a{flex:1;border-radius:2px;background:var(--bar)}
.bars a:focus-visible{outline:2px solid var(--link);outline-offset:2px}
.part:not(.operational,.under_maintenance) a:last-child:is(.operational,.under_maintenance),.degraded_performance .unknown:last-child,.partial_outage a:last-child:not(.major_outage),.major_outage a:last-child{--bar:inherit}
.part:not(.operational,.under_maintenance) .full{visibility:hidden}
.bars a:hover{outline:1px solid var(--ink-2)}
.bars a:hover::after,.bars a:focus-visible::after{content:attr(aria-label);position:absolute;z-index:1;top:calc(100% + .3rem);max-width:100%;width:max-content;padding:.25rem .6rem;border-radius:.375rem;
background:var(--ink);color:var(--paper);font-size:.8125rem;pointer-events:none}
.told{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.zone button{font:inherit;color:var(--link);background:none;border:0;padding:0;text-decoration:underline;cursor:pointer}
.more,.quiet{color:var(--ink-2);font-size:.8125rem}
.months{display:flex;flex-wrap:wrap;gap:.25rem 1rem;margin-bottom:1rem}
.months a[aria-current]{color:inherit;font-weight:600;text-decoration:none}
tr:target{background:var(--none-soft)}
.day>h3{margin-top:1.5rem}
.day:target>h3{border-left:3px solid var(--link);padding-left:.5rem}
.timeline .overrun{color:var(--warn);font-weight:600}
.open:has(.timeline:not(.under_maintenance))~.no-past{display:none}
.scale{display:flex;justify-content:space-between;color:var(--ink-2);font-size:.75rem}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(10rem,1fr));gap:.75rem;margin:0}
.figures div{border:1px solid var(--line);border-radius:.75rem;padding:1rem;display:flex;flex-direction:column-reverse;justify-content:flex-end}
.figures dt{color:var(--ink-2);font-size:.8125rem}
.figures dd{margin:0;font-size:1.6rem;font-weight:700;line-height:1.25}
.figures .none{color:var(--ink-2);font-size:1rem;font-weight:400;line-height:2rem}
.spark{margin:.75rem 0 0}
.spark svg{width:100%;height:3rem;color:var(--link);overflow:visible}
.spark path{vector-effect:non-scaling-stroke;stroke-width:1.5}
.spark figcaption{color:var(--ink-2);font-size:.8125rem}
.wide{overflow-x:auto}
table{border-collapse:collapse;font-size:.8125rem;width:100%}
th,td{text-align:left;padding:.25rem .75rem .25rem 0;border-bottom:1px solid var(--line);white-space:nowrap}
footer{color:var(--ink-2);font-size:.8125rem;padding-top:2rem;padding-bottom:2rem}
${tipPlaces("(min-width:701px)", 90)}
${tipPlaces("(min-width:441px) and (max-width:700px)", 60)}
${tipPlaces("(max-width:440px)", 30)}
@media (max-width:700px){.bars a:nth-child(-n+30){display:none}.d90{display:none}}
@media (min-width:701px){.d60{display:none}}
@media (max-width:440px){.verdict{padding:1rem;gap:.75rem}.verdict h2{font-size:1.3rem;hyphens:auto}.bars a:nth-child(-n+60){display:none}.d60{display:none}.timeline dl{grid-template-columns:1fr;gap:.25rem}
.timeline dd{margin-bottom:.5rem}.part-head{flex-wrap:wrap}}
@media (min-width:441px){.d30{display:none}}
@media print{:root{color-scheme:light}body{font-size:10pt}main,header,footer{max-width:none}
.verdict,.timeline h3,.notice{border:1px solid var(--line)}.verdict,.notice,.part,.timeline,.figures div{break-inside:avoid}
.bars a,.verdict,.notice,.timeline h3{print-color-adjust:exact}nav,.zone button,.more{display:none}}
`;

/** Where the words about a day stand, of those that are shown: below the third of the days that it is in. */
function tipPlaces(media: string, shownCount: number): string {
  const first = UPTIME_DAYS_COUNT - shownCount;
  const days = (from: number, to: number) => `.bars a:nth-child(n+${from}):nth-child(-n+${to})::after`;
  const third = shownCount / 3;
  return `@media ${media}{${days(first + 1, first + third)}{left:0}
${days(first + third + 1, first + 2 * third)}{left:50%;translate:-50%}
${days(first + 2 * third + 1, UPTIME_DAYS_COUNT)}{right:0}}`;
}

/** Nothing but the page's own style and script, small pictures, the page itself once more, and where it has one, the script that keeps it up to date. */
export function pagePolicy(hasScript: boolean): string {
  return [
    "default-src 'none'",
    `style-src '${STYLE_HASH}'`,
    `script-src '${SCRIPT_HASH}'${hasScript ? " 'self'" : ""}`,
    "connect-src 'self'",
    "img-src data:",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** As a policy names it. */
function hashOf(text: string): string {
  return `sha256-${createHash("sha256").update(text).digest("base64")}`;
}

const STYLE_HASH = hashOf(PAGE_STYLE);
const SCRIPT_HASH = hashOf(PAGE_SCRIPT);
