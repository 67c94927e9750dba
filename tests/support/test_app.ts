import { parseConfig } from "../../server/config.ts";
import type { Config } from "../../server/config.ts";
import { IN_MEMORY } from "../../server/kv/open_database.ts";
import { Log } from "../../server/log.ts";
import { startServer } from "../../server/server.ts";
import type { RunningServer, ServerOverrides } from "../../server/server.ts";
import type { Services } from "../../server/services.ts";
import type { RoomId, UserId } from "../../shared/ids.ts";
import { INVITE_MAX_USE_COUNT } from "../../shared/limits.ts";
import type { Me } from "../../shared/user.ts";
import { Device } from "./test_clients.ts";
import type { Client, Transport } from "./test_clients.ts";

export interface TestAppOptions extends ServerOverrides {
  /** Keeps the database in a temporary folder, so that it survives `restart`; in memory otherwise. */
  readonly file?: boolean;
  readonly config?: Partial<Config>;
}

/** A person with an account and a device of their own. */
export interface Person {
  readonly name: string;
  readonly id: UserId;
  readonly me: Me;
  readonly password: string | null;
  readonly device: Device;
  /** Stock client over HTTP, one request per call. */
  readonly api: Client;
}

export interface PersonOptions {
  readonly role?: "admin" | "member" | "guest";
  /** The room of a guest. */
  readonly roomId?: RoomId;
}

const OWNER_PASSWORD = "seven green bicycles";
const MEMBER_PASSWORD = "nine blue kettles";
const PASSWORD_COST = { logN: 4, r: 1, p: 1 } as const;

// Each simulated person has one address, so that limits count them separately across all tests of the process.
let addressCount = 0;

/** A real server on a free port with an owner named Ana, and people who connect from their own addresses. */
export class TestApp implements AsyncDisposable {
  readonly owner: Person;
  /** Lines of the server's log, including errors and warnings. */
  readonly logs: string[];
  #server: RunningServer;
  readonly #restart: () => Promise<RunningServer>;
  readonly #cleanUp: () => Promise<void>;
  readonly #devices: Device[];
  readonly #codes = new Map<string, string>();

  /** Created by `testApp`. */
  constructor(parts: {
    readonly server: RunningServer;
    readonly owner: Person;
    readonly logs: string[];
    readonly devices: Device[];
    readonly restart: () => Promise<RunningServer>;
    readonly cleanUp: () => Promise<void>;
  }) {
    this.#server = parts.server;
    this.owner = parts.owner;
    this.logs = parts.logs;
    this.#devices = parts.devices;
    this.#restart = parts.restart;
    this.#cleanUp = parts.cleanUp;
  }

  /** Origin of the server. */
  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get port(): number {
    return this.#server.port;
  }

  get server(): RunningServer {
    return this.#server;
  }

  get services(): Services {
    return this.#server.services;
  }

  /** A device at a new address, with nobody signed in. */
  device(): Device {
    return newDevice(this.#server, this.#devices);
  }

  /** Adds a person through an invitation by the owner; a member by default. */
  async person(name: string, options: PersonOptions = {}): Promise<Person> {
    const { role = "member", roomId } = options;
    const device = this.device();
    const api = device.client("http");
    const invite = await this.#invite(role === "guest" ? "guest" : "member", roomId);
    if (role === "guest") {
      const me = await api.auth.joinAsGuest.mutate({ invite, name });
      return { name, id: me.id, me, password: null, device, api };
    }
    const password = role === "admin" ? OWNER_PASSWORD : MEMBER_PASSWORD;
    const me = await api.auth.register.mutate({ invite, name, password });
    if (role === "admin") await this.owner.api.users.setRole.mutate({ userId: me.id, role });
    return { name, id: me.id, me, password, device, api };
  }

  /** A stock client of a person over one transport. */
  clientFor(person: Person, transport: Transport): Client {
    return person.device.client(transport);
  }

  /** Stops the server and starts it again on the same port and files. */
  async restart(): Promise<void> {
    await this.#server.stop({ spreadMs: 0 });
    this.#server = await this.#restart();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const device of this.#devices) await device[Symbol.asyncDispose]();
    await this.#server.stop({ spreadMs: 0 });
    await this.#cleanUp();
  }

  /** Reuses one code for many people, because creating invitations is limited. */
  async #invite(role: "member" | "guest", roomId: RoomId | undefined): Promise<string> {
    const key = `${role} ${roomId ?? ""}`;
    let code = this.#codes.get(key);
    if (code === undefined) {
      const input = { role, maxUses: INVITE_MAX_USE_COUNT, ...(roomId === undefined ? {} : { roomId }) };
      code = (await this.owner.api.invites.create.mutate(input)).code;
      this.#codes.set(key, code);
    }
    return code;
  }
}

/** Starts a server with an owner. Use it with `await using`. */
export async function testApp(options: TestAppOptions = {}): Promise<TestApp> {
  const { file = false, config: changes = {}, ...overrides } = options;
  const folder = file ? await Deno.makeTempDir({ prefix: "parley-test-" }) : null;
  const logs: string[] = [];
  const config = { dataDir: folder ?? IN_MEMORY, ...changes };
  const server = await startTestServer(config, { logs, overrides });
  const devices: Device[] = [];
  return new TestApp({
    server,
    owner: await setUp(server, devices),
    logs,
    devices,
    restart: () => startTestServer({ ...config, port: server.port }, { logs, overrides }),
    async cleanUp() {
      if (folder !== null) await Deno.remove(folder, { recursive: true });
    },
  });
}

/** Starts a server with settings for tests, on a free port by default. */
export function startTestServer(
  config: Partial<Config>,
  { logs, overrides }: { readonly logs: string[]; readonly overrides: ServerOverrides },
): Promise<RunningServer> {
  return startServer({ ...parseConfig({ PORT: "0" }), ...config }, {
    log: new Log({ level: "info", format: "text", write: (line) => void logs.push(line) }),
    announce: (line) => void logs.push(line),
    passwordCost: PASSWORD_COST,
    hasStatusTimers: false,
    ...overrides,
  });
}

async function setUp(server: RunningServer, devices: Device[]): Promise<Person> {
  const device = newDevice(server, devices);
  const api = device.client("http");
  const token = await server.services.setups.issue() ?? "";
  const me = await api.auth.setup.mutate({ token, name: "Ana", password: OWNER_PASSWORD });
  return { name: "Ana", id: me.id, me, password: OWNER_PASSWORD, device, api };
}

function newDevice(server: RunningServer, devices: Device[]): Device {
  addressCount++;
  const origin = `http://127.0.0.1:${server.port}`;
  const pageOrigin = server.services.config.publicUrl ?? origin;
  // 127.1.x.y; the process id separates test files that run in parallel.
  const address = `127.1.${(Deno.pid + (addressCount >> 8)) % 256}.${addressCount % 256}`;
  const device = new Device(origin, address, { pageOrigin });
  devices.push(device);
  return device;
}
