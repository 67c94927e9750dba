import { startDenokv } from "./denokv.ts";
import type { Denokv } from "./denokv.ts";
import { Device } from "./test_clients.ts";
import type { Client, Transport } from "./test_clients.ts";
import { startTestServer, testApp } from "./test_app.ts";
import type { Person, TestApp } from "./test_app.ts";
import { waitFor } from "./wait.ts";
import type { Config } from "../../server/config.ts";
import type { RunningServer, ServerOverrides } from "../../server/server.ts";

/** The KV client tries again at growing intervals, of 12 s at most. */
const SETTLE_TIMEOUT_MS = 60_000;

/** The name of an instance. */
export type InstanceName = "a" | "b";

export interface TwoInstancesOptions extends ServerOverrides {
  readonly config?: Partial<Config>;
}

/** Two instances of the server on one KV Connect server; Ana set up the first. */
export class TwoInstances implements AsyncDisposable {
  readonly kv: Denokv;
  readonly app: TestApp;
  /** Lines of the second instance's log. */
  readonly logs: string[] = [];
  #b: RunningServer | null = null;
  #portOfB = 0;
  readonly #devices: Device[] = [];
  readonly #options: TwoInstancesOptions;

  /** Created by `twoInstances`. */
  constructor(kv: Denokv, app: TestApp, options: TwoInstancesOptions) {
    this.kv = kv;
    this.app = app;
    this.#options = options;
  }

  /** The second instance. */
  get b(): RunningServer {
    if (this.#b === null) throw new Error("The second instance is not running");
    return this.#b;
  }

  /** The port of an instance. */
  portOf(instance: InstanceName): number {
    return instance === "a" ? this.app.port : this.b.port;
  }

  /** A person's device with its current cookie, pointed at one instance. */
  deviceAt(instance: InstanceName, person: Person): Device {
    return this.#track(`http://127.0.0.1:${this.portOf(instance)}`, person);
  }

  /** A stock client of a person on one instance. */
  client(instance: InstanceName, person: Person, transport: Transport): Client {
    return this.deviceAt(instance, person).client(transport);
  }

  /** A stock client of a person that alternates between the instances with every request and connection. */
  alternating(person: Person, transport: Transport): Client {
    const device = new AlternatingDevice([this.portOf("a"), this.portOf("b")], person.device.address);
    device.cookie = person.device.cookie;
    this.#devices.push(device);
    return device.client(transport);
  }

  /** Starts the second instance, on the same port as before `stopB`. */
  async startB(): Promise<void> {
    const { config: changes, ...overrides } = this.#options;
    const config = { ...changes, kvUrl: this.kv.url, instanceId: "b", port: this.#portOfB };
    this.#b = await startTestServer(config, { logs: this.logs, overrides });
    this.#portOfB = this.#b.port;
  }

  /** Stops the second instance, which disconnects its clients within `spreadMs`. */
  async stopB({ spreadMs = 0 }: { readonly spreadMs?: number } = {}): Promise<void> {
    const b = this.#b;
    this.#b = null;
    await b?.stop({ spreadMs });
  }

  /** Resolves when no call hangs any more that was made while the KV Connect server was away. */
  async settled(): Promise<void> {
    const remotes = [this.app.server, this.#b].map((server) => server?.database.remote);
    const hanging = () => remotes.reduce((sum, remote) => sum + (remote?.abandonedCount ?? 0), 0);
    await waitFor(() => hanging() === 0, { timeoutMs: SETTLE_TIMEOUT_MS, what: "no call hangs" });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const device of this.#devices) await device[Symbol.asyncDispose]();
    await this.stopB();
    await this.app[Symbol.asyncDispose]();
    await this.kv[Symbol.asyncDispose]();
  }

  #track(origin: string, person: Person): Device {
    const { publicUrl } = this.app.services.config;
    const device = new Device(origin, person.device.address, { pageOrigin: publicUrl ?? origin });
    device.cookie = person.device.cookie;
    this.#devices.push(device);
    return device;
  }
}

/** Starts a KV Connect server and two instances. */
export async function twoInstances(options: TwoInstancesOptions = {}): Promise<TwoInstances> {
  const kv = await startDenokv();
  const app = await testApp({ ...options, config: { ...options.config, kvUrl: kv.url, instanceId: "a" } });
  const pair = new TwoInstances(kv, app, options);
  await pair.startB();
  return pair;
}

/** A device behind a load balancer without sticky sessions. */
class AlternatingDevice extends Device {
  readonly #ports: readonly number[];
  readonly #dialled: Device[] = [];
  #turn = 0;

  constructor(ports: readonly number[], address: string) {
    super(`http://127.0.0.1:${ports[0]}`, address);
    this.#ports = ports;
    const send = this.fetch;
    // In tests each instance accepts only its own origin; with a real balancer both would accept the balancer's.
    Object.assign(this, {
      fetch: (input: RequestInfo | URL, init: RequestInit = {}) => {
        const url = new URL(input instanceof Request ? input.url : input, this.origin);
        url.port = String(this.#next());
        const headers = new Headers(init.headers);
        for (const [name, value] of Object.entries(this.headers())) {
          if (!headers.has(name)) headers.set(name, value);
        }
        headers.set("origin", url.origin);
        return send(url, { ...init, headers });
      },
    });
  }

  override dial(): ReturnType<Device["dial"]> {
    const port = this.#next();
    const device = new Device(`http://127.0.0.1:${port}`, this.address);
    device.cookie = this.cookie;
    this.#dialled.push(device);
    return device.dial();
  }

  override async [Symbol.asyncDispose](): Promise<void> {
    await super[Symbol.asyncDispose]();
    for (const device of this.#dialled) await device[Symbol.asyncDispose]();
  }

  #next(): number {
    return this.#ports[this.#turn++ % this.#ports.length] as number;
  }
}
