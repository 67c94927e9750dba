import type { RoomId } from "../../shared/ids.ts";
import type { TestBrowser } from "../support/browser.ts";
import { freePort } from "../support/free_port.ts";
import { seed, withStores } from "../support/seed.ts";
import type { Seeded, SeededPerson } from "../support/seed.ts";
import { startServerProcess } from "../support/server_process.ts";
import type { ServerProcess } from "../support/server_process.ts";
import { openScreen } from "./people_kit.ts";
import type { Screen } from "./screen.ts";

/** What a browser says of a server that is not there. */
const SERVER_IS_AWAY = /WebSocket connection to .* failed|net::ERR_|\(Service Unavailable\)/;

/** A room of Ana and Bo on a server that can be killed, and comes back on its port and files. */
export class Harbour implements AsyncDisposable {
  readonly seeded: Seeded;
  readonly #browser: TestBrowser;
  readonly #dataDir: string;
  readonly #port = freePort();
  #server: ServerProcess | null = null;

  private constructor(browser: TestBrowser, dataDir: string, seeded: Seeded) {
    this.#browser = browser;
    this.#dataDir = dataDir;
    this.seeded = seeded;
  }

  /** Seeds the folder and starts the server on it. */
  static async open(browser: TestBrowser, dataDir: string): Promise<Harbour> {
    const harbour = new Harbour(browser, dataDir, await seed(dataDir, { names: ["Bo"], rooms: ["Harbour"] }));
    await harbour.start();
    return harbour;
  }

  get roomId(): RoomId {
    return this.seeded.roomIds[0] as RoomId;
  }

  get bo(): SeededPerson {
    return this.seeded.people[0] as SeededPerson;
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}/r/${this.roomId}`;
  }

  /** Starts the server on its port and files. */
  async start(): Promise<void> {
    this.#server = await startServerProcess({ dataDir: this.#dataDir, port: this.#port });
  }

  /** Ends it with SIGKILL. */
  async kill(): Promise<void> {
    await this.#server?.kill();
  }

  /** Changes what is stored while no server runs. */
  async archive(): Promise<void> {
    const { roomId, seeded } = this;
    await withStores(
      this.#dataDir,
      ({ rooms }) => rooms.update({ roomId, by: seeded.owner.id, isArchived: true }),
    );
  }

  /** Opens the room in a browser profile of its own. */
  async enter(person: SeededPerson): Promise<Screen> {
    const screen = await openScreen(this.#browser, { url: this.url, cookie: person.session });
    screen.profile.allowProblems(SERVER_IS_AWAY);
    await screen.seesRoom("Harbour");
    return screen;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill();
  }
}
