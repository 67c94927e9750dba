import type { Client } from "../support/test_clients.ts";
import { Device } from "../support/test_clients.ts";
import type { Page, Profile, TestBrowser } from "../support/browser.ts";
import { startServerProcess } from "../support/server_process.ts";
import type { ServerProcess } from "../support/server_process.ts";
import { fillDemo, morningZone } from "./demo.ts";
import type { Demo } from "./demo.ts";
import { PEOPLE, VIEWER } from "./harbour.ts";

/** How a screen is looked at. */
export interface Look {
  readonly theme: "light" | "dark";
  readonly isPhone: boolean;
}

/** A server with the workspace in it, the others at their places, and a browser to look with. */
export interface Stage extends AsyncDisposable {
  readonly demo: Demo;
  readonly server: ServerProcess;
  /** A browser of somebody who is signed in, or of nobody. */
  open(look: Look, name?: string): Promise<Profile>;
  /** Lets people type in a room until `stop`. */
  type(room: string, names: readonly string[]): Promise<{ stop(): void }>;
  /** A stock client of somebody. */
  clientOf(name: string): Client;
}

const DESKTOP = { width: 1280, height: 800 };
const PHONE = { width: 390, height: 844 };
/** Before the six seconds after which a typist is forgotten. */
const TYPING_AGAIN_MS = 3_000;

/** Starts all of it; `await using` ends all of it. */
export async function openStage(browser: TestBrowser): Promise<Stage> {
  await using opened = new AsyncDisposableStack();
  const folder = await Deno.makeTempDir({ prefix: "parley-screens-" });
  opened.defer(() => Deno.remove(folder, { recursive: true }));
  const zone = morningZone(Date.now());
  const demo = await fillDemo(folder, zone);
  const server = opened.use(await startServerProcess({ dataDir: folder }));

  const clients = new Map<string, Client>();
  for (const [index, { name, presence }] of PEOPLE.entries()) {
    const device = opened.use(new Device(server.url, `127.0.0.${index + 20}`));
    device.cookie = `sid=${sessionOf(demo, name)}`;
    const client = device.client("ws");
    clients.set(name, client);
    if (name !== VIEWER && presence !== "offline") await client.presence.set.mutate({ status: presence });
  }
  const clientOf = (name: string): Client => {
    const client = clients.get(name);
    if (client === undefined) throw new Error(`Nobody is called ${name}`);
    return client;
  };
  const parts = opened.move();
  return {
    demo,
    server,
    clientOf,
    open: async (look, name) => {
      const profile = await browser.openProfile({
        viewport: look.isPhone ? PHONE : DESKTOP,
        colorScheme: look.theme,
        hasTouch: look.isPhone,
        isMobile: look.isPhone,
        locale: "en-GB",
        timezoneId: zone.timeZone,
      });
      if (name !== undefined) {
        await profile.context.addCookies([
          { name: "sid", value: sessionOf(demo, name), url: server.url, httpOnly: true, sameSite: "Lax" },
        ]);
      }
      return profile;
    },
    type: async (room, names) => {
      const roomId = roomOf(demo, room);
      const tell = () =>
        Promise.allSettled(names.map((name) => clientOf(name).typing.set.mutate({ roomId, isTyping: true })));
      await tell();
      const timer = setInterval(() => void tell(), TYPING_AGAIN_MS);
      return { stop: () => clearInterval(timer) };
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  };
}

/** Gives a room's id by its name. */
export function roomOf({ rooms }: Demo, name: string): string {
  const roomId = rooms.get(name);
  if (roomId === undefined) throw new Error(`No room is called ${name}`);
  return roomId;
}

/** Waits until a page shows the messages and the presence of a room. */
export async function settled(page: Page): Promise<void> {
  await page.locator(".log").waitFor();
  await page.waitForFunction(() =>
    document.querySelectorAll(".log .msg").length > 0 && document.querySelector(".log-bones") === null
  );
  await page.evaluate(() => document.fonts.ready);
}

function sessionOf({ people }: Demo, name: string): string {
  const person = people.get(name);
  if (person === undefined) throw new Error(`Nobody is called ${name}`);
  return person.session;
}
