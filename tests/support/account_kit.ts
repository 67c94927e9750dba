import { TRPCError } from "@trpc/server";
import { createCallerFactory, errorShape } from "../../server/rpc/trpc.ts";
import { parseConfig } from "../../server/config.ts";
import type { Context } from "../../server/rpc/context.ts";
import { createServices } from "../../server/create_services.ts";
import type { CreatedServices } from "../../server/create_services.ts";
import { IN_MEMORY, openDatabase } from "../../server/kv/open_database.ts";
import type { OpenedDatabase } from "../../server/kv/open_database.ts";
import { Log } from "../../server/log.ts";
import { appRouter } from "../../server/router.ts";
import type { Services } from "../../server/services.ts";
import type { Notice } from "../../server/streams/feed.ts";
import type { InviteId, RoomId } from "../../shared/ids.ts";
import type { Me } from "../../shared/user.ts";
import { HeldDatabase } from "./held_database.ts";

const PUBLIC_URL = "https://chat.example.org";
/** Cheap enough to be forgotten; what the real cost is has a test of its own. */
const PASSWORD_COST = { logN: 4, r: 1, p: 1 } as const;

/** Passwords that obey the rule for owners. */
export const OWNER_PASSWORD = "seven green bicycles";
export const MEMBER_PASSWORD = "nine blue kettles";

const createCaller = createCallerFactory(appRouter);
type Api = ReturnType<typeof createCaller>;

/** A browser at an address of its own: it keeps the cookie, as HTTP answers set it. */
export class Browser {
  readonly api: Api;
  readonly address: string;
  cookie: string | undefined;
  /** Used instead of the cookie when it is set. */
  bearer: string | undefined;
  /** False stands for a WebSocket, where no answer can set a cookie. */
  isHttp = true;

  /** Opens it. */
  constructor(services: Services, address: string) {
    this.address = address;
    this.api = createCaller(async (): Promise<Context> => ({
      services,
      login: await services.accounts.login({ cookieToken: this.cookie, bearerToken: this.bearer }),
      address,
      untrustedProxy: null,
      userAgent: "Test browser",
      connection: null,
      lane: null,
      cookie: this.isHttp
        ? { set: (token) => void (this.cookie = token), clear: () => void (this.cookie = undefined) }
        : null,
    }));
  }
}

/** A browser in which somebody is signed in. */
export interface Person {
  readonly browser: Browser;
  readonly api: Api;
  readonly me: Me;
}

/** All of the server's accounts over storage in memory, without sockets, with time that stands still. */
export class AccountKit {
  readonly services: Services;
  readonly notices: Notice[] = [];
  /** Where a test may stop storage and change something meanwhile. */
  readonly db: HeldDatabase;
  readonly #created: CreatedServices;
  readonly #database: OpenedDatabase;
  readonly #clock: { now: number };
  #addresses = 0;

  private constructor(
    created: CreatedServices,
    database: OpenedDatabase & { readonly db: HeldDatabase },
    clock: { now: number },
  ) {
    this.#created = created;
    this.#database = database;
    this.db = database.db;
    this.#clock = clock;
    this.services = created.services;
    this.services.feed.subscribe("deliver", (notice) => this.notices.push(notice));
  }

  /** Opens a server without an owner. */
  static async open(): Promise<AccountKit> {
    const clock = { now: Date.parse("2030-01-31T12:00:00Z") };
    const opened = await openDatabase(IN_MEMORY);
    const database = { ...opened, db: new HeldDatabase(opened.db) };
    const created = await createServices({
      config: parseConfig({ DATA_DIR: IN_MEMORY, PUBLIC_URL }),
      log: new Log({ level: "error", format: "text", write: () => {} }),
      database,
      now: () => clock.now,
      publicUrl: () => PUBLIC_URL,
      passwordCost: PASSWORD_COST,
    });
    return new AccountKit(created, database, clock);
  }

  /** Lets time pass, or, with a negative number, sets the clock back. */
  advance(ms: number): void {
    this.#clock.now += ms;
  }

  /** A browser at a new address, or at a given one. */
  browser(address = `192.0.2.${++this.#addresses}`): Browser {
    return new Browser(this.services, address);
  }

  /** Makes the first owner, named Ana. */
  async owner(): Promise<Person> {
    const browser = this.browser();
    const token = await this.services.setups.issue() ?? "";
    const me = await browser.api.auth.setup({ token, name: "Ana", password: OWNER_PASSWORD });
    return { browser, api: browser.api, me };
  }

  /** Brings in a member by an invitation of `owner`. */
  async member(owner: Person, name: string): Promise<Person> {
    const { code } = await owner.api.invites.create({ role: "member", maxUses: 1 });
    const browser = this.browser();
    const me = await browser.api.auth.register({ invite: code, name, password: MEMBER_PASSWORD });
    return { browser, api: browser.api, me };
  }

  /** Brings in a guest of a room by an invitation of `host`. */
  async guest(host: Person, name: string, roomId: RoomId): Promise<Person> {
    const { code } = await host.api.invites.create({ role: "guest", roomId, maxUses: 1 });
    const browser = this.browser();
    const me = await browser.api.auth.joinAsGuest({ invite: code, name });
    return { browser, api: browser.api, me };
  }

  /** Makes a room with its maker in it. */
  async room(maker: Person, name: string, kind: "public" | "private" = "public"): Promise<RoomId> {
    return (await this.services.rooms.create({ name, kind, topic: "", by: maker.me.id })).id;
  }

  /** The only invitation of its maker that is open. */
  async onlyInvite(maker: Person): Promise<{ id: InviteId; uses: number }> {
    const [invite, ...others] = await maker.api.invites.list();
    if (invite === undefined || others.length > 0) throw new Error("There must be exactly one invitation");
    return invite;
  }

  /** Ends everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#created.close();
    await this.#database.close();
  }
}

/** What an error says to programs; undefined when the promise is kept. */
export async function failure(
  promise: Promise<unknown>,
): Promise<{ appCode: string; message: string; retryAfterMs?: number; issues?: unknown } | undefined> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    const cause = error instanceof TRPCError
      ? error
      : new TRPCError({ code: "INTERNAL_SERVER_ERROR", cause: error });
    const shape = errorShape(cause, undefined);
    const { appCode, retryAfterMs, issues } = shape.data;
    return {
      appCode,
      message: shape.message,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
      ...(issues === undefined ? {} : { issues }),
    };
  }
}

/** The appCode of an error; undefined when the promise is kept. */
export async function failureCode(promise: Promise<unknown>): Promise<string | undefined> {
  return (await failure(promise))?.appCode;
}
