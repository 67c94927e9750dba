import { createTRPCClient, wsLink } from "@trpc/client";
import { describe, expect, it } from "vitest";
import { newId } from "../../shared/ids.ts";
import type { SessionId, TabId, UserId } from "../../shared/ids.ts";
import { defineSignal } from "../../shared/signal.ts";
import type { TabAddress } from "../../shared/signal.ts";
import { hasDenokv } from "../support/denokv.ts";
import { DEVICE_RING, PERSON_RING, RING_ROUTER, RINGS, TAB_RING } from "../support/signal_kit.ts";
import type { Ring, RingClient } from "../support/signal_kit.ts";
import type { Person } from "../support/test_app.ts";
import type { Device, Transport } from "../support/test_clients.ts";
import { twoInstances } from "../support/two_instances.ts";
import type { InstanceName, TwoInstances } from "../support/two_instances.ts";
import { waitFor } from "../support/wait.ts";

const isPossible = await hasDenokv();
const TRANSPORTS: readonly Transport[] = ["ws", "sse"];

const PROBE = "is anybody there";

/** What one device hears of the signals of the tests, each by its own subscription and beside the rooms. */
class Heard {
  /** Subscriptions of each. */
  static readonly count = 3;
  readonly #person: string[] = [];
  readonly #device: string[] = [];
  readonly #along: string[] = [];
  readonly stop: () => void;

  constructor(client: RingClient) {
    const onError = () => {};
    const subscriptions = [
      client.ring.onPerson.subscribe(undefined, {
        onError,
        onData: ({ text }: Ring) => void this.#person.push(text),
      }),
      client.ring.onDevice.subscribe(undefined, {
        onError,
        onData: ({ text }: Ring) => void this.#device.push(text),
      }),
      client.ring.onChange.subscribe(undefined, {
        onError,
        onData: (change) => {
          if ("update" in change) this.#along.push((change.update as unknown as Ring).text);
        },
      }),
    ];
    this.stop = () => subscriptions.forEach((subscription) => subscription.unsubscribe());
  }

  /** True when all of its subscriptions have heard something; over `onChange` once of each signal. */
  get isLive(): boolean {
    return this.#person.length > 0 && this.#device.length > 0 && this.#along.length > 1;
  }

  get person(): string[] {
    return this.#person.filter((text) => text !== PROBE);
  }

  get device(): string[] {
    return this.#device.filter((text) => text !== PROBE);
  }

  get along(): string[] {
    return this.#along.filter((text) => text !== PROBE);
  }
}

function newTab(userId: UserId, key: string): TabAddress {
  return { userId, key, tabId: newId<TabId>() };
}

/** What one tab hears, by the signal's own subscription and beside the rooms. */
class TabHeard {
  /** Subscriptions of each. */
  static readonly count = 2;
  readonly #own: string[] = [];
  readonly #along: string[] = [];
  readonly stop: () => void;

  constructor(client: RingClient, tabId: TabId) {
    const onError = () => {};
    const subscriptions = [
      client.ring.onTab.subscribe({ tabId }, {
        onError,
        onData: ({ text }: Ring) => void this.#own.push(text),
      }),
      client.ring.onChange.subscribe({ tabId }, {
        onError,
        onData: (change) => {
          if ("update" in change) this.#along.push((change.update as unknown as Ring).text);
        },
      }),
    ];
    this.stop = () => subscriptions.forEach((subscription) => subscription.unsubscribe());
  }

  /** True when both have heard something. */
  get isLive(): boolean {
    return this.#own.length > 0 && this.#along.length > 0;
  }

