import { FOLLOWED_ROWS_MAX_COUNT } from "../../shared/limits.ts";
import type { Page } from "../support/browser.ts";
import type { TabMemory } from "../support/tab_memory.ts";
import { openClientRoom } from "./client_room.ts";
import type { ClientRoom } from "./client_room.ts";
import { printTable } from "./stats.ts";
import type { Verdict } from "./stats.ts";

const MESSAGE_COUNT = 10_000;
/** Fills the rows, the parser's memory and what else is kept up to a limit. */
const WARM_MESSAGE_COUNT = 2_000;
const STEP_MESSAGE_COUNT = 2_000;
const PER_SECOND = 150;
const MORE_MAX_COUNT = 50;
const ROOM_COUNT = 200;
/** More rooms than a tab keeps. */
const WARM_CHANGE_COUNT = 40;
const CHANGE_COUNT = 200;
const LINE_COUNT = 30;

/** What a tab keeps of the messages that went by in its open room. */
export async function measureMessages(): Promise<Verdict[]> {
  await using room = await openClientRoom({ roomCount: 5, lineCount: LINE_COUNT });
  const measured = await passMessages(room);
  printMemory("A tab while messages go by", "messages", measured);
  return verdictsOn(`${MESSAGE_COUNT} messages`, measured);
}

/** What a tab keeps of the rooms that were open in it. */
export async function measureRoomChanges(): Promise<Verdict[]> {
  await using room = await openClientRoom({ roomCount: ROOM_COUNT, lineCount: LINE_COUNT });
  const measured = await changeRooms(room);
  printMemory("A tab while rooms are changed", "changes", measured);
  return verdictsOn(`${CHANGE_COUNT} room changes`, measured);
}

async function passMessages(room: ClientRoom): Promise<Map<number, TabMemory>> {
  const measured = new Map<number, TabMemory>();
  await talkUntilFull(room, WARM_MESSAGE_COUNT);
  measured.set(0, await room.meter.memory());
  for (let count = STEP_MESSAGE_COUNT; count <= MESSAGE_COUNT; count += STEP_MESSAGE_COUNT) {
    await talkUntilFull(room, STEP_MESSAGE_COUNT);
    measured.set(count, await room.meter.memory());
  }
  return measured;
}

/** Many rows are removed at once: what is measured is a tab that holds as many as it ever does. */
async function talkUntilFull({ page, talk }: ClientRoom, count: number): Promise<void> {
  await talk(count, PER_SECOND);
  const rows = page.locator(".log-rows > *");
  for (let more = 0; more < MORE_MAX_COUNT && await rows.count() < FOLLOWED_ROWS_MAX_COUNT; more++) {
    await talk(1, PER_SECOND);
  }
}

async function changeRooms({ page, meter }: ClientRoom): Promise<Map<number, TabMemory>> {
  const measured = new Map<number, TabMemory>();
  for (let count = 0; count < WARM_CHANGE_COUNT; count++) await goToNextRoom(page);
  measured.set(0, await meter.memory());
  for (let count = 1; count <= CHANGE_COUNT; count++) {
    await goToNextRoom(page);
    if (count % (CHANGE_COUNT / 4) === 0) measured.set(count, await meter.memory());
  }
  return measured;
}

/** By the keys, as a person would; the room shows its own start when it is done, since few lines are in it. */
async function goToNextRoom(page: Page): Promise<void> {
  const before = await page.locator("h1").textContent();
  await page.keyboard.press("Alt+ArrowDown");
  await page.waitForFunction((name) => {
    const title = document.querySelector("h1")?.textContent ?? "";
    const text = document.querySelector(".log")?.textContent ?? "";
    return title !== name && text.includes(`the start of ${title}`);
  }, before);
}

function printMemory(title: string, what: string, measured: ReadonlyMap<number, TabMemory>): void {
  printTable(title, [
    [what, "heap, MB", "nodes", "listeners"],
    ...[...measured].map(([count, { heapMb, nodeCount, listenerCount }]) => [
      String(count),
      heapMb.toFixed(2),
      String(nodeCount),
      String(listenerCount),
    ]),
  ]);
}

function verdictsOn(what: string, measured: ReadonlyMap<number, TabMemory>): Verdict[] {
  const [first, ...later] = measured.values();
  if (first === undefined) return [];
  const most = (pick: (memory: TabMemory) => number) => Math.max(...later.map(pick));
  const nodes = most(({ nodeCount }) => nodeCount) / first.nodeCount;
  const listeners = most(({ listenerCount }) => listenerCount) / first.listenerCount;
  return [
    {
      what: `heap after ${what}, beside before`,
      measured: most(({ heapMb }) => heapMb) - first.heapMb,
      budget: 3,
      rule: "at most",
      unit: " MB",
    },
    {
      what: `nodes after ${what}, beside before`,
      measured: nodes,
      budget: 1.05,
      rule: "at most",
      unit: "×",
    },
    {
      what: `listeners after ${what}, beside before`,
      measured: listeners,
      budget: 1.05,
      rule: "at most",
      unit: "×",
    },
  ];
}
