import type { Screen } from "./screen.ts";

/** What a stretch of scrolling did to the view. */
export interface Shift {
  /** How far the row at the top of the view has moved on the screen. */
  readonly movedPx: number;
  readonly rowCount: number;
  readonly oldest: number;
  readonly newest: number;
}

/** Where to scroll, and what to wait for. */
interface Move {
  /** Distance from the edge at which more is fetched; null stays where the view is. */
  readonly toPx: number | null;
  readonly edge: "older" | "newer";
}

/** Scrolls near an edge of what is loaded, waits for the next page, and tells how far the rows moved by it. */
export function scrollTo(screen: Screen, move: Move): Promise<Shift> {
  return screen.log.evaluate(async (log, { toPx, edge }): Promise<Shift> => {
    const rows = () => [...log.querySelectorAll<HTMLElement>("[data-offset]")];
    const offsetAt = (index: number) => Number(rows().at(index)?.dataset.offset);
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    const end = edge === "older" ? 0 : -1;
    const before = offsetAt(end);
    if (toPx !== null) log.scrollTop = edge === "older" ? toPx : log.scrollHeight - log.clientHeight - toPx;
    const box = log.getBoundingClientRect();
    const anchor = rows().find((row) => row.getBoundingClientRect().top >= box.top);
    const top = anchor?.getBoundingClientRect().top ?? NaN;
    while (offsetAt(end) === before) await frame();
    // Two more frames, in which observers and the browser's own anchoring have their say.
    await frame();
    await frame();
    return {
      movedPx: (anchor?.getBoundingClientRect().top ?? NaN) - top,
      rowCount: log.querySelectorAll(".log-rows > *").length,
      oldest: offsetAt(0),
      newest: offsetAt(-1),
    };
  }, move);
}

/** How far the end of the log is below what can be seen. */
export function distanceToEnd(screen: Screen): Promise<number> {
  return screen.log.evaluate((log) => log.scrollHeight - log.scrollTop - log.clientHeight);
}

/** Where each row in sight stands on the screen, by its text. */
export function placesInSight(screen: Screen): Promise<[text: string, top: number][]> {
  return screen.log.evaluate((log) => {
    const box = log.getBoundingClientRect();
    return [...log.querySelectorAll<HTMLElement>("[data-offset]")]
      .map((row): [string, number] => [row.innerText, row.getBoundingClientRect().top])
      .filter(([, top]) => top >= box.top && top < box.bottom);
  });
}