  get texts(): string[] {
    return [...this.#own, ...this.#along].filter((text) => text !== PROBE);
  }
}

/** Calls until everybody answers: where nobody is yet, a signal is lost. */
async function live(pair: TwoInstances, person: Person, readers: readonly Heard[]): Promise<void> {
  const { signals } = pair.app.services;
  const sessions = await person.api.auth.sessions.query();
  await waitFor(() => {
    signals.send(PERSON_RING, person.id, { text: PROBE });
    for (const { id } of sessions) signals.send(DEVICE_RING, { userId: person.id, key: id }, { text: PROBE });
    return readers.every(({ isLive }) => isLive);
  });
}

/** Sockets and streams that both instances have open. */
function openCount({ app, b }: TwoInstances): number {
  const counts = [app.services, b.services].map(({ connections }) =>
    connections.count + connections.streamCount
  );
  return counts.reduce((sum, count) => sum + count);
}

/** Signs somebody in once more, at the second instance. */
async function signInAgain(pair: TwoInstances, { name, password }: Person): Promise<Device> {
  const device = pair.deviceAt("b", pair.app.owner);
  device.cookie = null;
  await device.client("http").auth.signIn.mutate({ name, password: password ?? "" });
  return device;
}

/** A stock client that does not come back once it was sent away: its timer would outlive the test. */
function clientOnce(device: Device, transport: Transport): RingClient {
  if (transport !== "ws") return device.client(transport) as unknown as RingClient;
  const client = device.wsClient({ onClose: () => void client.close() });
  return createTRPCClient({ links: [wsLink({ client })] }) as unknown as RingClient;
}

/** Two instances that know the signals of the tests. */
async function ringing(): Promise<TwoInstances> {
  const pair = await twoInstances({ router: RING_ROUTER });
  for (const { signals } of [pair.app.services, pair.b.services]) {
    for (const ring of RINGS) signals.add(ring);
  }
  return pair;
}

function clientAt(
  pair: TwoInstances,
  instance: InstanceName,
  person: Person,
  transport: Transport,
): RingClient {
  return pair.client(instance, person, transport) as unknown as RingClient;
}

describe.skipIf(!isPossible)("signals between two instances", () => {
  for (const transport of TRANSPORTS) {
    it(`SIG1 reach one person only, in order, over ${transport}`, async () => {
      await using pair = await ringing();
      const { owner: ana } = pair.app;
      const ben = await pair.app.person("Ben");
      const readers = [
        new Heard(clientAt(pair, "a", ben, transport)),
        new Heard(clientAt(pair, "b", ben, transport)),
        new Heard(clientAt(pair, "b", ana, transport)),
      ] as const;
      const [nearBen, farBen, otherAna] = readers;
      await live(pair, ben, [nearBen, farBen]);
      await live(pair, ana, [otherAna]);
      const texts = Array.from({ length: 20 }, (_, index) => `ring ${index}`);
      for (const text of texts) pair.app.services.signals.send(PERSON_RING, ben.id, { text });
      pair.app.services.signals.send(PERSON_RING, ana.id, { text: "last" });
      await waitFor(() => otherAna.along.length === 1 && otherAna.person.length === 1);
      await waitFor(() =>
        [nearBen, farBen].every(({ along, person }) => along.length + person.length === 40)
      );
      for (const { person, along, device } of [nearBen, farBen]) {
        expect({ person, along, device }).toEqual({ person: texts, along: texts, device: [] });
      }
      expect(otherAna.person).toEqual(["last"]);
      for (const reader of readers) reader.stop();
    });

    it(`SIG2 reach one device of a person over ${transport}, and nothing once its session is revoked`, async () => {
      await using pair = await ringing();
      const ben = await pair.app.person("Ben");
      const phone = await signInAgain(pair, ben);
      const [onLaptop, onPhone] = [
        new Heard(clientAt(pair, "b", ben, transport)),
        new Heard(clientOnce(phone, transport)),
      ];
      await live(pair, ben, [onLaptop, onPhone]);
      const sessions = await ben.api.auth.sessions.query();
      const keyOf = (isCurrent: boolean) => sessions.find(({ current }) => current === isCurrent)?.id ?? "";
      const [laptop, mobile] = [{ userId: ben.id, key: keyOf(true) }, { userId: ben.id, key: keyOf(false) }];
      const { signals } = pair.app.services;
      signals.send(DEVICE_RING, mobile, { text: "to the phone" });
      signals.send(DEVICE_RING, laptop, { text: "to the laptop" });
      await waitFor(() =>
        [onLaptop, onPhone].every(({ along, device }) => along.length + device.length === 2)
      );
      expect([onPhone.device, onPhone.along]).toEqual([["to the phone"], ["to the phone"]]);
      expect([onLaptop.device, onLaptop.along]).toEqual([["to the laptop"], ["to the laptop"]]);

      const before = openCount(pair);
      await ben.api.auth.revokeSession.mutate({ sessionId: mobile.key as SessionId });
      signals.send(DEVICE_RING, mobile, { text: "too late" });
      signals.send(PERSON_RING, ben.id, { text: "for whoever is left" });
      await waitFor(() => onLaptop.person.length === 1 && onLaptop.along.length === 2);
      await waitFor(() => openCount(pair) === before - (transport === "ws" ? 1 : Heard.count));
      expect(onPhone.device).toEqual(["to the phone"]);
      expect(onPhone.along).toEqual(["to the phone"]);
      expect(onPhone.person).toEqual([]);
      for (const reader of [onLaptop, onPhone]) reader.stop();
    });
  }

  for (const transport of TRANSPORTS) {
    it(`SIG4 reach one tab of a device over ${transport}, and nothing once its session is revoked`, async () => {
      await using pair = await ringing();
      const ben = await pair.app.person("Ben");
      const phone = await signInAgain(pair, ben);
      const samePhone = pair.deviceAt("a", ben);
      samePhone.cookie = phone.cookie;
      const sessions = await ben.api.auth.sessions.query();
      const key = sessions.find(({ current }) => !current)?.id as SessionId;
      const [first, second] = [newTab(ben.id, key), newTab(ben.id, key)];
      const laptop = sessions.find(({ current }) => current)?.id as SessionId;
      const readers = [
        new TabHeard(clientOnce(phone, transport), first.tabId),
        new TabHeard(clientOnce(samePhone, transport), second.tabId),
        // The other device claims the id of a tab that is not its own.
        new TabHeard(clientAt(pair, "b", ben, transport), first.tabId),
      ] as const;
      const { signals } = pair.app.services;
      const other = { ...first, key: laptop };
      await waitFor(() => {
        for (const tab of [first, second, other]) signals.send(TAB_RING, tab, { text: PROBE });
        return readers.every(({ isLive }) => isLive);
      });
      signals.send(TAB_RING, first, { text: "to the first" });
      signals.send(TAB_RING, second, { text: "to the second" });
      signals.send(TAB_RING, other, { text: "to the laptop" });
      const heard = () => readers.map(({ texts }) => texts);
      const expected = ["to the first", "to the second", "to the laptop"].map((text) => [text, text]);
      await waitFor(() => heard().every((texts) => texts.length === 2));
      expect(heard()).toEqual(expected);

      const before = openCount(pair);
      await ben.api.auth.revokeSession.mutate({ sessionId: key });
      for (const tab of [first, second, other]) signals.send(TAB_RING, tab, { text: "late" });
      await waitFor(() => readers[2].texts.length === 4);
      await waitFor(() => openCount(pair) === before - 2 * (transport === "ws" ? 1 : TabHeard.count));
      expect(heard().slice(0, 2)).toEqual(expected.slice(0, 2));
      for (const reader of readers) reader.stop();
    });
  }

  for (const transport of TRANSPORTS) {
    it(`SIG5 reach a program by its token over ${transport}, and nothing once that is revoked`, async () => {
      await using pair = await ringing();
      const { owner: ana } = pair.app;
      const { id, token } = await ana.api.tokens.create.mutate({ label: "Script" });
      const device = Object.assign(pair.deviceAt("b", ana), { cookie: null, token });
      const program = new Heard(clientOnce(device, transport));
      const page = new Heard(clientAt(pair, "b", ana, transport));
      const { signals } = pair.app.services;
      const ring = (key: string, text: string) =>
        signals.send(DEVICE_RING, { userId: ana.id, key }, { text });
      await waitFor(() => {
        signals.send(PERSON_RING, ana.id, { text: PROBE });
        for (const key of [id, ana.me.sessionId ?? ""]) ring(key, PROBE);
        return program.isLive && page.isLive;
      });
      ring(id, "to the program");
      await waitFor(() => program.device.length === 1 && program.along.length === 1);

      const before = openCount(pair);
      await ana.api.tokens.revoke.mutate({ tokenId: id });
      ring(id, "too late");
      signals.send(PERSON_RING, ana.id, { text: "for whoever is left" });
      await waitFor(() => page.person.length === 1 && page.along.length === 1);
      await waitFor(() => openCount(pair) === before - (transport === "ws" ? 1 : Heard.count));
      expect([page.device, page.along]).toEqual([[], ["for whoever is left"]]);
      const { device: own, along, person } = program;
      expect({ own, along, person }).toEqual({
        own: ["to the program"],
        along: ["to the program"],
        person: [],
      });
      for (const reader of [program, page]) reader.stop();
    });
  }

  it("SIG3 that only a newer version knows are ignored", async () => {
    await using pair = await ringing();
    const ben = await pair.app.person("Ben");
    const heard = new Heard(clientAt(pair, "b", ben, "ws"));
    await live(pair, ben, [heard]);
    const { signals } = pair.app.services;
    const newer = defineSignal<Ring>({ kind: "newer", audience: "person" });
    signals.add(newer);
    signals.send(newer, ben.id, { text: "unknown" });
    signals.send(PERSON_RING, ben.id, { text: "known" });
    await waitFor(() => heard.person.length === 1);
    expect(heard.person).toEqual(["known"]);
    heard.stop();
  });
});
