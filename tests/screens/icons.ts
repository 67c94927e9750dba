/**
 * `deno run -A tests/screens/icons.ts` draws the icons of the installed app, `static/icons/`, anew from
 * `static/favicon.svg`.
 */
import { openBrowser } from "../support/browser.ts";
import type { TestBrowser } from "../support/browser.ts";

const STATIC = new URL("../../static/", import.meta.url).pathname;

/** How an icon is cut. */
interface Cut {
  readonly name: string;
  readonly sizePx: number;
  /** Systems that cut icons to their own shape need colour up to the edge, and the picture within 80 % of it. */
  readonly isFull: boolean;
}

const CUTS: readonly Cut[] = [
  { name: "app-192.png", sizePx: 192, isFull: false },
  { name: "app-512.png", sizePx: 512, isFull: false },
  { name: "maskable-192.png", sizePx: 192, isFull: true },
  { name: "maskable-512.png", sizePx: 512, isFull: true },
  { name: "touch-180.png", sizePx: 180, isFull: true },
];

await using browser = await openBrowser();
const source = await Deno.readTextFile(`${STATIC}favicon.svg`);
await Deno.mkdir(`${STATIC}icons`, { recursive: true });
for (const cut of CUTS) await Deno.writeFile(`${STATIC}icons/${cut.name}`, await draw(browser, source, cut));

async function draw({ browser }: TestBrowser, source: string, { sizePx, isFull }: Cut): Promise<Uint8Array> {
  const page = await browser.newPage({ viewport: { width: sizePx, height: sizePx } });
  try {
    // Without round corners; the picture keeps its place, smaller.
    const drawing = isFull
      ? source.replace('rx="8"', "").replace("translate(4 4)", "translate(7.5 7.5) scale(0.71)")
      : source;
    await page.setContent(
      `<body style="margin:0">${drawing.replace("<svg", '<svg style="display:block" width="100%"')}</body>`,
    );
    return await page.screenshot({ omitBackground: true });
  } finally {
    await page.close();
  }
}
