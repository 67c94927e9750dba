import { FOLLOWED_ROWS_MAX_COUNT } from "../../shared/limits.ts";
import type { Page } from "../support/browser.ts";
import { openTabMeter } from "../support/tab_memory.ts";
import type { TabMeter } from "../support/tab_memory.ts";
import { TALK_TEXTS } from "./talk_texts.ts";

/** A tab of the same browser with nothing in it but lines of text and a box. */
export interface BarePage extends AsyncDisposable {
  readonly page: Page;
  readonly meter: TabMeter;
  /** Adds so many lines at the foot, each of which pushes one out at the top. */
  talk(count: number, perSecond: number): Promise<void>;
}

const MARKUP = `<!doctype html>
<style>
  body { display: flex; flex-direction: column; height: 100vh; margin: 0; }
  #log { flex: 1; min-height: 0; overflow: auto; white-space: pre-wrap; }
  textarea { field-sizing: content; }
</style>
<div id="log"></div>
<textarea></textarea>`;

/** Opens a page without any framework that shows what a room does: what Chromium itself costs on this machine. */
export async function openBarePage(beside: Page): Promise<BarePage> {
  const page = await beside.context().newPage();
  await page.setContent(MARKUP);
  const meter = await openTabMeter(page);
  const talk = (count: number, perSecond: number) =>
    page.evaluate(
      ({ texts, count, perSecond, rowsMax }) =>
        new Promise<void>((resolve) => {
          const log = document.querySelector("#log");
          const startedAt = performance.now();
          let saidCount = 0;
          const step = () => {
            if (log === null || saidCount === count) return resolve();
            const row = document.createElement("p");
            row.textContent = `${texts[saidCount % texts.length]} — word ${++saidCount}.`;
            log.append(row);
            if (log.children.length > rowsMax) log.firstElementChild?.remove();
            log.scrollTop = log.scrollHeight;
            const dueMs = startedAt + saidCount * 1_000 / perSecond - performance.now();
            setTimeout(step, Math.max(0, dueMs));
          };
          step();
        }),
      { texts: TALK_TEXTS, count, perSecond, rowsMax: FOLLOWED_ROWS_MAX_COUNT },
    );
  await talk(FOLLOWED_ROWS_MAX_COUNT, 1_000);
  return { page, meter, talk, [Symbol.asyncDispose]: () => page.close() };
}
