import { AddressRanges } from "../../server/net/address.ts";
import type { RoomEvent, StreamControl } from "../../shared/event.ts";
import type { RoomId } from "../../shared/ids.ts";
import { freePort } from "../support/free_port.ts";
import type { Certificate, ProxyName } from "../support/proxies.ts";
import { makeCertificate, startProxy } from "../support/proxies.ts";
import type { Person } from "../support/test_app.ts";
import { Device } from "../support/test_clients.ts";
import type { Client, Transport } from "../support/test_clients.ts";
import { twoInstances } from "../support/two_instances.ts";
import type { TwoInstances, TwoInstancesOptions } from "../support/two_instances.ts";

/** A reverse proxy with TLS in front of two instances, configured as in `server/deploy/`. */
export class Deployment implements AsyncDisposable {
  readonly pair: TwoInstances;
  /** The public URL. */
  readonly origin: string;
  readonly httpOrigin: string;
  readonly certificate: Certificate;
  readonly #devices: Device[] = [];
  readonly #rest: AsyncDisposableStack;

  private constructor(
    parts: { pair: TwoInstances; origin: string; httpOrigin: string; certificate: Certificate },
    rest: AsyncDisposableStack,
  ) {
    this.pair = parts.pair;
    this.origin = parts.origin;
    this.httpOrigin = parts.httpOrigin;
    this.certificate = parts.certificate;
    this.#rest = rest;
  }

  /** Starts everything. */
  static async start(name: ProxyName, options: TwoInstancesOptions = {}): Promise<Deployment> {
    await using opened = new AsyncDisposableStack();
    const [httpsPort, httpPort] = [freePort(), freePort()];
    const origin = `https://127.0.0.1:${httpsPort}`;
    const trustProxy = new AddressRanges();
    trustProxy.add("127.0.0.1");
    const folder = await Deno.makeTempDir({ prefix: "parley-deployment-" });
    opened.defer(() => Deno.remove(folder, { recursive: true }));
    const certificate = await makeCertificate(folder);
    const pair = opened.use(await twoInstances({ ...options, config: { publicUrl: origin, trustProxy } }));
    const instancePorts = [pair.portOf("a"), pair.portOf("b")] as const;
    opened.use(await startProxy(name, { httpsPort, httpPort, instancePorts, certificate }));
    const httpOrigin = `http://127.0.0.1:${httpPort}`;
    return new Deployment({ pair, origin, httpOrigin, certificate }, opened.move());
  }

  /** A device that connects through the proxy: a person's, or a stranger's. */
  device(person: Person | null = null): Device {
    const address = person?.device.address ?? this.pair.app.device().address;
    return this.track(new Device(this.origin, address, { caCert: this.certificate.pem }), person);
  }

  /** Signs a device in as a person, and closes it at the end. */
  track<T extends Device>(device: T, person: Person | null): T {
    device.cookie = person?.device.cookie ?? null;
    this.#devices.push(device);
    return device;
  }

  /** A stock client of a person through the proxy. */
  client(person: Person, transport: Transport): Client {
    return this.device(person).client(transport);
  }

  /** The general room. */
  async room(): Promise<RoomId> {
    const [room] = await this.pair.app.owner.api.rooms.list.query();
    if (room === undefined) throw new Error("There is no room");
    return room.id;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const device of this.#devices) await device[Symbol.asyncDispose]();
    await this.#rest[Symbol.asyncDispose]();
  }
}

/** Follows a room with a stock subscription, which has to resume by itself. */
export class Follower implements Disposable {
  readonly events: (RoomEvent | StreamControl)[] = [];
  readonly errors: unknown[] = [];
  readonly #stop: () => void;

  /** Starts at the head. */
  constructor(client: Client, roomId: RoomId) {
    const subscription = client.messages.onEvent.subscribe({ roomId }, {
      onData: ({ data }) => void this.events.push(data),
      onError: (error) => void this.errors.push(error),
    });
    this.#stop = () => subscription.unsubscribe();
  }

  /** Whether the subscription has begun. */
  get isReady(): boolean {
    return this.events.length > 0;
  }

  /** Texts of the received messages, in order. */
  get texts(): string[] {
    return this.events.flatMap((event) => event.type === "message_sent" ? [event.message.text] : []);
  }

  [Symbol.dispose](): void {
    this.#stop();
  }
}
