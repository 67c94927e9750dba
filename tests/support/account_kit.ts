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
import type { Change, Notice } from "../../server/changes.ts";
import type { InviteId, RoomId } from "../../shared/ids.ts";
import type { Me } from "../../shared/user.ts";
import { HeldDatabase } from "./held_database.ts";

const PUBLIC_URL = "https://chat.example.org";
/** Cheap, to keep tests fast; the real cost has a test of its own. */
const PASSWORD_COST = { logN: 4, r: 1, p: 1 } as const;

/** Passwords that satisfy the rule for owners. */
export const OWNER_PASSWORD = "seven green bicycles";
export const MEMBER_PASSWORD = "nine blue kettles";

const createCaller = createCallerFactory(appRouter);
type Api = ReturnType<typeof createCaller>;

/** A browser with its own address. It keeps the cookie that HTTP answers set. */
export class Browser {
  readonly api: Api;
  readonly address: string;
  cookie: string | undefined;
  /** Used instead of the cookie if set. */
  bearer: string | undefined;
  /** False simulates a WebSocket, where no answer can set a cookie. */
  isHttp = true;

  constructor(services: Services, address: string) {
    this.address = address;
    this.api = createCaller(async (): Promise<Context> => ({
      services,
      login: await services.accounts.login({ cookieToken: this.cookie, bearerToken: this.bearer }),
      address,
      untrustedProxy: null,
      userAgent: "Test browser",
      gone: new AbortController().signal,
      connection: null,
      lane: null,
      cookie: this.isHttp
        ? { set: (token) => void (this.cookie = token), clear: () => void (this.cookie = undefined) }
        : null,
    }));
  }
}

/** A browser in which a person is signed in. */
export interface Person {
  readonly browser: Browser;
  readonly api: Api;
  readonly me: Me;
}

/** All account features of the server on in-memory storage, without sockets, with a clock that stands still. */
export class AccountKit {
  readonly services: Services;
  readonly notices: (Notice | Change)[] = [];
  /** Lets a test pause storage and change something in the meantime. */
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
    this.services.feed.subscribe(
      "deliver",
      (notice) => this.notices.push(notice.type === "changed" ? notice.change : notice),
    );
  }

  /** Opens a server that is not set up. */
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

  /** Advances the clock, or sets it back if negative. */
  advance(ms: number): void {
    this.#clock.now += ms;
  }

  /** A browser at a new address, or at the given one. */
  browser(address = `192.0.2.${++this.#addresses}`): Browser {
    return new Browser(this.services, address);
  }

  /** Creates the first owner, named Ana. */
  async owner(): Promise<Person> {
    const browser = this.browser();
    const token = await this.services.setups.issue() ?? "";
    const me = await browser.api.auth.setup({ token, name: "Ana", password: OWNER_PASSWORD });
    return { browser, api: browser.api, me };
  }

  /** Adds a member through an invitation by `owner`. */
  async member(owner: Person, name: string): Promise<Person> {
    const { code } = await owner.api.invites.create({ role: "member", maxUses: 1 });
    const browser = this.browser();
    const me = await browser.api.auth.register({ invite: code, name, password: MEMBER_PASSWORD });
    return { browser, api: browser.api, me };
  }

  /** Adds a guest to a room through an invitation by `host`. */
  async guest(host: Person, name: string, roomId: RoomId): Promise<Person> {
    const { code } = await host.api.invites.create({ role: "guest", roomId, maxUses: 1 });
    const browser = this.browser();
    const me = await browser.api.auth.joinAsGuest({ invite: code, name });
    return { browser, api: browser.api, me };
  }

  /** Creates a room; its maker is a member. */
  async room(maker: Person, name: string, kind: "public" | "private" = "public"): Promise<RoomId> {
    return (await this.services.rooms.create({ name, kind, topic: "", by: maker.me.id })).id;
  }

  /** The only open invitation of its maker. */
  async onlyInvite(maker: Person): Promise<{ id: InviteId; uses: number }> {
    const [invite, ...others] = await maker.api.invites.list();
    if (invite === undefined || others.length > 0) throw new Error("There must be exactly one invitation");
    return invite;
  }

  /** Closes everything. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.#created.close();
    await this.#database.close();
  }
}

/** The data of the error; undefined if the promise succeeds. */
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

/** The appCode of the error; undefined if the promise succeeds. */
export async function failureCode(promise: Promise<unknown>): Promise<string | undefined> {
  return (await failure(promise))?.appCode;
}
