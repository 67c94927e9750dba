import { AppError } from "../../shared/errors.ts";
import type { UserId } from "../../shared/ids.ts";
import type { StatusChange } from "../../shared/status/status.ts";
import { parseConfig } from "../../server/config.ts";
import { createServices } from "../../server/create_services.ts";
import type { CreatedServices } from "../../server/create_services.ts";
import type { Commit, Database, ListOptions } from "../../server/kv/database.ts";
import { IN_MEMORY, openDatabase } from "../../server/kv/open_database.ts";
import type { OpenedDatabase } from "../../server/kv/open_database.ts";
import { Log } from "../../server/log.ts";
import type { Services } from "../../server/services.ts";
import { isStatusNotice } from "../../server/status/status_stream.ts";
import type { StatusEvent } from "../../server/status/status_stream.ts";
import type { PublicStatus } from "../../server/status/public_status.ts";
import { Browser, OWNER_PASSWORD } from "./account_kit.ts";
import type { Person } from "./account_kit.ts";

/** Storage that a test takes away and gives back. */
export class GoneDatabase implements Database {
  readonly inner: Database;
  isGone = false;

  constructor(inner: Database) {
    this.inner = inner;
  }

  get<T>(key: Deno.KvKey): Promise<Deno.KvEntryMaybe<T>> {
    return this.#answer(() => this.inner.get<T>(key));
  }

  getMany<T>(keys: readonly Deno.KvKey[]): Promise<Deno.KvEntryMaybe<T>[]> {
    return this.#answer(() => this.inner.getMany<T>(keys));
  }

  list<T>(prefix: Deno.KvKey, options: ListOptions): Promise<Deno.KvEntry<T>[]> {
    return this.#answer(() => this.inner.list<T>(prefix, options));
  }

  commit(commit: Commit): Promise<string | null> {
    return this.#answer(() => this.inner.commit(commit));
  }

  close(): Promise<void> {
    return this.inner.close();
  }

  async #answer<T>(ask: () => Promise<T>): Promise<T> {
    if (this.isGone) throw new AppError("storage_unavailable", "Storage does not answer");
    return await ask();
  }
}

/** The public status over storage in memory, with an owner and with time that the test moves. */
export class StatusKit implements AsyncDisposable {
  readonly db: GoneDatabase;
  readonly clock = { now: Date.parse("2030-01-31T12:00:00.000Z") };
  /** What was stored in the public stream since the last start. */
  events: StatusEvent[] = [];
  readonly logged: string[] = [];
  owner: Person | null = null;
  readonly #database: OpenedDatabase;
  #created: CreatedServices | null = null;

  private constructor(database: OpenedDatabase) {
    this.#database = database;
    this.db = new GoneDatabase(database.db);
  }

  /** Opens it with an owner named Ana. */
  static async open(): Promise<StatusKit> {
    const kit = new StatusKit(await openDatabase(IN_MEMORY));
    await kit.start();
    const browser = new Browser(kit.services, "192.0.2.1");
    const token = await kit.services.setups.issue() ?? "";
    const me = await browser.api.auth.setup({ token, name: "Ana", password: OWNER_PASSWORD });
    kit.owner = { browser, api: browser.api, me };
    return kit;
  }

  /** Starts all services on what is stored. */
  async start(): Promise<void> {
    this.#created = await createServices({
      config: parseConfig({ DATA_DIR: IN_MEMORY }),
      log: new Log({ level: "warn", format: "text", write: (line) => void this.logged.push(line) }),
      database: { ...this.#database, db: this.db },
      now: () => this.clock.now,
      publicUrl: () => "https://chat.example.org",
      passwordCost: { logN: 4, r: 1, p: 1 },
    });
    this.events = [];
    this.services.feed.subscribe("deliver", (notice) => {
      if (isStatusNotice(notice)) this.events.push(...notice.events);
    });
  }

  /** Stops all services; what is stored stays. */
  async stop(): Promise<void> {
    await this.#created?.close();
    this.#created = null;
  }

  get services(): Services {
    if (this.#created === null) throw new Error("The server is stopped");
    return this.#created.services;
  }

  get status(): PublicStatus {
    return this.services.status;
  }

  /** Id of the owner. */
  get ana(): UserId {
    if (this.owner === null) throw new Error("There is no owner");
    return this.owner.me.id;
  }

  /** Adds somebody without a way to sign in. */
  async person(name: string, role: "admin" | "member"): Promise<UserId> {
    if (this.owner === null) throw new Error("There is no owner");
    const { code } = await this.owner.api.invites.create({ role: "member", maxUses: 1 });
    const browser = new Browser(this.services, `192.0.2.${this.clock.now % 200 + 2}`);
    const me = await browser.api.auth.register({ invite: code, name, password: OWNER_PASSWORD });
    if (role === "admin") await this.owner.api.users.setRole({ userId: me.id, role });
    return me.id;
  }

  /** Lets all components measure the same, as after two probes. */
  measure(state: "operational" | "major_outage" | "unknown"): void {
    for (const id of ["messages", "live", "events", "storage", "calls"]) {
      this.status.board.measure(id, { state, at: this.clock.now });
    }
  }

  /** Types of the events so far. */
  get types(): StatusChange["type"][] {
    return this.events.map(({ type }) => type);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.db.isGone = false;
    await this.stop();
    await this.#database.close();
  }
}
